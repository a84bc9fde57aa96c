"""A stop that trails stands in the account kernel where it stands in the readable engine."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from tests.batch_equal.runs import by_kernel, compare

_HEAD = (
    "name: trailed\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3, slippage_bps: 2 }\n"
    "position_policy: { mode: long_short, allow_flip: true }\n"
    "risk_model: { stop_loss: { type: percent, value: 3 } }\n"
    "features: [{ type: ema, id: slow, params: { length: 9 } }]\n"
    "blocks:\n"
)
_ENTRIES = (
    "  - { id: up, cases: [{ when: close > open and position_side != short, emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, trail: { distance: 0.6 } } },\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.2, size: 60 usdt, ttl_bars: 3,\n"
    "          trail: { distance_pct: 0.8, activate_r: 0.2 } } }] }] }\n"
    "  - { id: down, cases: [{ when: close < open and close < slow, emit: [\n"
    "      { action: place_stop_short, metadata: { trigger: close - 0.1, size: 90 usdt, ttl_bars: 2,\n"
    "          trail: { distance: 0.9, activate_pct: 0.1 } } }] }] }\n"
)
_MOVED = (
    "  - { id: tighter, cases: [{ when: bars_since_entry == 2, emit: [\n"
    "      { action: adjust_trail, metadata: { distance: 0.4, activate: close } }] },\n"
    "      { when: bars_since_entry == 5 and position_trail is not missing, emit: [\n"
    "      { action: adjust_trail, metadata: { remove: true } }] }] }\n"
)
_REFUSED = (
    "  - { id: odd, cases: [{ when: bars_since_entry == 1, emit: [\n"
    "      { action: adjust_trail, metadata: { distance: close - slow } }] }] }\n"
)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("text", [_HEAD + _ENTRIES, _HEAD + _ENTRIES + _MOVED])
def test_a_trail_follows_in_the_kernel_as_in_the_engine(
    text: str, seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.reasons.count("trail") > 5


def test_a_trail_follows_in_the_loop_in_python_too() -> None:
    outcome = compare(1, 120, InPython(), text=_HEAD + _ENTRIES + _MOVED)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert "trail" in outcome.reasons


def test_a_trail_that_cannot_be_told_is_refused_in_the_words_of_the_engine(
    kernels: Kernels,
) -> None:
    text = _HEAD + _ENTRIES + _REFUSED
    outcome = compare(2, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    refused = [row.text for row in by_kernel(text, 2, kernels).refusals]
    assert any(word.startswith("`distance` of the trail is -") for word in refused)
