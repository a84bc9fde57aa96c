"""`ideacard walk`: sets chosen on some bars and looked at on the next ones."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.progress import interruptible, progress_bar
from tools.search_options import SearchWords, search_options

if TYPE_CHECKING:
    from tools.search.folds import Lengths
    from tools.search.walk import Fold, Walks


@click.command(
    epilog="\b\nExamples:\n  ideacard walk card.yaml --train 180d --test 30d\n"
    "  ideacard walk card.yaml --train 180d --test 30d --anchored --param fast=5:60:5\n"
    "  ideacard walk card.yaml --train 90d,180d,360d --test 30d,60d --json\n"
    "  ideacard walk card.yaml --train 180d --test 30d --html walk.html\n"
    "\nBegun again it runs only what is missing. Exit codes: 0 walked, 1 card or data not usable, 2 usage."
)
@search_options
@click.option(
    "--train",
    default="180d",
    show_default=True,
    metavar="LENGTH[,LENGTH…]",
    help="What is chosen on: 180d, 4w, 12h, or a number of bars.",
)
@click.option(
    "--test",
    default="30d",
    show_default=True,
    metavar="LENGTH[,LENGTH…]",
    help="What is looked at then; several of both make a matrix.",
)
@click.option("--anchored", is_flag=True, help="Choose on all bars since the first.")
@click.option(
    "--purge",
    type=click.IntRange(0),
    metavar="BARS",
    help="Bars left out between the two. Default: what the chosen set reads back and its longest trade.",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    help="Write the walk as a page: both sides of every fold, and the matrix.",
)
def command(
    words: SearchWords, train: str, test: str, anchored: bool, purge: int | None, html: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Choose among the parameters of CARD on some bars and look at the choice on the next ones, through a history."""
    from tools.search.cluster import workers_at
    from tools.search.sweep import Asked, folder_of, keep
    from tools.search.walk import plain, walk

    if words.feeds.cold:
        raise click.UsageError(
            "every stretch warms up on the bars before it: --cold has no place here"
        )
    plan = words.plan()
    matter, space = words.matter()
    lengths = lengths_of(train, test, anchored, matter.data.exec.interval_ms)
    name = words.card.name.split(".")[0]
    asked = Asked(space, plan, words.repeat(), folder_of(words.out, name, matter))
    with (
        workers_at(words.dask, matter) as workers,
        interruptible() as stops,
        progress_bar(f"sets of {name}") as tick,
    ):
        made = walk(matter, asked, lengths, workers, stops, tick, purge)
    held = keep(asked, "walk", plain(made))
    if html is not None:
        from runtime.market.whole_files import write_whole
        from tools.walk_page import page

        html.parent.mkdir(parents=True, exist_ok=True)
        write_whole(html, page(name, made))
    if as_json:
        click.echo(held)
        return
    for line in lines(made):
        click.echo(line)


def lengths_of(train: str, test: str, anchored: bool, interval_ms: int) -> list[Lengths]:
    from tools.search.folds import Lengths, bars_of

    return [
        Lengths(bars_of(one, interval_ms), bars_of(other, interval_ms), anchored)
        for one in train.split(",")
        for other in test.split(",")
    ]


def lines(made: Walks) -> list[str]:
    from tools.search.walk import caveat, summed

    frame = made.matter.data.exec
    lines = [
        f"{frame.symbol} {frame.timeframe}, {len(made.asked.space):,} sets, chosen by {made.aim.name}",
        "",
    ]
    for one in made.walks:
        kind = "from the first bar on" if one.lengths.anchored else "rolling"
        lines.append(
            f"{one.lengths.train:,} bars to choose on ({kind}), {one.lengths.test:,} to look at:"
        )
        if len(made.walks) == 1:
            lines += [_fold(made, fold) for fold in one.folds]
        lines += [f"  {summed(one)}", ""]
    lines.append(textwrap.fill(caveat(made), 78))
    lines += ["", f"all folds: {made.asked.folder / 'walk.json'}"]
    if not made.is_whole:
        lines.append("stopped on the way: the same command goes on from here")
    return lines


def _fold(made: Walks, fold: Fold) -> str:
    from tools.search.sweep import params_text, short
    from tools.search.walk import span

    frame = made.matter.data.exec
    if fold.chosen is None:
        return f"  {span(frame, fold.cut.test)[0][:10]}  no set has the figure to choose by"
    head = f"{params_text(fold.chosen.params)}, purge {fold.purge:,}"
    if fold.test is None:
        return f"  {span(frame, fold.cut.test)[0][:10]}  {head}: no bars left"
    start, end = (time[:10] for time in span(frame, fold.test))
    if fold.figures is None or fold.chosen.figures is None:
        return f"  {start} … {end}  {head}: refused"
    before, behind = (made.aim.of(one) for one in (fold.chosen.figures, fold.figures))
    gained = 100.0 * (fold.figures.equity / fold.figures.start - 1.0)
    return (
        f"  {start} … {end}  {head}: {made.aim.name} {short(before)} then {short(behind)}, "
        f"{gained:+.2f} %, {fold.figures.trades} trades{_broke(fold)}"
    )


def _broke(fold: Fold) -> str:
    from tools.search.promises import sentence

    where = zip(("where it was chosen it", "there it"), fold.broke, strict=True)
    said = [f"\n    ! {place} {sentence(broke)}" for place, broke in where if broke]
    return "".join(said)
