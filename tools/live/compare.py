"""A session held against a back-test over its own bars: order by order, and why they part.

The law: a difference has a cause that was looked for in both runs; where the cause is an earlier difference
that is said, and where none is found that is said too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from runtime.account.turning import surplus
from runtime.backtest import market_stage, wire
from runtime.engine import Refusal
from runtime.errors import DataError
from runtime.market.checks import utc
from runtime.market.data import MarketData
from runtime.orders.events import Event, OrderSubmitted
from runtime.orders.order import Order
from runtime.orders.order_spec import OWN, TOO_FAR, OrderType, Role
from tools.live.fitted import Fitted, fitted, fitted_text
from tools.live.reading import Lived, market_of
from tools.running import compile_for

_CLOSE = ("reduce", "flatten", "stop")

Key = tuple[str, str, int, int]  # role, ref, bar that decided, which of those


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One order in both runs; None where a run has it not. `why`: "" where they are the same."""

    bar: int
    ts: int
    name: str
    session: str | None
    backtest: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Tested:
    """A back-test over a session's bars: its orders and what it refused."""

    orders: dict[str, Order]
    refusals: list[Refusal]
    equity: float
    funding: float


@dataclass(slots=True)
class Compared:
    """Both runs side by side. Slippage in basis points of the decision price, worse is positive."""

    bars: int
    decided: int
    pairs: list[Pair] = field(default_factory=list)
    equity: tuple[float, float] = (0.0, 0.0)
    slippage_bps: tuple[float | None, float | None] = (None, None)
    resting_filled: tuple[str, str] = ("", "")
    funding: tuple[float, float] = (0.0, 0.0)  # paid
    fitted: Fitted | None = None
    assumed: tuple[float, float] = (0.0, 0.0)  # by the card: participation, queue

    @property
    def same(self) -> int:
        """Return how many orders came to the same."""
        return sum(1 for pair in self.pairs if not pair.why)


def compare(lived: Lived) -> Compared:
    """Return a session beside a back-test over its bars; DataError where nothing was decided."""
    data = market_of(lived)
    if data.first >= len(data.exec):
        raise DataError("the session decided on no bar yet: there is nothing to compare")
    tested = _backtest(lived, data)
    held = sorted(
        {bar.start for bar in lived.bars if not bar.decides} & set(data.exec.ts[data.first :])
    )
    found = Compared(
        len(data.exec) - data.first,
        len(data.exec) - data.first - len(held),
        equity=(lived.desk.ledger.equity, tested.equity),
        funding=(lived.desk.ledger.account.funding, tested.funding),
    )
    mine, theirs = _keyed(lived.orders.values()), _keyed(tested.orders.values())
    judge = _Judge(lived, tested, data, frozenset(held))
    for key in sorted(mine.keys() | theirs.keys(), key=lambda k: (k[2], k)):
        found.pairs.append(judge.pair(key, mine.get(key), theirs.get(key)))
    found.slippage_bps = (_slippage(lived.orders.values()), _slippage(tested.orders.values()))
    found.resting_filled = (_resting(lived.orders.values()), _resting(tested.orders.values()))
    execution = lived.desk.ledger.settings.execution
    found.assumed = (execution.volume_participation_max, execution.assume_queue_position)
    found.fitted = fitted(lived, data)
    return found


def _backtest(lived: Lived, data: MarketData) -> Tested:
    facts = lived.facts
    program = compile_for(facts.source, facts.overrides, symbol=facts.symbol)
    engine, exchange = wire(program, data, facts.instrument, market_stage(program, data))
    orders: dict[str, Order] = {}

    def heard(event: Event) -> None:
        if isinstance(event, OrderSubmitted):
            orders[event.spec.order_id] = engine.ledger.orders[event.spec.order_id]

    engine.listeners.append(heard)
    for bar in range(data.first, len(data.exec)):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
    ledger = engine.ledger
    return Tested(orders, engine.refusals, ledger.equity, ledger.account.funding)


def _keyed(orders: Iterable[Order]) -> dict[Key, Order]:
    """Return the orders by what decided them; what protects counts once it has filled."""
    count: dict[tuple[str, str, int], int] = defaultdict(int)
    found: dict[Key, Order] = {}
    for order in orders:
        spec = order.spec
        if spec.role not in OWN and not order.filled:
            continue
        bar = spec.created_bar if spec.role in OWN else (order.first_fill_bar or 0)
        head = (spec.role.value, spec.order_ref or "", bar)
        found[*head, count[head]] = order
        count[head] += 1
    return found


class _Judge:
    """Finds why an order came to something else. The first difference is a cause, later ones may follow."""

    def __init__(
        self, lived: Lived, tested: Tested, data: MarketData, undecided: frozenset[int]
    ) -> None:
        self._lived = lived
        self._tested = tested
        self._data = data
        self._undecided = undecided
        self._parted: str | None = None  # the first order that differed

    def pair(self, key: Key, mine: Order | None, theirs: Order | None) -> Pair:
        role, ref, bar, _nth = key
        why = self._why(key, mine, theirs)
        name = f"`{ref}` {role}" if ref else role
        ts = self._data.exec.close_time(min(bar, len(self._data.exec) - 1))
        if why and self._parted is None:
            self._parted = f"{name} of bar {bar}"
        told = [None if order is None else self._told(order) for order in (mine, theirs)]
        return Pair(bar=bar, ts=ts, name=name, session=told[0], backtest=told[1], why=why)

    def _told(self, order: Order) -> str:
        base = self._lived.facts.instrument.base
        words = [order.spec.side.value, f"{base(order.quantity):.10g}", order.state]
        if order.filled:
            words.append(f"{base(order.filled):.10g} at {order.avg_fill_price:.10g}")
        if order.reason:
            words.append(f"({order.reason})")
        return " ".join(words)

    def _why(self, key: Key, mine: Order | None, theirs: Order | None) -> str:
        if mine is None:
            return self._only_backtest(key)
        too_many = surplus(mine, self._lived.desk.ledger)
        if too_many:
            base = self._lived.facts.instrument.base(too_many)
            return f"its turn was beside another close: it opened {base:.10g} too much, given back at market"
        if theirs is None:
            return self._said(mine) or self._only_session(key)
        if mine.state == "rejected" and theirs.state != "rejected":
            return f"refused in the session: {mine.reason}"
        if mine.quantity != theirs.quantity and mine.filled != theirs.filled:
            return self._follows() or "another size: the equity it was sized by differs"
        if mine.filled != theirs.filled:
            return self._filled(mine, theirs)
        return self._priced(mine, theirs)

    def _only_backtest(self, key: Key) -> str:
        bar = key[2]
        if self._data.exec.ts[bar] in self._undecided:
            return "data: the bar came too late to decide on it"
        refused = [r for r in self._lived.desk.engine.refusals if r.bar == bar]
        if refused:
            return f"refused in the session: {refused[0].code}, {refused[0].text}"
        return self._follows() or "only in the back-test; no cause was found"

    def _only_session(self, key: Key) -> str:
        refused = [r for r in self._tested.refusals if r.bar == key[2]]
        if refused:
            return f"refused in the back-test: {refused[0].code}, {refused[0].text}"
        return self._follows() or "only in the session; no cause was found"

    def _said(self, mine: Order) -> str:
        """Return whose word an order of the session was, "" where it was the card's."""
        if mine.spec.reason == TOO_FAR:
            return "what a turn of the session opened beyond its own size goes back; no back-test opens it"
        if mine.spec.role is not Role.CLOSE_AT_END:
            return ""
        before = [w for w in self._lived.words if w.ts <= mine.spec.created_at and w.word in _CLOSE]
        if not before:
            return ""
        word = before[-1]
        share = f" {word.value:g} %" if word.value else ""
        return f"said by a person: {word.word}{share} by {word.by}, {utc(word.ts)}"

    def _filled(self, mine: Order, theirs: Order) -> str:
        if mine.spec.order_type is OrderType.LIMIT:
            who = "session" if mine.filled > theirs.filled else "back-test"
            model = self._lived.desk.ledger.settings.execution.fill_model.value
            return f"fill model: the {who} filled more of it (the back-test's is `{model}`)"
        return (
            self._follows()
            or f"another end: {mine.reason or mine.state} here, {theirs.reason or theirs.state} there"
        )

    def _priced(self, mine: Order, theirs: Order) -> str:
        if not mine.filled:
            return (
                "" if mine.state == theirs.state else f"another end: {mine.state}, {theirs.state}"
            )
        one, two = mine.avg_fill_price or 0.0, theirs.avg_fill_price or 0.0
        if one == two:
            same = mine.first_fill_bar == theirs.first_fill_bar
            return (
                ""
                if same
                else f"filled on bar {mine.first_fill_bar}, there on {theirs.first_fill_bar}"
            )
        tick = self._lived.facts.instrument.tick
        ticks = (one - two) / tick * mine.side.sign
        bps = self._lived.desk.ledger.settings.account.slippage_bps
        if abs(-ticks - two * bps / 10_000 / tick) <= 1.0 + bps / 100:
            return f"the back-test's slippage of {bps:g} bps, which the session did not pay"
        kind = "worse" if ticks > 0 else "better"
        return f"{abs(ticks):.0f} ticks {kind} than the back-test, which counts {bps:g} bps of slippage"

    def _follows(self) -> str:
        return f"follows from {self._parted}" if self._parted else ""


def _slippage(orders: Iterable[Order]) -> float | None:
    """Return the mean cost of market orders against the price that decided them, basis points."""
    found = [
        (order.avg_fill_price / order.spec.decision_price - 1) * order.side.sign * 10_000
        for order in orders
        if order.spec.order_type is OrderType.MARKET and order.avg_fill_price is not None
        if order.spec.decision_price and order.spec.role in OWN
    ]
    return sum(found) / len(found) if found else None


def _resting(orders: Iterable[Order]) -> str:
    """Return how many of the resting orders filled: what is left of the queue question."""
    rest = [o for o in orders if o.spec.order_type is OrderType.LIMIT and o.spec.role in OWN]
    return f"{sum(1 for order in rest if order.filled)} of {len(rest)}"


def compare_text(found: Compared, *, every: bool = False) -> str:
    """Return both runs side by side, the orders that differ, and what was measured."""
    lines = [
        f"{found.bars} bars, {found.decided} decided on in the session",
        f"orders: {len(found.pairs)}, the same in both: {found.same}",
        f"equity: session {found.equity[0]:,.2f}, back-test {found.equity[1]:,.2f} USDT",
        f"resting orders filled: session {found.resting_filled[0]}, back-test "
        f"{found.resting_filled[1]}",
    ]
    told = ["none" if bps is None else f"{bps:+.2f} bps" for bps in found.slippage_bps]
    lines.append(f"cost of market orders: session {told[0]}, back-test {told[1]}")
    if any(found.funding):
        paid, tested = found.funding
        lines.append(f"funding: session {-paid:+,.2f}, back-test {-tested:+,.2f} USDT")
    if found.fitted is not None:
        lines += fitted_text(found.fitted, found.assumed)
    for pair in found.pairs:
        if pair.why or every:
            lines += [
                "",
                f"bar {pair.bar} {pair.name}: {pair.why or 'the same'}",
                f"  session    {pair.session or 'has it not'}",
                f"  back-test  {pair.backtest or 'has it not'}",
            ]
    return "\n".join(lines) + "\n"
