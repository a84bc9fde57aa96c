"""Small local sessions for tests: a card, a made-up market, a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from compiler.findings.source import Source
from tools.feeds import Feeds
from tools.live.folders import JOURNAL
from tools.live.local import LocalRun
from tools.live.plan import Place, Plan
from tools.live.reading import Lived, ReadJournal, live_again
from tools.live.start import local_run

ROOT = Path(__file__).resolve().parents[3]
GALLERY = ROOT / "cards" / "gallery"
LADDER = GALLERY / "pullback_ladder.yaml"


def plan_of(card: Path, out: Path, *, text: str = "", **more: Any) -> Plan:
    """Return the plan of a local session on a made-up market."""
    source = Source(str(card), text or card.read_text(encoding="utf-8"))
    words: dict[str, Any] = {"bars": 96, "seed": 7, "feeds": Feeds(data=None)} | more
    return Plan(source=source, venue=Place.LOCAL, out=out, is_made_up=True, **words)


def made(card: Path, out: Path, **more: Any) -> tuple[LocalRun, Path]:
    """Return a session that is ready to run, and its folder."""
    return local_run(plan_of(card, out, **more))


def lived(card: Path, out: Path, **more: Any) -> tuple[LocalRun, Path]:
    """Return a session that has lived through its market; its journal is open still."""
    run, folder = made(card, out, **more)
    run.run()
    return run, folder


def lived_again(folder: Path) -> Lived:
    """Return the session of a folder lived through again: its journal replays, or Differs."""
    journal = ReadJournal(folder / JOURNAL)
    try:
        return live_again(journal)
    finally:
        journal.close()
