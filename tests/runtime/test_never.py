"""What has not happened is infinitely long ago: a cool-down lets the first entry in."""

from __future__ import annotations

import math

import pytest

from compiler.catalog.types import Type, Unit, ValueType
from compiler.graph.describe import value_text
from runtime.orders.events import OrderFilled
from tests.strategies.runs import Run, card_text, flat

ENTRY = {"long": "{ action: entry_long, metadata: { size: 1 base } }"}
ENTRY["short"] = ENTRY["long"].replace("long", "short")


@pytest.mark.parametrize("side", ["long", "short"])
def test_a_cool_down_in_bars_since_the_exit_lets_the_first_entry_in_and_then_waits(
    side: str,
) -> None:
    blocks = f"""\
    - id: enter
      cases:
      - when: bar_index >= 1 and position_side == flat and bars_since_exit >= 3
        emit: [{ENTRY[side]}]
    - id: leave
      cases:
      - when: position_side == {side} and bars_since_entry >= 2
        emit: [exit_all]
    """
    run = Run(card_text(blocks), flat(100, 12)).live()
    # In at the open of 2, out at 5 (2 whole bars later), 3 bars after the exit in again.
    assert [e.bar for e in run.events if isinstance(e, OrderFilled)] == [2, 5, 9]


def test_never_is_shown_as_never_and_no_price() -> None:
    bars = ValueType(Type.INT, Unit.BARS)
    assert value_text(math.inf, bars) == "never"
    assert value_text(7.0, bars) == "7"
    blocks = """\
    - id: enter
      cases:
      - when: bar_index == 1
        emit:
        - { action: place_limit_long, metadata: { price: close * bars_since_exit / bars_since_exit, size: 1 base } }
    """
    run = Run(card_text(blocks), flat(100, 4)).live()
    assert run.refused == ["unknown_price"]
