"""The laws of stops and targets: what stands at the venue for a layer covers that layer, and closes no other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from runtime.account.ledger import Ledger
from runtime.account.standing import stop_in_force
from runtime.orders.order_spec import Role

Lots = dict[str | None, int]  # by layer, None for the position's own stop
AtVenue = Mapping[
    str | None, Decimal
]  # what is left of each open order, by our id, None for others


def to_cover(ledger: Ledger) -> Lots:
    """Return the lots that each stop of the card should cover, read from the layers alone."""
    position, lots = ledger.position, Lots()
    for layer in () if position is None else position.layers:
        name = layer.order_id if layer.owns(Role.STOP_LOSS) else None
        if stop_in_force(ledger, name) is not None:
            lots[name] = lots.get(name, 0) + layer.quantity
    return lots


def stopped(ledger: Ledger, at_venue: AtVenue, role: Role = Role.STOP_LOSS) -> Lots:
    """Return the lots for which stops, or targets, of each layer stand."""
    found = Lots()
    for order_id, left in at_venue.items():
        spec = None if order_id is None else ledger.orders[order_id].spec
        if spec is not None and spec.role is role:
            lots = round(float(left) / ledger.instrument.lot)
            found[spec.layer] = found.get(spec.layer, 0) + lots
    return found


def short_of_stops(ledger: Ledger, at_venue: AtVenue) -> Lots:
    """Return the lots of each layer that should have a stop at the venue and have none."""
    stands = stopped(ledger, at_venue)
    short = {name: lots - stands.get(name, 0) for name, lots in to_cover(ledger).items()}
    return {name: lots for name, lots in short.items() if lots > 0}


def beyond_their_layer(ledger: Ledger, at_venue: AtVenue) -> Lots:
    """Return the lots of each layer's targets that are more than the layer holds: they would close another's."""
    position = ledger.position
    held = {} if position is None else {one.order_id: one.quantity for one in position.layers}
    stands = stopped(ledger, at_venue, Role.TAKE_PROFIT)
    beyond = {name: lots - held.get(name or "", 0) for name, lots in stands.items() if name}
    return {name: lots for name, lots in beyond.items() if lots > 0}
