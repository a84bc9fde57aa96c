"""An order and an execution as the venue keeps them.

Law: a closed order never opens again; `filled` is the sum of its executions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tools.fakebybit.numbers import ZERO


class Side(StrEnum):
    BUY = "Buy"
    SELL = "Sell"

    @property
    def other(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1


class Kind(StrEnum):
    MARKET = "Market"
    LIMIT = "Limit"


class Force(StrEnum):
    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    POST_ONLY = "PostOnly"


class Status(StrEnum):
    """`CREATED` is acknowledged but not yet judged: no list shows it."""

    CREATED = "Created"
    NEW = "New"
    PARTIAL = "PartiallyFilled"
    UNTRIGGERED = "Untriggered"
    TRIGGERED = "Triggered"
    FILLED = "Filled"
    CANCELLED = "Cancelled"
    REJECTED = "Rejected"
    DEACTIVATED = "Deactivated"


OPEN = frozenset({Status.NEW, Status.PARTIAL, Status.UNTRIGGERED, Status.TRIGGERED})
CLOSED = frozenset({Status.FILLED, Status.CANCELLED, Status.REJECTED, Status.DEACTIVATED})
RESTING = frozenset({Status.NEW, Status.PARTIAL})


class Mode(StrEnum):
    """Take-profit and stop-loss mode."""

    NONE = ""
    FULL = "Full"
    PARTIAL = "Partial"


class By(StrEnum):
    NONE = ""
    LAST = "LastPrice"
    MARK = "MarkPrice"
    INDEX = "IndexPrice"


class StopType(StrEnum):
    NONE = ""
    STOP = "Stop"
    TAKE_PROFIT = "TakeProfit"
    STOP_LOSS = "StopLoss"
    TRAILING = "TrailingStop"
    PARTIAL_TAKE_PROFIT = "PartialTakeProfit"
    PARTIAL_STOP_LOSS = "PartialStopLoss"


PROTECTIVE = frozenset(set(StopType) - {StopType.NONE, StopType.STOP})
TARGETS = frozenset({StopType.TAKE_PROFIT, StopType.PARTIAL_TAKE_PROFIT})
PARTIALS = frozenset({StopType.PARTIAL_TAKE_PROFIT, StopType.PARTIAL_STOP_LOSS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One protective price: where it triggers, by which price, and its limit price if it has one."""

    price: Decimal
    by: By = By.LAST
    limit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What an entry brings with it once it fills."""

    mode: Mode = Mode.NONE
    target: Leg | None = None
    stop: Leg | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """An order; prices in quote currency, quantities in base units, times in ms."""

    id: str
    link: str
    symbol: str
    side: Side
    kind: Kind
    force: Force
    qty: Decimal
    price: Decimal
    created: int
    updated: int
    last_on_created: Decimal = ZERO
    parent_link: str = ""
    reduce_only: bool = False
    close_on_trigger: bool = False
    trigger: Decimal = ZERO
    direction: int = 0
    by: By = By.NONE
    stop_type: StopType = StopType.NONE
    create_type: str = "CreateByUser"
    attached: Attached = field(default_factory=Attached)
    mode: Mode = Mode.NONE
    status: Status = Status.CREATED
    cancel_type: str = "UNKNOWN"
    reject_reason: str = "EC_NoError"
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fee: Decimal = ZERO
    fee_coin: str = "USDT"
    closed_pnl: Decimal = ZERO
    ahead: Decimal = ZERO
    rank: int = 0
    sibling: str = ""
    slippage: tuple[str, str] | None = None
    distance: Decimal = ZERO
    active_price: Decimal = ZERO
    peak: Decimal | None = None

    @property
    def leaves(self) -> Decimal:
        return self.qty - self.filled

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_resting(self) -> bool:
        return self.status in RESTING

    @property
    def is_child(self) -> bool:
        return self.stop_type in PROTECTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One row of the execution list; `fee` is positive when paid."""

    id: str
    seq: int
    symbol: str
    order_id: str
    order_link: str
    side: Side
    order_price: Decimal
    order_qty: Decimal
    leaves: Decimal
    kind: str
    create_type: str
    stop_type: str
    price: Decimal
    qty: Decimal
    fee: Decimal
    fee_rate: Decimal
    fee_coin: str
    exec_type: str
    is_maker: bool
    closed: Decimal
    pnl: Decimal
    mark: Decimal
    time: int

    @property
    def value(self) -> Decimal:
        return self.price * self.qty
