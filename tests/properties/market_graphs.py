"""Random market-stage programs over random bars: every node is a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import BINARY_NUMBERS, COMPARISONS, UNARY_NUMBERS
from compiler.catalog.reference import defaults
from compiler.catalog.types import BOOL, NUMBER, ParamValue, Stage
from compiler.graph.builder import GraphBuilder
from compiler.graph.program import Program
from compiler.graph.rule_graph import FeatureNode, Op
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.timeframe import TIMEFRAMES
from runtime.rules.market_stage import MarketStage
from tests.compiler.graph_text import graph_of
from tests.compiler.random_graphs import so_far
from tests.runtime.kernels.bench import frames

_PAIRS = (*sorted(BINARY_NUMBERS), Op.DEFAULT)
_ALONE = sorted(UNARY_NUMBERS)
_COMPARE = sorted(COMPARISONS)
# The last is larger than any product of two prices can be: sums and products overflow.
_NUMBERS = (0.0, 1.0, -2.5, 100.0, 1e308)


def feature(
    type_: str, timeframe: str, depends: tuple[tuple[str, int], ...] = (), symbol: str = "X",
    **params: ParamValue,
) -> FeatureNode:  # fmt: skip
    entry = CATALOGUE[type_]
    full = dict(defaults(entry)) | params
    return FeatureNode(
        type_, entry.kind.value, type_, symbol, timeframe, entry.default_source,
        tuple((p.name, full[p.name]) for p in entry.params), depends,
        tuple(o.name for o in entry.outputs_for(full)), 1,
    )  # fmt: skip


FEATURES = (
    feature("sma", "1m", length=3),
    feature("sma", "3m", length=2),
    feature("swing", "3m", left=1, right=1),
    feature("swing", "1m", left=1, right=1),
    # Zones on the exec clock from a slower swing, and a trend on the slower clock from a fast one.
    feature("derived_zone", "1m", (("swing", 2),), levels=(0.5,), max_active=2, width_pct=0.02),
    feature("trend", "3m", (("swing", 3),)),
    feature("sma", "1m", symbol="Y", length=1),
    replace(feature("sma", "1m", length=2), source="funding_rate"),
    replace(feature("highest", "3m", length=2), source="funding_rate"),
)
_SHOWN = (
    (0, "value", 0), (0, "value", 2), (1, "value", 0), (1, "value", 1), (2, "high_level", 0),
    (3, "low_level", 0), (4, "zone0_upper", 0), (5, "direction", 0), (6, "value", 0),
    (7, "value", 0), (8, "value", 1),
)  # fmt: skip
_FLAGS = ((4, "any_active", 0), (4, "any_touched", 1), (5, "last_hh", 0))


@st.composite
def programs(draw: st.DrawFn, most: int = 14) -> Program:
    """Draw a program of market nodes; every node is read as a column."""
    builder = GraphBuilder()
    names = (
        "close",
        "hl2",
        "mark_price",
        "bar_index",
        "hour_utc",
        "weekday_utc",
        "funding_rate",
        "now_weekday_utc",
        "time_utc",
        "now_date",
        "day",
        "days_left_in_month",
    )
    numbers = [builder.leaf(Op.BAR, (n,), NUMBER, Stage.MARKET, 1) for n in names]
    numbers += [builder.leaf(Op.FEATURE, a, NUMBER, Stage.MARKET, 1) for a in _SHOWN]
    numbers += [builder.constant(n) for n in _NUMBERS]
    truths = [builder.leaf(Op.FEATURE, a, BOOL, Stage.MARKET, 1) for a in _FLAGS]
    for _ in range(draw(st.integers(1, most))):
        _grow(draw, builder, numbers, truths)
    graph = replace(graph_of(tuple(builder.nodes)), features=FEATURES, symbols=("X",))
    return Program(
        graph=graph, graph_hash="", columns=tuple(range(len(builder.nodes))), accounts=(),
        memos=(), code={},
    )  # fmt: skip


def _grow(draw: st.DrawFn, builder: GraphBuilder, numbers: list[int], truths: list[int]) -> None:
    number, truth = st.sampled_from(numbers), st.sampled_from(truths)
    match draw(
        st.sampled_from(
            ("pair", "alone", "compare", "join", "not", "window", "past", "if", "so far")
        )
    ):
        case "pair":
            args = (draw(number), draw(number))
            numbers.append(builder.make(draw(st.sampled_from(_PAIRS)), args))
        case "alone":
            numbers.append(builder.make(draw(st.sampled_from(_ALONE)), (draw(number),)))
        case "compare":
            args = (draw(number), draw(number))
            truths.append(builder.make(draw(st.sampled_from(_COMPARE)), args))
        case "join":
            items = draw(st.lists(truth, min_size=2, max_size=4))
            truths.append(builder.make(draw(st.sampled_from((Op.AND, Op.OR))), items))
        case "not":
            op, kind = draw(
                st.sampled_from(((Op.NOT, truth), (Op.KNOWN, number), (Op.NEVER, number)))
            )
            truths.append(builder.make(op, (draw(kind),)))
        case "window":
            bars = draw(st.integers(1, 5))
            op = draw(st.sampled_from((Op.HOLDS, Op.OCCURRED, Op.COUNT)))
            attr = (bars, draw(st.integers(1, bars))) if op is Op.COUNT else (bars,)
            truths.append(builder.make(op, (draw(truth),), attr))
        case "if":
            numbers.append(builder.make(Op.IF, (draw(truth), draw(number), draw(number))))
        case "so far":
            so_far(draw, builder, numbers, truths)
        case _:
            kind = draw(st.sampled_from((numbers, truths)))
            attr = (draw(st.integers(1, 4)),)
            kind.append(builder.make(Op.PREV, (draw(st.sampled_from(kind)),), attr))


@st.composite
def markets(draw: st.DrawFn, least: int = 1) -> MarketData:
    """Draw bars of X and of Y with holes, a coarse mark series, and funding at times of its own."""
    bars = draw(frames(least, 60))
    other, mark = Frame("Y", "1m", bars.interval_ms), Frame("X", "5m", TIMEFRAMES["5m"])
    funding = FundingSeries()
    for row in range(len(bars)):
        if not draw(st.integers(0, 3)):
            funding.ts.append(bars.ts[row] + draw(st.integers(1, bars.interval_ms)))
            funding.rate.append(draw(st.sampled_from((0.0001, -0.0003, 0.002))))
        if draw(st.integers(0, 3)):
            price = bars.close[row] + 1.0
            other.append(bars.ts[row], price, price, price, price, 1.0)
        if row % 5 == 4:
            price = bars.close[row]
            mark.append(bars.ts[row - 4], price, price, price, price, 0.0)
    return MarketData(exec=bars, frames={("Y", "1m"): other}, mark=mark, funding=funding)


def columns(
    program: Program, data: MarketData, stops: Sequence[int], rows: int | None = None
) -> list[bytes]:
    """Return the bytes of every column's first `rows`, advanced to each stop in turn."""
    market = MarketStage(program, data)
    for stop in stops:
        market.advance(stop)
    kept = stops[-1] if rows is None else rows
    return [market.column(k)[:kept].tobytes() for k in range(len(program.columns))]
