"""`ideacard compare`: two or more runs side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tools.cards import json_option
from tools.live.folders import is_session
from tools.opening import open_option, open_page
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from tools.comparing import Comparison, Row

_SHOWN = 8


@click.command(
    epilog="\b\nExamples:\n  ideacard compare last last~1\n"
    "  ideacard compare runs/ema_cross-BTCUSDT_15m-1f0a runs/ema_cross-BTCUSDT_15m-9be2 --open\n"
    "  ideacard compare last last~1 --json\n"
    "  ideacard compare runs/live/ema_cross-demo\n"
    "\nExit codes: 0 shown, 1 a run cannot be read, 2 usage."
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=RUNS,
    show_default=True,
    help="Where runs named by the beginning or the end of their name lie.",
)
@click.option("--all", "every", is_flag=True, help="Every figure that differs, not the main ones.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The page; default: compare.html beside the first run.",
)
@open_option
@json_option
def command(
    runs: tuple[str, ...], folder: Path, every: bool, out: Path | None, opened: bool, as_json: bool
) -> None:
    """Show what RUNs share and where they part: settings, figures, trades, curves.

    RUN is a run folder, the beginning or end of its name, `last`, or `last~1` (the one before). One live
    session alone, its folder or its journal, is held against a back-test over its own bars.
    """
    from runtime.market.whole_files import write_whole
    from tools.commands.live_after import tell_session
    from tools.compare_page import page
    from tools.comparing import compare
    from tools.run_folders import choose_runs

    if len(runs) == 1 and is_session(Path(runs[0])):
        tell_session(Path(runs[0]), every=every, as_json=as_json)
        return
    if len(runs) < 2:
        raise click.UsageError("give two runs or more, or one session; ideacard runs lists runs")
    chosen = choose_runs(runs, folder)
    if len({run.folder.resolve() for run in chosen}) < len(chosen):
        raise click.UsageError("a run is given twice")
    made = compare(chosen)
    target = out or chosen[0].folder.parent / "compare.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, page(made))
    if as_json:
        click.echo(json.dumps(_as_json(made, every), indent=2))
    else:
        for line in _lines(made, every):
            click.echo(line)
        click.echo(f"\npage: {target}")
    if opened:
        open_page(target)


def _lines(made: Comparison, every: bool) -> list[str]:
    names = [
        f"[{letter}] {run.name}" for letter, run in zip(_letters(made), made.runs, strict=True)
    ]
    lines = [*names, ""]
    differing = [row for row in made.facts if row.differs]
    same = [row.name for row in made.facts if not row.differs]
    lines.append(f"the same: {', '.join(same) or 'nothing'}")
    lines += _table("they differ in", differing, made)
    lines += _table("settings that differ", made.settings, made)
    if not made.settings:
        lines.append("settings: all the same")
    lines += _table("figures", shown_figures(made, every), made)
    for letter, trades in zip(_letters(made)[1:], made.trades, strict=True):
        lines.append(
            f"\ntrades of [{letter}] against [a]: {trades.same} the same, {len(trades.other_end)} that end "
            f"otherwise, {len(trades.missing)} missing, {len(trades.added)} added"
        )
        for mark, rows in (("-", trades.missing), ("+", trades.added)):
            lines += [f"  {mark} {_trade(row)}" for row in rows[:_SHOWN]]
            if len(rows) > _SHOWN:
                lines.append(f"  {mark} … and {len(rows) - _SHOWN} more")
    return lines


def shown_figures(made: Comparison, every: bool) -> list[Row]:
    """Return the main figures, or every one that differs."""
    from tools.comparing import MAIN

    if every:
        return [row for row in made.figures if row.differs]
    by_name = {row.name: row for row in made.figures}
    return [by_name[name] for name in MAIN if name in by_name]


def _letters(made: Comparison) -> list[str]:
    from tools.comparing import letter

    return [letter(i) for i in range(len(made.runs))]


def _table(title: str, rows: Any, made: Comparison) -> list[str]:
    if not rows:
        return []
    from tools.comparing import short

    width = max(len(row.name) for row in rows)
    head = "  ".join(f"[{letter}]".rjust(14) for letter in _letters(made))
    body = [
        f"  {row.name.ljust(width)}  " + "  ".join(short(v).rjust(14) for v in row.values)
        for row in rows
    ]
    return [f"\n{title}", f"  {' ' * width}  {head}", *body]


def _trade(row: dict[str, Any]) -> str:
    from runtime.market.checks import utc

    return f"{utc(row['entry_ts'])[:16]} {row['side']} at {row['entry_price']:g}: {row['net_pnl']:+.2f} USDT"


def _as_json(made: Comparison, every: bool) -> dict[str, Any]:
    def rows(found: Any) -> dict[str, list[Any]]:
        return {row.name: list(row.values) for row in found}

    return {
        "runs": [str(run.folder) for run in made.runs],
        "same": [row.name for row in made.facts if not row.differs],
        "differ": rows(row for row in made.facts if row.differs),
        "settings": rows(made.settings),
        "metrics": rows(shown_figures(made, every)),
        "trades": [
            {
                "same": one.same,
                "other_end": [list(pair) for pair in one.other_end],
                "missing": list(one.missing),
                "added": list(one.added),
            }
            for one in made.trades
        ],
    }
