"""`ideacard backtest`: a card on recorded bars."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.catalog.settings import FillModel, Intrabar
from compiler.findings.source import Source
from runtime.rules.tier import Tier
from tools.cards import Overrides, json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.opening import open_option, open_page
from tools.progress import progress_bar
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from tools.running import Outcome

_path = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  ideacard backtest strategy.card.yaml --data btc_15m.parquet\n"
    "  ideacard backtest strategy.card.yaml --data data/ --from 2025-01-01 --to 2025-07-01\n"
    "  ideacard backtest strategy.card.yaml --data data/ --fill-model conservative\n"
    "  ideacard backtest strategy.card.yaml --data data/ --set account.starting_equity_usdt=500\n"
    "  ideacard backtest strategy.card.yaml --open\n"
    "\nExit codes: 0 the run finished, 1 the card or the data is not usable, 2 usage."
)
@click.argument("card", type=_path)
@feed_options
@click.option(
    "--fill-model",
    type=click.Choice([word.value for word in FillModel]),
    help="How much a resting limit fills.",
)
@click.option(
    "--intrabar",
    type=click.Choice([word.value for word in Intrabar]),
    help="The path price takes inside a bar.",
)
@click.option("--out", type=_path, default=RUNS, show_default=True, help="Folder for runs.")
@click.option("--no-report", is_flag=True, help="Skip report.html.")
@click.option(
    "--despite-lint",
    is_flag=True,
    help="Run a card that compiles although lint finds errors in it.",
)
@click.option("--no-flip", is_flag=True, help="Skip the second run that flips ambiguous bars.")
@click.option(
    "--tier",
    type=click.Choice([word.value for word in Tier]),
    default=Tier.AUTO.value,
    show_default=True,
    help="What computes columns and orders: Python or the same as machine code. No result shows which.",
)
@open_option
@set_option
@json_option
def command(
    card: Path,
    feeds: Feeds,
    fill_model: str | None,
    intrabar: str | None,
    out: Path,
    no_report: bool,
    despite_lint: bool,
    no_flip: bool,
    opened: bool,
    tier: str,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run CARD on recorded bars and write a run folder with results and a report."""
    from tools.running import run_card

    pairs = list(parse_overrides(overrides))
    if fill_model:
        pairs.append(("execution.fill_model", fill_model))
    if intrabar:
        pairs.append(("execution.intrabar", intrabar))
    source = read_source(card)
    with show_compile_failure("--despite-lint"), progress_bar(card.name) as draw:
        outcomes = run_card(
            source,
            feeds,
            tuple(pairs),
            out,
            report=not no_report,
            flip=not no_flip,
            progress=draw,
            despite_lint=despite_lint,
            tier=tier,
            told=_say_what_stays if tier == Tier.NATIVE.value else None,
        )
    _note(source, tuple(pairs), outcomes)
    if despite_lint:
        _say_what_lint_found(source, tuple(pairs))
    if opened and outcomes[0].files.report is not None:
        open_page(outcomes[0].files.report)
    if as_json:
        results = [json.loads(o.files.result.read_text(encoding="utf-8")) for o in outcomes]
        click.echo(json.dumps(results[0] if len(results) == 1 else results, indent=2))
        return
    for outcome in outcomes:
        click.echo(outcome.summary)
        click.echo(f"\nrun folder: {outcome.files.folder}")
        if outcome.files.report is not None:
            click.echo(f"report:     {outcome.files.report}")


def _note(source: Source, overrides: Overrides, outcomes: Sequence[Outcome]) -> None:
    """Leave word under `runs/` of runs that were put elsewhere: `ideacard robust` looks for tries there."""
    from tools.search.tries import note_elsewhere, uncounted

    try:
        for outcome in outcomes:
            note_elsewhere(RUNS, outcome.files, source.text, overrides)
    except OSError as error:
        click.echo(uncounted(error), err=True)


def _say_what_stays(why: str) -> None:
    """Show on standard error why the orders of a run are not computed by machine code."""
    click.echo(f"orders are computed in Python: the kernel does not know {why} yet", err=True)


def _say_what_lint_found(source: Source, overrides: Overrides) -> None:
    """Show on standard error what was run in spite of."""
    from compiler.findings.render import render
    from compiler.pipeline import check

    errors = [d for d in check(source, overrides).diagnostics if d.is_error]
    if errors:
        click.echo(render("concise", [(source, errors)]).rstrip(), err=True)
        click.echo(f"{source.path}: run despite what lint calls errors", err=True)
