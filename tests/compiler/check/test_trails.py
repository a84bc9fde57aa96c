"""Trailing stops in a card: what they must say, and both spellings of a key."""

from __future__ import annotations

import pytest

from compiler.catalog.orders import OptionName
from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.pipeline import check, compile_card

_CARD = """\
name: trails
symbol: BTCUSDT
tf: 15m
{more}
blocks:
  - id: enter
    cases:
      - when: position_side == flat
        emit: [{{ action: entry_long, metadata: {{ size: 10% of equity, {entry} }} }}]
  - id: manage
    cases:
      - when: position_side == long
        emit: [{{ action: adjust_trail, metadata: {{ {adjust} }} }}]
"""
_STOP = "stop_loss: close * 0.98, "


def text(entry: str = _STOP, adjust: str = "distance: 5", more: str = "") -> str:
    return _CARD.format(entry=entry, adjust=adjust, more=more)


def errors(*said: str, more: str = "") -> list[str]:
    found = check(Source("trails.yaml", text(*said, more=more))).diagnostics
    return [one.code for one in found if one.severity.value == "error"]


@pytest.mark.parametrize(
    "trail",
    [
        "distance: 5",
        "distance: 2 * atr(14)",
        "distance_pct: 1.5",
        "distance: 5, activate: close * 1.02",
        "distance: 5, activate_pct: 2",
        "distance_pct: 1, activate_r: 1.5",
    ],
)
def test_every_spelling_is_a_trail(trail: str) -> None:
    assert errors(f"{_STOP}trail: {{ {trail} }}", trail) == []


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ("trail: { activate_pct: 1 }", ["IC109"]),
        ("trail: {}", ["IC109"]),
        ("trail: { distance: 5, distance_pct: 1 }", ["IC115"]),
        ("trail: { distance: 5, activate: close, activate_r: 1 }", ["IC115"]),
        ("trail: { distance: 0 }", ["IC110"]),
        ("trail: { distance: rsi(14) }", ["IC306"]),
        ("trail: { distance_pct: close }", ["IC301"]),
        ("trail: { distance: 5, step: 1 }", ["IC107"]),
        ("distance: 5", ["IC107"]),
        ("trail: 5", ["IC110"]),
    ],
)
def test_what_is_no_trail_is_refused(entry: str, codes: list[str]) -> None:
    assert errors(_STOP + entry) == codes


def test_multiples_of_a_risk_and_layers_need_a_stop() -> None:
    for trail in (
        "trail: { distance: 5, activate_r: 1 }",
        "protect: layer, trail: { distance: 5 }",
    ):
        assert errors(trail) == ["IC109"]
        assert errors(_STOP + trail) == []
        assert errors(trail, more="risk_model: { stop_loss: { type: percent, value: 2 } }") == []


def test_a_trail_is_removed_or_given() -> None:
    assert errors(_STOP, "remove: true") == []
    assert errors(_STOP, "remove: true, distance: 5") == ["IC115"]
    assert errors(_STOP, "activate_pct: 1") == ["IC109"]


def test_its_numbers_are_operands_of_the_graph() -> None:
    card = text(f"{_STOP}trail: {{ distance: 5, activate_r: 2 }}")
    graph = compile_card(Source("trails.yaml", card)).graph
    entry = graph.blocks[0].cases[0].emit[0]
    assert [name for name, _ in entry.numbers] == [OptionName.ACTIVATE_R, OptionName.DISTANCE]
    told = " ".join(read_back(graph).split())
    assert "a trailing stop 5 behind the best price, from 2 times the distance to its stop" in told
    assert "give a trailing stop 5 behind the best price, at once, of the position" in told


@pytest.mark.parametrize(
    ("trail", "is_bare"),
    [
        ("trail: { distance: 5 }", False),
        ("trail: { distance: 5, activate_pct: 1 }", True),
        ("reason: none", True),
    ],
)
def test_an_entry_that_trails_from_its_fill_on_has_a_stop(trail: str, is_bare: bool) -> None:
    card = text(trail).partition("  - id: manage")[0]
    found = check(Source("trails.yaml", card)).diagnostics
    assert ("IC601" in [one.code for one in found]) is is_bare
