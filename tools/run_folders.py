"""Run folders as they lie on disk: found, read, told apart.

The law: only what a run wrote is read; a folder that cannot be read is named, not skipped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.findings.errors import IdeaCardError

RESULT = "result.json"
RUNS = Path("runs")  # where commands keep and find them, where nobody says another folder


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run folder and the content of its result.json."""

    folder: Path
    made: dict[str, Any]
    written: float  # when, seconds since 1970: the file's own time

    @property
    def name(self) -> str:
        """Return the folder's name."""
        return self.folder.name

    def broken_promises(self) -> list[str]:
        """Return each promise of the card that the run broke, and how often."""
        promises = self.made.get("promises", ())  # not in results of older versions
        return [f"{row['text']} ({row['times']}×)" for row in promises if row["times"]]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table of the run; IdeaCardError when it cannot be read."""
        from runtime.reports.artefacts import read_artefact

        path = self.folder / f"{name}.parquet"
        try:
            rows: list[dict[str, Any]] = read_artefact(path).to_pylist()
        except (OSError, ValueError) as error:
            raise IdeaCardError(f"{path}: cannot be read: {error}") from None
        return rows


def read_run(folder: Path) -> StoredRun:
    """Return a run folder (or its result.json); IdeaCardError says what is wrong with it."""
    path = folder / RESULT if folder.is_dir() else folder
    if not path.exists():
        raise IdeaCardError(f"{folder}: no run folder: it holds no {RESULT}")
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        ok = made["format"] == "ideacard.result"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IdeaCardError(f"{path}: cannot be read as a result: {error}") from None
    if not ok:
        raise IdeaCardError(f"{path}: is no result of a back-test")
    return StoredRun(path.parent, made, path.stat().st_mtime)


def find_runs(folder: Path) -> tuple[list[StoredRun], list[str]]:
    """Return (runs at any depth under a folder, newest first, what could not be read)."""
    found: list[StoredRun] = []
    faults: list[str] = []
    for path in files_under(folder, RESULT):
        try:
            found.append(read_run(path))
        except IdeaCardError as error:
            faults.append(str(error))
    return sorted(found, key=lambda run: (-run.written, run.name)), faults


def files_under(folder: Path, pattern: str) -> list[Path]:
    """Return the files at any depth under a folder, but not in it itself; a link to a folder is followed once."""
    # COST: `rglob` follows no link, so no loop of links is ever walked.
    return sorted({*folder.glob(f"*/{pattern}"), *folder.rglob(f"*/{pattern}")})


def choose_runs(words: Sequence[str], folder: Path) -> list[StoredRun]:
    """Return the runs that words name: folders, or beginnings of names under `folder`.

    `last` is the newest, `last~1` the one before. IdeaCardError for a word that names none or several.
    """
    runs, _ = find_runs(folder)
    return [_choose(word, folder, runs) for word in words]


def _choose(word: str, folder: Path, runs: Sequence[StoredRun]) -> StoredRun:
    if Path(word).exists():
        return read_run(Path(word))
    head, _, back = word.partition("~")
    if head == "last" and (not back or back.isdigit()):
        place = int(back or 0)
        if place >= len(runs):
            count = "one run" if len(runs) == 1 else f"{len(runs)} runs"
            raise IdeaCardError(
                f"{folder}: holds {count}, no `{word}`: make another with ideacard backtest"
            )
        return runs[place]
    fitting = [run for run in runs if run.name.startswith(word) or run.name.endswith(word)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise IdeaCardError(f"{word}: no such run folder; see: ideacard runs")
    listed = ", ".join(run.name for run in fitting[:5])
    raise IdeaCardError(f"{word}: {len(fitting)} runs begin or end so: {listed}")


def flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield the leaves of nested settings as (dotted name, value)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
