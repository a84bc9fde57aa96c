"""What can be true on two bars in a row agrees with trying all short markets."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.lints.reasoning.logic import Reasoner
from compiler.pipeline import check

_CARD = """\
name: example
symbol: BTCUSDT
tf: %s
htf: 1w
features:
  - {type: rsi, id: rsi}
  - {type: supertrend, id: st}
  - {type: supertrend, id: slow_st, tf: 1w}
blocks:
  - id: ask
    cases:
      - when: "%s"
        emit: [no_action]
"""


def can_repeat(when: str, tf: str = "15m") -> bool:
    checked = check(Source("card.yaml", _CARD % (tf, when)), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return Reasoner(checked.graph).can_repeat(checked.graph.blocks[0].cases[0].when)


@pytest.mark.parametrize(
    "when",
    [
        "bar_index == 5",
        "close crosses above open",
        "rsi crosses below 30",
        "close > close[1] and close[1] <= close[2] and close < open and close[1] >= close[2]",
        "st.direction == 1 and st.direction[1] == -1",
        "close * 2 > high[1] and (close * 2)[1] <= high[2]",
        "close > 100 and close[1] < 100",
        "rsi > 70 and not rsi[1] > 70 and rsi[1] is not missing",
    ],
)
def test_an_edge_does_not_repeat(when: str) -> None:
    assert not can_repeat(when)


@pytest.mark.parametrize(
    "when",
    [
        "high < high[1] and low > low[1]",
        "close > close[1]",
        "rsi < 30",
        "bar_index >= 5",
        "st.direction != st.direction[1]",
        "slow_st.direction == 1 and slow_st.direction[1] == -1",
        "close > 100 or close[1] < 100",
        "rsi > 70 and not rsi[2] > 70",
    ],
)
def test_a_state_may_repeat(when: str) -> None:
    assert can_repeat(when)


def test_the_hour_moves_on_with_the_bars_of_the_card() -> None:
    assert can_repeat("hour_utc == 9", "15m")
    assert not can_repeat("hour_utc == 9", "1h")
    assert not can_repeat("hour_utc == 0", "12h")
    assert can_repeat("hour_utc == 0", "1d")
    assert can_repeat("weekday_utc == 0", "4h")
    assert not can_repeat("weekday_utc == 6", "1d")


Bar = tuple[int, int]  # rsi in tens, direction; literals are three tens apart
Meaning = Callable[[Bar, Bar, int], bool]
_OPS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _compared(op: str, number: int, back: int) -> tuple[str, Meaning]:
    where = "[1]" if back else ""
    return f"rsi{where} {op} {number * 10}", lambda now, old, _: _OPS[op](
        (old if back else now)[0], number
    )


def _past(op: str) -> tuple[str, Meaning]:
    return f"rsi {op} rsi[1]", lambda now, old, _: _OPS[op](now[0], old[0])


def _turned(is_now: int, was: int) -> tuple[str, Meaning]:
    text = f"st.direction == {is_now} and st.direction[1] == {was}"
    return text, lambda now, old, _: now[1] == is_now and old[1] == was


def _numbered(op: str, bar: int) -> tuple[str, Meaning]:
    return f"bar_index {op} {bar}", lambda _now, _old, t: _OPS[op](t, bar)


ATOMS = st.one_of(
    st.builds(_compared, st.sampled_from(tuple(_OPS)), st.sampled_from((3, 6)), st.integers(0, 1)),
    st.builds(_past, st.sampled_from(tuple(_OPS))),
    st.builds(_turned, st.sampled_from((-1, 1)), st.sampled_from((-1, 1))),
    st.builds(_numbered, st.sampled_from(tuple(_OPS)), st.integers(1, 3)),
)


@given(st.lists(ATOMS, min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_repeating_agrees_with_trying_all_markets_of_three_bars(
    atoms: list[tuple[str, Meaning]],
) -> None:
    when = " and ".join(f"({text})" for text, _ in atoms)
    bars = list(product(range(10), (-1, 1)))
    seen = any(
        all(meaning(b, a, t) and meaning(c, b, t + 1) for _, meaning in atoms)
        for t in range(6) for a in bars for b in bars for c in bars
    )  # fmt: skip
    assert can_repeat(when) is seen
