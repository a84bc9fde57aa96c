"""A fault that is seeded on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A patch of `file` (`old` stands there once) and the tests that should notice it."""

    name: str
    law: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
