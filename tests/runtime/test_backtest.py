"""A whole run: what it refuses to start, what it says about itself, what a flipped path is worth."""

from __future__ import annotations

from array import array

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import lacking_funding, missing_bars, run_backtest
from runtime.errors import DataError
from runtime.market.bar_files import load_bars
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from tests.data_files import ROOT, shared
from tests.strategies.runs import MINUTE, SMALL, at_bar, card_text, emit, flat, frame

ROWS = flat(100.0, 6)
BUY = emit("entry_long", size_usdt=1000, stop_loss=98, take_profit=102)


def test_a_run_needs_bars_of_the_cards_timeframe_and_symbol() -> None:
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY))))
    with pytest.raises(DataError, match="no bars"):
        run_backtest(card, MarketData(exec=frame([])), SMALL)
    with pytest.raises(DataError, match="runs on 1m bars, the data are 5m"):
        run_backtest(card, MarketData(exec=Frame("TESTUSDT", "5m", 5 * MINUTE, *_columns())), SMALL)
    with pytest.raises(DataError, match="with the instrument facts of BTCUSDT"):
        run_backtest(card, MarketData(exec=frame(ROWS)), instrument_for("BTCUSDT"))


def _columns() -> tuple[object, ...]:
    made = frame(ROWS)
    return made.ts, made.open, made.high, made.low, made.close, made.volume


def test_a_run_says_what_it_lacks() -> None:
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY))))
    data = MarketData(exec=frame(ROWS), synthetic=True)
    said = run_backtest(card, data, SMALL).warnings
    for part in ("no mark prices", "no funding rates", "synthetic", "as of 2026-11-23"):
        assert any(part in line for line in said), part
    assert not any("stays 0" in line for line in said)
    complete = MarketData(exec=frame(ROWS), mark=frame(ROWS), funding=FundingSeries())
    said = run_backtest(card, complete, SMALL).warnings
    assert not any("no mark" in line or "no funding" in line for line in said)


def test_a_card_that_counts_fundings_is_told_where_there_are_none() -> None:
    text = card_text(at_bar(1, BUY).replace("bar_index == 1", "fundings_since_entry == 0"))
    card = compile_card(Source("test.yaml", text))
    for funding, told in ((None, True), (FundingSeries(), False)):
        said = run_backtest(card, MarketData(exec=frame(ROWS), funding=funding), SMALL).warnings
        assert (
            any("`fundings_since_entry`, which the card reads, stays 0" in line for line in said)
            is told
        )


def test_warm_up_is_stated() -> None:
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY).replace(
        "bar_index == 1", "close > close[3]"))))  # fmt: skip
    assert card.warmup_bars == 4
    said = run_backtest(card, MarketData(exec=frame(ROWS)), SMALL).warnings
    assert "the first 3 bars warm up what the card reads" in said
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY).replace(
        "bar_index == 1", "close > close[1]"))))  # fmt: skip
    said = run_backtest(card, MarketData(exec=frame(ROWS)), SMALL).warnings
    assert "the first bar warms up what the card reads" in said


@pytest.mark.parametrize(
    ("anchor", "day", "word"),
    [("D", 0, ""), ("D", 0.5, "day"), ("W", 0, "week"), ("W", 4, ""), ("M", 0, ""), ("M", 4, "month")],
)  # fmt: skip
def test_what_began_before_the_first_bar_is_said_to_be_unknown(
    anchor: str, day: float, word: str
) -> None:
    """1970-01-01 was a Thursday: the first of its month, no Monday."""
    when = f"close > session_open({anchor})"
    card = compile_card(
        Source("test.yaml", card_text(at_bar(1, BUY).replace("bar_index == 1", when)))
    )
    bars = frame(ROWS)
    for row in range(len(bars)):
        bars.ts[row] += round(day * 86_400_000)
    said = run_backtest(card, MarketData(exec=bars), SMALL).warnings
    told = [line for line in said if "counted by the" in line]
    assert len(told) == bool(word)
    assert all(f"counted by the {word}, and one that began" in line for line in told)


def test_missing_bars_are_counted_and_nothing_fills_in_the_hole() -> None:
    bars = frame(flat(100.0, 3))
    bars.append(8 * MINUTE, 90, 91, 89, 90, 1e6)
    assert missing_bars(MarketData(exec=bars)) == 5
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY))))
    record = run_backtest(card, MarketData(exec=bars), SMALL)
    assert any(line.startswith("5 bars are missing") for line in record.warnings)
    assert record.trades[0].exit_price == 90.0  # the first real bar, not the stop at 98


@pytest.mark.parametrize(
    ("hours", "lacking"),
    [((8, 16, 24, 32), 0), ((8, 32), 2), ((8,), 0), ((), 0), ((8, 12, 16, 20), 0), ((80, 104), 0)],
)
def test_funding_times_that_a_series_lacks_inside_a_run_are_said(
    hours: tuple[int, ...], lacking: int
) -> None:
    hour = 60 * MINUTE
    funding = FundingSeries(
        array("q", [h * hour for h in hours]), array("d", [0.0001] * len(hours))
    )
    bars = Frame("BTCUSDT", "1h", hour)
    for row in range(40):
        bars.append(row * hour, 100, 101, 99, 100, 1e6)
    data = MarketData(exec=bars, funding=funding)
    assert lacking_funding(data, instrument_for("BTCUSDT")) == lacking
    blocks = at_bar(1, BUY)
    text = card_text(blocks).replace("TESTUSDT", "BTCUSDT").replace("tf: 1m", "tf: 1h")
    card = compile_card(Source("test.yaml", text))
    said = run_backtest(card, data, instrument_for("BTCUSDT")).warnings
    assert any("funding times" in line for line in said) is bool(lacking)


def test_a_contested_bar_is_priced_the_other_way_too() -> None:
    rows = [*flat(100.0, 2), (100, 100, 100, 100), (100, 103, 97, 101), *flat(101.0, 2)]
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY))))
    record = run_backtest(card, MarketData(exec=frame(rows)), SMALL)
    assert (record.ambiguity.count, record.ambiguity.bars) == (1, [3])
    assert record.trades[0].net_pnl == pytest.approx(-20.0)  # a green bar goes low first
    assert record.ambiguity.pnl_if_flipped == pytest.approx(20.0)
    plain = run_backtest(card, MarketData(exec=frame(rows)), SMALL, flip=False)
    assert plain.ambiguity.pnl_if_flipped is None
    assert plain.trades == record.trades


def test_progress_ends_at_the_total() -> None:
    seen: list[tuple[int, int]] = []
    card = compile_card(Source("test.yaml", card_text(at_bar(1, BUY))))
    run_backtest(card, MarketData(exec=frame(ROWS)), SMALL, progress=lambda *at: seen.append(at))
    assert seen == [(0, 6), (6, 6)]


def test_the_seeds_card_trades_on_recorded_bars_and_adds_up() -> None:
    path = shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet")
    bars = load_bars(path, "BTCUSDT").frame
    card = ROOT / "cards" / "gallery" / "zone_scalper_v1.yaml"
    source = Source(card.name, card.read_text(encoding="utf-8"))
    compiled = compile_card(source)
    record = run_backtest(
        compiled, MarketData(exec=bars), instrument_for("BTCUSDT"), flip=False, source=source
    )
    assert len(record.equity.ts) == len(bars)
    assert len(record.trades) > 100
    change = record.equity.equity[-1] - 10_000
    assert sum(trade.net_pnl for trade in record.trades) == pytest.approx(change)
    assert {row.block for row in record.orders if row.role == "entry"} <= {
        "post_breakout_entry", "scale_in",
    }  # fmt: skip
    lines = source.text.splitlines()
    assert all("place_limit_long" in lines[o.line - 1] for o in record.orders if o.role == "entry")


def test_funding_reaches_the_trade_and_the_total() -> None:
    card = compile_card(
        Source("test.yaml", card_text(at_bar(1, emit("entry_long", size_usdt=1000))))
    )
    series = FundingSeries(array("q", [4 * MINUTE]), array("d", [0.001]))
    record = run_backtest(card, MarketData(exec=frame(ROWS), funding=series), SMALL)
    assert record.funding_paid == pytest.approx(1.0)
    assert record.trades[0].funding == pytest.approx(1.0)
    assert record.equity.equity[-1] == pytest.approx(9_999.0)


def test_a_liquidation_is_counted_and_ends_the_trade() -> None:
    entry = at_bar(0, emit("entry_long", size_usdt=50_000))
    account = "max_leverage: 10, starting_equity_usdt: 10000"
    rows = [*flat(100.0, 3), (100, 100, 80, 85), *flat(85.0, 2)]
    card = compile_card(Source("test.yaml", card_text(entry, account=account)))
    record = run_backtest(card, MarketData(exec=frame(rows)), SMALL)
    assert record.liquidations == 1
    assert record.trades[0].exit_reason == "liquidation"
    assert record.trades[0].net_pnl == pytest.approx(-5_000.0)
