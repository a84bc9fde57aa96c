"""What a session says of the two assumptions of the volume models: the share of a bar's volume, the queue.

The law: a figure is what the session's own resting limits show; where they show nothing, none is given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import median

from compiler.catalog.settings import FillModel
from runtime.backends.sim.fill_models import FillModelConfig, fillable
from runtime.formulas.fills import far_side, is_touched
from runtime.market.data import MarketData
from runtime.market.frame import Bar
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import OrderAmended, OrderFilled
from runtime.orders.order import Order
from runtime.orders.order_spec import OWN, OrderType, Side
from tools.live.reading import Lived

_STEPS = 20  # of the queue's share that is tried


@dataclass(frozen=True, slots=True)
class Met:
    """A bar that reached a resting limit: what of it was still to fill, and what filled, lots."""

    number: int
    side: Side
    price: float
    bar: Bar
    waiting: int
    got: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`share`: of a bar's volume that limits of one side took, median and most; None where no bar had any volume.

    `queue`: the lowest and highest `assume_queue_position` that explain the fills best; `off_lots` of
    `met_lots` they leave unexplained. None where no bar reached a limit.
    """

    limits: int
    bars: int
    share: tuple[float, float] | None
    queue: tuple[float, float] | None
    off_lots: int
    met_lots: int


def fitted(lived: Lived, data: MarketData) -> Fitted:
    """Return what the session's resting limits show of participation and queue."""
    found = {order_id: list(_met(lived, order_id, data)) for order_id in _limits(lived)}
    met = [one for rows in found.values() for one in rows]
    instrument = lived.desk.ledger.instrument
    taken = _shares(met, instrument)
    assumed = lived.desk.ledger.settings.execution.volume_participation_max
    queue, off = queue_of(met, instrument, min(1.0, max([assumed, *taken])))
    return Fitted(
        limits=sum(1 for rows in found.values() if rows),
        bars=len({one.number for one in met}),
        share=(median(taken), max(taken)) if taken else None,
        queue=queue,
        off_lots=off,
        met_lots=sum(one.waiting for one in met),
    )


def _limits(lived: Lived) -> dict[str, Order]:
    """Return the card's limits that rested at one price: none that moved, none that filled as it arrived."""
    others = {
        event.order_id
        for event in lived.done.events
        if (isinstance(event, OrderAmended) and event.limit_price is not None)
        or (isinstance(event, OrderFilled) and not event.is_maker)
    }
    return {
        order_id: order
        for order_id, order in lived.orders.items()
        if order.spec.order_type is OrderType.LIMIT and order.spec.role in OWN
        if order_id not in others
    }


def _met(lived: Lived, order_id: str, data: MarketData) -> Iterator[Met]:
    """Yield the whole bars on which a limit rested and whose range reached it."""
    order = lived.orders[order_id]
    side, price, got = order.spec.side, order.limit_price, _filled(lived, order_id)
    assert price is not None
    waiting = order.quantity
    last = order.end_bar if order.end_bar is not None else len(data.exec) - 1
    for number in range(
        max(order.spec.created_bar + 1, data.first), min(last, len(data.exec) - 1) + 1
    ):
        bar = data.exec.bar(number)
        fell = got.get(number, 0)
        is_whole = number < last or fell == waiting  # on the bar that ends it, it rested for a part
        if is_whole and is_touched(side.sign, price, far_side(side.sign, bar.low, bar.high)):
            yield Met(number, side, price, bar, waiting, fell)
        waiting -= fell


def _filled(lived: Lived, order_id: str) -> Mapping[int, int]:
    found: dict[int, int] = defaultdict(int)
    for event in lived.done.events:
        if isinstance(event, OrderFilled) and event.order_id == order_id:
            found[event.bar] += event.quantity
    return found


def _shares(met: list[Met], instrument: Instrument) -> list[float]:
    """Return the share of its volume that limits of one side took of each bar that filled any."""
    taken: dict[tuple[int, Side], int] = defaultdict(int)
    volumes = {one.number: one.bar.volume for one in met}
    for one in met:
        taken[one.number, one.side] += one.got
    return [
        instrument.base(lots) / volumes[number]
        for (number, _side), lots in taken.items()
        if lots and volumes[number] > 0
    ]


def queue_of(
    met: list[Met], instrument: Instrument, most: float
) -> tuple[tuple[float, float] | None, int]:
    """Return the lowest and highest queue that explain best what filled, and the lots left unexplained.

    `most`: the share of a bar's volume that limits may take. Every twentieth from 0 to 1 is tried.
    """
    if not met:
        return None, 0
    config = FillModelConfig(model=FillModel.QUEUE, volume_participation_max=most)
    off: dict[float, int] = {}
    for at in (step / _STEPS for step in range(_STEPS + 1)):
        asked = replace(config, assume_queue_position=at)
        off[at] = sum(
            abs(fillable(one.side, one.price, one.waiting, one.bar, instrument, asked) - one.got)
            for one in met
        )
    least = min(off.values())
    best = [at for at, lots in off.items() if lots == least]
    return (best[0], best[-1]), least


def fitted_text(found: Fitted, assumed: tuple[float, float]) -> Iterator[str]:
    """Yield the lines of a report; `assumed`: what the card says of participation and queue."""
    if found.queue is None:
        yield "participation and queue: no bar reached a resting limit, so nothing is known of them"
        return
    yield f"fitted from {found.limits} resting limits on {found.bars} bars that reached them:"
    if found.share is not None:
        middle, most = found.share
        yield (
            f"  volume_participation_max  at least {most:.2%} (median {middle:.2%}); "
            f"the card says {assumed[0]:.2%}"
        )
    low, high = found.queue
    if (low, high) == (0.0, 1.0):
        yield "  assume_queue_position     not told: every value explains what filled equally well"
        return
    span = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    yield (
        f"  assume_queue_position     {span}, {found.off_lots:,} of {found.met_lots:,} lots unexplained; "
        f"the card says {assumed[1]:.2f}"
    )
