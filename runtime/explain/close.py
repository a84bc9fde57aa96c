"""What a card saw and did at one close: every block, condition and operand, and what came of it.

The law: nothing is worked out a second way: values are the machine's, outcomes the engine's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from compiler.catalog.operations import JUNCTIONS, OF_TIMES
from compiler.catalog.types import Stage
from compiler.graph.describe import describe, of_times_before, read_by_times, value_text
from compiler.graph.names import with_names
from compiler.graph.program import Program
from compiler.graph.rule_graph import Node, Op, RuleGraph
from runtime.backtest import wire
from runtime.decide.blocks import ELSE
from runtime.decide.context import Cut
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.engine import Engine, Outcome
from runtime.errors import DataError
from runtime.explain.command_words import command_text, refused_text
from runtime.explain.why_unknown import why_unknown
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.orders.events import Event, OrderRejected, RequestRefused
from runtime.orders.order import Order
from runtime.rules.data_fit import check_fit
from runtime.rules.market_stage import MarketStage
from runtime.rules.node_values import NodeValues

MEMORIES = frozenset({Op.SINCE, Op.LATCH, Op.HIGH_SINCE, Op.LOW_SINCE, Op.COUNT_SINCE})
_ORDERED = frozenset({Op.GT, Op.GTE, Op.LT, Op.LTE})
_TOO_LONG = 100


@dataclass(frozen=True, slots=True)
class Operand:
    """One thing a condition reads. `value` NaN is unknown; `shown` is the value as people read it."""

    text: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition and its parts. `truth` is 1.0, 0.0 or NaN; `offset` its place in the card.

    `kind` is `and`, `or`, `not`, or `leaf`; only leaves have operands. `gap_pct` is how far apart the
    two sides of an order comparison are, in percent of the larger.
    """

    node: int
    kind: str
    text: str
    truth: float
    why_unknown: str
    offset: int
    gap_pct: float | None = None
    operands: tuple[Operand, ...] = ()
    parts: tuple[Condition, ...] = ()

    def leaves(self) -> Iterator[Condition]:
        if self.kind == "leaf":
            yield self
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True, slots=True)
class BlockView:
    """`fired` is the case that was true, `ELSE` (-1), or None where nothing is asked for."""

    id: str
    cases: tuple[Condition, ...]
    fired: int | None


@dataclass(frozen=True, slots=True)
class IntentView:
    """An intent and what became of it: orders and changes in words, or the refusal."""

    block: str
    case: int
    action: str
    offset: int
    done: tuple[str, ...]
    refusal: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """A working order at the close. Quantities in base units."""

    order_id: str
    order_ref: str | None
    role: str
    text: str
    quantity: float
    filled: float
    age_bars: int


@dataclass(frozen=True, slots=True)
class Explanation:
    bar: int
    ts: int
    close: float
    position: str
    equity: float
    blocks: tuple[BlockView, ...]
    intents: tuple[IntentView, ...]
    orders: tuple[OrderView, ...]
    late: tuple[
        str, ...
    ] = ()  # what was asked at earlier closes and came to nothing since the last one


def explain(program: Program, data: MarketData, instrument: Instrument, at_bar: int) -> Explanation:
    """Return what the card saw and did at the close of exec bar `at_bar`.

    The run starts at the first bar, so the account is what it would be. DataError for a bar outside.
    """
    check_fit(program, data, instrument)
    if not 0 <= at_bar < len(data.exec):
        raise DataError(f"bar {at_bar} is not among the {len(data.exec)} bars of the data")
    orders: tuple[OrderView, ...] = ()
    heard: list[RequestRefused | OrderRejected] = []
    for _bar, engine, values in closes(program, data, instrument, at_bar + 1, heard):
        orders = tuple(_order_view(order, instrument) for order in engine.ledger.book)
        engine_at, values_at = engine, values
    before = _seen(engine_at, values_at, instrument)
    engine_at.close_bar(at_bar, ticked=True)
    late = tuple(
        refused_text(event, engine_at.ledger.orders[event.order_id], instrument)
        for event in heard
        if event.bar == at_bar
    )
    return replace(before, intents=_intents(engine_at, instrument), orders=orders, late=late)


def explain_last(engine: Engine, values: NodeValues, instrument: Instrument) -> Explanation:
    """Return what an engine saw and did at its last close: position and orders as they are now."""
    return _seen(engine, values, instrument)


def _seen(engine: Engine, values: NodeValues, instrument: Instrument) -> Explanation:
    ledger = engine.ledger
    return Explanation(
        bar=ledger.bar,
        ts=ledger.ts,
        close=ledger.close,
        position=_position(engine, instrument),
        equity=ledger.equity,
        blocks=tuple(_blocks(engine.program, values)),
        intents=_intents(engine, instrument),
        orders=tuple(_order_view(order, instrument) for order in ledger.book),
    )


def closes(
    program: Program,
    data: MarketData,
    instrument: Instrument,
    stop: int,
    heard: list[RequestRefused | OrderRejected] | None = None,
) -> Iterator[tuple[int, Engine, NodeValues]]:
    """Yield every close below `stop`, ticked and not yet decided; it is decided on resumption.

    `heard` takes what the market refuses.
    """
    market = MarketStage(program, data)
    market.advance(stop)
    engine, exchange = wire(program, data, instrument, market)
    values = NodeValues(program, market, engine.machine)

    def hear(event: Event) -> None:
        if heard is not None and isinstance(event, RequestRefused | OrderRejected):
            heard.append(event)

    engine.listeners.append(hear)
    for bar in range(data.first, stop):
        exchange.step(bar)
        engine.observe(bar)
        yield bar, engine, values
        if bar + 1 < stop:
            exchange.submit(engine.close_bar(bar, ticked=True))


# ---------------------------------------------------------------- conditions


def shortened(text: str) -> str:
    """Return a text that fits a line; a long one is cut in the middle."""
    return text if len(text) <= _TOO_LONG else f"{text[: _TOO_LONG - 30]} … {text[-25:]}"


def condition(graph: RuleGraph, index: int, values: NodeValues) -> Condition:
    """Return a condition with its parts and operands as they are on the current bar.

    Calculations are called by the `names` of the graph, and what they are made of is left out.
    """
    node = graph.nodes[index]
    is_junction = node.op in JUNCTIONS
    parts = tuple(_parts(graph, index, values)) if is_junction else ()
    operands = () if is_junction else tuple(_operands(graph, index, values))
    return Condition(
        node=index,
        kind=node.op.value if is_junction else "leaf",
        text=shortened(describe(_written_out(graph, index), index)),
        truth=values.value(index),
        why_unknown=why_unknown(graph, index, values),
        offset=graph.origins[index].start if index < len(graph.origins) else -1,
        gap_pct=_gap(graph, index, values),
        operands=operands,
        parts=parts,
    )


def _written_out(graph: RuleGraph, index: int) -> RuleGraph:
    """Return the graph without the name of a node itself: its text says what it is."""
    if index not in graph.names:
        return graph
    return replace(graph, names={n: name for n, name in graph.names.items() if n != index})


def _parts(graph: RuleGraph, index: int, values: NodeValues) -> Iterator[Condition]:
    """Yield the parts of a junction; an `and` directly inside an `and` is the same list."""
    op = graph.nodes[index].op
    for arg in graph.nodes[index].args:
        if graph.nodes[arg].op is op and op is not Op.NOT:
            yield from _parts(graph, arg, values)
        else:
            yield condition(graph, arg, values)


def _gap(graph: RuleGraph, index: int, values: NodeValues) -> float | None:
    node = graph.nodes[index]
    if node.op not in _ORDERED:
        return None
    left, right = (values.value(arg) for arg in node.args)
    if not (math.isfinite(left) and math.isfinite(right)):
        return None  # unknown, or never: no distance
    scale = max(abs(left), abs(right))
    return abs(left - right) / scale * 100 if scale else 0.0


def _operands(graph: RuleGraph, index: int, values: NodeValues) -> Iterator[Operand]:
    """Yield what a leaf compares, and what that is made of, each once."""
    node = graph.nodes[index]
    if node.op is Op.PREV:
        yield from _earlier(graph, node, values)
        return
    for read in dict.fromkeys(_reads(graph, index)):
        value = values.value(read)
        shown = value_text(value, graph.nodes[read].value) + _since_when(graph, read, values)
        yield Operand(shortened(describe(graph, read)), value, shown)


def _earlier(graph: RuleGraph, node: Node, values: NodeValues) -> Iterator[Operand]:
    """Yield what a look back at a condition saw on its own bar; of the account the past is not kept."""
    (index,), bars = node.args, int(node.attr[0])
    if graph.nodes[index].stage > Stage.MARKET:
        return
    when = "1 bar ago" if bars == 1 else f"{bars} bars ago"
    for read in dict.fromkeys(_reads(graph, index)):
        value = values.earlier(read, bars)
        text = f"{shortened(describe(graph, read))} {when}"
        yield Operand(text, value, value_text(value, graph.nodes[read].value))


def _since_when(graph: RuleGraph, index: int, values: NodeValues) -> str:
    """Return when what a memory keeps was set; nothing for other values, and where none is kept."""
    node = graph.nodes[index]
    if node.op not in MEMORIES and node.op not in OF_TIMES:
        return ""
    if node.op is Op.LATCH and of_times_before(graph, node)[0]:
        return ""  # the last time is not the one whose value this is
    last = values.last_true(_read_by(graph, index)[0])
    if last is None:
        return ""
    bar, ts = last
    return f", set {datetime.fromtimestamp(ts / 1000, UTC):%Y-%m-%d %H:%M}, {values.bar - bar} bars ago"


def _read_by(graph: RuleGraph, index: int) -> tuple[int, ...]:
    """Return what a node is written of: how a number of the last times is kept is no part of the card."""
    node = graph.nodes[index]
    return read_by_times(graph, node) if node.op in OF_TIMES else node.args


def _reads(graph: RuleGraph, index: int) -> Iterator[int]:
    args = [arg for arg in _read_by(graph, index) if graph.nodes[arg].op is not Op.CONST]
    yield from args
    for arg in args:
        # What a look back reads now is not what it compares.
        if graph.nodes[arg].op is not Op.PREV and arg not in graph.names:
            yield from _reads(graph, arg)


def _blocks(program: Program, values: NodeValues) -> Iterator[BlockView]:
    graph = with_names(program.graph)
    for block in program.blocks:
        cases = tuple(condition(graph, case.when, values) for case in block.cases)
        true = (number for number, case in enumerate(cases) if case.truth == 1.0)
        yield BlockView(block.id, cases, next(true, ELSE if block.otherwise else None))


# ---------------------------------------------------------------- what came of it


def _position(engine: Engine, instrument: Instrument) -> str:
    position = engine.ledger.position
    if position is None:
        return "flat"
    side = "long" if position.side.sign > 0 else "short"
    size = instrument.base(position.quantity)
    return f"{side} {size:.10g} at {position.avg_entry_price:.10g}, {position.layer_count} layer(s)"


def _intents(engine: Engine, instrument: Instrument) -> tuple[IntentView, ...]:
    return tuple(
        _intent_view(intent, outcome, instrument, _smaller(engine, intent))
        for intent, outcome in engine.outcomes
    )


def _intent_view(
    intent: Intent, outcome: Outcome, instrument: Instrument, smaller: Sequence[Cut]
) -> IntentView:
    refused = outcome if isinstance(outcome, Refused) else None
    commands = [] if isinstance(outcome, Refused) else outcome
    done = [command_text(command, instrument) for command in commands]
    done += [f"smaller than asked: {cut.said(instrument)}" for cut in smaller]
    return IntentView(
        block=intent.origin.block,
        case=intent.origin.case,
        action=intent.kind,
        offset=intent.origin.offset,
        done=tuple(done),
        refusal=None if refused is None else refused.code,
        text="" if refused is None else refused.text,
    )


def _smaller(engine: Engine, intent: Intent) -> list[Cut]:
    made = engine.cuts
    return [one.cut for one in made if one.bar == engine.ledger.bar and one.intent is intent]


def _order_view(order: Order, instrument: Instrument) -> OrderView:
    spec = order.spec
    prices = [
        f"{name} {price:.10g}"
        for name, price in (("trigger", order.trigger_price), ("limit", order.limit_price))
        if price is not None
    ]
    return OrderView(
        order_id=spec.order_id,
        order_ref=spec.order_ref,
        role=spec.role.value,
        text=" ".join([spec.side.value, spec.order_type.value, *prices]),
        quantity=instrument.base(order.quantity),
        filled=instrument.base(order.filled),
        age_bars=order.bars_pending,
    )
