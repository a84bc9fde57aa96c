"""What the cards of the cookbook say of themselves: idea, source and words, for their table and the site.

The law: a card's first lines are the one home of all three; the README of the folder is written from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "cards" / "cookbook"
_TOLD = re.compile(r"(?P<idea>.+) Source: (?P<source>.+) Shows: (?P<shows>.+)")
_BEGIN = """# Cookbook

Public strategies as cards: the idea in our own words, the source named. They are here to be read and changed, not because
they earn. Each trades, bar by bar and price by price, as a short statement of its rule in pandas does
(`tests/cookbook/`): without fees and slippage, on a made market.

| card | idea | source | shows |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One card: its file, and what its first lines tell."""

    path: Path
    text: str
    idea: str
    source: str
    shows: str

    @property
    def name(self) -> str:
        return self.path.name.removesuffix(".card.yaml")


def recipes(folder: Path = FOLDER) -> Iterator[Recipe]:
    """Yield the cards in their order. ValueError where one does not tell idea, source and words."""
    for path in sorted(folder.glob("*.card.yaml")):
        text = path.read_text(encoding="utf-8")
        lines = re.match(r"(?:#.*\n)*", text)
        told = " ".join(line.lstrip("# ") for line in (lines[0] if lines else "").splitlines())
        found = _TOLD.fullmatch(told)
        if found is None:
            raise ValueError(f"{path.name}: the first lines say the idea, `Source: …`, `Shows: …`")
        yield Recipe(path, text, found["idea"], found["source"], found["shows"])


def table(folder: Path = FOLDER) -> str:
    """Return the README of the folder, in Markdown."""
    rows = (
        f"| [{one.name}]({one.path.name}) | {one.idea} | {one.source} | {one.shows} |\n"
        for one in recipes(folder)
    )
    return _BEGIN + "".join(rows)
