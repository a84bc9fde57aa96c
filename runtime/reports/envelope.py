"""The envelope of a card: the run as the card says, and every fill model with two paths, as one range.

Bars cannot say what would have happened; the envelope says how far the answers of these runs lie apart, and
which orders decide it. It is no bound: a path is chosen bar by bar, by the equity at that bar's close,
and what ends one bar worse may end the whole run better.

The law: the run as the card says is always a member, so its figures never lie outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from compiler.catalog.settings import FillModel, Intrabar
from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import OWN, PROTECTIVE
from runtime.records.rows import OrderRow, RunRecord
from runtime.reports.metrics import metrics
from runtime.rules.data_fit import check_fit

PATHS = (Intrabar.ADVERSE, Intrabar.FAVOURABLE)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of an order was filled, as a share, and in which bars: first and last, if any."""

    share: float
    first_bar: int | None
    last_bar: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One run of the envelope; `is_cards`: with the settings of the card itself."""

    fill_model: FillModel
    intrabar: Intrabar
    values: dict[str, float | int | None]
    orders: dict[
        tuple[object, ...], Filled
    ]  # what became of each resting order, stops and targets too
    is_cards: bool = False
    broken: dict[str, int] = field(default_factory=dict)  # promises of the card, and how often


@dataclass(frozen=True, slots=True)
class Interval:
    """A metric over all runs; None where it is undefined in some run, which `undefined` counts."""

    low: float | None
    high: float | None
    undefined: int


@dataclass(frozen=True, slots=True)
class Decider:
    """An order that not every run filled alike: another share of it, or at another time."""

    bar: int
    ts: int
    side: str
    order_type: str
    price: float | None
    order_ref: str | None
    filled: tuple[float, ...]  # shares, one per run that placed it, in the order of `members`
    fill_bars: tuple[int | None, ...]  # the bar of the first fill in each of those runs
    end_bars: tuple[int | None, ...]  # and of the last one
    role: str  # entry, exit, stop_loss, take_profit

    @property
    def spread(self) -> float:
        return max(self.filled) - min(self.filled)


@dataclass(frozen=True, slots=True)
class Envelope:
    """`placed_apart`: orders that some runs did not place, for what had become of earlier ones."""

    members: tuple[Member, ...]
    intervals: dict[str, Interval]
    deciders: tuple[Decider, ...]
    placed_apart: int


def with_execution(program: Program, fill_model: FillModel, intrabar: Intrabar) -> Program:
    """Return the program under another fill model and path policy; its rules stay the same."""
    settings = program.graph.settings
    execution = replace(settings.execution, fill_model=fill_model, intrabar=intrabar)
    graph = replace(program.graph, settings=replace(settings, execution=execution))
    return replace(program, graph=graph)


def envelope(
    program: Program, data: MarketData, instrument: Instrument, progress: Progress | None = None
) -> Envelope:
    """Run a card as it says, and under every fill model with both paths chosen bar by bar."""
    members: list[Member] = []
    traded = data.traded()
    rows: dict[tuple[object, ...], OrderRow] = {}
    execution = program.graph.settings.execution
    own = (execution.fill_model, execution.intrabar)
    ways = dict.fromkeys([own, *((model, path) for model in FillModel for path in PATHS)])
    check_fit(program, data, instrument)
    market = market_stage(program, data)  # the same for every fill model and path
    start = program.graph.settings.account.starting_equity_usdt
    for model, path in ways:
        record = run_backtest(
            with_execution(program, model, path), data, instrument, flip=False, market=market
        )
        values, orders = metrics(record, traded.exec, start), _orders(record, rows)
        broken = {row.text: row.times for row in record.promises if row.times}
        members.append(
            Member(model, path, values, orders, is_cards=(model, path) == own, broken=broken)
        )
        if progress is not None:
            progress(len(members), len(ways))
    apart = sum(1 for key in rows if any(key not in m.orders for m in members))
    return Envelope(tuple(members), _intervals(members), _deciders(members, rows), apart)


def _orders(
    record: RunRecord, rows: dict[tuple[object, ...], OrderRow]
) -> dict[tuple[object, ...], Filled]:
    """Return what was filled of each resting order, by what asked for it.

    Prices are no part of that: an amended order is the same one. A stop or target is known by the order
    it protects; equal ones of a bar by their turn.
    """
    filled: dict[tuple[object, ...], Filled] = {}
    keys: dict[str, tuple[object, ...]] = {}
    seen: Counter[tuple[object, ...]] = Counter()
    for order in record.orders:
        if order.role not in OWN and order.role not in PROTECTIVE:
            continue
        key = (*_asked(order, keys), order.role, order.side)
        seen[key] += 1
        keys[order.order_id] = key = (*key, seen[key])
        if order.order_type == "market" and order.role in OWN:
            continue  # it does not rest
        share = order.filled / order.quantity if order.quantity else 0.0
        filled[key] = Filled(share, order.first_fill_bar, order.last_fill_bar)
        rows.setdefault(key, order)
    return filled


def _asked(order: OrderRow, keys: dict[str, tuple[object, ...]]) -> tuple[object, ...]:
    """Return what asked for an order: a case at a bar, or the order it protects."""
    if order.role in PROTECTIVE and order.parent_id in keys:
        return (keys[order.parent_id],)
    return order.created_bar, order.block, order.case, order.order_ref


def _intervals(members: list[Member]) -> dict[str, Interval]:
    intervals = {}
    for name in members[0].values:
        known = [float(v) for m in members if (v := m.values[name]) is not None]
        low, high = (min(known), max(known)) if known else (None, None)
        intervals[name] = Interval(low, high, len(members) - len(known))
    return intervals


def _deciders(
    members: list[Member], rows: dict[tuple[object, ...], OrderRow]
) -> tuple[Decider, ...]:
    """Return the orders that were filled in some runs and not, or less, or later, in others."""
    found = []
    for key, order in rows.items():
        fates = [m.orders[key] for m in members if key in m.orders]
        shares = tuple(fate.share for fate in fates)
        if len(fates) < 2 or (max(shares) - min(shares) <= 1e-9 and len(set(fates)) == 1):
            continue
        price = order.limit_price if order.limit_price is not None else order.trigger_price
        found.append(
            Decider(
                order.created_bar,
                order.created_ts,
                order.side,
                order.order_type,
                price,
                order.order_ref,
                shares,
                tuple(fate.first_bar for fate in fates),
                tuple(fate.last_bar for fate in fates),
                order.role,
            )
        )
    return tuple(sorted(found, key=lambda d: (-d.spread, d.bar)))
