"""Archives and shapes of JSON are opened to the same bars; what is no table is called by its name."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.errors import DataError
from runtime.market.imports.containers import Part, open_parts
from runtime.market.imports.read import understand
from runtime.market.imports.sources import open_source
from tests.runtime.market.imports.test_read import ASKED, BARS, HEAD, rows, text

ROWS = [dict(zip(HEAD[1:], bar[1:], strict=True)) for bar in BARS]
DATED = ("date", *HEAD[1:])
TIMES = [str(bar[0]) for bar in BARS]


def _opened(path: Path) -> list[tuple[float, ...]]:
    (part,) = open_parts(str(path), io.BytesIO())
    return rows(understand(open_source(part), part.path, ASKED))


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_text_packed_by_zstandard_or_lz4_is_read(tmp_path: Path, codec: str) -> None:
    import pyarrow as pa

    path = tmp_path / "bars.csv.packed"
    with pa.CompressedOutputStream(str(path), codec) as stream:
        stream.write(text().encode())
    assert _opened(path) == BARS
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError):
        _opened(path)


def test_two_frames_of_zstandard_are_one_text(tmp_path: Path) -> None:
    import pyarrow as pa

    raw = text().encode()
    frames = [pa.compress(piece, codec="zstd", asbytes=True) for piece in (raw[:90], raw[90:])]
    path = tmp_path / "bars.csv.zst"
    path.write_bytes(b"".join(frames))
    assert _opened(path) == BARS


@pytest.mark.parametrize("mode", ["w:", "w:gz"])
def test_files_in_a_tar_are_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "bars.tar"
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in (("readme.md", "nothing"), ("in/BTCUSDT.csv", text())):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    assert _opened(path) == BARS


@pytest.mark.parametrize(
    "value",
    [
        {"Meta": {"2. Symbol": "BTCUSD"}, "Time Series": {
            when: {f"{i}. {name}": str(cell) for i, (name, cell) in enumerate(row.items(), 1)}
            for when, row in zip(TIMES, ROWS, strict=True)}},
        dict(zip(TIMES, ROWS, strict=True)),
        {name: {when: row[name] for when, row in zip(TIMES, ROWS, strict=True)} for name in HEAD[1:]},
        {"columns": list(HEAD[1:]), "index": [bar[0] for bar in BARS], "data": [bar[1:] for bar in BARS]},
        {"columns": list(DATED), "index": list(range(len(BARS))), "data": BARS},
        {name: {str(i): bar[place] for i, bar in enumerate(BARS)} for place, name in enumerate(DATED)},
    ],
    ids=["alpha-vantage", "rows-by-time", "columns-by-time", "split", "split-numbered", "columns-numbered"],
)  # fmt: skip
def test_json_keyed_by_time_or_split_as_pandas_writes_it_is_read(
    tmp_path: Path, value: object
) -> None:
    path = tmp_path / "bars.json"
    path.write_text(json.dumps(value))
    assert _opened(path) == BARS


@pytest.mark.parametrize(
    ("begin", "word"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"Rar!\x1a\x07\x01", "unrar"), (b"\x89HDF\r\n\x1a\n", "read_hdf"),
        (b"SQLite format 3\x00", "sqlite3 -header -csv"), (b"\x93NUMPY\x01", "savetxt"), (b"]\x00\x00\x80", "bi5"),
        (b"\x80\x04\x95", "pickle"), (b"<!DOCTYPE html>", "web page"), (b"\n <HTML>", "web page"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("size", [100, 1 << 17])
def test_a_file_that_holds_no_table_is_called_by_its_name_with_what_to_do(
    tmp_path: Path, begin: bytes, word: str, size: int
) -> None:
    path = tmp_path / "BTCUSDT.csv"
    path.write_bytes(begin.ljust(size, b"\x07"))
    with pytest.raises(DataError, match=word):
        _opened(path)


def _headless(order: Callable[[tuple[float, ...]], tuple[object, ...]]) -> Part:
    lines = "\n".join(",".join(map(str, order(bar))) for bar in BARS)
    return Part("BTCUSDT.csv", Path("BTCUSDT.csv"), text=lines.encode())


def test_a_time_is_never_taken_for_the_volume_of_a_file_without_names() -> None:
    """Eight columns are MEXC's with a close time, or Kraken's with an average price between low and high."""
    mexc = _headless(lambda b: (*b, b[0] + 3_600_000, b[5] * b[4]))
    assert rows(understand(open_source(mexc), mexc.path, ASKED)) == BARS
    kraken = _headless(lambda b: (*b[:5], (b[2] + b[3]) / 2, b[5], 44))
    assert rows(understand(open_source(kraken), kraken.path, ASKED)) == BARS
    odd = _headless(lambda b: (*b, 9, 44))
    with pytest.raises(DataError, match="8 columns without names"):
        understand(open_source(odd), odd.path, ASKED)


def test_days_of_a_workbook_and_times_from_midnight_are_refused_with_what_they_are() -> None:
    days = "Date,Open,High,Low,Close,Volume\n45352,1,2,1,2,3\n45353,2,3,2,3,4\n"
    part = Part("d.csv", Path("BTCUSDT.csv"), text=days.encode())
    with pytest.raises(DataError, match=r"45352 is 2024-03-01 .* as a workbook counts days"):
        understand(open_source(part), part.path, ASKED)
    minutes = "0,2,5,1,3,3\n60000,2,6,1,3,4\n120000,2,5,1,3,4\n"
    part = Part("20240301_btcusd_minute_trade.csv", None, text=minutes.encode())
    with pytest.raises(DataError, match="need the date in a column of their own"):
        understand(open_source(part), part.path, ASKED)
