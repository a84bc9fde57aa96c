"""A position made of entry layers. Quantities are whole lots and add up exactly.

The removal method is bookkeeping on a netted venue: equity does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from runtime.formulas.sums import total, whole
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Level, RemovalMethod, Side


@dataclass(slots=True)
class PositionLayer:
    """What one entry order bought (or sold). Fills of the same order merge, quantity-weighted.

    `entered_value` is the sum of lots * price: what leaves does not move the price. Where more enters
    after something has left, the sums go on from what is held.
    """

    layer_id: str
    order_id: str
    order_ref: str | None
    quantity: int
    entry_bar_index: int
    entry_time: int
    entered: int  # lots behind `entered_value`
    entered_value: float
    layer_stop: Level | None = None
    layer_target: Level | None = None

    @property
    def entry_price(self) -> float:
        return self.entered_value / self.entered

    def size_usdt(self, instrument: Instrument) -> float:
        """Return the entry notional of what is left."""
        return instrument.notional(self.quantity, self.entry_price)


@dataclass(frozen=True, slots=True)
class Slice:
    """A realized part of one layer."""

    layer_id: str
    quantity: int
    entry_price: float


@dataclass(slots=True)
class ScaledPosition:
    """An open position: `side` BUY is long. `layers` oldest first, none of them empty."""

    symbol: str
    side: Side
    instrument: Instrument
    opened_bar: int
    opened_at: int
    layers: list[PositionLayer] = field(default_factory=list)

    @property
    def quantity(self) -> int:
        """Return the whole position in lots."""
        return whole(layer.quantity for layer in self.layers)

    @property
    def total_size_usdt(self) -> float:
        """Return the entry notional."""
        return total(layer.size_usdt(self.instrument) for layer in self.layers)

    @property
    def avg_entry_price(self) -> float:
        """Return the quantity-weighted entry price; ZeroDivisionError when empty."""
        value = total(layer.quantity * layer.entry_price for layer in self.layers)
        return value / self.quantity

    @property
    def layer_count(self) -> int:
        return len(self.layers)

    def layer(self, layer_id: str) -> PositionLayer | None:
        return next((x for x in self.layers if x.layer_id == layer_id), None)

    def unrealized(self, price: float) -> float:
        """Return the profit in quote if everything were closed at a price, before fees."""
        return total(
            self.side.sign * self.instrument.base(layer.quantity) * (price - layer.entry_price)
            for layer in self.layers
        )

    def add_layer(self, layer: PositionLayer) -> None:
        """Add a layer, or merge it into the one of the same order."""
        existing = self.layer(layer.layer_id)
        if existing is None:
            self.layers.append(layer)
            return
        if existing.entered != existing.quantity:
            # What has left took its share at the price of then: later fills do not reprice it.
            existing.entered_value = existing.quantity * existing.entry_price
            existing.entered = existing.quantity
        existing.quantity += layer.quantity
        existing.entered += layer.entered
        existing.entered_value += layer.entered_value

    def remove(
        self, quantity: int, method: RemovalMethod, layer_id: str | None = None
    ) -> list[Slice]:
        """Take lots out and return the realized slices; at most what is there.

        `layer_id` takes from that layer first. Quantities are conserved to the lot.
        """
        quantity = min(quantity, self.quantity)
        taken = self._shares(quantity, method, layer_id)
        slices = []
        for layer, lots in taken:
            if lots:
                slices.append(Slice(layer.layer_id, lots, layer.entry_price))
                layer.quantity -= lots
        self.layers = [layer for layer in self.layers if layer.quantity]
        return slices

    def remove_size(self, size_usdt: float, method: str = "fifo") -> list[Slice]:
        """Take out lots worth a notional at the average entry, rounded down."""
        lots = self.instrument.lots_for_notional(size_usdt, self.avg_entry_price)
        return self.remove(lots, RemovalMethod(method))

    def remove_pct(self, fraction: float, method: str = "fifo") -> list[Slice]:
        """Take out a fraction (0…1) of the lots, rounded down."""
        return self.remove(int(self.quantity * fraction + 1e-9), RemovalMethod(method))

    def _shares(
        self, quantity: int, method: RemovalMethod, layer_id: str | None
    ) -> list[tuple[PositionLayer, int]]:
        if method is RemovalMethod.PROPORTIONAL and layer_id is None:
            return self._proportional(quantity)
        order = list(self.layers) if method is not RemovalMethod.LIFO else self.layers[::-1]
        if layer_id is not None:
            order.sort(key=lambda layer: layer.layer_id != layer_id)  # stable: the named one first
        shares = []
        for layer in order:
            lots = min(layer.quantity, quantity)
            shares.append((layer, lots))
            quantity -= lots
        return shares

    def _proportional(self, quantity: int) -> list[tuple[PositionLayer, int]]:
        """Split by largest remainders (Hamilton's method), in whole numbers; ties to the older."""
        held = self.quantity
        parts = [divmod(layer.quantity * quantity, held) for layer in self.layers]
        lots = [part for part, _ in parts]
        missing = quantity - whole(lots)
        by_remainder = sorted(range(len(parts)), key=lambda i: (-parts[i][1], i))
        for index in by_remainder[:missing]:
            lots[index] += 1
        return list(zip(self.layers, lots, strict=True))

    def clone(self) -> ScaledPosition:
        """Return an independent copy."""
        return replace(self, layers=[replace(layer) for layer in self.layers])
