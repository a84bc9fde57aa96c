"""`/v5/order/create`: reading an order and everything the venue refuses before it says yes.

Law: the answer only acknowledges; the verdict comes later, over the streams.
"""

from __future__ import annotations

from tools.fakebybit import account, conditionals, matching, refusals
from tools.fakebybit.faults import Fault
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.legs import attached
from tools.fakebybit.lookup import check_trigger_side, ids, known_symbol
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import By, Force, Kind, Order, Side, Status
from tools.fakebybit.parameters import Parameters, spec
from tools.fakebybit.publisher import flush
from tools.fakebybit.refusals import Refused, refused
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

MAX_ACTIVE, MAX_CONDITIONAL = 500, 10

CREATE = spec(
    text="category symbol side orderType timeInForce orderLinkId triggerBy tpTriggerBy slTriggerBy "
    "tpslMode tpOrderType slOrderType smpType slippageToleranceType",
    amount="qty price triggerPrice takeProfit stopLoss tpLimitPrice slLimitPrice slippageTolerance",
    whole="positionIdx triggerDirection isLeverage",
    flag="reduceOnly closeOnTrigger",
)


def create(state: State, parameters: Parameters) -> Row:
    """Acknowledge an order; refuse at once what the venue refuses at once."""
    symbol = known_symbol(state, parameters)
    facts = state.facts(symbol)
    order = _read_order(state, parameters, facts)
    if order.link in state.by_link:
        raise refused(refusals.DUPLICATE_LINK)
    _check_mode(state, parameters)
    _check_market(state, order, facts)
    _check_size(state, order, facts)
    if order.trigger:
        check_trigger_side(state, order.symbol, order.direction, order.trigger, order.by)
    _check_counts(state, order)
    if not order.reduce_only and not order.trigger:
        if account.exceeds_tier(state, order):
            raise refused(refusals.TOO_BIG)
        if not account.can_afford(state, order):
            raise refused(refusals.NO_BALANCE)
    state.add(order)
    state.soon(lambda: _judge(state, order))
    return ids(order)


def _judge(state: State, order: Order) -> None:
    matching.admit(state, order)
    flush(state)
    conditionals.check(state, order.symbol)
    flush(state)


def _read_order(state: State, p: Parameters, facts: Instrument) -> Order:
    kind = p.word("orderType", Kind)
    side = p.word("side", Side)
    market = state.markets[facts.symbol]
    price = p.on_grid("price", facts.tick_text)
    if kind is Kind.LIMIT and not price:
        raise refusals.parameter("price is required")
    trigger = p.on_grid("triggerPrice", facts.tick_text) or ZERO
    order = Order(
        id=state.uuid(),
        link=p.link(),
        symbol=facts.symbol,
        side=side,
        kind=kind,
        force=Force.IOC if kind is Kind.MARKET else p.word("timeInForce", Force, Force.GTC),
        qty=p.on_grid("qty", facts.step_text) or ZERO,
        price=price if kind is Kind.LIMIT and price else market.touch(side),
        created=state.now,
        updated=state.now,
        last_on_created=market.last,
        reduce_only=p.flag("reduceOnly"),
        close_on_trigger=p.flag("closeOnTrigger"),
        trigger=trigger,
        direction=p.whole("triggerDirection", 0),
        by=p.word("triggerBy", By, By.LAST) if trigger else By.NONE,
        attached=attached(p, facts),
    )
    if trigger:
        order.create_type = "CreateByStopOrder"
        if order.direction not in (1, 2):
            raise refusals.parameter("triggerDirection invalid")
    _slippage(p, order, state)
    return order


def _slippage(p: Parameters, order: Order, state: State) -> None:
    kind, size = p.text("slippageToleranceType"), p.amount("slippageTolerance")
    if not kind:
        return
    if order.kind is not Kind.MARKET or order.trigger or kind not in ("TickSize", "Percent"):
        raise refusals.parameter("slippageToleranceType invalid")
    if not size:
        raise refusals.parameter("slippageTolerance is required")
    market = state.markets[order.symbol]
    touch, sign = market.touch(order.side), order.side.sign
    room = size * market.instrument.tick if kind == "TickSize" else touch * size / 100
    order.slippage = (kind, p.text("slippageTolerance"))
    order.price = touch + sign * room


def _check_mode(state: State, p: Parameters) -> None:
    if p.whole("positionIdx", 0) != 0 or state.flags.position_mode != 0:
        raise Refused(10001, refusals.POSITION_IDX)


def _check_market(state: State, order: Order, facts: Instrument) -> None:
    if facts.status != "Trading":
        raise Refused(110074, "This contract is not live")
    position = state.positions[order.symbol]
    if facts.delivery_ms and not order.reduce_only:
        raise refused(refusals.DELISTING)
    if position.is_reduce_only and not order.reduce_only:
        raise refused(refusals.REDUCE_ONLY_MARK)
    if order.kind is Kind.LIMIT:
        _check_price(state, order, facts)
    if order.reduce_only:
        _check_reducing(state, order)


def _check_price(state: State, order: Order, facts: Instrument) -> None:
    if not 0 < order.price <= facts.max_price:
        raise refused(refusals.PRICE_RANGE)
    if order.trigger:
        return
    buy, sell = state.markets[order.symbol].band()
    beyond = order.price > buy if order.side is Side.BUY else order.price < sell
    if beyond and not state.flags.band_adjusts:
        raise refused(refusals.BAND_BUY if order.side is Side.BUY else refusals.BAND_SELL)
    if beyond:
        order.price = buy if order.side is Side.BUY else sell
    worse = state.fault(Fault.ADJUST_PRICE, "order/create", order.link)
    if worse is not None:
        order.price -= order.side.sign * worse.value * facts.tick


def _check_reducing(state: State, order: Order) -> None:
    position = state.positions[order.symbol]
    if order.attached.target or order.attached.stop:
        raise refusals.parameter("reduceOnly orders cannot carry takeProfit or stopLoss")
    if order.trigger:
        return
    if not position.size:
        raise refused(refusals.ZERO_POSITION)
    if order.side is position.side:
        raise refused(refusals.SAME_SIDE)


def _check_size(state: State, order: Order, facts: Instrument) -> None:
    """VENUE: qty 0 with reduceOnly and closeOnTrigger closes up to the largest market quantity."""
    largest = facts.largest(at_market=order.kind is Kind.MARKET)
    if not order.qty and order.reduce_only and order.close_on_trigger:
        held = abs(state.positions[order.symbol].size)
        order.qty = min(held, largest) if held else largest
        return
    if order.reduce_only and not order.trigger:
        order.qty = min(order.qty, abs(state.positions[order.symbol].size))
        if order.qty == abs(state.positions[order.symbol].size) <= largest:
            return  # what closes the whole rest is exempt from the minima
    if order.qty < facts.min_qty:
        raise Refused(10001, refusals.MIN_QTY)
    if order.qty > largest:
        raise Refused(10001, refusals.MAX_QTY)
    price = order.price if order.kind is Kind.LIMIT else state.markets[order.symbol].last
    if order.qty * price < facts.min_notional and not order.reduce_only:
        raise refused(refusals.BELOW_NOTIONAL)


def _check_counts(state: State, order: Order) -> None:
    mine = [o for o in state.active[order.symbol].values() if not o.is_child]
    conditional = sum(o.status in (Status.UNTRIGGERED,) or _waits(o) for o in mine)
    if order.trigger and conditional >= MAX_CONDITIONAL:
        raise refused(refusals.TOO_MANY_STOPS)
    if not order.trigger and len(mine) - conditional >= MAX_ACTIVE:
        raise refused(refusals.TOO_MANY_ORDERS)


def _waits(order: Order) -> bool:
    return order.status is Status.CREATED and order.trigger > 0
