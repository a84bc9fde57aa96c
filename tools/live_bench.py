"""How long a session takes: from a closed bar to its request on the wire, and to decide.

    python -m tools.live_bench wire --bars 300 --folder .
    python -m tools.live_bench decide

Times are this machine's: compare what one run prints, with nothing else running.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.live.desk import Desk
from runtime.live.items import BarArrived, LinkSaid, Reconciled, Told
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import Event, OrderAccepted, OrderAmended, OrderCancelled, OrderFilled
from runtime.orders.order_spec import OrderType
from tools.live.facts import empty_market
from tools.wire_bench import BTC, measured, sink


@click.group()
def main() -> None:
    """Measure a live session."""


@main.command("sink", hidden=True)
def sink_command() -> None:
    """Be the venue that only takes."""
    sink()


@main.command()
@click.option("--bars", default=300, show_default=True)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False, writable=True),
    default=Path(),
    help="On a real disk.",
)
def wire(bars: int, folder: Path) -> None:
    """From a closed bar in the queue to its request in the socket, stage by stage, and at the venue."""
    for stage, took in measured(bars, folder).items():
        click.echo(f"{stage:<44} {_figures(took, 'ms')}")


@main.command()
@click.option("--bars", default=3_000, show_default=True)
@click.argument("cards", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def decide(bars: int, cards: tuple[Path, ...]) -> None:
    """A close at the desk for each card: features, consequences, rules, orders decided."""
    for path in cards or sorted(Path("cards/gallery").glob("*.yaml")):
        click.echo(f"{path.stem:<28} {_figures(_decided(path, bars), 'µs')}")


def _decided(path: Path, bars: int) -> list[float]:
    """Return how long each close after the warm-up took, µs; every order is filled or rests as asked."""
    program = compile_card(Source(path.name, path.read_text(encoding="utf-8")))
    symbol = program.graph.symbols[0]
    desk = Desk(program, empty_market(program, symbol), replace(BTC, symbol=symbol))
    frame = synthetic_market(
        SyntheticSpec(seed=1, bars=bars, timeframe=program.graph.timeframe)
    ).exec
    took: list[float] = []
    desk.take(LinkSaid(link="private", is_up=True, why="", ts=frame.ts[0]))
    desk.take(Reconciled(ts=frame.ts[0]))
    for row in range(len(frame)):
        bar = frame.bar(row)
        item = BarArrived(
            start=frame.ts[row],
            open=bar.open,
            high=bar.high,
            low=bar.low,
            close=bar.close,
            volume=bar.volume,
            mark=bar.close,
            source="stream",
            received=frame.close_time(row),
        )
        began = time.perf_counter_ns()
        commands = desk.take(item)
        if desk.is_warm:
            took.append((time.perf_counter_ns() - began) / 1_000)
        _obey(desk, commands, bar.close)
    return took


def _obey(desk: Desk, commands: Sequence[Command], price: float) -> None:
    """Answer as an obedient venue does: what is at market fills, what rests is accepted, cancels end."""
    ledger = desk.ledger
    todo = list(commands)
    while todo:
        command = todo.pop(0)
        bar, ts = ledger.bar + 1, ledger.ts + 1
        told: list[Event] = []
        match command:
            case SubmitOrder(spec=spec):
                named = spec.order_id
                told.append(OrderAccepted(order_id=named, exchange_order_id=named, bar=bar, ts=ts))
                if spec.order_type is OrderType.MARKET:
                    told.append(
                        OrderFilled(
                            order_id=named,
                            execution_id=named,
                            quantity=spec.quantity,
                            price=price,
                            fee=0.0,
                            is_maker=False,
                            bar=bar,
                            ts=ts,
                        )
                    )
            case AmendOrder():
                told.append(
                    OrderAmended(
                        order_id=command.order_id,
                        bar=bar,
                        ts=ts,
                        quantity=command.quantity,
                        limit_price=command.limit_price,
                        trigger_price=command.trigger_price,
                    )
                )
            case CancelOrder(order_id=named, reason=reason):
                told.append(OrderCancelled(order_id=named, reason=reason, bar=bar, ts=ts))
            case SetProtection():
                pass
        for event in told:
            named = getattr(event, "order_id", "")
            if not ledger.orders[named].is_terminal:
                todo += desk.take(Told(event=event))


def _figures(took: Sequence[float], unit: str) -> str:
    ranked = sorted(took)
    p99 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]
    load = os.getloadavg()[0]
    return (
        f"median {statistics.median(ranked):.2f} {unit}, p99 {p99:.2f}, most {ranked[-1]:.2f} "
        f"(load {load:.1f})"
    )


if __name__ == "__main__":
    main()
