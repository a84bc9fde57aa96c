"""Layers with stops, targets and trails of their own: the account kernel has them where the readable engine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from runtime.batch.supported import reasons
from tests.batch_equal.runs import by_kernel, compare
from tests.strategies.made_cards import market

GALLERY = Path(__file__).parents[3] / "cards" / "gallery"

_HEAD = (
    "name: apart\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3, slippage_bps: 2 }\n"
    "position_policy: { mode: long_short, allow_flip: true }\n"
    "risk_model: { stop_loss: { type: percent, value: 2 } }\n"
    "invariants: [always_protected]\n"
    "execution: { fill_model: queue }\n"
    "blocks:\n"
)
_ENTRIES = (
    "  - { id: up, cases: [{ when: close > open and position_side != short and position_layers < 5, emit: [\n"
    "      { action: entry_long, metadata: { size: 80 usdt, stop_loss: close - 1.1, take_profit: close + 0.7,\n"
    "          protect: layer, take_profit_type: limit, order_ref: near } },\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.3, size: risk 0.1%, ttl_bars: 3,\n"
    "          protect: layer, take_profit: close + 1 } },\n"
    "      { action: entry_long, metadata: { size: 50 usdt, order_ref: shared } }] }] }\n"
    "  - { id: down, cases: [{ when: close < open, emit: [\n"
    "      { action: place_stop_short, metadata: { trigger: close - 0.4, size: 90 usdt, ttl_bars: 2, protect: layer,\n"
    "          stop_loss: close + 0.5 } }] }] }\n"
)
_EXITS = (
    "  - { id: part, cases: [{ when: bars_since_entry == 3, emit: [\n"
    "      { action: exit_long, metadata: { size_pct: 0.4, method: lifo } }] },\n"
    "      { when: bars_since_entry == 4, emit: [\n"
    "      { action: exit_long, metadata: { size_pct: 0.5, method: proportional } }] }] }\n"
)
_MOVED = (
    "  - { id: moved, cases: [{ when: bars_since_entry == 2, emit: [\n"
    "      { action: adjust_stop, metadata: { price: close - 0.5, layer: 0, only_tighten: true } },\n"
    "      { action: adjust_stop, metadata: { price: close - 0.8 } },\n"
    "      { action: adjust_target, metadata: { price: close + 0.3, layer: 1 } },\n"
    "      { action: adjust_stop, metadata: { price: close - 0.2, layer: 5 } }] }] }\n"
)
_TRAILS = (
    "  - { id: trailed, cases: [{ when: close > open and position_layers < 6, emit: [\n"
    "      { action: entry_long, metadata: { size: 70 usdt, protect: layer, trail: { distance: 0.5 } } },\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.1, size: 40 usdt, ttl_bars: 2, protect: layer,\n"
    "          trail: { distance_pct: 0.9, activate_r: 0.1 } } }] },\n"
    "      { when: bars_since_entry == 4, emit: [\n"
    "      { action: adjust_trail, metadata: { distance: 0.3, layer: 1 } },\n"
    "      { action: adjust_trail, metadata: { remove: true, layer: 0 } }] }] }\n"
)
_OWNED = (
    "name: owned\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: position_layers < 2, emit: [\n"
    "      { action: entry_long, metadata: { size: 50 usdt, stop_loss: close - 4, protect: layer } }] },\n"
    "      { when: close < open, emit: [\n"
    "      { action: adjust_stop, metadata: { price: close - 3 } },\n"
    "      { action: adjust_trail, metadata: { distance: 2 } },\n"
    "      { action: entry_long, metadata: { size: 20 usdt } }] },\n"
    "      { when: close > open, emit: [\n"
    "      { action: adjust_trail, metadata: { distance: 2, layer: 2 } }, { action: exit_all }] }] }\n"
)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("blocks", "reason"),
    [(_ENTRIES, "take_profit"), (_ENTRIES + _EXITS + _MOVED, "exit_long"), (_TRAILS, "trail")],
)
def test_layers_are_protected_in_the_kernel_as_in_the_engine(
    blocks: str, reason: str, seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 250, kernels, text=_HEAD + blocks)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.reasons.count(reason) > 1


def test_layers_are_protected_in_the_loop_in_python_too() -> None:
    outcome = compare(1, 90, InPython(), text=_HEAD + _ENTRIES + _MOVED + _TRAILS)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert {"stop_loss", "take_profit", "trail"} <= set(outcome.reasons)


def test_what_is_remarked_of_layers_is_remarked_in_the_kernel_too(kernels: Kernels) -> None:
    made = by_kernel(_HEAD + _ENTRIES + _EXITS + _MOVED, 0, kernels)
    said = {row.kind: row.text for row in made.remarks}
    assert "the others keep their own" in said["level_of_some_layers"]
    assert "took from" in said["stop_chosen_by_method"]


def test_what_no_layer_needs_or_has_is_refused_in_the_words_of_the_engine(kernels: Kernels) -> None:
    outcome = compare(2, 200, kernels, text=_OWNED)
    assert (outcome.difference, outcome.given_up) == ("", "")
    refused = {(row.action, row.code) for row in by_kernel(_OWNED, 2, kernels).refusals}
    assert {
        ("adjust_stop", "layer_owned"),
        ("adjust_trail", "layer_owned"),
        ("adjust_trail", "unknown_ref"),
        ("adjust_trail", "nothing_to_protect"),
    } <= refused


def test_the_grid_of_the_gallery_is_run_by_the_kernel() -> None:
    program = compile_card(Source("grid.yaml", (GALLERY / "grid.yaml").read_text()))
    assert reasons(program, market(program.graph, 1, 20)) == []
