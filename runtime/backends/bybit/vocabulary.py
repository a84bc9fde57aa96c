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
    "CreateByAdl_PassThrough": Role.LIQUIDATION,
}


class ExecutionKind(StrEnum):
    """`execType`: what kind of booking an execution row is."""

    TRADE = "trade"
    FUNDING = "funding"
    LIQUIDATION = "liquidation"
    SETTLEMENT = "settlement"
    TRANSFER = "transfer"


EXECUTION_KINDS: dict[str, ExecutionKind] = {
    "Trade": ExecutionKind.TRADE,
    "AdlTrade": ExecutionKind.LIQUIDATION,
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
    "CancelByReduceOnly": "position_closed",
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
    110007: "no_margin",
    110004: "no_margin",
    110006: "no_margin",
    110012: "no_margin",
    110044: "no_margin",
    110045: "no_margin",
    110017: "nothing_to_reduce",
    110094: "below_min_notional",
    110003: "price_out_of_range",
    110009: "too_many_orders",
    110020: "too_many_orders",
}
# Nobody knows whether the request was carried out.
FATE_UNKNOWN = frozenset({10000, 10016})
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
