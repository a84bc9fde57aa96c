"""What a program becomes: the two memories of a run at its beginning, and what grows while they are written.

The law: code that is the same is written once; a ref, a group and a reason have one number each.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.graph.program import Code, Program
from runtime.batch import layout as at
from runtime.batch import values, words
from runtime.orders.order_spec import Origin


@dataclass(frozen=True, slots=True)
class LoweredAction:
    """What a row needs of an action: its words."""

    kind: str
    origin: Origin
    order_ref: str | None
    order_group: str | None


@dataclass(slots=True)
class Lowered:
    """A program as the two memories of a run at its beginning, and the words of its numbers."""

    floats: array[float]
    ints: array[int]
    actions: list[LoweredAction]
    reasons: list[str]


@dataclass(slots=True)
class Tables:
    """What grows while a program is lowered."""

    program: Program
    f: array[float]
    z: array[int]
    code: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[float] = field(default_factory=lambda: array("d"))
    places: dict[Code, int] = field(default_factory=dict)
    actions: list[LoweredAction] = field(default_factory=list)
    rows: array[int] = field(default_factory=lambda: array("q"))
    reasons: list[str] = field(default_factory=lambda: list(at.REASONS))
    names: dict[str, int] = field(default_factory=dict)

    def code_of(self, node: int) -> int:
        return self.put(self.program.code[node])

    def put(self, code: Code) -> int:
        """Return where code begins, written if it is new."""
        if code not in self.places:
            self.places[code] = len(self.code) // 2
            for step in code:
                self.code.extend((words.OPS[step.op], self._argument(step.op, step.arg)))
            self.code.extend((values.C_END, 0))
        return self.places[code]

    def _argument(self, op: str, arg: float) -> int:
        if op == "const":
            self.numbers.append(float(arg))
            return len(self.numbers) - 1
        if op == "account":
            return self._account(*self.program.accounts[int(arg)])
        return int(arg)

    def _account(self, name: str, ref: str) -> int:
        if name in OF_LAST_TRADES:
            return words.ACCOUNTS[name] + 64 * int(ref)
        if name in words.ACCOUNTS:
            return words.ACCOUNTS[name] + 64 * (self.name(ref) if ref else 0)
        number, what = name[len("position_layer_") :].split("_", 1)
        return words.LAYER_FIELDS[what] + 64 * int(number)

    def name(self, name: str | None) -> int:
        """Return the number of a ref or a group, 0 for none."""
        if name is None:
            return 0
        return self.names.setdefault(name, len(self.names) + 1)

    def reason(self, text: str) -> int:
        if text not in self.reasons:
            self.reasons.append(text)
        return self.reasons.index(text)


def append(tables: Tables, name: int, ints: Iterable[int], floats: Iterable[float]) -> None:
    """Append a table to both memories and note where it begins."""
    start = len(tables.z)
    tables.z[name] = start
    tables.z.extend(ints)
    tables.f.extend([0.0] * (start - len(tables.f)))
    tables.f.extend(floats)
    longest = max(len(tables.z), len(tables.f))
    tables.z.extend([0] * (longest - len(tables.z)))
    tables.f.extend([0.0] * (longest - len(tables.f)))
