"""What stands below the four sentences: parts of the result, numbers moved, fresh bars.

The law: these say what a result hangs on; none of them is evidence for it.
"""

from __future__ import annotations

from math import exp

from tools.search.fragility import Fragility, Swing
from tools.search.pieces import Pieces
from tools.search.robust import Fresh

MOST_SWINGS = 8


def pieces_sentence(made: Pieces) -> str:
    share = (
        "" if made.share_of_five is None
        else f" The five best made {100 * made.share_of_five:.0f} % of all gains."
    )  # fmt: skip
    return (
        f"Net of the closed trades {made.net_usdt:+,.2f} USDT: without the best {made.without_best:+,.2f}, without the "
        f"best five {made.without_five:+,.2f}, without {made.best_month} {made.without_month:+,.2f}.{share}"
    )


def years_sentence(made: Pieces) -> str:
    return " · ".join(
        f"{one.year} {one.net_usdt:+,.2f} USDT in {one.trades} trade{'s' if one.trades > 1 else ''}"
        for one in made.years
    )


def fragility_sentence(made: Fragility) -> str:
    if made.percentile is None:
        return "No neighbour of this card could be run."
    tuned = ": its numbers are tuned to these bars" if made.is_tuned else ""
    return (
        f"Of {made.drawn} neighbours, every number of the card up to a tenth away at once, it did better than "
        f"{made.percentile:.0f} %{tuned}. That neighbours win as well is no evidence of an edge."
    )


def swing_line(swing: Swing, net: float) -> str:
    """Return where a literal stands and what net growth, in percent, its values lead to, its own in brackets."""
    values = [(one.value, f"{one.value:g}: {percent(one.net)}") for one in swing.nudges]
    values.append((swing.value, f"[{swing.value:g}: {percent(net)}]"))
    return f"line {swing.line}: " + "  ".join(text for _, text in sorted(values))


def fresh_sentence(made: Fresh) -> str:
    p = "" if made.luck is None else f", p = {made.luck.p:.3f} on their own mirrors"
    others = (
        ""
        if not made.seen_by
        else f" {made.seen_by} other variant{'s have' if made.seen_by > 1 else ' has'} seen them since."
    )
    return (
        f"{made.bars} bars since {made.since}, which this card had not seen when it was first run: "
        f"net {percent(made.run.net)} in {made.run.trades} trade{'' if made.run.trades == 1 else 's'}{p}.{others}"
    )


def percent(net: float) -> str:
    """Return log growth as people read it."""
    return f"{100 * (exp(net) - 1):+.1f} %"
