"""What a person asks of a session before it starts, read from the command line.

The law: everything is checked before anything is written or asked of a venue.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from compiler.findings.source import Source
from runtime.backends.bybit.reconcile import OnMismatch
from runtime.live.guard import SessionLimits
from tools.cards import Overrides
from tools.fakebybit.control import switch
from tools.fakebybit.faults import Switch
from tools.fakebybit.refusals import Refused
from tools.feeds import Feeds


class Place(StrEnum):
    """Where a session trades."""

    LOCAL = "local"
    PAPER = "paper"
    TESTNET = "testnet"
    DEMO = "demo"
    MAINNET = "mainnet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One session as asked for. `speed`: venue time per wall time, None as fast as it goes."""

    source: Source
    venue: Place
    overrides: Overrides = ()
    limits: SessionLimits = SessionLimits()
    out: Path = Path("runs/live")
    name: str = ""
    feeds: Feeds = field(default_factory=Feeds)
    is_made_up: bool = False
    seed: int = 7
    bars: int | None = None
    speed: float | None = None
    url: str = ""
    prepares: bool = False
    on_mismatch: OnMismatch = OnMismatch.HALT
    has_checked: bool = False
    faults: tuple[Switch, ...] = ()

    @property
    def stem(self) -> str:
        """Return the name of the session's folder: what was said, else card and venue."""
        card = Path(self.source.path).name.partition(".")[0] or "card"
        return self.name or f"{card}-{self.venue.value}"


def parse_speed(text: str) -> float | None:
    """Return a speed, None for `max`."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < 1e7:
        raise click.BadParameter(f"`{text}`: a number above 0, or max", param_hint="--speed")
    return speed


def parse_faults(values: Sequence[str]) -> tuple[Switch, ...]:
    """Return the faults of a stand-in venue from `kind=…,on=…,p=…` words."""
    found = []
    for value in values:
        pairs = (part.partition("=") for part in value.split(","))
        try:
            found.append(switch({name.strip(): text.strip() for name, _sign, text in pairs}))
        except (Refused, ValueError) as error:
            raise click.BadParameter(f"`{value}`: {error}", param_hint="--fault") from None
    return tuple(found)


def parse_limits(values: Sequence[str]) -> SessionLimits:
    """Return limits from NAME=VALUE words."""
    known = [one.name for one in fields(SessionLimits)]
    limits = SessionLimits()
    for value in values:
        name, sign, text = value.partition("=")
        if not sign or name not in known:
            raise click.BadParameter(
                f"`{value}`: expected NAME=VALUE with one of {', '.join(known)}",
                param_hint="--limit",
            )
        try:
            limits = limits.tightened(name, float(text))
        except ValueError as error:
            raise click.BadParameter(f"`{value}`: {error}", param_hint="--limit") from None
    return limits


@dataclass(frozen=True, slots=True)
class Shown:
    """`port` of the page, 0 for any, None for no page. `draws`: a screen or lines, else nothing."""

    port: int | None = 0
    is_plain: bool = False
    draws: bool = True


def is_watched() -> bool:
    """Return whether a person looks at the output."""
    return sys.stdout.isatty()


def shown_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of screen and page; it receives them as `shown`."""

    @functools.wraps(command)
    def wrapped(**words: Any) -> Any:
        port = words.pop("page_port")
        no_page, plain = words.pop("no_page"), words.pop("plain")
        return command(shown=Shown(None if no_page else port, plain), **words)

    made: Callable[..., Any] = wrapped
    for option in (
        click.option("--plain", is_flag=True, help="Lines instead of a screen."),
        click.option("--no-page", is_flag=True, help="Serve no page."),
        click.option("--page-port", default=0, help="Port of the page on 127.0.0.1; 0: any."),
    ):
        made = option(made)
    return made
