"""Intents to orders: prices, rounding, sizes, checks, or a typed refusal.

The law: an intent becomes commands or one refusal with a code of `runtime.decide.refusals`; references are
frozen at the close that decides; the order of the checks is the order below: certainty, policy,
prices, side of the position, ref, stop and target, size, quantity, layers, maximum, margin, promises.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.actions import ACTIONS, ActionSpec, Verb
from compiler.catalog.orders import SizeKind
from compiler.graph.program import Program
from compiler.graph.rule_graph import ActionNode
from runtime.account.ledger import Ledger
from runtime.decide.amendments import Amendments
from runtime.decide.levels import protective_level, stop_by_rule, target_by_rule
from runtime.decide.limits import (
    Promises,
    Proposal,
    check_capacity,
    check_certainty,
    check_policy,
    check_quantity,
)
from runtime.decide.refusals import Refused
from runtime.decide.size import SizeBasis, modelled_base, stop_distance, wanted_base
from runtime.decide.specs import build_spec, closing_for_flip, order_type, with_prices
from runtime.decide.taken import Standing
from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import CancelOrder, Command, SubmitOrder
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    Effect,
    Level,
    OrderSpec,
    OrderType,
    Origin,
    Side,
)
from runtime.rules.machine import Machine

_CANCELS = frozenset({Verb.CANCEL, Verb.CANCEL_ALL})
_CHANGES = frozenset({Verb.AMEND, Verb.ADJUST_STOP, Verb.ADJUST_TARGET})


@dataclass(frozen=True, slots=True)
class Intent:
    """What a case asks for, its operands frozen at the close that decided."""

    action: ActionNode
    origin: Origin = Origin()
    prices: tuple[tuple[str, float], ...] = ()
    size: float | None = None
    numbers: tuple[tuple[str, float], ...] = ()

    @property
    def kind(self) -> str:
        return self.action.kind

    @property
    def spec(self) -> ActionSpec:
        """Return what the action means."""
        return ACTIONS[self.action.kind]

    @property
    def order_ref(self) -> str | None:
        return self.text("order_ref")

    def price(self, slot: str) -> float | None:
        return next((value for name, value in self.prices if name == slot), None)

    def number(self, name: str) -> float | None:
        return next((value for found, value in self.numbers if found == name), None)

    def text(self, name: str) -> str | None:
        value = next((value for found, value in self.action.options if found == name), None)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool:
        return any(found == name and value is True for found, value in self.action.options)


class IntentProcessor:
    """Turns the intents of one close into commands, in the order they are given.

    Call `open` once per close, then `process` per intent. `next_id` names new orders.
    """

    def __init__(
        self, program: Program, ledger: Ledger, instrument: Instrument, machine: Machine,
        next_id: Callable[[], str],
    ) -> None:  # fmt: skip
        self._settings = program.graph.settings
        self._instrument = instrument
        self._ledger = ledger
        self._machine = machine
        self._next_id = next_id
        self._promises = Promises(program, machine)
        self.standing = Standing.at_close(ledger)

    def open(self) -> None:
        """Take stock at the ledger's last close."""
        self.standing = Standing.at_close(self._ledger)

    def rank(self, intent: Intent) -> int:
        """Return when an intent's turn comes: cancels, amends, exits, entries."""
        verb = intent.spec.verb
        if verb in _CANCELS:
            return 0
        if verb in _CHANGES:
            return 1
        if verb is Verb.EXIT:
            return 2
        if verb is Verb.ADJUST_SIZE and self._wants_less(intent):
            return 2
        return 3

    def process(self, intent: Intent) -> list[Command] | Refused:
        """Return the commands of an intent, or why there are none. Nothing is half done."""
        before = self.standing.copy()
        try:
            return self._commands(intent)
        except Refused as refused:
            self.standing = before
            return refused

    def _commands(self, intent: Intent) -> list[Command]:
        verb = intent.spec.verb
        match verb:
            case Verb.NOTHING:
                return []
            case Verb.CANCEL | Verb.CANCEL_ALL | Verb.AMEND | Verb.ADJUST_STOP | Verb.ADJUST_TARGET:
                return self._amendments().commands(intent)
            case Verb.ADJUST_SIZE:
                return self._adjust_size(intent)
            case Verb.EXIT:
                return self._exit(intent)
            case Verb.ENTER:
                side = intent.spec.order_side
                assert side is not None
                return self._entry(intent, side)
            case _:
                assert_never(verb)

    def _amendments(self) -> Amendments:
        return Amendments(self._settings, self._instrument, self.standing, self._promises, self)

    # ------------------------------------------------------------ entries

    def _entry(self, intent: Intent, side: Side) -> list[Command]:
        check_certainty(self.standing)
        check_policy(self._settings, side)
        kind = order_type(intent)
        limit = self.resolve_price(intent, "limit_price", side)
        trigger = self.resolve_price(intent, "trigger", side)
        if kind is OrderType.LIMIT:
            limit = self.resolve_price(intent, "price", side)
        reference = limit or trigger or self.standing.close
        commands = self._make_way(intent, side, kind)
        stop, target = self.resolve_protection(intent, side, reference)
        live = self._live_twin(intent)
        if live is not None:
            return commands + self._amendments().replace(
                intent, live, limit=limit, trigger=trigger, stop=stop, target=target
            )
        lots = self.resolve_size(intent, side, kind, reference, stop)
        self.check_entry(side, kind, lots, reference, stop)
        spec = self._spec(intent, side, Effect.OPEN, kind, lots)
        spec = with_prices(spec, limit, trigger, stop, target)
        self.standing.accept(spec, self._instrument.notional(lots, reference))
        return [*commands, SubmitOrder(spec=spec)]

    def check_entry(
        self, side: Side, kind: OrderType, lots: int, price: float, stop: Level | None,
        *, adds_order: bool = True,
    ) -> None:  # fmt: skip
        """Refuse an entry (or its growth) that quantity, capacity or a promise forbids."""
        if adds_order:
            check_quantity(lots, price, self._settings, self._instrument, kind)
        proposal = Proposal(
            side=side, order_type=kind, quantity=lots, price=price,
            notional=self._instrument.notional(lots, price), has_stop=stop is not None,
            adds_order=adds_order,
        )  # fmt: skip
        check_capacity(proposal, self.standing, self._settings)
        self._promises.check(proposal, self.standing)

    def _make_way(self, intent: Intent, side: Side, kind: OrderType) -> list[Command]:
        """Free the ref and the side an entry needs: close an opposite position, cancel a twin."""
        commands: list[Command] = []
        standing = self.standing
        if standing.side is side.opposite:
            if not self._settings.policy.allow_flip:
                raise Refused("would_flip", "a position of the other side is open")
            if kind is OrderType.MARKET:
                spec = self._spec(intent, side, Effect.REDUCE, OrderType.MARKET, standing.lots)
                spec = closing_for_flip(spec)
                standing.accept(spec, 0.0)
                commands.append(SubmitOrder(spec=spec))
            # A resting entry against the position nets it when it fills, as on the venue.
        return commands + self._free_ref(intent, kind, side)

    def _free_ref(self, intent: Intent, kind: OrderType, side: Side) -> list[Command]:
        ref = intent.order_ref
        if ref is None or ref not in self.standing.refs:
            return []
        live = self.standing.working(ref)
        if live is None or intent.text("on_live_ref") != "replace":
            raise Refused("duplicate_ref", f"an order `{ref}` is working")
        if live.spec.order_type is kind and live.side is side:
            return []  # amended in place
        self.standing.release(live)
        return [CancelOrder(order_id=live.order_id, reason="replaced")]

    def _live_twin(self, intent: Intent) -> Order | None:
        """Return the working order that this placement changes instead of doubling."""
        ref = intent.order_ref
        return None if ref is None else self.standing.working(ref)

    # ------------------------------------------------------------ exits

    def _exit(self, intent: Intent) -> list[Command]:
        side = self._exit_side(intent)
        kind = order_type(intent)
        limit = self.resolve_price(intent, "price", side) if kind is OrderType.LIMIT else None
        if self.standing.side is not side.opposite or self.standing.lots == 0:
            raise Refused("nothing_to_reduce", f"no position for `{intent.kind}` to reduce")
        commands = self._free_ref(intent, kind, side)
        lots = self._exit_lots(intent, limit or self.standing.close)
        live = self._live_twin(intent)
        if live is not None:
            return commands + self._amendments().replace_exit(live, limit, lots)
        spec = self._spec(intent, side, Effect.REDUCE, kind, lots)
        spec = with_prices(spec, limit)
        self.standing.accept(spec, 0.0)
        return [*commands, SubmitOrder(spec=spec)]

    def _exit_side(self, intent: Intent) -> Side:
        if intent.spec.order_side is not None:
            return intent.spec.order_side
        return Side.BUY if self.standing.side is Side.SELL else Side.SELL

    def _exit_lots(self, intent: Intent, price: float) -> int:
        """Return the lots of an exit: a fraction of the position at the close, whole by default."""
        held = self._ledger.position.quantity if self._ledger.position else self.standing.lots
        size, value = intent.action.size, intent.size
        if size is None or value is None:
            return self.standing.lots
        if size.kind is SizeKind.POSITION_FRACTION:
            if not math.isfinite(value) or value < 0:
                raise Refused("unknown_value", "the size of the exit is unknown")
            wanted = math.floor(held * min(value, 1.0) + 1e-9)
        else:
            wanted = self._instrument.lots_for_base(
                wanted_base(size.kind, value, self._basis(Side.BUY, price, None))
            )
        return self.absorb_dust(min(wanted, self.standing.lots))

    def absorb_dust(self, lots: int) -> int:
        """Return the lots of an exit, grown where what remains could not be traded.

        Exits are exempt from the minimum notional, so that every position can be closed.
        """
        held, instrument = self.standing.lots, self._instrument
        left = held - lots
        least = max(instrument.min_notional_usdt, self._settings.account.min_trade_notional_usdt)
        strands = left < instrument.min_lots
        strands = strands or instrument.notional(left, self.standing.close) < least
        if lots and left and strands:
            lots = held
        if lots < min(instrument.min_lots, held) or lots == 0:
            raise Refused("below_min_qty", "the exit is below one minimum quantity")
        if lots < held and not self._settings.policy.allow_scale_out:
            raise Refused("policy_scale_out", "the policy closes a position whole or not at all")
        return lots

    def _adjust_size(self, intent: Intent) -> list[Command]:
        """Buy or sell at market what is missing to a target size of the open position."""
        standing = self.standing
        if standing.side is None:
            raise Refused("nothing_to_reduce", "no position is open to adjust")
        change = self._target_lots(intent) - standing.lots
        if change == 0:
            return []
        if change < 0:
            lots = self.absorb_dust(-change)
            side, effect = standing.side.opposite, Effect.REDUCE
        else:
            lots, side, effect = change, standing.side, Effect.OPEN
            check_certainty(standing)
            check_policy(self._settings, side)
            self.check_entry(side, OrderType.MARKET, lots, standing.close, None)
        spec = self._spec(intent, side, effect, OrderType.MARKET, lots)
        standing.accept(spec, self._instrument.notional(lots, standing.close))
        return [SubmitOrder(spec=spec)]

    def _wants_less(self, intent: Intent) -> bool:
        try:
            return self._target_lots(intent) < self.standing.lots
        except Refused:
            return False

    def _target_lots(self, intent: Intent) -> int:
        size, value = intent.action.size, intent.size
        assert size is not None
        assert value is not None
        basis = self._basis(self.standing.side or Side.BUY, self.standing.close, None)
        return self._instrument.lots_for_base(wanted_base(size.kind, value, basis))

    # ------------------------------------------------------------ resolving

    def resolve_price(self, intent: Intent, slot: str, side: Side) -> float | None:
        """Return an order price on the tick grid (buys down, sells up), None where not given."""
        price = intent.price(slot)
        return None if price is None else self._resolve_price(price, slot, side)

    def _resolve_price(self, price: float, slot: str, side: Side) -> float:
        if not math.isfinite(price) or price <= 0:
            state = "unknown" if math.isnan(price) else f"{price:g}"
            raise Refused("unknown_price", f"`{slot}` is {state}")
        instrument = self._instrument
        buys = side is Side.BUY
        rounded = instrument.floor_price(price) if buys else instrument.ceil_price(price)
        if rounded <= 0:
            raise Refused("unknown_price", f"`{slot}` {price:g} is below one tick")
        close, band = self.standing.close, self._settings.execution.price_band_pct
        if abs(rounded - close) > close * band / 100:
            raise Refused(
                "price_outside_band", f"{rounded:g} is more than {band:g} % from {close:g}"
            )
        return rounded

    def resolve_protection(
        self, intent: Intent, side: Side, reference: float
    ) -> tuple[Level | None, Level | None]:
        """Return stop and target of an entry: the action's own, else the risk model's."""
        instrument, risk, value = self._instrument, self._settings.risk, self._machine.value
        price = intent.price("stop_loss")
        stop = None
        if price is not None:
            stop = protective_level(price, side, reference, instrument, is_stop=True)
        elif risk.stop_loss is not None:
            stop = stop_by_rule(risk.stop_loss, side, reference, instrument, value)
        price = intent.price("take_profit")
        target = None
        if price is not None:
            target = protective_level(price, side, reference, instrument, is_stop=False)
        elif risk.take_profit is not None:
            target = target_by_rule(risk.take_profit, side, reference, instrument, value, stop)
        return stop, target

    def resolve_size(
        self, intent: Intent, side: Side, kind: OrderType, price: float, stop: Level | None
    ) -> int:
        """Return the lots of an entry, rounded down; the risk model sizes what has no size."""
        basis = self._basis(side, price, stop)
        return self._resolve_size(intent, basis, kind)

    def _resolve_size(self, intent: Intent, basis: SizeBasis, kind: OrderType) -> int:
        size, rule = intent.action.size, self._settings.risk.sizing
        if size is not None and intent.size is not None:
            return self._instrument.lots_for_base(wanted_base(size.kind, intent.size, basis))
        if rule is None:
            raise Refused("unknown_value", "the entry has no size and the card no sizing")
        return self._instrument.lots_for_base(
            modelled_base(rule, basis, at_market=kind is OrderType.MARKET)
        )

    def _basis(self, side: Side, price: float, stop: Level | None) -> SizeBasis:
        standing = self.standing
        return SizeBasis(
            price=price,
            equity=standing.equity,
            max_position_usdt=standing.max_position_usdt,
            leverage=self._ledger.leverage,
            position_base=self._instrument.base(standing.lots),
            room_usdt=standing.room(side),
            stop_distance=stop_distance(stop, price),
        )

    def _spec(
        self, intent: Intent, side: Side, effect: Effect, kind: OrderType, lots: int
    ) -> OrderSpec:
        return build_spec(
            intent, self.standing, self._next_id(), side=side, effect=effect, kind=kind, lots=lots
        )
