"""What sessions over sockets are tested with: a card, a venue with a past, the way there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from compiler.findings.source import Source
from runtime.backends.bybit.pybit_http import Keys
from tests.strategies.runs import at_bar, card_text, emit
from tools.fakebybit.candles import Bar
from tools.fakebybit.feed import made_up, walk
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue
from tools.live.door import Door
from tools.live.plan import Place, Plan

MINUTE = 60_000
START = 1_700_000_040_000
D = Decimal
OPENS = emit("entry_long", size="0.01 base", stop_loss=40000.0, order_ref="m")


def source(bars: range) -> Source:
    """A card that opens and closes again and again while it is warm."""
    rules = "".join(at_bar(b, OPENS if b % 2 else emit("exit_long")) for b in bars)
    text = card_text(rules, account="starting_equity_usdt: 10000").replace("TESTUSDT", "BTCUSDT")
    return Source("live.card.yaml", text)


CARD = source(range(310))


def venue(**settings: object) -> Venue:
    """A venue with a past of 300 minutes, at 50,000."""
    bars = made_up(BTCUSDT, seed=1, start=START, count=500, length=MINUTE, price=D(50000))
    made = Venue(Settings(start_ms=START, **settings), feed=walk(bars, BTCUSDT, MINUTE))
    past = [
        Bar(START - (300 - n) * MINUTE, D(50000), D(50010), D(49990), D(50000), D(5))
        for n in range(300)
    ]
    made.preload("BTCUSDT", past, MINUTE)
    return made


@contextmanager
def served(speed: float = 40.0, **settings: object) -> Iterator[Served]:
    with serving(venue(**settings), speed=speed) as one:
        yield one


def door(one: Served, place: Place) -> Door:
    keys = None if place is Place.PAPER else Keys("key", "secret")
    now = lambda: one.venue.now  # noqa: E731 - the session lives in the venue's time
    return Door(venue=place, http=one.http, streams=one.streams, keys=keys, now=now)


def plan(out: Path, place: Place, **more: object) -> Plan:
    return Plan(source=CARD, venue=place, out=out, **more)  # type: ignore[arg-type]
