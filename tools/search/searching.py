"""The whole search run again on mirrors: everything that was tried, and the best of it on each.

T of this card against the largest T of all variants, mirror by mirror (White 2000; Westfall & Young 1993). The law:
every variant meets the same mirrors, so variants that do the same count once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.findings.errors import IdeaCardError
from compiler.graph.program import Program
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from tools.search.drawing import Drawing
from tools.search.runs import Runs, threads_for
from tools.search.timing import Timing, compare
from tools.search.words import Search

SEARCH_MIRRORS = 199
_MOST_KEPT = 10_000_000  # bars of all variants together whose times are kept for the next mirror


def search_again(
    own: Runs, others: Sequence[Runs], t: float, drawing: Drawing, count: int
) -> tuple[int, float] | None:
    """Return (mirrors drawn, p): how often the best of all did as well on a mirror as the card on the market, `t`.

    None where it was stopped before the first.
    """

    def best(market: MarketData) -> Timing:
        each = [runs.timing(market) for runs in (own, *others)]
        return replace(each[0], t=max(one.t or 0.0 for one in each))

    threads = threads_for(own, *others)
    luck = compare(t, drawing.each("the whole search on mirrors", count, best, threads=threads))
    return (luck.drawn, luck.p) if luck.drawn else None


def search(
    own: Runs, t: float | None, programs: Sequence[Program], lost: int, drawing: Drawing,
    instrument: Instrument, *, elsewhere: int = 0, count: int = SEARCH_MIRRORS,
) -> Search:  # fmt: skip
    """Return what the search for a card with this `t` comes to; `lost` variants are not run again."""
    others, variants = list[Runs](), 1 + len(programs) + lost
    keeps = len(programs) * len(drawing.mirrors.data.exec) <= _MOST_KEPT
    for program in programs if t is not None else ():
        runs = Runs(program, drawing.mirrors.data, instrument, keeps_times=keeps)
        try:
            runs.timing(drawing.mirrors.data)
        except IdeaCardError:  # a feed that this card needs and the other did not
            lost += 1
        else:
            others.append(runs)
    made = search_again(own, others, t, drawing, count) if others and t is not None else None
    known = Search(variants, None, elsewhere, lost=lost)
    return known if made is None else replace(known, drawn=made[0], p=made[1])
