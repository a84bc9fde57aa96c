"""A file of bars is what it says it is, or what was asked for where it says nothing; never both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.errors import DataError
from runtime.market.assemble import Wanted, assemble
from runtime.market.bar_files import write_bars
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind, Stated
from runtime.market.resample import resample
from runtime.market.timeframe import TIMEFRAMES
from tests.made_bars import walk

CARD = """
name: agreed
symbol: BTCUSDT
tf: 15m
blocks:
  - id: enter
    cases:
      - when: close > open and position_side == flat
        emit: [{ action: entry_long, metadata: { size: 1000 usdt } }]
"""
BYBIT = Identity(
    venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="15m",
    origin=DataOrigin.DOWNLOADED,
)  # fmt: skip
FINE = walk("BTCUSDT", 65_000.0, timeframe="5m", count=900)
BARS = resample(FINE, "15m", TIMEFRAMES["15m"])


def asked(
    path: Path, venue: str | None = None, market: Market | None = None, **files: Path
) -> MarketData:
    """Assemble a run on one file of bars with the venue and market a person asked for."""
    graph = compile_card(Source("agreed.card.yaml", CARD)).graph
    return assemble(graph, Wanted(data=path, venue=venue, market=market, **files))  # type: ignore[arg-type]


def stored(path: Path, identity: Identity | None) -> Path:
    write_bars(BARS, path, identity)
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"venue": "binance"}, "of venue bybit .*you asked for binance"),
        ({"market": Market.SPOT}, "of market linear .*you asked for spot"),
        ({"venue": "bybit", "market": Market.INVERSE}, "of market linear"),
        ({"venue": "bybit-testnet"}, "of venue bybit "),
    ],
)
def test_a_file_of_another_venue_or_market_than_was_asked_for_is_refused(
    tmp_path: Path, words: dict[str, str], said: str
) -> None:
    placed = tmp_path / "bybit" / "BTCUSDT" / "15m.parquet"
    for path, identity in ((tmp_path / "b.parquet", BYBIT), (placed, None)):
        with pytest.raises(DataError, match=said):
            asked(stored(path, identity), **words)  # type: ignore[arg-type]


def test_what_is_made_up_is_never_a_venue_s(tmp_path: Path) -> None:
    made = replace(BYBIT, venue="synthetic", origin=DataOrigin.MADE_UP)
    for path, identity in (
        (tmp_path / "b.parquet", made),
        (tmp_path / "synthetic" / "BTCUSDT" / "15m.parquet", None),
    ):
        with pytest.raises(DataError, match=r"of venue synthetic .*you asked for bybit"):
            asked(stored(path, identity), "bybit")
        with pytest.raises(DataError, match=r"of market linear .*you asked for spot"):
            asked(path, market=Market.SPOT)


def test_what_a_file_says_and_what_was_asked_agree_without_a_word(tmp_path: Path) -> None:
    path = stored(tmp_path / "b.parquet", BYBIT)
    data = asked(path, "bybit", Market.LINEAR)
    assert data.identity == BYBIT
    assert data.notes == asked(path).notes


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("b.parquet", None),
        ("BTCUSDT_15m.parquet", None),
        ("mine/BTCUSDT/15m.parquet", None),
        ("b.parquet", replace(BYBIT, venue="imported", origin=DataOrigin.IMPORTED)),
    ],
)
def test_where_the_file_says_nothing_it_is_what_was_asked_and_the_result_says_so(
    tmp_path: Path, name: str, identity: Identity | None
) -> None:
    data = asked(stored(tmp_path / name, identity), "binance", Market.SPOT)
    assert data.identity is not None
    assert (data.identity.venue, data.identity.market) == ("binance", Market.SPOT)
    assert data.identity.stated is Stated.PERSON
    assert any("you said" in note for note in data.notes)


def test_a_market_that_was_said_when_it_was_imported_is_what_the_file_says(tmp_path: Path) -> None:
    spot = replace(BYBIT, venue="imported", market=Market.SPOT, origin=DataOrigin.IMPORTED)
    path = stored(tmp_path / "b.parquet", spot)
    with pytest.raises(DataError, match=r"of market spot .*you asked for linear"):
        asked(path, "bybit", Market.LINEAR)


def test_a_name_that_says_another_venue_or_market_is_said(tmp_path: Path) -> None:
    path = stored(tmp_path / "binance_spot_BTCUSDT_15m.parquet", None)
    notes = asked(path, "bybit", Market.LINEAR).notes
    assert "the name of binance_spot_BTCUSDT_15m.parquet says binance; you said bybit" in notes
    assert "the name of binance_spot_BTCUSDT_15m.parquet says spot; you said linear" in notes


def test_marks_are_never_traded_nor_walked_through_as_finer_bars(tmp_path: Path) -> None:
    bars = stored(tmp_path / "b.parquet", BYBIT)
    for name, identity in (
        ("m.parquet", replace(BYBIT, price=PriceKind.MARK)),
        ("bybit/BTCUSDT/mark_15m.parquet", None),
        ("BTCUSDT_mark_15m.parquet", None),
    ):
        path = stored(tmp_path / name, identity)
        with pytest.raises(DataError, match="holds mark prices"):
            asked(path)
        write_bars(FINE, path, identity)
        with pytest.raises(DataError, match="holds mark prices"):
            asked(bars, fine=path)
    assert asked(stored(tmp_path / "BTCUSDT_market_15m.parquet", None)).identity is not None


def test_an_index_is_neither_traded_nor_a_mark(tmp_path: Path) -> None:
    bars = stored(tmp_path / "b.parquet", BYBIT)
    for name in ("BTCUSDT_index_15m.parquet", "indexPriceKlines/BTCUSDT-15m.parquet"):
        path = stored(tmp_path / name, None)
        with pytest.raises(DataError, match="its file name says index: nothing trades at it"):
            asked(path)
        with pytest.raises(DataError, match="says index, which is no mark price"):
            asked(bars, mark=path)
        write_bars(FINE, path)
        with pytest.raises(DataError, match="its file name says index"):
            asked(bars, fine=path)


def test_what_a_file_says_itself_is_stronger_than_a_word_in_its_name(tmp_path: Path) -> None:
    path = stored(tmp_path / "BTCUSDT_index_15m.parquet", BYBIT)
    assert asked(path).identity == BYBIT


def test_bars_that_say_they_hold_traded_prices_are_no_marks(tmp_path: Path) -> None:
    bars = stored(tmp_path / "b.parquet", BYBIT)
    with pytest.raises(
        DataError, match=r"its own metadata says it holds traded prices.*Leave --mark"
    ):
        asked(bars, mark=bars)
    marks = stored(tmp_path / "m.parquet", replace(BYBIT, price=PriceKind.MARK))
    assert asked(bars, mark=marks).mark is not None


def test_the_bars_themselves_are_no_finer_bars(tmp_path: Path) -> None:
    """They would be walked by `direction`, and the result would say it knew the way inside them."""
    bars = stored(tmp_path / "b.parquet", BYBIT)
    with pytest.raises(DataError, match="15m bars are no finer than the bars of the card"):
        asked(bars, fine=bars)


def test_finer_bars_are_walked_through_as_the_card_asks(tmp_path: Path) -> None:
    def through(timeframe: str, fine: Frame) -> MarketData:
        write_bars(fine, tmp_path / "fine.parquet", replace(BYBIT, timeframe=fine.timeframe))
        write_bars(resample(fine, "15m", TIMEFRAMES["15m"]), tmp_path / "b.parquet", BYBIT)
        text = f"{CARD}execution: {{ intrabar: magnify, magnify_tf: {timeframe} }}\n"
        graph = compile_card(Source("agreed.card.yaml", text)).graph
        return assemble(graph, Wanted(data=tmp_path / "b.parquet", fine=tmp_path / "fine.parquet"))

    taken = through("5m", FINE).fine
    assert taken is not None
    assert taken.close == FINE.close
    with pytest.raises(DataError, match="finer bars are of 5m; the card walks through 1m"):
        through("1m", FINE)
    with pytest.raises(
        DataError, match=r"`execution\.magnify_tf` is 1h, which is no finer than 15m"
    ):
        through("1h", FINE)
    minutes = walk("BTCUSDT", 65_000.0, timeframe="1m", count=900)
    made = through("5m", minutes)
    assert made.fine is not None
    assert made.fine.close == resample(minutes, "5m", TIMEFRAMES["5m"]).close
    assert any("walked through as 5m" in note for note in made.notes)


def test_a_dated_future_is_not_traded_as_the_perpetual(tmp_path: Path) -> None:
    path = stored(tmp_path / "BTCUSDT_260327-15m.parquet", None)
    with pytest.raises(DataError, match="holds BTCUSDT260327"):
        asked(path)
    bars = stored(tmp_path / "b.parquet", BYBIT)
    write_bars(FINE, path)
    with pytest.raises(DataError, match="holds BTCUSDT260327"):
        asked(bars, fine=path)
