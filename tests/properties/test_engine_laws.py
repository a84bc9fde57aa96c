"""Laws of a run under any card: nothing raises, everything adds up, events restore the state."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.account.ledger import Ledger
from runtime.decide.refusals import REFUSALS
from runtime.orders.events import OrderFilled, OrderSubmitted
from runtime.records.recorder import Recorder
from runtime.records.rows import RunRecord
from runtime.testing.trial import first_broken
from tests.strategies.actions import BARS, bars, busy_cards
from tests.strategies.runs import SMALL, Row, Run

few = settings(max_examples=max(20, settings.default.max_examples))


def lived(text: str, rows: list[Row]) -> tuple[Run, RunRecord]:
    run = Run(text, rows)
    recorder = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(recorder)
    run.live()
    return run, recorder.finish(run.engine.refusals)


@few
@given(busy_cards(), bars())
def test_every_intent_becomes_commands_or_a_known_refusal(text: str, rows: list[Row]) -> None:
    run, record = lived(text, rows)
    codes = {row.code for row in record.refusals}
    assert {code for code in codes if not code.startswith("invariant:")} <= set(REFUSALS)
    ids = [event.spec.order_id for event in run.events if isinstance(event, OrderSubmitted)]
    assert len(ids) == len(set(ids))


@few
@given(busy_cards(), bars())
def test_every_law_of_a_run_holds_at_every_close(text: str, rows: list[Row]) -> None:
    run = Run(text, rows)
    assert first_broken(run.program, run.data, SMALL) is None


@few
@given(busy_cards(), bars())
def test_trades_layers_fees_and_equity_add_up(text: str, rows: list[Row]) -> None:
    _, record = lived(text, rows)
    change = record.equity.equity[-1] - 10_000
    assert math.isclose(sum(t.net_pnl for t in record.trades), change, abs_tol=1e-6)
    assert math.isclose(sum(t.fees for t in record.trades), record.fees_paid, abs_tol=1e-9)
    for trade in record.trades:
        if not trade.is_open:
            layers = [row.pnl_layer for row in record.layers if row.trade_id == trade.trade_id]
            assert math.isclose(sum(layers), trade.gross_pnl, abs_tol=1e-6)
            assert len(layers) == trade.layers


@few
@given(busy_cards(), bars())
def test_replayed_events_restore_the_ledger(text: str, rows: list[Row]) -> None:
    run, _ = lived(text, rows)
    again = Ledger(SMALL, run.program.graph.settings)
    for event in run.events:
        again.apply(event)
    assert again.state() == run.ledger.state()


@few
@given(busy_cards(), bars())
def test_a_position_never_has_more_layers_than_the_policy_allows(
    text: str, rows: list[Row]
) -> None:
    run = Run(text, rows)
    most = run.program.graph.settings.policy.max_layers
    if most is None:
        return

    def check(_: object) -> None:
        position = run.ledger.position
        assert position is None or position.layer_count <= most

    run.engine.listeners.append(check)
    run.live()


@few
@given(busy_cards(), bars(), st.integers(1, BARS - 1))
def test_a_shorter_history_asks_for_the_same(text: str, rows: list[Row], cut: int) -> None:
    whole, early = Run(text, rows).live(), Run(text, rows[:cut]).live()
    assert early.commands == whole.commands[:cut]
    assert early.events == whole.events[: len(early.events)]


@few
@given(busy_cards(), bars())
def test_fills_never_exceed_what_was_ordered(text: str, rows: list[Row]) -> None:
    run, _ = lived(text, rows)
    assert not run.ledger.has_overfill
    filled: dict[str, int] = {}
    for event in run.events:
        if isinstance(event, OrderFilled):
            filled[event.order_id] = filled.get(event.order_id, 0) + event.quantity
    for order_id, lots in filled.items():
        assert lots == run.ledger.orders[order_id].filled <= run.ledger.orders[order_id].quantity
