"""What a card reads of its day and of its market is in the account kernel what the readable engine says."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from tests.batch_equal.runs import compare

CARD = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000 }\n"
    "execution: { fill_model: touch }\n"
    "limits: { day_starts: 05:00 }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: position_side == flat and losses_today < 2, emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, stop_loss: low - 2 ticks }}]}]}\n"
    "  - { id: out, cases: [{ when: 'position_side == long and close > high[1] + tick', emit: [exit_all] }]}\n"
)


@pytest.mark.parametrize("seed", range(3))
def test_losses_of_the_day_stop_entries_in_the_kernel_as_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=CARD)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 20  # on some days: the losses of all days stop for good after two


def test_losses_of_the_day_are_counted_by_the_loop_in_python_too() -> None:
    outcome = compare(1, 150, InPython(), text=CARD)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 10
