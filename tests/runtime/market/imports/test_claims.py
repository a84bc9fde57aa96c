"""Files of two instruments never become one series: their words and their prices are held together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.errors import DataError
from runtime.market.assemble import Wanted, assemble
from runtime.market.bar_files import BAR_COLUMNS, identity_of, load_bars, write_bars
from runtime.market.frame import Frame
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind
from runtime.market.judging import judge
from runtime.market.timeframe import normalise
from tests.made_bars import moved, scaled, walk
from tests.tools.cli import Ran, run

Capture = pytest.CaptureFixture[str]
BYBIT = Identity(venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m")
CARD = """
name: told
symbol: BTCUSDT
tf: 15m
blocks:
  - id: enter
    cases:
      - when: close > open and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 1000 usdt } }]
"""
STORED = Path("data/imported/ETHUSDT/15m.parquet")
ETH, BTC = walk("ETHUSDT", 3_000.0, count=800), walk("BTCUSDT", 65_000.0, count=800, seed=2)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(frame: Frame, name: str, symbols: list[str] | None = None) -> str:
    """Write bars as CSV, with a column of symbols if there are any."""
    names = ("ts", "open", "high", "low", "close", "volume")
    columns: list[list[object]] = [list(getattr(frame, n)) for n in names]
    head = list(names)
    if symbols is not None:
        head, columns = [*head, "symbol"], [*columns, list(symbols)]
    rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("\n".join([",".join(head), *rows]) + "\n")
    return name


def imported(capsys: Capture, *words: str) -> Ran:
    return run(capsys, ["data", "import", *words])


def stored_eth(capsys: Capture, rows: int = 400) -> None:
    ran = imported(capsys, written(ETH.rows(0, rows), "eth.csv"), "--symbol", "ETHUSDT")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("later", [0, 200])
def test_bars_of_another_symbol_are_never_appended(capsys: Capture, later: int) -> None:
    stored_eth(capsys)
    before = STORED.read_bytes()
    name = written(BTC.rows(400 + later), "next.csv")
    ran = imported(capsys, name, "--symbol", "ETHUSDT", "--append")
    assert ran.code == 1
    assert "not the bars of one instrument" in ran.err
    assert f"There {STORED} ends and next.csv begins" in ran.err
    assert "--as-one" in ran.err
    assert STORED.read_bytes() == before
    assert imported(capsys, name, "--symbol", "ETHUSDT", "--append", "--as-one").code == 0


def test_bars_of_the_same_series_are_appended_without_a_word(capsys: Capture) -> None:
    stored_eth(capsys)
    name = written(ETH.rows(390), "next.csv")
    ran = imported(capsys, name, "--symbol", "ETHUSDT", "--append", "--json")
    assert ran.code == 0, ran.err
    (series,) = json.loads(ran.out)
    assert series["rows"] == 800
    assert series["notes"] == ["next.csv: 10 bars were there already, equal"]
    assert identity_of(STORED).detail == "eth.csv, next.csv"


def test_two_files_of_two_symbols_do_not_become_one_series(capsys: Capture) -> None:
    one, two = written(ETH.rows(0, 400), "a.csv"), written(BTC.rows(400), "b.csv")
    ran = imported(capsys, one, two, "--symbol", "ETHUSDT")
    assert ran.code == 1
    assert "There a.csv ends and b.csv begins" in ran.err
    assert not Path("data").exists()


def test_a_leap_inside_one_file_is_shown_with_what_it_looks_like(capsys: Capture) -> None:
    for factor, words in (
        (1000.0, "as 1000PEPE is to PEPE"),
        (0.5, "of 2 to 1"),
        (7.3, "another ins"),
    ):
        half = ETH.rows(0, 400)
        rest = scaled(ETH.rows(400), factor)
        for row in range(len(rest)):
            half.append(
                rest.ts[row],
                *(rest.column(n)[row] for n in ("open", "high", "low", "close", "volume")),
            )
        ran = imported(capsys, written(half, "mixed.csv"), "--symbol", "ETHUSDT")
        assert ran.code == 1
        assert words in ran.err


def test_bars_of_another_market_do_not_go_on_where_every_bar_opens_at_the_last_close(
    capsys: Capture,
) -> None:
    stored_eth(capsys)
    name = written(scaled(ETH.rows(400), 1.0005), "next.csv")
    ran = imported(capsys, name, "--symbol", "ETHUSDT", "--append")
    assert ran.code == 1
    assert "every other bar opens where the one before closed" in ran.err


def test_a_name_or_a_column_that_says_another_symbol_is_asked_about(capsys: Capture) -> None:
    named = written(BTC, "BTCUSDT-15m.csv")
    told = written(BTC, "told.csv", ["BTC/USDT:USDT"] * len(BTC))
    laid = written(BTC, "old/bybit/BTCUSDT/15m.csv")
    for name in (named, told, laid):
        ran = imported(capsys, name, "--symbol", "ETHUSDT")
        assert ran.code == 1
        assert "--symbol BTCUSDT=ETHUSDT" in ran.err
        assert not Path("data").exists()
    ran = imported(capsys, named, "--symbol", "BTCUSDT=XBTUSDT")
    assert ran.code == 0
    assert Path("data/imported/XBTUSDT/15m.parquet").exists()


def test_a_multiple_or_a_wrapped_coin_is_another_symbol(capsys: Capture) -> None:
    for said in ("1000PEPEUSDT", "WBTCUSDT"):
        asked = {"1000PEPEUSDT": "PEPEUSDT", "WBTCUSDT": "BTCUSDT"}[said]
        ran = imported(capsys, written(BTC, "told.csv", [said] * len(BTC)), "--symbol", asked)
        assert ran.code == 1
        assert f"--symbol {said}={asked}" in ran.err
    for said in ("XBTUSDT", "BTC", "BYBIT:BTCUSDT.P", "BTC-USDT-SWAP"):
        ran = imported(
            capsys, written(BTC, "told.csv", [said] * len(BTC)), "--symbol", "BTCUSDT", "--dry-run"
        )
        assert ran.code == 0, ran.err


def test_what_is_made_up_stays_made_up_wherever_it_is_imported(capsys: Capture) -> None:
    made = replace(BYBIT, venue="synthetic", origin=DataOrigin.MADE_UP)
    write_bars(BTC, Path("made.parquet"), made)
    ran = imported(capsys, "made.parquet", "--symbol", "BTCUSDT", "--venue", "bybit")
    assert ran.code == 1
    assert "leave out --venue" in ran.err
    assert imported(capsys, "made.parquet", "--symbol", "BTCUSDT").code == 0
    assert identity_of(Path("data/synthetic/BTCUSDT/15m.parquet")).origin is DataOrigin.MADE_UP
    Path("data/synthetic/BTCUSDT/funding.csv").write_text("ts,funding_rate\n1709510400000,0.0001\n")
    ran = imported(
        capsys, "data/synthetic/BTCUSDT/funding.csv", "--symbol", "BTCUSDT", "--venue", "bybit"
    )
    assert ran.code == 1


def test_imported_rates_say_so_wherever_they_lie(capsys: Capture) -> None:
    rows = "".join(f"{BTC.ts[0] + n * 28_800_000},0.0001\n" for n in range(9))
    Path("rates.csv").write_text("ts,funding_rate\n" + rows)
    ran = imported(capsys, "rates.csv", "--symbol", "BTCUSDT", "--venue", "bybit")
    assert ran.code == 0, ran.err
    stored = Path("data/bybit/BTCUSDT/funding.csv")
    said = identity_of(stored)
    assert (said.name, said.origin, said.detail) == (
        "bybit:linear:BTCUSDT", DataOrigin.IMPORTED, "rates.csv"
    )  # fmt: skip
    moved_to = Path("other/bybit/ETHUSDT/funding.csv")
    moved_to.parent.mkdir(parents=True)
    stored.rename(moved_to)
    assert identity_of(moved_to).symbol == "BTCUSDT"
    assert "its metadata say BTCUSDT" in judge(moved_to, None, 0).errors[0]
    ran = imported(capsys, str(moved_to), "--venue", "okx")
    assert (ran.code, "leave out --venue" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("column", "cell"),
    [("instId", "ETH-USDT-SWAP"), ("instrument_name", "ETHUSDT"), ("symbol_id", "BYBIT_PERP_ETH_USDT"),
     ("contract", "ETH_USDT"), ("market", "ETHUSDT"), ("currency_pair", "ETH_USDT"), ("s", "ETHUSDT"), ("coin", "ETH"),
     ("asset", "ETH")],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_every_column_that_names_a_coin_is_heard_by_import_and_by_run(
    capsys: Capture, column: str, cell: str, suffix: str
) -> None:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet as pq

    table = pa.table({n: list(getattr(BTC, n)) for n in BAR_COLUMNS})
    table = table.append_column(column, pa.array([cell] * len(BTC)))
    path = Path(f"BTCUSDT_15m.{suffix}")
    (arrow_csv.write_csv if suffix == "csv" else pq.write_table)(table, str(path))
    ran = imported(capsys, str(path), "--venue", "bybit")
    assert (ran.code, "its name says BTCUSDT, it would be stored as ETH" in ran.err) == (1, True)
    for symbol in ("ETHUSDT", "BTCUSDT"):
        graph = compile_card(Source("c.card.yaml", CARD.replace("BTCUSDT", symbol))).graph
        if symbol == "ETHUSDT":
            assert assemble(graph, Wanted(data=path)).exec.symbol == symbol
            continue
        with pytest.raises(DataError, match=r"holds ETH(USDT)? .its own metadata says so"):
            assemble(graph, Wanted(data=path))


def test_a_column_of_markets_names_no_coin_and_two_columns_never_name_two(capsys: Capture) -> None:
    Path("x.csv").write_text(Path(written(BTC, "BTCUSDT_15m.csv")).read_text())
    lines = Path("x.csv").read_text().splitlines()
    for cell in ("linear", "spot", "USDT", "Binance-Futures", "1"):
        rows = [f"{lines[0]},market,s", *(f"{line},{cell},7" for line in lines[1:])]
        Path("BTCUSDT_15m.csv").write_text("\n".join(rows) + "\n")
        ran = imported(capsys, "BTCUSDT_15m.csv", "--dry-run")
        assert (ran.code, "symbol BTCUSDT by the file's name" in ran.out + ran.err) == (0, True), (
            ran
        )
        assert identity_of(Path("BTCUSDT_15m.csv")).symbol == "BTCUSDT"
    rows = [f"{lines[0]},market,symbol", *(f"{line},ETHUSDT,BTCUSDT" for line in lines[1:])]
    Path("BTCUSDT_15m.csv").write_text("\n".join(rows) + "\n")
    ran = imported(capsys, "BTCUSDT_15m.csv")
    assert (ran.code, "`symbol` says BTCUSDT, `market` says ETHUSDT: which is it?" in ran.err) == (
        1,
        True,
    )
    with pytest.raises(DataError, match="which is it"):
        load_bars(Path("BTCUSDT_15m.csv"), "BTCUSDT")


def test_a_word_beside_the_symbol_is_asked_about_and_never_another_coins(capsys: Capture) -> None:
    name = written(BTC, "BTCUSDT_3X_LONG_15m.csv")
    ran = imported(capsys, name, "--venue", "bybit")
    assert (ran.code, "BTCUSDT stands beside `3x long`, which may make it another" in ran.err) == (
        1,
        True,
    )
    ran = imported(capsys, name, "--symbol", "ETHUSDT")
    assert (ran.code, "its name says BTCUSDT, it would be stored as ETHUSDT" in ran.err) == (
        1,
        True,
    )
    assert imported(capsys, name, "--symbol", "BTCUSDT3L", "--dry-run").code == 0
    graph = compile_card(Source("c.card.yaml", CARD)).graph
    notes = assemble(graph, Wanted(data=Path(name))).notes
    assert any("which symbol it holds (BTCUSDT stands beside `3x long`" in note for note in notes)
    other = compile_card(Source("c.card.yaml", CARD.replace("BTCUSDT", "ETHUSDT"))).graph
    with pytest.raises(DataError, match="its name speaks of BTCUSDT, the run is of ETHUSDT"):
        assemble(other, Wanted(data=Path(name)))


def test_marks_are_never_imported_as_trades_nor_trades_as_marks(capsys: Capture) -> None:
    write_bars(BTC, Path("m.parquet"), replace(BYBIT, price=PriceKind.MARK))
    write_bars(BTC, Path("t.parquet"), BYBIT)
    ran = imported(capsys, "m.parquet")
    assert (ran.code, "give --mark" in ran.err) == (1, True)
    ran = imported(capsys, "t.parquet", "--mark")
    assert (ran.code, "leave out --mark" in ran.err) == (1, True)


def test_the_venue_and_market_a_file_states_are_kept(capsys: Capture) -> None:
    write_bars(BTC, Path("t.parquet"), BYBIT)
    for words in (("--venue", "binance"), ("--market", "spot")):
        ran = imported(capsys, "t.parquet", *words)
        assert ran.code == 1
        assert f"leave out {words[0]}" in ran.err
    assert imported(capsys, "t.parquet").code == 0
    assert identity_of(Path("data/bybit/BTCUSDT/15m.parquet")).name == "bybit:linear:BTCUSDT"


def test_a_name_that_says_its_market_is_heard_and_said(capsys: Capture) -> None:
    for name, market, place in (
        ("binance_spot_BTCUSDT_15m.csv", "spot", "imported-spot/BTCUSDT"),
        ("BTCUSD_PERP-15m.csv", "inverse", "imported-inverse/BTCUSD"),
    ):
        ran = imported(capsys, written(BTC, name))
        assert ran.code == 0, ran.err
        assert f"market {market} by the file's name" in ran.out
        assert Path(f"data/{place}/15m.parquet").exists()
    ran = imported(capsys, written(BTC, "BYBIT_BTCUSDT.P, 15.csv"), "--market", "spot", "--dry-run")
    assert "the name says linear, you said spot" in ran.out
    one, two = (
        written(BTC.rows(0, 400), "spot_BTCUSDT.csv"),
        written(BTC.rows(400), "um_BTCUSDT.csv"),
    )
    ran = imported(capsys, one, two)
    assert (ran.code, "more than one market" in ran.err) == (1, True)


def test_an_append_names_where_the_series_lies_if_not_here(capsys: Capture) -> None:
    name = written(ETH, "eth.csv")
    assert imported(capsys, name, "--symbol", "ETHUSDT", "--venue", "bybit").code == 0
    ran = imported(capsys, name, "--symbol", "ETHUSDT", "--append")
    assert ran.code == 1
    assert "data/bybit/ETHUSDT/15m.parquet" in ran.err


def test_a_month_is_never_taken_for_a_minute(capsys: Capture) -> None:
    assert (normalise("1M"), normalise("1m"), normalise("15M")) == (None, "1m", "15m")
    minutes = walk("BTCUSDT", 65_000.0, timeframe="1m")
    ran = imported(capsys, written(minutes, "BTCUSDT-1M-2024.csv"))
    assert (ran.code, "1M (a month)" in ran.err) == (1, True)
    ran = imported(capsys, written(minutes, "BTCUSDT.csv"), "--tf", "1M")
    assert (ran.code, "a minute is 1m" in ran.err) == (2, True)


def test_finer_bars_and_marks_are_stored_only_beside_bars_they_belong_to(capsys: Capture) -> None:
    fine = walk("BTCUSDT", 65_000.0, timeframe="5m", count=900)
    hours = written(coarse(fine, 12), "hours.csv")
    assert imported(capsys, hours, "--symbol", "BTCUSDT").code == 0
    for wrong, words in (
        (scaled(fine, 0.05), "of another symbol, venue or market"),
        (moved(fine, 3_600_000), "They fit when moved by -1 h"),
    ):
        ran = imported(capsys, written(wrong, "fine.csv"), "--symbol", "BTCUSDT")
        assert ran.code == 1
        assert words in ran.err
    assert imported(capsys, written(fine, "fine.csv"), "--symbol", "BTCUSDT").code == 0
    ran = imported(capsys, written(scaled(fine, 0.05), "m.csv"), "--symbol", "BTCUSDT", "--mark")
    assert (ran.code, "not of these bars" in ran.err) == (1, True)
    assert load_bars(Path("data/imported/BTCUSDT/5m.parquet"), "BTCUSDT").frame.close == fine.close


def coarse(fine: Frame, count: int) -> Frame:
    made = walk("BTCUSDT", 1.0, timeframe="1h", count=0)
    for row in range(0, len(fine), count):
        part = fine.rows(row, row + count)
        made.append(
            part.ts[0], part.open[0], max(part.high), min(part.low), part.close[-1],
            round(sum(part.volume), 8),
        )  # fmt: skip
    return made


def test_trades_of_two_instruments_never_become_bars(capsys: Capture) -> None:
    rows = [f"{BTC.ts[0] + i * 1000},{65_000 + i if i % 2 else 3_000 + i},0.5" for i in range(200)]
    Path("trades.csv").write_text("\n".join(["timestamp,price,size", *rows]) + "\n")
    ran = imported(capsys, "trades.csv", "--symbol", "BTCUSDT", "--tf", "1h")
    assert ran.code == 1
    assert "199 of 200 trades leap" in ran.err


def test_a_dated_future_or_a_leveraged_token_is_never_stored_as_a_perpetual(
    capsys: Capture,
) -> None:
    for name, symbol in (
        ("BTCUSDT_260327-15m-2025-10.csv", "BTCUSDT260327"),
        ("BTC3LUSDT_15m.csv", "BTC3LUSDT"),
    ):
        ran = imported(capsys, written(BTC, name), "--venue", "bybit")
        assert ran.code == 0, ran.err
        assert f"{symbol} names no perpetual: market other" in ran.out
        assert Path(f"data/bybit-other/{symbol}/15m.parquet").exists()
        ran = imported(capsys, name, "--symbol", "BTCUSDT")
        assert (ran.code, f"--symbol {symbol}=BTCUSDT" in ran.err) == (1, True)
    told = written(BTC, "told.csv", ["BTC-26DEC25"] * len(BTC))
    assert "market other" in imported(capsys, told, "--dry-run").out
    assert "market other" not in imported(capsys, told, "--market", "inverse", "--dry-run").out


def test_a_name_that_may_mean_another_instrument_asks_for_the_symbol(capsys: Capture) -> None:
    name = written(BTC, "BTCUSDT.S_15m.csv")
    ran = imported(capsys, name)
    assert (ran.code, "nothing tells the symbol" in ran.err) == (1, True)
    assert imported(capsys, name, "--symbol", "BTCUSDT").code == 0


def test_a_name_that_says_another_price_is_heard(capsys: Capture) -> None:
    mark, index = written(BTC, "BTCUSDT-15m-mark.csv"), written(BTC, "BTCUSDT_index_15m.csv")
    ran = imported(capsys, mark)
    assert (ran.code, "its name says mark prices: give --mark" in ran.err) == (1, True)
    for words in ((index,), (index, "--mark")):
        ran = imported(capsys, *words)
        assert (ran.code, "its name says index" in ran.err) == (1, True)
    assert not Path("data").exists()
    assert imported(capsys, mark, "--mark", "--dry-run").code == 0


def test_rows_without_a_symbol_are_never_taken_for_those_that_have_one(capsys: Capture) -> None:
    half = ["BTCUSDT"] * 10 + [""] * (len(BTC) - 10)
    ran = imported(capsys, written(BTC, "half.csv", half))
    assert (ran.code, "the symbol is empty there and in 790 rows" in ran.err) == (1, True)
    assert "12" in ran.err.split("the symbol is empty")[0]  # its line, below the names
    several = ["BTCUSDT"] * 700 + ["ETHUSDT"] * 90 + [""] * 10
    name = written(BTC, "several.csv", several)
    ran = imported(capsys, name, "--symbol", "BTCUSDT", "--dry-run")
    assert ran.code == 0, ran.err
    assert "10 rows without a symbol left out" in ran.out
    silent = written(BTC, "BTCUSDT_15m.csv", [""] * len(BTC))
    assert "symbol BTCUSDT by the file's name" in imported(capsys, silent, "--dry-run").out
