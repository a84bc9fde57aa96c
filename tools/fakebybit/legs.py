"""Reading protective prices out of a request, with the venue's rules about modes and pairs."""

from __future__ import annotations

from tools.fakebybit import refusals
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.orders import Attached, By, Kind, Leg, Mode
from tools.fakebybit.parameters import Parameters
from tools.fakebybit.refusals import Refused


def attached(p: Parameters, facts: Instrument, default: Mode = Mode.FULL) -> Attached:
    """Read takeProfit and stopLoss; a leg priced 0 means: remove it."""
    mode = p.word("tpslMode", Mode, default if default is not Mode.NONE else Mode.FULL)
    target = _leg(p, facts, mode, "takeProfit", "tp")
    stop = _leg(p, facts, mode, "stopLoss", "sl")
    if target is None and stop is None:
        return Attached()
    return Attached(mode=mode, target=target, stop=stop)


def _leg(p: Parameters, facts: Instrument, mode: Mode, name: str, prefix: str) -> Leg | None:
    kind = p.word(f"{prefix}OrderType", Kind, Kind.MARKET)
    limit = p.on_grid(f"{prefix}LimitPrice", facts.tick_text)
    if mode is Mode.FULL and (kind is Kind.LIMIT or limit):
        raise Refused(10001, refusals.FULL_MARKET_ONLY.format(f"{prefix}OrderType"))
    if kind is Kind.LIMIT and not limit:
        raise refusals.parameter(f"{prefix}LimitPrice is required")
    price = p.on_grid(name, facts.tick_text)
    if price is None:
        return None
    by = p.word(f"{prefix}TriggerBy", By, By.LAST)
    return Leg(price=price, by=by, limit=limit or None)
