"""`ideacard backtest`: a card on recorded bars."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tools.cards import json_option, parse_overrides, read_source, set_option
from tools.commands.data import parse_time
from tools.failures import show_compile_failure
from tools.progress import progress_bar

FILL_MODELS = ("touch", "through", "volume_weighted", "queue", "conservative")
PATHS = ("direction", "nearest", "adverse", "favourable", "magnify")
_path = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  ideacard backtest strategy.card.yaml --data btc_15m.parquet\n"
    "  ideacard backtest strategy.card.yaml --data data/ --from 2025-01-01 --to 2025-07-01\n"
    "  ideacard backtest strategy.card.yaml --data data/ --fill-model conservative\n"
    "  ideacard backtest strategy.card.yaml --data data/ --set account.starting_equity_usdt=500\n"
    "\nExit codes: 0 the run finished, 1 the card or the data is not usable, 2 usage."
)
@click.argument("card", type=_path)
@click.option("--data", required=True, type=_path, help="A file of bars, or a store folder.")
@click.option("--symbol", help="Run on this symbol instead of the card's.")
@click.option("--mark", type=_path, help="Mark-price bars (for liquidation and funding).")
@click.option("--funding", type=_path, help="Funding rates: CSV or Parquet of ts, funding_rate.")
@click.option("--fine", type=_path, help="Finer bars of the same symbol, for --intrabar magnify.")
@click.option("--from", "start", help="First day or time, UTC.")
@click.option("--to", "end", help="End, UTC (not included).")
@click.option(
    "--fill-model", type=click.Choice(FILL_MODELS), help="How much a resting limit fills."
)
@click.option("--intrabar", type=click.Choice(PATHS), help="The path price takes inside a bar.")
@click.option("--tick", type=float, help="Price grid, for a symbol the table does not know.")
@click.option("--lot", type=float, help="Quantity grid in base units, with --tick.")
@click.option("--out", type=_path, default=Path("runs"), show_default=True, help="Folder for runs.")
@click.option("--no-report", is_flag=True, help="Skip report.html.")
@click.option("--no-flip", is_flag=True, help="Skip the second run that flips ambiguous bars.")
@set_option
@json_option
def command(
    card: Path, data: Path, symbol: str | None, mark: Path | None, funding: Path | None,
    fine: Path | None, start: str | None, end: str | None, fill_model: str | None,
    intrabar: str | None, tick: float | None, lot: float | None, out: Path, no_report: bool, no_flip: bool, overrides: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Run CARD on recorded bars and write a run folder with results and a report."""
    from runtime.market.assemble import Wanted
    from tools.running import run_card

    if (tick is None) != (lot is None):
        raise click.UsageError("--tick and --lot go together")
    grid = None if tick is None or lot is None else (tick, lot)
    pairs = list(parse_overrides(overrides))
    if fill_model:
        pairs.append(("execution.fill_model", fill_model))
    if intrabar:
        pairs.append(("execution.intrabar", intrabar))
    wanted = Wanted(
        data=data,
        start=parse_time(start),
        end=parse_time(end),
        mark=mark,
        funding=funding,
        fine=fine,
    )
    with show_compile_failure(), progress_bar(card.name) as draw:
        outcomes = run_card(
            read_source(card), wanted, tuple(pairs), out,
            symbol=symbol, report=not no_report, flip=not no_flip, progress=draw, grid=grid,
        )  # fmt: skip
    if as_json:
        results = [json.loads(o.files.result.read_text(encoding="utf-8")) for o in outcomes]
        click.echo(json.dumps(results[0] if len(results) == 1 else results, indent=2))
        return
    for outcome in outcomes:
        click.echo(outcome.summary)
        click.echo(f"\nrun folder: {outcome.files.folder}")
        if outcome.files.report is not None:
            click.echo(f"report:     {outcome.files.report}")
