"""Numbers beyond anything a venue takes: refused with a reason, never an exception."""

from __future__ import annotations

import pytest

from runtime.decide.refusals import REFUSALS
from tests.strategies.runs import SMALL, at_bar, emit, flat, live

HUGE = (1e300, 1e308, 10**18, 1e-300)


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("key", ["size_usdt", "size_pct", "size_of_max_pct", "risk_pct"])
def test_a_size_beyond_all_numbers_is_refused_or_cut_to_what_fits(key: str, number: float) -> None:
    action = emit("entry_long", stop_loss=90, **{key: number})
    run = live(at_bar(1, action), flat(100, 4))
    if key == "size_usdt" or number < 1:
        assert len(run.refused) == 1
        assert set(run.refused) <= set(REFUSALS)
        assert run.ledger.position is None
    else:
        assert [spec.quantity for spec in run.specs] == [100_000]
        assert len(run.engine.cuts) == 1


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("kind", ["place_limit_long", "place_stop_short"])
def test_a_price_beyond_all_numbers_is_refused_or_never_reached(kind: str, number: float) -> None:
    key = "price" if "limit" in kind else "trigger"
    action = emit(kind, size_usdt=500, ttl_bars=9, **{key: number})
    run = live(at_bar(1, action), flat(100, 4))
    assert set(run.refused) <= set(REFUSALS)
    assert run.refused or run.specs


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("key", ["stop_loss", "take_profit"])
@pytest.mark.parametrize("side", ["long", "short"])
def test_protection_beyond_all_numbers_leaves_the_run_standing(
    side: str, key: str, number: float
) -> None:
    run = live(at_bar(1, emit(f"entry_{side}", size_usdt=500, **{key: number})), flat(100, 4))
    assert set(run.refused) <= set(REFUSALS)


def test_ticks_and_lots_of_the_largest_float_are_countable() -> None:
    for value in (1.7e308, -1.7e308):
        assert abs(SMALL.ticks(value)) == 2**53
        assert SMALL.round_price(value) == SMALL.price_of(SMALL.ticks(value))
        assert SMALL.floor_price(value) == SMALL.ceil_price(value)
    assert SMALL.lots_for_base(1.7e308) == 2**53
