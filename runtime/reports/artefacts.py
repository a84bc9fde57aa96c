"""The rows of a run as Parquet files: orders, fills, layers, trades, refusals, remarks, equity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from runtime.records.rows import (
    FillRow,
    LayerRow,
    OrderRow,
    RefusalRow,
    RemarkRow,
    RunRecord,
    TradeRow,
)
from runtime.reports.columns import column, whole_numbers


def write_artefacts(folder: Path, record: RunRecord) -> None:
    """Write the tables; a table without rows keeps its columns and their types."""
    _write(folder / "orders.parquet", OrderRow, record.orders)
    _write(folder / "fills.parquet", FillRow, record.fills)
    _write(folder / "layers.parquet", LayerRow, record.layers)
    _write(folder / "trades.parquet", TradeRow, record.trades)
    _write(folder / "refusals.parquet", RefusalRow, record.refusals)
    _write(folder / "remarks.parquet", RemarkRow, record.remarks)
    _write_equity(folder / "equity.parquet", record)


def read_artefact(path: Path) -> Any:
    """Return a written table as an Arrow table."""
    import pyarrow.parquet as pq

    return pq.read_table(path)


def _arrow_type(annotation: str) -> Any:
    import pyarrow as pa

    word = annotation.replace(" | None", "")
    return {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}[word]


def _write(path: Path, row: type, rows: Sequence[object]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(f.name, _arrow_type(str(f.type))) for f in fields(row)])
    columns = [[getattr(r, f.name) for r in rows] for f in fields(row)]
    arrays = [pa.array(c, type=t.type) for c, t in zip(columns, schema, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def _write_equity(path: Path, record: RunRecord) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = record.equity
    table = pa.table(
        {
            "ts": whole_numbers(columns.ts),
            "equity": column(columns.equity),
            "balance": column(columns.balance),
            "unrealized": column(columns.unrealized),
            "position": column(columns.position),
            "used_margin": column(columns.used_margin),
            "working_orders": whole_numbers(columns.working_orders),
        }
    )
    pq.write_table(table, path, use_dictionary=False)  # hardly a value comes twice
