"""The shapes of the venue's answers and messages, written down: keys and types of each row.

Types: s text, i integer, b boolean, o object, l list, n null. Taken from the venue's documentation
and from recordings; the test beside it compares with the recordings themselves where they are.
"""

from __future__ import annotations

ORDER = (
    "orderId:s orderLinkId:s parentOrderLinkId:s blockTradeId:s symbol:s price:s qty:s side:s "
    "isLeverage:s positionIdx:i orderStatus:s createType:s cancelType:s rejectReason:s avgPrice:s "
    "leavesQty:s leavesValue:s cumExecQty:s cumExecValue:s cumExecFee:s cumFeeDetail:o timeInForce:s "
    "orderType:s stopOrderType:s orderIv:s marketUnit:s slippageToleranceType:s slippageTolerance:s "
    "triggerPrice:s takeProfit:s stopLoss:s tpslMode:s tpLimitPrice:s slLimitPrice:s tpTriggerBy:s "
    "slTriggerBy:s triggerDirection:i triggerBy:s lastPriceOnCreated:s reduceOnly:b closeOnTrigger:b "
    "placeType:s smpType:s smpGroup:i smpOrderId:s createdTime:s updatedTime:s extraFees:s "
    "rpiTakerAccess:b rpiMatchedQty:s"
)
EXECUTION = (
    "symbol:s orderId:s orderLinkId:s side:s orderPrice:s orderQty:s leavesQty:s orderType:s "
    "stopOrderType:s createType:s execFee:s execId:s execPrice:s execQty:s execType:s execValue:s "
    "execTime:s feeCurrency:s isMaker:b feeRate:s tradeIv:s markIv:s markPrice:s indexPrice:s "
    "underlyingPrice:s blockTradeId:s closedSize:s extraFees:s seq:i"
)
_POSITION = (
    "positionIdx:i riskId:i riskLimitValue:s symbol:s side:s size:s positionValue:s tradeMode:i "
    "autoAddMargin:i positionStatus:s adlRankIndicator:i leverage:s breakEvenPrice:s markPrice:s "
    "liqPrice:s bustPrice:s positionBalance:s positionIM:s positionIMByMp:s positionMM:s "
    "positionMMByMp:s tpslMode:s takeProfit:s stopLoss:s trailingStop:s sessionAvgPrice:s "
    "unrealisedPnl:s curRealisedPnl:s cumRealisedPnl:s createdTime:s updatedTime:s openTime:s seq:i "
    "isReduceOnly:b mmrSysUpdatedTime:s mmrSysUpdateTime:s leverageSysUpdatedTime:s"
)
WALLET = (
    "accountType:s totalEquity:s totalWalletBalance:s totalMarginBalance:s totalAvailableBalance:s "
    "totalPerpUPL:s totalInitialMargin:s totalInitialMarginByMp:s totalMaintenanceMargin:s "
    "totalMaintenanceMarginByMp:s accountIMRate:s accountIMRateByMp:s accountMMRate:s "
    "accountMMRateByMp:s accountLTV:s coin:l"
)
_TICKER = (
    "symbol:s price24hPcnt:s lastPrice:s prevPrice24h:s highPrice24h:s lowPrice24h:s prevPrice1h:s "
    "markPrice:s indexPrice:s openInterest:s openInterestValue:s turnover24h:s volume24h:s "
    "nextFundingTime:s fundingRate:s fundingIntervalHour:s fundingCap:s bid1Price:s bid1Size:s "
    "ask1Price:s ask1Size:s preOpenPrice:s preQty:s curPreListingPhase:s"
)
_IDS = "orderId:s orderLinkId:s"

# Of an answer: its result, and one row of its list where it has one.
RESULTS = {
    "order/create": _IDS,
    "order/amend": _IDS,
    "order/cancel": _IDS,
    "order/cancel-all": "list:l success:s",
    "order/realtime": "list:l nextPageCursor:s category:s",
    "execution/list": "list:l nextPageCursor:s category:s",
    "position/list": "list:l nextPageCursor:s category:s",
    "position/trading-stop": "",
    "position/set-leverage": "",
    "position/switch-mode": "",
    "market/time": "timeSecond:s timeNano:s",
    "market/kline": "symbol:s category:s list:l",
    "market/price-limit": "symbol:s buyLmt:s sellLmt:s ts:s",
    "account/info": "marginMode:s updatedTime:s unifiedMarginStatus:i dcpStatus:s timeWindow:i "
    "smpGroup:i isMasterTrader:b spotHedgingStatus:s",
    "account/query-dcp-info": "dcpInfos:l",
}
ROWS = {
    "order/realtime": ORDER,
    "order/history": ORDER,
    "execution/list": EXECUTION,
    "position/list": _POSITION + " avgPrice:s",
    "account/wallet-balance": WALLET,
    "account/fee-rate": "symbol:s takerFeeRate:s makerFeeRate:s",
    "market/funding/history": "symbol:s fundingRate:s fundingRateTimestamp:s",
    "market/risk-limit": "id:i symbol:s riskLimitValue:s maintenanceMargin:s initialMargin:s "
    "isLowestRisk:i maxLeverage:s mmDeduction:s",
    "market/tickers": _TICKER + " predictedDeliveryPrice:s basisRate:s deliveryFeeRate:s "
    "deliveryTime:s basis:s basisRateYear:s",
    "market/instruments-info": "symbol:s symbolId:i contractType:s status:s baseCoin:s quoteCoin:s "
    "launchTime:s deliveryTime:s deliveryFeeRate:s priceScale:s leverageFilter:o priceFilter:o "
    "lotSizeFilter:o unifiedMarginTrade:b fundingInterval:i settleCoin:s copyTrading:s "
    "upperFundingRate:s lowerFundingRate:s isPreListing:b preListingInfo:n riskParameters:o "
    "symbolType:s displayName:s",
    "account/transaction-log": "transSubType:s id:s symbol:s side:s funding:s orderLinkId:s orderId:s "
    "fee:s change:s cashFlow:s transactionTime:s type:s feeRate:s bonusChange:s size:s qty:s "
    "cashBalance:s currency:s category:s tradePrice:s tradeId:s extraFees:s",
}
MESSAGES = {
    "ws order": ORDER + " category:s feeCurrency:s closedPnl:s",
    "ws execution": EXECUTION.replace("extraFees:s", "extraFees:l")
    + " category:s execPnl:s isLeverage:s marketUnit:s",
    "ws position": _POSITION + " entryPrice:s category:s",
    "ws wallet": WALLET,
    "ws kline": "start:i end:i interval:s open:s close:s high:s low:s volume:s turnover:s confirm:b "
    "timestamp:i",
    "ws tickers": _TICKER + " tickDirection:s",
    "ws publicTrade": "T:i s:s S:s v:s p:s L:s i:s BT:b RPI:b seq:i",
}
_ACK = "success:b ret_msg:s conn_id:s req_id:s op:s"
FRAMES = {
    "ack public": _ACK,
    "ack private": _ACK,
    "refused public": _ACK,
    "auth private": _ACK,
    "auth trade": "retCode:i retMsg:s op:s connId:s",
    "pong public": _ACK,
    "pong private": "req_id:s op:s args:l conn_id:s",
    "pong trade": "retCode:i retMsg:s op:s data:l connId:s",
    "trade error": "reqId:s retCode:i retMsg:s op:s data:o retExtInfo:o header:o connId:s",
}
ENVELOPE = "retCode:i retMsg:s result:o retExtInfo:o time:i"


def letter(value: object) -> str:
    """Return the letter of a JSON value's type."""
    match value:
        case bool():
            return "b"
        case int():
            return "i"
        case str():
            return "s"
        case dict():
            return "o"
        case list():
            return "l"
        case None:
            return "n"
    return "?"


def shape(row: dict[str, object]) -> dict[str, str]:
    return {name: letter(value) for name, value in row.items()}


def written(line: str) -> dict[str, str]:
    """Read a line of this file."""
    return dict(part.split(":") for part in line.split())
