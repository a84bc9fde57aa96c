"""The market stage: what each exec bar can see of other clocks, feeds and its own past."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import BOOL, NUMBER, Stage
from compiler.graph.program import Program
from compiler.graph.rule_graph import Attr, FeatureNode, Node, Op
from runtime.errors import DataError
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.timeframe import TIMEFRAMES
from runtime.rules.market_stage import MarketStage
from tests.compiler.graph_text import graph_of
from tests.runtime.structures.market import NAN, same_value

HOUR = 3_600_000
QUARTER = 900_000


def frame(timeframe: str, closes: list[float], *, symbol: str = "X", start: int = 0) -> Frame:
    """Return bars of a single price each."""
    made = Frame(symbol, timeframe, TIMEFRAMES[timeframe])
    for index, close in enumerate(closes):
        made.append(start + index * made.interval_ms, close, close, close, close, 1.0)
    return made


def feature(
    type_: str, timeframe: str, *, symbol: str = "X", outputs: tuple[str, ...] = ("value",),
    params: tuple[tuple[str, object], ...] = (), depends: tuple[tuple[str, int], ...] = (),
) -> FeatureNode:  # fmt: skip
    return FeatureNode(
        type_, "indicator", type_, symbol, timeframe, "close", params, depends,  # type: ignore[arg-type]
        outputs, 1,
    )  # fmt: skip


def node(op: Op, *args: int, attr: Attr = ()) -> Node:
    stage = Stage.CONSTANT if op is Op.CONST else Stage.MARKET
    return Node(op, args, attr, BOOL if op in (Op.AND, Op.OR, Op.NOT) else NUMBER, stage, 1)


def stage(
    data: MarketData, nodes: list[Node], features: tuple[FeatureNode, ...] = ()
) -> MarketStage:
    """Return a market stage that has computed every node."""
    graph = replace(graph_of(tuple(nodes)), features=features, symbols=("X",))
    program = Program(
        graph=graph, graph_hash="", columns=tuple(range(len(nodes))), accounts=(), memos=(), code={}
    )
    market = MarketStage(program, data)
    market.advance(len(data.exec))
    return market


def last(data: MarketData, nodes: list[Node], *features: FeatureNode) -> list[float]:
    market = stage(data, nodes, features)
    return list(market.column(len(nodes) - 1)[: len(data.exec)])


def assert_values(ours: list[float], expected: list[float]) -> None:
    assert len(ours) == len(expected)
    assert all(map(same_value, ours, expected)), f"{ours} != {expected}"


# A feature that shows the close of its own clock.
CLOSE_1H = feature("sma", "1h", params=(("length", 1),))
SEEN = node(Op.FEATURE, attr=(0, "value", 0))
BEFORE = node(Op.FEATURE, attr=(0, "value", 1))


def test_a_higher_bar_is_seen_from_the_exec_bar_that_closes_with_it() -> None:
    # Four quarters make an hour: its close 4 is seen on row 3, the next hour's 8 on row 7.
    data = MarketData(exec=frame("15m", [1, 2, 3, 4, 5, 6, 7, 8, 9]))
    assert_values(last(data, [SEEN], CLOSE_1H), [NAN] * 3 + [4] * 4 + [8, 8])


def test_a_partial_first_hour_is_never_seen() -> None:
    # The bars begin at 00:30: the hour until 01:00 is not whole; 6 closes the first whole one.
    data = MarketData(exec=frame("15m", [1, 2, 3, 4, 5, 6, 7], start=2 * QUARTER))
    assert_values(last(data, [SEEN], CLOSE_1H), [NAN] * 5 + [6, 6])


def test_an_offset_counts_bars_of_the_feature() -> None:
    data = MarketData(exec=frame("15m", [1, 2, 3, 4, 5, 6, 7, 8, 9]))
    assert_values(last(data, [BEFORE], CLOSE_1H), [NAN] * 7 + [4, 4])


def test_an_offset_on_the_exec_clock_counts_exec_bars() -> None:
    data = MarketData(exec=frame("15m", [1, 2, 3]))
    sma = feature("sma", "15m", params=(("length", 1),))
    assert_values(last(data, [BEFORE], sma), [NAN, 1, 2])


def test_the_past_of_an_exec_bar_sees_what_was_visible_then() -> None:
    # `prev` of a held hourly value is the value an exec bar ago, not an hour ago.
    data = MarketData(exec=frame("15m", [1, 2, 3, 4, 5, 6]))
    past = node(Op.PREV, 0, attr=(1,))
    assert_values(last(data, [SEEN, past], CLOSE_1H), [NAN] * 4 + [4, 4])


def test_a_given_higher_feed_is_preferred_to_resampling() -> None:
    data = MarketData(exec=frame("15m", [1, 2, 3, 4]))
    data.frames["X", "1h"] = frame("1h", [40])
    assert_values(last(data, [SEEN], CLOSE_1H), [NAN] * 3 + [40])


def test_a_missing_bar_of_another_symbol_is_unknown_until_the_next() -> None:
    other = frame("15m", [10, 20], symbol="Y")
    other.append(3 * QUARTER, 40, 40, 40, 40, 1.0)  # nothing for the third quarter
    data = MarketData(exec=frame("15m", [1, 2, 3, 4, 5]), frames={("Y", "15m"): other})
    sma = feature("sma", "15m", symbol="Y", params=(("length", 1),))
    market = stage(data, [SEEN], (sma,))
    assert list(market.view(0)) == [0, 1, -1, 2, -1]
    assert_values(list(market.column(0)), [10, 20, NAN, 40, NAN])


def test_an_hourly_bar_of_another_symbol_holds_for_its_hour() -> None:
    other = frame("1h", [10, 20], symbol="Y")
    data = MarketData(exec=frame("15m", [1.0] * 14), frames={("Y", "1h"): other})
    hourly = feature("sma", "1h", symbol="Y", params=(("length", 1),))
    # 10 from the close of row 3, 20 from row 7 until the close of row 11 brings no bar.
    assert_values(last(data, [SEEN], hourly), [NAN] * 3 + [10] * 4 + [20] * 4 + [NAN] * 3)


def test_another_symbol_without_a_feed_is_a_data_error() -> None:
    hourly = feature("sma", "1h", symbol="Y", params=(("length", 1),))
    with pytest.raises(DataError, match="Y 1h"):
        stage(MarketData(exec=frame("15m", [1.0])), [SEEN], (hourly,))


def test_a_structure_sees_the_closed_bars_of_its_dependency() -> None:
    # An hourly swing with one bar on each side: hours close at 10 30 20, so the high 30 is seen
    # when the third hour closes, on row 11, by an exec-clock Fibonacci too.
    closes = [10.0] * 4 + [30.0] * 4 + [5.0] * 4 + [20.0] * 4 + [20.0]
    swing = feature(
        "swing", "1h", outputs=SWING_OUTPUTS,
        params=(("left", 1), ("right", 1), ("mode", "fractal"), ("atr_mult", 2.0),
                ("atr_length", 14)),
    )  # fmt: skip
    fib = feature(
        "fibonacci", "15m", outputs=("anchor_high", "anchor_low", "range", "level_0.5"),
        params=(("levels", (0.5,)), ("mode", "retracement")), depends=(("swing", 0),),
    )  # fmt: skip
    data = MarketData(exec=frame("15m", closes))
    level = node(Op.FEATURE, attr=(1, "level_0.5", 0))
    # The low 5 is seen with the fourth hour, on row 15: half way between is 17.5.
    assert_values(last(data, [level], swing, fib), [NAN] * 15 + [17.5, 17.5])
    high = node(Op.FEATURE, attr=(0, "high_level", 0))
    assert_values(last(data, [high], swing), [NAN] * 11 + [30] * 6)


SWING_OUTPUTS = (
    "high_level", "low_level", "high_idx", "low_idx", "version", "last_type", "pair_high_level",
    "pair_low_level", "pair_direction", "pair_version", "high_version", "low_version",
)  # fmt: skip


def test_an_absent_optional_dependency_is_unknown() -> None:
    swing = feature(
        "swing", "15m", outputs=SWING_OUTPUTS,
        params=(("left", 1), ("right", 1), ("mode", "fractal"), ("atr_mult", 2.0),
                ("atr_length", 14)),
    )  # fmt: skip
    from compiler.catalog.structure_breaks import ORDER_BLOCK

    params = {"lookback": 3, "use_body": False, "max_active": 2}
    blocks = feature(
        "order_block", "15m", outputs=tuple(o.name for o in ORDER_BLOCK.outputs_for(params)),
        params=tuple(params.items()), depends=(("swing", 0),),
    )  # fmt: skip
    # High 20 on row 1; row 3 falls, row 4 breaks 20: a block, with no displacement asked for.
    rows = [(15, 15), (15, 20), (20, 18), (18, 16), (16, 21)]
    bars = Frame("X", "15m", QUARTER)
    for index, (open_, close) in enumerate(rows):
        high = max(open_, close) + (1 if index == 1 else 0)
        bars.append(index * QUARTER, open_, high, min(open_, close), close, 1.0)
    bars.append(5 * QUARTER, 21, 23, 21, 22, 1.0)
    count = node(Op.FEATURE, attr=(1, "version", 0))
    assert_values(last(MarketData(exec=bars), [count], swing, blocks), [0, 0, 0, 0, 0, 1])


# ---------------------------------------------------------------- builtins of the bar


def bar(name: str) -> Node:
    return node(Op.BAR, attr=(name,))


def test_clock_builtins_tell_the_open_of_the_bar_and_with_now_the_close() -> None:
    # 1970-01-01 was a Thursday (3). The bar of 23:00 closes at midnight: hour 0 of Friday.
    data = MarketData(exec=frame("1h", [1.0, 1.0], start=22 * HOUR))
    assert_values(last(data, [bar("hour_utc")]), [22, 23])
    assert_values(last(data, [bar("weekday_utc")]), [3, 3])
    assert_values(last(data, [bar("time_utc")]), [22 * 60, 23 * 60])
    assert_values(last(data, [bar("date")]), [0, 0])
    assert_values(last(data, [bar("now_hour_utc")]), [23, 0])
    assert_values(last(data, [bar("now_weekday_utc")]), [3, 4])
    assert_values(last(data, [bar("now_utc")]), [23 * 60, 0])
    assert_values(last(data, [bar("now_date")]), [0, 1])
    assert_values(last(data, [bar("bar_index")]), [0, 1])
    # 2024-02-29 09:45
    quarter = MarketData(exec=frame("15m", [1.0], start=(19_782 * 96 + 39) * 15 * 60_000))
    for name, value in (("day", 29), ("month", 2), ("minute_utc", 45), ("now_minute_utc", 0)):
        assert_values(last(quarter, [bar(name)]), [value])
    # 2023-02-27 to 2023-03-02, and the last two days of 2099
    days = MarketData(exec=frame("1d", [1.0] * 4, start=19_415 * 24 * HOUR))
    assert_values(last(days, [bar("days_left_in_month")]), [1, 0, 30, 29])
    assert_values(last(quarter, [bar("days_left_in_month")]), [0])
    days = MarketData(exec=frame("1d", [1.0] * 3, start=47_480 * 24 * HOUR))
    assert_values(last(days, [bar("year")]), [2099, 2099, 2100])


def test_the_mark_price_is_that_of_the_last_closed_mark_bar() -> None:
    data = MarketData(exec=frame("15m", [1.0] * 6), mark=frame("1h", [100, 200]))
    assert_values(last(data, [bar("mark_price")]), [NAN] * 3 + [100] * 3)
    fine = MarketData(exec=frame("15m", [1.0] * 2), mark=frame("5m", [1, 2, 3, 4, 5, 6]))
    assert_values(last(fine, [bar("mark_price")]), [3, 6])
    assert_values(last(MarketData(exec=frame("15m", [1.0])), [bar("mark_price")]), [NAN])


def test_the_funding_rate_is_the_last_one_settled_by_the_close() -> None:
    settled = FundingSeries(array("q", [2 * QUARTER, 3 * QUARTER + 1]), array("d", [0.1, 0.2]))
    data = MarketData(exec=frame("15m", [1.0] * 4), funding=settled)
    assert_values(last(data, [bar("funding_rate")]), [NAN, 0.1, 0.1, 0.2])
    assert_values(last(MarketData(exec=frame("15m", [1.0])), [bar("funding_rate")]), [NAN])


def test_an_indicator_reads_of_every_bar_the_rate_that_was_last_settled_by_its_close() -> None:
    settled = FundingSeries(array("q", [2 * QUARTER, 5 * QUARTER, HOUR * 2]), array("d", [1, 4, 7]))
    data = MarketData(exec=frame("15m", [1.0] * 8), funding=settled)
    of_bars, of_hours = (
        replace(feature("sma", tf, params=(("length", 2),)), source="funding_rate")
        for tf in ("15m", "1h")
    )
    assert_values(last(data, [SEEN], of_bars), [NAN, NAN, 1, 1, 2.5, 4, 4, 5.5])
    assert_values(last(data, [SEEN], of_hours), [NAN] * 7 + [4])  # 1 and 7 at its two closes
    assert_values(last(MarketData(exec=data.exec), [SEEN], of_bars), [NAN] * 8)


@pytest.mark.parametrize("type_", ["percentile", "rsi", "cmo", "kama", "sma"])
@pytest.mark.parametrize("source", ["funding_rate", "mark_price", "volume"])
def test_an_indicator_of_what_the_data_do_not_have_is_unknown(type_: str, source: str) -> None:
    bars = frame("15m", [float(n) for n in range(60)])
    bars.volume = array("d", [NAN] * 60)
    entry = CATALOGUE[type_]
    params = tuple((p.name, defaults(entry)[p.name]) for p in entry.params)
    reads = replace(feature(type_, "15m", params=params), source=source)
    assert_values(last(MarketData(exec=bars), [SEEN], reads), [NAN] * 60)


def test_prices_of_the_bar() -> None:
    bars = Frame("X", "15m", QUARTER)
    bars.append(0, 10, 16, 8, 12, 3.0)
    data = MarketData(exec=bars)
    expected = {"open": 10, "high": 16, "low": 8, "close": 12, "volume": 3, "hl2": 12,
                "hlc3": 12, "ohlc4": 11.5}  # fmt: skip
    for name, value in expected.items():
        assert_values(last(data, [bar(name)]), [value])


# ---------------------------------------------------------------- windows


def test_a_window_is_unknown_while_missing_bars_could_decide_it() -> None:
    # Truth of the operand: false true true true. Held for 3 bars: bars before the first are
    # unknown, but one false decides; only the last row holds it three times.
    data = MarketData(exec=frame("15m", [1, 2, 3, 4]))
    operand = [bar("close"), node(Op.CONST, attr=(1.5,)), node(Op.GT, 0, 1)]
    held = node(Op.HOLDS, 2, attr=(3,))
    assert_values(last(data, [*operand, held]), [0, 0, 0, 1])
    # Occurred within 3: false on row 0 alone leaves it open; one true decides.
    assert_values(last(data, [*operand, node(Op.OCCURRED, 2, attr=(3,))]), [NAN, 1, 1, 1])
    # At least 2 of 3: on row 1 the unknown bar before the first could make it two.
    assert_values(last(data, [*operand, node(Op.COUNT, 2, attr=(3, 2))]), [NAN, NAN, 1, 1])


def test_unknown_is_not_false() -> None:
    data = MarketData(exec=frame("15m", [1, 2]))
    zero = node(Op.CONST, attr=(0.0,))
    unknown = [bar("close"), zero, node(Op.DIV, 0, 1), node(Op.GT, 2, 1)]
    assert_values(last(data, [*unknown, node(Op.NOT, 3)]), [NAN, NAN])
    false = node(Op.LT, 0, 1)
    assert_values(last(data, [*unknown, false, node(Op.AND, 3, 4)]), [0, 0])
    assert_values(last(data, [*unknown, false, node(Op.OR, 3, 4)]), [NAN, NAN])
