"""IC515: what moves the position's stop or target where every layer has its own; who names a layer, or leaves one uncovered, is told nothing."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: BTCUSDT
tf: 1h
version: "3.2"
position_policy: {{ max_layers: 2 }}
{more}
blocks:
  - id: trade
    cases:
      - when: position_side == flat and close crosses above sma(close, 20)
        emit:
          - {{ action: entry_long, metadata: {{ size: risk 0.5%, {one} }} }}
          - {{ action: entry_long, metadata: {{ size: risk 0.5%, {two} }} }}
      - when: position_side == flat and close crosses below sma(close, 50)
        emit: [{{ action: entry_short, metadata: {{ size: risk 1%, stop_loss: high + 5 }} }}]
      - when: {when}
        emit: [{{ action: {action} }}]
"""
OWN = "protect: layer, stop_loss: low - 5"
STOP = "adjust_stop, metadata: { price: low - 3 }"
LONG = "position_side == long"


def said(
    one: str = OWN, two: str = OWN, action: str = STOP, when: str = LONG, more: str = ""
) -> list[str]:
    text = CARD.format(one=one, two=two, action=action, when=when, more=more)
    found = check(Source("x", text)).diagnostics
    assert not [d for d in found if d.is_error], found
    return [d.message.split(" of its own")[0] for d in found if d.code == "IC515"]


@pytest.mark.parametrize(
    ("own", "action", "name"),
    [
        (OWN, STOP, "stop"),
        (OWN, "adjust_trail, metadata: { distance: 5 }", "stop"),
        (OWN + ", take_profit: high + 9", "adjust_target, metadata: { price: high + 7 }", "target"),
    ],
)
def test_what_moves_the_positions_level_where_every_layer_has_its_own_is_told(
    own: str, action: str, name: str
) -> None:
    assert said(own, own, action) == [f"every entry has a {name}"]


def test_a_stop_of_the_risk_model_is_the_layers_own_too() -> None:
    more = "risk_model: { stop_loss: { type: percent, value: 2 } }"
    assert said("protect: layer", "protect: layer", more=more) == ["every entry has a stop"]


@pytest.mark.parametrize(
    ("two", "action", "when"),
    [
        (OWN, "adjust_stop, metadata: { price: low - 3, layer: 0 }", LONG),
        ("stop_loss: low - 5", STOP, LONG),
        (
            "protect: layer, take_profit: high + 9, stop_loss: low - 5",
            "adjust_target, metadata: { price: high + 7 }",
            LONG,
        ),
        (OWN, "adjust_trail, metadata: { remove: true }", LONG),
        (OWN, STOP, "position_side != flat"),
        (OWN, "adjust_stop, metadata: { price: high + 3 }", "position_side == short"),
        (OWN, "adjust_size, metadata: { size: 20% of equity }", LONG),
    ],
)
def test_what_names_a_layer_or_has_a_level_of_the_position_to_move_is_no_surprise(
    two: str, action: str, when: str
) -> None:
    assert said(two=two, action=action, when=when) == []


def test_a_target_size_adds_what_has_no_stop_of_its_own() -> None:
    adds = "adjust_size, metadata: { size: 20% of equity } }, { action: adjust_stop, metadata: { price: low - 3 }"
    assert said(action=adds) == []
