"""`ideacard runs`: the runs there are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from tools.cards import json_option
from tools.run_folders import RUNS

_SORTS = {
    "newest": lambda run: -run.written,
    "profit": lambda run: -(run.made["metrics"]["net_profit_usdt"] or 0.0),
    "drawdown": lambda run: run.made["metrics"]["max_drawdown_pct"] or 0.0,
    "name": lambda run: run.name,
}


@click.command(
    epilog="\b\nExamples:\n  ideacard runs\n  ideacard runs --sort profit --card ema\n"
    "  ideacard compare last last~1"
)
@click.argument("folder", type=click.Path(path_type=Path), default=RUNS)
@click.option("--card", help="Only runs of cards whose name holds this.")
@click.option("--sort", type=click.Choice(list(_SORTS)), default="newest", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=30, show_default=True)
@json_option
def command(folder: Path, card: str | None, sort: str, limit: int, as_json: bool) -> None:
    """List the runs under FOLDER: what was run on what, and what came of it."""
    from tools.run_folders import find_runs

    runs, faults = find_runs(folder)
    if card:
        runs = [run for run in runs if card.lower() in run.made["card"]["name"].lower()]
    runs = sorted(runs, key=_SORTS[sort])
    for fault in faults:
        click.echo(fault, err=True)
    if as_json:
        click.echo(json.dumps([_row(run) for run in runs[:limit]], indent=2))
        return
    if not runs:
        click.echo(f"{folder}: no runs. Make one: ideacard backtest CARD, or ideacard demo")
        return
    for run in runs[:limit]:
        row = _row(run)
        click.echo(run.name)
        click.echo(
            f"  {row['written']}  {row['symbol']} {row['timeframe']}  {row['from']} … {row['to']}"
        )
        for broken in row["promises_broken"]:
            click.echo(f"  ! broken promise: {broken}")
        click.echo(
            f"  net {row['net_profit_usdt']:,.2f} USDT ({row['net_return_pct']:+.2f} %), max drawdown "
            f"{row['max_drawdown_pct']:.2f} %, {row['trades']} trades"
        )
    if len(runs) > limit:
        click.echo(f"… and {len(runs) - limit} more; --limit {len(runs)} shows all")


def _row(run: Any) -> dict[str, Any]:
    made = run.made
    metrics, data = made["metrics"], made["data"]
    return {
        "folder": str(run.folder),
        "written": datetime.fromtimestamp(run.written, UTC).strftime("%Y-%m-%d %H:%M"),
        "card": made["card"]["name"],
        "symbol": data["symbol"],
        "timeframe": data["timeframe"],
        "venue": data["venue"],
        "from": (data["from"] or "")[:10],
        "to": (data["to"] or "")[:10],
        "fill_model": made["settings"]["execution"]["fill_model"],
        "net_profit_usdt": metrics["net_profit_usdt"] or 0.0,
        "net_return_pct": metrics["net_return_pct"] or 0.0,
        "max_drawdown_pct": metrics["max_drawdown_pct"] or 0.0,
        "trades": metrics["total_trades"],
        "promises_broken": run.broken_promises(),
    }
