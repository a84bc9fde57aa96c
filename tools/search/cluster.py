"""Jobs of a search on a Dask cluster: processes here (`local:4`), or one that runs elsewhere (`tcp://host:8786`).

The law: who runs a job cannot be seen in its outcome. What a lost worker had in hand, the others run; a worker with
other code is refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from compiler.findings.errors import IdeaCardError
from runtime.live.code_digest import code_digest
from tools.search.jobs import Job, Local, Matter, Outcome, Stops, Workers
from tools.search.space import ParamSet

_MOST_AT_ONCE = 16  # jobs in one task: what a lost worker loses
_TASKS_A_WORKER = 4
_LOOK_UP_S = 0.5  # how often it is asked whether to stop
_FAILURES = 5  # workers that may be lost over one task before the task is held to be the cause


@contextmanager
def workers_at(where: str | None, matter: Matter) -> Iterator[Workers | None]:
    """Give the workers that `--dask` names, None where it names none; a cluster begun here ends with it."""
    if where is None:
        yield None
        return
    count = _count(where)
    distributed = _distributed()
    if count is None:
        try:
            client = distributed.Client(where, timeout=10)
        except (OSError, TimeoutError, ValueError) as error:
            raise IdeaCardError(f"--dask {where}: no cluster answers there: {error}") from None
        with client:
            yield Cluster(matter, client)
        return
    with (
        distributed.LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield Cluster(matter, client)


def _count(where: str) -> int | None:
    """Return the processes that are to run here, None for an address."""
    kind, _, rest = where.partition(":")
    if kind == "local" and rest.isdecimal() and 1 <= int(rest) <= 256:
        return int(rest)
    if kind in ("tcp", "tls") and rest.startswith("//"):
        return None
    raise IdeaCardError(f"--dask {where}: expected local:N (1 to 256 processes) or tcp://HOST:PORT")


def _distributed() -> Any:
    try:
        import dask
        import distributed
    except ImportError:
        raise IdeaCardError(
            "--dask needs Dask: pip install 'ideacard[search]'; without it a search runs in this process"
        ) from None
    dask.config.set({"distributed.scheduler.allowed-failures": _FAILURES})
    return distributed


class Cluster:
    """Runs jobs as tasks of a `distributed.Client`."""

    def __init__(self, matter: Matter, client: Any) -> None:
        self._client = client
        self._here = Local(matter)
        self._key = f"matter-{matter.digest()}"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            # A task, not scattered data: a worker that held it alone may be lost.
            self._matter = client.submit(_same, matter, key=self._key)

    def warmup(self, params: ParamSet) -> int:
        """Return the exec bars until everything a set reads can be known; 0 for one that cannot run."""
        return self._here.warmup(params)

    def outcomes(self, jobs: Sequence[Job], stops: Stops) -> Iterator[tuple[int, Outcome]]:
        """Yield (place, outcome) as tasks end, until told to stop."""
        from distributed import wait

        tasks = dict[Any, range]()
        for places in self._parts(len(jobs)):
            part = [jobs[place] for place in places]
            tasks[
                self._client.submit(_run, self._matter, self._key, part, code_digest(), pure=False)
            ] = places
        left = set(tasks)
        try:
            while left and not stops():
                try:
                    done, left = wait(left, timeout=_LOOK_UP_S, return_when="FIRST_COMPLETED")
                except TimeoutError:
                    continue
                for task in sorted(done, key=lambda one: tasks[one].start):
                    yield from zip(tasks[task], self._result(task), strict=True)
        finally:
            self._client.cancel(list(left))

    def _parts(self, count: int) -> Iterator[range]:
        workers = max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))
        size = max(1, min(_MOST_AT_ONCE, -(-count // (_TASKS_A_WORKER * workers))))
        for start in range(0, count, size):
            yield range(start, min(start + size, count))

    def _result(self, task: Any) -> list[Outcome]:
        from distributed import KilledWorker

        try:
            made: list[Outcome] = task.result()
        except KilledWorker as error:
            raise IdeaCardError(
                f"{_FAILURES + 1} workers were lost over the same sets: {error}"
            ) from None
        return made


_locals: dict[str, Local] = {}  # in a worker: one for the matter at hand, with what its sets share


def _same(matter: Matter) -> Matter:
    return matter


def _run(matter: Matter, key: str, jobs: Sequence[Job], code: str) -> list[Outcome]:
    """Return the outcomes of jobs, in a worker."""
    if code_digest() != code:
        raise IdeaCardError("a worker of the cluster runs another version of ideacard")
    if key not in _locals:
        _locals.clear()
        _locals[key] = Local(matter)
    found = dict(_locals[key].outcomes(jobs, lambda: False))
    return [found[place] for place in range(len(jobs))]
