"""The public questions: time, instruments, risk table, candles, tickers, funding, price limits."""

from __future__ import annotations

from decimal import Decimal

from tools.fakebybit import refusals, settlement
from tools.fakebybit.candles import Candle, Candles, list_row
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.lookup import known_symbol
from tools.fakebybit.market import Market
from tools.fakebybit.numbers import ZERO, text
from tools.fakebybit.parameters import Parameters, linear, spec
from tools.fakebybit.queries_api import page
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

KLINE = spec(text="category symbol interval", whole="start end limit")
INSTRUMENTS = spec(text="category symbol status baseCoin cursor", whole="limit")
RISK = spec(text="category symbol cursor")
SYMBOL = spec(text="category symbol baseCoin")
FUNDING = spec(text="category symbol", whole="startTime endTime limit")
STATUS = spec(text="id state")


def time(state: State, p: Parameters) -> Row:
    """Tell the clock that judges signatures."""
    return {"timeSecond": str(state.wall_ms // 1000), "timeNano": str(state.wall_ms * 1_000_000)}


def instruments(state: State, p: Parameters) -> Row:
    linear(p)
    symbols = [known_symbol(state, p)] if p.has("symbol") else sorted(state.markets)
    status = p.text("status")
    facts = [state.facts(s) for s in symbols if not status or state.facts(s).status == status]
    return page([instrument_row(f) for f in facts], p, 500, 1000)


def instrument_row(facts: Instrument) -> Row:
    """Return one row of `instruments-info`."""
    step = facts.step
    places = max(0, -int(facts.tick.normalize().as_tuple().exponent))
    return {
        "symbol": facts.symbol,
        "symbolId": 5,
        "contractType": "LinearPerpetual",
        "status": facts.status,
        "baseCoin": facts.base,
        "quoteCoin": facts.quote,
        "launchTime": str(facts.launch_ms),
        "deliveryTime": str(facts.delivery_ms),
        "deliveryFeeRate": "",
        "priceScale": str(max(2, places)),
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": f"{facts.max_leverage:.2f}",
            "leverageStep": "0.01",
        },
        "priceFilter": {
            "minPrice": facts.tick_text,
            "maxPrice": str(facts.max_price),
            "tickSize": facts.tick_text,
        },
        "lotSizeFilter": {
            "maxOrderQty": str(facts.max_qty.quantize(step)),
            "minOrderQty": text(facts.min_qty),
            "qtyStep": facts.step_text,
            "postOnlyMaxOrderQty": str(facts.max_qty.quantize(step)),
            "maxMktOrderQty": str(facts.max_market_qty.quantize(step)),
            "minNotionalValue": text(facts.min_notional),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": facts.funding_minutes,
        "settleCoin": facts.quote,
        "copyTrading": "both",
        "upperFundingRate": text(facts.funding_cap),
        "lowerFundingRate": f"-{facts.funding_cap}",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": {
            "priceLimitRatioX": text(facts.band_x),
            "priceLimitRatioY": text(facts.band_y),
        },
        "symbolType": "",
        "displayName": "",
    }


def risk_limit(state: State, p: Parameters) -> Row:
    linear(p)
    symbols = [known_symbol(state, p)] if p.has("symbol") else sorted(state.markets)
    found: list[Row] = [
        {
            "id": tier.id,
            "symbol": s,
            "riskLimitValue": text(tier.limit),
            "maintenanceMargin": text(tier.maintenance),
            "initialMargin": text(tier.initial),
            "isLowestRisk": int(tier.id == 1),
            "maxLeverage": f"{tier.max_leverage:.2f}",
            "mmDeduction": text(tier.deduction) if tier.deduction else "",
        }
        for s in symbols
        for tier in state.facts(s).tiers
    ]
    return page(found, p, 1000, 1000)


def kline(state: State, p: Parameters) -> Row:
    """List candles newest first; the first row is the open one."""
    return _candles(state, p, state.candles, with_volume=True)


def mark_kline(state: State, p: Parameters) -> Row:
    return _candles(state, p, state.mark_candles, with_volume=False)


def _candles(state: State, p: Parameters, books: dict[str, Candles], *, with_volume: bool) -> Row:
    symbol, interval = known_symbol(state, p), p.required("interval")
    book, limit = books[symbol], p.whole("limit", 200)
    if interval not in book.intervals or not 1 <= limit <= 1000:
        raise refusals.parameter("interval or limit invalid")
    start = p.whole("start", 0) if p.has("start") else None
    end = p.whole("end", 0) if p.has("end") else None
    found: list[Candle] = book.history(interval, start, end, limit)
    return {
        "symbol": symbol,
        "category": "linear",
        "list": [list_row(candle, with_volume=with_volume) for candle in found],
    }


def tickers(state: State, p: Parameters) -> Row:
    linear(p)
    symbols = [known_symbol(state, p)] if p.has("symbol") else sorted(state.markets)
    return {"category": "linear", "list": [ticker_row(state, s) for s in symbols]}


def next_funding(state: State, facts: Instrument) -> int:
    """Return the next funding time of an instrument, ms."""
    span = facts.funding_minutes * 60_000
    return (state.now // span + 1) * span


def ticker_row(state: State, symbol: str) -> Row:
    """Return one row of `tickers`."""
    more = {
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "deliveryFeeRate": "",
        "deliveryTime": "0",
        "basis": "",
        "basisRateYear": "",
    }
    row = ticker_data(state, symbol) | more
    row.pop("tickDirection")
    return row


def ticker_data(state: State, symbol: str) -> Row:
    """Return the data of a `tickers` snapshot."""
    market, facts = state.markets[symbol], state.facts(symbol)
    when = next_funding(state, facts)
    change = (market.last / market.first - 1) if market.first else ZERO
    size = text(_size(market))
    return {
        "symbol": symbol,
        "tickDirection": market.tick_direction,
        "price24hPcnt": f"{change:.6f}",
        "lastPrice": text(market.last),
        "prevPrice24h": text(market.first),
        "highPrice24h": text(market.high),
        "lowPrice24h": text(market.low),
        "prevPrice1h": text(market.first),
        "markPrice": text(market.mark),
        "indexPrice": text(market.index),
        "openInterest": "1000",
        "openInterestValue": text(1000 * market.mark),
        "turnover24h": text(market.turnover),
        "volume24h": text(market.volume),
        "nextFundingTime": str(when),
        "fundingRate": text(settlement.rate_at(state, when)),
        "fundingIntervalHour": str(facts.funding_minutes // 60),
        "fundingCap": text(facts.funding_cap),
        "bid1Price": text(market.bid),
        "bid1Size": size,
        "ask1Price": text(market.ask),
        "ask1Size": size,
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
    }


def _size(market: Market) -> Decimal:
    return market.instrument.max_qty if market.depth is None else market.depth


def funding_history(state: State, p: Parameters) -> Row:
    symbol = known_symbol(state, p)
    facts, limit = state.facts(symbol), p.whole("limit", 200)
    span = facts.funding_minutes * 60_000
    end = min(p.whole("endTime", state.now), state.now)
    start = p.whole("startTime", end - limit * span)
    if p.has("startTime") and not p.has("endTime"):
        raise refusals.parameter("endTime is required with startTime")
    times = range(end // span * span, max(start, 0) - 1, -span)[:limit]
    found = [
        {
            "symbol": symbol,
            "fundingRate": f"{settlement.rate_at(state, t):f}",
            "fundingRateTimestamp": str(t),
        }
        for t in times
    ]
    return {"category": "linear", "list": found}


def price_limit(state: State, p: Parameters) -> Row:
    symbol = known_symbol(state, p)
    buy, sell = state.markets[symbol].band()
    return {"symbol": symbol, "buyLmt": text(buy), "sellLmt": text(sell), "ts": str(state.now)}


def system_status(state: State, p: Parameters) -> Row:
    """Tell announced maintenance."""
    if not state.flags.maintenance:
        return {"list": []}
    row: Row = {
        "id": "4d95b2a0-587f-11f0-bcc9-56f28c94d6ea",
        "title": "maintenance",
        "state": "ongoing",
        "begin": str(state.now),
        "end": str(state.now + 600_000),
        "href": "",
        "serviceTypes": [2, 3, 4, 5],
        "product": [1, 2],
        "uidSuffix": [],
        "maintainType": 1,
        "env": 1,
    }
    return {"list": [row]}
