"""What the reasoner takes a session to tell of a bar is so on every bar of random markets."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.lints.reasoning.bounds import ZERO, Difference, Key
from compiler.lints.reasoning.branches import Assumption, OneOf
from compiler.lints.reasoning.sessions import session_choices
from compiler.pipeline import compile_card
from runtime.rules.market_stage import MarketStage
from tests.strategies.made_cards import market

_READ = ("active", "first_bar", "last_bar", "bars", "over", "high", "low", "close")
_CARD = """\
name: spans
symbol: BTCUSDT
tf: {tf}
sessions: {{ span: {{ tz: {tz}, hours: {hours}, days: {days} }} }}
blocks:
  - id: entry
    cases:
      - when: span.active and span.bars > 1 and span.first_bar and span.last_bar and span.over and close > span.high and
          close < span.low and close > span.close
        emit: [no_action]
"""


def _holds(item: Assumption, values: dict[Key, float]) -> bool:
    if isinstance(item, OneOf):
        return values[item.key] in item.allowed
    assert isinstance(item, Difference)
    sides = [0.0 if key == ZERO else values[key] for key in (item.left, item.right)]
    return any(map(math.isnan, sides)) or sides[0] - sides[1] <= item.limit


@pytest.mark.parametrize("tf", ["1h", "4h"])
@pytest.mark.parametrize(
    ("tz", "hours", "days"),
    [
        ("America/New_York", "04:00-16:00", "mon-fri"),
        ("UTC", "20:00-08:00", "mon-sun"),
        ("UTC", "00:00-24:00", "mon-wed"),
    ],
)
@settings(max_examples=5)
@given(seed=st.integers(0, 2**40))
def test_each_bar_is_outside_the_first_one_or_a_later_one(
    tf: str, tz: str, hours: str, days: str, seed: int
) -> None:
    program = compile_card(
        Source("x.card.yaml", _CARD.format(tf=tf, tz=tz, hours=hours, days=days))
    )
    graph = program.graph
    index = next(i for i, one in enumerate(graph.features) if one.type == "session")
    keys: list[Key] = [("feature", index, name, 0) for name in _READ]
    (choices,) = session_choices(graph, keys, {})
    data = market(graph, seed, 200)
    stage = MarketStage(program, data)
    stage.advance(len(data.exec))
    columns = {key: stage.feature(index, str(key[2])) for key in keys if isinstance(key, tuple)}
    for bar in range(len(data.exec)):
        values: dict[Key, float] = {key: column[bar] for key, column in columns.items()}
        for name in ("high", "low", "close"):
            values["bar", name] = data.exec.column(name)[bar]
        assert sum(all(_holds(item, values) for item in one) for one in choices) == 1, bar
