"""What Arrow reads is Arrow's own: its threads hold nothing of Python's when the interpreter ends."""

from __future__ import annotations

import gzip
import mmap
import sys
from pathlib import Path

import pytest

from runtime.market.imports.arrow_memory import arrow_file
from runtime.market.imports.containers import open_parts
from runtime.market.imports.sources import open_source, read_columns

ROOT = Path(__file__).resolve().parents[4]

_ROWS = b"ts,open\n" + b"".join(b"%d,1.5\n" % (1_700_000_000_000 + i) for i in range(12_000))


def test_a_reader_of_bytes_holds_a_copy_of_them() -> None:
    raw = bytes(bytearray(_ROWS))
    before = sys.getrefcount(raw)
    file = arrow_file(raw)
    assert sys.getrefcount(raw) == before
    assert file.read() == raw


def test_a_reader_of_a_mapped_file_maps_it_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.csv"
    path.write_bytes(_ROWS)
    with path.open("rb") as handle:
        mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    file = arrow_file(mapped, path)
    mapped.close()  # BufferError where anybody holds it
    assert file.read() == _ROWS


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_columns_are_those_of_the_file_however_it_lies(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"BTCUSDT.{ending}"
    path.write_bytes(gzip.compress(_ROWS) if ending == "csv.gz" else _ROWS)
    (part,) = open_parts(str(path), sys.stdin.buffer)
    ts, opens = read_columns(open_source(part), [0, 1]).arrays
    assert ts.to_pylist() == [1_700_000_000_000 + i for i in range(12_000)]
    assert set(opens.to_pylist()) == {1.5}


def test_quotes_below_the_header_are_read_as_quotes(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.csv"
    path.write_bytes(_ROWS.replace(b"ts,open", b'"ts","open"').replace(b"1.5", b'"1.5"'))
    (part,) = open_parts(str(path), sys.stdin.buffer)
    assert set(read_columns(open_source(part), [0, 1]).arrays[1].to_pylist()) == {1.5}


def test_no_other_code_gives_arrow_a_python_object_to_read_from() -> None:
    """A thread of Arrow that lets go of one while the interpreter ends aborts the process."""
    homes = {
        str(path.relative_to(ROOT))
        for room in ("compiler", "runtime")
        for path in (ROOT / room).rglob("*.py")
        if "BufferReader(" in path.read_text(encoding="utf-8")
    }
    assert homes == {"runtime/market/imports/arrow_memory.py"}
