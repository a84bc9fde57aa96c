"""A session on a terminal: one screen, drawn anew a few times a second; plain lines where nobody draws.

The law: it shows the picture and nothing else; a terminal that is slow or gone stops no session.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tools.live.screen_text import (
    age,
    clock,
    fees,
    headline,
    money,
    number,
    promise_words,
    target_of,
)
from tools.live.view import OrderRow, View

_EVERY_S = 0.25
_COLOURS = {"running": "green", "joining": "yellow", "holding": "yellow", "halted": "red"}
Draw = Callable[[bool], None]


@contextmanager
def screen(show: Callable[[], View], page: str, *, is_plain: bool) -> Iterator[Draw]:
    """Yield what is to be called often, in the session's thread: it draws when it is time to.

    Called with True it draws at once. Without a terminal a line is written for each closed bar.
    """
    if is_plain or not sys.stdout.isatty():
        yield _Lines(show).draw
        return
    console = Console()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        last = [0.0]

        def draw(now: bool) -> None:
            if now or time.monotonic() - last[0] >= _EVERY_S:
                last[0] = time.monotonic()
                live.update(render(show(), page), refresh=True)

        yield draw


class _Lines:
    """Writes one line for each closed bar, a few a second at most."""

    def __init__(self, show: Callable[[], View]) -> None:
        self._show = show
        self._bar: int | None = None
        self._at = 0.0

    def draw(self, now: bool) -> None:
        if not now and time.monotonic() - self._at < _EVERY_S:
            return
        self._at = time.monotonic()
        view = self._show()
        if view.last_bar != self._bar:
            self._bar = view.last_bar
            click.echo(headline(view))


def render(view: View, page: str) -> RenderableType:
    """Return the screen of a session."""
    colour = _COLOURS.get(view.state, "red")
    state = Text(f" {view.state} ", f"bold reverse {colour}")
    head = Text.assemble(
        state,
        "  ",
        (view.card, "bold"),
        f"  {view.symbol} {view.timeframe}  {view.venue}  ",
        (f"bar of {clock(view.last_bar)} UTC, {age(view.bar_age_ms)} ago", "dim"),
    )
    parts: list[RenderableType] = [head]
    if view.why:
        parts.append(Text(f"{view.why}{'. ' + view.do if view.do else ''}", colour))
    parts += [_figures(view), _position(view)]
    for title, rows in (("orders", view.orders), ("stops and targets", view.stops)):
        if rows:
            parts.append(_orders(title, rows))
    parts.append(_decision(view))
    parts += [
        Text(f"promise {promise_words(one)}", "red" if one.closes else "dim")
        for one in view.promises
    ]
    parts += [
        Text(f"{clock(r.ts)} {r.what}: {r.code}, {r.text}", "yellow") for r in view.refused[:4]
    ]
    parts += [
        Text(
            f"{clock(n.ts)} {n.loudness} {n.kind}: {n.text}", "red" if n.loudness == "halt" else ""
        )
        for n in view.notices[:4]
    ]
    parts.append(Text(f"page {page}   Ctrl-C stops; stops stay at the venue", "dim"))
    return Group(*parts)


def _figures(view: View) -> RenderableType:
    grid = Table.grid(padding=(0, 3))
    cover = f"{view.cover.open_lots} lots UNCOVERED" if view.cover.open_lots else "all covered"
    took = f", worst {view.cover.worst_ms} ms" if view.cover.count else ""
    links = " ".join(f"{name} {'DOWN' if why else 'up'}" for name, why in view.links)
    grid.add_row(
        f"price {number(view.close)}",
        f"equity {money(view.equity)}",
        f"today {money(view.today)}",
        f"fees {fees(view)}",
        cover + took,
        links,
    )
    return grid


def _position(view: View) -> RenderableType:
    held = view.position
    if held is None:
        return Panel(Text("flat", "dim"), title="position", title_align="left")
    away = held.to_liquidation_pct
    lines = [
        f"{held.side} {number(held.quantity)} at {number(held.entry, 8)}   open "
        f"{money(held.unrealized)}   stop {number(held.stop)}   target {target_of(held)}   "
        + ("no liquidation" if away is None else f"liquidation {away:.1f} % away")
    ]
    lines += [
        f"  {layer.ref}: {number(layer.quantity)} at {number(layer.entry, 8)} "
        f"({money(layer.unrealized)})"
        for layer in held.layers
    ]
    return Panel("\n".join(lines), title="position", title_align="left")


def _orders(title: str, rows: tuple[OrderRow, ...]) -> RenderableType:
    table = Table(title=title, title_justify="left", expand=True, box=None)
    for name in ("order", "side", "quantity", "filled", "type", "price", "age", "venue"):
        table.add_column(
            name, justify="right" if name in ("quantity", "filled", "price") else "left"
        )
    for row in rows:
        price = row.trigger if row.price is None else row.price
        sure = row.doubt or ("confirmed" if row.is_confirmed else "not confirmed")
        style = "green" if row.side == "buy" else "dark_orange"
        table.add_row(
            f"{row.ref or row.role} ({row.id})",
            Text(row.side, style),
            number(row.quantity),
            number(row.filled),
            row.type,
            number(price),
            f"{row.age_bars}",
            sure,
        )
    return table


def _decision(view: View) -> RenderableType:
    return Text("\n".join([f"decision: {view.decision}", *(f"  {one}" for one in view.outcomes)]))
