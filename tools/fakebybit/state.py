"""Everything one venue knows, and nothing it does.

Law: orders are indexed by id and by link id for ever; what changed since the last message is in
`changes`, in the order it changed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import UUID

from tools.fakebybit.candles import Candles
from tools.fakebybit.clock import Clock
from tools.fakebybit.faults import Fault, Faults, Switch
from tools.fakebybit.instrument import Instrument
from tools.fakebybit.market import Market
from tools.fakebybit.numbers import ZERO
from tools.fakebybit.orders import Execution, Order
from tools.fakebybit.position import Position
from tools.fakebybit.settings import Settings
from tools.fakebybit.wire import Row

Emit = Callable[[str, Row], None]


@dataclass(slots=True)
class Wallet:
    """Cash of the unified account; `others` are coins besides USDT."""

    balance: Decimal
    locked: Decimal = ZERO
    bonus: Decimal = ZERO
    realised: Decimal = ZERO
    others: dict[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """What the next messages must tell."""

    orders: list[Order] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    positions: list[str] = field(default_factory=list)
    wallet: bool = False


@dataclass(slots=True)
class Flags:
    """What a person or a fault can turn: account-wide modes and oddities."""

    margin_mode: str = "ISOLATED_MARGIN"
    position_mode: int = 0
    band_adjusts: bool = True
    dcp_window_s: int = 0
    fee_coin: str = "USDT"
    exec_type: str = "Trade"
    skew_ms: int = 0
    key_expired: bool = False
    maintenance: bool = False
    days_left: int = 88


class State:
    """The books of one venue and one account."""

    def __init__(self, settings: Settings, markets: Mapping[str, Market], faults: Faults) -> None:
        self.settings = settings
        self.faults = faults
        self.clock = Clock(settings.start_ms)
        self.random = Random(settings.seed)
        self.markets = dict(markets)
        self.positions: dict[str, Position] = {
            symbol: Position(symbol=symbol, leverage=Decimal(10), created=settings.start_ms)
            for symbol in markets
        }
        self.wallet = Wallet(settings.balance)
        self.flags = Flags(band_adjusts=settings.band_adjusts)
        self.orders: dict[str, Order] = {}
        self.by_link: dict[str, str] = {}
        self.active: dict[str, dict[str, Order]] = {symbol: {} for symbol in markets}
        self.closed: deque[str] = deque(maxlen=settings.closed_kept)
        self.versions: dict[str, deque[tuple[int, Order]]] = {}
        self.executions: list[Execution] = []
        self.ledger: list[Row] = []
        self.position_rows: dict[str, deque[tuple[int, Row]]] = {}
        self.candles = {symbol: Candles(settings.intervals) for symbol in markets}
        self.mark_candles = {symbol: Candles(settings.intervals) for symbol in markets}
        self.changes = Changes()
        self.emit: Emit = lambda _topic, _message: None
        self.effect_ms = settings.effect_ms
        self.as_of: int | None = None
        self.wall_ms = settings.start_ms
        self._seq = 8_935_822_000
        self._rank = 0

    @property
    def now(self) -> int:
        return self.clock.now

    def soon(self, act: Callable[[], None]) -> None:
        """Do `act` when the verdict on an acknowledged request is due."""
        self.clock.after(self.effect_ms, act)

    def fault(self, kind: Fault, on: str, link: str = "") -> Switch | None:
        """Ask whether a fault happens here."""
        return self.faults.hit(kind, self.now, on, link) if kind in self.faults.kinds else None

    def uuid(self) -> str:
        """Return a new id; the same seed gives the same ids."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def next_seq(self) -> int:
        self._seq += 1
        return self._seq

    def next_rank(self) -> int:
        self._rank += 1
        return self._rank

    def facts(self, symbol: str) -> Instrument:
        return self.markets[symbol].instrument

    def add(self, order: Order) -> None:
        """Take an order into the books."""
        order.rank = self.next_rank()
        self.orders[order.id] = order
        if order.link:
            self.by_link[order.link] = order.id
        self.active[order.symbol][order.id] = order

    def retire(self, order: Order) -> None:
        """Take a closed order out of the active ones."""
        self.active[order.symbol].pop(order.id, None)
        self.closed.append(order.id)

    def say(self, order: Order) -> None:
        """Note that this order's row goes out as it is at this moment."""
        order.updated = self.now
        seen = copy(order)
        self.changes.orders.append(seen)
        self.versions.setdefault(order.id, deque(maxlen=16)).append((self.now, seen))

    def open_orders(self, symbol: str) -> Iterable[Order]:
        """Return the active orders of a symbol that lists show, oldest first."""
        return [order for order in self.active[symbol].values() if order.is_open]

    def resting(self, symbol: str) -> list[Order]:
        return [order for order in self.active[symbol].values() if order.is_resting]

    def waiting(self, symbol: str) -> list[Order]:
        """Return the untriggered orders of a symbol, oldest first."""
        return [o for o in self.active[symbol].values() if o.status.value == "Untriggered"]
