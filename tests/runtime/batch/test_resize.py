"""A target size is brought about in the account kernel as in the readable engine."""

from __future__ import annotations

import pytest

from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from tests.batch_equal.runs import by_kernel, compare

_HEAD = (
    "name: sized\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
    "position_policy: { mode: long_short, allow_flip: %s }\n"
    "blocks:\n"
)
_SIDES = (
    "  - { id: up, cases: [{ when: close > open, emit: [\n"
    "      { action: adjust_size, metadata: { size: 300 usdt, side: long, stop_loss: close - 1 }}]}]}\n"
    "  - { id: down, cases: [{ when: close < open, emit: [\n"
    "      { action: adjust_size, metadata: { size: 20% of equity, side: short }}]}]}\n"
)
_HALVES = (
    "  - { id: in, cases: [{ when: position_side == flat, emit: [\n"
    "      { action: entry_long, metadata: { size: 300 usdt }}]}]}\n"
    "  - { id: half, cases: [{ when: close > open, emit: [\n"
    "      { action: adjust_size, metadata: { size: 50% of position, method: lifo }}]},\n"
    "      { when: close < open, emit: [{ action: adjust_size, metadata: { size: 400 usdt }}]}]}\n"
)
_NOTHING = (
    "  - { id: none, cases: [{ when: close > open, emit: [\n"
    "      { action: adjust_size, metadata: { size: 200 usdt }}]}]}\n"
)
# An entry that is decided before what frees its margin, were it not for the order of kinds.
_MAKES_ROOM = (
    "  - { id: up, cases: [{ when: close > open, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.2, size: 2500 usdt, ttl_bars: 1 }},\n"
    "      { action: adjust_size, metadata: { size: 200 usdt }}]},\n"
    "      { when: position_side == flat, emit: [\n"
    "      { action: entry_long, metadata: { size: 2000 usdt }}]}]}\n"
)
_TOO_SMALL = (
    "  - { id: up, cases: [{ when: close > open, emit: [\n"
    "      { action: adjust_size, metadata: { size: 'max(0, close / open - 1.005) * 0.00001 * equity', side: long }}]}]}\n"
)
_CARDS = {
    "too_small": _HEAD % "false" + _TOO_SMALL,
    "sides": _HEAD % "true" + _SIDES,
    "no_flip": _HEAD % "false" + _SIDES,
    "halves": _HEAD % "false" + _HALVES,
    "nothing": _HEAD % "false" + _NOTHING,
    "makes_room": _HEAD % "false" + _MAKES_ROOM,
}


@pytest.mark.parametrize("name", _CARDS)
def test_a_target_size_is_brought_about_in_the_kernel_as_in_the_engine(
    name: str, kernels: Kernels
) -> None:
    for seed in range(3):
        outcome = compare(seed, 200, kernels, text=_CARDS[name])
        assert (outcome.difference, outcome.given_up) == ("", "")


def test_a_turn_is_bound_by_the_largest_order_in_the_kernel_as_in_the_engine(
    kernels: Kernels,
) -> None:
    """By what it opens alone: at half of what both together are it turns, below either it does not."""
    for largest in (100, 2_000, 4_000):
        outcome = compare(2, 200, kernels, text=_CARDS["sides"], largest=largest)
        assert (outcome.difference, outcome.given_up) == ("", "")


def test_a_target_size_is_brought_about_in_the_loop_in_python_too() -> None:
    outcome = compare(1, 120, InPython(), text=_CARDS["sides"])
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 20


def test_what_takes_away_makes_room_for_the_entries_of_its_close(kernels: Kernels) -> None:
    made = by_kernel(_CARDS["makes_room"], 1, kernels)
    reasons = [fill.reason for fill in made.fills]
    assert "adjust_size" in reasons
    assert "place_limit_long" in reasons


def test_without_a_position_there_is_nothing_to_adjust(kernels: Kernels) -> None:
    made = by_kernel(_CARDS["nothing"], 1, kernels)
    assert {row.text for row in made.refusals} == {"no position is open to adjust"}


def test_a_target_of_less_than_a_lot_is_refused_in_both(kernels: Kernels) -> None:
    """A target of nothing is no wish to enter: flat is what it asks for."""
    made = by_kernel(_CARDS["too_small"], 1, kernels)
    assert made.refusals
    assert {row.code for row in made.refusals} == {"below_min_qty"}
    assert not any("the size is 0" in row.text for row in made.refusals)
