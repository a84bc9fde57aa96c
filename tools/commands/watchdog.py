"""`ideacard watchdog`: look at a session's heartbeat from another process, and at the venue when it is silent."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import click

from runtime.backends.bybit.keys import read_keys, without_keys
from runtime.backends.bybit.panic import Clock, Panic
from runtime.backends.bybit.pybit_http import Place, PybitTransport
from runtime.backends.bybit.rest import Rest
from runtime.live.lock import PanicMark
from runtime.live.pulse import read_heartbeat
from runtime.live.watchdog import SETTLE_MS, Alarm, Close, Watchdog

_LOOK_S = 2.0
_PATIENCE_S = 10.0


@click.command(
    epilog="\b\nExamples:\n  ideacard watchdog live/BTCUSDT/heartbeat.json --venue testnet\n"
    "  ideacard watchdog heartbeat.json --venue mainnet --close uncovered \\\n"
    "    --command 'notify-send \"$IDEACARD_ALARM\"'\n"
)
@click.argument("heartbeat", type=click.Path(path_type=Path))
@click.option(
    "--venue",
    type=click.Choice(("none", "testnet", "demo", "mainnet")),
    default="none",
    show_default=True,
    help="Where to look at the position; none: only the file is read.",
)
@click.option("--silent", default=30.0, show_default=True, help="Seconds that are silence.")
@click.option(
    "--close",
    type=click.Choice([c.value for c in Close]),
    default=Close.NEVER.value,
    show_default=True,
    help="Close a silent session's position by a panic.",
)
@click.option(
    "--command", "run", default="", help="Run at an alarm; IDEACARD_ALARM holds its text."
)
@click.option("--once", is_flag=True, help="Look once; exit code 1 for silence.")
@click.option("--url", default="", help="Address in place of the venue's, of a fake one say.")
def command(
    heartbeat: Path, venue: str, silent: float, close: str, run: str, once: bool, url: str
) -> int:
    """Alarm when the session that writes HEARTBEAT goes silent: hung, killed, without a disk.

    It then asks the venue what is held and whether a stop stands there, and says so. A session that was ended
    in order is told of once, and is none to close but for what has no stop.
    """
    if venue == "none" and close != Close.NEVER.value:
        raise click.BadParameter("closing needs --venue", param_hint="--close")
    rest = None if venue == "none" else _rest(venue, url)
    settle = 0 if once else SETTLE_MS
    dog = Watchdog(
        heartbeat, rest, silent_ms=int(silent * 1_000), close=Close(close), settle_ms=settle
    )
    if once:
        dog.look(0)  # a file that was never written is silence too
    while True:
        alarm = dog.look(time.time_ns() // 1_000_000)
        if alarm is not None:
            _tell(alarm, run)
            if alarm.closes and rest is not None:
                _close(heartbeat, venue, rest)
        if once:
            return 0 if alarm is None or alarm.is_over else 1
        time.sleep(_LOOK_S)


def _rest(venue: str, url: str) -> Rest:
    keys = read_keys(venue)
    place = Place(base=url, is_testnet=venue == "testnet", is_demo=venue == "demo")
    return Rest(PybitTransport(keys, place, 5), PybitTransport(keys, place, 5))


def _tell(alarm: Alarm, run: str) -> None:
    click.echo(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}  {alarm.text}")
    if run:
        given = {**without_keys(os.environ), "IDEACARD_ALARM": alarm.text}
        with suppress(subprocess.TimeoutExpired):  # what hangs there does not hang the watch
            subprocess.run(run, shell=True, env=given, timeout=_PATIENCE_S, check=False)


def _close(heartbeat: Path, venue: str, rest: Rest) -> None:
    beat = read_heartbeat(heartbeat)
    if beat is None:
        return
    PanicMark(venue, read_keys(venue).key, beat.symbol).put("watchdog")
    clock = Clock(now=lambda: time.time_ns() // 1_000_000, sleep=time.sleep)
    Panic(rest, beat.symbol, clock, lambda text: click.echo(f"  {text}")).run()
