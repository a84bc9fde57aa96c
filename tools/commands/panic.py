"""`ideacard panic`: close and cancel everything of one symbol, now, from a process of its own."""

from __future__ import annotations

import time

import click

from runtime.backends.bybit.keys import read_keys
from runtime.backends.bybit.panic import Clock, Panic
from runtime.backends.bybit.pybit_http import Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.live.lock import PanicMark

_WHO_HALTS = "sessions of this user here halt; those elsewhere when a position is closed"
VENUES = ("testnet", "demo", "mainnet")


@click.command(
    epilog="\b\nExamples:\n  ideacard panic BTCUSDT --venue testnet\n"
    "  ideacard panic BTCUSDT --venue testnet --lift\n"
)
@click.argument("symbol")
@click.option("--venue", type=click.Choice(VENUES), required=True)
@click.option("--patience", default=60.0, show_default=True, help="Seconds until it gives up.")
@click.option(
    "--lift", is_flag=True, help="Take the mark of an earlier panic away; change nothing."
)
@click.option("--url", default="", help="Address in place of the venue's, of a fake one say.")
def command(symbol: str, venue: str, patience: float, lift: bool, url: str) -> int:
    """Cancel every order of SYMBOL and close its position, whatever a session does or does not.

    It has its own connections and needs no session, no journal and no card. A mark stays behind: a session
    of this user on this machine halts, and none opens anything until `--lift`. One elsewhere halts when it
    sees the close at the venue; where there was no position to close, stop it there. Exit code 0: flat, seen
    twice.
    """
    keys = read_keys(venue)
    mark = PanicMark(venue, keys.key, symbol)
    if lift:
        mark.lift()
        click.echo(f"{symbol} on {venue}: the mark is gone; a halted session still wants `resume`")
        return 0
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:6.2f} s  {text}")

    mark.put(f"panic at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    say(f"panic: {symbol} on {venue}; {_WHO_HALTS}")
    place = Place(base=url, is_testnet=venue == "testnet", is_demo=venue == "demo")
    rest = Rest(PybitTransport(keys, place, 5), PybitTransport(keys, place, 5))
    clock = Clock(now=lambda: time.time_ns() // 1_000_000, sleep=time.sleep)
    return 0 if Panic(rest, symbol, clock, say).run(patience) else 1
