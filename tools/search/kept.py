"""What was tried, kept on disk: a search that is begun again runs only what is missing.

The law: a row is written once and means one thing: a set of parameters on a stretch of the bars that the file is
about. A file about something else is never read. It says itself which card it is about and which bars: whoever finds it
can run its sets again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.findings.errors import IdeaCardError
from tools.search.figures import Figures
from tools.search.jobs import Job, Outcome, Refused, Stops, Stretch, Workers
from tools.search.space import ParamSet

_TABLES = """
CREATE TABLE IF NOT EXISTS about (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS matter (card TEXT NOT NULL, overrides TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tried (
  params TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER NOT NULL, figures TEXT NOT NULL,
  PRIMARY KEY (params, first, stop)
);
CREATE TABLE IF NOT EXISTS promises (
  params TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER NOT NULL, broken TEXT NOT NULL,
  PRIMARY KEY (params, first, stop)
);
"""
_RAN = "figures NOT LIKE '\"%'"  # what was refused is a text


@dataclass(frozen=True, slots=True)
class Search:
    """What a file tells: its card, its data as `result.json` has them, the sets that ran on any stretch of those."""

    text: str
    overrides: ParamSet
    data: dict[str, Any]
    sets: tuple[ParamSet, ...] = ()


class Outcomes:
    """What jobs came to. `about` is a digest of all that decides them: card, data, instrument, code.

    `matter` says to whoever finds the file what it is about.
    """

    def __init__(self, path: Path, about: str, matter: Search) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Autocommit: what a killed process had written stays.
            self._file = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(_TABLES)
            held = self._file.execute("SELECT digest FROM about").fetchone()
            if held is None:
                self._file.execute("INSERT INTO matter VALUES (?, ?, ?)", _told(matter))
                self._file.execute("INSERT INTO about VALUES (?)", (about,))
        except sqlite3.Error as error:
            raise IdeaCardError(f"{path}: cannot be used: {error}") from None
        if held is not None and held[0] != about:
            raise IdeaCardError(f"{path}: is about another card, other data or another version")

    def get(self, job: Job) -> Outcome | None:
        """Return what a job came to, None where it was not run yet."""
        row = self._file.execute(
            "SELECT figures FROM tried WHERE params = ? AND first = ? AND stop = ?", _key(job)
        ).fetchone()
        return None if row is None else _read(row[0])

    def put(self, job: Job, outcome: Outcome) -> None:
        """Keep what a job came to."""
        self._file.execute(
            "INSERT OR IGNORE INTO tried VALUES (?, ?, ?, ?)", (*_key(job), _written(outcome))
        )

    def broken(self, job: Job) -> tuple[str, ...] | None:
        """Return which promises of the card a run broke, None where nobody looked yet."""
        row = self._file.execute(
            "SELECT broken FROM promises WHERE params = ? AND first = ? AND stop = ?", _key(job)
        ).fetchone()
        return None if row is None else tuple(json.loads(row[0]))

    def put_broken(self, job: Job, broken: Sequence[str]) -> None:
        """Keep which promises a run broke."""
        self._file.execute(
            "INSERT OR IGNORE INTO promises VALUES (?, ?, ?, ?)", (*_key(job), json.dumps(broken))
        )

    def sets(self) -> int:
        """Return how many different sets were ever run on any stretch of these bars."""
        row = self._file.execute(
            f"SELECT COUNT(DISTINCT params) FROM tried WHERE {_RAN}"
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def read_search(path: Path) -> Search:
    """Return what a file of outcomes tells; IdeaCardError where it cannot be read or does not say what it is about."""
    try:
        file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30.0)
        try:
            card, overrides, data = file.execute(
                "SELECT card, overrides, data FROM matter"
            ).fetchone()
            rows = file.execute(
                f"SELECT DISTINCT params FROM tried WHERE {_RAN} ORDER BY params"
            ).fetchall()
        finally:
            file.close()
        said, *sets = (pairs(json.loads(text)) for text in (overrides, *(row[0] for row in rows)))
        return Search(card, said, json.loads(data), tuple(sets))
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        raise IdeaCardError(f"{path}: does not say what was tried: {error}") from None


class Kept:
    """Answers jobs from what is kept, else by workers, whose answers are kept."""

    def __init__(
        self,
        outcomes: Outcomes,
        workers: Workers,
        stops: Stops = lambda: False,
        done: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._outcomes = outcomes
        self._workers = workers
        self._stops = stops
        self._done = done
        self.ran = 0

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome | None]:
        """Return the outcomes of jobs in their order; None for those left when told to stop."""
        made: list[Outcome | None] = [self._outcomes.get(job) for job in jobs]
        self._done(sum(1 for one in made if one is not None))
        missing = list(
            dict.fromkeys(job for job, one in zip(jobs, made, strict=True) if one is None)
        )
        fresh = dict[Job, Outcome]()
        for place, outcome in self._run(missing):
            fresh[missing[place]] = outcome
            self._outcomes.put(missing[place], outcome)
            self.ran += 1
            self._done(1)
        return [fresh.get(job) if one is None else one for job, one in zip(jobs, made, strict=True)]

    def _run(self, missing: Sequence[Job]) -> Iterator[tuple[int, Outcome]]:
        return self._workers.outcomes(missing, self._stops) if missing else iter(())


def _key(job: Job) -> tuple[str, int, int]:
    stretch: Stretch = job.stretch
    return _text(job.params), stretch.first, stretch.stop


def _text(params: ParamSet) -> str:
    return json.dumps(sorted(params))


def _told(matter: Search) -> tuple[str, str, str]:
    return matter.text, json.dumps(matter.overrides), json.dumps(matter.data)


def pairs(held: Sequence[Sequence[str]]) -> ParamSet:
    """Return (path, text) as JSON has them."""
    return tuple((str(path), str(text)) for path, text in held)


def _written(outcome: Outcome) -> str:
    return json.dumps(outcome.reason if isinstance(outcome, Refused) else outcome.row())


def _read(text: str) -> Outcome:
    held = json.loads(text)
    return Refused(held) if isinstance(held, str) else Figures.of_row(held)
