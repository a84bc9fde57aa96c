"""Instrument facts by hand, by file, beside the bars: each is used, and each says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.errors import DataError
from runtime.market.identity import Identity, Market
from runtime.market.instrument_table import INSTRUMENTS, custom_instrument, instrument_for
from tools.commands.data import command
from tools.feeds import Feeds
from tools.instrument_file import NAME, read_instrument, stored_instrument, write_instrument


def _write(folder: Path, text: str) -> Path:
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("symbol", sorted(INSTRUMENTS))
def test_facts_written_are_the_facts_read(symbol: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    facts = replace(instrument_for(symbol), source="bybit")
    write_instrument(path, facts)
    assert replace(read_instrument(path, symbol), source="bybit") == facts


def test_a_file_that_is_no_text_is_no_file_of_facts(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    path.write_bytes(b"PAR1\x15\x04\xff\xfe")
    with pytest.raises(DataError, match=r"bars.parquet: byte 6 is not UTF-8 text"):
        read_instrument(path, "BTCUSDT")


@pytest.mark.parametrize(("tick", "lot"), [(0.1, 1e-320), (1e-300, 1.0), (1e300, 1.0), (0.0, 1.0)])
def test_a_grid_that_no_venue_has_is_refused(tick: float, lot: float) -> None:
    with pytest.raises(DataError, match="must be positive, from 1e-15 to 1e"):
        custom_instrument("BTCUSDT", tick, lot)


def test_tick_and_lot_are_enough_and_said_to_be_typed_in(tmp_path: Path) -> None:
    facts = read_instrument(_write(tmp_path, "instrument: { tick: 0.0001, lot: 1 }\n"), "APEUSDT")
    assert (facts.symbol, facts.tick, facts.lot) == ("APEUSDT", 0.0001, 1.0)
    assert facts.is_typed_in
    assert facts.source == NAME


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("instrument: { tick: 0.1 }", "`tick` and `lot` are needed"),
        ("instrument: { tick: 0.1, lot: 0 }", "`lot` must be a positive number, found `0`"),
        ("instrument: { tick: abc, lot: 1 }", "`tick` must be a positive number, found `abc`"),
        ("instrument: { tick: 0.1, lot: 1, tik: 2 }", "unknown fact `tik`"),
        ("instrument: { symbol: ETHUSDT, tick: 0.1, lot: 1 }", "facts of ETHUSDT, the run is of"),
        ("instrument: { tick: 0.1, lot: 1, tiers: [[1, 2]] }", "a tier is"),
        ("instrument: [", "cannot be read"),
        ("[1]", "expected `instrument:"),
    ],
)
def test_a_file_that_cannot_be_facts_says_what_is_wrong(
    text: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=says.replace("[", r"\[")):
        read_instrument(_write(tmp_path, text), "BTCUSDT")


def test_facts_beside_the_bars_come_before_the_table_and_after_the_hand(tmp_path: Path) -> None:
    folder = tmp_path / "bybit" / "BTCUSDT"
    folder.mkdir(parents=True)
    _write(folder, "instrument: { tick: 0.5, lot: 0.01 }\n")
    assert Feeds(data=tmp_path).instrument("BTCUSDT").tick == 0.5
    assert Feeds(data=tmp_path, grid=(0.25, 0.01)).instrument("BTCUSDT").tick == 0.25
    assert Feeds(data=tmp_path).instrument("ETHUSDT") == instrument_for("ETHUSDT")
    second = tmp_path / "other" / "BTCUSDT"
    second.mkdir(parents=True)
    _write(second, "instrument: { tick: 0.5, lot: 0.01 }\n")
    with pytest.raises(DataError, match="facts of several venues"):
        stored_instrument(tmp_path, "BTCUSDT")


def test_bars_of_one_venue_are_not_traded_on_the_facts_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "bybit" / "BTCUSDT"
    folder.mkdir(parents=True)
    _write(folder, "instrument: { tick: 0.5, lot: 0.01 }\n")

    def of(venue: str, market: Market) -> Identity:
        return Identity(venue=venue, market=market, symbol="BTCUSDT", timeframe="15m")

    feeds, table = Feeds(data=tmp_path), instrument_for("BTCUSDT")
    assert feeds.instrument("BTCUSDT", of("bybit", Market.LINEAR)).tick == 0.5
    assert feeds.instrument("BTCUSDT", of("bybit", Market.SPOT)) == table
    assert feeds.instrument("BTCUSDT", of("binance", Market.LINEAR)) == table


def test_a_file_is_believed_only_where_it_says_whose_facts_they_are(tmp_path: Path) -> None:
    tiers = "tick: 0.5, lot: 0.01, source: me, tiers: [[1000000, 0.01, 50]]"
    hand = read_instrument(_write(tmp_path, f"instrument: {{ {tiers} }}\n"), "BTCUSDT")
    whose = f"instrument: {{ {tiers}, venue: bybit, market: linear }}\n"
    assert hand.is_typed_in
    assert not read_instrument(_write(tmp_path, whose), "BTCUSDT").is_typed_in


def test_facts_are_fetched_from_a_venue_and_used_beside_the_bars(tmp_path: Path) -> None:
    from tools.fakebybit.server import serving
    from tools.fakebybit.settings import Settings
    from tools.fakebybit.venue import Venue

    with serving(Venue(Settings(start_ms=1_700_000_040_000))) as venue:
        done = CliRunner().invoke(
            command,
            ["instruments", "BTCUSDT", "--endpoint", venue.http, "--store", str(tmp_path)],
        )
    assert done.exit_code == 0, done.output
    facts = Feeds(data=tmp_path).instrument("BTCUSDT")
    table = instrument_for("BTCUSDT")
    assert (facts.tick, facts.lot, facts.min_lots) == (table.tick, table.lot, table.min_lots)
    assert facts.source == f"bybit instruments-info and risk-limit, {NAME}"
    assert not facts.is_typed_in
    rates = [tier.maintenance_margin_rate for tier in facts.tiers]
    assert rates == sorted(rates)
    assert len(rates) > 1
