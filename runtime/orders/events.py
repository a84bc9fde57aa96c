"""Everything that can change state. Orders, layers and the account move only by applying these.

`bar` is the exec bar index during which the thing happened, `ts` ms UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from runtime.orders.commands import AmendOrder, CancelOrder
from runtime.orders.order_spec import Level, OrderSpec, TakeProfitType
from runtime.orders.trailing import Following


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSubmitted:
    """A new order exists locally (pending, request in flight)."""

    spec: OrderSpec
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAccepted:
    order_id: str
    exchange_order_id: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTriggered:
    """A stop became live at `price`."""

    order_id: str
    price: float
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilled:
    """One execution. `execution_id` makes it count once; `fee` in quote, positive = paid.

    What was paid in another coin is `coin_fee` of `fee_coin`, and no part of `fee`.
    `path` is the position along the bar's path where it happened (segment index + fraction; 0.0 is
    the open); `slippage` the price difference paid against the order's reference, quote per base.
    `gives`: which layers give how many of the lots that it closes, where that is not for the order to say.
    """

    order_id: str
    execution_id: str
    quantity: int
    price: float
    fee: float
    is_maker: bool
    bar: int
    ts: int
    path: float = 0.0
    slippage: float = 0.0
    reason: str = ""  # e.g. stop_loss take_profit sl_on_entry liquidation
    fee_coin: str = ""
    coin_fee: float = 0.0
    gives: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAmended:
    """New absolute values; None leaves a value as it is. `quantity` is the new total in lots.

    `opens` is what of it an entry is to open, where the rest closes an opposite position (None: as asked).
    `before_leaving`: no venue has said so, the order has still to leave and will as it is now.
    """

    order_id: str
    bar: int
    ts: int
    quantity: int | None = None
    opens: int | None = None
    limit_price: float | None = None
    trigger_price: float | None = None
    stop_loss: Level | None = None
    take_profit: Level | None = None
    before_leaving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRenewed:
    """The card counts the order's time to live from this close (None: no end), or ends its `rearm`."""

    order_id: str
    expires_bar: int | None
    restarts_age: bool
    bar: int
    ts: int
    ends_rearm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled:
    order_id: str
    reason: str
    bar: int
    ts: int


# The code with which a stop is refused that the market has passed already.
PASSED = "price_is_beyond"

# Reasons with which an order expires instead of being cancelled.
EXPIRIES = frozenset({"ttl", "ioc_remainder", "fok_unfillable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired:
    """reason: ttl | ioc_remainder | fok_unfillable."""

    order_id: str
    reason: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected:
    order_id: str
    code: str
    text: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent:
    """An amend or a cancel is on its way (of a submission says `OrderSubmitted`)."""

    asked: AmendOrder | CancelOrder
    bar: int
    ts: int

    @property
    def order_id(self) -> str:
        return self.asked.order_id

    @property
    def request(self) -> str:
        return "cancel" if isinstance(self.asked, CancelOrder) else "amend"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEnded:
    """A request is over although no other event of its order says so.

    outcome: done (it changed nothing that was to be told) | not_sent (it never left).
    """

    order_id: str
    request: str  # submit | amend | cancel
    outcome: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused:
    """An amend or cancel was refused; the order itself is unchanged."""

    order_id: str
    request: str  # amend | cancel
    code: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestUncertain:
    """A request timed out: nobody knows. No new risk until a query answers."""

    order_id: str
    request: str  # submit | amend | cancel
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectionChanged:
    """Stop, target or trail of the position (layer None) or of one layer was set, moved or removed."""

    stop_loss: Level | None
    take_profit: Level | None
    layer: str | None
    bar: int
    ts: int
    take_profit_type: TakeProfitType = TakeProfitType.MARKET
    trail: Following | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailMoved:
    """The market has been at `price`, which activates the trail of a scope or is its best price so far."""

    price: float
    layer: str | None
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid:
    """`amount` in quote, positive = paid by us. A venue tells it more than once under one id."""

    symbol: str
    rate: float
    mark: float
    amount: float
    bar: int
    ts: int
    execution_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceAdjusted:
    """Money came (positive) or went that nothing traded: a transfer, a bonus. It is no profit.

    A venue tells it more than once under one id.
    """

    amount: float
    why: str
    transfer_id: str
    bar: int
    ts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BarClosed:
    """The exec bar closed: mark to market and age the working orders.

    `high` and `low` are unknown (NaN) where only the close is told.
    """

    bar: int
    ts: int  # close time
    close: float
    mark: float  # close where there is no mark series
    high: float = math.nan
    low: float = math.nan


Event = (
    OrderSubmitted
    | OrderAccepted
    | OrderTriggered
    | OrderFilled
    | OrderAmended
    | OrderRenewed
    | OrderCancelled
    | OrderExpired
    | OrderRejected
    | RequestSent
    | RequestEnded
    | RequestRefused
    | RequestUncertain
    | ProtectionChanged
    | TrailMoved
    | FundingPaid
    | BalanceAdjusted
    | BarClosed
)
