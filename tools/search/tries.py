"""Where tries lie on disk: run folders, what a search kept, notes of runs that left nothing else behind.

The law: whatever ran a card on bars is a try on them, whoever asked for it; what cannot be read is named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.findings.errors import IdeaCardError
from runtime.market.whole_files import write_whole
from runtime.reports.run_files import CARD, OVERRIDES, RunFiles
from tools.run_folders import StoredRun, files_under, find_runs
from tools.search.kept import Search, pairs, read_search
from tools.search.space import ParamSet

NOTES = "tries"  # folder, under that of the runs, of runs that were not kept
_FORMAT, _VERSION = "ideacard.try", 1
Data = dict[str, Any]  # as in `result.json`
Fits = Callable[[Data], bool]


@dataclass(frozen=True, slots=True)
class Try:
    """One card that was run. `meaning`: the hash of its graph, None for a set of a search, which says none.

    `text` is None where it was not kept; `overrides` are those it was compiled with.
    """

    name: str
    data: Data
    meaning: str | None
    text: str | None
    overrides: ParamSet = ()


def note(folder: Path, meaning: str, data: Data, text: str, overrides: ParamSet) -> Path:
    """Leave word under `folder` of a run whose files are not kept, once for each card and data.

    `meaning` is the hash of the card's graph, `data` those of its result (`data_row`).
    """
    told = {
        "format": _FORMAT, "version": _VERSION, "graph_hash": meaning,
        "card": text, "overrides": overrides, "data": data,
    }  # fmt: skip
    key = json.dumps([meaning, data["hash"], data["from"]])
    path = folder / NOTES / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(told, indent=1) + "\n")
    return path


def note_elsewhere(folder: Path, files: RunFiles, text: str, overrides: ParamSet) -> None:
    """Leave word under `folder` of a run whose files are kept, or were for a while, at another place."""
    if not files.folder.resolve().is_relative_to(folder.resolve()):
        note(folder, files.made["card"]["graph_hash"], files.made["data"], text, overrides)


def uncounted(error: OSError) -> str:
    """Return what is said where the note of a try cannot be written, which ends nothing."""
    return f"this try is not counted by `ideacard robust`: {error}"


def tries(folder: Path, fits: Fits) -> tuple[list[Try], list[str]]:
    """Return (tries under a folder on data that fit, what could not be read)."""
    runs, unread = find_runs(folder)
    found = [_of_run(run) for run in runs if fits(run.made["data"])]
    for path in sorted(folder.rglob(f"{NOTES}/*.json")):
        try:
            one = _of_note(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            unread.append(f"{path}: cannot be read as a try: {error}")
        else:
            found += [one] if fits(one.data) else []
    for path in files_under(folder, "tried.sqlite"):
        try:
            kept = read_search(path)
        except IdeaCardError as error:
            unread.append(str(error))
        else:
            found += _of_search(path, kept) if fits(kept.data) else []
    return found, unread


def _of_run(run: StoredRun) -> Try:
    try:
        text = (run.folder / CARD).read_bytes().decode("utf-8")
        path = run.folder / OVERRIDES
        said = pairs(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else ()
    except (OSError, ValueError, TypeError):
        return Try(run.name, run.made["data"], run.made["card"]["graph_hash"], None)
    return Try(run.name, run.made["data"], run.made["card"]["graph_hash"], text, said)


def _of_note(path: Path) -> Try:
    told = json.loads(path.read_text(encoding="utf-8"))
    if told["format"] != _FORMAT:
        raise ValueError(f"it is a {told['format']}")
    return Try(path.name, told["data"], told["graph_hash"], told["card"], pairs(told["overrides"]))


def _of_search(path: Path, kept: Search) -> Iterator[Try]:
    for params in kept.sets:
        yield Try(path.parent.name, kept.data, None, kept.text, (*kept.overrides, *params))
