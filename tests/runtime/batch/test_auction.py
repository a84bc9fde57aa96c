"""What the open of a session market gives a limit that its jump passed is the same in the account kernel."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from tests.batch_equal.runs import compare
from tests.runtime.batch.test_rearm import _HEAD

_CARD = (
    "  - { id: in, cases: [{ when: position_side == flat, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close * 0.9995, size: 100 usdt, ttl_type: %s }},\n"
    "      { action: place_limit_short, metadata: { price: close * 1.0005, size: 100 usdt, ttl_type: %s }}]}]}\n"
    "  - { id: out, cases: [{ when: bars_since_entry > 2, emit: [{ action: exit_all }]}]}\n"
)


@pytest.mark.parametrize("gap", ["limit", "open"])
@pytest.mark.parametrize("force", ["gtc", "ioc", "fok"])
def test_a_limit_of_the_close_before_gets_the_same_in_the_kernel(
    gap: str, force: str, kernels: Kernels
) -> None:
    head = _HEAD.replace("fill_model: touch", f"fill_model: touch, resting_gap: {gap}")
    text = head + _CARD % (force, force)
    for seed in range(2):
        outcome = compare(seed, 300, kernels, text=text)
        assert (outcome.difference, outcome.given_up) == ("", "")
        assert outcome.fills
