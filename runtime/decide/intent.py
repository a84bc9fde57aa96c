"""What a case asks for, its operands frozen at the close that decided."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.catalog.actions import ActionSpec, meaning_of
from compiler.catalog.orders import OPTION_DEFAULTS, OptionName, PriceSlot, SizeKind
from compiler.graph.rule_graph import ActionNode
from runtime.orders.order_spec import Origin, Rearm


@dataclass(frozen=True, slots=True)
class Late:
    """Lots of an order that filled after the others were followed.

    `joins` is the order that follows those, where it can be changed; `beside` where it cannot.
    """

    order_id: str
    lots: int
    joins: str | None = None
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """One action of a case. NaN is unknown; `is_stated` says that its size is an amount of the card.

    An amount is a constant in `usdt` or `base`; every other size is computed from the account. `is_by_order`:
    its size holds a risk, so it is known when the order is priced, and unknown here. `leaves`: it is the exit by which
    the entry comes again of whose `on_fill` it is. `rearm` is that of an entry which
    comes again (`is_again`), or of the exit of one. `late`: it is asked for of late lots alone.
    """

    action: ActionNode
    origin: Origin = Origin()
    prices: tuple[tuple[PriceSlot, float], ...] = ()
    size: float | None = None
    numbers: tuple[tuple[OptionName, float], ...] = ()
    is_stated: bool = False
    is_by_order: bool = False
    leaves: bool = False
    rearm: Rearm | None = None
    is_again: bool = False
    late: Late | None = None

    @property
    def kind(self) -> str:
        return self.action.kind

    @property
    def spec(self) -> ActionSpec:
        """Return what the action means."""
        return meaning_of(self.action.kind, self.text(OptionName.SIDE))

    @property
    def order_ref(self) -> str | None:
        return self.text(OptionName.ORDER_REF)

    def price(self, slot: PriceSlot) -> float | None:
        return next((value for name, value in self.prices if name == slot), None)

    def number(self, name: OptionName) -> float | None:
        return next((value for found, value in self.numbers if found == name), None)

    def text(self, name: OptionName) -> str | None:
        value = next((value for found, value in self.action.options if found == name), None)
        return value if isinstance(value, str) else None

    def word(self, name: OptionName) -> str:
        """Return the word of an option, the catalogue's default where the action says none."""
        return self.text(name) or OPTION_DEFAULTS[name]

    def flag(self, name: OptionName) -> bool:
        return any(found == name and value is True for found, value in self.action.options)


def sized_by_fill(intent: Intent, base: float) -> Intent:
    """Return an intent of `on_fill`, its size what the order has filled (base units) where it says so."""
    size = intent.action.size
    return replace(intent, size=base) if size is not None and size.kind is SizeKind.FILL else intent
