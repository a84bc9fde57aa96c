"""`python -m tools.fakebybit`: the venue on 127.0.0.1, driven by a recorded or made-up market."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import click

from tools.fakebybit.candles import Bar
from tools.fakebybit.control import switch
from tools.fakebybit.feed import Tick, made_up, read_bars, read_trades, walk
from tools.fakebybit.instrument import KNOWN, Instrument
from tools.fakebybit.refusals import Refused
from tools.fakebybit.settings import Environment, FillRule, Settings
from tools.fakebybit.venue import Venue

EXAMPLES = """\b
Examples:
  python -m tools.fakebybit --port 8791
  python -m tools.fakebybit --bars BTCUSDT_1m.parquet --speed 60 --warmup 200
  python -m tools.fakebybit --environment demo --fault kind=drop_answer,on=order/create,p=0.1
"""


def _instrument(symbol: str) -> Instrument:
    found = next((facts for facts in KNOWN if facts.symbol == symbol), None)
    if found is None:
        raise click.BadParameter(
            f"no facts for {symbol}; known: {', '.join(f.symbol for f in KNOWN)}"
        )
    return found


def _fault(written: str) -> dict[str, object]:
    pairs = (part.partition("=") for part in written.split(","))
    return {name.strip(): value.strip() for name, _sign, value in pairs}


def _length(bars: list[Bar]) -> int:
    if len(bars) < 2:
        raise click.BadParameter("a recording needs two bars at least")
    return min(later.ts - sooner.ts for sooner, later in pairwise(bars))


def _shifted(bars: list[Bar], by: int) -> list[Bar]:
    return [replace(bar, ts=bar.ts + by) for bar in bars]


def prepare(
    facts: Instrument, settings: Settings, bars: list[Bar], length: int, warmup: int
) -> Venue:
    """Return a venue that has seen `warmup` bars and will be driven by the others.

    Times are moved by whole bars so that the first driven bar is the one open at the venue's start.
    """
    moved = _shifted(bars, (settings.start_ms - bars[warmup].ts) // length * length)
    venue = Venue(
        settings,
        instruments=[facts],
        prices={facts.symbol: moved[warmup].open},
        feed=walk(moved[warmup:], facts, length, settings.path),
    )
    venue.preload(facts.symbol, moved[:warmup], length)
    return venue


def prepare_trades(facts: Instrument, settings: Settings, ticks: list[Tick]) -> Venue:
    """Return a venue driven by recorded trades, the first of them at the venue's start."""
    by = settings.start_ms - ticks[0].ts
    return Venue(
        settings,
        instruments=[facts],
        prices={facts.symbol: ticks[0].price},
        feed=[replace(tick, ts=tick.ts + by) for tick in ticks],
    )


@click.command(epilog=EXAMPLES, context_settings={"max_content_width": 100})
@click.option("--port", default=8791, show_default=True, help="Port on 127.0.0.1; 0 takes any.")
@click.option("--symbol", default="BTCUSDT", show_default=True, help="BTCUSDT or ETHUSDT.")
@click.option(
    "--bars",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Recorded bars (Parquet: ts open high low close volume).",
)
@click.option(
    "--trades",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Recorded trades (Parquet: ts side price qty).",
)
@click.option(
    "--speed", default=1.0, show_default=True, help="Venue time per wall time; 0 stands still."
)
@click.option(
    "--warmup", default=100, show_default=True, help="Bars that are history at the start."
)
@click.option("--count", default=10_000, show_default=True, help="Bars at most.")
@click.option(
    "--price", default="50000", show_default=True, help="First price of a made-up market."
)
@click.option(
    "--seed", default=0, show_default=True, help="Decides all chance: market, faults, ids."
)
@click.option("--balance", default="10000", show_default=True, help="USDT at the start.")
@click.option(
    "--environment",
    type=click.Choice([e.value for e in Environment]),
    default="testnet",
    show_default=True,
    help="demo lacks what the real one lacks.",
)
@click.option(
    "--fill",
    type=click.Choice([f.value for f in FillRule]),
    default="through",
    show_default=True,
    help="When a print fills a resting limit.",
)
@click.option(
    "--depth", default="", help="Base units on each level of the book; without end if empty."
)
@click.option(
    "--ack-ms", default=20, show_default=True, help="How long stream acknowledgements wait."
)
@click.option("--fault", "faults", multiple=True, help="kind=…,on=…,p=…,at=…,value=…; repeatable.")
@click.option("--key", default="key", show_default=True)
@click.option("--secret", default="secret", show_default=True)
def main(
    port: int,
    symbol: str,
    bars: Path | None,
    trades: Path | None,
    speed: float,
    warmup: int,
    count: int,
    price: str,
    seed: int,
    balance: str,
    environment: str,
    fill: str,
    depth: str,
    ack_ms: int,
    faults: tuple[str, ...],
    key: str,
    secret: str,
) -> None:
    """A stand-in for Bybit's linear perpetuals on 127.0.0.1: HTTP, public, private and trade streams.

    Point a client at http://127.0.0.1:PORT and ws://127.0.0.1:PORT. No key of yours is needed.
    """
    facts = _instrument(symbol)
    settings = Settings(
        key=key,
        secret=secret,
        environment=Environment(environment),
        balance=Decimal(balance),
        seed=seed,
        start_ms=time.time_ns() // 1_000_000,
        fill=FillRule(fill),
        depth=Decimal(depth) if depth else None,
    )
    if trades is not None:
        venue = prepare_trades(facts, settings, read_trades(trades, facts))
    else:
        recorded = (
            read_bars(bars, facts, count) if bars is not None else _made(facts, seed, count, price)
        )
        if not 0 <= warmup < len(recorded):
            raise click.BadParameter(f"--warmup must be below the {len(recorded)} bars there are")
        venue = prepare(facts, settings, recorded, _length(recorded), warmup)
    for written in faults:
        try:
            venue.faults.add(switch(_fault(written)))
        except (Refused, ValueError) as error:
            raise click.BadParameter(str(error), param_hint="--fault") from None
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(venue, port, speed, ack_ms))


def _made(facts: Instrument, seed: int, count: int, price: str) -> list[Bar]:
    return list(
        made_up(facts, seed=seed, start=0, count=count, length=60_000, price=Decimal(price))
    )


async def _serve(venue: Venue, port: int, speed: float, ack_ms: int) -> None:
    from tools.fakebybit.server import Server  # aiohttp is in the extra `live`

    server = Server(venue, speed=speed, ack_ms=ack_ms)
    bound = await server.start(port)
    click.echo(f"http://127.0.0.1:{bound}  ws://127.0.0.1:{bound}  (Ctrl-C stops)")
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


if __name__ == "__main__":
    main()
