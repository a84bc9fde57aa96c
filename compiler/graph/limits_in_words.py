"""The limits of a card in plain sentences, for its read-back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compiler.catalog.limits import Limit
from compiler.graph.rule_graph import NO_LIMITS, LimitSettings


def limits_in_words(limits: LimitSettings) -> Iterator[str]:
    """Yield a sentence for each limit that is set, and what is done when one is reached."""
    given = [limit for limit in Limit if getattr(limits, limit.value) is not None]
    for limit in given:
        most = f"{getattr(limits, limit.value):g}"
        yield f"- no entry is accepted {_while(limit, most)}; lifted {limit.lifted}"
    if not given and limits == NO_LIMITS:
        return
    yield "- where a limit is reached, working entries are cancelled"
    if limits.on_breach.closes:
        yield "- a limit of daily loss or drawdown closes the position at market, too"
    hours, minutes = divmod(limits.day_starts, 60)
    yield f"- a day begins at {hours:02}:{minutes:02} UTC; a bar belongs to the day of its open"


def _while(limit: Limit, most: str) -> str:
    match limit:
        case Limit.DAILY_LOSS:
            return f"once equity has lost {most} % since the day began"
        case Limit.DRAWDOWN:
            return f"once equity is {most} % below its highest close"
        case Limit.TRADES:
            return f"once {most} positions were opened in a day"
        case Limit.DAY_LOSSES:
            return f"once {most} trades of a day were closed with a loss"
        case Limit.LOSSES:
            return f"once {most} trades in a row were lost"
        case Limit.COOLDOWN:
            return f"at the close of a bar that closed a position and at the {most} closes after it"
        case _:
            assert_never(limit)
