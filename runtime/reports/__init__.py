"""What a run leaves behind: `result.json`, Parquet tables and a page to read.

`write_run` makes the folder whole or not at all. Heavy libraries are imported only while writing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

from compiler.graph.program import Program
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.records.rows import RunRecord
from runtime.reports.lines import Line, lines_of
from runtime.reports.run_files import CARD, OVERRIDES, Extra, Json, RunFiles
from runtime.reports.summary import summary
from runtime.reports.zones import Zone, zones_of

_NAME = 60


def write_run(
    out: Path,
    *,
    program: Program,
    data: MarketData,
    instrument: Instrument,
    record: RunRecord,
    extra: Extra,
) -> RunFiles:
    """Write the run folder `<card>-<symbol>_<timeframe>-<hash8>` under `out`.

    The hash names the inputs, so an older folder of that name held the same run; it is replaced in
    one step, and a failure leaves it as it was.
    """
    from runtime.reports.artefacts import write_artefacts
    from runtime.reports.result import result, result_text

    made = result(program, data, instrument, record, extra)
    folder = out / _folder_name(made)
    partial = out / f".{folder.name}.{os.getpid()}.part"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        (partial / "result.json").write_text(result_text(made), encoding="utf-8", newline="\n")
        _write_card(partial, extra)
        write_artefacts(partial, record)
        report = None
        if extra.get("report", True):
            from runtime.reports.html import report_html

            report = folder / "report.html"
            page = report_html(
                made,
                data,
                record,
                tuple(extra.get("zones", ())),
                extra.get("card_text", ""),
                lines=tuple(extra.get("lines", ())),
                conditions=tuple(extra.get("conditions", ())),
                further=tuple(extra.get("further", ())),
            )
            (partial / report.name).write_text(page, encoding="utf-8", newline="\n")
        _put_in_place(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return RunFiles(folder, folder / "result.json", report, made)


def _write_card(folder: Path, extra: Extra) -> None:
    """Write what was run, where the caller says it: the card's text and the values given beside it."""
    if "card_text" in extra:
        (folder / CARD).write_bytes(extra["card_text"].encode("utf-8"))
    if extra.get("overrides"):
        pairs = [list(pair) for pair in extra["overrides"]]
        text = json.dumps(pairs, indent=1, ensure_ascii=False) + "\n"
        (folder / OVERRIDES).write_text(text, encoding="utf-8", newline="\n")


def _put_in_place(partial: Path, folder: Path) -> None:
    """Rename a finished folder to its name; the old one steps aside first and returns on failure."""
    old = partial.with_suffix(".old")
    if folder.exists():
        os.replace(folder, old)
    try:
        os.replace(partial, folder)
    except OSError:
        if old.exists():
            os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _folder_name(made: Json) -> str:
    from runtime.reports.result import digest

    inputs = [
        made[part] for part in ("version", "card", "data", "engine", "settings", "instrument")
    ]
    data = f"{made['data']['symbol']}_{made['data']['timeframe']}"
    return f"{_safe(made['card']['name'])}-{_safe(data)}-{digest(inputs)[:8]}"


def _safe(text: str) -> str:
    """Return a name any file system takes."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", text).strip("_.")[:_NAME] or "run"


__all__ = ["Extra", "Line", "RunFiles", "Zone", "lines_of", "summary", "write_run", "zones_of"]
