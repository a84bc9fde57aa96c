"""What one run leaves behind, in memory: plain rows that reports, metrics and files are made of."""

from __future__ import annotations

from array import array
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True, kw_only=True)
class OrderRow:
    """Final state of one order (protective ones too)."""

    order_id: str
    order_ref: str | None
    order_group: str | None
    role: str
    side: str
    effect: str
    order_type: str
    status: str  # pending partial filled expired cancelled rejected
    reason: str
    quantity: float  # base units
    filled: float
    limit_price: float | None
    trigger_price: float | None
    avg_fill_price: float | None
    decision_price: float | None
    time_in_force: str
    ttl_bars: int | None
    created_bar: int
    created_ts: int
    first_fill_bar: int | None
    last_fill_bar: int | None
    end_bar: int | None
    end_ts: int | None
    parent_id: str | None
    block: str
    case: int
    line: int  # card line of the action; 0 if not the card's own


@dataclass(slots=True, kw_only=True)
class FillRow:
    execution_id: str
    order_id: str
    order_ref: str | None
    role: str
    side: str
    bar: int
    ts: int
    path: float
    quantity: float
    price: float
    notional: float
    fee: float
    is_maker: bool
    slippage: float
    reason: str
    closed_lots: int  # of the position that was there; what exceeds them opened
    realized: float  # by the average entry, before fees
    position_after: float  # signed base units


@dataclass(slots=True, kw_only=True)
class LayerRow:
    """One entry layer over its life."""

    layer_id: str
    trade_id: int
    order_id: str
    order_ref: str | None
    side: str
    quantity: float  # entered
    entry_price: float
    entry_bar: int
    entry_ts: int
    exit_bar: int | None
    exit_ts: int | None
    exit_price: float | None  # quantity-weighted; None while open
    pnl_layer: float  # before fees, by the layer's own entry: attribution
    pnl_account: float  # before fees, by the position's average: what the account realized


@dataclass(slots=True, kw_only=True)
class TradeRow:
    """A round trip: from flat to flat. `is_open` rows are valued at the last close."""

    trade_id: int
    side: str
    entry_bar: int
    entry_ts: int
    exit_bar: int | None
    exit_ts: int | None
    entry_price: float  # quantity-weighted over all entries
    exit_price: float | None
    quantity: float  # total entered, base units
    max_quantity: float
    layers: int
    partial_exits: int
    gross_pnl: float
    fees: float
    funding: float
    net_pnl: float
    return_pct: float  # net of entry notional
    # Worst and best excursion on the path held, at every moment from the average entry as it stood then: of a
    # resized trade not from `entry_price`.
    mae_pct: float  # <= 0
    mfe_pct: float  # >= 0
    bars_held: int
    exit_reason: str
    is_open: bool
    at_end: bool  # closed only because the data ended (`close_at_end`)
    # Loss at the first stop, had the whole order been filled; None without a stop.
    initial_risk_usdt: float | None


@dataclass(slots=True, kw_only=True)
class RefusalRow:
    """An intent that did not become an order, and why."""

    bar: int
    ts: int
    code: str
    text: str
    action: str
    order_ref: str | None
    block: str
    case: int
    line: int


@dataclass(slots=True, kw_only=True)
class RemarkRow:
    """Something the run did to a wish of the card without refusing it. `kind` is a word of `Remark`."""

    bar: int
    ts: int
    kind: str
    text: str
    order_id: str | None
    order_ref: str | None
    line: int  # card line of the action; 0 if there is none
    lost_pct: float | None = None  # of a size made smaller: the share of it that was left out


@dataclass(slots=True, kw_only=True)
class BreachRow:
    """A promise that was kept before and is broken at a close, and how."""

    bar: int
    ts: int
    text: str


@dataclass(slots=True, kw_only=True)
class PromiseRow:
    """What became of one promise of the card."""

    number: int  # its place in the card's list
    name: str  # a word of `Promise`
    text: str
    line: int  # card line; 0 if unknown
    times: int = 0  # that it was broken: by an entry, or at a close after one at which it was not
    closes: int = 0  # at which it was broken
    unknown: int = 0  # closes at which a condition was neither true nor false
    first: list[BreachRow] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class CaseRow:
    """A case of the card and at how many closes it was the one that acted in its block."""

    block: str
    case: int
    line: int  # card line of its condition; 0 if unknown
    fired: int


@dataclass(slots=True, kw_only=True)
class Ambiguity:
    """Same-bar decisions that the path rule settled."""

    count: int = 0
    pnl_if_flipped: float | None = None  # net PnL of the run with all of them flipped
    bars: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Matching:
    """What the simulated market did that bars alone cannot vouch for."""

    fill_before_cancel: int = 0  # fills on a jump of orders whose cancel was on its way
    denied_by_model: int = 0  # turns at which a bar opened beyond a limit and lots of it stayed
    remainder_improvement_usdt: float = 0.0  # gained by limits that the market had left behind
    market_above_volume: int = 0  # market executions larger than their bar's volume
    most_of_a_bars_volume: float | None = None  # the largest of them, in volumes of its bar
    bars_without_volume: int = 0
    bounded_by_bankruptcy: int = 0  # executions that only close and would have paid beyond it
    borne_by_the_fund_usdt: float = 0.0  # what they did not pay: the venue's fund did


def _doubles() -> MutableSequence[float]:
    return array("d")


def _ints() -> MutableSequence[int]:
    return array("q")


@dataclass(slots=True, kw_only=True)
class EquityColumns:
    """One value per exec bar, at its close. COST: arrays, eight bytes a value."""

    ts: MutableSequence[int] = field(default_factory=_ints)  # close time, ms
    equity: MutableSequence[float] = field(default_factory=_doubles)
    balance: MutableSequence[float] = field(default_factory=_doubles)
    unrealized: MutableSequence[float] = field(default_factory=_doubles)
    position: MutableSequence[float] = field(default_factory=_doubles)  # signed base units
    used_margin: MutableSequence[float] = field(default_factory=_doubles)
    working_orders: MutableSequence[int] = field(default_factory=_ints)


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """Everything a report needs; built by `runtime/records/recorder.py` from events alone."""

    orders: list[OrderRow] = field(default_factory=list)
    fills: list[FillRow] = field(default_factory=list)
    layers: list[LayerRow] = field(default_factory=list)
    trades: list[TradeRow] = field(default_factory=list)
    refusals: list[RefusalRow] = field(default_factory=list)
    remarks: list[RemarkRow] = field(default_factory=list)
    promises: list[PromiseRow] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    equity: EquityColumns = field(default_factory=EquityColumns)
    ambiguity: Ambiguity = field(default_factory=Ambiguity)
    matching: Matching = field(default_factory=Matching)
    funding_paid: float = 0.0
    fees_paid: float = 0.0
    liquidations: int = 0
    warnings: list[str] = field(default_factory=list)
    magnify_fallback_bars: int = 0


def renumber(record: RunRecord, first: int) -> None:
    """Count the bars of a record from `first` on: earlier ones only warmed up what the card reads."""
    if not first:
        return
    rows: tuple[Sequence[Any], ...] = (
        record.orders,
        record.fills,
        record.layers,
        record.trades,
        record.refusals,
        record.remarks,
        *(promise.first for promise in record.promises),
    )
    for table in rows:
        for row in table:
            for field_ in fields(row):
                if field_.name == "bar" or field_.name.endswith("_bar"):
                    bar = getattr(row, field_.name)
                    if bar is not None:
                        setattr(row, field_.name, bar - first)
    record.ambiguity.bars = [bar - first for bar in record.ambiguity.bars]
