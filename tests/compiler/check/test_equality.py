"""Which two measured numbers may be equal: one that by its making is the other."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """
name: x
version: "3.2"
symbol: BTCUSDT
tf: 15m
features:
  - { type: heikin_ashi, id: ha }
  - { type: highest, id: top, source: high, params: { length: 5 } }
  - { type: supertrend, id: st }
  - { type: ichimoku, id: kumo }
variables: { hh: "highest(close, 20)", foot: ha.low }
blocks:
  - id: a
    cases:
      - when: WHEN
        emit: [no_action]
"""


def errors(when: str) -> list[str]:
    found = check(Source("x", CARD.replace("WHEN", when)), lints=False).diagnostics
    return [one.code for one in found if one.is_error]


@pytest.mark.parametrize(
    "when",
    [
        "ha.low == ha.open", "ha.open == ha.high", "ha.low == low", "foot == ha.open",
        "low == donchian(20).lower", "top == high[3]", "top == top[1]", "close[2] == hh", "hh == hh[1]",
        "st == st.long", "kumo.top == kumo.span_a", "chandelier(22).long_stop == chandelier(22).long_stop[1]",
    ],
)  # fmt: skip
def test_what_is_one_of_two_numbers_by_its_making_may_be_equal_to_it(when: str) -> None:
    assert errors(when) == []


@pytest.mark.parametrize(
    "when",
    [
        "ha.open == ha.close", "low == donchian(20).upper", "top == low", "close == sma(close, 5)",
        "close == hh[1] + 1", "st == kumo.top", "st.long == st.short", "ha.close == ha.close[1]",
    ],
)  # fmt: skip
def test_other_measured_numbers_are_never_equal(when: str) -> None:
    assert errors(when) == ["IC305"]
