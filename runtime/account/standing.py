"""Where the stop of a position or of a layer stands, with what trails behind the price; what a wish comes to."""

from __future__ import annotations

from typing import Protocol

from runtime.account.layers import ScaledPosition
from runtime.account.protection import Protection
from runtime.market.instrument_facts import Instrument
from runtime.orders.changes import amended
from runtime.orders.commands import AmendOrder, Command, SetProtection
from runtime.orders.events import OrderAmended, ProtectionChanged, TrailMoved
from runtime.orders.order import Order
from runtime.orders.order_spec import Role, TakeProfitType
from runtime.orders.trailing import Following, in_place_of, nearer, resolved

Scope = str | None  # a layer, None for the position


class Ledger(Protocol):
    """What is asked of a ledger here."""

    @property
    def position(self) -> ScaledPosition | None: ...
    @property
    def instrument(self) -> Instrument: ...
    @property
    def ts(self) -> int: ...
    @property
    def protection(self) -> dict[Scope, Protection]: ...
    def stop_price(self, layer: Scope = None) -> float | None: ...


def trails(ledger: Ledger) -> dict[Scope, Following]:
    """Return the trails of the position and of its layers."""
    return {
        scope: held.trail for scope, held in ledger.protection.items() if held.trail is not None
    }


def has_trail(ledger: Ledger) -> bool:
    """Return whether anything trails. COST: asked on every bar."""
    position = ledger.position
    if position is None:
        return False
    if position.protection.trail is not None:
        return True
    return any(layer.protection.trail is not None for layer in position.layers)


def followed(
    ledger: Ledger, bar: int, opened: int, ts: int, *, high: float, low: float, close: float
) -> list[TrailMoved]:
    """Return how the trails move at the close of a bar, where nobody has told how the price went in it.

    The bar opened and closed at `opened`, `ts`, ms UTC. What it did before a trail began is not the trail's: of the
    bar in which it began the close counts alone, of one that was over before (it may come late) nothing.
    """
    position, moved = ledger.position, []
    for layer, trail in trails(ledger).items():
        assert position is not None
        if ts <= trail.since:
            continue
        best = high if position.side.sign > 0 else low
        price = best if trail.since <= opened else close
        if trail.after(position.side.sign, price) is not trail:
            moved.append(TrailMoved(price=price, layer=layer, bar=bar, ts=ts))
    return moved


def trail_price(ledger: Ledger, scope: Scope = None) -> float | None:
    """Return where the trail of a scope stands, None without one or before it is active."""
    held = ledger.protection.get(scope)
    if held is None or held.trail is None or ledger.position is None:
        return None
    return held.trail.level(ledger.position.side.sign, ledger.instrument.tick)


def trail_in_force(ledger: Ledger, scope: Scope, bar: int) -> float | None:
    """Return where the trail stands that was there before a bar: one that a fill of it brings is still to come."""
    held = ledger.protection.get(scope)
    if held is not None and held.trail is not None and held.trail.bar >= bar:
        return held.trail.floor
    return trail_price(ledger, scope)


def stop_in_force(ledger: Ledger, scope: Scope = None) -> float | None:
    """Return where a position or layer is left: at the tighter of stop and trail."""
    stop, position = ledger.stop_price(scope), ledger.position
    return (
        stop if position is None else nearer(position.side.sign, stop, trail_price(ledger, scope))
    )


def is_trailed(ledger: Ledger, order: Order, bar: int) -> bool:
    """Return whether an order that acts in a bar is the stop of a scope where its trail stands, not its stop.

    An order stands at one of them until it is moved, and says by its price which it is. One that is neither's any
    more is the tighter one's, but no trail's that a fill of this bar has brought: it was there before.
    """
    if order.spec.role is not Role.STOP_LOSS:
        return False
    scope = order.spec.layer
    stop, trail = ledger.stop_price(scope), trail_price(ledger, scope)
    if trail is None or trail == stop or order.trigger_price == stop:
        return False
    following = ledger.protection[scope].trail
    assert following is not None
    at, position = order.trigger_price, ledger.position
    if at is not None and at in (trail, following.floor):
        return True
    if position is not None and nearer(position.side.sign, at, trail) != trail:
        return False  # a trail only tightens: it never stood there
    return trail == stop_in_force(ledger, scope) and following.bar < bar


def is_trailed_later(ledger: Ledger, order: Order) -> bool:
    """Return whether an order stands at the stop of a scope although its trail is the tighter: that is to come."""
    stop = ledger.stop_price(order.spec.layer)
    stands = order.spec.role is Role.STOP_LOSS and order.trigger_price == stop
    return stands and stop_in_force(ledger, order.spec.layer) != stop


def granted(
    ledger: Ledger, command: Command, price: float, bar: int, ts: int
) -> ProtectionChanged | OrderAmended | None:
    """Return what a command of which no request comes is at once, None where its aim has ended (`is_wish`)."""
    if isinstance(command, AmendOrder):
        return amended(command, bar, ts)
    return wished(ledger, command, price, bar, ts) if isinstance(command, SetProtection) else None


def wished(
    ledger: Ledger, command: SetProtection, price: float, bar: int, ts: int
) -> ProtectionChanged | None:
    """Return what a card's wish comes to where the market is at `price`, None where its aim has ended."""
    position, held = ledger.position, ledger.protection.get(command.layer)
    if position is None or command.position not in (None, position.number):
        return None
    trail = held.trail if held else None
    if command.removes_trail:
        trail = None
    elif command.trail is not None:
        sign, tick = position.side.sign, ledger.instrument.tick
        new = resolved(command.trail, sign, position.avg_entry_price, None, tick)
        trail = in_place_of(trail, new, sign, price, tick, since=ledger.ts, bar=bar - 1)
    return ProtectionChanged(
        stop_loss=command.stop_loss or (held.stop_loss if held else None),
        take_profit=command.take_profit or (held.take_profit if held else None),
        layer=command.layer,
        bar=bar,
        ts=ts,
        take_profit_type=held.take_profit_type if held else TakeProfitType.MARKET,
        trail=trail,
    )
