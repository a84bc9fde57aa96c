"""Numbers of a value over the last times of a condition are what pandas says of those bars alone."""

from __future__ import annotations

import math
from array import array

import pandas as pd
import pytest

from compiler.catalog.operations import OF_TIMES
from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op
from compiler.pipeline import compile_card
from runtime.market.data import MarketData
from runtime.rules.market_stage import MarketStage
from runtime.rules.row_kernel import sorting_network
from runtime.rules.semantics import evaluate
from tests.strategies.made_cards import market

WORDS = {Op.MEAN: "mean", Op.MEDIAN: "median", Op.HIGHEST: "max", Op.LOWEST: "min"}
CARD = (
    "name: times\nsymbol: TESTUSDT\ntf: 1h\n"
    "features: [{ type: sma, id: slow, params: { length: 20 } }]\n"
    "blocks:\n"
    "  - { id: a, cases: [{ when: 'WHAT > 0 and position_side == flat', emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, stop_loss: close - 2% }}]}]}\n"
)


def made(word: str, value: str, times: int) -> tuple[Program, int]:
    """Return a program that asks for a number of the last times on which the close was above the open."""
    what = f"{word}_when(close > open, {value}, {times})"
    program = compile_card(Source("card.yaml", CARD.replace("WHAT", what)))
    (index,) = [i for i, node in enumerate(program.graph.nodes) if node.op in OF_TIMES]
    return program, index


def column(data: MarketData, program: Program, index: int) -> list[float]:
    stage = MarketStage(program, data)
    stage.advance(len(data.exec))
    return list(stage.node(index))


def of_pandas(data: MarketData, value: pd.Series, how: str, times: int) -> list[float]:
    """Return the definition: the bars of the condition alone, a window over them, carried until the next."""
    bars = data.exec
    up = pd.Series(bars.close) > pd.Series(bars.open)
    window = value[up].rolling(times)
    return list(getattr(window, how)().reindex(value.index, method="ffill"))


@pytest.mark.parametrize("op", WORDS)
@pytest.mark.parametrize("times", [2, 5, 50])
def test_a_number_of_the_last_times_is_a_window_over_those_bars_alone(op: Op, times: int) -> None:
    program, index = made(op.value, "close", times)
    data = market(program.graph, times, 200)
    ours = column(data, program, index)
    theirs = of_pandas(data, pd.Series(data.exec.close), WORDS[op], times)
    assert sum(one == one for one in ours) > 40
    assert [one == one for one in ours] == [one == one for one in theirs]
    assert ours == pytest.approx(theirs, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("op", WORDS)
def test_it_is_unknown_while_one_of_its_values_is(op: Op) -> None:
    """The average is unknown for 19 bars: a time among those counts, its value is not known."""
    program, index = made(op.value, "slow", 3)
    data = market(program.graph, 4, 80)
    value = pd.Series(data.exec.close).rolling(20).mean()
    ours = column(data, program, index)
    assert sum(pd.Series(data.exec.close[:19]) > pd.Series(data.exec.open[:19])) > 3
    theirs = of_pandas(data, value, WORDS[op], 3)
    assert ours == pytest.approx(theirs, rel=1e-9, nan_ok=True)


def test_of_one_time_it_is_the_value_then() -> None:
    one = compile_card(Source("c", CARD.replace("WHAT", "median_when(close > open, close, 1)")))
    other = compile_card(Source("c", CARD.replace("WHAT", "value_when(close > open, close)")))
    assert one.graph_hash == other.graph_hash


@pytest.mark.parametrize("count", range(2, 11))
def test_the_network_sorts_every_order_of_zeros_and_ones(count: int) -> None:
    """What sorts all of those sorts everything (the zero-one principle)."""
    for bits in range(1 << count):
        values = [bits >> place & 1 for place in range(count)]
        for one, two in sorting_network(count):
            values[one], values[two] = sorted((values[one], values[two]))
        assert values == sorted(values)


def test_a_median_of_zeros_has_one_sign_whatever_the_order() -> None:
    for values in ((-0.0, 0.0, 0.0), (0.0, -0.0, -0.0), (-0.0, -0.0), (-0.0, 0.0)):
        assert array("d", [evaluate("median", values)]).tobytes() == array("d", [0.0]).tobytes()


@pytest.mark.parametrize(
    ("op", "values", "found"),
    [
        ("mean", (1.0, 2.0, 6.0), 3.0), ("median", (9.0, 1.0, 2.0), 2.0), ("median", (9.0, 1.0), 5.0),
        ("highest", (1.0, 9.0, 2.0), 9.0), ("lowest", (3.0, 9.0, 2.0), 2.0),
        ("mean", (math.inf, 2.0), math.inf), ("median", (math.inf, 2.0, 3.0), 3.0),
        ("mean", (1.7e308, -1.7e308), math.nan), ("median", (1.0, math.nan, 3.0), math.nan),
    ],
)  # fmt: skip
def test_what_each_number_is(op: str, values: tuple[float, ...], found: float) -> None:
    assert evaluate(op, values) == pytest.approx(found, nan_ok=True)
