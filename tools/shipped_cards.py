"""The cards that come with the program, from a checkout and from a wheel alike: the gallery and the cookbook.

The law: a card is named as its file is, and what is said of it are its own first lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources

_FOLDERS = ("gallery", "cookbook")
_ENDING = re.compile(r"(\.card)?\.yaml$")
_HEAD = re.compile(r"(?:#.*\n)*")
_SENTENCE = re.compile(r"(.+?\.)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Shipped:
    """A card: `folder` is the one of `cards/` it lies in, `file` its name there."""

    folder: str
    file: str
    text: str

    @property
    def name(self) -> str:
        """Return the name by which it is asked for: `ema_cross`, `03_rsi2`."""
        return _ENDING.sub("", self.file)

    @property
    def idea(self) -> str:
        """Return the first sentence of its first lines; empty for a card that begins without any."""
        lines = _HEAD.match(self.text)
        said = " ".join(line.lstrip("# ") for line in (lines[0] if lines else "").splitlines())
        found = _SENTENCE.match(said)
        return found[1] if found else said


def shipped_cards() -> tuple[Shipped, ...]:
    """Return every card, those of the gallery first, each folder by the alphabet."""
    cards = resources.files("cards")
    return tuple(
        Shipped(folder, file, (cards / folder / file).read_text(encoding="utf-8"))
        for folder in _FOLDERS
        for file in sorted(one.name for one in (cards / folder).iterdir())
        if file.endswith(".yaml")
    )


def shipped_card(name: str) -> Shipped:
    """Return a card by its name; KeyError for another, with all that there are."""
    known = {one.name: one for one in shipped_cards()}
    if name not in known:
        raise KeyError(f"no card `{name}` in gallery and cookbook; there are: {', '.join(known)}")
    return known[name]
