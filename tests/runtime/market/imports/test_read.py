"""What was read is exact or refused at its line; what was concluded is said."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DataError
from runtime.market.imports.containers import Part, expand, open_parts
from runtime.market.imports.read import Asked, FileKind, Understood, understand
from runtime.market.imports.sources import open_source

HOUR = 3_600_000
T0 = 1_709_510_400_000  # 2024-03-04 00:00 UTC
BARS = [(T0 + i * HOUR, 100.0 + i, 103.5 + i, 99.25 + i, 101.0 + i, 5.5 + i) for i in range(8)]
HEAD = ("ts", "open", "high", "low", "close", "volume")
ASKED = Asked(symbol="BTCUSDT")


def text(rows: object = BARS, head: tuple[str, ...] = HEAD, sep: str = ",") -> str:
    lines = [sep.join(head)] if head else []
    return "\n".join([*lines, *(sep.join(str(c) for c in row) for row in rows)]) + "\n"  # type: ignore[attr-defined]


def read(raw: str | bytes, asked: Asked = ASKED, name: str = "bars.csv") -> Understood:
    raw = raw.encode() if isinstance(raw, str) else raw
    part = Part(name, Path(name), text=raw)
    return understand(open_source(part), part.path, asked)


def rows(found: Understood) -> list[tuple[float, ...]]:
    return list(zip(*(found.table.column(n).to_pylist() for n in HEAD), strict=True))


def stamps(form: str, zone: str = "UTC") -> str:
    moments = (datetime.fromtimestamp(b[0] / 1000, ZoneInfo(zone)) for b in BARS)
    return text([(f'"{m:{form}}"', *b[1:]) for m, b in zip(moments, BARS, strict=True)])


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y.%m.%d %H:%M", "%Y/%m/%d %H:%M:%S",
     "%Y%m%d%H%M", "%Y%m%d %H%M%S", "%Y-%m-%d %H:%M:%S.000000", "%b %d, %Y %H:%M",
     "%d %b %Y %H:%M:%S", "%d.%m.%Y %H:%M:%S.000", "%Y-%m-%d %H:%M:%S+0000"],
)  # fmt: skip
def test_written_times_are_read_whatever_their_form(form: str) -> None:
    assert rows(read(stamps(form))) == BARS


@pytest.mark.parametrize("by", [1000, 1, None, "us", "ns"])
def test_epochs_are_read_in_every_unit(by: object) -> None:
    unit = {1000: lambda t: t // 1000, 1: lambda t: t, None: lambda t: f"{t / 1000:.3f}",
            "us": lambda t: t * 1000, "ns": lambda t: t * 1_000_000}[by]  # type: ignore[index]  # fmt: skip
    assert rows(read(text([(unit(b[0]), *b[1:]) for b in BARS]))) == BARS


def test_the_unit_of_an_epoch_is_told_row_by_row() -> None:
    """Binance went from ms to µs in 2025: joined files hold both."""
    mixed = [(b[0] * 1000 if i > 3 else b[0], *b[1:]) for i, b in enumerate(BARS)]
    assert rows(read(text(mixed))) == BARS


@given(
    st.lists(st.sampled_from([1, 1000, 1_000_000]), min_size=3, max_size=30),
    st.integers(0, 2_000_000),
)
def test_any_mixture_of_units_gives_the_same_bars(units: list[int], start: int) -> None:
    bars = [(T0 + (start + i) * 60_000, 1.5, 2.5, 1.0, 2.0, 3.0) for i in range(len(units))]
    mixed = [(b[0] * u, *b[1:]) for b, u in zip(bars, units, strict=True)]
    asked = Asked(symbol="BTCUSDT", now_ms=T0 + 3_000_000 * 60_000)
    assert rows(read(text(mixed), asked)) == bars


def test_times_of_a_zone_are_moved_to_utc() -> None:
    asked = Asked(symbol="BTCUSDT", zone="Europe/Berlin")
    assert rows(read(stamps("%Y-%m-%d %H:%M:%S", "Europe/Berlin"), asked)) == BARS
    said = read(stamps("%Y-%m-%d %H:%M:%S")).notes
    assert any("taken as UTC" in note for note in said)


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_hour_that_clocks_repeat_is_told_apart_by_its_order(newest_first: bool) -> None:
    start = datetime(2025, 10, 25, 22, tzinfo=UTC)
    moments = [start + timedelta(hours=i) for i in range(6)]
    lines = [
        (f"{m.astimezone(ZoneInfo('Europe/Berlin')):%Y-%m-%d %H:%M}", 1 + i, 9, 1, 5, 1)
        for i, m in enumerate(moments)
    ]
    raw = text(reversed(lines) if newest_first else lines)
    with pytest.raises(DataError, match="occurs twice with different bars"):
        read(raw)
    found = read(raw, Asked(symbol="BTCUSDT", zone="Europe/Berlin"))
    assert [row[0] for row in rows(found)] == [int(m.timestamp() * 1000) for m in moments]
    assert [row[1] for row in rows(found)] == [1, 2, 3, 4, 5, 6]


def test_a_time_that_never_was_is_refused() -> None:
    lines = [(f"2025-03-30 0{h}:00", 1, 2, 1, 1, 1) for h in (1, 2, 3)]
    with pytest.raises(DataError, match="did not exist in Europe/Berlin"):
        read(text(lines), Asked(symbol="BTCUSDT", zone="Europe/Berlin"))


def test_the_order_of_day_and_month_is_told_by_the_values_or_asked_for() -> None:
    def days(first: int, count: int) -> str:
        dates = (datetime(2024, 3, first) + timedelta(days=i) for i in range(count))
        return text([(f"{d:%d/%m/%Y}", 1, 2, 1, 1, 1) for d in dates])

    assert read(days(10, 9)).table.num_rows == 9
    with pytest.raises(DataError, match="give --dayfirst or --monthfirst"):
        read(days(1, 9))
    found = read(days(1, 9), Asked(symbol="BTCUSDT", dayfirst=True))
    assert found.timeframe == "1d"
    with pytest.raises(DataError, match="the days stand first"):
        read(days(10, 9), Asked(symbol="BTCUSDT", dayfirst=False))


def test_minutes_days_and_the_future_are_no_times() -> None:
    with pytest.raises(DataError, match=r"as minutes since 1970.*multiply by 60"):
        read(text([(b[0] // 60_000, *b[1:]) for b in BARS]))
    with pytest.raises(DataError, match="lies in the future"):
        read(text(), Asked(symbol="BTCUSDT", now_ms=T0 + HOUR))


def test_numbers_of_every_country_are_read() -> None:
    german = text(
        [(b[0], *(f"{v:,.2f}".translate(str.maketrans(",.", ".,")) for v in b[1:])) for b in BARS],
        sep=";",
    )
    assert rows(read(german)) == BARS
    english = text([(b[0], *(f'"{v * 1000:,.2f}"' for v in b[1:])) for b in BARS])
    assert rows(read(english)) == [(b[0], *(v * 1000 for v in b[1:])) for b in BARS]
    short = text([(*b[:5], f"{b[5] / 1000:.5f}K") for b in BARS])
    assert rows(read(short)) == BARS


def test_a_comma_that_can_be_both_is_asked_for() -> None:
    raw = text([(b[0], "1,234", "1,235", "1,233", "1,234", "7,000") for b in BARS], sep=";")
    with pytest.raises(DataError, match="--decimal comma or --decimal point"):
        read(raw)
    assert rows(read(raw, Asked(symbol="BTCUSDT", decimal=",")))[0][1] == 1.234
    assert rows(read(raw, Asked(symbol="BTCUSDT", decimal=".")))[0][1] == 1234


@pytest.mark.parametrize(
    ("place", "cell", "words"),
    [(1, "abc", "line 5: open is no number: `abc`"), (0, "soon", "line 5: `soon` is no time"),
     (0, "", "line 5: the time is missing")],
)  # fmt: skip
def test_a_bad_cell_is_named_by_its_line(place: int, cell: str, words: str) -> None:
    lines = [list(b) for b in BARS]
    lines[3][place] = cell  # type: ignore[call-overload]
    with pytest.raises(DataError, match=words):
        read(text(lines))


def test_a_line_of_another_width_is_named() -> None:
    raw = text().replace("\n", "\n", 1) + f"{T0 + 8 * HOUR},1,2\n"
    with pytest.raises(DataError, match="line 10: 3 columns where the others have 6"):
        read(raw)


def test_heads_comments_and_repeated_headers_are_no_data() -> None:
    body = text().splitlines()
    middle = [*body[:4], body[0], "# a remark", "", *body[4:]]
    raw = "exported 2024\nhttps://www.example.org\n\n" + "\n".join(middle) + "\n"
    assert rows(read(raw)) == BARS


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_every_encoding_is_read(encoding: str) -> None:
    raw = "# Schätze €\n" + text() if encoding == "cp1252" else text()
    assert rows(read(raw.encode(encoding))) == BARS


def test_what_a_file_holds_is_told_by_its_bytes_not_its_ending(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import feather
    from pyarrow import parquet as pq

    table = pa.table({n: [b[i] for b in BARS] for i, n in enumerate(HEAD)})
    (tmp_path / "a.csv").write_bytes(gzip.compress(text().encode()))
    with zipfile.ZipFile(tmp_path / "b.csv", "w") as archive:
        archive.writestr("inner.csv", text())
        archive.writestr("readme.md", "nothing")
    pq.write_table(table, tmp_path / "c.csv")
    feather.write_feather(table, tmp_path / "d.csv")
    (tmp_path / "e.csv").write_text(json.dumps([dict(zip(HEAD, b, strict=True)) for b in BARS]))
    (tmp_path / "f.csv").write_text(
        json.dumps({n: [b[i] for b in BARS] for i, n in enumerate(HEAD)})
    )
    for name in "abcdef":
        (part,) = open_parts(str(tmp_path / f"{name}.csv"), io.BytesIO())
        assert rows(understand(open_source(part), part.path, ASKED)) == BARS, name
    assert len(expand([str(tmp_path)])) == 6
    assert len(expand([str(tmp_path / "[ab].csv")])) == 2


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b"PK\x03\x04broken", b"\x1f\x8bbroken", b"PAR1broken", b"[1, 2",
            b"hello world\n", b'{"a": 1}', b"\x00\x01\x02\x03" * 50, b"a,b,c\nx,y,z\n"],
)  # fmt: skip
def test_what_is_no_data_is_refused_with_a_sentence(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "BTCUSDT.csv"
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"BTCUSDT\.csv"):
        _read_all(path)


def _read_all(path: Path) -> None:
    for part in open_parts(str(path), io.BytesIO()):
        understand(open_source(part), part.path, Asked())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode()))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with contextlib.suppress(DataError):
        read(raw)


def test_bars_stamped_at_their_close_are_refused_and_moved_when_told() -> None:
    raw = text([(b[0] + HOUR - 1, *b[1:]) for b in BARS])
    with pytest.raises(DataError, match="--stamp close"):
        read(raw)
    assert rows(read(raw, Asked(symbol="BTCUSDT", closes=True))) == BARS
    whole = text([(b[0] + HOUR, *b[1:]) for b in BARS])
    assert rows(read(whole, Asked(symbol="BTCUSDT", closes=True))) == BARS


def test_a_bar_that_is_not_over_is_refused_or_left_out() -> None:
    late = T0 + 7 * HOUR + 1_000_000
    for raw, now in (
        (text([*BARS[:7], (late, *BARS[7][1:])]), 0),
        (text(), late),
    ):
        with pytest.raises(DataError, match="--drop-unfinished"):
            read(raw, Asked(symbol="BTCUSDT", now_ms=now))
        found = read(raw, Asked(symbol="BTCUSDT", now_ms=now, drop_unfinished=True))
        assert rows(found) == BARS[:7]
    said = text([(*b, int(i < 7)) for i, b in enumerate(BARS)], (*HEAD, "confirm"))
    assert rows(read(said)) == BARS[:7]


def test_order_twins_empty_rows_and_shifts_are_put_right_and_said() -> None:
    found = read(text(reversed(BARS)))
    assert rows(found) == BARS
    assert "newest first: turned" in found.notes
    found = read(text([*BARS, BARS[-1]]))
    assert rows(found) == BARS
    assert any("twice, equal" in note for note in found.notes)
    found = read(text([*BARS, (T0 + 8 * HOUR, "", "", "", "", "")]))
    assert rows(found) == BARS
    assert any("without prices" in note for note in found.notes)
    shifted = read(text([(b[0] + 600_000, *b[1:]) for b in BARS]))
    assert any("10 m after the grid of 1h" in note for note in shifted.notes)


def test_two_symbols_in_one_file_need_a_choice() -> None:
    raw = text([(*b, "BTC/USDT" if i % 2 else "ETH/USDT") for i, b in enumerate(BARS)],
               (*HEAD, "symbol"))  # fmt: skip
    with pytest.raises(DataError, match=r"holds 2 symbols \(BTCUSDT, ETHUSDT\)"):
        read(raw, Asked())
    found = read(raw, Asked(symbol="ETHUSDT", timeframe="2h"))
    assert rows(found) == BARS[::2]


def test_two_columns_of_one_name_need_a_choice() -> None:
    raw = text([(*b, 1) for b in BARS], (*HEAD, "close"))
    with pytest.raises(DataError, match="2 columns can be the close"):
        read(raw)
    assert rows(read(raw, Asked(symbol="BTCUSDT", columns="close=5"))) == BARS


def test_columns_are_told_by_place_or_by_name() -> None:
    raw = text([(b[5], b[0], 7, *b[1:5]) for b in BARS], ())
    asked = Asked(symbol="BTCUSDT", columns="volume,ts,-,open,high,low,close")
    assert rows(read(raw, asked)) == BARS
    for columns, words in (
        ("volume=NOPE", "has no column `NOPE`"), ("colour=open", "no role `colour`"),
        ("ts,open,high,low,close,volume,-,rate", "has 6 columns"),
    ):  # fmt: skip
        with pytest.raises(DataError, match=words):
            read(text(), Asked(symbol="BTCUSDT", columns=columns))


def test_a_name_that_says_another_timeframe_is_refused() -> None:
    with pytest.raises(DataError, match="its name says 15m, its rows are 1h apart"):
        read(text(), name="BTCUSDT_15m.csv")
    assert read(text(), name="BTCUSDT, 60.csv").timeframe == "1h"
    assert read(text(), Asked(symbol="BTCUSDT", timeframe="1h"), "BTCUSDT_15m.csv").table


def test_trades_become_the_bars_a_venue_shows() -> None:
    trades = [(T0 + 5, 100.0, 1.5), (T0 + 5, 103.0, 0.5), (T0 + 59_999, 99.0, 2.0),
              (T0 + 180_000, 101.0, 4.0)]  # fmt: skip
    raw = text(trades, ("time", "price", "qty"))
    with pytest.raises(DataError, match="--tf says into which bars"):
        read(raw)
    found = read(raw, Asked(symbol="BTCUSDT", timeframe="1m"))
    assert found.kind is FileKind.TRADES
    assert rows(found) == [
        (T0, 100.0, 103.0, 99.0, 99.0, 4.0), (T0 + 60_000, 99.0, 99.0, 99.0, 99.0, 0.0),
        (T0 + 120_000, 99.0, 99.0, 99.0, 99.0, 0.0),
        (T0 + 180_000, 101.0, 101.0, 101.0, 101.0, 4.0),
    ]  # fmt: skip
    assert any("2 of 4 bars had no trade" in note for note in found.notes)
    assert rows(read(text(reversed(trades), ("time", "price", "qty")),
                     Asked(symbol="BTCUSDT", timeframe="1m"))) == rows(found)  # fmt: skip


def test_bars_without_volume_need_a_word() -> None:
    raw = text([b[:5] for b in BARS], HEAD[:5])
    with pytest.raises(DataError, match="--no-volume"):
        read(raw)
    found = read(raw, Asked(symbol="BTCUSDT", has_volume=False))
    assert all(row[5] == 0.0 for row in rows(found))


def test_decimals_of_parquet_are_the_numbers_that_text_would_be(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    odd = ("112157.4", "113664.4", "0.00000001", "58000.123456", "9999999999999.1")
    told = [(T0 + i * HOUR, *[word] * 5) for i, word in enumerate(odd)]
    for kind in (pa.decimal128(30, 8), pa.decimal256(60, 8)):
        cells = [Decimal(row[1]) for row in told]
        table = {name: pa.array(cells, kind) for name in HEAD[1:]}
        path = tmp_path / "bars.parquet"
        pq.write_table(pa.table({"ts": pa.array([row[0] for row in told]), **table}), path)
        part = open_parts(str(path), io.BytesIO())[0]
        assert rows(understand(open_source(part), path, ASKED)) == rows(read(text(told)))
