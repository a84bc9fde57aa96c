"""What a run of the reference leaves behind.

Law: everything here is exact (`int` and `Fraction`); rounding is the business of who compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tests.reference.script import Side


class Moment(StrEnum):
    """Part of a bar's life in which a fill happened."""

    JUMP = "jump"
    OPEN = "open"
    PATH = "path"


class Role(StrEnum):
    """Why a fill happened."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"
    TRAIL = "trail"
    LIQUIDATION = "liquidation"


class EndKind(StrEnum):
    """How an order ended; `refused` never was an order."""

    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution. `price` and `reference` (before slippage) in ticks.

    `ref` is the order's, for a stop or target `position` or the ref of the layer that owns it.
    `closed` of the `lots` closed an opposite position. `limit`: the order's limit price, if any.
    """

    bar: int
    ref: str
    role: Role
    side: Side
    lots: int
    closed: int
    price: Fraction
    reference: Fraction
    maker: bool
    moment: Moment
    realized: Fraction
    fee: Fraction
    limit: int | None = None
    marketable: bool = False
    """A limit that executed as a taker: it may be better than its limit."""
    bounded: bool = False
    """It would have been worse than bankruptcy, which is off the grid and better than the reference."""


@dataclass(frozen=True, slots=True)
class End:
    """An order's end. `bar` is the bar it happened in, or the close at which it was refused."""

    bar: int
    ref: str
    kind: EndKind
    reason: str
    filled: int


@dataclass(frozen=True, slots=True)
class LayerView:
    """One layer at a close."""

    ref: str
    lots: int
    entry: Fraction
    stop: int | None
    target: int | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """One working order at a close: lots it would still trade if met now."""

    ref: str
    side: Side
    lots: int
    filled: int
    limit: int | None
    trigger: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """The account at close(t), after matching, marking and expiry, before the commands of t.

    `position` in signed lots; levels in ticks; `drawn_*` lots of limit fills of that side.
    """

    bar: int
    balance: Fraction
    equity: Fraction
    position: int
    average: Fraction | None
    stop: int | None
    target: int | None
    trail: int | None
    layers: tuple[LayerView, ...]
    working: tuple[OrderView, ...]
    funding: Fraction
    drawn_buy: int
    drawn_sell: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole run, in the order in which things happened."""

    fills: tuple[Fill, ...]
    ends: tuple[End, ...]
    closes: tuple[Close, ...]
    counts: tuple[tuple[str, int], ...]

    def count(self, name: str) -> int:
        """How often a noteworthy thing happened (`fill_before_cancel`, `denied_by_model` …)."""
        return dict(self.counts).get(name, 0)
