"""Whether a set keeps what its card promises: looked at for those that are shown or chosen.

The law: the runs of a search keep no records, and without them nobody counts breaches, so a set is run once more with
them; one that was not looked at is not known to keep anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from runtime.backtest import run_backtest
from runtime.records.rows import PromiseRow, RunRecord
from tools.search.jobs import Job, Matter, Stops, cut
from tools.search.kept import Outcomes

LOOKED = 10  # sets at the head of a ranking
Broken = tuple[str, ...]  # promises in words, with how often each was broken


def broken(record: RunRecord) -> Broken:
    """Return which promises of its card a run broke, and how often."""
    return tuple(_words(row) for row in record.promises if row.times)


def _words(row: PromiseRow) -> str:
    return f"{row.text} ({row.times}×)"


class Looks:
    """Looks at runs of one search, at each once for all times."""

    def __init__(self, matter: Matter, outcomes: Outcomes, stops: Stops) -> None:
        self._matter = matter
        self._outcomes = outcomes
        self._stops = stops
        self.promises = len(matter.program(()).graph.invariants)

    def __call__(self, job: Job) -> Broken | None:
        """Return what a run that came to an end broke; None where it was stopped before it was looked at."""
        if not self.promises:
            return ()
        known = self._outcomes.broken(job)
        if known is None and not self._stops():
            matter = self._matter
            data = cut(matter.data, job.stretch)
            known = broken(
                run_backtest(matter.program(job.params), data, matter.instrument, flip=False)
            )
            self._outcomes.put_broken(job, known)
        return known

    def each(self, jobs: Sequence[Job]) -> dict[Job, Broken]:
        """Return what each of them broke, of those that were looked at."""
        found = {job: self(job) for job in jobs}
        return {job: one for job, one in found.items() if one is not None}


def sentence(broke: Sequence[str]) -> str:
    """Return that a run broke promises, "" where it broke none."""
    return f"breaks what the card promises: {', '.join(broke)}" if broke else ""
