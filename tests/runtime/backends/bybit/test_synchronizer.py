"""What the venue says becomes events once, in order, and never stops the loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runtime.account.ledger import Ledger
from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.fees import Fee
from runtime.backends.bybit.messages import Execution, OrderUpdate
from runtime.backends.bybit.names import names_of
from runtime.backends.bybit.outcomes import Request, no_answer, of_code
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.backends.bybit.vocabulary import ExecutionKind, Status
from runtime.orders.commands import AmendOrder, CancelOrder
from runtime.orders.events import Event, FundingPaid, OrderSubmitted, RequestSent
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side, TimeInForce
from tests.parity.test_vocabularies import SETTINGS
from tests.runtime.backends.sim.bench import TEST
from tests.strategies.words import worded

NAMES = names_of("3", "abcdef")


class Desk:
    """A ledger with one order of ours, `o1`: buy 10 lots at 100, and a venue's voice."""

    def __init__(self, **more: Any) -> None:
        self.ledger = Ledger(TEST, SETTINGS)
        self.seen: list[Event] = []
        self.notices: list[Notice] = []
        self.sync = OrderStateSynchronizer(
            self.ledger, self._emit, NAMES, self.notices.append, more.pop("since", 0)
        )
        given: dict[str, Any] = {
            "order_id": "o1", "symbol": "TEST", "side": Side.BUY, "effect": Effect.OPEN,
            "order_type": OrderType.LIMIT, "quantity": 10, "limit_price": 100.0,
        }  # fmt: skip
        self._emit(OrderSubmitted(spec=OrderSpec(**worded(given | more)), bar=0, ts=1))
        self.seen.clear()

    def _emit(self, event: Event) -> None:
        self.seen.append(event)
        self.ledger.apply(event)

    @property
    def order(self) -> Any:
        return self.ledger.orders["o1"]

    @property
    def told(self) -> list[str]:
        return [type(event).__name__ for event in self.seen]

    def row(self, status: Status, at: int = 10, **more: Any) -> None:
        row = OrderUpdate(
            exchange_order_id="X1", order_id=NAMES.link("o1"), parent_order_id="", symbol="TEST",
            side=Side.BUY, order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC,
            post_only=False, reduce_only=False, status=status, role=None, quantity=10, filled=0,
            limit_price=100.0, trigger_price=None, average_price=None, cancel_reason="",
            reject_reason="", created_at=5, updated_at=at,
        )  # fmt: skip
        self.sync.order(replace(row, **more), 1)

    def fill(self, name: str, lots: int, **more: Any) -> None:
        row = Execution(
            kind=ExecutionKind.TRADE, execution_id=name, exchange_order_id="X1",
            order_id=NAMES.link("o1"), symbol="TEST", side=Side.BUY, quantity=lots, price=100.0,
            fee=Fee(usdt=0.1), is_maker=True, ts=20, role=None, sequence=1,
        )  # fmt: skip
        self.sync.execution(replace(row, **more), 1)

    def answer(self, request: Request, code: int | None, text: str = "") -> None:
        verdict = no_answer(request, "silence") if code is None else of_code(request, code, text)
        self.sync.answer("o1", request, verdict, 1, 30)


def test_a_duplicate_link_id_means_it_exists_and_is_asked_for() -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, 110072)
    assert desk.told == []
    assert desk.sync.wanted == {"o1": "exists"}
    desk.row(Status.OPEN)
    assert desk.order.is_accepted
    assert desk.sync.wanted == {}


@pytest.mark.parametrize("code", [10000, 10016, 429, 170007, 110079, 987654, None])
def test_a_submission_of_unknown_fate_is_not_rejected(code: int | None) -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, code)
    assert desk.told == ["RequestUncertain"]
    assert "o1" in desk.sync.wanted


@pytest.mark.parametrize("code", [10006, 10019, 10429, 10002])
def test_what_was_not_sent_ends_without_a_trace_at_the_venue(code: int) -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, code)
    assert desk.told == ["OrderRejected"]
    cancelled = Desk()
    cancelled.row(Status.OPEN)
    cancelled._emit(RequestSent(asked=CancelOrder(order_id="o1", reason="exit"), bar=1, ts=2))
    cancelled.answer(Request.CANCEL, code)
    assert cancelled.told[-1] == "RequestEnded"
    assert cancelled.order.leaving is not None  # asked again, later


def test_a_row_that_came_before_the_timeout_leaves_no_doubt() -> None:
    desk = Desk()
    desk.row(Status.OPEN)
    desk.answer(Request.SUBMIT, None)
    assert not desk.order.uncertain


@pytest.mark.parametrize("proof", ["row", "fill"])
def test_doubt_of_a_submission_ends_with_any_proof_that_it_is_there(proof: str) -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, None)
    assert desk.order.uncertain
    desk.row(Status.OPEN) if proof == "row" else desk.fill("e1", 3)
    assert not desk.order.uncertain


def test_an_error_after_an_execution_rejects_nothing() -> None:
    for code in (10016, 110007, 987654):
        desk = Desk()
        desk.fill("e1", 3)
        desk.answer(Request.SUBMIT, code)
        assert desk.order.state == "partial"


def test_an_amendment_of_unknown_fate_ends_by_the_row_that_has_it() -> None:
    desk = Desk()
    desk.row(Status.OPEN)
    asked = AmendOrder(order_id="o1", limit_price=99.0)
    desk._emit(RequestSent(asked=asked, bar=1, ts=2))
    desk.answer(Request.AMEND, None)
    assert desk.order.uncertain
    desk.row(Status.OPEN, 12, limit_price=99.0)
    assert not desk.order.uncertain
    assert desk.order.limit_price == 99.0


def test_a_lost_execution_is_known_to_be_missing_until_it_comes() -> None:
    desk = Desk()
    desk.row(Status.FILLED, filled=10)
    assert desk.sync.behind == {"o1": 10}
    assert not desk.order.is_terminal
    desk.fill("e1", 4)
    assert desk.sync.behind == {"o1": 10}
    desk.fill("e2", 6)
    assert desk.sync.behind == {}
    assert desk.order.state == "filled"


def test_a_fill_that_raced_a_smaller_total_ends_the_order() -> None:
    desk = Desk()
    desk.row(Status.OPEN)
    desk._emit(RequestSent(asked=AmendOrder(order_id="o1", quantity=6), bar=1, ts=2))
    desk.fill("e1", 6)
    desk.row(Status.FILLED, 21, quantity=6, filled=6)
    assert desk.order.state == "filled"
    assert desk.order.request == "none"


def test_a_fill_that_overtook_word_of_a_larger_total_overfills_nothing() -> None:
    desk = Desk()
    desk.row(Status.OPEN)
    desk._emit(RequestSent(asked=AmendOrder(order_id="o1", quantity=14), bar=1, ts=2))
    desk.fill("e1", 14, order_quantity=14)
    assert desk.order.state == "filled"
    assert not desk.order.is_overfilled


def test_a_stop_the_venue_made_is_taken_in_by_its_own_id_and_closes_the_position() -> None:
    desk = Desk()
    desk.fill("e1", 10)
    child = {"exchange_order_id": "C9", "order_id": "", "side": Side.SELL}
    desk.fill("e2", 10, role=Role.STOP_LOSS, closed=10, **child)
    assert desk.ledger.position is None
    made = desk.ledger.orders["C9"]
    assert (made.spec.role, made.spec.reason, made.state) == (Role.OUTSIDE, "stop_loss", "filled")
    assert [n.kind for n in desk.notices] == ["outside_order"]
    desk.fill("e2", 10, role=Role.STOP_LOSS, closed=10, **child)
    assert desk.ledger.position is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(ExecutionKind.LIQUIDATION, "liquidation"), (ExecutionKind.DELEVERAGED, "adl")],
)
def test_what_the_venue_takes_away_is_booked(kind: ExecutionKind, reason: str) -> None:
    desk = Desk()
    desk.fill("e1", 10)
    desk.fill("e2", 4, kind=kind, exchange_order_id="L1", order_id="", side=Side.SELL)
    assert desk.ledger.position is not None
    assert desk.ledger.position.quantity == 6
    assert desk.ledger.orders["L1"].fills[0].reason == reason


def test_orders_of_before_the_session_that_are_over_are_not_taken_in() -> None:
    desk = Desk(since=1_000)
    old = {"exchange_order_id": "OLD", "order_id": ""}
    desk.row(Status.FILLED, 900, filled=10, **old)
    desk.row(Status.CANCELLED, 2_000, **old)
    desk.fill("e9", 10, ts=900, **old)
    assert desk.seen == []


def test_an_order_of_another_run_of_ours_halts() -> None:
    desk = Desk()
    desk.row(Status.OPEN, exchange_order_id="Z", order_id=names_of("2", "abcdef").link("o1"))
    assert [(n.kind, n.loudness) for n in desk.notices] == [("foreign_run", Loudness.HALT)]


def test_an_order_that_was_given_up_and_comes_back_is_told() -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, None)
    desk.sync.absent("o1", 1, 40)
    assert (desk.order.state, desk.order.reason) == ("rejected", "not_received")
    desk.row(Status.OPEN, 50)
    assert [n.kind for n in desk.notices] == ["came_back"]
    assert desk.sync.wanted == {"o1": "came_back"}
    desk.fill("e1", 10)
    assert desk.ledger.position is not None
    assert desk.ledger.position.quantity == 10


def test_an_unknown_number_that_proves_absent_is_a_rejection_with_that_number() -> None:
    desk = Desk()
    desk.answer(Request.SUBMIT, 987654, "odd")
    desk.sync.absent("o1", 1, 40)
    assert (desk.order.state, desk.order.reason) == ("rejected", "987654")


def test_funding_told_by_stream_and_query_is_paid_once_and_at_the_rate_of_its_row() -> None:
    desk = Desk()
    for _ in range(2):
        desk.fill(
            "f1", 10, kind=ExecutionKind.FUNDING, fee=Fee(usdt=1.0), rate=-0.0001, order_id=""
        )
    (paid,) = [event for event in desk.seen if isinstance(event, FundingPaid)]
    assert (paid.amount, paid.rate, paid.execution_id) == (1.0, -0.0001, "f1")
    again = OrderStateSynchronizer(desk.ledger, desk._emit, NAMES)
    again.note(paid)  # a restart replays the events
    count = len(desk.seen)
    desk.sync = again
    desk.fill("f1", 10, kind=ExecutionKind.FUNDING, fee=Fee(usdt=1.0), rate=-0.0001, order_id="")
    assert len(desk.seen) == count


def test_a_fee_in_another_coin_is_never_booked_as_usdt() -> None:
    desk = Desk()
    desk.fill("e1", 10, fee=Fee(usdt=0.0, coin="MNT", amount=0.7))
    assert desk.ledger.account.fees == 0.0
    (fill,) = desk.order.fills
    assert (fill.fee, fill.fee_coin, fill.coin_fee) == (0.0, "MNT", 0.7)
    assert [n.kind for n in desk.notices] == ["fee_in_coin"]


def test_a_row_that_stands_in_for_executions_pays_in_the_coin_that_it_says() -> None:
    desk = Desk()
    desk.ledger.settings = replace(SETTINGS, account=replace(SETTINGS.account, taker_bps=5.5))
    desk.fill("e1", 4, fee=Fee(usdt=0.0, coin="MNT", amount=0.7))
    desk.row(Status.OPEN, 30, filled=10, fee=Fee(usdt=0.0, coin="MNT", amount=1.0))
    desk.sync.stand_in("o1", 1, 40)
    assert desk.ledger.account.fees == 0.0
    assert [(f.quantity, f.fee_coin) for f in desk.order.fills] == [(4, "MNT"), (6, "MNT")]
    assert sum(f.coin_fee for f in desk.order.fills) == pytest.approx(1.0)


def test_a_fee_that_nobody_says_is_that_of_a_taker_and_told() -> None:
    desk = Desk()
    desk.ledger.settings = replace(SETTINGS, account=replace(SETTINGS.account, taker_bps=5.5))
    desk.fill("e1", 10, fee=Fee())
    notional = TEST.notional(10, 100.0)
    assert desk.ledger.account.fees == pytest.approx(notional * desk.ledger.taker_rate)
    assert desk.ledger.account.fees > 0
    assert [n.kind for n in desk.notices] == ["fee_unknown"]


@pytest.mark.parametrize("fee", [Fee(usdt=0.0, coin="BTC", amount=0.2), Fee()])
def test_funding_that_is_not_known_in_usdt_books_nothing_and_halts_once(fee: Fee) -> None:
    desk = Desk()
    for _ in range(2):
        desk.fill("f1", 10, kind=ExecutionKind.FUNDING, fee=fee, order_id="")
    assert desk.ledger.account.funding == 0.0
    assert [(n.kind, n.loudness) for n in desk.notices] == [("funding_in_coin", Loudness.HALT)]


def test_a_settlement_halts_and_books_nothing() -> None:
    desk = Desk()
    desk.fill("s1", 10, kind=ExecutionKind.SETTLEMENT)
    assert desk.seen == []
    assert [n.loudness for n in desk.notices] == [Loudness.HALT]


def test_the_second_word_of_an_end_changes_nothing() -> None:
    desk = Desk()
    desk.fill("e1", 10)
    desk.row(Status.FILLED, 21, filled=10)
    count = len(desk.seen)
    desk.row(Status.FILLED, 22, filled=10, reject_reason="EC_OrigClOrdIDDoesNotExist")
    assert len(desk.seen) == count


def test_a_price_the_venue_moved_is_told() -> None:
    desk = Desk()
    desk.row(Status.OPEN, limit_price=99.5)
    assert desk.order.limit_price == 99.5
    assert [n.kind for n in desk.notices] == ["changed_by_venue"]


def test_why_we_cancelled_is_known_from_the_ledger_alone() -> None:
    desk = Desk()
    desk.row(Status.OPEN)
    desk._emit(RequestSent(asked=CancelOrder(order_id="o1", reason="ttl"), bar=1, ts=2))
    desk.sync = OrderStateSynchronizer(desk.ledger, desk._emit, NAMES)  # after a restart
    desk.row(Status.CANCELLED, 12, cancel_reason="user")
    assert (desk.order.state, desk.order.reason) == ("expired", "ttl")
