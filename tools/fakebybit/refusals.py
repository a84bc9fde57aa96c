"""Every refusal the venue speaks: code and text, in one place.

Law: a handler refuses by raising `Refused`; nothing else ends a request.
"""

from __future__ import annotations


class Refused(Exception):
    """A request the venue does not carry out."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def parameter(message: str) -> Refused:
    return Refused(10001, f"params error: {message}")


def plain(message: str) -> Refused:
    """A 10001 whose text carries no prefix."""
    return Refused(10001, message)


def window(request_ms: int, server_ms: int, recv_window: int) -> Refused:
    return Refused(
        10002,
        "invalid request, please check your server timestamp or recv_window param. "
        f"req_timestamp[{request_ms}],server_timestamp[{server_ms}],recv_window[{recv_window}]",
    )


def wrong_side(direction: int, trigger: int, current: int, by: str) -> Refused:
    """The trigger price already lies behind the market; both prices are scaled by 10,000."""
    word, sign, code = ("Rising", "<=", 110092) if direction == 1 else ("Falling", ">=", 110093)
    return Refused(
        code, f"expect {word}, but trigger_price[{trigger}] {sign} current[{current}]??{by}"
    )


KEY_INVALID = (10003, "API key is invalid.")
SIGN = (10004, "error sign! please check your signature generation algorithm.")
TOO_MANY_VISITS = (10006, "Too many visits. Exceeded the API Rate Limit.")
GONE_CANCEL = (110001, "order not exists or too late to cancel")
GONE_AMEND = (110001, "order not exists or too late to replace")
PRICE_RANGE = (110003, "Order price is out of permissible range")
NO_BALANCE = (110007, "ab not enough for new order")
TOO_MANY_STOPS = (110009, "The number of stop orders exceeds the maximum allowable limit")
LEVERAGE_RISK = (110013, "cannot set leverage gt maxLeverage by risk limit")
ZERO_POSITION = (110017, "current position is zero, cannot fix reduce-only order qty")
SAME_SIDE = (110017, "reduce-only order has same side with current position")
TOO_MANY_ORDERS = (110020, "You can't query more than 500 orders")
REDUCE_ONLY_MARK = (110023, "you can only reduce position")
HAS_POSITION = (110024, "You have an existing position, so the position mode cannot be switched")
MODE_SAME = (110025, "Position mode is not modified")
MARGIN_SAME = (110026, "Cross/isolated margin mode is not modified")
HAS_ORDERS = (110028, "You have existing open orders, so the position mode cannot be switched")
LEVERAGE_SAME = (110043, "leverage not modified")
TPSL_PARTLY = (110059, "Tp/sl of a partially filled open order cannot be modified")
TOO_MANY_TPSL = (110061, "Exceeded the maximum limit for partial take profit and stop loss orders")
AMEND_BELOW_FILLED = (110064, "the amended quantity must be greater than the filled quantity")
DUPLICATE_LINK = (110072, "OrderLinkedID is duplicate")
TOO_BIG = (110090, "position exceeds the maximum limit at the current leverage")
BELOW_NOTIONAL = (110094, "Order does not meet minimum order value")
BAND_BUY = (110120, "The buy order price exceeds the price limit")
BAND_SELL = (110121, "The sell order price is below the price limit")
DELISTING = (30228, "No new positions during delisting")
NOT_MODIFIED = (34040, "not modified")
KEY_EXPIRED = (33004, "Your api key has expired.")
MIN_QTY = "The number of contracts exceeds minimum limit allowed"
MAX_QTY = "The number of contracts exceeds maximum limit allowed"
FULL_MARKET_ONLY = "{} only support Market when tpSlMode is Full"
TPSL_PAIRS = (
    '"tpSize" and "takeProfit" or "slSize" and "stopLoss" need to input in pairs '
    "and must set at least one pair when tpslMode is Partial."
)
POSITION_IDX = "position idx not match position mode"
MISSING_ID = "OrderId or orderLinkId is required"


def refused(known: tuple[int, str]) -> Refused:
    """Make the exception of a known refusal."""
    return Refused(*known)
