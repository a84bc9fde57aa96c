"""What the kernel compiler says no to: each with the file and the line that has to change."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from runtime.errors import IdeaCardError


@dataclass(frozen=True, slots=True)
class Site:
    """A line of a kernel's source that can stop it, and why."""

    file: str
    line: int
    function: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.function}: {self.reason}"


class KernelRefused(Exception):
    """A function is not written in the language of kernels (`runtime.kernel`)."""

    def __init__(self, site: Site) -> None:
        super().__init__(str(site))
        self.site = site


class KernelFailed(ArithmeticError):
    """Machine code stopped where CPython would have raised, or where it cannot be as exact."""

    def __init__(self, site: Site) -> None:
        super().__init__(str(site))
        self.site = site


class BadArguments(ValueError):
    """The arguments of a call do not fit the kernel: a length, a type, memory shared."""


class NativeMissing(IdeaCardError):
    """The machine-code tier is not installed, or not made for this machine."""


def refuse(file: str, function: str, node: ast.AST, why: str) -> KernelRefused:
    """Return the refusal of a node of a function."""
    return KernelRefused(Site(file, getattr(node, "lineno", 0), function, why))
