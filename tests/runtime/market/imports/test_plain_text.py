"""Machine code reads a text of plain numbers as Arrow does, bit for bit, or leaves it to Arrow."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import csv

from runtime.market.imports import plain_rows, sources
from runtime.market.imports.arrow_memory import arrow_file
from runtime.market.imports.containers import open_parts
from runtime.market.imports.plain_text import PIECE_ROWS, read_by, read_plain
from runtime.market.imports.read import Asked, understand

_EXAMPLES = Path(__file__).parent / "examples"
_NOW = 4_000_000_000_000


def in_python(entry: int, *arguments: Any, lengths: object) -> object:
    """Call the kernel as CPython runs it, which is what it means."""
    return plain_rows.read_rows(*arguments)


def by_machine_code(text: bytes, wanted: list[int], parts: int = 1, separator: str = ",") -> Any:
    return read_plain(text, 0, separator, wanted, parts)


def by_python(text: bytes, wanted: list[int], parts: int = 1, separator: str = ",") -> Any:
    return read_by(in_python, text, 0, separator, wanted, parts)


both = pytest.mark.parametrize("reader", [by_machine_code, by_python])
Reader = Callable[..., Any]


def by_arrow(text: bytes, wanted: list[int]) -> Any:
    names = [str(place) for place in range(len(wanted))]
    types = {
        name: pa.int64() if goal < 0 else pa.float64()
        for name, goal in zip(names, wanted, strict=True)
        if goal
    }
    return csv.read_csv(
        arrow_file(text),
        csv.ReadOptions(column_names=names),
        convert_options=csv.ConvertOptions(column_types=types, include_columns=list(types)),
    )


def bits(table: Any) -> list[tuple[object, ...]]:
    """Return the rows with doubles as their bytes: -0.0 is not 0.0."""
    columns = (
        [struct.pack("<d", v) if isinstance(v, float) else v for v in column.to_pylist()]
        for column in table.columns
    )
    return list(zip(*columns, strict=True))


plain_numbers = st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,3})?|0\.[0-9]{1,15}", fullmatch=True).filter(
    lambda text: int(text.replace(".", "")) <= 2**53
)


@given(st.lists(st.tuples(plain_numbers, plain_numbers), min_size=1, max_size=20))
@example([("9007199254740992", "0.000000000000000001"), ("0", "0.1"), ("007", "1.005")])
def test_a_plain_number_is_the_double_nearest_to_it(rows: list[tuple[str, str]]) -> None:
    text = "".join(f"{one},{two}\n" for one, two in rows).encode()
    expected = [tuple(struct.pack("<d", float(cell)) for cell in row) for row in rows]
    assert bits(by_machine_code(text, [1, 2])) == expected
    assert bits(by_python(text, [1, 2])) == expected


@both
@pytest.mark.parametrize("parts", [1, 2, 3, 7])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_are_those_of_arrow_into_however_many_parts_a_text_is_cut(
    reader: Reader, parts: int, end: str
) -> None:
    rng = Random(7)
    rows = [
        f"{1_700_000_000_000 + i * 60_000},word {i},{rng.uniform(1, 9e4):.{rng.randint(0, 8)}f},{rng.randint(0, 9)},{'é' * rng.randint(0, 2)}"
        for i in range(400)
    ]
    wanted = [-1, 0, 2, 1, 0]
    text = end.join([*rows, ""]).encode()
    expected = by_arrow(text, wanted)
    assert bits(reader(text, wanted, parts)) == bits(expected)
    assert bits(reader(text.rstrip(), wanted, parts)) == bits(expected), "without a last line end"
    assert reader(text, wanted, parts).schema.equals(expected.schema)


def test_rows_beyond_a_piece_follow_one_another() -> None:
    text = b"".join(b"%d,%d.5\n" % (i, i) for i in range(2 * PIECE_ROWS + 3))
    table = by_machine_code(text, [-1, 1])
    assert table.column("0").to_pylist() == list(range(2 * PIECE_ROWS + 3))
    assert table.column("1")[-1].as_py() == 2 * PIECE_ROWS + 2.5


@both
@pytest.mark.parametrize(
    "row",
    [
        "", "2", "2,3,4", "2,,4,5", '2,3,"4",5', "2,3,4,5,6", " 2,3,4,5", "2,3 ,4,5", "2,+3,4,5", "2,-3,4,5",
        "2,3e1,4,5", "2,.5,4,5", "2,5.,4,5", "2,0x1,4,5", "2,nan,4,5", "2,1.2.3,4,5", "2.0,3,4,5", "# 2,3,4,5",
        "2,9007199254740993,4,5", "2,0.12345678901234567,4,5", "99999999999999999999,3,4,5", "2,3\r2,3,4,5", "2,3,4,\"5",
        "ts,open,high,low", "２,3,4,5", "2,1/3,4,5", "2,1:3,4,5",
    ],
)  # fmt: skip
def test_a_row_that_is_not_plain_leaves_the_whole_text_to_arrow(reader: Reader, row: str) -> None:
    text = f"1,1.5,2,3\n{row}\n3,1.5,2,3\n".encode()
    assert reader(text, [-1, 1, 2, 0]) is None
    assert reader(b"1,1.5,2,3\n" * 3, [-1, 1, 2, 0]) is not None, "it was the row"


def test_a_whole_number_beyond_64_bits_stops_the_machine_code() -> None:
    assert by_machine_code(b"9223372036854775807,1\n", [-1, 1]).column("0").to_pylist() == [
        2**63 - 1
    ]
    assert by_machine_code(b"9223372036854775808,1\n", [-1, 1]) is None


def read(path: Path) -> list[tuple[object, ...]] | str:
    """Return the rows of a file as `data import` understands it, or what it says of it."""
    try:
        return [
            row
            for part in open_parts(str(path), sys.stdin.buffer)
            for row in bits(
                understand(
                    sources.open_source(part), part.path, Asked(symbol="BTCUSDT", now_ms=_NOW)
                ).table
            )
        ]
    except Exception as error:  # what it says has to be the same, whatever it is
        return f"{type(error).__name__}: {error}"


def test_every_example_reads_the_same_with_and_without_machine_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = sorted(path for path in _EXAMPLES.iterdir() if path.suffix in (".csv", ".txt"))
    expected = [read(path) for path in paths]
    made = []

    def watched(*arguments: Any) -> Any:
        found = read_plain(*arguments)
        made.append(found is not None)
        return found

    monkeypatch.setattr(sources, "WORTH_BYTES", 0)
    monkeypatch.setattr(sources, "read_plain", watched)
    assert [read(path) for path in paths] == expected
    assert any(made)


def test_a_volume_without_decimals_at_first_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT.csv"
    rows = [f"{1_700_000_000_000 + i * 60_000},1,1,1,1,{i}" for i in range(600)]
    path.write_text(
        "\n".join(["ts,open,high,low,close,volume", *rows, ""]).replace(",599\n", ",0.5\n")
    )
    (part,) = open_parts(str(path), sys.stdin.buffer)
    columns = sources.read_columns(sources.open_source(part), [0, 5], (), {5})
    assert [array.type for array in columns.arrays] == [pa.int64(), pa.float64()]
    assert columns.arrays[1][599].as_py() == 0.5
