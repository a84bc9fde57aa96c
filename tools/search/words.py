"""The four sentences and the one conclusion of `ideacard robust`.

The law: a sentence says what was counted and nothing more. No score, no grade, none of the words real, robust,
validated, safe, proven; p is never called a chance of luck, and surviving is never called a promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor, log

from tools.search import promises
from tools.search.pay import Pay
from tools.search.timing import Luck, Timing

LEVEL = 0.05


class Conclusion(StrEnum):
    """What may be said; there is no better one."""

    TOO_SHORT = "too short to tell"
    NO_EVIDENCE = "no evidence of an edge"
    NO_PROFIT = "evidence of an edge, not of a profit after costs"
    NOT_THE_SEARCH = "evidence that does not survive the search"
    SURVIVES = "evidence that survives what was tested here, and what was not tested"


@dataclass(frozen=True, slots=True)
class Search:
    """How many variants were tried on these bars, this one included.

    `p`: of the search over those that are run again, on `drawn` mirrors; None where this is the only one.
    `lost`: those that are not. `elsewhere`: further tries that nobody kept, as said by hand.
    """

    variants: int
    p: float | None
    elsewhere: int = 0
    lost: int = 0
    drawn: int = 0


def budget(p: float) -> int:
    """Return the most tries after which a result with this p would still stand out: ⌊ln .95 / ln(1 − p)⌋."""
    return floor(log(1.0 - LEVEL) / log(1.0 - p)) if 0.0 < p < 1.0 else 0


def searched(luck: Luck, search: Search) -> float:
    """Return p with what is known of the search in it: run again together, and Šidák for every other try."""
    p = luck.p if search.p is None else search.p
    further = search.elsewhere + search.lost
    # 1 − (1 − p) is not p to the last bit: nobody who tried once may fall over that.
    return 1.0 - (1.0 - p) * (1.0 - luck.p) ** further if further else p


def conclusion(
    run: Timing, luck: Luck | None, search: Search, paid: Pay, cost_bp: float
) -> Conclusion:
    """Return the one conclusion. `cost_bp`: what a trade costs, both sides, in basis points of equity."""
    least = run.detectable_bp()
    if luck is None or least is None:
        return Conclusion.TOO_SHORT
    if luck.p > LEVEL:
        # An edge twice its costs would have been missed one time in five: nothing can be said.
        return Conclusion.TOO_SHORT if least > 2.0 * cost_bp else Conclusion.NO_EVIDENCE
    if searched(luck, search) > LEVEL:
        return Conclusion.NOT_THE_SEARCH
    if paid.low_bp is None or paid.low_bp <= 0.0:
        return Conclusion.NO_PROFIT
    return Conclusion.SURVIVES


def conclusion_sentence(made: Conclusion, broken: Sequence[str]) -> str:
    """Return the conclusion as it is said; of a run that broke what its card promises, together with that."""
    but = f" The run {promises.sentence(broken)}." if broken else ""
    return f"Conclusion: {made}.{but}"


def luck_sentence(luck: Luck | None, untested: str = "") -> str:
    if luck is None:
        return untested or "Nothing was held: there is nothing to compare."
    return luck.sentence()


def search_sentence(luck: Luck | None, search: Search) -> str:
    if luck is None:
        return "Nothing was held: a search cannot be judged."
    most = budget(luck.p)
    alone = (
        f"This result would stand alone only if at most {most} {'try' if most == 1 else 'tries'} had been made."
        if most
        else "Not even a single try would leave it standing."
    )
    if search.variants <= 1:
        kept = "No other variant was run on these bars, as far as the run folders know."
    else:
        again = search.variants - search.lost
        share = (
            ""
            if search.p is None
            else f" The best of the same {again} did as well on {100 * search.p:.0f} % of mirrored markets."
        )
        was = "was" if search.lost == 1 else "were"
        lost = f" {search.lost} of them {was} not run again." if search.lost else ""
        kept = f"You ran {search.variants} variants on these bars.{lost}{share}"
    told = f" You say {search.elsewhere} more were tried elsewhere." if search.elsewhere else ""
    return f"{kept}{told} {alone}"


def pay_sentence(paid: Pay, break_even: float | None, assumed_bps: float) -> str:
    if paid.per_trade_bp is None:
        return "No trade was closed."
    width = (
        "too few days for an interval"
        if paid.low_bp is None or paid.high_bp is None
        else f"90 % interval {paid.low_bp:+.1f} … {paid.high_bp:+.1f}"
    )
    costs = (
        "It loses without any costs."
        if break_even is None
        else f"It breaks even at {break_even:.1f} bp a side; you assume {assumed_bps:.1f}."
    )
    return f"Net {paid.per_trade_bp:+.1f} bp of equity a trade, {width}. {costs}"


def length_sentence(run: Timing) -> str:
    least = run.detectable_bp()
    if least is None:
        return "No trade: nothing could have been seen."
    trades = "1 trade" if run.trades == 1 else f"{run.trades} trades"
    return f"{trades}: an edge under about {least:.0f} bp of equity a trade would be missed one time in five or more."
