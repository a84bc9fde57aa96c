"""How a session reaches its venue: hosts, keys, streams, a clock.

The law: keys come from the environment or the keyring, never from the command line; another address than the
venue's own is taken only on this machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import click

from runtime.backends.bybit.keys import found_keys, where_keys_go
from runtime.backends.bybit.pybit_http import Keys, PybitTransport
from runtime.backends.bybit.pybit_http import Place as Host
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.streams import Line
from runtime.errors import BackendError
from runtime.live.clock import SteadyClock
from tools.live.plan import Place

PRIVATE_TOPICS = ("order", "execution", "position", "wallet")
_PLACING_S = 3.0  # a stop that got no answer in that time is asked about
_ASKING_S = 10.0
_HERE = ("127.0.0.1", "localhost", "::1")


def wall_ms() -> int:
    """Return the time of this machine, ms UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One venue and, where it is private, one account. `now` is the clock its session lives by.

    `why_no_keys`: what to do where an account is needed and has none; such a door is good to look through.
    """

    venue: Place
    http: str = ""
    streams: str = ""
    keys: Keys | None = None
    why_no_keys: str = ""
    now: Callable[[], int] = field(default_factory=SteadyClock)

    @property
    def lives_by_itself(self) -> bool:
        """Return whether the clock is this machine's, not the venue's own."""
        return isinstance(self.now, SteadyClock)

    def correct(self, ahead: int) -> None:
        """Have the clock go right, where it is this machine's; `ahead` in ms."""
        if isinstance(self.now, SteadyClock):
            self.now.correct(ahead)

    @property
    def host(self) -> Host:
        # VENUE: paper reads what mainnet trades: testnet's prices are its own.
        is_testnet, is_demo = self.venue is Place.TESTNET, self.venue is Place.DEMO
        return Host(base=self.http, is_testnet=is_testnet, is_demo=is_demo)

    def rest(self) -> Rest:
        """Return fresh connections: two that place, two that ask."""
        placing, protecting, asking, market = (
            PybitTransport(self.keys, self.host, seconds)
            for seconds in (_PLACING_S, _PLACING_S, _ASKING_S, _ASKING_S)
        )
        return Rest(placing, asking, protecting=protecting, market=market)

    def lines(self, topic: str) -> tuple[Line, ...]:
        """Return the streams a session needs; `topic` is the public one."""
        is_testnet = self.venue is Place.TESTNET
        # VENUE: docs/v5/demo: the demo's public data are mainnet's.
        public = Line(
            name="public",
            topics=(topic,),
            channel="linear",
            base=self.streams,
            is_testnet=is_testnet,
        )
        if self.keys is None:
            return (public,)
        private = Line(
            name="private",
            topics=PRIVATE_TOPICS,
            base=self.streams,
            is_testnet=is_testnet,
            is_demo=self.venue is Place.DEMO,
        )
        return private, public


def door_of(venue: Place, url: str) -> Door:
    """Return the door of a venue; `url` in place of its own address, "" for none.

    BackendError where keys are missing, UsageError for an address elsewhere.
    """
    door = door_to_look(venue, url)
    if door.why_no_keys:
        raise BackendError(f"no keys for {venue.value}: {door.why_no_keys}")
    return door


def door_to_look(venue: Place, url: str) -> Door:
    """Return the door of a venue, without keys where there are none: most of a report needs none."""
    streams = ""
    if url:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in _HERE:
            raise click.UsageError(f"--url {url}: only http://127.0.0.1:PORT, a stand-in venue")
        streams = f"ws://{parts.netloc}"
    keys, why = None, ""
    if venue is not Place.PAPER:
        keys = found_keys(venue.value)
        why = "" if keys is not None else where_keys_go(venue.value)
    return Door(venue=venue, http=url.rstrip("/"), streams=streams, keys=keys, why_no_keys=why)
