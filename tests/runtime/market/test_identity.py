"""Data say what they are: two series are never taken for one another, silence is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.errors import DataError
from runtime.market.assemble import Wanted, assemble
from runtime.market.bar_files import identity_of, load_bars, write_bars
from runtime.market.data import FundingSeries, MarketData
from runtime.market.file_names import from_name
from runtime.market.frame import Frame
from runtime.market.identity import (
    DataOrigin,
    Identity,
    Market,
    PriceKind,
    Stated,
    from_place,
    parse_series,
)
from runtime.market.instrument_table import custom_instrument, instrument_for
from runtime.market.plausible import (
    check_funding,
    check_grid,
    check_mark,
    is_last,
    price_step,
)
from runtime.market.store import Request, choose_series, store_path
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from tests.data_files import shared

BYBIT = Identity(
    venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m",
    origin=DataOrigin.DOWNLOADED, detail="public klines",
)  # fmt: skip
CARD = """
name: identity
symbol: BTCUSDT
tf: 15m
features:
  - { type: ema, id: slow, params: { length: 50 } }
blocks:
  - id: enter
    cases:
      - when: close > slow and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 1000 usdt } }]
  - id: leave
    cases:
      - when: close < slow and position_side == long
        emit: [exit_all]
"""


def _program() -> Program:
    return compile_card(Source("identity.card.yaml", CARD))


def _market(bars: int = 400, seed: int = 3) -> MarketData:
    return synthetic_market(SyntheticSpec(bars=bars, seed=seed))


def _stored(store: Path, identity: Identity, seed: int = 3) -> Path:
    path = store_path(store, identity.venue, identity.symbol, identity.timeframe, identity.market)
    write_bars(_market(seed=seed).exec, path, identity)
    return path


def test_a_written_series_says_what_it_is_wherever_it_is_moved(tmp_path: Path) -> None:
    path = tmp_path / "renamed.parquet"
    write_bars(_market().exec, path, BYBIT)
    assert identity_of(path) == BYBIT


def test_a_series_of_an_unknown_file_is_told_by_its_place_or_its_name() -> None:
    placed = from_place(Path("data/bybit-spot/BTCUSDT/1h.parquet"))
    assert placed is not None
    assert (placed.name, placed.stated) == ("bybit:spot:BTCUSDT", Stated.PLACE)
    mark = from_place(Path("data/bybit/BTCUSDT/mark_1h.parquet"))
    assert mark is not None
    assert mark.price is PriceKind.MARK
    assert from_place(Path("downloads/btc/1h.parquet")) is None
    for name, symbol in (
        ("BTCUSDT-1h-2024-12.csv", "BTCUSDT"), ("Binance_ETHUSDT_1h.csv", "ETHUSDT"),
        ("BTC_USDT-1h.feather", "BTCUSDT"), ("bybit_perp_WIFUSDT_1m.parquet", "WIFUSDT"),
        ("bars.csv", ""),
    ):  # fmt: skip
        assert from_name(Path(name)).symbol == symbol


def test_two_venues_of_one_symbol_are_never_silently_chosen(tmp_path: Path) -> None:
    _stored(tmp_path, BYBIT)
    spot = replace(BYBIT, venue="binance", market=Market.SPOT)
    _stored(tmp_path, spot, seed=4)
    ask = Request(symbol="BTCUSDT", timeframes=["15m"])
    with pytest.raises(DataError) as refused:
        choose_series(tmp_path, ask)
    assert "--venue binance --market spot (15m)" in str(refused.value)
    assert "--venue bybit --market linear (15m)" in str(refused.value)
    for identity in (BYBIT, spot):
        found = choose_series(tmp_path, replace(ask, venue=identity.venue))
        assert found is not None
        assert found.identity == identity
    data = assemble(_program().graph, Wanted(data=tmp_path, market=Market.SPOT))
    assert data.identity == spot


def test_two_markets_of_one_venue_are_two_series(tmp_path: Path) -> None:
    _stored(tmp_path, BYBIT)
    _stored(tmp_path, replace(BYBIT, market=Market.SPOT), seed=4)
    with pytest.raises(DataError, match="of 2 different markets"):
        assemble(_program().graph, Wanted(data=tmp_path))


def test_a_card_does_not_run_on_the_bars_of_another_symbol(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    write_bars(_market().exec, path, replace(BYBIT, symbol="ETHUSDT"))
    for given in (False, True):  # its own metadata win over what a person believes
        with pytest.raises(DataError, match=r"holds ETHUSDT .* --symbol ETHUSDT"):
            assemble(_program().graph, Wanted(data=path, symbol_given=given))


def test_a_name_is_weaker_than_a_person_and_silence_is_said(tmp_path: Path) -> None:
    named = tmp_path / "ETHUSDT_15m.parquet"
    write_bars(_market().exec, named)
    with pytest.raises(DataError, match="holds ETHUSDT"):
        assemble(_program().graph, Wanted(data=named))
    data = assemble(_program().graph, Wanted(data=named, symbol_given=True))
    assert any("you said BTCUSDT" in note for note in data.notes)
    silent = tmp_path / "bars.parquet"
    write_bars(_market().exec, silent)
    data = assemble(_program().graph, Wanted(data=silent))
    assert any("nothing in bars.parquet says" in note for note in data.notes)


def test_made_up_marks_never_pass_for_real_ones(tmp_path: Path) -> None:
    made = _market()
    assert made.mark is not None
    bars, mark = tmp_path / "btc.parquet", tmp_path / "mark.parquet"
    write_bars(made.exec, bars, BYBIT)
    synthetic = replace(BYBIT, venue="synthetic", origin=DataOrigin.MADE_UP, price=PriceKind.MARK)
    write_bars(made.mark, mark, synthetic)
    data = assemble(_program().graph, Wanted(data=bars, mark=mark))
    assert data.synthetic
    assert any("are made up, so the run is" in note for note in data.notes)


def test_side_series_come_from_the_venue_of_the_bars(tmp_path: Path) -> None:
    made = _market()
    assert made.mark is not None
    _stored(tmp_path, BYBIT)
    other = store_path(tmp_path, "synthetic", "BTCUSDT", "mark_15m")
    write_bars(made.mark, other, replace(BYBIT, venue="synthetic", price=PriceKind.MARK))
    data = assemble(_program().graph, Wanted(data=tmp_path))
    assert data.mark is None
    assert not data.synthetic


def test_a_series_is_named_by_venue_market_and_symbol() -> None:
    assert parse_series("BTCUSDT") == (None, None, "BTCUSDT")
    assert parse_series("bybit:BTCUSDT") == ("bybit", None, "BTCUSDT")
    assert parse_series("bybit:spot:BTCUSDT") == ("bybit", Market.SPOT, "BTCUSDT")
    for bad in ("bybit:swap:BTCUSDT", "a:b:c:d", ":BTCUSDT", "bybit:"):
        with pytest.raises(DataError):
            parse_series(bad)


# ---------------------------------------------------------------- plausibility


def _frame(prices: list[float], volume: float = 1.0) -> Frame:
    frame = Frame("BTCUSDT", "15m", 900_000)
    for row, price in enumerate(prices):
        frame.append(row * 900_000, price, price, price, price, volume)
    return frame


def test_prices_off_the_tick_are_refused_with_their_own_step() -> None:
    fine = _frame([0.5731, 0.5742, 0.5733])
    with pytest.raises(DataError, match=r"12 of 12 prices .* tick 0\.01 .* --tick 0\.0001"):
        check_grid(fine, custom_instrument("BTCUSDT", 0.01, 1.0))
    check_grid(fine, custom_instrument("BTCUSDT", 0.0001, 1.0))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_recorded_bars_lie_on_the_grid_of_the_table(symbol: str) -> None:
    path = shared(f"data/bybit_perp_{symbol}_15m_20250924_20260721.parquet")
    frame = load_bars(path, symbol).frame
    check_grid(frame, instrument_for(symbol))
    assert price_step(frame) == instrument_for(symbol).tick


@pytest.mark.parametrize(
    ("prices", "step"),
    [([100.0, 101.0], 1.0), ([0.25, 0.5], 0.05), ([1e-8, 3e-8], 1e-8), ([100.5], 0.5)],
)
def test_a_suggested_tick_is_read_off_the_prices_own_decimals(
    prices: list[float], step: float
) -> None:
    assert price_step(_frame(prices)) == pytest.approx(step)


def test_marks_of_another_market_are_refused_and_their_own_are_not() -> None:
    bars = _frame([100.0 + i % 7 for i in range(300)])
    near = _frame([(100.0 + i % 7) * (1.001 if i != 40 else 0.9) for i in range(300)])
    check_mark(near, bars, "mark.parquet")  # one spike is a spike
    with pytest.raises(DataError, match=r"apart by 50\.00% in the median"):
        check_mark(_frame([(100.0 + i % 7) * 1.5 for i in range(300)]), bars, "mark.parquet")


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_recorded_marks_and_funding_are_plausible(symbol: str) -> None:
    from runtime.market.bar_files import read_funding

    bars = load_bars(shared(f"data/bybit_perp_{symbol}_15m_20250924_20260721.parquet"), symbol)
    mark = load_bars(
        shared(f"data/bybit_perp_{symbol}_1h_mark_20250924_20260721.parquet"), symbol,
        has_volume=False,
    )  # fmt: skip
    check_mark(mark.frame, bars.frame, "mark")
    check_funding(read_funding(shared(f"data/bybit_funding_{symbol}_20250924_20260721.csv")), "f")


def test_funding_in_percent_is_refused() -> None:
    series = FundingSeries()
    series.ts.extend(range(10))
    series.rate.extend([0.01] * 9 + [0.02])
    with pytest.raises(DataError, match="divide percentages by 100"):
        check_funding(series, "funding.csv")


def test_a_few_high_rates_say_nothing_about_the_unit() -> None:
    series = FundingSeries()
    series.ts.append(0)
    series.rate.append(0.01)
    check_funding(series, "funding.csv")


# ---------------------------------------------------------------- warm-up


def test_bars_before_the_start_warm_up_and_are_not_traded() -> None:
    program, data = _program(), _market(600)
    instrument = instrument_for("BTCUSDT")
    whole = run_backtest(program, replace(data), instrument, flip=False)
    warm = run_backtest(program, replace(data, first=200), instrument, flip=False)
    cold = run_backtest(program, replace(data, exec=data.exec.rows(200)), instrument, flip=False)
    start = data.exec.ts[200]
    assert len(warm.equity.ts) == len(cold.equity.ts) == 400
    assert min(order.created_bar for order in warm.orders) < 50 <= program.warmup_bars
    assert min(order.created_bar for order in cold.orders) >= program.warmup_bars - 1
    assert all(order.created_ts > start for order in warm.orders)
    # From the first bar on which both are flat, a warm run is the whole run.
    entries = {o.created_ts: o.created_bar for o in warm.orders if o.role == "entry"}
    same = [o for o in whole.orders if o.role == "entry" and o.created_ts in entries]
    assert len(same) >= len(entries) - 1
    assert all(o.created_bar - 200 == entries[o.created_ts] for o in same)
    assert any("200 bars before the first traded one warmed up" in w for w in warm.warnings)


def test_a_start_keeps_the_earlier_bars_unless_cold(tmp_path: Path) -> None:
    _stored(tmp_path, BYBIT)
    start = _market().exec.ts[100]
    graph = _program().graph
    warm = assemble(graph, Wanted(data=tmp_path, start=start))
    assert (len(warm.exec), warm.first, len(warm.traded().exec)) == (400, 100, 300)
    cold = assemble(graph, Wanted(data=tmp_path, start=start, cold=True))
    assert (len(cold.exec), cold.first) == (300, 0)
    assert warm.traded().exec.ts == cold.exec.ts


# ---------------------------------------------------------------- what is missing is said


def test_holes_and_bars_without_volume_of_every_feed_are_said(tmp_path: Path) -> None:
    card = CARD.replace(
        "blocks:", "  - { type: ema, id: eth, symbol: ETHUSDT, params: { length: 3 } }\nblocks:"
    ).replace("close > slow", "close > slow and eth > 0")
    graph = compile_card(Source("two.card.yaml", card)).graph
    _stored(tmp_path, BYBIT)
    other = _market(seed=9).exec
    holed = Frame("ETHUSDT", "15m", 900_000)
    for row in (*range(100), *range(110, 400)):
        bar = other.bar(row)
        quiet = 0.0 if row == 50 else bar.volume
        holed.append(other.ts[row], bar.open, bar.high, bar.low, bar.close, quiet)
    identity = replace(BYBIT, symbol="ETHUSDT")
    write_bars(holed, store_path(tmp_path, "bybit", "ETHUSDT", "15m"), identity)
    notes = assemble(graph, Wanted(data=tmp_path)).notes
    assert any("10 bars of ETHUSDT 15m are missing in 1 hole;" in note for note in notes)
    assert any("1 bars of ETHUSDT 15m had no volume" in note for note in notes)


def test_marks_that_close_with_no_bar_cannot_be_compared() -> None:
    bars = _frame([100.0 + i % 7 for i in range(300)])
    beside = Frame(bars.symbol, bars.timeframe, bars.interval_ms)
    for row, ts in enumerate(bars.ts):
        beside.append(ts + 1, 100.0, 101.0, 99.0, bars.close[row], 1.0)
    assert check_mark(bars, bars, "mark.parquet")
    assert not check_mark(beside, bars, "mark.parquet")


def test_traded_prices_passed_as_marks_are_known_for_what_they_are() -> None:
    bars = _frame([100.0 + i % 7 for i in range(300)])
    assert is_last(bars, bars)
    other = _frame([100.0 + i % 7 for i in range(300)])
    other.high[40] += 0.5
    assert not is_last(other, bars), "a mark goes its own way at least once"
    coarse = Frame(bars.symbol, bars.timeframe, 4 * bars.interval_ms)
    for row in range(0, 300, 4):
        coarse.append(bars.ts[row], 1.0, 200.0, 1.0, bars.close[row + 3], 1.0)
    assert is_last(coarse, bars)
    beside = Frame(bars.symbol, bars.timeframe, bars.interval_ms)
    beside.append(bars.ts[0] + 1, 100.0, 101.0, 99.0, 100.0, 1.0)
    assert not is_last(beside, bars), "nothing to compare is no proof"


def test_a_run_says_that_its_marks_are_the_traded_prices(tmp_path: Path) -> None:
    path = _stored(tmp_path, BYBIT)
    graph = _program().graph
    silent = tmp_path / "silent.csv"
    frame = load_bars(path, "BTCUSDT").frame
    rows = zip(frame.ts, frame.open, frame.high, frame.low, frame.close, strict=True)
    text = "\n".join(",".join(map(str, row)) for row in rows)
    silent.write_text(f"ts,open,high,low,close\n{text}\n")
    alike = assemble(graph, Wanted(data=path, mark=silent))
    assert any("are the traded prices themselves" in note for note in alike.notes)
    assert not any("are the traded prices" in n for n in assemble(graph, Wanted(data=path)).notes)
