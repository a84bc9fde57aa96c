"""IC506 proposes no guard that would hold back what else its case asks for."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: out
symbol: BTCUSDT
tf: 15m
blocks:
  - id: in
    cases:
      - when: position_side == flat and close crosses above high[1]
        emit: [{{ action: entry_long, metadata: {{ size: 1% of equity, stop_loss: low }} }}, {{ action: place_limit_short, metadata: {{ order_ref: s, price: high + 2%, size: 1% of equity, stop_loss: high + 4% }} }}]
  - id: out
    cases:
      - when: close < open
        emit: [{emit}]
"""


@pytest.mark.parametrize(
    ("emit", "is_alone"),
    [
        ("exit_all", True),
        ("exit_long", True),
        ("cancel_all_orders, exit_all", False),
        ("exit_long, exit_short", False),
    ],
)
def test_a_guard_is_added_where_it_guards_the_exit_alone(emit: str, is_alone: bool) -> None:
    found = [
        d
        for d in check(Source("card.yaml", CARD.format(emit=emit))).diagnostics
        if d.code == "IC506"
    ]
    assert found
    for one in found:
        assert (one.fix is not None) is is_alone
        assert ("in a block of its own" in (one.help or "")) is not is_alone


HALVES = """name: out
symbol: BTCUSDT
tf: 15m
position_policy: { mode: long_only }
blocks:
  - id: in
    cases:
      - when: position_side == flat and close crosses above high[1]
        emit: [{ action: entry_long, metadata: { size: 1% of equity, stop_loss: low } }]
  - id: half
    cases:
      - when: WHEN
        emit: [{ action: exit_long, metadata: { size: 50% of position } }]
"""


@pytest.mark.parametrize(
    ("when", "help"),
    [
        ("position_r >= 2 and exits_since_entry == 0", ""),
        ("position_r >= 2 and exits_since_entry == 1", ""),
        ("position_r >= 2 and exits_since_entry == 2", ""),
        ("position_r >= 2", "exits_since_entry == 0"),
        ("position_r >= 2 and exits_since_entry <= 1", "exits_since_entry == 0"),
        ("position_r >= 2 and exits_since_entry >= 1", "exits_since_entry == 1"),
        ("position_r >= 2 and exits_since_entry between 1 and 2", "exits_since_entry == 1"),
    ],
)
def test_a_part_closed_after_so_many_others_is_closed_once(when: str, help: str) -> None:
    found = check(Source("card.yaml", HALVES.replace("WHEN", when))).diagnostics
    helps = [one.help or "" for one in found if one.code == "IC607"]
    assert len(helps) == (help != ""), [one.message for one in found]
    assert all(f"add `{help}`" in one for one in helps)


@pytest.mark.parametrize(
    ("when", "label"),
    [
        ("hour_utc == 3 and (position_side != flat or pending_order_count > 0)", "can be true without one"),
        ("hour_utc == 3", "says nothing about the position"),
    ],
)  # fmt: skip
def test_a_position_that_is_asked_for_beside_an_or_is_not_said_to_be_missing(
    when: str, label: str
) -> None:
    text = HALVES.replace("WHEN", when).replace(
        ", metadata: { size: 50% of position } }", ", metadata: { reason: out } }"
    )
    (found,) = [one for one in check(Source("card.yaml", text)).diagnostics if one.code == "IC506"]
    assert [one.message for one in found.labels] == [label]
