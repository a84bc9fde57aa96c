"""What the venue forgets, tells late, or words in a way nobody expects."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.vocabulary import STATUSES
from tests.runtime.live.bench import START, SYMBOL, Live, Road
from tests.runtime.live.test_placing import LIMIT, MARKET, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit import rows
from tools.fakebybit.acts import manual
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

DAY = 86_400_000
SLOW: dict[str, Any] = {"kline_push_ms": DAY, "ticker_push_ms": DAY, "funding_rate": Decimal(0)}


def test_031_executions_older_than_a_week_are_found(tmp_path: Path) -> None:
    """A query reaches over seven days: a session that was away for longer asks week after week."""
    venue = Venue(Settings(start_ms=START, intervals={"D": DAY}, **SLOW))
    for day in range(0, 24, 3):
        venue.advance(START + day * DAY + 1_000)
        manual(venue.state, SYMBOL, Decimal("0.001"))
    road = Road(Client(venue))
    found = Rest(road, road).executions(SYMBOL, START, venue.now)
    assert found is not None
    assert len({row["execId"] for row in found if row["execType"] == "Trade"}) == 8


def test_031_the_journal_is_the_history_and_no_working_order_is_dropped(tmp_path: Path) -> None:
    """The venue keeps cancelled orders for a day: what we know does not come from there."""
    card = MARKET + at_bar(1, *(
        emit("place_limit_long", size="0.01 base", price=price, order_ref=ref)
        for ref, price in (("far", 40000.0), ("off", 41000.0))
    ), block="r") + at_bar(2, emit("cancel_order", order_ref="off"))  # fmt: skip
    live = Live(tmp_path, card, **SLOW)
    live.bar(bars=4)
    live.kill()
    live.venue.advance(live.venue.now + DAY * 3 // 2)
    manual(live.venue.state, SYMBOL, Decimal("-0.04"))
    live._boot()
    live.run(20_000)
    assert live.order("off").state == "cancelled"
    assert live.order("far").is_accepted
    assert not live.order("far").is_terminal
    assert live.held == live.venue_held == 60
    live.laws()


def test_035_every_status_the_venue_documents_is_understood_and_others_stop_nothing(
    tmp_path: Path,
) -> None:
    """Untriggered, Triggered, Deactivated and words to come: one that nobody knows is put aside."""
    live = started(tmp_path, LIMIT)
    (order,) = live.venue.state.open_orders(SYMBOL)
    foreign = rows.order_message_row(order) | {"orderLinkId": "", "updatedTime": "1"}
    for number, status in enumerate([*STATUSES, "Foo", ""]):
        row = foreign | {"orderId": f"x{number}", "orderStatus": status}
        live.session.frame({"topic": "order", "data": [row]})
    assert len(live.backend.intake.quarantine) == 2
    assert live.warned("quarantine")
    assert not live.desk.guard.halted
    live.bar()
    assert live.order("in").is_accepted


def test_036_what_a_cancelled_row_leaves_is_not_what_was_filled(tmp_path: Path) -> None:
    """A cancelled row says that nothing is left (`leavesQty` 0): the rest was not filled."""
    card = LIMIT + at_bar(2, emit("cancel_order", order_ref="in"))
    live = Live(tmp_path, card, fill="queue")
    live.bar(bars=2)
    live.act("print", amount="49900", qty="0.03")
    live.bar()
    live.run(3_000)
    order = live.order("in")
    row = rows.order_row(live.venue.state.orders[order.exchange_order_id])
    assert (row["orderStatus"], row["leavesQty"]) == ("Cancelled", "0")
    assert (order.state, order.filled, live.held) == ("cancelled", 30, 30)
    live.laws()


def test_072_an_answer_that_the_stream_overtook_rolls_nothing_back(tmp_path: Path) -> None:
    """A list was read before an order was filled and arrives after the fill was told."""
    live = started(tmp_path, LIMIT)
    live.backend.look()  # the answer, with the order still working, waits
    assert live.worker.waiting
    live.venue.trade(Decimal("49000"))
    private = live.streams["private"]
    for raw in private.take():
        live.session.frame(json.loads(raw))
    assert live.order("in").state == "filled"
    live.pump()
    assert live.order("in").state == "filled"
    assert live.held == live.venue_held == 100
    assert not live.warned("came_back")
    live.laws()


@pytest.mark.parametrize(
    "path", ["order/realtime", "order/history", "execution/list", "position/list"]
)
@pytest.mark.parametrize("kind", [Fault.HTML, Fault.CODE, Fault.DROP_ANSWER])
def test_073_a_question_that_failed_found_nothing_out(
    tmp_path: Path, path: str, kind: Fault
) -> None:
    """No answer is not an empty list: no position is flat and no order gone because of it."""
    live = started(tmp_path, MARKET + at_bar(1, emit("place_limit_long", size="0.1 base",
                                                     price=49000.0, order_ref="b"), block="r"))  # fmt: skip
    live.venue.faults.add(Switch(kind=kind, on=path, value=10016))
    live.run(60_000, 1_000)
    assert live.held == live.venue_held == 100
    assert live.order("b").is_accepted
    assert not live.desk.guard.halted
    assert not live.warned("position_differs")
    live.laws()
