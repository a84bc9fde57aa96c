"""The card that shows a session: from here, else the one that came with the program."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

CARD = Path("cards/gallery/pullback_ladder.yaml")


def demo_card() -> Path:
    """Return the gallery card of the live demo."""
    return CARD if CARD.exists() else Path(str(resources.files("cards") / "gallery" / CARD.name))
