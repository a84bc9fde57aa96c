"""Every layout of the table is read from its example to the very bars it was written from."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from runtime.errors import DataError
from runtime.market.imports.containers import Part, open_parts
from runtime.market.imports.layouts import WITH_HEADER, WITHOUT_HEADER, ColumnRole, Layout, plain
from runtime.market.imports.read import Asked, Understood, understand
from runtime.market.imports.sources import open_source

EXAMPLES = Path(__file__).parent / "examples"
LAYOUTS = (*WITH_HEADER, *WITHOUT_HEADER)
DAILY = {"investing.csv", "yahoo.csv"}
HOUR = 3_600_000


def read(name: str, asked: Asked | None = None) -> Understood:
    (part,) = open_parts(str(EXAMPLES / name), io.BytesIO())
    asked = asked or Asked(symbol="BTCUSDT", timeframe=_timeframe(name))
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
    found = read(layout.example)
    expected = truth("truth_days.csv" if layout.example in DAILY else "truth.csv")
    assert found.layout == layout.name
    assert found.timeframe == ("1d" if layout.example in DAILY else "1h")
    got = rows(found.table)
    assert [row[:5] for row in got] == [row[:5] for row in expected]
    assert [row[5] for row in got] == pytest.approx([row[5] for row in expected], rel=1e-7)


@pytest.mark.parametrize("name", ["tradingview.csv", "kaiko.csv", "truth.csv"])
def test_plain_names_need_no_layout(name: str) -> None:
    found = read(name)
    assert found.layout == "plain names"
    assert rows(found.table) == truth("truth.csv")


def test_every_example_belongs_to_a_layout_and_no_two_layouts_share_one() -> None:
    named = [layout.example for layout in LAYOUTS]
    plain_ones = {"tradingview.csv", "kaiko.csv", "truth.csv", "truth_days.csv"}
    assert len(set(named)) == len(named)
    assert {p.name for p in EXAMPLES.iterdir()} == set(named) | plain_ones


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
