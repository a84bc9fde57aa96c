"""What was tried on these bars: the run folders, and the cards in them compiled again.

The law: a try is known by what its card means (the hash of its graph), so a comment or a space is no new one; what
cannot be run again is counted all the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.market.bar_files import content_hash
from runtime.market.checks import utc
from runtime.market.data import MarketData
from runtime.reports.run_files import CARD, OVERRIDES
from tools.run_folders import StoredRun, find_runs

MOST_VARIANTS = 2_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tries on some bars beside a card's own. `lost`: that cannot be run again.

    `seen_until`: where the bars of the first run of this very card ended (UTC, as in results), None where it was never
    run on them; `ends`: where those of every other card ended at the latest.
    """

    others: tuple[Program, ...] = ()
    lost: int = 0
    seen_until: str | None = None
    ends: tuple[str, ...] = ()


def ledger(folder: Path, data: MarketData, own: str) -> Ledger:
    """Return what was run under `folder` on these bars, or on bars of the same series that overlap with them.

    `own` is the graph hash of the card that is asked about; `data` are its bars.
    """
    tried, ends = dict[str, StoredRun](), dict[str, str]()
    mine = list[str]()
    for run in sorted(
        find_runs(folder)[0], key=lambda one: (one.made["data"]["to"] or "", one.name)
    ):
        if not _same_bars(run.made["data"], data):
            continue
        meaning = run.made["card"]["graph_hash"]
        if meaning == own:
            mine.append(run.made["data"]["to"])
            continue
        ends[meaning] = run.made["data"]["to"]  # in their order: the last is the latest
        if meaning not in tried or not (tried[meaning].folder / CARD).exists():
            tried[meaning] = run
    again = [_again(run, data) for _, run in sorted(tried.items())]
    others = tuple(one for one in again if one is not None)[:MOST_VARIANTS]
    return Ledger(others, len(tried) - len(others), min(mine, default=None), tuple(ends.values()))


def _same_bars(made: dict[str, Any], data: MarketData) -> bool:
    frame, identity = data.traded().exec, data.identity
    if not len(frame) or made["symbol"] != frame.symbol or made["from"] is None:
        return False
    if made["hash"] == (data.content_hash or content_hash(frame)):
        return True
    # Bars made up with another seed stand at the same times; so may bars of a file that says nothing of itself.
    if made["synthetic"] or data.synthetic or identity is None:
        return False
    same = made["venue"] == identity.venue and made["market"] == identity.market.value
    first, last = utc(frame.ts[0]), utc(frame.close_time(len(frame) - 1))
    return bool(same and made["from"] < last and first < made["to"])


def _again(run: StoredRun, data: MarketData) -> Program | None:
    """Return the program of a run, None where its folder does not say it or it does not fit these bars."""
    made = run.made
    if made["data"]["timeframe"] != data.exec.timeframe:
        return None
    try:
        text = (run.folder / CARD).read_bytes().decode("utf-8")
        path = run.folder / OVERRIDES
        pairs = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        source, said = Source(run.name, text), [(str(k), str(v)) for k, v in pairs]
        program = compile_card(source, said, symbol=data.exec.symbol)
    except (OSError, ValueError, TypeError, IdeaCardError):
        return None
    # Another version of the language may read the same text in another way: that was another try.
    return program if program.graph_hash == made["card"]["graph_hash"] else None
