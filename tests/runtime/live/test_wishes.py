"""A stop, a target or a trail that the card moves, whatever ends the process meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from runtime.live.journal import RecordKind
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import Live
from tests.strategies.runs import at_bar, emit

HELD = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=45000.0, order_ref="in"))
WISHES = {
    "stop": emit("adjust_stop", price=49000.0),
    "trail": emit("adjust_trail", distance=1000.0),
}
HALF = emit("exit_long", size="50% of position")


class Dead(BaseException):
    """The end of the process."""


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("moment", ["written", "leaves"])
@pytest.mark.parametrize("others", [(), (HALF,)], ids=["alone", "beside an exit"])
def test_a_stop_that_the_card_moves_is_moved_although_the_process_ends_meanwhile(
    tmp_path: Path, wish: str, moment: str, others: tuple[str, ...]
) -> None:
    """Its end comes after the first transaction of the close, or as the first request leaves."""
    live = Live(tmp_path, HELD + at_bar(4, WISHES[wish], *others))
    live.bar(bars=4)
    write = live.journal.write

    def written(rows: Sequence[tuple[int, RecordKind, str]], *, may_be_lost: bool = False) -> None:
        write(rows, may_be_lost=may_be_lost)
        if any(kind is RecordKind.COMMAND for _, kind, _ in rows):
            raise Dead

    def leaves(_path: str, _body: object) -> None:
        raise Dead

    if moment == "written":
        live.journal.write = written  # type: ignore[method-assign]
    else:
        live.road.before = leaves
    with pytest.raises(Dead):
        live.bar()
    live.kill()
    live.road.before = lambda _path, _body: None
    live.venue.advance(live.venue.now + 2_000)
    live._boot()
    live.run(20_000)
    left = 50 if others else 100
    assert live.held == live.venue_held == left
    stops = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]
    assert [(o.trigger_price, o.remaining) for o in stops] == [(49_000.0, left)]
    live.laws()
    live.replayed()
