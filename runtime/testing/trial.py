"""One program on one market with every promise watched: the back-test's own loop, bar by bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from compiler.graph.program import Program
from runtime.backtest import market_stage, wire
from runtime.errors import DataError
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import Event, OrderSubmitted
from runtime.orders.order_spec import Role
from runtime.rules.data_fit import check_fit
from runtime.testing.promises import Broken, Watch

Progress = Callable[[int, int], None]
_REPORT_EVERY = 1024


@dataclass(slots=True)
class Entries:
    """How many entries a run placed: what a promise forbids was asked for by none, where there was none."""

    placed: int = 0

    def seen(self, event: Event) -> None:
        if isinstance(event, OrderSubmitted) and event.spec.role is Role.ENTRY:
            self.placed += 1


def first_broken(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    *,
    count_refusals: bool = True,
    entries: Entries | None = None,
    progress: Progress | None = None,
) -> Broken | None:
    """Run a program over `data.exec` and return the first broken promise, None when all are kept.

    `entries` is told of every order that is placed.
    DataError where data and program do not fit; any other exception is itself a finding
    (`runs_without_error`): no market may make a card raise.
    """
    check_fit(program, data, instrument)
    bar = 0
    try:
        engine, exchange = wire(program, data, instrument, market_stage(program, data))
        if entries is not None:
            engine.listeners.append(entries.seen)
        watch = Watch(program, engine, count_refusals=count_refusals, bars=data.exec)
        total = len(data.exec)
        for bar in range(data.first, total):
            exchange.step(bar)
            engine.observe(bar)
            found = watch.at_close(bar)
            if found is None:
                commands = engine.close_bar(bar, ticked=True)
                found = watch.decided(bar)
                exchange.submit(commands)
            if found is not None:
                return found
            if progress is not None and bar % _REPORT_EVERY == 0:
                progress(bar, total)
        exchange.end_of_data(total - 1)
        return watch.at_end(total - 1)
    except DataError:
        raise
    except Exception as error:
        return Broken(
            promise="runs_without_error",
            how="error",
            text=f"{type(error).__name__}: {error}",
            bar=bar,
            ts=data.exec.close_time(bar),
        )
