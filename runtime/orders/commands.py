"""What the engine asks of a backend. A backend answers only with events.

`Decided` are the outcomes of a decision: commands, and what the engine does by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runtime.orders.order_spec import Level, OrderSpec, Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    spec: OrderSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """New absolute values; None leaves a value as it is. `quantity` is the new total in lots.

    `opens` is what of it an entry is to open, where the rest closes an opposite position (None: all of it).
    """

    order_id: str
    quantity: int | None = None
    opens: int | None = None
    limit_price: float | None = None
    trigger_price: float | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None

    def only_cuts(self, total: int) -> bool:
        """Return whether it asks for nothing but a smaller total."""
        is_alone = self == AmendOrder(order_id=self.order_id, quantity=self.quantity)
        return is_alone and self.quantity is not None and self.quantity < total


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProtection:
    """Set stop, target or trail of the position (layer None) or of one layer; None leaves it.

    `trail` has a distance and at most a price to begin from; `removes_trail`: there is to be none.

    `position` is the number of the position it was decided for (None: whichever is open): it is not for
    one that took its place meanwhile.
    """

    stop_loss: Level | None = None
    take_profit: Level | None = None
    layer: str | None = None
    position: int | None = None
    trail: Trail | None = None
    removes_trail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewOrder:
    """Count an order's time to live (None: no end) from this close, and its age too if `restarts_age`.

    `ends_rearm`: the entry that it leaves does not come again when it has filled.
    No request: the engine keeps the time of orders itself, no backend hears of it.
    """

    order_id: str
    expires_bar: int | None
    restarts_age: bool = False
    ends_rearm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOrder:
    """Let an order that was decided earlier at this close not leave: another takes its place.

    No request: nobody has heard of the order.
    """

    spec: OrderSpec


Command = SubmitOrder | CancelOrder | AmendOrder | SetProtection
Decided = Command | RenewOrder | WithdrawOrder


def in_turn(decided: Sequence[Decided]) -> list[Decided]:
    """Return what a close has decided as it is carried out: by kind, without orders that another has replaced."""
    gone = withdrawn(decided)
    left = (
        one for one in decided if not isinstance(one, SubmitOrder) or one.spec.order_id not in gone
    )
    return sorted(left, key=_turn)


def withdrawn(decided: Sequence[Decided]) -> set[str]:
    """Return the orders of a close that another of it has replaced: they do not leave."""
    return {one.spec.order_id for one in decided if isinstance(one, WithdrawOrder)}


def _turn(decided: Decided) -> int:
    match decided:
        case CancelOrder():
            return 0
        case AmendOrder() | SetProtection() | RenewOrder() | WithdrawOrder():
            return 1
        case SubmitOrder():
            return 2
