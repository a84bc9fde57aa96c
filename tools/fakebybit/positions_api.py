"""`/v5/position/*` and `/v5/account/*` that change something.

Law: what is already so is told by its own code, never by success.
"""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import account, conditionals, protection, refusals
from tools.fakebybit.legs import attached
from tools.fakebybit.lookup import known_symbol
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Attached, Leg, Mode, Order, StopType
from tools.fakebybit.parameters import Parameters, linear, spec
from tools.fakebybit.position import Position
from tools.fakebybit.publisher import flush
from tools.fakebybit.refusals import Refused, refused
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

MAX_PARTIAL = 20
MARGIN_MODES = ("ISOLATED_MARGIN", "REGULAR_MARGIN", "PORTFOLIO_MARGIN")

TRADING_STOP = spec(
    text="category symbol tpslMode tpTriggerBy slTriggerBy tpOrderType slOrderType",
    amount="takeProfit stopLoss trailingStop activePrice tpSize slSize tpLimitPrice slLimitPrice",
    whole="positionIdx",
)
SET_LEVERAGE = spec(text="category symbol", amount="buyLeverage sellLeverage")
SWITCH_MODE = spec(text="category symbol coin", whole="mode")
CONFIRM_MMR = spec(text="category symbol")
SET_MARGIN_MODE = spec(text="setMarginMode")
PRICE_ACTION = spec(text="category", flag="modifyEnable")


def trading_stop(state: State, p: Parameters) -> Row:
    """Set, change or remove what protects the position."""
    symbol = known_symbol(state, p)
    facts, position = state.facts(symbol), state.positions[symbol]
    if p.whole("positionIdx", 0) != 0:
        raise Refused(10001, refusals.POSITION_IDX)
    mode = p.word("tpslMode", Mode, Mode.FULL)
    wanted = attached(p, facts, default=mode)
    distance = p.on_grid("trailingStop", facts.tick_text)
    active = p.on_grid("activePrice", facts.tick_text) or ZERO
    if not position.size:
        raise Refused(10001, "can not set tp/sl/ts for zero position")
    _check_sides(state, position, wanted)
    if distance:
        _check_trailing(state, position, active)
    if mode is Mode.PARTIAL:
        _add_partial(state, p, symbol, wanted)
    else:
        _set_full(state, symbol, wanted, distance, active)
    state.changes.positions.append(symbol)
    state.soon(lambda: _settle(state, symbol))
    return {}


def _settle(state: State, symbol: str) -> None:
    flush(state)
    conditionals.check(state, symbol)
    flush(state)


def _check_sides(state: State, position: Position, wanted: Attached) -> None:
    """A target must lie on the profitable side of the market, a stop on the other."""
    side = "Buy" if position.size > 0 else "Sell"
    for name, leg, above in (
        ("TakeProfit", wanted.target, position.size > 0),
        ("StopLoss", wanted.stop, position.size < 0),
    ):
        if leg is None or not leg.price:
            continue
        base = state.markets[position.symbol].price_by(leg.by)
        if (leg.price <= base) if above else (leg.price >= base):
            word = "higher" if above else "lower"
            raise Refused(
                10001,
                f"{name}:{int(leg.price * 10_000)} set for {side} position should be {word} than "
                f"base_price:{int(base * 10_000)}??{leg.by.value}",
            )


def _check_trailing(state: State, position: Position, active: Decimal) -> None:
    last = state.markets[position.symbol].last
    if active and (active - last) * (1 if position.size > 0 else -1) <= 0:
        raise Refused(10001, "TrailingProfit active price should be beyond the last price")


def _add_partial(state: State, p: Parameters, symbol: str, wanted: Attached) -> None:
    step = state.facts(symbol).step_text
    target_size, stop_size = p.on_grid("tpSize", step), p.on_grid("slSize", step)
    paired = (bool(wanted.target) == bool(target_size)) and (bool(wanted.stop) == bool(stop_size))
    size = target_size or stop_size
    if not paired or not size:
        raise Refused(10001, refusals.TPSL_PAIRS)
    if target_size and stop_size and target_size != stop_size:
        raise Refused(10001, "tpSize must equal slSize")
    added = (wanted.target is not None) + (wanted.stop is not None)
    if protection.partial_count(state, symbol) + added > MAX_PARTIAL:
        raise refused(refusals.TOO_MANY_TPSL)
    protection.add_pair(state, symbol, wanted, min(size, abs(state.positions[symbol].size)))


def _set_full(
    state: State, symbol: str, wanted: Attached, distance: Decimal | None, active: Decimal
) -> None:
    changed = [
        _set_leg(state, symbol, StopType.TAKE_PROFIT, wanted.target),
        _set_leg(state, symbol, StopType.STOP_LOSS, wanted.stop),
        _set_distance(state, symbol, distance, active),
    ]
    if not any(changed):
        raise refused(refusals.NOT_MODIFIED)
    if wanted.target and wanted.stop:
        _bind(
            protection.of_type(state, symbol, StopType.TAKE_PROFIT),
            protection.of_type(state, symbol, StopType.STOP_LOSS),
        )


def _set_leg(state: State, symbol: str, stop_type: StopType, leg: Leg | None) -> bool:
    """Return whether this changed anything."""
    order = protection.of_type(state, symbol, stop_type)
    if leg is None:
        return False
    if not leg.price:
        if order is not None:
            protection.untie(state, order)
            protection.drop(state, order, "CancelByUser")
        return order is not None
    if order is not None and (order.trigger, order.by) == (leg.price, leg.by):
        return False
    is_target = stop_type is StopType.TAKE_PROFIT
    wanted = Attached(
        mode=Mode.FULL, target=leg if is_target else None, stop=None if is_target else leg
    )
    protection.set_full(state, symbol, wanted)
    return True


def _set_distance(state: State, symbol: str, distance: Decimal | None, active: Decimal) -> bool:
    order = protection.of_type(state, symbol, StopType.TRAILING)
    if distance is None:
        return False
    if not distance:
        if order is not None:
            protection.drop(state, order, "CancelByUser")
        return order is not None
    if order is not None and (order.distance, order.active_price) == (distance, active):
        return False
    protection.set_trailing(state, symbol, distance, active)
    return True


def _bind(target: Order | None, stop: Order | None) -> None:
    if target is not None and stop is not None:
        target.sibling, stop.sibling = stop.id, target.id


def set_leverage(state: State, p: Parameters) -> Row:
    """Set the leverage of a symbol; both sides are equal in one-way mode."""
    symbol = known_symbol(state, p)
    facts, position = state.facts(symbol), state.positions[symbol]
    buy, sell = p.amount("buyLeverage"), p.amount("sellLeverage")
    if buy is None or sell is None or buy != sell:
        raise refusals.parameter("buyLeverage must equal sellLeverage")
    if not 1 <= buy <= facts.max_leverage:
        raise refusals.parameter("leverage invalid")
    if buy == position.leverage:
        raise refused(refusals.LEVERAGE_SAME)
    if position.value > facts.cap(buy):
        raise refused(refusals.LEVERAGE_RISK)
    before, position.leverage = position.leverage, buy
    if account.available(state) < 0:
        position.leverage = before
        raise refused(refusals.NO_BALANCE)
    state.changes.positions.append(symbol)
    state.soon(lambda: flush(state))
    return {}


def switch_mode(state: State, p: Parameters) -> Row:
    """Switch between one-way (0) and hedge (3); refused with positions or orders."""
    linear(p)
    mode = p.whole("mode", -1)
    if mode not in (0, 3):
        raise refusals.parameter("mode invalid")
    if mode == state.flags.position_mode:
        raise refused(refusals.MODE_SAME)
    if any(position.size for position in state.positions.values()):
        raise refused(refusals.HAS_POSITION)
    if any(state.open_orders(symbol) for symbol in state.markets):
        raise refused(refusals.HAS_ORDERS)
    state.flags.position_mode = mode
    return {}


def confirm_mmr(state: State, p: Parameters) -> Row:
    """Lift the reduce-only mark of a position."""
    state.positions[known_symbol(state, p)].is_reduce_only = False
    return {}


def set_margin_mode(state: State, p: Parameters) -> Row:
    """Set the account's margin mode. Money is always counted isolated here."""
    mode = p.required("setMarginMode")
    if mode not in MARGIN_MODES:
        raise refusals.parameter("setMarginMode invalid")
    if mode == state.flags.margin_mode:
        raise refused(refusals.MARGIN_SAME)
    if any(position.size for position in state.positions.values()):
        raise Refused(3400045, "Set margin mode failed")
    state.flags.margin_mode = mode
    return {"reasons": []}


def set_price_action(state: State, p: Parameters) -> Row:
    """Choose whether a limit beyond the band is moved (true) or refused (false)."""
    state.flags.band_adjusts = p.flag("modifyEnable")
    return {}
