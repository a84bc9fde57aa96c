"""A one-way, isolated position and its margin arithmetic.

Law: reducing leaves the average entry where it is; what a close earns is booked at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tools.fakebybit.instrument import Instrument
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Side


@dataclass(slots=True, kw_only=True)
class Position:
    """`size` is signed (short below zero), base units; money in quote currency."""

    symbol: str
    leverage: Decimal
    size: Decimal = ZERO
    entry: Decimal = ZERO
    realised: Decimal = ZERO
    realised_ever: Decimal = ZERO
    created: int = 0
    opened: int = 0
    updated: int = 0
    seq: int = -1
    status: str = "Normal"
    is_reduce_only: bool = False
    adl_rank: int = 0

    @property
    def side(self) -> Side | None:
        return None if not self.size else Side.BUY if self.size > 0 else Side.SELL

    @property
    def value(self) -> Decimal:
        return abs(self.size) * self.entry

    def apply(self, side: Side, qty: Decimal, price: Decimal) -> tuple[Decimal, Decimal]:
        """Book a fill; return (quantity closed, profit of that part)."""
        change = side.sign * qty
        closed = min(qty, abs(self.size)) if self.size * change < 0 else ZERO
        pnl = self.gain(closed, price)
        after = self.size + change
        if not closed:
            total = self.value + qty * price
            self.entry = total / abs(after)
        elif qty > closed:
            self.entry = price
        elif not after:
            self.entry = ZERO
        self.size = after
        return closed, pnl

    def gain(self, qty: Decimal, price: Decimal) -> Decimal:
        """Return what closing `qty` of it at a price earns, before fees."""
        return qty * (price - self.entry) * self._sign()

    def unrealised(self, mark: Decimal) -> Decimal:
        return self.size * (mark - self.entry)

    def bankruptcy(self) -> Decimal:
        """Return the price at which the initial margin is gone."""
        return self.entry * (1 - self._sign() / self.leverage)

    def initial_margin(self, facts: Instrument) -> Decimal:
        """Return value / leverage and the fee to close at the bankruptcy price."""
        return self.value / self.leverage + self.closing_fee(facts)

    def maintenance_margin(self, facts: Instrument) -> Decimal:
        tier = facts.tier(self.value)
        return self.value * tier.maintenance - tier.deduction + self.closing_fee(facts)

    def closing_fee(self, facts: Instrument) -> Decimal:
        return abs(self.size) * self.bankruptcy() * facts.taker

    def liquidation(self, facts: Instrument) -> Decimal | None:
        """Return the mark price that liquidates; None when flat or never.

        VENUE: isolated, entry -/+ (IM - MM) / size with both margins at entry value
        (help centre, USDT contracts); the closing fees cancel out.
        """
        if not self.size:
            return None
        room = self.initial_margin(facts) - self.maintenance_margin(facts)
        price = self.entry - self._sign() * room / abs(self.size)
        return price if 0 < price < facts.max_price else None

    def _sign(self) -> int:
        return 1 if self.size > 0 else -1


def cost(facts: Instrument, side: Side, qty: Decimal, price: Decimal, leverage: Decimal) -> Decimal:
    """Return what an opening order holds back: margin, fee to open, fee to close at bankruptcy."""
    value = qty * price
    bankruptcy = value * (1 - side.sign / leverage)
    return value / leverage + (value + bankruptcy) * facts.taker
