"""LLVM's text, line by line: names, blocks, numbers, and the way out when a kernel has to stop."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from runtime.native.errors import Site

# What stops a kernel never happens on a healthy one: the optimiser keeps it out of the way.
RARE = "!prof !0"
RARE_WEIGHTS = '!0 = !{!"branch_weights", i32 1, i32 1048575}'


@dataclass(slots=True)
class Module:
    """What the functions of one module share."""

    has_bounds: bool
    sites: list[Site] = field(default_factory=list)
    declared: dict[str, None] = field(default_factory=dict)

    def site(self, site: Site) -> int:
        """Return the number of a site, from 1; 0 is no error."""
        self.sites.append(site)
        return len(self.sites)


@dataclass(slots=True)
class Builder:
    """The body of one function, in the order it is written."""

    module: Module
    zero: str  # what is returned when the function has to stop
    head: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    count: int = 0
    is_open: bool = True
    can_fail: bool = False

    def fresh(self) -> str:
        self.count += 1
        return str(self.count)

    def value(self, text: str) -> str:
        """Write an instruction and return the name of its value."""
        name = f"%v{self.fresh()}"
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        self.lines.append(f"  {text}")

    def slot(self, kind: str) -> str:
        """Return the address of a local variable."""
        name = f"%s{self.fresh()}"
        self.head.append(f"  {name} = alloca {kind}")
        return name

    def block(self) -> str:
        return f"b{self.fresh()}"

    def start(self, block: str) -> None:
        """Go on in a block; the one before leads there unless it has ended."""
        self.jump(block)
        self.lines.append(f"{block}:")
        self.is_open = True

    def jump(self, block: str) -> None:
        if self.is_open:
            self.do(f"br label %{block}")
        self.is_open = False

    def branch(self, test: str, yes: str, no: str, note: str = "") -> None:
        self.do(f"br i1 {test}, label %{yes}, label %{no}" + (f", {note}" if note else ""))
        self.is_open = False

    def stop(self, text: str) -> None:
        self.do(text)
        self.is_open = False

    def fail_if(self, test: str, site: Site) -> None:
        """Leave the function with the number of the site in the error word when `test` holds."""
        self.can_fail = True
        out, on = self.block(), self.block()
        self.branch(test, out, on, RARE)
        self.tail += [
            f"{out}:",
            f"  store i64 {self.module.site(site)}, ptr %err",
            f"  {self.zero}",
        ]
        self.start(on)

    def leave_if_failed(self) -> None:
        """Leave the function when the one it called has stopped."""
        self.can_fail = True
        word = self.value("load i64, ptr %err")
        out, on = self.block(), self.block()
        self.branch(self.value(f"icmp ne i64 {word}, 0"), out, on, RARE)
        self.tail += [f"{out}:", f"  {self.zero}"]
        self.start(on)

    def call(self, name: str, gives: str, *arguments: str) -> str:
        """Call a function of LLVM or of the machine; `arguments` are typed values."""
        kinds = ", ".join(a.split(" ", 1)[0] for a in arguments)
        self.module.declared[f"declare {gives} @{name}({kinds})"] = None
        return self.value(f"call {gives} @{name}({', '.join(arguments)})")


def float_text(value: float) -> str:
    """Return a float as LLVM reads it: its bits."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def is_constant(value: str) -> bool:
    return not value.startswith("%")
