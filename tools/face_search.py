"""Searches among the parameters of a card as values: those of `ideacard sweep` and `ideacard walk`.

The law: nothing is decided here; what is searched, how it is kept and what is said of it is the commands'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from compiler.findings.diagnostics import CompileFailed
from compiler.findings.errors import IdeaCardError
from tools.face import Bars, Card, CardError
from tools.face_run import frame_library
from tools.feeds import Feeds
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from tools.search.jobs import Matter
    from tools.search.plans import Plan
    from tools.search.sweep import Asked

Params = Mapping[str, object] | Sequence[str]


class Options(TypedDict, total=False):
    """What a search may be told. `objectives`: the first ranks (`timing`). `dask`: `local:4`, `tcp://…`.

    `method`: `grid`, `random` or `tpe`; `count` sets of the last two, by `seed`. `out`: where what was tried is kept,
    `runs/searches`. `progress`: a bar on a terminal.
    """

    method: str
    count: int
    seed: int
    objectives: Sequence[str]
    prunes: bool
    dask: str | None
    out: str | Path
    despite_lint: bool
    progress: bool


@dataclass(frozen=True, slots=True)
class Search:
    """A search that came to its end or was interrupted. `result`: as `sweep.json` and `walk.json` have it.

    `rows`: one for each set, or each fold, with its parameters as numbers where they are.
    """

    result: dict[str, Any]
    summary: str
    rows: list[dict[str, Any]]

    @property
    def first(self) -> dict[str, str]:
        """Return the set that ranks first, as `card.set` takes it; empty for a walk and where no set ran."""
        found: list[dict[str, str]] = self.result.get("first", [])
        return found[0] if found else {}

    def pandas(self) -> Any:
        """Return the rows as a pandas DataFrame. ImportError where pandas is not installed."""
        return frame_library("pandas").DataFrame(self.rows)

    def polars(self) -> Any:
        """Return the rows as a polars DataFrame. ImportError where polars is not installed."""
        return frame_library("polars").DataFrame(self.rows, infer_schema_length=None)

    def __str__(self) -> str:
        return self.summary

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary)}</pre>"


def sweep(
    card: Card, bars: Bars | str | Path | None = None, params: Params = (), **options: Unpack[Options]
) -> Search:  # fmt: skip
    """Run a card with many sets of its parameters and rank them, as `ideacard sweep` does.

    `params`: `{"fast": "5:60:5", "slow": [60, 120]}` or texts as `--param` takes them; none: all params of the card.
    Every set is kept as a try on these bars. `Options` says what else may be given. CardError for a card that may not
    run, IdeaCardError for a space or an option that says nothing, DataError for data that do not fit.
    """
    from tools.commands.sweep import lines
    from tools.search import sweep as search

    with _searching(card, bars, params, options) as (matter, asked, run):
        made = run(lambda workers, stops, tick: search.sweep(matter, asked, workers, stops, tick))
        held = search.plain(made)
        search.keep(asked, "sweep", held)
        return Search(held, "\n".join(lines(made, 10)), [_set_row(one) for one in held["sets"]])


def walk(
    card: Card, bars: Bars | str | Path | None = None, params: Params = (), *, train: str = "180d",
    test: str = "30d", anchored: bool = False, purge: int | None = None, **options: Unpack[Options],
) -> Search:  # fmt: skip
    """Choose among the parameters of a card on some bars and look at the choice on the next, as `ideacard walk` does.

    `train`, `test`: lengths (`180d`, `4w`, a number of bars), several with commas; `purge`: bars between them, in
    place of those that follow. The rest, and what is raised, as for `sweep`.
    """
    from tools.commands.walk import lengths_of, lines
    from tools.search import walk as search
    from tools.search.sweep import keep

    if isinstance(bars, Bars) and bars.feeds.cold:
        raise IdeaCardError(
            "every stretch warms up on the bars before it: `cold` has no place here"
        )
    with _searching(card, bars, params, options) as (matter, asked, run):
        lengths = lengths_of(train, test, anchored, matter.data.exec.interval_ms)
        made = run(
            lambda workers, stops, tick: search.walk(
                matter, asked, lengths, workers, stops, tick, purge
            )
        )
        held = search.plain(made)
        keep(asked, "walk", held)
        rows = [_fold_row(one, fold) for one in held["walks"] for fold in one["folds"]]
        return Search(held, "\n".join(lines(made)), rows)


Run = Callable[[Callable[[Any, Any, Any], Any]], Any]


@contextmanager
def _searching(
    card: Card, bars: Bars | str | Path | None, params: Params, options: Options
) -> Iterator[tuple[Matter, Asked, Run]]:
    """Give a card on its market, what is asked of it, and who runs it."""
    from tools.progress import interruptible, progress_bar
    from tools.search.cluster import workers_at
    from tools.search.matter import matter_of
    from tools.search.repeat import Repeat
    from tools.search.sweep import Asked, folder_of

    if unknown := sorted(options.keys() - Options.__annotations__.keys()):
        raise TypeError(f"a search knows no {', '.join(unknown)}")
    if not isinstance(bars, Bars):
        bars = Bars(Feeds() if bars is None else Feeds(data=Path(bars)))
    loose, plan = options.get("despite_lint", False), _plan(options)
    try:
        matter, space = matter_of(
            card.source, bars.feeds, card.settings, _texts(params), despite_lint=loose
        )
    except CompileFailed as failure:
        raise CardError(failure) from None
    name = Path(card.source.path).name.split(".")[0]
    repeat = Repeat(card.source.path, bars.feeds, card.settings, loose)
    out = Path(options.get("out", RUNS / "searches"))
    asked = Asked(space, plan, repeat, folder_of(out, name, matter))

    def run(search: Callable[[Any, Any, Any], Any]) -> Any:
        with (
            workers_at(options.get("dask"), matter) as workers,
            interruptible() as stops,
            progress_bar(f"sets of {name}") as tick,
        ):
            return search(workers, stops, tick if options.get("progress") else _nobody)

    yield matter, asked, run


def _nobody(_done: int, _all: int) -> None:
    """Hear of progress that nobody asked for."""


def _plan(options: Options) -> Plan:
    from tools.search.plans import plan_of

    return plan_of(
        options.get("method", "grid"), options.get("objectives", ()), count=options.get("count", 100),
        seed=options.get("seed", 1), prunes=options.get("prunes", False),
    )  # fmt: skip


def _texts(params: Params) -> list[str]:
    """Return what may change as `--param` takes it."""
    if not isinstance(params, Mapping):
        return [params] if isinstance(params, str) else list(params)
    return [f"{name}={_values(said)}" for name, said in params.items()]


def _values(said: object) -> str:
    if isinstance(said, Iterable) and not isinstance(said, str):
        return ",".join(str(one) for one in said)
    return str(said)


def _set_row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **_numbers(one["params"]), **one.get("objectives", {}),
        "promises_broken": one.get("promises_broken"), "refused": one.get("refused"),
        "given_up_after": one.get("given_up_after"),
    }  # fmt: skip


def _fold_row(walk: dict[str, Any], fold: dict[str, Any]) -> dict[str, Any]:
    chosen, looked = fold["chosen_on"], fold["looked_at"] or (None, None)
    tested = fold["tested"] or {}
    return {
        "train_bars": walk["train_bars"], "test_bars": walk["test_bars"], "chosen_from": chosen[0],
        "chosen_to": chosen[1], "looked_from": looked[0], "looked_to": looked[1],
        **_numbers(fold["params"] or {}), **tested.get("objectives", {}),
        "promises_broken": fold["promises_broken"]["looked_at"], "refused": tested.get("refused"),
    }  # fmt: skip


def _numbers(params: Mapping[str, str]) -> dict[str, float | int | str]:
    return {path.removeprefix("params."): _number(text) for path, text in params.items()}


def _number(text: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
