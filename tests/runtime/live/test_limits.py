"""Limits: each of them holds, and what cannot be judged is held back."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path

import pytest

from runtime.live.guard import Guard, SessionLimits
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import MARKET, started
from tools.fakebybit.faults import Fault, Switch


@pytest.mark.parametrize("name", [one.name for one in fields(SessionLimits)])
def test_a_limit_that_is_no_number_or_negative_is_refused(name: str) -> None:
    for value in (math.nan, -1.0):
        with pytest.raises(ValueError, match=name):
            SessionLimits(**{name: value})


@pytest.mark.parametrize(
    ("limits", "word"),
    [(SessionLimits(max_drawdown_pct=0.5), "max_drawdown_pct"),
     (SessionLimits(max_daily_loss_usdt=20), "max_daily_loss_usdt"),
     (SessionLimits(max_cost_per_day_usdt=1), "max_cost_per_day_usdt")],
)  # fmt: skip
def test_a_breach_halts_cancels_entries_and_keeps_the_stop(
    tmp_path: Path, limits: SessionLimits, word: str
) -> None:
    live = started(tmp_path, MARKET, limits=limits)
    live.bar("49400")
    live.bar("49400")
    assert word in live.desk.guard.halted
    (stop,) = live.venue.state.open_orders("BTCUSDT")
    assert stop.reduce_only
    assert live.held == live.venue_held == 100
    live.laws()
    live.replayed()


def test_without_a_price_a_limit_on_notional_or_band_holds_back(tmp_path: Path) -> None:
    slow = Switch(kind=Fault.DELAY_EFFECT, on="order/create", value=600_000)
    live = Live(tmp_path, MARKET, faults=[slow])
    live.bar(bars=2)
    (order,) = live.ledger.book
    live.ledger.close = math.nan
    for limits in (SessionLimits(max_notional_usdt=1e9), SessionLimits(price_band_pct=50)):
        assert Guard(limits).refusal(order.spec, live.ledger, 0) is not None
