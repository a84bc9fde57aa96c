"""`ideacard demo`: the whole road in one command, on a made-up market."""

from __future__ import annotations

from pathlib import Path

import click

from tools.cards import gallery_card, read_source
from tools.failures import show_compile_failure
from tools.feeds import grid_of, positive_step
from tools.opening import open_option, open_page
from tools.progress import progress_bar
from tools.run_folders import RUNS

CARD = "mean_reversion_partials.yaml"


@click.command(epilog="Example:\n\n  ideacard demo --seed 11")
@click.option("--card", type=click.Path(path_type=Path), help="Another card than the gallery's.")
@click.option("--seed", default=7, show_default=True, help="Seed of the made-up market.")
@click.option("--bars", default=17_520, show_default=True, type=click.IntRange(300, 500_000))
@click.option("--out", type=click.Path(path_type=Path), default=RUNS, show_default=True)
@open_option
@click.option(
    "--tick",
    type=float,
    callback=positive_step,
    help="Price grid of a symbol that the table of instruments does not know, with --lot.",
)
@click.option(
    "--lot", type=float, callback=positive_step, help="Quantity grid in base units, with --tick."
)  # fmt: skip
def command(
    card: Path | None,
    seed: int,
    bars: int,
    out: Path,
    opened: bool,
    tick: float | None,
    lot: float | None,
) -> None:
    """Make up a market, lint a card, back-test it and write a report."""
    from compiler.findings.render import render
    from compiler.pipeline import check
    from runtime.market.instrument_table import custom_instrument
    from runtime.market.synthetic import SyntheticSpec, on_grid, synthetic_market
    from tools.cards import use_colour
    from tools.made_market import on_own_grid
    from tools.running import compile_for, run_program

    grid = grid_of(tick, lot)
    path = card or gallery_card(CARD)
    source = read_source(path)
    click.echo(f"1/4  linting {path}")
    checked = check(source)
    found = render("text", [(source, checked.diagnostics)], colour=use_colour())
    click.echo(found or "     no findings")
    with show_compile_failure():
        program = compile_for(source)
    graph = program.graph
    click.echo(f"2/4  making up {bars} {graph.timeframe} bars of {graph.symbols[0]} (seed {seed})")
    spec = SyntheticSpec(symbol=graph.symbols[0], timeframe=graph.timeframe, bars=bars, seed=seed)
    spec, instrument = on_own_grid(spec), None
    if grid is not None:
        instrument = custom_instrument(spec.symbol, *grid)
        spec = on_grid(spec, *grid)
    data = synthetic_market(spec)
    click.echo("3/4  back-testing")
    with progress_bar("back-test") as moved:
        outcome = run_program(source, program, data, out, progress=moved, instrument=instrument)
    click.echo("4/4  result\n")
    click.echo(outcome.summary)
    click.echo(f"\nrun folder: {outcome.files.folder}")
    click.echo(f"report:     {outcome.files.report}   (open it in a browser)")
    if opened and outcome.files.report is not None:
        open_page(outcome.files.report)
    click.echo(
        "The market was made up, in twelve steps a bar: the figures show the engine, not an edge, and stop orders "
        "look better than on a market without steps (a level inside a bar is met too seldom)."
    )
