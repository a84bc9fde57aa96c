"""Which sets are tried, and in what order: all of a space, some drawn at random, or those that Optuna asks for.

The law: what is asked depends on the seed and on what the sets before came to, nothing else; so a search that is
begun again asks the same again, and what it knows already it does not run.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from random import Random
from typing import Any, assert_never

from compiler.findings.errors import IdeaCardError
from tools.search.figures import Figures, Objective, objective
from tools.search.jobs import Job, Outcome, Stretch
from tools.search.space import ParamSet, Space

_AT_ONCE = 256
_ASKED_AT_ONCE = (
    8  # the same for one process and for many: what is asked next must not depend on them
)
SHARES = (0.25, 0.5, 1.0)  # of the history: where a set that lags behind is given up


class Method(StrEnum):
    """How a space is searched."""

    GRID = "grid"
    RANDOM = "random"
    TPE = "tpe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`count`: how many sets are asked for, of a grid all of them. `prunes`: sets that lag are given up early."""

    method: Method
    objectives: tuple[Objective, ...]
    count: int = 0
    seed: int = 1
    prunes: bool = False


def plan_of(
    method: str, objectives: Sequence[str], *, count: int, seed: int, prunes: bool = False
) -> Plan:
    """Return a plan as it was asked for, by the names of its method and objectives; without any of these, `timing`.

    IdeaCardError for a name that is none, and where the words do not fit together.
    """
    known = [one.value for one in Method]
    if method not in known:
        raise IdeaCardError(f"no method `{method}`; there are: {', '.join(known)}")
    aims = tuple(objective(name) for name in objectives or ("timing",))
    if prunes and (method != Method.TPE or len(aims) > 1):
        raise IdeaCardError("pruning goes with the method tpe and one objective")
    return Plan(
        method=Method(method), objectives=aims, count=count, seed=seed, prunes=prunes,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """One set on the first part of the history; `share` 1.0: on all of it."""

    params: ParamSet
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What a set came to. `share` below 1.0: it lagged behind there and was given up."""

    params: ParamSet
    outcome: Outcome
    share: float = 1.0

    @property
    def figures(self) -> Figures | None:
        """Return the figures of a set that ran to the end."""
        return self.outcome if isinstance(self.outcome, Figures) and self.share == 1.0 else None


Asker = Generator[list[Ask], list[Outcome], None]
Run = Callable[[Sequence[Job]], list[Outcome | None]]


def search(space: Space, plan: Plan, stretch: Stretch, run: Run) -> tuple[list[Tried], bool]:
    """Return (every set that was tried, in the order in which each was asked first; whether all were).

    `run` answers jobs in their order, with None for those that it was told to leave.
    """
    asker, tried = _asker(space, plan), dict[ParamSet, Tried]()
    asks = next(asker, [])
    while asks:
        made = run([Job(ask.params, part(stretch, ask.share)) for ask in asks])
        answers = list[Outcome]()
        for ask, outcome in zip(asks, made, strict=True):
            if outcome is not None:
                answers.append(outcome)
                _note(tried, Tried(ask.params, outcome, ask.share))
        if len(answers) < len(asks):
            return list(tried.values()), False
        try:
            asks = asker.send(answers)
        except StopIteration:
            break
    return list(tried.values()), True


def _note(tried: dict[ParamSet, Tried], one: Tried) -> None:
    """Keep what is known of most of the history."""
    if one.params not in tried or tried[one.params].share <= one.share:
        tried[one.params] = one


def part(stretch: Stretch, share: float) -> Stretch:
    """Return the beginning of a stretch, at least one bar of it."""
    rows = stretch.stop - stretch.first
    return Stretch(stretch.first, stretch.first + max(1, min(rows, round(share * rows))))


def ranked(tried: Sequence[Tried], aim: Objective) -> list[Tried]:
    """Return the sets that ran to the end and have the figure, highest first; of equal ones the first tried."""
    known = [(one, aim.rank(one.figures)) for one in tried if one.figures is not None]
    fit = [(one, rank) for one, rank in known if rank is not None]
    return [one for one, _ in sorted(fit, key=lambda pair: -pair[1])]


def front(tried: Sequence[Tried], aims: Sequence[Objective]) -> list[Tried]:
    """Return the sets to which no other is preferable in every aim (Pareto), in the order of the first aim."""
    points = list[tuple[Tried, tuple[float, ...]]]()
    for one in ranked(tried, aims[0]):
        assert one.figures is not None
        ranks = [aim.rank(one.figures) for aim in aims]
        known = tuple(rank for rank in ranks if rank is not None)
        if len(known) == len(aims):
            points.append((one, known))
    return [
        one
        for one, mine in points
        if not any(other != mine and all(map(float.__ge__, other, mine)) for _, other in points)
    ]


def listed(space: Space, plan: Plan) -> Iterator[ParamSet]:
    """Yield the sets of a plan that does not ask what others came to."""
    numbers: Sequence[int] = range(len(space))
    if plan.method is Method.RANDOM:
        numbers = Random(plan.seed).sample(numbers, min(plan.count, len(space)))
    return map(space.at, numbers)


def _asker(space: Space, plan: Plan) -> Asker:
    match plan.method:
        case Method.GRID | Method.RANDOM:
            return _all_of(listed(space, plan))
        case Method.TPE:
            return _tpe(space, plan)
        case _:
            assert_never(plan.method)


def _all_of(sets: Iterator[ParamSet]) -> Asker:
    while asks := [Ask(params) for params in islice(sets, _AT_ONCE)]:
        yield asks


def _tpe(space: Space, plan: Plan) -> Asker:
    """Ask for what Optuna's tree-structured Parzen estimator proposes (Bergstra et al. 2011)."""
    try:
        import optuna
    except ImportError:
        raise IdeaCardError(
            "`--method tpe` needs Optuna: pip install 'ideacard[search]'; grid and random need nothing"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        directions=["maximize"] * len(plan.objectives),
        sampler=optuna.samplers.TPESampler(seed=plan.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_ASKED_AT_ONCE),
    )
    distinct = set[ParamSet]()
    left = plan.count
    while left > 0 and len(distinct) < len(space):
        trials = [study.ask() for _ in range(min(_ASKED_AT_ONCE, left))]
        left -= len(trials)
        asked = [(trial, _proposed(trial, space)) for trial in trials]
        distinct.update(params for _, params in asked)
        yield from _rungs(study, asked, plan)


def _proposed(trial: Any, space: Space) -> ParamSet:
    """Return the set that a trial proposes: places on ordered axes, words on others."""
    chosen = []
    for axis in space.axes:
        if axis.is_ordered:
            place = trial.suggest_int(axis.path, 0, len(axis.values) - 1)
        else:
            word = trial.suggest_categorical(axis.path, axis.values)
            place = axis.values.index(word)
        chosen.append(place)
    return space.of(chosen)


def _rungs(study: Any, asked: list[tuple[Any, ParamSet]], plan: Plan) -> Asker:
    """Ask for sets of one batch on more and more of the history; tell what each came to."""
    from optuna.trial import TrialState

    alive = asked
    for share in SHARES if plan.prunes else (1.0,):
        outcomes = yield [Ask(params, share) for _, params in alive]
        kept = []
        for (trial, params), outcome in zip(alive, outcomes, strict=True):
            ranks = _ranks(outcome, plan.objectives)
            if ranks is None:
                study.tell(trial, state=TrialState.FAIL)
                continue
            if share == 1.0:
                study.tell(trial, ranks)
                continue
            trial.report(ranks[0], round(100 * share))
            if trial.should_prune():
                study.tell(trial, state=TrialState.PRUNED)
            else:
                kept.append((trial, params))
        alive = kept
        if not alive:
            return


def _ranks(outcome: Outcome, aims: Sequence[Objective]) -> list[float] | None:
    if not isinstance(outcome, Figures):
        return None
    ranks = [aim.rank(outcome) for aim in aims]
    known = [rank for rank in ranks if rank is not None]
    return known if len(known) == len(aims) else None
