"""`ideacard sweep`: parameter sets of one card on one stretch of one market, and what may be said of them.

The law: a sweep is a function of card, data, space, plan and seed: interrupted and resumed, in one process or in many,
it comes to the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from runtime.live.code_digest import code_digest
from runtime.market.checks import utc
from runtime.market.whole_files import write_whole
from runtime.reports.result import ENGINE_VERSION, data_row
from tools.search.figures import OBJECTIVES, Figures, Objective
from tools.search.jobs import Job, Local, Matter, Refused, Stops, Stretch, Workers
from tools.search.kept import Kept, Outcomes, Search
from tools.search.plans import Method, Plan, Tried, front, ranked, search
from tools.search.promises import LOOKED, Broken, Looks
from tools.search.repeat import Repeat
from tools.search.selection import Selection
from tools.search.space import ParamSet, Space

FORMAT, VERSION = "ideacard.sweep", 1
Tick = Callable[[int, int], None]


_ALWAYS = ("net_return_pct", "max_drawdown_pct", "total_trades")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched, and where what is known lies. `folder`: one for each card, data and version."""

    space: Space
    plan: Plan
    repeat: Repeat
    folder: Path


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came of it. `selection` counts all sets ever run on these bars; `ran`: those that were run just now.

    `promises`: how many the card makes; `broken`: which of them the sets that were looked at break.
    """

    matter: Matter
    asked: Asked
    tried: tuple[Tried, ...]
    selection: Selection
    is_whole: bool
    ran: int
    slow: dict[str, int]
    promises: int = 0
    broken: dict[ParamSet, Broken] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Return the figures that a table of sets shows: the objectives, and what is always of interest."""
        names = [one.name for one in self.asked.plan.objectives]
        return names + [name for name in _ALWAYS if name not in names]

    @property
    def aim(self) -> Objective:
        """Return the objective that ranks."""
        return self.asked.plan.objectives[0]

    def ranked(self) -> list[Tried]:
        """Return the sets that ran to the end, highest first."""
        return ranked(self.tried, self.aim)

    def front(self) -> list[Tried]:
        """Return the sets to which no other is preferable in all objectives."""
        return front(self.tried, self.asked.plan.objectives)


def digest_of(matter: Matter) -> str:
    """Return a digest of all that decides what a set comes to, the code included."""
    words = f"{matter.digest()} {ENGINE_VERSION} {code_digest()}"
    return hashlib.sha256(words.encode()).hexdigest()


def folder_of(under: Path, name: str, matter: Matter) -> Path:
    """Return the folder of all searches of a card on the same data with the same code."""
    data = matter.data.exec
    return under / f"{name}-{data.symbol}_{data.timeframe}-{digest_of(matter)[:8]}"


def outcomes_of(matter: Matter, asked: Asked) -> Outcomes:
    """Return what is known of the sets of a card on its data."""
    data = data_row(matter.program(()), matter.data.traded())
    about = Search(matter.source.text, matter.overrides, data)
    return Outcomes(asked.folder / "tried.sqlite", digest_of(matter), about)


def sweep(
    matter: Matter,
    asked: Asked,
    workers: Workers | None = None,
    stops: Stops = lambda: False,
    tick: Tick = lambda _done, _all: None,
) -> Sweep:
    """Try the sets of a plan, those that are known not again; `workers` run them, else this process."""
    workers = workers or Local(matter)
    done, count = 0, _count(asked)

    def note(more: int) -> None:
        nonlocal done
        done += more
        tick(min(done, count), count)

    known = outcomes_of(matter, asked)
    try:
        kept = Kept(known, workers, stops, note)
        stretch = Stretch(matter.data.first, len(matter.data.exec))
        tried, is_whole = search(asked.space, asked.plan, stretch, kept)
        first = next(iter(ranked(tried, asked.plan.objectives[0])), None)
        t = None if first is None or first.figures is None else first.figures.timing
        looks = Looks(matter, known, stops)
        shown = [Job(params, stretch) for params in _shown(asked, tried)]
        looked = looks.each(shown)
        return Sweep(
            matter, asked, tuple(tried), Selection(known.sets(), t),
            is_whole and len(looked) == len(shown), kept.ran,
            workers.reasons if isinstance(workers, Local) else {}, looks.promises,
            {job.params: one for job, one in looked.items()},
        )  # fmt: skip
    finally:
        known.close()


def _shown(asked: Asked, tried: Sequence[Tried]) -> list[ParamSet]:
    """Return the sets at the head of the ranking and of the front, of which people read."""
    aims = asked.plan.objectives
    heads = (
        *ranked(tried, aims[0])[:LOOKED],
        *(front(tried, aims)[:LOOKED] if len(aims) > 1 else ()),
    )
    return list(dict.fromkeys(one.params for one in heads))


def _count(asked: Asked) -> int:
    plan, size = asked.plan, len(asked.space)
    return size if plan.method is Method.GRID else min(plan.count, size)


def heading(form: str, version: int, matter: Matter, asked: Asked) -> dict[str, Any]:
    """Return what the JSON of any search begins with."""
    plan, data = asked.plan, matter.data
    frame = data.exec
    return {
        "format": form,
        "version": version,
        "card": asked.repeat.card,
        "card_hash": hashlib.sha256(matter.source.text.encode()).hexdigest(),
        "data": {
            "symbol": frame.symbol, "timeframe": frame.timeframe, "hash": data.content_hash,
            "bars": len(frame) - data.first, "from": utc(frame.ts[data.first]),
            "to": utc(frame.close_time(len(frame) - 1)),
        },
        "method": plan.method,
        "seed": plan.seed,
        "objectives": [one.name for one in plan.objectives],
        "axes": {axis.path: list(axis.values) for axis in asked.space.axes},
    }  # fmt: skip


def keep(asked: Asked, name: str, held: dict[str, Any]) -> str:
    """Write a search as JSON beside what was tried; return its text."""
    text = json.dumps(held, indent=1)
    write_whole(asked.folder / f"{name}.json", text + "\n")
    return text


def plain(made: Sweep) -> dict[str, Any]:
    """Return a sweep as JSON has it: the same whoever ran it, and however often it was interrupted."""
    return {
        **heading(FORMAT, VERSION, made.matter, made.asked),
        "is_whole": made.is_whole,
        "tried_on_these_bars": made.selection.tried,
        "selection": {
            "t": made.selection.t, "allowance": made.selection.allowance,
            "deflated_t": made.selection.deflated,
        },
        "sets": [set_plain(made, one) for one in made.tried],
        "first": [dict(one.params) for one in made.ranked()[:1]],
        "front": [dict(one.params) for one in made.front()],
    }  # fmt: skip


def set_plain(made: Sweep, one: Tried) -> dict[str, Any]:
    """Return one set as JSON has it, with the command that runs it alone."""
    # What lint calls an error is asked of the card as it is, not of every set: each runs all the same.
    command = made.asked.repeat.command(one.params, loose=True)
    row: dict[str, Any] = {"params": dict(one.params), "command": command}
    if isinstance(one.outcome, Refused):
        return {**row, "refused": one.outcome.reason}
    figures: Figures = one.outcome
    row["objectives"] = {aim.name: aim.of(figures) for aim in OBJECTIVES}
    row["figures"] = asdict(figures)
    row["promises_broken"] = made.broken.get(one.params) if made.promises else ()
    return row if one.share == 1.0 else {**row, "given_up_after": one.share}


def params_text(params: ParamSet) -> str:
    """Return a set as people read it: `fast=8 slow=55`."""
    return " ".join(f"{path.removeprefix('params.')}={text}" for path, text in params)


def short(value: float | None) -> str:
    """Return a figure as tables show it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) >= 1.0 else f"{value:,.2f}"
