"""The stops and targets that a position should have, and how large one order of them may be.

The law: a function of the ledger. Whether they are there is another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from runtime.account.absence import Scope
from runtime.account.ledger import Ledger
from runtime.account.standing import stop_in_force
from runtime.formulas.sums import whole
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderSpec, OrderType, Role
from runtime.orders.pieces import MOST_CONDITIONALS, pieces


@dataclass(frozen=True, slots=True)
class Wanted:
    """A protective order that the position should have."""

    lots: int
    price: float
    is_limit: bool


def wanted(ledger: Ledger) -> dict[Scope, Wanted]:
    """Return the protective orders the position should have."""
    position = ledger.position
    if position is None:
        return {}
    found: dict[Scope, Wanted] = {}
    for scope, held in ledger.protection.items():  # layers first, the position's own pair last
        layer = None if scope is None else position.layer(scope)
        for role, price in (
            (Role.STOP_LOSS, stop_in_force(ledger, scope)),
            (Role.TAKE_PROFIT, ledger.target_price(scope)),
        ):
            if price is None:
                continue
            covered = position.uncovered(role) if layer is None else [layer]
            lots = whole(x.quantity for x in covered)
            if lots:
                is_limit = role is Role.TAKE_PROFIT and held.take_profit_type.rests
                found[role, scope] = Wanted(lots, price, is_limit)
    return found


def largest(ledger: Ledger, target: Wanted) -> int | None:
    """Return the lots that one order at market may have, None where nothing bounds it.

    VENUE: docs/v5/market/instrument: the largest market order is lowered now and then, below what is held, too.
    """
    if target.is_limit or not ledger.in_pieces:
        return None
    return max(1, ledger.instrument.max_market_lots)


def fit_in_pieces(ledger: Ledger, goal: Mapping[Scope, Wanted]) -> bool:
    """Return whether the venue takes all that is wanted in pieces, beside the card's own conditional orders."""
    if not ledger.in_pieces:
        return True
    own = whole(o.is_armed_stop and o.spec.role not in PROTECTIVE for o in ledger.book)
    count = whole(
        len(pieces(target.lots, largest(ledger, target)))
        for target in goal.values()
        if not target.is_limit
    )
    return own + count <= MOST_CONDITIONALS


def protective_order(
    ledger: Ledger, scope: Scope, target: Wanted, order_id: str, bar: int, ts: int
) -> OrderSpec:
    """Return the order of a wanted stop or target, as it is placed in a bar."""
    position = ledger.position
    assert position is not None
    role, name = scope
    layer = position.layers[-1] if name is None else position.layer(name)
    assert layer is not None
    return OrderSpec(
        order_id=order_id,
        symbol=position.symbol,
        side=position.side.opposite,
        effect=Effect.REDUCE,
        order_type=OrderType.LIMIT if target.is_limit else OrderType.STOP_MARKET,
        quantity=target.lots,
        role=role,
        limit_price=target.price if target.is_limit else None,
        trigger_price=None if target.is_limit else target.price,
        reduce_only=True,
        layer=name,
        parent_id=layer.order_id,
        created_bar=bar,
        created_at=ts,
        reason=role.value,
    )


def at_market(spec: OrderSpec) -> OrderSpec:
    """Return what a stop would have done where the market has passed it: close what it covers."""
    reason = "sl_on_entry" if spec.role is Role.STOP_LOSS else spec.reason
    return replace(spec, order_type=OrderType.MARKET, trigger_price=None, reason=reason)
