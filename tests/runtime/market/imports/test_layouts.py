"""Every layout of the table is read from its example to the very bars it was written from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from runtime.errors import DataError
from runtime.market.imports.containers import Part, open_parts
from runtime.market.imports.layouts import WITH_HEADER, WITHOUT_HEADER, ColumnRole, Layout
from runtime.market.imports.read import Asked, Understood, understand
from runtime.market.imports.sources import open_source
from runtime.market.symbol_cells import plain

EXAMPLES = Path(__file__).parent / "examples"
LAYOUTS = (*WITH_HEADER, *WITHOUT_HEADER)
DAILY = {"investing.csv", "yahoo.csv", "coinmarketcap.csv", "nasdaq.csv"}
HOUR = 3_600_000
# Files that name every column, or whose names say enough: they need no layout.
PLAIN = {
    "tradingview.csv", "tradingview_average.csv", "kaiko.csv", "truth.csv", "yahoo_chart.json", "barchart.csv",
    "cryptodatadownload_ampm.csv", "ibkr.csv", "nasdaq.csv", "metastock.txt", "dydx.json", "bitfinex_header.csv",
    "alpha_vantage.json", "german.csv", "spanish.csv",
}  # fmt: skip
# What has to be said of a file, as its refusal says.
SAID = {
    "bitmex.csv": {"closes": True},
    "ninjatrader.Last.txt": {"closes": True},
    "tradestation.txt": {"closes": True, "has_volume": False, "dayfirst": False},
    "tradestation_vol.txt": {"closes": True, "dayfirst": False},
    "coinmarketcap.csv": {"has_volume": False},
    "barchart.csv": {"dayfirst": False},
}
TO_TYPE = {"closes": "--stamp close", "has_volume": "--no-volume", "dayfirst": "--monthfirst"}


def read(name: str, asked: Asked | None = None) -> Understood:
    (part,) = open_parts(str(EXAMPLES / name), io.BytesIO())
    said = SAID.get(name, {})
    asked = asked or Asked(symbol="BTCUSDT", timeframe=_timeframe(name), **said)
    return understand(open_source(part), part.path, asked)


def _timeframe(name: str) -> str | None:
    return "1h" if "trades" in name or "agg" in name else None


def rows(table: object) -> list[tuple[float, ...]]:
    names = ("ts", "open", "high", "low", "close", "volume")
    return list(zip(*(table.column(n).to_pylist() for n in names), strict=True))  # type: ignore[attr-defined]


def truth(name: str) -> list[tuple[float, ...]]:
    with (EXAMPLES / name).open(newline="") as handle:
        return [
            (int(r["ts"]), *(float(r[n]) for n in ("open", "high", "low", "close", "volume")))
            for r in csv.DictReader(handle)
        ]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda known: known.example)
def test_every_layout_is_read_to_the_bars_its_example_was_written_from(layout: Layout) -> None:
    assert_is_true(read(layout.example), layout.example, layout.name)


def assert_is_true(found: Understood, example: str, layout: str) -> None:
    expected = truth("truth_days.csv" if example in DAILY else "truth.csv")
    assert found.layout == layout
    assert found.timeframe == ("1d" if example in DAILY else "1h")
    got = rows(found.table)
    assert [row[:5] for row in got] == [row[:5] for row in expected]
    has_volume = SAID.get(example, {}).get("has_volume", True)
    volumes = [row[5] if has_volume else 0.0 for row in expected]
    assert [row[5] for row in got] == pytest.approx(volumes, rel=1e-7)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_plain_names_need_no_layout(name: str) -> None:
    assert_is_true(read(name), name, "plain names")


@pytest.mark.parametrize(
    ("name", "word"), [(name, word) for name, said in SAID.items() for word in said]
)
def test_what_a_file_does_not_tell_is_asked_for_with_what_to_type(name: str, word: str) -> None:
    rest = {said: value for said, value in SAID[name].items() if said != word}
    with pytest.raises(DataError, match=TO_TYPE[word]):
        read(name, Asked(symbol="BTCUSDT", **rest))


def test_a_line_under_the_table_is_left_out_and_said() -> None:
    assert any("Downloaded from Barchart.com" in note for note in read("barchart.csv").notes)
    text = (EXAMPLES / "barchart.csv").read_text()
    head, first, *others = text.splitlines()
    between = "\n".join((head, first, "Page 2", *others))
    part = Part("b.csv", Path("BTCUSDT.csv"), text=between.encode())
    with pytest.raises(DataError, match="line 4"):
        understand(open_source(part), part.path, Asked(dayfirst=False))


def test_an_amount_beside_a_volume_is_asked_about_unless_one_proves_the_other() -> None:
    """`amount` is the turnover here, the volume there: contracts times the price are neither."""
    text = "time,open,close,high,low,vol,amount\n" + "".join(
        f"{1_709_510_400 + i * 3600},100,101,102,99,{v},{v * 0.1}\n"
        for i, v in enumerate((5, 7, 9))
    )
    part = Part("mexc.csv", Path("BTCUSDT.csv"), text=text.encode())
    with pytest.raises(DataError, match="which is the volume in base units"):
        understand(open_source(part), part.path, Asked())


def test_trades_counted_in_contracts_are_refused_unless_the_size_is_named() -> None:
    text = (EXAMPLES / "okx_trades.csv").read_text().replace("BTC-USDT", "BTC-USDT-SWAP")
    part = Part("t.csv", Path("t.csv"), text=text.encode())
    with pytest.raises(DataError, match="counts contracts"):
        understand(open_source(part), part.path, Asked(timeframe="1h"))
    asked = Asked(timeframe="1h", columns="size=size")
    assert understand(open_source(part), part.path, asked).symbol == "BTCUSDT"


def test_zones_that_times_name_themselves_are_not_contradicted() -> None:
    with pytest.raises(DataError, match="US/Eastern by their own words"):
        read("ibkr.csv", Asked(symbol="BTCUSDT", zone="Europe/Berlin"))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("coinbase_BTC-USDT_adv.csv", "BTCUSDT"), ("yahoo_ETH-USD_days.csv", "ETHUSD"), ("btc_usdt.csv", "BTCUSDT")],
)  # fmt: skip
def test_a_venue_in_a_files_name_is_no_part_of_the_symbol(name: str, symbol: str) -> None:
    part = Part(name, Path(name), text=(EXAMPLES / "truth.csv").read_bytes())
    assert understand(open_source(part), part.path, Asked()).symbol == symbol


def test_a_venue_beside_a_coin_names_no_symbol() -> None:
    part = Part(
        "kraken_BTC.csv", Path("kraken_BTC.csv"), text=(EXAMPLES / "truth.csv").read_bytes()
    )
    with pytest.raises(DataError, match="give --symbol"):
        understand(open_source(part), part.path, Asked())


def test_every_example_belongs_to_a_layout_and_no_two_layouts_share_one() -> None:
    named = [layout.example for layout in LAYOUTS]
    assert len(set(named)) == len(named)
    assert {p.name for p in EXAMPLES.iterdir()} == set(named) | PLAIN | {"truth_days.csv"}


def test_fingerprints_hold_plain_names_and_roles_have_one_place() -> None:
    for layout in LAYOUTS:
        assert all(word == plain(word) for word in layout.fingerprint)
        single = [r for r in layout.order if r is not None and r is not ColumnRole.UNSURE_VOLUME]
        assert len(single) == len(set(single))


def test_contracts_are_never_taken_for_base_units() -> None:
    """OKX writes contracts first: the column that times price gives the quote volume is taken."""
    swapped = (EXAMPLES / "okx_candles.csv").read_text().replace("volCcyQuote", "somethingElse")
    part = Part("okx.csv", Path("BTCUSDT-okx.csv"), text=swapped.encode())
    with pytest.raises(DataError, match="which is the volume in base units"):
        understand(open_source(part), part.path, Asked())


def test_a_volume_that_contradicts_its_quote_volume_is_refused() -> None:
    text = "ts,open,high,low,close,volume,turnover\n" + "".join(
        f"{1_709_510_400_000 + i * HOUR},100,101,99,100,{(i + 1) * 1000},{(i + 1) * 100}\n"
        for i in range(5)
    )
    part = Part("x.csv", Path("BTCUSDT.csv"), text=text.encode())
    with pytest.raises(DataError, match=r"times the price is 1000 of `turnover`"):
        understand(open_source(part), part.path, Asked())


def test_an_order_of_prices_that_fits_twice_is_asked_for() -> None:
    """Bars that stand still fit every order of open, high, low and close."""
    text = "".join(f"{1_709_510_400 + i * 3600},100,100,100,100,5\n" for i in range(5))
    part = Part("flat.csv", Path("BTCUSDT.csv"), text=text.encode())
    with pytest.raises(DataError, match="--columns ts,open,high,low,close,volume"):
        understand(open_source(part), part.path, Asked())
    found = understand(open_source(part), part.path, Asked(columns="ts,open,high,low,close,volume"))
    assert found.table.num_rows == 5
