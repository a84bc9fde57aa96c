"""`result.json` and the run folder: same bytes for same inputs, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from runtime.records.rows import (
    FillRow,
    LayerRow,
    OrderRow,
    RefusalRow,
    RemarkRow,
    RunRecord,
    TradeRow,
)
from runtime.reports import Extra, RunFiles, write_run
from runtime.reports.result import result, result_text
from runtime.reports.result_schema import schema_text as made_schema
from schemas import load, schema_text
from tests.runtime.reports.made_up_run import MadeUpRun, made_up_run

ROOT = Path(__file__).resolve().parents[3]


def write(run: MadeUpRun, out: Path) -> RunFiles:
    return write_run(
        out, program=run.program, data=run.data, instrument=run.instrument, record=run.record,
        extra=run.extra,
    )  # fmt: skip


def without_page(run: MadeUpRun) -> MadeUpRun:
    run.extra = Extra(report=False)
    return run


def text_of(run: MadeUpRun) -> str:
    return result_text(result(run.program, run.data, run.instrument, run.record, run.extra))


@pytest.mark.parametrize(("bars", "trades"), [(0, 0), (1, 0), (600, 30)])
def test_every_result_fits_the_published_schema(bars: int, trades: int) -> None:
    validator = jsonschema.Draft202012Validator(load("result"))
    validator.validate(json.loads(text_of(made_up_run(bars, trades))))


def test_the_published_schema_is_what_the_tables_say() -> None:
    assert schema_text("result") == made_schema(), (
        "write it anew: python -m runtime.reports.result_schema > schemas/result.schema.json"
    )


def test_the_same_run_gives_the_same_bytes_in_every_process() -> None:
    code = (
        "from tests.runtime.reports.test_result import made_up_run, text_of\n"
        "import sys; sys.stdout.buffer.write(text_of(made_up_run(400, 20)).encode())"
    )
    texts = {text_of(made_up_run(400, 20)).encode()}
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, check=True
        )
        texts.add(done.stdout)
    assert len(texts) == 1


def test_the_result_names_no_place_and_no_moment(tmp_path: Path) -> None:
    text = write(without_page(made_up_run()), tmp_path).result.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    assert str(ROOT) not in text
    assert text == text_of(without_page(made_up_run()))


def test_unknown_and_infinite_numbers_become_null() -> None:
    run = made_up_run(20, 2)
    run.record.ambiguity.pnl_if_flipped = float("nan")
    run.record.fees_paid = float("inf")
    made = json.loads(text_of(run))
    assert made["ambiguity"]["net_profit_if_flipped_usdt"] is None
    assert made["metrics"]["total_fees_usdt"] is None


def test_refusals_are_grouped_by_code_with_their_first_examples() -> None:
    run = made_up_run(600, 30)
    refusal = replace(run.record.refusals[0], code="invariant:max_layers", text="x", line=7)
    run.record.refusals.append(refusal)
    made = json.loads(text_of(run))
    small, promise = made["refusals"]
    assert (small["code"], small["count"]) == ("below_min_qty", len(run.record.refusals) - 1)
    assert small["meaning"]
    assert len(small["first"]) == 3
    assert promise["first"][0]["line"] == 7


def test_warnings_are_said_once() -> None:
    run = made_up_run(20, 2)
    run.record.warnings = [*run.data.notes, "b", "b"]
    assert json.loads(text_of(run))["warnings"] == [*run.data.notes, "b"]


# ---------------------------------------------------------------- the folder


def test_a_run_folder_holds_every_file_and_is_named_by_its_inputs(tmp_path: Path) -> None:
    files = write(made_up_run(card="zone scalper/v1"), tmp_path)
    assert files.folder.name.startswith("zone_scalper_v1-BTCUSDT_15m-")
    names = sorted(p.name for p in files.folder.iterdir())
    tables = [
        f"{name}.parquet"
        for name in ("equity", "fills", "layers", "orders", "refusals", "remarks", "trades")
    ]
    assert names == sorted([*tables, "report.html", "result.json"])
    again = write(made_up_run(card="zone scalper/v1"), tmp_path)
    assert again.folder == files.folder
    other = write(made_up_run(card="zone scalper/v1", seed=2), tmp_path)
    assert other.folder != files.folder
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [files.folder.name, other.folder.name]
    )


def test_the_page_can_be_left_out(tmp_path: Path) -> None:
    files = write(without_page(made_up_run()), tmp_path)
    assert files.report is None
    assert not (files.folder / "report.html").exists()


def test_a_failure_leaves_the_earlier_run_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(without_page(made_up_run()), tmp_path)
    before = files.result.read_bytes()

    def fail(*_given: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("runtime.reports.artefacts._write_equity", fail)
    with pytest.raises(OSError, match="disk full"):
        write(without_page(made_up_run()), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [files.folder.name]
    assert files.result.read_bytes() == before


def test_a_failed_rename_brings_the_earlier_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(without_page(made_up_run()), tmp_path)
    real, calls = os.replace, []

    def second_fails(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError("busy")
        real(source, target)

    monkeypatch.setattr(os, "replace", second_fails)
    with pytest.raises(OSError, match="busy"):
        write(without_page(made_up_run()), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [files.folder.name]
    assert files.table("orders").exists()


# ---------------------------------------------------------------- tables


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("orders", OrderRow),
        ("fills", FillRow),
        ("layers", LayerRow),
        ("trades", TradeRow),
        ("refusals", RefusalRow),
        ("remarks", RemarkRow),
    ],
)
def test_tables_hold_every_row_and_keep_their_types_when_empty(
    tmp_path: Path, name: str, row: type
) -> None:
    run = made_up_run()
    full = pq.read_table(write(without_page(run), tmp_path).table(name))
    rows = getattr(run.record, name)
    assert full.column_names == [f.name for f in fields(row)]
    assert full.to_pylist() == [{f.name: getattr(r, f.name) for f in fields(row)} for r in rows]
    run.record = RunRecord()
    empty = pq.read_table(write(without_page(run), tmp_path).table(name))
    assert empty.num_rows == 0
    assert empty.schema.types == full.schema.types


def test_the_equity_table_has_one_row_per_bar(tmp_path: Path) -> None:
    run = without_page(made_up_run())
    table = pq.read_table(write(run, tmp_path).table("equity"))
    assert table.num_rows == len(run.data.exec)
    assert table["equity"].to_pylist() == list(run.record.equity.equity)
