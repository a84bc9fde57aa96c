"""Intents about what already exists: cancel, amend, move protection.

The law: an amendment passes the checks of a new order for what it adds, and names absolute values.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from compiler.catalog.actions import Verb
from compiler.graph.rule_graph import Settings
from runtime.decide.levels import protective_level
from runtime.decide.limits import Promises, Proposal, check_capacity, check_certainty
from runtime.decide.refusals import Refused
from runtime.decide.taken import Standing
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, Level, LevelKind, OrderType, Side

if TYPE_CHECKING:
    from runtime.decide.intents import Intent, IntentProcessor

_STOPS = (OrderType.STOP_MARKET, OrderType.STOP_LIMIT)


class Amendments:
    """Changes to working orders and to the protection of the position, at one close."""

    def __init__(
        self, settings: Settings, instrument: Instrument, standing: Standing, promises: Promises,
        processor: IntentProcessor,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._instrument = instrument
        self._standing = standing
        self._promises = promises
        self._processor = processor

    def commands(self, intent: Intent) -> list[Command]:
        """Return the commands of a cancel, an amendment or a move of stop or target."""
        verb = intent.spec.verb
        match verb:
            case Verb.CANCEL:
                return self._cancel(intent, self._working(intent))
            case Verb.CANCEL_ALL:
                return [c for order in self._selected(intent) for c in self._cancel(intent, order)]
            case Verb.AMEND:
                return self._amend(intent)
            case _:
                return self._protect(intent, is_stop=verb is Verb.ADJUST_STOP)

    # ------------------------------------------------------------ cancel

    def _working(self, intent: Intent) -> Order:
        ref = intent.order_ref or ""
        order = self._standing.working(ref)
        if order is None:
            raise Refused("unknown_ref", f"no working order is called `{ref}`")
        return order

    def _selected(self, intent: Intent) -> list[Order]:
        group, side = intent.text("order_group"), intent.text("side")
        return [
            order
            for order in self._standing.ledger.book
            if order.is_own
            and order.order_id not in self._standing.gone
            and (group is None or order.spec.order_group == group)
            and (side is None or order.side.value == side)
        ]

    def _cancel(self, intent: Intent, order: Order) -> list[Command]:
        self._standing.release(order)
        if order.request == "cancel":
            return []  # already on its way
        return [CancelOrder(order_id=order.order_id, reason=intent.text("reason") or intent.kind)]

    # ------------------------------------------------------------ amend

    def _amend(self, intent: Intent) -> list[Command]:
        order = self._working(intent)
        limit, trigger = self._new_prices(intent, order)
        reference = (
            limit or order.limit_price or trigger or order.trigger_price or self._standing.close
        )
        stop, target = self._new_levels(intent, order, reference)
        quantity = None
        if intent.size is not None:
            placed = stop if stop is not None else order.stop_loss
            kind = order.spec.order_type
            quantity = self._processor.resolve_size(intent, order.side, kind, reference, placed)
            if order.spec.effect is Effect.REDUCE:
                quantity = min(quantity, order.filled + self._standing.lots)
        return self._change(order, limit, trigger, quantity, stop, target)

    def _new_prices(self, intent: Intent, order: Order) -> tuple[float | None, float | None]:
        """Return the new limit and trigger; `price` means the limit, or the only price there is."""
        kind, resolve = order.spec.order_type, self._processor.resolve_price
        limit = resolve(intent, "limit_price", order.side)
        trigger = resolve(intent, "trigger", order.side)
        price = resolve(intent, "price", order.side)
        if price is not None and kind is OrderType.STOP_MARKET:
            trigger = price
        elif price is not None:
            limit = price
        if limit is not None and kind not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
            raise Refused("not_amendable", f"a {kind.value} order has no limit")
        if trigger is not None and not order.is_armed_stop:
            raise Refused("not_amendable", "the order has no trigger, or it was triggered")
        return limit, trigger

    def _new_levels(
        self, intent: Intent, order: Order, reference: float
    ) -> tuple[Level | None, Level | None]:
        levels: list[Level | None] = []
        for slot, placed in (("stop_loss", order.stop_loss), ("take_profit", order.take_profit)):
            price, is_stop = intent.price(slot), slot == "stop_loss"
            if price is None:
                self._still_fits(order, placed, reference, is_stop=is_stop)
                levels.append(None)
                continue
            if order.spec.effect is Effect.REDUCE or order.filled:
                # VENUE: the protection of a partly filled order is changed on the position.
                raise Refused("not_amendable", f"`{slot}` of this order can no longer be changed")
            level = protective_level(
                price, order.side, reference, self._instrument, is_stop=is_stop
            )
            levels.append(level)
        return levels[0], levels[1]

    def _still_fits(
        self, order: Order, placed: Level | None, reference: float, *, is_stop: bool
    ) -> None:
        if placed is not None and placed.kind is LevelKind.LEVEL:
            protective_level(placed.value, order.side, reference, self._instrument, is_stop=is_stop)

    # ------------------------------------------------------------ replace

    def replace(
        self, intent: Intent, order: Order, *, limit: float | None, trigger: float | None,
        stop: Level | None, target: Level | None,
    ) -> list[Command]:  # fmt: skip
        """Return the amendment that makes a working entry what a new placement asks for."""
        kind = order.spec.order_type
        reference = limit or trigger or self._standing.close
        base = self._processor.resolve_size(intent, order.side, kind, reference, stop)
        if order.filled:
            stop = target = None
        if not order.is_armed_stop:
            trigger = None
        return self._change(order, limit, trigger, base, stop, target)

    def replace_exit(self, order: Order, limit: float | None, lots: int) -> list[Command]:
        """Return the amendment that makes a working exit what a new placement asks for."""
        return self._change(order, limit, None, order.filled + lots, None, None)

    def _change(
        self, order: Order, limit: float | None, trigger: float | None, quantity: int | None,
        stop: Level | None, target: Level | None,
    ) -> list[Command]:  # fmt: skip
        if order.spec.order_type is OrderType.MARKET:
            raise Refused("not_amendable", "the order is at market")
        asked = order.amending
        if asked is not None and _says(asked, limit, trigger, quantity, stop, target):
            return []  # it is on its way to what it should be
        if order.request != "none":
            raise Refused("not_amendable", "a request is in flight")
        changed = AmendOrder(
            order_id=order.order_id,
            quantity=None if quantity == order.quantity else quantity,
            limit_price=None if limit == order.limit_price else limit,
            trigger_price=None if trigger == order.trigger_price else trigger,
            stop_loss=None if stop == order.stop_loss else stop,
            take_profit=None if target == order.take_profit else target,
        )
        if changed == AmendOrder(order_id=order.order_id):
            return []  # it is what it should be
        self._check_change(order, changed)
        return [changed]

    def _check_change(self, order: Order, changed: AmendOrder) -> None:
        total = order.quantity if changed.quantity is None else changed.quantity
        left = total - order.filled
        price = (
            changed.limit_price or order.limit_price or changed.trigger_price
            or order.trigger_price or self._standing.close
        )  # fmt: skip
        if left <= 0:
            raise Refused("not_amendable", "as much as that is already filled")
        notional = self._instrument.notional(left, price)
        if changed.quantity is not None:
            self._check_remainder(order, left, notional)
        if order.spec.effect is Effect.REDUCE:
            return
        growth = notional - self._standing.ledger.order_notional(order)
        if growth > 0:
            check_certainty(self._standing)
            proposal = Proposal(
                side=order.side, order_type=order.spec.order_type, quantity=left, price=price,
                notional=growth, adds_order=False,
                has_stop=order.stop_loss is not None or changed.stop_loss is not None,
            )  # fmt: skip
            check_capacity(proposal, self._standing, self._settings)
            self._promises.check(proposal, self._standing)
        self._standing.enlarge(order.side, growth)

    def _check_remainder(self, order: Order, left: int, notional: float) -> None:
        instrument = self._instrument
        least = max(instrument.min_notional_usdt, self._settings.account.min_trade_notional_usdt)
        is_entry = order.spec.effect is Effect.OPEN
        if left < instrument.min_lots or (is_entry and notional < least):
            raise Refused("strands_dust", "what would remain of the order is below the minimum")
        most = instrument.max_market_lots
        if order.spec.order_type is not OrderType.STOP_MARKET:
            most = instrument.max_lots
        if left > most:
            raise Refused("over_max_position", "the order would exceed the instrument's largest")

    # ------------------------------------------------------------ protection of the position

    def _protect(self, intent: Intent, *, is_stop: bool) -> list[Command]:
        standing, name = self._standing, "stop" if is_stop else "target"
        position = standing.ledger.position
        if position is None:
            raise Refused("nothing_to_reduce", f"no position is open whose {name} could move")
        layer = self._layer(intent)
        side: Side = position.side
        price = intent.price("price")
        level = protective_level(
            math.nan if price is None else price, side, standing.close, self._instrument,
            is_stop=is_stop,
        )  # fmt: skip
        current = self._current(layer, name, is_stop=is_stop)
        if current == level.value:
            return []
        if intent.flag("only_tighten") and current is not None:
            # Tighter is nearer to the price: higher for the stop of a long, lower for its target.
            if (level.value - current) * side.sign * (1 if is_stop else -1) <= 0:
                return []
        standing.stops[name, layer] = level.value
        if is_stop:
            return [SetProtection(stop_loss=level, layer=layer)]
        return [SetProtection(take_profit=level, layer=layer)]

    def _layer(self, intent: Intent) -> str | None:
        number = intent.number("layer")
        if number is None:
            return None
        position = self._standing.ledger.position
        layers = [] if position is None else position.layers
        if math.isnan(number) or not 0 <= number < len(layers):
            raise Refused("unknown_ref", f"no layer {number:g} is open")
        return layers[int(number)].layer_id

    def _current(self, layer: str | None, name: str, *, is_stop: bool) -> float | None:
        moved = self._standing.stops.get((name, layer))
        if moved is not None:
            return moved
        ledger = self._standing.ledger
        return ledger.stop_price(layer) if is_stop else ledger.target_price(layer)


def _says(
    asked: AmendOrder, limit: float | None, trigger: float | None, quantity: int | None,
    stop: Level | None, target: Level | None,
) -> bool:  # fmt: skip
    """Return whether an amend in flight asks for all that is wanted now."""
    wanted = (limit, trigger, quantity, stop, target)
    values = (
        asked.limit_price, asked.trigger_price, asked.quantity, asked.stop_loss, asked.take_profit
    )  # fmt: skip
    return all(new is None or new == old for new, old in zip(wanted, values, strict=True))
