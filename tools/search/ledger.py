"""What was tried on these bars, and the cards of it compiled again.

The law: a try is known by what its card means (the hash of its graph), so a comment or a space is no new one, nor a set
of a search that was also run by itself; what is not run again is counted all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.market.bar_files import content_hash
from runtime.market.checks import utc
from runtime.market.data import MarketData
from tools.search.tries import Try, tries

MOST_VARIANTS = 2_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tries on some bars beside a card's own. `lost`: those that are not run again.

    `seen_until`: where the bars of the first run of this very card ended (UTC, as in results), None where it was never
    run on them; `ends`: where those of every other card ended at the latest. `unread`: files that may tell of more.
    """

    others: tuple[Program, ...] = ()
    lost: int = 0
    seen_until: str | None = None
    ends: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def ledger(folder: Path, data: MarketData, own: str) -> Ledger:
    """Return what was run under `folder` on these bars, or on bars of the same series that overlap with them.

    `own` is the graph hash of the card that is asked about; `data` are its bars. Of very many sets of searches only some
    are compiled, spread over all of them; the others are lost.
    """
    found, unread = tries(folder, lambda told: _same_bars(told, data))
    found.sort(key=lambda one: (one.data["to"] or "", one.name))
    tried, ends, mine = dict[str, Program | None](), dict[str, str](), list[str]()
    sets = {(one.text, one.overrides): one for one in found if one.meaning is None}  # the latest
    some = _spread(list(sets.values()))
    lost = len(sets) - len(some)
    for one in (*(one for one in found if one.meaning is not None), *some):
        known = tried.get(one.meaning or "")
        program = known or (None if one.meaning == own else _again(one, data))
        meaning = one.meaning if program is None else program.graph_hash
        if meaning is None:
            lost += 1  # it ran, but it does not compile any more
        elif meaning == own:
            mine.append(one.data["to"])
        else:
            ends[meaning] = max(one.data["to"], ends.get(meaning, ""))
            tried[meaning] = program
    again = [program for _, program in sorted(tried.items()) if program is not None]
    others = tuple(again[:MOST_VARIANTS])
    return Ledger(
        others, lost + len(tried) - len(others), min(mine, default=None), tuple(ends.values()),
        tuple(unread),
    )  # fmt: skip


def _spread(sets: Sequence[Try]) -> Sequence[Try]:
    return sets[:: max(1, ceil(len(sets) / MOST_VARIANTS))]


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


def _again(one: Try, data: MarketData) -> Program | None:
    """Return the program of a try, None where nothing says it or it does not fit these bars."""
    if one.text is None or one.data["timeframe"] != data.exec.timeframe:
        return None
    try:
        program = compile_card(Source(one.name, one.text), one.overrides, symbol=data.exec.symbol)
    except (ValueError, TypeError, IdeaCardError):
        return None
    # Another version of the language may read the same text in another way: that was another try.
    return program if one.meaning in (None, program.graph_hash) else None
