"""Panic: everything of one symbol closed and cancelled, by a process of its own, whatever the session does.

The law: it needs the venue alone: no journal, no ledger, no card, no session that answers. It only cancels and
reduces, says each step as it takes it, and calls the account flat only after the venue has said so twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.backends.bybit import bodies
from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.limits import Bucket
from runtime.backends.bybit.names import panic_link
from runtime.backends.bybit.outcomes import Outcome, Remedy, Request
from runtime.backends.bybit.rest import Rest
from runtime.orders.order_spec import Side

_PER_SECOND = 4  # of ten: the session's own share is left alone
_SETTLE_S = 0.5
_ORDERS = 10  # cancelled one by one where cancelling all of them got no answer
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the venue answered: signed base units as its text, open orders; None without an answer."""

    size: float | None
    orders: tuple[Mapping[str, Any], ...] | None

    @property
    def is_clear(self) -> bool:
        return self.size == 0 and self.orders == ()


@dataclass(frozen=True, slots=True)
class Clock:
    """Time for a panic. `now` ms UTC; `sleep` takes seconds."""

    now: Callable[[], int]
    sleep: Callable[[float], object]


class Panic:
    """Closes and cancels one symbol. Make it with a `Rest` of its own connections, then `run`."""

    def __init__(self, rest: Rest, symbol: str, clock: Clock, say: Say) -> None:
        self._rest = rest
        self._symbol = symbol
        self._clock = clock
        self._say = say
        self._budget = Bucket(_PER_SECOND)
        self._sent = 0

    def run(self, patience_s: float = 60.0) -> bool:
        """Go on until the account is flat without orders, seen twice; False where time ran out first.

        What could open goes first, then the position, then what protected it: until it is closed its
        stops stand.
        """
        until = self._clock.now() + int(patience_s * 1_000)
        looks = 0
        while self._clock.now() < until:
            seen = self._look()
            looks = looks + 1 if seen.is_clear else 0
            if looks == 2:
                self._say("flat, no open orders: the venue has said so twice")
                return True
            if not seen.is_clear:
                self._clear(seen)
            self._clock.sleep(_SETTLE_S)
        self._say(
            f"NOT done after {patience_s:g} s: look at {self._symbol} on the venue's own page"
        )
        return False

    def _look(self) -> Holdings:
        """Ask for position and orders."""
        positions = self._rest.position(self._symbol)
        orders = self._rest.open_orders(self._symbol)
        size = None if positions is None else _size(positions)
        still = None if orders is None else tuple(row for row in orders if _is_open(row))
        said_size = "no answer" if size is None else f"{size:g}"
        said_orders = "no answer" if still is None else str(len(still))
        self._say(f"position {said_size}, open orders {said_orders}")
        return Holdings(size, still)

    def _clear(self, seen: Holdings) -> None:
        opening = None if seen.orders is None else [r for r in seen.orders if _may_open(r)]
        if opening is None or opening:
            self._cancel(opening)
        if seen.size != 0:
            # Without an answer both sides are tried: a reduction of nothing is refused and harms nothing.
            sides = (
                (Side.BUY, Side.SELL)
                if seen.size is None
                else (Side.BUY if seen.size > 0 else Side.SELL,)
            )
            for held in sides:
                self._close(held)
        elif seen.orders:
            self._change("cancel all orders", "order/cancel-all", bodies.cancel_all(self._symbol))

    def _cancel(self, opening: list[Mapping[str, Any]] | None) -> None:
        """Cancel what could open, by its ids where they are known: stops stay until the position is closed."""
        for row in (opening or [])[:_ORDERS]:
            body = bodies.cancel_foreign(str(row.get("orderId", "")), self._symbol)
            self._change(f"cancel {row.get('side')} {row.get('qty')}", "order/cancel", body)
        if opening is None or len(opening) > _ORDERS:
            body = bodies.cancel_all(self._symbol) | {"orderFilter": "Order"}
            self._change("cancel all orders that wait for no trigger", "order/cancel-all", body)

    def _close(self, held: Side) -> None:
        self._sent += 1
        link = panic_link(self._clock.now(), self._sent)
        what = f"close the {'long' if held is Side.BUY else 'short'} position at market"
        self._change(what, "order/create", bodies.flatten(self._symbol, held, link))

    def _change(self, what: str, path: str, body: Body) -> None:
        """Send one request when the budget has room for it, and say what came of it."""
        while wait := self._budget.take(self._clock.now(), is_urgent=True):
            self._clock.sleep(wait / 1_000)
        request = Request.SUBMIT if path == "order/create" else Request.CANCEL
        sent = self._rest.post(request, path, body, self._clock.now())
        verdict = sent.verdict
        came = (
            "done"
            if verdict.outcome is Outcome.RECEIVED
            else (f"{verdict.outcome.value} {verdict.code} {verdict.text}".rstrip())
        )
        self._say(f"{what}: {came}")
        if verdict.remedy is Remedy.WAIT and verdict.code == "banned":
            self._say("the venue takes nothing from this address for ten minutes: use its own page")


def _size(rows: list[dict[str, Any]]) -> float | None:
    """Return signed base units over all rows, None where one cannot be read."""
    total = 0.0
    for row in rows:
        try:
            size = float(row.get("size") or 0)
        except (TypeError, ValueError):
            return None
        total += -size if row.get("side") == "Sell" else size
    return total


def _is_open(row: Mapping[str, Any]) -> bool:
    """Return whether an order still works: the list holds recent ends, too."""
    return row.get("orderStatus") in ("New", "PartiallyFilled", "Untriggered", "Triggered")


def _may_open(row: Mapping[str, Any]) -> bool:
    return not row.get("reduceOnly") and not row.get("closeOnTrigger")
