"""How orders fared: counted on two limits, one stop and their fills, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runtime.market.frame import Frame
from runtime.records.rows import FillRow, OrderRow, RunRecord
from runtime.reports.limit_metrics import limit_metrics
from tests.runtime.reports.made_up_run import FIRST_TS, INTERVAL, made_up_run

ORDER = OrderRow(
    order_id="a", order_ref=None, order_group=None, role="entry", side="buy", effect="open",
    order_type="limit", status="filled", reason="", quantity=2.0, filled=2.0, limit_price=100.0,
    trigger_price=None, avg_fill_price=100.0, decision_price=101.0, time_in_force="gtc",
    ttl_bars=None, created_bar=0, created_ts=0, first_fill_bar=3, last_fill_bar=3, end_bar=3,
    end_ts=3, parent_id=None, block="b", case=0, line=1,
)  # fmt: skip
FILL = FillRow(
    execution_id="x", order_id="a", order_ref=None, role="entry", side="buy", bar=0, ts=0, path=0.0,
    quantity=2.0, price=100.0, notional=200.0, fee=0.0, is_maker=True, slippage=0.0, reason="",
    closed_lots=0, realized=0.0, position_after=2.0,
)  # fmt: skip


def frame() -> Frame:
    bars = Frame("BTCUSDT", "15m", INTERVAL)
    for index in range(8):
        close = 100.0 - index
        bars.append(FIRST_TS + index * INTERVAL, close, close, close, close, 1.0)
    return bars


def record() -> RunRecord:
    orders = [
        ORDER,
        replace(ORDER, order_id="b", status="expired", filled=1.0, first_fill_bar=1),
        replace(ORDER, order_id="c", status="cancelled", filled=0.0, first_fill_bar=None),
        replace(ORDER, order_id="d", role="stop_loss", order_type="stop_market", side="sell"),
        replace(ORDER, order_id="e", order_type="market", decision_price=100.0),
    ]
    fills = [
        FILL,
        replace(FILL, order_id="e", is_maker=False, price=100.5, notional=100.5, slippage=0.5),
    ]
    made = RunRecord(orders=orders, fills=fills)
    made.equity.equity = [1_000.0] * 8
    made.equity.position = made.equity.used_margin = [0.0] * 8
    return made


def test_limit_orders_are_counted_by_their_end() -> None:
    values = limit_metrics(record(), frame(), 1_000.0)
    assert values["limit_orders_placed"] == 3
    assert values["limit_orders_filled"] == 1
    assert values["limit_orders_expired"] == 1
    assert values["limit_orders_cancelled"] == 1
    assert values["limit_orders_partly_filled"] == 1
    assert values["fill_ratio_pct"] == pytest.approx(200 / 3)
    assert values["quantity_fill_ratio_pct"] == 50.0
    assert values["partial_ratio_pct"] == 50.0
    assert values["mean_bars_to_fill"] == 2.0


def test_adverse_selection_is_positive_when_price_moves_against_the_fill() -> None:
    values = limit_metrics(record(), frame(), 1_000.0)
    assert values["adverse_selection_1_bps"] == pytest.approx(100.0)
    assert values["adverse_selection_5_bps"] == pytest.approx(500.0)
    assert values["adverse_selection_20_bps"] is None  # the data end before


def test_adverse_selection_of_a_sell_is_mirrored() -> None:
    made = record()
    made.fills[0] = replace(FILL, side="sell")
    assert limit_metrics(made, frame(), 1_000.0)["adverse_selection_1_bps"] == pytest.approx(-100.0)


def test_slippage_is_measured_against_the_deciding_close() -> None:
    values = limit_metrics(record(), frame(), 1_000.0)
    better, worse = -1 / 101 * 1e4 * 200.0, 0.5 / 100 * 1e4 * 100.5
    assert values["slippage_vs_decision_bps"] == pytest.approx((better + worse) / 300.5)
    assert values["taker_slippage_bps"] == pytest.approx(0.5 / 100.5 * 1e4)
    assert values["maker_share_pct"] == pytest.approx(200 / 300.5 * 100)
    assert values["turnover_x"] == pytest.approx(0.3005)


def test_a_limit_that_the_market_was_past_is_counted_as_one_that_took() -> None:
    made = record()
    assert limit_metrics(made, frame(), 1_000.0)["limit_orders_took_at_once"] == 0
    made.fills[0] = replace(FILL, is_maker=False)
    made.fills.append(replace(FILL, is_maker=False, execution_id="again"))  # of the same order
    assert limit_metrics(made, frame(), 1_000.0)["limit_orders_took_at_once"] == 1


def test_without_orders_every_ratio_is_undefined() -> None:
    values = limit_metrics(RunRecord(), frame(), 1_000.0)
    assert all(value is None or value == 0 for value in values.values())
    for name in ("fill_ratio_pct", "partial_ratio_pct", "maker_share_pct", "sqn", "kelly_pct"):
        assert values[name] is None


def test_every_placed_limit_has_one_end() -> None:
    run = made_up_run(bars=3_000, trades=200)
    values = limit_metrics(run.record, run.data.exec, 10_000.0)
    ends = ("filled", "expired", "cancelled", "rejected", "working")
    assert values["limit_orders_placed"] == sum(values[f"limit_orders_{end}"] for end in ends)  # type: ignore[misc]
