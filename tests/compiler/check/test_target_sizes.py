"""A target size that names its side: what it may say, and what the rules make of it."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.pipeline import check, compile_card

_CARD = """\
name: targets
symbol: BTCUSDT
tf: 15m
{more}
blocks:
  - id: aim
    cases:
      - when: {when}
        emit: [{{ action: adjust_size, metadata: {{ size: 20% of equity, {said} }} }}]
"""
_STOP = "stop_loss: close * 0.98"


def found(said: str, when: str = "close > open", more: str = "") -> list[str]:
    text = _CARD.format(said=said, when=when, more=more)
    return [one.code for one in check(Source("targets.yaml", text)).diagnostics]


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (f"side: long, {_STOP}", []),
        (f"side: long, {_STOP}, take_profit: close * 1.1, take_profit_type: limit", []),
        (f"side: long, {_STOP}, trail: {{ distance: 5 }}, protect: layer, order_ref: aim", []),
        ("side: long", ["IC601"]),
        ("side: long, stop_loss: close * 1.02", ["IC602"]),
        (f"side: short, {_STOP}", ["IC602"]),
        (f"side: long, {_STOP}, take_profit: close * 1.01", ["IC606"]),
        (f"side: long, {_STOP}, trail: {{}}", ["IC109"]),
        (f"side: buy, {_STOP}", ["IC110"]),
        ("side: long, on_fill: []", ["IC107"]),
        (_STOP, ["IC109"]),
        ("trail: { distance: 5 }", ["IC109"]),
    ],
)
def test_what_a_target_brings_is_read_as_an_entrys(said: str, codes: list[str]) -> None:
    assert found(said) == codes


def test_without_a_side_it_needs_a_position_and_with_one_it_opens_it() -> None:
    assert found("order_ref: aim") == ["IC512"]
    assert found(f"side: long, {_STOP}", "position_side == flat") == []
    assert found(
        "side: short, stop_loss: close * 1.1", more="position_policy: { mode: long_only }"
    ) == ["IC512"]


_ENTRY = """\
  - id: enter
    cases:
      - when: position_side == flat and close > open
        emit: [{ action: entry_long, metadata: { size: 10% of equity, stop_loss: close * 0.98 } }]
"""


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("order_ref: aim", "position_policy: { max_layers: 1 }"),
        ("order_ref: aim", "invariants: [always_protected]"),
        ("order_ref: aim", "invariants: [{ no_entry_while: position_layers > 0 }]"),
        ("side: long, stop_loss: 1 / (close - close)", ""),
    ],
)
def test_a_target_that_may_take_away_is_no_entry_that_is_always_refused(
    said: str, more: str
) -> None:
    """Nor does it read a stop while a position is open."""
    text = _CARD.format(said=said, when="position_side == long and close < open", more=more)
    codes = [one.code for one in check(Source("targets.yaml", text + _ENTRY)).diagnostics]
    assert "IC512" not in codes


def test_it_is_told_in_words() -> None:
    text = _CARD.format(said=f"side: short, order_ref: aim, {_STOP}", when="close > open", more="")
    told = " ".join(read_back(compile_card(Source("targets.yaml", text)).graph).split())
    assert "until the short position, opened where there is none, is: for 0.2 times equity" in told
    assert 'under the ref "aim"' in told
    assert "where it opens the position: stop of the whole position " in told
