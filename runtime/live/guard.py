"""What a session may do: its limits, and everything that stops entries or halts it.

The law: fail closed. Whatever is missing or odd stops entries; what protects or reduces is never stopped here.
A halt ends only by a person's word. Missing data alone never closes a position.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace

from runtime.account.absence import Scope
from runtime.account.ledger import Ledger
from runtime.account.room import no_room
from runtime.backends.base import CLOSE_IN_DOUBT, HELD_BACK, Loudness, Notice
from runtime.decide.refusals import RefusalCode, Refused
from runtime.formulas.sums import total
from runtime.orders.changes import reaches_further
from runtime.orders.commands import AmendOrder
from runtime.orders.events import OrderAmended, OrderFilled
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, reference_price

_DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_SLIP = 1.02
_WARNED_MS = 60_000  # a warning stops entries for so long after it was last given
_PASSING = frozenset({"start", "private", "public"})  # a link, and what is compared when it is up


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """Most that may be at stake; None: no limit. Money in USDT, percent of the price or the equity."""

    max_notional_usdt: float | None = None
    max_open_orders: float | None = None
    max_daily_loss_usdt: float | None = None
    max_drawdown_pct: float | None = None
    price_band_pct: float | None = None
    max_orders_per_minute: float | None = None
    max_cost_per_day_usdt: float | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if value is not None and not value >= 0:  # a limit of nan would hold nothing
                raise ValueError(f"{one.name} must be zero or more: it is {value}")

    def changed(self, name: str, value: float) -> SessionLimits:
        """Return the limits with one of them at a value, looser too; ValueError for an unknown one."""
        self._must_have(name)
        return replace(self, **{name: value})

    def tightened(self, name: str, value: float) -> SessionLimits:
        """Return the limits with one of them tighter; ValueError for a looser or unknown one."""
        self._must_have(name)
        held = getattr(self, name)
        if not value >= 0:
            raise ValueError(f"{name} must be zero or more, not {value:g}")
        if held is not None and value > held:
            told = f"{name} can only be tightened: it is {held:g}"
            raise ValueError(f"{told}; a looser limit needs a restart with another value")
        return replace(self, **{name: value})

    def _must_have(self, name: str) -> None:
        known = [one.name for one in fields(self)]
        if name not in known:
            raise ValueError(f"no such limit: {name}; there are: {', '.join(known)}")


@dataclass(slots=True)
class _Day:
    """What the day has cost so far; it starts at midnight UTC."""

    number: int = -1
    equity: float = 0.0
    fees: float = 0.0
    coins: str = ""  # the last coin besides USDT in which fees were paid


@dataclass(slots=True)
class Guard:
    """State of permission; it changes only by what the desk was told.

    `given`: the limits that starts were given last; those that hold may be tighter, by a person's word.
    """

    limits: SessionLimits
    blocked: dict[str, str] = field(default_factory=dict)  # why entries wait, until it is lifted
    warned: dict[str, int] = field(default_factory=dict)  # kind -> when it was last warned of
    halted: str = ""
    peak: float = 0.0
    day: _Day = field(default_factory=_Day)
    placed: deque[int] = field(default_factory=deque)
    coin_fees: dict[str, float] = field(default_factory=dict)  # paid in coins that are not USDT
    given: SessionLimits = field(init=False)
    is_regridded: bool = False  # the venue counts in another lot than the ledger

    def __post_init__(self) -> None:
        self.given = self.limits

    # ------------------------------------------------------------ being told

    def notice(self, notice: Notice) -> None:
        """Take a warning."""
        if notice.loudness is Loudness.HALT:
            self.halt(f"{notice.kind}: {notice.text}")
        elif notice.loudness is Loudness.ENTRIES:
            self.warned[notice.kind] = notice.ts

    def limit(self, name: str, value: float, *, by_start: bool) -> None:
        """Set a limit: what a start is given holds from then on, looser or not; a word while it runs only tightens."""
        if by_start:
            self.given = self.given.changed(name, value)
            self.limits = self.limits.changed(name, value)
        else:
            self.limits = self.limits.tightened(name, value)

    def halt(self, why: str) -> None:
        """Stop for good; the first reason stays."""
        self.halted = self.halted or why

    def block(self, name: str, why: str) -> None:
        """Let entries wait until `lift`."""
        self.blocked[name] = why

    def lift(self, name: str) -> None:
        self.blocked.pop(name, None)

    def resume(self) -> None:
        """A person has looked: halts and warnings are over, what is still so will be told again.

        A close that may be late was told once, and nobody can see that it is not: that word ends by its time.
        """
        self.halted = ""
        self.warned = {kind: ts for kind, ts in self.warned.items() if kind == CLOSE_IN_DOUBT}
        self.blocked.pop("paused", None)

    def count_fill(self, event: OrderFilled) -> None:
        """Count what an execution cost; the first fee in a coin halts, a person who resumes bears it."""
        self.day.fees += event.fee
        coin = event.fee_coin
        if not coin:
            return
        if coin not in self.coin_fees:
            self.halt(f"fee_in_coin: {event.coin_fee:g} {coin}, whose worth in USDT nobody knows")
        self.coin_fees[coin] = self.coin_fees.get(coin, 0.0) + event.coin_fee
        self.day.coins = coin

    def count_transfer(self, amount: float) -> None:
        """Money put in or taken out is no profit and no loss."""
        self.peak += amount
        self.day.equity += amount

    def count_order(self, ts: int) -> None:
        self.placed.append(ts)

    # ------------------------------------------------------------ looking

    def look(self, ledger: Ledger, ts: int, mark: float | None = None) -> None:
        """Compare the account with the limits; a breach halts. Called at closes and timers.

        `mark`: what the position is valued at, where that is newer than the last close.
        """
        equity, limits = ledger.equity, self.limits
        if mark is not None and ledger.position is not None:
            equity = ledger.account.equity(ledger.position.unrealized(mark))
        if equity != equity:  # before the first close there is no price: nothing can be said
            return
        if ts // _DAY_MS != self.day.number:
            self.day = _Day(ts // _DAY_MS, equity)
        if mark is None:  # a peak is one of closes: a wick is no gain that is lost again
            self.peak = max(self.peak, equity)
        lost = self.day.equity - equity
        if limits.max_daily_loss_usdt is not None and lost > limits.max_daily_loss_usdt:
            self.halt(f"max_daily_loss_usdt: {lost:.2f} lost today")
        position, most = ledger.position, limits.max_notional_usdt
        held = 0.0 if position is None else position.total_size_usdt
        # An order within the limit may fill a little beyond it: that alone is no breach.
        if most is not None and held > most * _SLIP:
            self.halt(f"max_notional_usdt: {held:.2f} is held")
        fall = 100.0 * (self.peak - equity) / self.peak if self.peak > 0 else 0.0
        if limits.max_drawdown_pct is not None and fall > limits.max_drawdown_pct:
            self.halt(f"max_drawdown_pct: {fall:.2f} % below the peak")
        cost = limits.max_cost_per_day_usdt
        if cost is not None and self.day.fees > cost:
            self.halt(f"max_cost_per_day_usdt: {self.day.fees:.2f} paid today")
        if cost is not None and self.day.coins:  # what cannot be judged is held back
            self.halt(f"max_cost_per_day_usdt: fees were paid in {self.day.coins}, unknown in USDT")

    def is_over(self, ledger: Ledger) -> bool:
        """Return whether what works and what is held, together, is beyond a limit."""
        count = self.limits.max_open_orders
        is_crowded = count is not None and len(ledger.book) > count
        return is_crowded or self._stake(ledger) is not None

    def warns_of(self, kind: str, ts: int) -> bool:
        """Return whether a warning of a kind was given lately enough to stop entries."""
        return kind in self.warned and ts - self.warned[kind] < _WARNED_MS

    def why_no_entries(self, ts: int, besides: str = "") -> str:
        """Return why nothing new may be opened, "" when it may; `besides`: a warning that does not count."""
        if self.halted:
            return f"halted: {self.halted}"
        for name, why in self.blocked.items():
            return f"{name}: {why}"
        for kind in self.warned:
            if kind != besides and self.warns_of(kind, ts):
                return f"warned: {kind}"
        return ""

    def held_back(self, ts: int, *, waits: bool) -> Refused | None:
        """Return what is said of an entry that would not leave; `waits`: it does where what holds it passes by itself."""
        why, is_passing = self.why_no_entries(ts), self.is_passing(ts)
        if not why or (waits and is_passing):
            return None
        return Refused(RefusalCode.HELD_BACK, why, is_passing=is_passing)

    def is_passing(self, ts: int) -> bool:
        """Return whether entries are held back, and all of it ends by itself: links and warnings."""
        is_soon = not self.halted and self.blocked.keys() <= _PASSING
        return is_soon and bool(self.why_no_entries(ts))

    def refusal(
        self, spec: OrderSpec, ledger: Ledger, ts: int, asked: Collection[Scope] = ()
    ) -> tuple[str, str] | None:
        """Return why an order may not leave as (code, text), None when it may. Only entries are held.

        `asked` are the stops and targets that the same close asks for.
        """
        if spec.effect is not Effect.OPEN:
            return None
        why = self.why_no_entries(ts)
        if why:
            return HELD_BACK, why
        return next(self._over(spec, ledger, ts, asked), None)

    def refusal_of_change(
        self, order: Order, asked: AmendOrder, ledger: Ledger, ts: int
    ) -> tuple[str, str] | None:
        """Return why a change may not leave as (code, text), None when it may.

        An entry that moves or is to open more is held as a new one is; whatever else is asked of it is not.
        """
        if order.spec.effect is not Effect.OPEN:
            return None
        opens = asked.opens if asked.opens is not None else asked.quantity
        limit = order.limit_price if asked.limit_price is None else asked.limit_price
        trigger = order.trigger_price if asked.trigger_price is None else asked.trigger_price
        grows = opens is not None and opens > order.opens
        brings = asked.stop_loss is not None or asked.take_profit is not None
        crowded = no_room(ledger, changed=_as_asked(order, asked, ts)) if grows or brings else ""
        if crowded:
            return "too_many_orders", crowded
        if not reaches_further(order, asked):
            return None
        why = self.why_no_entries(ts)
        if why:
            return HELD_BACK, why
        price = reference_price(limit, trigger, ledger.close)
        lots = order.to_open if opens is None else max(0, opens - order.done)
        would_add = ledger.instrument.notional(lots, price)
        found = (self._stake(ledger, order, would_add), self._band(price, ledger))
        return next((one for one in found if one is not None), None)

    def look_at_stake(self, ledger: Ledger) -> None:
        """Halt where more is at stake than may be: for what fills although nobody asks for it any more."""
        found = self._stake(ledger)
        if found is not None:
            self.halt(": ".join(found))

    def _stake(
        self, ledger: Ledger, changed: Order | None = None, would_add: float = 0.0
    ) -> tuple[str, str] | None:
        """Judge position and working entries together; `changed` counts as what it `would_add`."""
        most = self.limits.max_notional_usdt
        notional = at_stake(ledger, changed, would_add)
        if most is not None and not notional <= most:  # without a price nobody knows
            return "max_notional_usdt", f"{notional:.2f} would be at stake, {most} may"
        return None

    def _band(self, price: float, ledger: Ledger) -> tuple[str, str] | None:
        band = self.limits.price_band_pct
        if band is not None and not abs(price / ledger.close - 1) * 100 <= band:
            return "price_band_pct", f"{price} is beyond {band} % of {ledger.close}"
        return None

    def _over(
        self, spec: OrderSpec, ledger: Ledger, ts: int, asked: Collection[Scope]
    ) -> Iterator[tuple[str, str]]:
        limits = self.limits
        crowded = no_room(ledger, asked)
        if crowded:
            yield "too_many_orders", crowded
        price = reference_price(spec.limit_price, spec.trigger_price, ledger.close)
        stake = self._stake(ledger)  # the order itself stands in the ledger already
        if stake is not None:
            yield stake
        count = limits.max_open_orders
        if count is not None and len(ledger.book) > count:
            yield "max_open_orders", f"{len(ledger.book)} would work, {count:g} may"
        band = self._band(price, ledger)
        if band is not None:
            yield band
        while self.placed and self.placed[0] <= ts - _MINUTE_MS:
            self.placed.popleft()
        pace = limits.max_orders_per_minute
        if pace is not None and len(self.placed) >= pace:
            yield "max_orders_per_minute", f"{len(self.placed)} were placed in the last minute"


def at_stake(ledger: Ledger, besides: Order | None = None, would_add: float = 0.0) -> float:
    """Return what is held and what working entries would open, USDT; `besides` counts as what it `would_add`."""
    held = 0.0 if ledger.position is None else ledger.position.total_size_usdt
    working = [o for o in ledger.book if o.spec.effect is Effect.OPEN and o is not besides]
    return held + would_add + total(ledger.order_notional(order) for order in working)


def _as_asked(order: Order, asked: AmendOrder, ts: int) -> Order:
    """Return a copy of an order that is as a change asks for."""
    twin = order.clone()
    values = {
        name: getattr(asked, name)
        for name in ("quantity", "opens", "stop_loss", "take_profit")
        if getattr(asked, name) is not None
    }
    twin.apply(OrderAmended(order_id=order.order_id, bar=order.spec.created_bar, ts=ts, **values))
    return twin
