"""Prices of orders: on the tick grid, on the right side of the market, inside the band.

The law: a limit rounds to the passive side, a trigger to the side that triggers later, a protective level
to the side that acts later. Only a limit that could execute at once is held to the price band.
"""

from __future__ import annotations

import math

from runtime.decide.refusals import RefusalCode, Refused
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import OrderType, Side

LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})


def limit_price(price: float | None, slot: str, side: Side, instrument: Instrument) -> float | None:
    """Return a limit on the tick grid (buys down, sells up), None where none is given."""
    return _on_grid(price, slot, instrument, down=side is Side.BUY)


def trigger_price(price: float | None, side: Side, instrument: Instrument) -> float | None:
    """Return a trigger on the tick grid (buy stops up, sell stops down), None where none is given."""
    return _on_grid(price, "trigger", instrument, down=side is Side.SELL)


def _on_grid(price: float | None, slot: str, instrument: Instrument, *, down: bool) -> float | None:
    if price is None:
        return None
    if not math.isfinite(price) or price <= 0:
        state = "unknown" if math.isnan(price) else f"{price:g}"
        raise Refused(RefusalCode.UNKNOWN_PRICE, f"`{slot}` is {state}")
    rounded = instrument.floor_price(price) if down else instrument.ceil_price(price)
    if rounded <= 0:
        raise Refused(RefusalCode.UNKNOWN_PRICE, f"`{slot}` {price:g} is below one tick")
    return rounded


def check_trigger(trigger: float | None, side: Side, close: float) -> None:
    """Refuse a stop whose trigger the close has reached: the venue does not take it.

    VENUE: codes 110092 and 110093, docs/v5/error.
    """
    if trigger is not None and side.sign * (close - trigger) >= 0:
        where = "above" if side is Side.BUY else "below"
        raise Refused(
            RefusalCode.TRIGGER_PASSED,
            f"the trigger {trigger:g} must be {where} the close {close:g}",
        )


def check_band(
    limit: float | None, trigger: float | None, side: Side, close: float, band_pct: float
) -> None:
    """Refuse a limit too far on the costly side: a buy above, a sell below where it starts to work.

    That is the trigger of a stop-limit, the close for every other limit. Far on the passive side a limit
    only rests.
    """
    if limit is None:
        return
    start = close if trigger is None else trigger
    if side.sign * (limit - start) > start * band_pct / 100:
        what = "close" if trigger is None else "trigger"
        raise Refused(
            RefusalCode.PRICE_OUTSIDE_BAND,
            f"{limit:g} is more than `execution.price_band_pct` ({band_pct:g} %) "
            f"{'above' if side is Side.BUY else 'below'} the {what} {start:g}",
        )
