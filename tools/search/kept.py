"""What was tried, kept on disk: a search that is begun again runs only what is missing.

The law: a row is written once and means one thing: a set of parameters on a stretch of the bars that the file is
about. A file about something else is never read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from compiler.findings.errors import IdeaCardError
from tools.search.figures import Figures
from tools.search.jobs import Job, Outcome, Refused, Stops, Stretch, Workers
from tools.search.space import ParamSet

_TABLES = """
CREATE TABLE IF NOT EXISTS about (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tried (
  params TEXT NOT NULL, first INTEGER NOT NULL, stop INTEGER NOT NULL, figures TEXT NOT NULL,
  PRIMARY KEY (params, first, stop)
);
"""


class Outcomes:
    """What jobs came to. `about` is a digest of all that decides them: card, data, instrument, code."""

    def __init__(self, path: Path, about: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Autocommit: what a killed process had written stays.
            self._file = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(_TABLES)
            held = self._file.execute("SELECT digest FROM about").fetchone()
            if held is None:
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

    def sets(self) -> int:
        """Return how many different sets were ever run on any stretch of these bars."""
        row = self._file.execute(
            "SELECT COUNT(DISTINCT params) FROM tried WHERE figures NOT LIKE '\"%'"
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


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


def _written(outcome: Outcome) -> str:
    return json.dumps(outcome.reason if isinstance(outcome, Refused) else outcome.row())


def _read(text: str) -> Outcome:
    held = json.loads(text)
    return Refused(held) if isinstance(held, str) else Figures.of_row(held)
