"""The first step of `ideacard robust` in every report: the card on some mirrored markets, where that is cheap.

The law: how many mirrors are drawn hangs on the bars alone, never on a clock, so a report is the same whoever waited for
it; where they are too few, or machine code does not know the card, nothing is said.
"""

from __future__ import annotations

from compiler.graph.program import Program
from runtime.batch.account_run import GivenUp
from runtime.batch.choose import is_at_hand
from runtime.batch.supported import reasons
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.reports.trust_note import Grade, TrustNote
from tools.search.drawing import Drawing
from tools.search.mirrors import Mirrors, mirrors_of
from tools.search.runs import Runs, threads_for
from tools.search.timing import Luck, compare

MOST, FEWEST = 99, 19
# COST: bars of all mirrors together: about a second of one core, and most cards stop long before.
_MOST_BARS = 3_000_000
_ENOUGH = 20
_SEED = 1


def mirrors_for(bars: int) -> int:
    """Return how many mirrors of so many bars a report draws; 0 where it would be too few to say anything."""
    count = min(MOST, _MOST_BARS // max(bars, 1))
    return count if count >= FEWEST else 0


def first_step(program: Program, data: MarketData, instrument: Instrument) -> TrustNote | None:
    """Return what a report says of luck; None where it is not cheap to know, or nothing was held."""
    count = mirrors_for(len(data.exec))
    if not is_at_hand(count * len(data.exec)) or reasons(program, data):
        return None
    mirrors = mirrors_of(data, instrument)
    try:
        luck = _luck(Runs(program, mirrors.data, instrument), mirrors, count)
    except GivenUp:  # what only a run can show: the readable engine would take too long
        return None
    if luck is None:
        return None
    without = f" Compared without {'; '.join(mirrors.left_out)}." if mirrors.left_out else ""
    asked = "How many variants were tried is not counted: `ideacard robust`."
    return TrustNote(Grade.NOTE, "Luck", f"{luck.sentence()}{without} {asked}")


def _luck(runs: Runs, mirrors: Mirrors, count: int) -> Luck | None:
    own = runs.by_kernel(mirrors.data)
    if own.t is None:
        return None
    drawing = Drawing(mirrors, _SEED, lambda _what, _done, _total: None, lambda: False)
    threads = threads_for(runs)
    return compare(own.t, drawing.each("mirrors", count, runs.by_kernel, threads=threads), _ENOUGH)
