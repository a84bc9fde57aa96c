"""An empty cell is told with its row, whatever file it stands in; none stops the program."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.cli import run

MINUTE = 60_000
TIMES = [1_709_510_400_000 + i * MINUTE for i in range(8)]
PRICES = [100.0 + i for i in range(8)]
Capture = pytest.CaptureFixture[str]


def _said(capsys: Capture, path: Path, columns: dict[str, object], *more: str) -> str:
    pq.write_table(pa.table(columns), path)
    ran = run(capsys, ["data", "import", str(path), "--dry-run", "--venue", "bybit", *more])
    assert ran.code == 1
    return ran.err


@pytest.mark.parametrize("name", ["open", "close", "volume"])
def test_an_empty_cell_of_bars_is_told_with_its_time(
    capsys: Capture, tmp_path: Path, name: str
) -> None:
    columns: dict[str, object] = dict.fromkeys(("open", "high", "low", "close", "volume"), PRICES)
    columns = {"ts": TIMES} | columns | {name: [*PRICES[:3], None, *PRICES[4:]]}
    said = _said(capsys, tmp_path / "SOLUSDT_1m.parquet", columns)
    assert f"{name} is empty" in said
    assert "2024-03-04 00:03" in said


def test_an_empty_price_of_a_trade_is_told_with_its_number(capsys: Capture, tmp_path: Path) -> None:
    columns = {"ts": TIMES, "price": [*PRICES[:3], None, *PRICES[4:]], "size": PRICES}
    said = _said(capsys, tmp_path / "SOLUSDT_trades.parquet", columns, "--tf", "1m")
    assert "trade 4: its price is empty" in said


def test_a_column_of_lists_is_no_column_of_numbers(capsys: Capture, tmp_path: Path) -> None:
    columns = {"ts": TIMES} | dict.fromkeys(("open", "high", "low", "volume"), PRICES)
    said = _said(
        capsys, tmp_path / "SOLUSDT_1m.parquet", columns | {"close": [[p] for p in PRICES]}
    )
    assert "close is no number: its cells are of type list" in said
