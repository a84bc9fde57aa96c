"""The venue's words: which exist, and what they mean to us.

A word that is not here is never guessed: `UnknownWord` names it, so that it is loud, not broken.
Source: bybit-exchange/docs, docs/v5/enum and docs/v5/order/create-order.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from runtime.errors import BackendError
from runtime.orders.order_spec import OrderType, Role, Side, TimeInForce

V = TypeVar("V")


class UnknownWord(BackendError):
    """The venue used a word of its vocabulary that this version does not know."""

    def __init__(self, field: str, word: str) -> None:
        super().__init__(f"the venue sent an unknown {field}: `{word}`")
        self.field = field
        self.word = word


class Status(StrEnum):
    """`orderStatus`, reduced to what happened to the order."""

    OPEN = "open"
    PARTIAL = "partial"
    UNTRIGGERED = "untriggered"
    TRIGGERED = "triggered"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


STATUSES: dict[str, Status] = {
    "Created": Status.OPEN,
    "New": Status.OPEN,
    "PendingCancel": Status.OPEN,
    "PartiallyFilled": Status.PARTIAL,
    "Untriggered": Status.UNTRIGGERED,
    "Triggered": Status.TRIGGERED,
    "Filled": Status.FILLED,
    # VENUE: docs/v5/enum — on derivatives a cancelled order may carry executed quantity.
    "Cancelled": Status.CANCELLED,
    "PartiallyFilledCanceled": Status.CANCELLED,
    "Deactivated": Status.CANCELLED,
    "Rejected": Status.REJECTED,
}
SIDES: dict[str, Side] = {"Buy": Side.BUY, "Sell": Side.SELL}
SIDE_WORDS: dict[Side, str] = {Side.BUY: "Buy", Side.SELL: "Sell"}
TIF_WORDS: dict[TimeInForce, str] = {
    TimeInForce.GTC: "GTC",
    TimeInForce.GTD: "GTC",  # the venue has no GTD: expiry is ours
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
}
TIME_IN_FORCE: dict[str, tuple[TimeInForce, bool]] = {
    "GTC": (TimeInForce.GTC, False),
    "IOC": (TimeInForce.IOC, False),
    "FOK": (TimeInForce.FOK, False),
    "PostOnly": (TimeInForce.GTC, True),
    "RPI": (TimeInForce.GTC, True),
}
# stopOrderType -> role of the order; plain stops belong to whoever placed them.
STOP_ORDER_TYPES: dict[str, Role | None] = {
    "": None,
    "UNKNOWN": None,
    "Stop": None,
    "TakeProfit": Role.TAKE_PROFIT,
    "PartialTakeProfit": Role.TAKE_PROFIT,
    "StopLoss": Role.STOP_LOSS,
    "PartialStopLoss": Role.STOP_LOSS,
    "TrailingStop": Role.STOP_LOSS,
    "tpslOrder": None,
    "OcoOrder": None,
    "MmRateClose": Role.LIQUIDATION,
    "BidirectionalTpslOrder": None,
}
CREATE_TYPES: dict[str, Role | None] = {
    "CreateByLiq": Role.LIQUIDATION,
    "CreateByTakeOver_PassThrough": Role.LIQUIDATION,
}
DELEVERAGING = "CreateByAdl_PassThrough"  # `createType` of what makes up for the loss of others: no liquidation of ours


class ExecutionKind(StrEnum):
    """`execType`: what kind of booking an execution row is."""

    TRADE = "trade"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    DELEVERAGED = "adl"
    SETTLEMENT = "settlement"
    TRANSFER = "transfer"


EXECUTION_KINDS: dict[str, ExecutionKind] = {
    "Trade": ExecutionKind.TRADE,
    "AdlTrade": ExecutionKind.DELEVERAGED,
    "BustTrade": ExecutionKind.LIQUIDATION,
    "Funding": ExecutionKind.FUNDING,
    "Delivery": ExecutionKind.SETTLEMENT,
    "Settle": ExecutionKind.SETTLEMENT,
    "BlockTrade": ExecutionKind.TRADE,
    "MovePosition": ExecutionKind.TRANSFER,
    "FutureSpread": ExecutionKind.TRADE,
    "CorporateAction": ExecutionKind.TRANSFER,
}
# cancelType / rejectReason -> our reason of a cancellation.
CANCEL_REASONS: dict[str, str] = {
    "CancelByUser": "user",
    "CancelByReduceOnly": "reduce_only",
    "CancelByTpSlTsClear": "position_closed",
    "CancelByOCOTpCanceledBySlTriggered": "oco",
    "CancelByOCOSlCanceledByTpTriggered": "oco",
    "CancelByPrepareLiq": "liquidation",
    "CancelAllBeforeLiq": "liquidation",
    "CancelByPrepareAdl": "liquidation",
    "CancelAllBeforeAdl": "liquidation",
    "CancelByAdmin": "venue",
    "CancelBySettle": "venue",
    "CancelBySmp": "self_match",
    "CancelByDCP": "disconnect",
    "CancelByRebalance": "venue",
}
# retCode of an answer that refuses -> our word for why. Others are told as numbers.
REFUSALS: dict[int, str] = {
    110001: "unknown_ref",  # or too late: it proves neither a cancellation nor a fill
    110008: "unknown_ref",
    110010: "unknown_ref",
    110064: "not_amendable",
    110059: "not_amendable",
    110007: "no_margin",
    110004: "no_margin",
    110005: "no_margin",
    110006: "no_margin",
    110011: "no_margin",
    110012: "no_margin",
    110040: "no_margin",
    110044: "no_margin",
    110045: "no_margin",
    110017: "nothing_to_reduce",
    110023: "reduce_only_now",
    110042: "reduce_only_now",
    110066: "reduce_only_now",
    110074: "reduce_only_now",
    110094: "below_min_notional",
    110003: "price_out_of_range",
    110120: "price_out_of_range",
    110121: "price_out_of_range",
    30208: "price_out_of_range",
    30209: "price_out_of_range",
    110092: "price_is_beyond",
    110093: "price_is_beyond",
    110118: "no_liquidity",
    110009: "too_many_orders",
    110020: "too_many_orders",
    110061: "too_many_orders",
    110021: "open_interest_limit",
    110022: "open_interest_limit",
    110085: "position_limit",
    110086: "position_limit",
    110088: "position_limit",
    110089: "position_limit",
    110090: "position_limit",
    110115: "invalid_request",
    110117: "invalid_request",
    10001: "invalid_request",
}


ISOLATED = "ISOLATED_MARGIN"  # VENUE: docs/v5/enum#marginmode: what every card is worked out for


class Sort(StrEnum):
    """What a code says about the fate of a request; `outcomes` turns it into a verdict."""

    REFUSED = "refused"  # not carried out, and we have a word for why
    ALREADY = "already"  # it was so before
    UNKNOWN = "unknown"  # carried out or not
    EXISTS = "exists"  # the same request was taken before
    CLOCK = "clock"  # not carried out: our time stamp is off
    LIMIT = "limit"  # not carried out: too many requests
    GONE = "gone"  # the order is over, nobody says how
    KEYS = "keys"  # keys, permissions or the account are not good for it
    MARKET = "market"  # the market or the user may not trade now
    NUMBER = "number"  # a code without an entry


_SORTS: tuple[tuple[Sort, tuple[int, ...]], ...] = (
    (Sort.UNKNOWN, (10000, 10016, 170007, 429, 110079, 40004)),
    (Sort.EXISTS, (10014, 110072, 20006)),
    (Sort.CLOCK, (-1, 10002)),
    (Sort.LIMIT, (10006, 10018, 10019, 10429, 20003)),
    (Sort.GONE, (110001, 110008, 110010)),
    (
        Sort.KEYS,
        (10003, 10004, 10005, 10007, 10008, 10009, 10010, 10024, 10027, 10028, 33004, -2015),
    ),
    (
        Sort.MARKET,
        (
            10029,
            30228,
            110063,
            110095,
            110098,
            110099,
            110100,
            110101,
            110102,
            110103,
            110123,
            110124,
            110125,
            110132,
        ),
    ),
    (Sort.ALREADY, (34040, 110025, 110026, 110043)),
)
SORTS: dict[int, Sort] = {
    **dict.fromkeys(REFUSALS, Sort.REFUSED),
    **{code: sort for sort, codes in _SORTS for code in codes},
}
POST_ONLY_CROSSED = "EC_PostOnlyWillTakeLiquidity"
IOC_REASONS = frozenset({"EC_NoImmediateQtyToFill"})
FOK_REASONS = frozenset({"EC_CancelForNoFullFill", "EC_NoEnoughQtyToFill"})


def word(table: dict[str, V], field: str, text: str) -> V:
    """Return a word's meaning; UnknownWord when there is none."""
    try:
        return table[text]
    except KeyError:
        raise UnknownWord(field, text) from None


def order_type(wire_type: str, has_trigger: bool) -> OrderType:
    """Return our order type of `orderType` Market|Limit and whether a trigger price is set."""
    match wire_type, has_trigger:
        case "Market", False:
            return OrderType.MARKET
        case "Market", True:
            return OrderType.STOP_MARKET
        case "Limit", False:
            return OrderType.LIMIT
        case "Limit", True:
            return OrderType.STOP_LIMIT
        case _:
            raise UnknownWord("orderType", wire_type)
