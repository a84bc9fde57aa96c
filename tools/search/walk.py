"""`ideacard walk`: a set is chosen on one stretch and looked at on the next, again and again.

The law: a choice knows nothing of the bars it is looked at on. Between the two lie as many bars as what was chosen reads
back and as its longest trade lasted, so neither an indicator nor a trade reaches from one into the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from runtime.features.elementary import exp
from runtime.formulas.sums import total, whole
from runtime.market.checks import utc
from runtime.market.frame import Frame
from tools.search.figures import OBJECTIVES, Figures, Objective
from tools.search.folds import Cut, Lengths, cuts
from tools.search.jobs import Job, Local, Matter, Outcome, Refused, Stops, Stretch, Workers
from tools.search.kept import Kept
from tools.search.plans import Method, Tried, listed, ranked, search
from tools.search.promises import Broken, Looks
from tools.search.space import ParamSet
from tools.search.sweep import Asked, Tick, heading, outcomes_of, short

FORMAT, VERSION = "ideacard.walk", 1


@dataclass(frozen=True, slots=True)
class Fold:
    """One choice and what came of it. `tested` is None where no set could be chosen or the purge left no bars.

    `broke`: promises of the card that the chosen set broke where it was chosen, and where it was looked at; None for
    not looked at.
    """

    cut: Cut
    chosen: Tried | None
    purge: int
    test: Stretch | None
    tested: Outcome | None
    broke: tuple[Broken | None, Broken | None] = ((), ())

    @property
    def figures(self) -> Figures | None:
        """Return the figures of the bars behind the choice."""
        return self.tested if isinstance(self.tested, Figures) else None


@dataclass(frozen=True, slots=True)
class Walk:
    """All folds of some lengths."""

    lengths: Lengths
    folds: tuple[Fold, ...]
    is_whole: bool

    def tested(self) -> list[Figures]:
        return [fold.figures for fold in self.folds if fold.figures is not None]

    @property
    def return_pct(self) -> float | None:
        """Return what the folds come to, each begun with what the one before left; None where none was tested."""
        made = self.tested()
        if not made or any(one.equity <= 0.0 for one in made):
            return -100.0 if made else None
        return 100.0 * (exp(total(one.growth for one in made)) - 1.0)

    @property
    def above(self) -> int:
        """Return the folds that ended above their start."""
        return sum(1 for one in self.tested() if one.equity > one.start)

    @property
    def trades(self) -> int:
        return whole(one.trades for one in self.tested())

    @property
    def breaking(self) -> int:
        """Return the folds whose choice broke a promise of the card, here or there."""
        return sum(1 for fold in self.folds if any(fold.broke))

    def bars(self) -> int:
        """Return the bars that were looked at."""
        return whole(
            fold.test.stop - fold.test.first for fold in self.folds if fold.test is not None
        )


@dataclass(frozen=True, slots=True)
class Walks:
    """Walks of all lengths that were asked for, in their order: a matrix where there are several."""

    matter: Matter
    asked: Asked
    walks: tuple[Walk, ...]
    tried: int
    ran: int

    @property
    def aim(self) -> Objective:
        return self.asked.plan.objectives[0]

    @property
    def is_whole(self) -> bool:
        return all(one.is_whole for one in self.walks)


def walk(
    matter: Matter,
    asked: Asked,
    lengths: Sequence[Lengths],
    workers: Workers | None = None,
    stops: Stops = lambda: False,
    tick: Tick = lambda _done, _all: None,
    purge: int | None = None,
) -> Walks:
    """Walk through a history once for each of the lengths; `purge`: bars between, in place of those that follow."""
    workers = workers or Local(matter)
    history = Stretch(matter.data.first, len(matter.data.exec))
    each = [cuts(history, one) for one in lengths]
    plan, size, done = asked.plan, len(asked.space), 0
    count = whole(map(len, each)) * (size if plan.method is Method.GRID else min(plan.count, size))

    def note(more: int) -> None:
        nonlocal done
        done += more
        tick(min(done, count), count)

    known = outcomes_of(matter, asked)
    try:
        made, ran = list[Walk](), 0
        for one, found in zip(lengths, each, strict=True):
            ran += _ahead(asked, found, Kept(known, workers, stops, note))
            told = note if plan.method is Method.TPE else _nobody
            kept, looks = Kept(known, workers, stops, told), Looks(matter, known, stops)
            folds = list[Fold]()
            for cut in found:
                fold = _fold(asked, cut, kept, workers, purge)
                if fold is None:
                    break
                folds.append(_looked(fold, looks))
            ran += kept.ran
            looked = all(None not in fold.broke for fold in folds)
            made.append(Walk(one, tuple(folds), looked and len(folds) == len(found)))
        return Walks(matter, asked, tuple(made), known.sets(), ran)
    finally:
        known.close()


def _nobody(_count: int) -> None:
    """Hear of runs that were told of already."""


def _ahead(asked: Asked, found: Sequence[Cut], kept: Kept) -> int:
    """Run what is known to be asked, set by set. COST: a set's columns are computed once for all folds."""
    plan, jobs = asked.plan, list[Job]()
    if plan.method is Method.TPE:
        return 0
    for params in listed(asked.space, plan):
        jobs += [Job(params, cut.train) for cut in found]
    kept(jobs)
    return kept.ran


def _fold(asked: Asked, cut: Cut, kept: Kept, workers: Workers, purge: int | None) -> Fold | None:
    """Return a fold, None where it was stopped on the way."""
    tried, is_whole = search(asked.space, asked.plan, cut.train, kept)
    if not is_whole:
        return None
    chosen = next(iter(ranked(tried, asked.plan.objectives[0])), None)
    if chosen is None or chosen.figures is None:
        return Fold(cut, None, 0, None, None)
    reach = workers.warmup(chosen.params) + chosen.figures.longest_hold
    between = reach if purge is None else purge
    test = cut.purged(between)
    if test is None:
        return Fold(cut, chosen, between, None, None)
    (outcome,) = kept([Job(chosen.params, test)])
    return None if outcome is None else Fold(cut, chosen, between, test, outcome)


def _looked(fold: Fold, looks: Looks) -> Fold:
    """Return a fold with the promises that its choice broke."""
    if fold.chosen is None:
        return fold
    params = fold.chosen.params
    there = () if fold.test is None or fold.figures is None else looks(Job(params, fold.test))
    return replace(fold, broke=(looks(Job(params, fold.cut.train)), there))


def plain(made: Walks) -> dict[str, Any]:
    """Return walks as JSON has them: the same whoever ran them."""
    return {
        **heading(FORMAT, VERSION, made.matter, made.asked),
        "is_whole": made.is_whole,
        "tried_on_these_bars": made.tried,
        "walks": [
            {
                "train_bars": one.lengths.train, "test_bars": one.lengths.test,
                "anchored": one.lengths.anchored, "return_pct": one.return_pct,
                "folds_above_start": one.above, "folds_that_break_promises": one.breaking, "trades": one.trades, "bars_looked_at": one.bars(),
                "folds": [_fold_plain(made, fold) for fold in one.folds],
            }
            for one in made.walks
        ],
    }  # fmt: skip


def _fold_plain(made: Walks, fold: Fold) -> dict[str, Any]:
    frame = made.matter.data.exec
    row: dict[str, Any] = {
        "chosen_on": span(frame, fold.cut.train), "purge_bars": fold.purge,
        "looked_at": None if fold.test is None else span(frame, fold.test),
        "params": None if fold.chosen is None else dict(fold.chosen.params),
        "chosen": None if fold.chosen is None else _figures(fold.chosen.outcome),
        "tested": None if fold.tested is None else _figures(fold.tested),
        "promises_broken": {"chosen_on": fold.broke[0], "looked_at": fold.broke[1]},
    }  # fmt: skip
    if fold.chosen is not None and fold.test is not None:
        row["command"] = command(made, fold.chosen.params, fold.test)
    return row


def command(made: Walks, params: ParamSet, test: Stretch) -> str:
    """Return the command of one set on one stretch."""
    frame = made.matter.data.exec
    start, end = frame.ts[test.first], frame.close_time(test.stop - 1)
    return made.asked.repeat.command(params, start, end, loose=True)


def span(frame: Frame, stretch: Stretch) -> list[str]:
    """Return the first and the last time of a stretch, UTC."""
    return [utc(frame.ts[stretch.first]), utc(frame.close_time(stretch.stop - 1))]


def _figures(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"refused": outcome.reason}
    return {
        "objectives": {aim.name: aim.of(outcome) for aim in OBJECTIVES},
        "figures": asdict(outcome),
    }


def summed(one: Walk) -> str:
    """Return what the folds of one walk come to, as a clause."""
    tested = len(one.tested())
    if not tested:
        return "no bars were looked at: nothing could be chosen, or the purge left none (a longer --test)"
    broke = f"; a promise of the card was broken in {one.breaking} of them" if one.breaking else ""
    return (
        f"{short(one.return_pct)} % over {tested} folds of {len(one.folds)}, {one.above} of them above their start; "
        f"{one.trades:,} trades on {one.bars():,} bars{broke}"
    )


def caveat(made: Walks) -> str:
    """Return what walks say, and what they do not."""
    return (
        f"{made.tried:,} sets were tried on these bars. Each was looked at on bars that its choice knew nothing of; "
        "that says how the choosing would have gone, not that the card has an edge, and who walks again with "
        "other lengths until it looks well has chosen once more."
    )
