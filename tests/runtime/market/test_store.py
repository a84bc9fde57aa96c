"""Files of bars are checked completely, and every fault is named by row and time."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime.errors import DataError
from runtime.market.bar_files import identity_of, load_bars, read_funding, slice_frame, write_bars
from runtime.market.frame import Frame
from runtime.market.store import Request, choose_series, list_series, store_path
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from tests.data_files import shared

HEAD = "ts,open,high,low,close,volume\n"
GOOD = [
    "1700000100000,10,12,9,11,5",
    "1700000160000,11,13,10,12,5",
    "1700000220000,12,14,11,13,5",
    "1700000280000,13,15,12,14,5",
]


def write(tmp_path: Path, lines: list[str], head: str = HEAD) -> Path:
    path = tmp_path / "bars.csv"
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_clean_file_loads_with_its_timeframe(tmp_path: Path) -> None:
    loaded = load_bars(write(tmp_path, GOOD), "X")
    assert loaded.frame.timeframe == "1m"
    assert list(loaded.frame.close) == [11.0, 12.0, 13.0, 14.0]
    assert loaded.gaps == ()


@pytest.mark.parametrize(
    ("row", "line", "text"),
    [
        (1, "1700000160000,11,13,10,nan,5", "close is not a number"),
        (1, "1700000160000,11,9,10,12,5", "high 9.0 is below low 10.0"),
        (1, "1700000160000,11,11.5,10,12,5", "high 11.5 is below the open or close"),
        (1, "1700000160000,11,13,11.5,12,5", "low 11.5 is above the open or close"),
        (1, "1700000160000,11,13,10,12,-5", "volume -5.0 is negative"),
        (1, "1700000160000,11,13,0,12,5", "is not a positive price"),
        (1, "1700000100000,11,13,10,12,5", "this time occurs twice"),
        (2, "1700000130000,11,13,10,12,5", "time goes backwards"),
        (2, "1700000221000,11,13,10,12,5", "not on the grid"),
    ],
)
def test_a_broken_row_is_named_by_row_and_time(
    tmp_path: Path, row: int, line: str, text: str
) -> None:
    lines = list(GOOD)
    lines[row] = line
    with pytest.raises(DataError, match=rf"row {row} \(2023-11-14 22:\d\d:\d\d UTC\): ") as error:
        load_bars(write(tmp_path, lines), "X", "1m")
    assert text in str(error.value)


def test_a_hole_is_reported_with_its_row_and_time(tmp_path: Path) -> None:
    loaded = load_bars(write(tmp_path, [GOOD[0], GOOD[1], GOOD[3]]), "X", "1m")
    assert [str(g) for g in loaded.gaps] == ["1 bar missing after row 1 (2023-11-14 22:16:00 UTC)"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column of volume in base units"):
        load_bars(
            write(tmp_path, [line.rsplit(",", 1)[0] for line in GOOD], "ts,open,high,low,close\n"),
            "X",
        )


def test_text_in_a_price_column_is_named_by_row(tmp_path: Path) -> None:
    lines = [GOOD[0], "1700000160000,11,13,10,abc,5"]
    with pytest.raises(DataError, match="row 1: close is not a number: `abc`"):
        load_bars(write(tmp_path, lines), "X")


@pytest.mark.parametrize("name", ["missing.parquet", "folder.parquet", "what.xlsx"])
def test_unreadable_files_say_why(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "what.xlsx").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match=name):
        load_bars(tmp_path / name, "X")


def test_times_are_read_in_seconds_dates_and_timestamps(tmp_path: Path) -> None:
    seconds = [line.replace("000,", ",", 1) for line in GOOD]
    assert load_bars(write(tmp_path, seconds), "X").frame.ts[0] == 1_700_000_100_000
    dates = [f"2023-11-14 22:{15 + i}:00{line[13:]}" for i, line in enumerate(GOOD)]
    assert load_bars(write(tmp_path, dates, HEAD.replace("ts", "Date")), "X").frame.ts[1] == (
        1_700_000_160_000
    )


def test_parquet_feather_and_csv_give_one_content_hash(tmp_path: Path) -> None:
    from pyarrow import feather
    from pyarrow import parquet as pq

    loaded = load_bars(write(tmp_path, GOOD), "X")
    write_bars(loaded.frame, tmp_path / "a.parquet")
    feather.write_feather(pq.read_table(tmp_path / "a.parquet"), tmp_path / "a.feather")
    hashes = {load_bars(tmp_path / n, "X").content_hash for n in ("a.parquet", "a.feather")}
    assert hashes == {loaded.content_hash}
    assert not list(tmp_path.glob("*.part"))


def test_a_store_lists_and_finds_series(tmp_path: Path) -> None:
    frame = Frame("BTCUSDT", "1m", 60_000)
    frame.append(0, 1, 1, 1, 1, 1)
    for timeframe in ("1h", "1m"):
        write_bars(frame, store_path(tmp_path, "bybit", "BTCUSDT", timeframe))
    assert [s.timeframe for s in list_series(tmp_path)] == ["1m", "1h"]
    found = choose_series(tmp_path, Request(symbol="BTCUSDT", timeframes=["15m", "1m"]))
    assert found is not None
    assert found.timeframe == "1m"
    assert choose_series(tmp_path, Request(symbol="ETHUSDT", timeframes=["1m"])) is None


def test_a_period_outside_the_data_says_what_the_data_holds(tmp_path: Path) -> None:
    frame = load_bars(write(tmp_path, GOOD), "X").frame
    assert len(slice_frame(frame, frame.ts[1], frame.ts[3])) == 2
    with pytest.raises(DataError, match="the data holds 2023-11-14 22:15:00 UTC to"):
        slice_frame(frame, 0, 1)


def test_recorded_funding_reads() -> None:
    series = read_funding(shared("data/bybit_funding_BTCUSDT_20250924_20260721.csv"))
    assert len(series.ts) == 902
    assert series.rate[0] == 1.004e-05


def test_every_recorded_series_is_fit_to_trade_on() -> None:
    folder = shared("data")
    loaded = {
        p.name: load_bars(p, "X", has_volume="mark" not in p.name)
        for p in folder.glob("*.parquet")
        if not p.name.startswith("ticks")
    }
    assert len(loaded) == 13
    holed = {name for name, value in loaded.items() if value.gaps}
    assert holed == {n for n in loaded if n.startswith(("binance", "fx", "stock"))}


@pytest.mark.parametrize("version", [1, 2])
def test_whose_a_feather_file_is_is_read_from_the_columns_that_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    from pyarrow import feather

    write_bars(synthetic_market(SyntheticSpec(bars=50)).exec, tmp_path / "a.parquet")
    plain = pq.read_table(tmp_path / "a.parquet").replace_schema_metadata(None)
    named = plain.append_column("symbol", pa.array(["SOLUSDT"] * 50))
    feather.write_feather(plain, tmp_path / "plain.feather", version=version)
    feather.write_feather(named, tmp_path / "named.feather", version=version)
    whole, read = feather.read_table, list[list[str] | None]()

    def counted(path: Path, columns: list[str] | None = None) -> pa.Table:
        read.append(columns)
        return whole(path, columns=columns)

    monkeypatch.setattr(feather, "read_table", counted)
    assert identity_of(tmp_path / "named.feather").symbol == "SOLUSDT"
    assert identity_of(tmp_path / "plain.feather").symbol != "SOLUSDT"
    if version == 2:
        assert read == [["symbol"]]


def test_stored_bars_are_packed_by_the_bytes_of_their_numbers_and_times_by_their_steps(
    tmp_path: Path,
) -> None:
    frame = synthetic_market(SyntheticSpec(bars=50)).exec
    write_bars(frame, tmp_path / "bars.parquet")
    group = pq.ParquetFile(tmp_path / "bars.parquet").metadata.row_group(0)
    packed = {
        group.column(place).path_in_schema: group.column(place).encodings
        for place in range(group.num_columns)
    }
    assert "DELTA_BINARY_PACKED" in packed.pop("ts")
    assert len(packed) == 5
    assert all("BYTE_STREAM_SPLIT" in how for how in packed.values())
    again = load_bars(tmp_path / "bars.parquet", frame.symbol).frame
    assert (again.ts, again.close, again.volume) == (frame.ts, frame.close, frame.volume)
