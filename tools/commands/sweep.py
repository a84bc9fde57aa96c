"""`ideacard sweep`: a card with many sets of parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.progress import interruptible, progress_bar
from tools.run_folders import RUNS
from tools.search_options import SearchWords, search_options

if TYPE_CHECKING:
    from tools.search.plans import Tried
    from tools.search.space import ParamSet
    from tools.search.sweep import Sweep


@click.command(
    epilog="\b\nExamples:\n  ideacard sweep card.yaml\n"
    "  ideacard sweep card.yaml --param fast=5:60:5 --param slow=60:200:20\n"
    "  ideacard sweep card.yaml --method tpe --count 200 --objective net_return_pct --prune\n"
    "  ideacard sweep card.yaml --objective net_return_pct --objective max_drawdown_pct\n"
    "  ideacard sweep card.yaml --dask local:4 --json\n"
    "  ideacard sweep card.yaml --html sweep.html\n"
    "\nBegun again it runs only what is missing. Exit codes: 0 searched, 1 card or data not usable, 2 usage."
)
@search_options
@click.option(
    "--prune",
    is_flag=True,
    help="Give up sets that lag behind on the first part of the history (tpe).",
)
@click.option(
    "--top", default=10, show_default=True, type=click.IntRange(1), help="Sets that are shown."
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    help="Write it as a page, with a map of two parameters.",
)
def command(words: SearchWords, prune: bool, top: int, html: Path | None, as_json: bool) -> None:
    """Run CARD with many sets of its parameters and rank them, with how many were tried beside every figure."""
    from tools.search.cluster import workers_at
    from tools.search.sweep import Asked, folder_of, keep, plain, sweep

    plan = words.plan(prunes=prune)
    matter, space = words.matter()
    name = words.card.name.split(".")[0]
    asked = Asked(space, plan, words.repeat(), folder_of(words.out, name, matter))
    with (
        workers_at(words.dask, matter) as workers,
        interruptible() as stops,
        progress_bar(f"sets of {name}") as tick,
    ):
        made = sweep(matter, asked, workers, stops, tick)
    held = keep(asked, "sweep", plain(made))
    if html is not None:
        _write_page(html, name, made)
    if as_json:
        click.echo(held)
        return
    for line in lines(made, top):
        click.echo(line)


def _write_page(path: Path, name: str, made: Sweep) -> None:
    from runtime.market.whole_files import write_whole
    from tools.sweep_page import page

    ways = _ways_on(made, made.ranked()[0].params) if made.ranked() else []
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page(name, made, "\n".join(line.strip() for line in ways)))


def lines(made: Sweep, top: int) -> list[str]:
    import textwrap

    from runtime.market.checks import utc

    data = made.matter.data
    frame, space = data.exec, made.asked.space
    spans = " × ".join(f"{axis.name} ({len(axis.values)})" for axis in space.axes)
    lines = [
        f"{frame.symbol} {frame.timeframe}, {utc(frame.ts[data.first])[:10]} … {utc(frame.ts[-1])[:10]}, "
        f"{len(frame) - data.first:,} bars",
        f"{len(space):,} sets of {spans}; {made.asked.plan.method}: {_counts(made)}",
        "",
        *_table(made, made.ranked()[:top]),
        "",
    ]
    lines += _promises(made, top)
    if len(made.asked.plan.objectives) > 1:
        lines += [
            f"no other set is preferable in all {len(made.asked.plan.objectives)} objectives:"
        ]
        lines += [*_table(made, made.front()[:top]), ""]
    lines += [textwrap.fill(made.selection.sentence(), 78), ""]
    if made.ranked():
        lines += _ways_on(made, made.ranked()[0].params)
    lines += [f"all sets:  {made.asked.folder / 'sweep.json'}"]
    if not made.is_whole:
        lines += ["stopped on the way: the same command goes on from here"]
    return lines


def _promises(made: Sweep, top: int) -> list[str]:
    """Return what the sets of the table break of what the card promises; nothing for a card that promises nothing."""
    import textwrap

    from tools.search.promises import sentence
    from tools.search.sweep import params_text

    if not made.promises:
        return []
    shown = [one.params for one in made.ranked()[:top]]
    lines = [
        textwrap.fill(f"  ! {params_text(one)} {sentence(broke)}", 78, subsequent_indent="    ")
        for one in shown
        if (broke := made.broken.get(one))
    ]
    if lines:
        clean = next((one for one in shown if made.broken.get(one) == ()), None)
        keeps = "none that was looked at" if clean is None else params_text(clean)
        lines.append(f"  the first that breaks no promise: {keeps}")
    if left := sum(one not in made.broken for one in shown):
        lines.append(
            f"  ? {left} of these were not looked at: whether they keep the card's promises is not known"
        )
    return [*lines, ""] if lines else []


def _ways_on(made: Sweep, params: ParamSet) -> list[str]:
    """Return the commands that look closer at the set that ranks first."""
    from compiler.pipeline import check

    matter = made.matter
    loose = check(matter.source, (*matter.overrides, *params)).has_errors
    run = made.asked.repeat.command(params, loose=loose)
    lines = [f"first by {made.aim.name}, alone and with its report:", f"  {run}"]
    if loose:
        return [*lines, "lint finds errors in the card with these values"]
    # Under the folder of runs `robust` finds what was tried by itself.
    known = made.asked.folder.resolve().is_relative_to(RUNS.resolve())
    tried = "" if known else f" --tried {made.selection.tried}"
    return [*lines, "is it luck?", f"  {run.replace(' backtest ', ' robust ', 1)}{tried}"]


def _counts(made: Sweep) -> str:
    from tools.search.jobs import Refused

    refused = [one.outcome.reason for one in made.tried if isinstance(one.outcome, Refused)]
    given_up = sum(1 for one in made.tried if one.share < 1.0)
    ended = len(made.tried) - len(refused) - given_up
    said = f"{ended:,} run to the end"
    if given_up:
        said += f", {given_up:,} given up early"
    if refused:
        said += f", {len(refused):,} refused ({refused[0]})"
    return f"{said}; {made.ran:,} runs now" if made.ran < len(made.tried) else said


def _mark(made: Sweep, params: ParamSet) -> str:
    """Return "!" for a set that breaks a promise of the card, "?" for one that was not looked at."""
    broke = made.broken.get(params)
    return "?" if broke is None else "!" if broke else " "


def _table(made: Sweep, shown: list[Tried]) -> list[str]:
    """Return sets as a table: params, objectives, and what is always of interest."""
    from tools.search.figures import objective
    from tools.search.sweep import short

    names = made.columns
    head = [*(axis.name for axis in made.asked.space.axes), *names]
    rows = [[*head, ""] if made.promises else head]
    for one in shown:
        assert one.figures is not None
        values = [short(objective(name).of(one.figures)) for name in names]
        mark = _mark(made, one.params)
        rows.append(
            [*(text for _, text in one.params), *values, *([mark] if made.promises else [])]
        )
    if len(rows) == 1:
        return ["  no set has this figure"]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
