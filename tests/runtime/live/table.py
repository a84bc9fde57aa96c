"""The table of scenarios: which test holds the session to which of the hundred situations.

    python -m tests.runtime.live.table

The law: the table follows from the tests: a test is named after its numbers (`test_085_086_…`), and its
docstring tells the situation in words.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
COUNT = 100
_NAME = re.compile(r"test_((?:\d{3}_)+)(\w+)")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test of one situation. `place`: file and name, as pytest takes them."""

    number: int
    claim: str
    words: str
    place: str


def scenarios() -> Iterator[Scenario]:
    """Yield every numbered test, in the order of files and lines."""
    for room in ("runtime/live", "runtime/backends/bybit", "tools/live"):
        for path in sorted((TESTS / room).glob("test_*.py")):
            yield from _in(path)


def _in(path: Path) -> Iterator[Scenario]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        named = _NAME.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
        if named is None or not isinstance(node, ast.FunctionDef):
            continue
        words = " ".join((ast.get_docstring(node) or "").split())
        place = f"tests/{path.relative_to(TESTS)}::{node.name}"
        for number in named[1].strip("_").split("_"):
            yield Scenario(int(number), named[2].replace("_", " "), words, place)


def table() -> dict[int, list[Scenario]]:
    """Return the tests of every situation, by its number."""
    found: dict[int, list[Scenario]] = defaultdict(list)
    for one in scenarios():
        found[one.number].append(one)
    return dict(sorted(found.items()))


def main() -> None:
    """Print the table."""
    for number, tests in table().items():
        words = next((one.words for one in tests if one.words), "")
        print(f"{number:3d}  {words}")
        for one in tests:
            print(f"     {one.claim}\n       {one.place}")


if __name__ == "__main__":
    main()
