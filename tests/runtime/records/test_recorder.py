"""Rows of a run: trades flat to flat, layers with their profit, orders in their final state."""

from __future__ import annotations

import pytest

from runtime.records.recorder import Recorder
from runtime.records.rows import RunRecord
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat

FEES = "fee_model: { taker_bps: 10, maker_bps: 10 }"


def record_of(blocks: str, rows: list[Row], **settings: str) -> RunRecord:
    text = card_text(blocks, **settings)
    if "account" in settings and "fee_model" in settings["account"]:
        text = text.replace("fee_model: { taker_bps: 0, maker_bps: 0 }, ", "")
    run = Run(text, rows)
    recorder = Recorder(
        run.ledger, run.data.exec, run.exchange.paths_of, lambda at: run.source.location(at).line
    )
    run.engine.listeners.append(recorder)
    run.live()
    run.exchange.end_of_data(len(rows) - 1)
    return recorder.finish(run.engine.refusals)


BUY = emit("entry_long", size_usdt=1000, order_ref="e")
UP: list[Row] = [
    *flat(100.0, 2), (100, 103, 99, 102), (102, 106, 101, 104), (104, 104, 97, 98), *flat(98.0, 2),
]  # fmt: skip


def test_a_round_trip_is_one_trade() -> None:
    record = record_of(at_bar(1, BUY) + at_bar(3, "exit_all"), UP)
    (trade,) = record.trades
    assert (trade.side, trade.entry_bar, trade.exit_bar, trade.bars_held) == ("long", 2, 4, 2)
    assert (trade.entry_price, trade.exit_price, trade.quantity) == (100.0, 104.0, 10.0)
    assert (trade.gross_pnl, trade.net_pnl, trade.return_pct) == (40.0, 40.0, 4.0)
    assert (trade.exit_reason, trade.is_open, trade.at_end) == ("exit_all", False, False)


def test_excursions_end_with_the_exit() -> None:
    (trade,) = record_of(at_bar(1, BUY) + at_bar(3, "exit_all"), UP).trades
    assert trade.mfe_pct == pytest.approx(6.0)
    assert trade.mae_pct == pytest.approx(-1.0)  # 97 comes after it left at the open of its bar


def test_excursions_of_a_short_are_mirrored() -> None:
    (trade,) = record_of(at_bar(1, emit("entry_short", size_usdt=1000)), UP).trades
    assert trade.mae_pct == pytest.approx(-6.0)
    assert trade.mfe_pct == pytest.approx(3.0)


def test_layers_carry_their_own_profit_and_sum_to_the_trade() -> None:
    blocks = at_bar(1, BUY) + at_bar(2, emit("entry_long", size_usdt=1020))
    blocks += at_bar(3, emit("exit_long", size_pct=0.5, method="lifo")) + at_bar(4, "exit_all")
    record = record_of(blocks, UP)
    (trade,) = record.trades
    first, second = record.layers
    assert (first.entry_price, second.entry_price) == (100.0, 102.0)
    assert (first.quantity, second.quantity) == (10.0, 10.0)
    assert second.pnl_layer == pytest.approx(10 * (104 - 102))
    assert first.pnl_layer == pytest.approx(10 * (98 - 100))
    assert trade.gross_pnl == pytest.approx(first.pnl_layer + second.pnl_layer)
    assert (trade.layers, trade.partial_exits, trade.max_quantity) == (2, 1, 20.0)
    assert (second.exit_bar, first.exit_bar) == (4, 5)


def test_trades_sum_to_the_change_of_equity() -> None:
    blocks = at_bar(0, BUY) + at_bar(2, "exit_all") + at_bar(3, emit("entry_short", size_usdt=500))
    record = record_of(blocks, UP, account=FEES)
    change = record.equity.equity[-1] - 10_000
    assert sum(trade.net_pnl for trade in record.trades) == pytest.approx(change)
    assert record.fees_paid == pytest.approx(sum(fill.fee for fill in record.fills))
    assert record.fees_paid > 0


def test_a_flip_ends_one_trade_and_starts_the_next() -> None:
    blocks = at_bar(1, BUY) + at_bar(3, emit("entry_short", size_usdt=1040))
    record = record_of(blocks, UP, more="position_policy: { allow_flip: true }")
    assert [(t.side, t.exit_reason, t.is_open) for t in record.trades] == [
        ("long", "flip", False), ("short", "", True),
    ]  # fmt: skip
    assert record.trades[1].net_pnl == pytest.approx(10 * (104 - 98))


def test_a_fill_that_crosses_flat_shares_its_fee_between_two_trades() -> None:
    """One execution of 30: 10 close the long, 20 open the short; one fee, shared by quantity."""
    blocks = at_bar(1, BUY) + at_bar(2, emit("place_stop_short", trigger=101, size_usdt=2020))
    more = "position_policy: { allow_flip: true }"
    record = record_of(blocks, UP, more=more, account=f"max_leverage: 3, {FEES}")
    long, short = record.trades
    assert (long.side, long.quantity, long.exit_price) == ("long", 10.0, 101.0)
    assert (short.side, short.quantity, short.entry_price) == ("short", 20.0, 101.0)
    assert long.fees == pytest.approx(1.0 + 1.01)
    assert short.fees == pytest.approx(2.02)


def test_what_was_at_risk_is_the_distance_to_the_first_stop() -> None:
    blocks = at_bar(1, emit("entry_long", size_usdt=1000, stop_loss=96.5))
    blocks += at_bar(3, emit("adjust_stop", price=99))
    (trade,) = record_of(blocks, UP).trades
    assert trade.initial_risk_usdt == pytest.approx(35.0)
    assert trade.exit_reason == "stop_loss"


def test_a_position_at_the_end_is_shown_open_and_valued_at_the_close() -> None:
    record = record_of(at_bar(1, BUY), UP)
    (trade,) = record.trades
    assert (trade.is_open, trade.exit_bar, trade.exit_price) == (True, None, None)
    assert trade.net_pnl == pytest.approx(-20.0)
    (layer,) = record.layers
    assert layer.exit_price is None


def test_closing_at_the_end_is_flagged_and_in_the_last_equity() -> None:
    record = record_of(at_bar(1, BUY), UP, execution="close_at_end: true", account=FEES)
    (trade,) = record.trades
    assert (trade.is_open, trade.at_end, trade.exit_price) == (False, True, 98.0)
    assert record.equity.equity[-1] == pytest.approx(10_000 + trade.net_pnl)
    assert record.equity.position[-1] == 0.0


def test_orders_are_rows_in_their_final_state_with_their_place_in_the_card() -> None:
    blocks = at_bar(1, emit("place_limit_long", price=99, size_usdt=990, ttl_bars=1, order_ref="r",
                            order_group="g"))  # fmt: skip
    rows = flat(100.0, 5)
    (row,) = record_of(blocks, rows).orders
    assert (row.status, row.reason, row.end_bar) == ("expired", "ttl", 2)
    assert (row.order_ref, row.order_group, row.block, row.case) == ("r", "g", "b1", 0)
    text = card_text(blocks).splitlines()
    assert "place_limit_long" in text[row.line - 1]


def test_a_duplicated_execution_is_one_row() -> None:
    run = Run(card_text(at_bar(1, BUY)), UP)
    recorder = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(recorder)
    run.live(3)
    fill = next(event for event in run.events if type(event).__name__ == "OrderFilled")
    run.engine.apply(fill)
    record = recorder.finish([])
    assert len(record.fills) == 1
    assert record.trades[0].quantity == 10.0


def test_refusals_and_rejections_are_rows() -> None:
    rows = [*flat(100.0, 3), *flat(110.0, 3)]
    both = [
        emit("entry_long", size_usdt=5_000),
        emit("place_limit_long", price=99, size_usdt=4_900),
    ]
    blocks = at_bar(1, "exit_all") + at_bar(2, *both)
    record = record_of(blocks, rows)
    assert [(r.code, r.bar, r.block) for r in record.refusals] == [
        ("nothing_to_reduce", 1, "b1"), ("no_margin", 3, "b2"),
    ]  # fmt: skip
    text = card_text(blocks).splitlines()
    assert "exit_all" in text[record.refusals[0].line - 1]


def test_equity_has_one_value_per_bar() -> None:
    columns = record_of(at_bar(1, BUY), UP).equity
    assert len(columns.ts) == len(UP)
    assert list(columns.equity[:2]) == [10_000.0, 10_000.0]
    assert columns.equity[3] == pytest.approx(10_040.0)
    assert list(columns.position) == [0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    assert columns.unrealized[4] == pytest.approx(-20.0)


def test_the_same_events_replayed_give_the_same_record() -> None:
    blocks = at_bar(0, BUY) + at_bar(2, emit("exit_long", size_pct=0.5)) + at_bar(3, "exit_all")
    run = Run(card_text(blocks), UP)
    first = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(first)
    run.live()
    again = Run(card_text(blocks), UP)
    second = Recorder(again.ledger, again.data.exec, again.exchange.paths_of)
    again.engine.listeners.append(second)
    for event in run.events:
        again.engine.apply(event)
    assert second.finish([]) == first.finish([])
