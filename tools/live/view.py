"""One picture of a session for the screen, the page, the metrics and `--json`: built once, shown four ways.

The law: it says what is known and since when; what nobody knows is shown as unknown with its age, and a
stop counts only once the venue has confirmed it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from runtime.account.short import short_targets
from runtime.account.standing import stop_in_force
from runtime.formulas.sums import whole
from runtime.live.coverage import Coverage
from runtime.live.decider import Decider
from runtime.live.guard import at_stake
from runtime.live.states import halt_of, state_of
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Role
from tools.live.facts import SessionFacts
from tools.live.watch import Watch

_LIST = 12


@dataclass(frozen=True, slots=True)
class LayerView:
    """One entry order's part of the position: base units and quote."""

    ref: str
    quantity: float
    entry: float
    unrealized: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """`to_liquidation_pct`: how far mark is from the liquidation price, None where none can be reached.

    `target_missing`: base units whose target does not stand at the venue where the card wants it.
    """

    side: str
    quantity: float
    entry: float
    unrealized: float
    stop: float | None
    target: float | None
    target_missing: float
    liquidation: float | None
    to_liquidation_pct: float | None
    layers: tuple[LayerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """A working order. `doubt`: what is on its way or unknown, "" for nothing."""

    id: str
    ref: str
    role: str
    side: str
    type: str
    quantity: float
    filled: float
    price: float | None
    trigger: float | None
    age_bars: int
    is_confirmed: bool
    doubt: str


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit and how much of it is used, same unit; `used` None where that has no meaning."""

    name: str
    limit: float
    used: float | None


@dataclass(frozen=True, slots=True)
class PromiseView:
    """What became of a promise of the card so far: how often it was broken, at how many closes."""

    text: str
    line: int
    times: int
    closes: int
    unknown: int


@dataclass(frozen=True, slots=True)
class FillRow:
    ts: int
    order: str
    ref: str
    side: str
    quantity: float
    price: float
    fee: float


@dataclass(frozen=True, slots=True)
class RefusedRow:
    ts: int
    what: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    ts: int
    kind: str
    loudness: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Stops at the venue: lots without one, since when, and how long it took so far (ms)."""

    open_lots: int
    since: int | None
    median_ms: int | None
    worst_ms: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a person may want to know; times ms UTC, money in USDT, quantities in base units."""

    card: str
    symbol: str
    timeframe: str
    venue: str
    run: str
    state: str
    why: str
    do: str  # about a halt
    now: int
    started: int
    last_bar: int | None
    bar_age_ms: int | None
    close: float | None
    equity: float
    start_equity: float
    realized: float
    unrealized: float
    fees: float
    coin_fees: dict[str, float]  # paid in other coins, by coin
    funding: float
    today: float | None
    position: PositionView | None
    orders: tuple[OrderRow, ...]
    stops: tuple[OrderRow, ...]
    cover: Cover
    limits: tuple[LimitRow, ...]
    promises: tuple[PromiseView, ...]
    links: tuple[tuple[str, str], ...]
    reconciled_ago_ms: int | None
    unknown: tuple[tuple[str, int], ...]
    decision: str
    outcomes: tuple[str, ...]
    fills: tuple[FillRow, ...]
    refused: tuple[RefusedRow, ...]
    notices: tuple[NoticeRow, ...]
    figures: dict[str, float]
    goes_on: bool  # figures and refusals count since this start, the session has lived before
    refused_by_code: dict[str, int]
    curve: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the desk does not know of itself."""

    facts: SessionFacts
    now: int
    notices: tuple[NoticeRow, ...] = ()
    reconciled_ago_ms: int | None = None
    differs: int = 0  # lots that the venue holds more than the ledger, and nothing explains
    flying_ms: tuple[tuple[str, int], ...] = ()
    sought: tuple[str, ...] = ()  # orders of which the venue is asked what became of them
    came_back: tuple[str, ...] = ()  # those of them that were given up and work at the venue
    has_account: bool = True


def view_of(watch: Watch, around: Around) -> View:
    """Return the picture of a session as it is now."""
    desk, facts, ledger = watch.desk, around.facts, watch.ledger
    account, figures = ledger.account, watch.figures
    state, why = state_of(desk.guard, around.now)
    halt = halt_of(desk.guard.halted) if desk.guard.halted else None
    close = None if math.isnan(ledger.close) else ledger.close
    day = desk.guard.day
    rows = [_order(order, ledger.instrument.base) for order in ledger.book]
    fired = _decision(watch)
    return View(
        card=watch.program.graph.card, symbol=facts.symbol,
        timeframe=watch.program.graph.timeframe, venue=facts.venue, run=facts.run, state=state.value,
        why=why, do="" if halt is None else halt.do, now=around.now, started=facts.since,
        last_bar=ledger.ts or None, bar_age_ms=around.now - ledger.ts if ledger.ts else None,
        close=close, equity=account.balance if close is None else ledger.equity,
        start_equity=account.starting_equity, realized=account.realized,
        unrealized=0.0 if close is None else ledger.unrealized,
        fees=account.fees, coin_fees=dict(desk.guard.coin_fees), funding=account.funding,
        today=None if day.number < 0 or close is None else ledger.equity - day.equity,
        position=position_of(desk), cover=_cover(desk),
        orders=tuple(row for row in rows if row.role not in _PROTECTIVE),
        stops=tuple(row for row in rows if row.role in _PROTECTIVE),
        limits=_limits(desk, around.now), promises=_promises(watch), links=_links(watch, around.has_account),
        reconciled_ago_ms=around.reconciled_ago_ms, unknown=around.flying_ms,
        decision=fired[0], outcomes=fired[1], fills=_fills(watch),
        refused=tuple(
            RefusedRow(r.ts, r.what, r.code, r.text) for r in list(watch.refused)[-_LIST:][::-1]
        ),
        notices=around.notices[-_LIST:][::-1],
        figures={
            "bars": figures.bars, "decisions": figures.decisions, "placed": figures.placed,
            "fills": figures.fills, "entries": figures.entries, "scale_ins": figures.scale_ins,
            "partial_exits": figures.partial_exits, "closed": figures.closed,
            "cancelled": figures.cancelled, "expired": figures.expired,
        },
        goes_on=watch.goes_on, refused_by_code=dict(figures.refused),
        curve=tuple((p.ts, p.close, p.equity) for p in watch.curve),
    )  # fmt: skip


def _links(watch: Watch, has_account: bool) -> tuple[tuple[str, str], ...]:
    return tuple((n, why) for n, why in watch.links.items() if has_account or n != "private")


_PROTECTIVE = frozenset(role.value for role in PROTECTIVE)


def _order(order: Order, base: Callable[[int], float]) -> OrderRow:
    spec, doubts = order.spec, ", ".join(sorted(order.doubts))
    flying = ", ".join(sorted(order.in_flight))
    doubt = f"unknown: {doubts}" if doubts else f"{flying} on its way" if flying else ""
    return OrderRow(
        id=order.order_id, ref=spec.order_ref or "", role=spec.role.value, side=spec.side.value,
        type=spec.order_type.value, quantity=base(order.quantity), filled=base(order.filled),
        price=order.limit_price, trigger=order.trigger_price, age_bars=order.bars_pending,
        is_confirmed=order.is_accepted and not order.uncertain, doubt=doubt,
    )  # fmt: skip


def position_of(desk: Decider) -> PositionView | None:
    """Return what is held, None where nothing is."""
    ledger = desk.ledger
    position = ledger.position
    if position is None:
        return None
    base, danger = ledger.instrument.base, ledger.liquidation_mark
    mark = ledger.mark if not math.isnan(ledger.mark) else ledger.close
    away = None if danger is None or math.isnan(mark) else abs(mark - danger) / mark * 100
    price = position.avg_entry_price if math.isnan(ledger.close) else ledger.close
    layers = tuple(
        LayerView(
            layer.order_ref or layer.order_id, base(layer.quantity), layer.entry_price,
            (price - layer.entry_price) * position.side.sign * base(layer.quantity),
        )
        for layer in position.layers
    )  # fmt: skip
    return PositionView(
        side="long" if position.side.sign > 0 else "short", quantity=base(position.quantity),
        entry=position.avg_entry_price, unrealized=position.unrealized(price),
        stop=_level(desk, Role.STOP_LOSS), target=_level(desk, Role.TAKE_PROFIT),
        target_missing=base(whole(short.lots for short in short_targets(ledger).values())),
        liquidation=danger, to_liquidation_pct=away, layers=layers,
    )  # fmt: skip


def _level(desk: Decider, role: Role) -> float | None:
    """Return the nearest working stop or target, else what the position wishes for."""
    ledger = desk.ledger
    orders = [order for order in ledger.book if order.spec.role is role]
    prices = [p for p in (o.trigger_price or o.limit_price for o in orders) if p is not None]
    if not prices:
        return stop_in_force(ledger) if role is Role.STOP_LOSS else ledger.target_price()
    return min(prices, key=lambda price: abs(price - ledger.close))


def _cover(desk: Decider) -> Cover:
    coverage: Coverage = desk.coverage
    took = sorted(coverage.took_ms)
    return Cover(
        open_lots=coverage.open_lots(desk.ledger), since=coverage.since,
        median_ms=took[len(took) // 2] if took else None, worst_ms=took[-1] if took else None,
        count=len(took),
    )  # fmt: skip


def _limits(desk: Decider, now: int) -> tuple[LimitRow, ...]:
    """Return the limits that are set, with what is used of each."""
    guard, ledger = desk.guard, desk.ledger
    equity = ledger.equity
    known = not math.isnan(equity)
    used: dict[str, float | None] = {
        "max_notional_usdt": at_stake(ledger),
        "max_open_orders": float(len(ledger.book)),
        "max_daily_loss_usdt": max(0.0, guard.day.equity - equity) if known else None,
        "max_drawdown_pct": 100 * (guard.peak - equity) / guard.peak
        if known and guard.peak > 0
        else None,
        "price_band_pct": None,
        "max_orders_per_minute": float(sum(1 for at in guard.placed if at > now - 60_000)),
        "max_cost_per_day_usdt": guard.day.fees,
    }
    return tuple(
        LimitRow(name, limit, value)
        for name, value in used.items()
        if (limit := getattr(guard.limits, name)) is not None
    )


def _promises(watch: Watch) -> tuple[PromiseView, ...]:
    promised, source = watch.desk.promised, watch.source
    return tuple(
        PromiseView(
            row.text,
            promised.line(row.number, lambda at: source.location(at).line),
            row.times,
            row.closes,
            row.unknown,
        )
        for row in promised.rows
    )


def _decision(watch: Watch) -> tuple[str, tuple[str, ...]]:
    seen = watch.explanation
    if seen is None:
        return "nothing was decided yet", ()
    fired = [
        f"`{block.id}` {'else' if block.fired < 0 else f'case {block.fired}'}"
        for block in seen.blocks
        if block.fired is not None
    ]
    told = [
        f"{one.action}: refused, {one.text}"
        if one.refusal
        else f"{one.action}: {', '.join(one.done)}"
        for one in seen.intents
    ]
    return ", ".join(fired) or "no case was true", tuple(told)


def _fills(watch: Watch) -> tuple[FillRow, ...]:
    found = []
    for filled in list(watch.fills)[-_LIST:][::-1]:
        event, spec = filled.event, filled.spec
        found.append(
            FillRow(
                event.ts, event.order_id, spec.order_ref or spec.role.value, spec.side.value,
                watch.ledger.instrument.base(event.quantity), event.price, event.fee,
            )
        )  # fmt: skip
    return tuple(found)
