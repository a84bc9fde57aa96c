"""Fill models against every trade: what must hold of any honest comparison."""

from __future__ import annotations

import pytest

from runtime.market.bar_files import load_bars, slice_frame
from runtime.market.frame import Frame
from runtime.orders.order_spec import Side
from tests.data_files import shared
from tools.tick_truth import QUEUE_SHARE, Resting, Score, Trades, compare, read_trades, table, truth


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    frame: Frame = load_bars(
        shared("data/binance_spot_XRPETH_5m_20191011_20191013.parquet"), "X", "5m"
    ).frame
    trades = read_trades(shared("data/ticks_binance_spot_XRPETH_20191011_20191013.parquet"))
    return compare(slice_frame(frame, None, frame.ts[200]), trades)


def test_truth_counts_what_trades_beyond_and_half_of_what_trades_at_the_price() -> None:
    trades = Trades([0, 1, 2, 4_000_000], [100, 99, 101, 90], [10.0, 3.0, 50.0, 99.0])
    order = Resting(Side.BUY, 100 * 1e-8, 1_000, 0)
    assert truth(trades, order) == 10 * QUEUE_SHARE + 3
    assert truth(trades, Resting(Side.BUY, 100 * 1e-8, 4, 0)) == 4
    assert truth(trades, Resting(Side.SELL, 100 * 1e-8, 1_000, 0)) == 10 * QUEUE_SHARE + 50


def test_a_bar_model_never_fills_where_nothing_traded(scores: dict[str, Score]) -> None:
    assert scores["touch"].orders > 1_000
    assert all(score.only_model <= score.orders * 0.01 for score in scores.values())


def test_models_stand_in_the_order_of_their_optimism(scores: dict[str, Score]) -> None:
    quantity = {name: score.model_quantity for name, score in scores.items()}
    assert quantity["touch"] >= quantity["through"]
    assert quantity["touch"] >= quantity["conservative"]
    assert quantity["queue"] >= quantity["volume_weighted"]
    assert (scores["touch"].recall or 0) >= (scores["through"].recall or 0)


def test_the_table_names_every_model(scores: dict[str, Score]) -> None:
    text = table(scores)
    assert all(f"| {name} |" in text for name in scores)
