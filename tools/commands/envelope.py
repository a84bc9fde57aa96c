"""`ideacard envelope`: how far the answers of a back-test lie apart under other fills and paths."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.findings.source import Source
from tools.cards import Overrides, json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.progress import progress_bar
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from compiler.graph.program import Program
    from runtime.market.data import MarketData
    from runtime.reports.envelope import Decider, Envelope

_path = click.Path(path_type=Path)
SHOWN = (
    "net_profit_usdt", "total_return_pct", "max_drawdown_pct", "total_trades", "win_rate_pct",
    "profit_factor", "expectancy_usdt", "sharpe", "total_fees_usdt",
)  # fmt: skip
_WIDTH = 32
_SHOWN_ORDERS = 10


@click.command(
    epilog="\b\nExamples:\n  ideacard envelope card.yaml --data btc_15m.parquet\n"
    "  ideacard envelope card.yaml --data data/ --html envelope.html"
)
@click.argument("card", type=_path)
@feed_options
@click.option("--all", "everything", is_flag=True, help="Show every metric.")
@click.option("--html", type=_path, help="Write the table and the chart as a page.")
@click.option(
    "--runs", type=_path, default=RUNS, show_default=True,
    help="Folder of runs: a note of this try stays there, for robust counts what was tried.",
)  # fmt: skip
@set_option
@json_option
def command(
    card: Path,
    feeds: Feeds,
    everything: bool,
    html: Path | None,
    runs: Path,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run CARD as it says, and under every fill model with two paths: at each bar the one that ends it worse,
    and the one that ends it better. The range is of these runs; it is no bound."""
    from runtime.market.whole_files import write_whole
    from runtime.reports.envelope import envelope
    from tools.envelope_page import page
    from tools.running import compile_on, refuse_short_data

    source, pairs = read_source(card), parse_overrides(overrides)
    with show_compile_failure():
        program = compile_on(source, pairs, feeds)
        data, instrument = feeds.load(program.graph)
        refuse_short_data(source, program, data, instrument)
    with progress_bar("envelope") as tick:
        made = envelope(program, data, instrument, tick)
    _note(runs, source, program, data, pairs)
    names = tuple(made.intervals) if everything else tuple(n for n in SHOWN if n in made.intervals)
    if html is not None:
        write_whole(html, page(program.graph.card, made, names))
    if as_json:
        click.echo(json.dumps(_plain(made), indent=2))
        return
    click.echo(_text(made, names))
    if html is not None:
        click.echo(f"\npage: {html}")


def _note(
    runs: Path, source: Source, program: Program, data: MarketData, overrides: Overrides
) -> None:
    """Leave word of the try: one, for its members are the same card under other answers to what bars do not say."""
    from runtime.reports.result import data_row
    from tools.search.tries import note, uncounted

    try:
        note(runs, program.graph_hash, data_row(program, data.traded()), source.text, overrides)
    except OSError as error:
        click.echo(uncounted(error), err=True)


def _plain(made: Envelope) -> dict[str, object]:
    return {
        "members": [
            {
                "fill_model": m.fill_model,
                "intrabar": m.intrabar,
                "is_cards": m.is_cards,
                "metrics": m.values,
                "promises_broken": m.broken,
            }
            for m in made.members
        ],
        "intervals": {name: asdict(interval) for name, interval in made.intervals.items()},
        "deciders": [asdict(d) for d in made.deciders],
        "placed_apart": made.placed_apart,
    }


def _number(value: float | int | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _text(made: Envelope, names: tuple[str, ...]) -> str:
    lines = [f"{'metric':<20} {'lowest':>12} {'highest':>12}   where the runs lie"]
    for name in names:
        interval = made.intervals[name]
        lines.append(
            f"{name:<20} {_number(interval.low):>12} {_number(interval.high):>12}   "
            + _bar([m.values[name] for m in made.members], interval.low, interval.high)
        )
    lines.append("")
    lines.append(
        f"{'fill model':<16} {'path':<11} {'net profit':>12} {'trades':>7} {'drawdown %':>11}"
    )
    for m in made.members:
        values = m.values
        trades = values["total_trades"]
        lines.append(
            f"{m.fill_model:<16} {m.intrabar:<11} {_number(values['net_profit_usdt']):>12} "
            f"{trades or 0:>7.0f} {_number(values['max_drawdown_pct']):>11}"
            + ("   as the card says" if m.is_cards else "")
        )
    lines.append("")
    lines.append(
        f"The range is that of these {len(made.members)} runs, no bound: adverse and favourable choose "
        "bar by bar, by the equity at its close."
    )
    lines.append("")
    lines += _deciders(made)
    return "\n".join([*lines, *broken_promises(made)])


def broken_promises(made: Envelope) -> list[str]:
    """Return which promises of the card were broken in which runs, and how often."""
    found = [
        f"  {m.fill_model} {m.intrabar}: "
        + ", ".join(f"{text} ({times}×)" for text, times in m.broken.items())
        for m in made.members
        if m.broken
    ]
    return ["", f"promises of the card were broken in {len(found)} runs:", *found] if found else []


def _deciders(made: Envelope) -> list[str]:
    """Return the lines about orders that the runs do not agree on."""
    from runtime.market.checks import utc

    count = len(made.deciders)
    if count:
        many = "1 order was" if count == 1 else f"{count} orders were"
        lines = [f"{many} not filled alike where placed; furthest apart first:"]
    else:
        lines = ["Every resting order was filled as much and as soon in each run that placed it."]
    for d in made.deciders[:_SHOWN_ORDERS]:
        price = "market" if d.price is None else f"{d.price:,.10g}"
        what = d.order_type if d.role in ("entry", "exit") else d.role.replace("_", " ")
        name = f" {d.order_ref}" if d.order_ref else ""
        lines.append(f"  {utc(d.ts)[:16]}  {d.side} {what} {price}{name}: {_fate(d)}")
    if count > _SHOWN_ORDERS:
        lines.append(f"  and {count - _SHOWN_ORDERS} more (--json has all)")
    if made.placed_apart:
        many = "1 order was" if made.placed_apart == 1 else f"{made.placed_apart} orders were"
        lines.append(
            f"{many} placed in some of the runs only, for what had become of earlier orders."
        )
    return lines


def _fate(decider: Decider) -> str:
    """Return how far the runs disagree about an order: how much was filled, and when."""
    low, high = min(decider.filled), max(decider.filled)
    much = f"filled {low:.0%}" if low == high else f"filled {low * 100:.0f} to {high * 100:.0f} %"
    for word, ends in (("first", decider.fill_bars), ("last", decider.end_bars)):
        bars = [bar - decider.bar for bar in ends if bar is not None]
        if bars and max(bars) > min(bars):
            much += f", {word} {min(bars)} to {max(bars)} bars after it was placed"
            break
    return much


def _bar(values: list[float | int | None], low: float | None, high: float | None) -> str:
    """Return the runs as marks on a line from lowest to highest."""
    if low is None or high is None or high == low:
        return "all alike" if low is not None else "undefined"
    marks = ["·"] * _WIDTH
    for value in values:
        if value is not None:
            marks[round((float(value) - low) / (high - low) * (_WIDTH - 1))] = "o"
    return "".join(marks)
