"""What an entry must not exceed: policy, capacity, and the promises of the card.

The law: the same checks in a back-test and live, in one order, the first that fails is the reason.
A promise is checked against the state after the entry; what it says must not be known to be false.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.promises import Promise
from compiler.catalog.settings import PositionMode
from compiler.graph.program import Program
from compiler.graph.rule_graph import InvariantNode, Settings
from runtime.account.builtins import read
from runtime.decide.refusals import INVARIANT, Refused
from runtime.decide.taken import Standing
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import OrderType, Side
from runtime.rules.machine import Machine

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry (or the growth of one) about to be accepted; `adds_order` False for an amendment."""

    side: Side
    order_type: OrderType
    quantity: int
    price: float
    notional: float
    has_stop: bool
    adds_order: bool = True


def check_policy(settings: Settings, side: Side) -> None:
    """Refuse an entry on a side that the card does not trade."""
    mode = settings.policy.mode
    if mode == PositionMode.LONG_ONLY and side is Side.SELL:
        raise Refused("policy_side", "the policy is long only")
    if mode == PositionMode.SHORT_ONLY and side is Side.BUY:
        raise Refused("policy_side", "the policy is short only")


def check_certainty(standing: Standing) -> None:
    """Refuse new risk while the fate of an order is unknown or the books do not add up."""
    if any(order.uncertain for order in standing.ledger.book):
        raise Refused("venue_uncertain", "the fate of a request is unknown")
    if standing.ledger.has_overfill:
        raise Refused(INVARIANT + "no_overfill", "more was filled than ordered: entries are halted")


def check_quantity(
    lots: int, price: float, settings: Settings, instrument: Instrument, order_type: OrderType
) -> None:
    """Refuse an entry that the instrument does not take."""
    if lots < instrument.min_lots:
        least = instrument.base(instrument.min_lots)
        raise Refused(
            "below_min_qty", f"{instrument.base(lots):g} is below the minimum of {least:g}"
        )
    notional = instrument.notional(lots, price)
    least = max(instrument.min_notional_usdt, settings.account.min_trade_notional_usdt)
    if notional < least:
        raise Refused("below_min_notional", f"{notional:g} USDT is below {least:g}")
    is_market = order_type in (OrderType.MARKET, OrderType.STOP_MARKET)
    most = instrument.max_market_lots if is_market else instrument.max_lots
    if lots > most:
        raise Refused(
            "over_max_position",
            f"{instrument.base(lots):g} is above the instrument's largest order "
            f"{instrument.base(most):g}",
        )


def check_capacity(proposal: Proposal, standing: Standing, settings: Settings) -> None:
    """Refuse an entry beyond layers, maximum position or margin."""
    side = proposal.side
    policy = settings.policy
    most = policy.max_layers if policy.allow_scale_in else 1
    if proposal.adds_order and most is not None and standing.layers[side] >= most:
        raise Refused("max_layers", f"{standing.layers[side]} layers of {most} are taken")
    after = standing.notional[side] + proposal.notional
    if after > standing.max_position_usdt * _SLACK:
        raise Refused(
            "over_max_position", f"{after:.2f} USDT is above {standing.max_position_usdt:.2f}"
        )
    needed = standing.margin(side, proposal.notional)
    if needed > standing.free_margin * _SLACK:
        raise Refused(
            "no_margin", f"{needed:.2f} USDT is needed, {standing.free_margin:.2f} is free"
        )


class Promises:
    """The invariants of a card as checks of an entry."""

    def __init__(self, program: Program, machine: Machine) -> None:
        self._machine = machine
        self._accounts = program.accounts
        self._promises = program.graph.invariants

    def check(self, proposal: Proposal, standing: Standing) -> None:
        """Refuse an entry that would break a promise."""
        for promise in self._promises:
            broken = self._broken(promise, proposal, standing)
            if broken is not None:
                raise Refused(INVARIANT + promise.name, broken)

    def _broken(self, promise: InvariantNode, new: Proposal, standing: Standing) -> str | None:
        most = promise.argument or 0.0
        match promise.name:
            case Promise.ALWAYS_PROTECTED:
                return _unprotected(new, standing)
            case Promise.MAX_LAYERS:
                layers = standing.layers[new.side] + new.adds_order
                return f"{layers} layers of {most:g}" if layers > most else None
            case Promise.MAX_NOTIONAL_USDT:
                after = standing.notional[new.side] + new.notional
                return f"{after:.2f} USDT of {most:g}" if after > most * _SLACK else None
            case Promise.MAX_OPEN_ORDERS:
                orders = standing.open_orders + new.adds_order
                return f"{orders} orders of {most:g}" if orders > most else None
            case Promise.NEVER_AVERAGE_UP:
                return _averages_up(new, standing)
            case Promise.FLAT_AFTER_BARS:
                held = read(standing.ledger, "bars_since_entry")
                return f"held for {held:g} bars of {most:g}" if held >= most else None
            case Promise.NO_ENTRY_WHILE:
                assert promise.condition is not None
                value = self._machine.value(promise.condition)
                return None if value == 0.0 else "true" if value == 1.0 else "unknown"
            case Promise.CONDITION:
                assert promise.condition is not None
                return self._condition(promise.condition, new, standing)
            case _:
                assert_never(promise.name)

    def _condition(self, node: int, new: Proposal, standing: Standing) -> str | None:
        """Try the condition as it will read with the order working, and with it filled."""
        frozen = self._machine.accounts
        for projected in (_working(new, standing), _filled(new, standing)):
            values = [
                projected.get(name, value) if not ref else value
                for (name, ref), value in zip(self._accounts, frozen, strict=True)
            ]
            if self._machine.value_under(node, values) == 0.0:
                return "the promise would not hold after this entry"
        return None


def _unprotected(new: Proposal, standing: Standing) -> str | None:
    """An entry brings its own stop, or joins at market a position that has one."""
    joins = standing.side is new.side and standing.ledger.stop_price() is not None
    if new.has_stop or (joins and new.order_type is OrderType.MARKET):
        return None
    return "the entry has no stop"


def _averages_up(new: Proposal, standing: Standing) -> str | None:
    """Adding at a price worse than the average entry raises it (lowers it for a short)."""
    if standing.side is not new.side or standing.lots == 0:
        return None
    average = standing.position_notional / standing.ledger.instrument.base(standing.lots)
    worse = (new.price - average) * new.side.sign > 0
    return f"{new.price:g} is worse than the average entry {average:g}" if worse else None


def _working(new: Proposal, standing: Standing) -> dict[str, float]:
    """Return the builtins that change when the order rests."""
    changed = {"pending_order_count": float(standing.open_orders + new.adds_order)}
    kind = {OrderType.LIMIT: "limit", OrderType.MARKET: ""}.get(new.order_type, "stop")
    if kind and new.adds_order:
        name = f"pending_{kind}_{new.side.value}_count"
        changed[name] = read(standing.ledger, name) + 1.0
    return changed


def _filled(new: Proposal, standing: Standing) -> dict[str, float]:
    """Return the builtins that change when this order and the working ones of its side fill."""
    after = standing.notional[new.side] + new.notional
    return {
        "position_side": 1.0 if new.side is Side.BUY else 2.0,
        "position_size_usdt": after,
        "position_qty": standing.ledger.instrument.base(standing.lots + new.quantity),
        "position_layers": float(standing.layers[new.side] + new.adds_order),
        "remaining_position_capacity": max(0.0, standing.max_position_usdt - after),
    }
