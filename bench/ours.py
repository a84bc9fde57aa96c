"""This project in its own process: `engine N FOLDER`, `kernel N FOLDER`, `sweep N FOLDER SETS`, `many N FOLDER SETS`,
`step N FOLDER`, `data N FOLDER`.

Prints a line of JSON: seconds of the engine alone, without loading, compiling and writing.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench.workload import LOT, SYMBOL, TICK, Took, parquet, say
from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest, wire
from runtime.batch.account_run import FILL_TABLE, Feed, run_account
from runtime.batch.lower import lower
from runtime.batch.machine_code import in_machine_code
from runtime.market.assemble import Wanted, assemble
from runtime.market.data import MarketData
from runtime.market.instrument_table import custom_instrument
from tools.running import compile_for
from tools.search.figures import Figures
from tools.search.jobs import Job, Local, Matter, Stretch

CARD = Path(__file__).parent / "w1.card.yaml"
BAND = "id: bb, params: { length: 20, std: 2.0 }"
TARGET = "take_profit: { type: percent, value: 2 }"


def sets() -> list[tuple[int, float, float]]:
    """Return a hundred parameter sets: band length, band width, target in percent."""
    return [
        (length, width, target)
        for length in (10, 15, 20, 25, 30)
        for width in (1.5, 2.0, 2.5, 3.0)
        for target in (1.5, 2.0, 2.5, 3.0, 3.5)
    ]


def program(length: int = 20, width: float = 2.0, target: float = 2.0) -> Program:
    text = CARD.read_text(encoding="utf-8")
    text = text.replace(BAND, f"id: bb, params: {{ length: {length}, std: {width} }}")
    text = text.replace(TARGET, f"take_profit: {{ type: percent, value: {target:g} }}")
    return compile_for(Source(str(CARD), text))


def data(count: int, card: Program, folder: Path) -> MarketData:
    return assemble(card.graph, Wanted(data=parquet(count, folder), symbol_given=True), SYMBOL)


def engine(count: int, folder: Path) -> None:
    """Time the account stage of one run, the columns given."""
    card, instrument = program(), custom_instrument(SYMBOL, TICK, LOT)
    feed = data(count, card, folder)
    market = market_stage(card, feed)
    times = []
    for _ in range(3 if count <= 200_000 else 1):
        begun = Took.now()
        record = run_backtest(card, feed, instrument, flip=False, market=market)
        times.append(Took.since(begun))
    say(
        min(times, key=lambda took: took.cpu),
        count,
        fills=len(record.fills),
        equity=round(record.equity.equity[-1], 2),
    )


def kernel(count: int, folder: Path) -> None:
    """Time the account kernel on the same run, columns given and code loaded, with all its columns."""
    card, instrument = program(), custom_instrument(SYMBOL, TICK, LOT)
    feed = data(count, card, folder)
    made = Feed.of(card, feed, market_stage(card, feed))
    lowered, kernels = lower(card, instrument), in_machine_code()
    times = []
    for _ in range(5):
        begun = Took.now()
        run = run_account(lowered, made, kernels)
        times.append(Took.since(begun))
    say(
        min(times, key=lambda took: took.cpu),
        count,
        fills=run.table(FILL_TABLE)[2],
        equity=round(run.columns[count - 1], 2),
    )


def _say_hundred(took: Took, count: int, best: float, chosen: int) -> None:
    """Say what a hundred sets would take, of which so many were `chosen`."""
    scale = 100 / chosen
    say(
        Took(took.seconds * scale, took.cpu * scale),
        count * 100,
        best=round(best, 2),
        sets=chosen,
    )


def many(count: int, folder: Path, most: int) -> None:
    """Time some of the hundred sets as a search runs them, compiling and columns included; scaled."""
    instrument, text = custom_instrument(SYMBOL, TICK, LOT), CARD.read_text(encoding="utf-8")
    feed = data(count, program(), folder)
    chosen = sets()[:: max(1, 100 // most)][:most]
    workers = Local(Matter(Source(str(CARD), text), (), SYMBOL, feed, instrument))
    jobs = [Job(_params(*one), Stretch(feed.first, count)) for one in chosen]
    begun = Took.now()
    made = [one for _, one in workers.outcomes(jobs, lambda: False) if isinstance(one, Figures)]
    took = Took.since(begun)
    if len(made) < len(jobs) or workers.reasons:
        raise SystemExit(f"not by the kernel: {workers.reasons}")
    _say_hundred(took, count, max(one.equity for one in made), len(chosen))


def _params(length: int, width: float, target: float) -> tuple[tuple[str, str], ...]:
    return (
        ("features.bb.params.length", str(length)),
        ("features.bb.params.std", str(width)),
        ("risk_model.take_profit.value", str(target)),
    )


def sweep(count: int, folder: Path, most: int) -> None:
    """Time some of the hundred sets one after another, compiling included; scaled to a hundred."""
    instrument = custom_instrument(SYMBOL, TICK, LOT)
    feed = data(count, program(), folder)
    chosen = sets()[:: max(1, 100 // most)][:most]
    begun = Took.now()
    best = max(
        run_backtest(program(*one), feed, instrument, flip=False).equity.equity[-1]
        for one in chosen
    )
    _say_hundred(Took.since(begun), count, best, len(chosen))


def step(count: int, folder: Path) -> None:
    """Time each closed bar through exchange and decisions, the columns given; microseconds."""
    card, instrument = program(), custom_instrument(SYMBOL, TICK, LOT)
    feed = data(count, card, folder)
    running, exchange = wire(card, feed, instrument, market_stage(card, feed))
    times, whole = [], Took.now()
    for bar in range(count):
        begun = time.perf_counter_ns()
        exchange.step(bar)
        commands = running.close_bar(bar)
        if commands:
            exchange.submit(commands)
        times.append(time.perf_counter_ns() - begun)
    took = Took.since(whole)
    times.sort()
    median, late = times[count // 2] / 1000, times[count * 99 // 100] / 1000
    say(took, count, median_us=round(median, 1), p99_us=round(late, 1))


def main() -> None:
    what, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    match what:
        case "engine":
            engine(count, folder)
        case "kernel":
            kernel(count, folder)
        case "many":
            many(count, folder, int(sys.argv[4]))
        case "sweep":
            sweep(count, folder, int(sys.argv[4]))
        case "step":
            step(count, folder)
        case "data":
            parquet(count, folder)


if __name__ == "__main__":
    main()
