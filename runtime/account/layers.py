"""A position made of entry layers. Quantities are whole lots and add up exactly.

The law: the average entry is the venue's and decides everything; layers attribute. Which layers a
reduction takes from changes neither average, nor profit, nor margin.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from math import nan
from typing import assert_never

from compiler.catalog.orders import OPTION_DEFAULTS, OptionName
from runtime.account.protection import Protection
from runtime.formulas.pnl import average_entry, profit
from runtime.formulas.sums import whole
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Level, RemovalMethod, Role, Side

_METHOD = OPTION_DEFAULTS[OptionName.METHOD]


@dataclass(slots=True, kw_only=True)
class PositionLayer:
    """What one entry order bought (or sold) and still holds. Fills of the same order merge.

    `entry_price` runs like the position's average: what leaves does not move it. `number` is the
    order's place among all orders.
    """

    layer_id: str
    order_id: str
    order_ref: str | None = None
    number: int = 0
    quantity: int
    entry_price: float
    entry_bar_index: int = 0
    entry_time: int = 0  # ms UTC
    protection: Protection = Protection()  # its own
    is_outside: bool = False  # neither the card nor the session has opened it

    def size_usdt(self, instrument: Instrument) -> float:
        """Return the entry notional of what is left."""
        return instrument.notional(self.quantity, self.entry_price)

    @property
    def layer_stop(self) -> Level | None:
        return self.protection.stop_loss

    @property
    def layer_target(self) -> Level | None:
        return self.protection.take_profit

    def owns(self, role: Role) -> bool:
        """Return whether the layer has a stop (or target) of its own."""
        return self.protection.level(role) is not None


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of one layer that left; `is_last` when nothing of the layer remains."""

    layer_id: str
    quantity: int
    entry_price: float  # the layer's own
    is_last: bool


@dataclass(slots=True)
class ScaledPosition:
    """An open position: `side` BUY is long. `layers` oldest first, none of them empty.

    `avg_entry_price` is NaN while nothing is held; it runs over entries and stays in reductions.
    """

    symbol: str
    side: Side
    instrument: Instrument
    opened_bar: int
    opened_at: int  # ms UTC
    number: int = 1  # positions of the ledger up to this one
    layers: list[PositionLayer] = field(default_factory=list)
    protection: Protection = Protection()
    quantity: int = 0  # lots
    avg_entry_price: float = nan

    @property
    def total_size_usdt(self) -> float:
        """Return the entry notional: what is held at the average."""
        if not self.quantity:
            return 0.0
        return self.instrument.notional(self.quantity, self.avg_entry_price)

    @property
    def layer_count(self) -> int:
        return len(self.layers)

    def layer(self, layer_id: str) -> PositionLayer | None:
        return next((x for x in self.layers if x.layer_id == layer_id), None)

    def layer_of(self, order_id: str) -> PositionLayer | None:
        """Return the layer that an entry order holds, None if it holds none."""
        return next((x for x in self.layers if x.order_id == order_id), None)

    def uncovered(self, role: Role) -> list[PositionLayer]:
        """Return the layers the position's stop (or target) covers: those without their own."""
        return [layer for layer in self.layers if not layer.owns(role)]

    def unrealized(self, price: float) -> float:
        """Return the profit in quote if everything were closed at a price, before fees."""
        return self.profit(self.quantity, price) if self.quantity else 0.0

    def profit(self, lots: int, price: float) -> float:
        """Return what closing some lots at a price realizes: by the average, before fees."""
        base = self.instrument.base(lots)
        return profit(self.side.sign, base, self.avg_entry_price, price)

    # ------------------------------------------------------------ entering

    def add_layer(self, layer: PositionLayer) -> None:
        """Add a layer, or merge it into the one of the same name."""
        held = self.layer(layer.layer_id)
        lots, price = layer.quantity, layer.entry_price
        self.avg_entry_price = average_entry(self.quantity, self.avg_entry_price, lots, price)
        self.quantity += lots
        if held is None:
            self.layers.append(layer)
            return
        held.entry_price = average_entry(held.quantity, held.entry_price, lots, price)
        held.quantity += lots

    # ------------------------------------------------------------ leaving

    def remove(
        self, quantity: int, method: RemovalMethod, first: Collection[str] = ()
    ) -> list[Slice]:
        """Take lots out and return the slices that left; at most what is there.

        Layers named in `first` give before the others. ValueError for a negative quantity.
        """
        if quantity < 0:
            raise ValueError(f"{quantity} lots cannot leave a position")
        quantity = min(quantity, self.quantity)
        slices = []
        for layer, lots in self._shares(quantity, method, first):
            if lots:
                layer.quantity -= lots
                is_last = not layer.quantity
                slices.append(Slice(layer.layer_id, lots, layer.entry_price, is_last))
        self.quantity -= quantity
        self.layers = [layer for layer in self.layers if layer.quantity]
        if not self.quantity:
            self.avg_entry_price = nan
        return slices

    def remove_size(self, size_usdt: float, method: str = _METHOD) -> list[Slice]:
        """Take out lots worth a notional at the average entry, rounded down.

        ValueError for a size that is not positive.
        """
        if not size_usdt > 0:
            raise ValueError(f"a size of {size_usdt:g} cannot leave a position")
        if not self.quantity:
            return []
        lots = self.instrument.lots_for_notional(size_usdt, self.avg_entry_price)
        return self.remove(lots, RemovalMethod(method))

    def remove_pct(self, fraction: float, method: str = _METHOD) -> list[Slice]:
        """Take out a fraction of the lots, rounded down; ValueError outside (0, 1]."""
        if not 0 < fraction <= 1:
            raise ValueError(
                f"{fraction:g} is not a fraction of a position: more than 0, at most 1"
            )
        return self.remove(int(self.quantity * fraction + 1e-9), RemovalMethod(method))

    def _shares(
        self, quantity: int, method: RemovalMethod, first: Collection[str]
    ) -> Iterable[tuple[PositionLayer, int]]:
        named = [layer for layer in self.layers if layer.layer_id in first]
        others = [layer for layer in self.layers if layer.layer_id not in first]
        for group in (named, others):
            lots = min(quantity, _lots(group))
            quantity -= lots
            yield from _split(group, lots, method)

    def clone(self) -> ScaledPosition:
        """Return an independent copy."""
        return replace(self, layers=[replace(layer) for layer in self.layers])


def _lots(layers: Iterable[PositionLayer]) -> int:
    return whole(layer.quantity for layer in layers)


def _split(
    layers: list[PositionLayer], quantity: int, method: RemovalMethod
) -> Iterable[tuple[PositionLayer, int]]:
    """Yield how many of `quantity` lots, at most what they hold, each layer gives."""
    match method:
        case RemovalMethod.PROPORTIONAL:
            yield from _proportional(layers, quantity)
            return
        case RemovalMethod.LIFO:
            layers = layers[::-1]
        case RemovalMethod.FIFO:
            pass
        case _:
            assert_never(method)
    for layer in layers:
        lots = min(layer.quantity, quantity)
        quantity -= lots
        yield layer, lots


def _proportional(
    layers: list[PositionLayer], quantity: int
) -> Iterable[tuple[PositionLayer, int]]:
    """Split by largest remainders (Hamilton's method), in whole numbers; ties to the older."""
    total = _lots(layers)
    if not total:
        return
    parts = [divmod(layer.quantity * quantity, total) for layer in layers]
    lots = [whole for whole, _ in parts]
    missing = quantity - whole(lots)
    by_remainder = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
    for index in by_remainder[:missing]:
        lots[index] += 1
    yield from zip(layers, lots, strict=True)
