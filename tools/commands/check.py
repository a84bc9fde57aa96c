"""`ideacard check`: search for a market path that breaks a promise of a card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cards import json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, optional_feed_options
from tools.progress import interruptible, progress_bar

if TYPE_CHECKING:
    from compiler.findings.source import Source
    from compiler.graph.program import Program
    from runtime.market.instrument_facts import Instrument
    from runtime.testing.search import Searched, SearchLimits
    from tools.check_text import Lines

_path = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  ideacard check strategy.card.yaml\n"
    "  ideacard check strategy.card.yaml --examples 5000 --bars 30 --seed 7\n"
    "  ideacard check strategy.card.yaml --data data/      (recorded bars instead of made-up ones)\n"
    "\nExit codes: 0 no path found, 1 a promise breaks (or the card is not usable), 2 usage, "
    "130 Ctrl-C."
)
@click.argument("card", type=_path)
@optional_feed_options
@click.option(
    "--examples", type=click.IntRange(1), default=500, show_default=True, help="Paths to try."
)
@click.option(
    "--bars",
    type=click.IntRange(2, 1000),
    default=12,
    show_default=True,
    help="Longest path, not counting bars that only warm up what the card reads.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same answer.")
@click.option("--seconds", type=click.FloatRange(min=0.0), help="Stop looking after this time.")
@click.option("--price", type=float, help="First price [a level of the card, else 10,000 ticks].")
@click.option(
    "--refusals/--no-refusals",
    default=True,
    show_default=True,
    help="Whether an intent that a promise had to refuse counts as broken.",
)
@click.option(
    "--out", type=_path, default=Path("checks"), show_default=True, help="Folder for found paths."
)
@set_option
@json_option
def command(
    card: Path,
    examples: int,
    bars: int,
    seed: int,
    seconds: float | None,
    price: float | None,
    refusals: bool,
    feeds: Feeds,
    out: Path,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Search for a shortest market path on which CARD breaks a promise.

    Promises are the card's `invariants` and those every run keeps (money adds up, orders end, exits
    fit the position, the position stays within its maximum). A promise of the card is broken when a
    path makes it false at a close, by fills or by the market's move, and also when the card asked
    for something that had to be refused to keep it: the rules alone do not keep the promise.
    Amounts are judged at the prices that were filled, gaps and slippage included. In how many
    examples the card placed an entry is said; where in none, its promises were not tried.

    A found path is shrunk and saved; `ideacard backtest CARD --data FILE` replays it. Finding
    nothing is not a proof.
    """
    from runtime.testing.search import SearchLimits
    from tools.check_text import Lines
    from tools.running import compile_on

    source = read_source(card)
    with show_compile_failure():
        program = compile_on(source, parse_overrides(overrides), feeds)
    instrument = feeds.instrument(program.graph.symbols[0])
    limits = SearchLimits(
        examples=examples,
        bars=bars,
        seed=seed,
        seconds=seconds,
        start_price=price,
        count_refusals=refusals,
    )
    lines = Lines.of(source, parse_overrides(overrides))
    if feeds.data is not None:
        _watch(source, program, feeds, limits, lines, as_json)
        return
    _search(source, program, instrument, limits, lines, out, as_json)


def _search(
    source: Source,
    program: Program,
    instrument: Instrument,
    limits: SearchLimits,
    lines: Lines,
    out: Path,
    as_json: bool,
) -> None:
    from runtime.testing.reproducer import save
    from runtime.testing.search import search
    from tools.check_text import as_data, found_text, is_tried, nothing_text, out_of_reach

    with progress_bar(program.graph.card) as draw, interruptible() as interrupted:
        done = search(program, instrument, limits, draw, interrupted=interrupted)
    saved = None
    if done.found is not None:
        saved = save(
            done.found,
            out,
            card=program.graph.card,
            graph_hash=program.graph_hash,
            seed=limits.seed,
            line=lines.promise(done.found.broken),
        )
    unreached = out_of_reach(program.graph, limits.bars)
    if as_json:
        click.echo(json.dumps(as_data(done, saved, lines, unreached), indent=2))
    elif done.found is None:
        click.echo(nothing_text(program.graph, done, unreached))
    else:
        assert saved is not None
        told = found_text(program, instrument, done, lines)
        grid = "" if instrument.source != "given on the command line" else _grid(instrument)
        replay = f"ideacard backtest {source.path} --data {saved.bars}{grid}"
        click.echo(f"{told}\n\nsaved:  {saved.bars}\nreplay: {replay}")
    if not as_json:
        _echo_promises(lines, is_tried=is_tried(done))
    raise click.exceptions.Exit(_exit_code(done))


def _echo_promises(lines: Lines, *, is_tried: bool) -> None:
    from tools.check_text import promises_text

    for line in promises_text(lines, is_tried=is_tried):
        click.echo(line)


def _exit_code(done: Searched) -> int:
    if done.stopped == "interrupted":
        return 130
    return 0 if done.found is None else 1


def _grid(instrument: Instrument) -> str:
    return f" --tick {instrument.tick:g} --lot {instrument.lot:g}"


def _watch(
    source: Source,
    program: Program,
    feeds: Feeds,
    limits: SearchLimits,
    lines: Lines,
    as_json: bool,
) -> None:
    """Run a card over recorded bars with its promises watched."""
    from runtime.testing.trial import Entries, first_broken
    from tools.check_text import broken_data, broken_text, kept_text, promises_data
    from tools.running import refuse_short_data

    data, instrument = feeds.load(program.graph)
    with show_compile_failure():
        refuse_short_data(source, program, data, instrument)
    entries = Entries()
    with progress_bar(program.graph.card) as draw:
        broken = first_broken(
            program,
            data,
            instrument,
            count_refusals=limits.count_refusals,
            entries=entries,
            progress=draw,
        )
    has_tried = broken is not None or entries.placed > 0
    if as_json:
        told = None if broken is None else broken_data(broken, lines)
        made = {
            "bars": len(data.exec),
            "entries": entries.placed,
            "promises": promises_data(lines, is_tried=has_tried),
            "broken": told,
        }
        click.echo(json.dumps(made, indent=2))
    elif broken is None:
        click.echo(kept_text(len(data.exec), str(feeds.data), entries.placed))
    else:
        click.echo(broken_text(broken, lines))
    if not as_json:
        _echo_promises(lines, is_tried=has_tried)
    raise click.exceptions.Exit(0 if broken is None else 1)
