"""What a run is given beside its bars is of their instrument, on their clock, in their scale, or it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.errors import DataError
from runtime.market.alike import check_fine, check_marks, find_leaps, seam_fault
from runtime.market.assemble import Wanted, assemble
from runtime.market.bar_files import load_bars, write_bars
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import DataOrigin, Identity, Market, Stated
from runtime.market.instrument_table import custom_instrument
from runtime.market.judging import judge
from runtime.market.plausible import unused_grid
from runtime.market.resample import resample
from runtime.market.store import Request, choose_series, list_series
from runtime.market.timeframe import TIMEFRAMES
from tests.data_files import shared
from tests.made_bars import moved, scaled, walk

HOUR = 3_600_000
CARD = """
name: alike
symbol: BTCUSDT
tf: 15m
features:
  - { type: ema, id: slow, params: { length: 20 } }
  - { type: ema, id: other, symbol: ETHUSDT, params: { length: 20 } }
blocks:
  - id: enter
    cases:
      - when: close > slow and other > 0 and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 1000 usdt } }]
  - id: leave
    cases:
      - when: close < slow and position_side == long
        emit: [exit_all]
"""
ALONE = CARD.replace("  - { type: ema, id: other, symbol: ETHUSDT, params: { length: 20 } }\n", "").replace(
    " and other > 0", ""
)  # fmt: skip
IDENTITY = Identity(venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m")
FINE = walk("BTCUSDT", 65_000.0, timeframe="5m", count=1_800)
BARS = resample(FINE, "15m", TIMEFRAMES["15m"])
HOURS = resample(FINE, "1h", TIMEFRAMES["1h"])


def given(tmp_path: Path, card: str = ALONE, **files: Path) -> MarketData:
    """Assemble a run on a nameless file of bars and what lies beside it."""
    path = tmp_path / "BTCUSDT_15m.parquet"
    write_bars(BARS, path)
    graph = compile_card(Source("alike.card.yaml", card)).graph
    return assemble(graph, Wanted(data=path, **files))  # type: ignore[arg-type]


def put(tmp_path: Path, frame: Frame, name: str = "side.parquet") -> Path:
    path = tmp_path / name
    write_bars(frame, path)
    return path


def rates(tmp_path: Path, name: str, *, phase: int = 0, symbol: str = "") -> Path:
    path = tmp_path / name
    start = BARS.ts[0] + phase
    rows = [f"{start + i * 8 * HOUR},{0.0001 + i * 1e-6:.6f},{symbol}" for i in range(19)]
    path.write_text("\n".join(["ts,funding_rate,symbol", *rows]) + "\n")
    return path


def test_finer_bars_that_make_the_bars_are_taken(tmp_path: Path) -> None:
    data = given(tmp_path, fine=put(tmp_path, FINE, "BTCUSDT_5m.parquet"))
    assert data.fine is not None
    assert not any("make" in note or "volumes" in note for note in data.notes)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: scaled(FINE, 0.05), "of another symbol, venue or market"),
        (lambda: scaled(FINE, 1.0005), "of another symbol, venue or market"),
        (lambda: moved(FINE, HOUR), "They fit when moved by -1 h"),
        (lambda: moved(FINE, 300_000), "They fit when moved by -5 min"),
        (
            lambda: walk("BTCUSDT", 65_000.0, timeframe="5m", count=1_800, seed=9),
            "of another symbol",
        ),
    ],
)
def test_finer_bars_of_another_symbol_market_or_clock_are_refused(
    tmp_path: Path, wrong: Callable[[], Frame], words: str
) -> None:
    with pytest.raises(DataError, match=words) as refused:
        given(tmp_path, fine=put(tmp_path, wrong()))
    assert "15m bars are not what the 5m bars" in str(refused.value)


def test_a_slip_of_the_finer_bars_is_counted_and_shown_not_refused(tmp_path: Path) -> None:
    fine = FINE.rows(0)
    fine.high[31] = fine.high[31] * 1.01
    data = given(tmp_path, fine=put(tmp_path, fine))
    assert any("1 of 600 15m bars are not what the 5m bars" in note for note in data.notes)


def test_volumes_of_finer_bars_in_another_unit_are_said(tmp_path: Path) -> None:
    data = given(tmp_path, fine=put(tmp_path, scaled(FINE, 0.5, "volume")))
    assert any("volumes of the finer bars are not those of 600 of 600" in n for n in data.notes)


def test_finer_bars_with_holes_have_to_lie_inside_the_bars() -> None:
    some = Frame("BTCUSDT", "5m", FINE.interval_ms)
    for row in range(0, len(FINE), 2):
        some.append(
            FINE.ts[row], *(FINE.column(n)[row] for n in ("open", "high", "low", "close", "volume"))
        )
    assert check_fine(some, BARS, "some") == ()
    with pytest.raises(DataError, match="not what the 5m bars"):
        check_fine(scaled(some, 1.01), BARS, "some")


@pytest.mark.parametrize("hours", [-8, -1, 1, 3])
def test_marks_on_another_clock_are_refused_with_the_move_that_fits(
    tmp_path: Path, hours: int
) -> None:
    with pytest.raises(DataError, match=rf"They fit when moved by \{-hours:+d} h"):
        given(tmp_path, mark=put(tmp_path, moved(scaled(HOURS, 1.0001), hours * HOUR)))


def test_what_is_named_by_another_symbol_is_not_taken(tmp_path: Path) -> None:
    for what, path in (
        ("mark", put(tmp_path, HOURS, "ETHUSDT_mark_1h.parquet")),
        ("fine", put(tmp_path, FINE, "ETHUSDT_5m.parquet")),
        ("funding", rates(tmp_path, "bybit_funding_ETHUSDT.csv")),
        ("funding", rates(tmp_path, "told.csv", symbol="ETH-USDT")),
    ):
        with pytest.raises(DataError, match=r"holds ETHUSDT .* the bars are BTCUSDT"):
            given(tmp_path, **{what: path})


def test_rates_that_nobody_names_or_of_other_hours_are_said(tmp_path: Path) -> None:
    assert any(
        "nothing in f.csv says whose funding" in n
        for n in given(tmp_path, funding=rates(tmp_path, "f.csv")).notes
    )
    late = given(tmp_path, funding=rates(tmp_path, "BTCUSDT_funding.csv", phase=3 * HOUR))
    assert any("settled 03:00 after 00:00 UTC and every 8 h" in note for note in late.notes)
    right = given(tmp_path, funding=rates(tmp_path, "BTCUSDT_funding.csv"))
    assert not any("settled" in note or "whose" in note for note in right.notes)


def test_a_symbol_column_is_heard_in_every_kind_of_file(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = put(tmp_path, BARS)
    table = pq.read_table(path)
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    pq.write_table(table.append_column("symbol", pa.array(["ETH/USDT"] * len(BARS))), path)
    with pytest.raises(DataError, match="holds ETHUSDT"):
        assemble(graph, Wanted(data=path))
    two = ["BTCUSDT"] * 300 + ["ETHUSDT"] * (len(BARS) - 300)
    pq.write_table(table.append_column("symbol", pa.array(two)), path)
    with pytest.raises(DataError, match="holds 2 symbols"):
        load_bars(path, "BTCUSDT")


def test_rows_without_a_symbol_beside_rows_that_have_one_are_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import feather

    path = put(tmp_path, BARS)
    table = pq.read_table(path)
    for blank in (None, "", " ", "nan"):
        cells = pa.array(["BTCUSDT"] * 5 + [blank] * (len(BARS) - 5))
        pq.write_table(table.append_column("symbol", cells), path)
        with pytest.raises(DataError, match=r"row 5: `symbol` is empty there .* say BTCUSDT"):
            load_bars(path, "BTCUSDT")
    pq.write_table(table.append_column("symbol", pa.array([""] * len(BARS))), path)
    assert len(load_bars(path, "BTCUSDT").frame) == len(
        BARS
    )  # a column without a word says nothing
    pair = table.append_column("symbol", pa.array(["BTCUSDT"] * len(BARS)))
    pq.write_table(pair.append_column("ticker", pa.array(["ETH"] * len(BARS))), path)
    with pytest.raises(DataError, match="`symbol` says BTCUSDT, `ticker` says ETH: which"):
        load_bars(path, "BTCUSDT")
    pq.write_table(pair.append_column("ticker", pa.array(["BTC"] * len(BARS))), path)
    assert len(load_bars(path, "BTCUSDT").frame) == len(BARS)
    named = tmp_path / "BTCUSDT_15m.feather"
    cells = pa.array(["ETHUSDT"] * len(BARS))
    feather.write_feather(table.append_column("symbol", cells), named, compression="uncompressed")
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    with pytest.raises(DataError, match="holds ETHUSDT"):
        assemble(graph, Wanted(data=named))


def test_a_leap_of_the_price_is_said_in_the_result(tmp_path: Path) -> None:
    bars = BARS.rows(0, 300)
    for row in range(300, len(BARS)):
        bars.append(
            BARS.ts[row], *(BARS.column(n)[row] / 25 for n in ("open", "high", "low", "close")), 1.0
        )
    path = tmp_path / "BTCUSDT_15m.parquet"
    write_bars(bars, path)
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    assert any("the price leaps" in note for note in assemble(graph, Wanted(data=path)).notes)


def stored(store: Path, frame: Frame, folder: str, identity: Identity | None = None) -> Path:
    path = store / folder / f"{frame.timeframe}.parquet"
    write_bars(frame, path, identity)
    return path


def test_two_files_that_say_one_series_are_never_chosen_between(tmp_path: Path) -> None:
    one = stored(tmp_path, BARS, "bybit/BTCUSDT", IDENTITY)
    ask = Request(symbol="BTCUSDT", timeframes=["15m"])
    (tmp_path / "alias").symlink_to(tmp_path / "bybit")
    assert len(list_series(tmp_path)) == 1
    found = choose_series(tmp_path, ask)
    assert found is not None
    assert found.path.resolve() == one.resolve()
    stored(tmp_path, scaled(BARS, 2.0), "old/BTCUSDT", IDENTITY)
    with pytest.raises(DataError, match="2 files say that they are bybit:linear:BTCUSDT"):
        choose_series(tmp_path, ask)


def test_a_file_in_the_folder_of_another_symbol_does_not_take_what_lies_there(
    tmp_path: Path,
) -> None:
    stored(tmp_path, BARS, "bybit/ETHUSDT", IDENTITY)
    with pytest.raises(DataError, match="lies where symbol ETHUSDT belongs"):
        choose_series(tmp_path, Request(symbol="BTCUSDT", timeframes=["15m"]))


def test_one_file_is_never_two_symbols(tmp_path: Path) -> None:
    stored(tmp_path, BARS, "bybit/BTCUSDT")
    stored(tmp_path, BARS, "bybit/ETHUSDT")
    graph = compile_card(Source("alike.card.yaml", CARD)).graph
    with pytest.raises(DataError, match="the very bars that are traded as BTCUSDT"):
        assemble(graph, Wanted(data=tmp_path))


def test_bars_of_an_inverse_contract_are_said(tmp_path: Path) -> None:
    inverse = replace(IDENTITY, market=Market.INVERSE)
    stored(tmp_path, BARS, "bybit-inverse/BTCUSDT", inverse)
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    notes = assemble(graph, Wanted(data=tmp_path)).notes
    assert any("settled in the coin" in note for note in notes)


def test_check_holds_bars_of_two_lengths_against_each_other(tmp_path: Path) -> None:
    coarse = stored(tmp_path, BARS, "bybit/BTCUSDT")
    stored(tmp_path, FINE, "bybit/BTCUSDT")
    now = BARS.close_time(-1)
    assert judge(coarse, None, now).errors == ()
    stored(tmp_path, scaled(FINE, 1.001), "bybit/BTCUSDT")
    (error,) = judge(coarse, None, now).errors
    assert "600 of 600 15m bars are not what the 5m bars" in error


def test_prices_on_a_coarser_grid_than_the_tick_are_said() -> None:
    ten = custom_instrument("BTCUSDT", 0.001, 0.001)
    assert "all prices step by 0.01, the tick of BTCUSDT is 0.001" in str(
        unused_grid(BARS, 0.01, ten)
    )
    assert unused_grid(BARS, 0.01, custom_instrument("BTCUSDT", 0.01, 0.001)) is None
    assert unused_grid(BARS.rows(0, 20), 0.01, ten) is None


RECORDED = {
    "bybit_perp_BTCUSDT_5m_20250924_20260721": (
        "bybit_perp_BTCUSDT_15m_20250924_20260721", "bybit_perp_BTCUSDT_4h_20250924_20260721"
    ),
    "bybit_perp_WIFUSDT_1m_20250423_20250524": ("bybit_perp_WIFUSDT_15m_20250423_20250524",),
    "binance_spot_XRPETH_1m_20191011_20191013": ("binance_spot_XRPETH_5m_20191011_20191013",),
    "bybit_perp_BTCUSDT_1m_trade_20221213": (), "bybit_perp_ETHUSDT_15m_20250924_20260721": (),
    "fx_EURUSD_1h_backtestingpy_2017_2018": (), "stock_GOOG_1d_2004_2013": (),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_bars_raise_no_alarm(name: str) -> None:
    frame = load_bars(shared(f"data/{name}.parquet"), "X").frame
    assert find_leaps(frame) == []
    half = len(frame) // 2
    assert seam_fault(frame.rows(0, half), frame.rows(half)) is None
    for other in RECORDED[name]:
        bars = load_bars(shared(f"data/{other}.parquet"), "X").frame
        assert check_fine(frame, bars, name) == ()


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT"])
def test_recorded_marks_are_on_the_clock_of_their_bars(symbol: str) -> None:
    bars = load_bars(
        shared(f"data/bybit_perp_{symbol}_15m_20250924_20260721.parquet"), symbol
    ).frame
    path = shared(f"data/bybit_perp_{symbol}_1h_mark_20250924_20260721.parquet")
    mark = load_bars(path, symbol, has_volume=False).frame
    assert check_marks(mark, bars, symbol)
    with pytest.raises(DataError, match="at another time"):
        check_marks(moved(mark, HOUR), bars, symbol)


def test_made_up_rates_in_a_made_up_folder_make_the_run_made_up(tmp_path: Path) -> None:
    folder = tmp_path / "synthetic" / "BTCUSDT"
    folder.mkdir(parents=True)
    path = tmp_path / "bars.parquet"
    write_bars(BARS, path, replace(IDENTITY, origin=DataOrigin.DOWNLOADED))
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    data = assemble(graph, Wanted(data=path, funding=rates(folder, "funding.csv")))
    assert data.synthetic


def downloaded(path: Path, **changes: str) -> None:
    """Write the bars as a download would, but for what is changed of their identity."""
    known = replace(IDENTITY, origin=DataOrigin.DOWNLOADED, **changes)  # type: ignore[arg-type]
    write_bars(BARS, path, known)


def test_bars_in_one_folder_never_say_whose_the_rates_beside_them_are(tmp_path: Path) -> None:
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    bars = tmp_path / "z.parquet"
    downloaded(bars)
    for others in ({}, {"symbol": "ETHUSDT"}):
        downloaded(tmp_path / "a.parquet", **others)
        data = assemble(graph, Wanted(data=bars, funding=rates(tmp_path, "funding.csv")))
        assert any("nothing in funding.csv says whose funding" in note for note in data.notes)
        assert data.sides["funding"].identity.stated is Stated.NOBODY


def test_rates_in_a_folder_whose_bars_are_of_another_series_are_refused_or_said(
    tmp_path: Path,
) -> None:
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    folder = tmp_path / "bybit" / "BTCUSDT"
    folder.mkdir(parents=True)
    bars, wanted = tmp_path / "bars.parquet", rates(folder, "funding.csv")
    downloaded(bars)
    downloaded(folder / "15m.parquet")
    right = assemble(graph, Wanted(data=bars, funding=wanted))
    assert right.sides["funding"].identity.name == "bybit:linear:BTCUSDT"
    downloaded(folder / "1h.parquet", venue="binance")
    doubtful = assemble(graph, Wanted(data=bars, funding=wanted))
    assert any("1h.parquet beside it says it is binance" in note for note in doubtful.notes)
    assert not doubtful.sides["funding"].identity.is_sure
    downloaded(folder / "1h.parquet", symbol="ETHUSDT")
    with pytest.raises(DataError, match=r"1h\.parquet beside it says it is bybit:linear:ETHUSDT"):
        assemble(graph, Wanted(data=bars, funding=wanted))


def test_rates_of_another_venue_by_their_folder_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "binance" / "BTCUSDT"
    folder.mkdir(parents=True)
    bars = tmp_path / "bars.parquet"
    downloaded(bars)
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    data = assemble(graph, Wanted(data=bars, funding=rates(folder, "funding.csv")))
    assert "the funding are of binance, the bars of bybit" in data.notes


def test_rates_of_two_symbols_in_one_column_are_refused(tmp_path: Path) -> None:
    path = rates(tmp_path, "told.csv", symbol="BTCUSDT")
    lines = path.read_text().splitlines()
    for other, said in (("ETHUSDT", "holds 2 symbols"), ("", "row 12: `symbol` is empty")):
        turned = [line.replace("BTCUSDT", other) for line in lines[13:]]
        path.write_text("\n".join([*lines[:13], *turned]) + "\n")
        with pytest.raises(DataError, match=said):
            given(tmp_path, funding=path)


def test_rates_beside_made_up_bars_are_made_up(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    bars = tmp_path / "bars.parquet"
    downloaded(bars)
    write_bars(BARS, folder / "x.parquet", replace(IDENTITY, origin=DataOrigin.MADE_UP))
    graph = compile_card(Source("alike.card.yaml", ALONE)).graph
    assert assemble(graph, Wanted(data=bars, funding=rates(folder, "funding.csv"))).synthetic
