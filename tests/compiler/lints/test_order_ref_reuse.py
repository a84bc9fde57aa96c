"""IC502: an order that an entry's fill asks for and that goes with the position does not work while flat."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

_HEAD = "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: entry\n    cases:\n"
_SAFETY = (
    "{ action: place_limit_long, metadata: { price: close - 2%, size: 5% of equity, stop_loss_offset_pct: -8, "
    "order_ref: safety, ttl_bars: 40, MORE } }"
)
_MARKET = "entry_long, metadata: { size: 5% of equity, stop_loss_offset_pct: -8"
_LIMIT = "place_limit_long, metadata: { price: close - 1%, size: 5% of equity, stop_loss_offset_pct: -8, ttl_bars: 40"
_OUT = "place_limit_exit_long, metadata: { price: high, size: rest of position, ttl_bars: 40"
_TAKE = "on_fill: [{ action: place_limit_exit_long, metadata: { price: close + 3%, size: fill } }]"
FLAT = "position_side == flat and rsi(14) < 30"
IDLE = f"{FLAT} and pending_order_count == 0"


def reused(when: str, first: str, options: str) -> bool:
    text = f"{_HEAD}      - when: {when}\n        emit: [{{ action: {first}, on_fill: [{_SAFETY.replace('MORE', options)}] }} }}]\n"
    checked = check(Source("x", text))
    assert checked.graph is not None, checked.diagnostics
    return "IC502" in {one.code for one in checked.diagnostics}


@pytest.mark.parametrize(
    ("when", "first", "options", "is_told"),
    [
        (FLAT, _MARKET, "on_flat: cancel", False),
        (FLAT, _MARKET, "on_flat: keep", True),
        (IDLE, _MARKET, "on_flat: keep", False),
        # It may come again at the close at which its exit has left nothing open.
        (FLAT, _MARKET, f"on_flat: cancel, rearm: 3, {_TAKE}", True),
        (FLAT, _MARKET, f"on_flat: cancel, rearm: true, {_TAKE}", True),
        # A second one may wait, and each fill asks for it.
        (FLAT, _LIMIT, "on_flat: cancel", True),
        (IDLE, _LIMIT, "on_flat: cancel", False),
        ("position_side != flat and rsi(14) < 30", _MARKET, "on_flat: cancel", True),
        # The fill of an exit may leave nothing open.
        ("position_side != short and rsi(14) < 30", _OUT, "on_flat: cancel", True),
    ],
)
def test_an_order_that_goes_with_the_position_is_told_only_where_it_may_still_work(
    when: str, first: str, options: str, is_told: bool
) -> None:
    assert reused(when, first, options) is is_told


AGAIN = "{ action: place_limit_long, metadata: { price: close - 1%, size: 2% of equity, stop_loss: close * 0.8, order_ref: buys, MORE, on_fill: [{ action: place_limit_exit_long, metadata: { price: high, size: fill } }] } }"
LADDER = "ladder: { orders: 3, step: 1% }"
WAITS = "position_side == flat and pending_order_count == 0"


@pytest.mark.parametrize(
    ("when", "more", "told"),
    [
        (WAITS, f"rearm: true, on_flat: cancel, {LADDER}", "alone"),
        (WAITS, f"rearm: 3, on_flat: cancel, {LADDER}", "alone"),
        # The others may have ended by their time when the exit of one closes the position.
        (WAITS, f"rearm: true, ttl_bars: 9, {LADDER}", "alone"),
        (WAITS, f"rearm: true, on_flat: cancel, on_live_ref: replace, {LADDER}", ""),
        (f"{WAITS} and not order_due(buys)", f"rearm: true, on_flat: cancel, {LADDER}", ""),
        (f"{WAITS} and bars_since_exit > 2", f"rearm: true, on_flat: cancel, {LADDER}", ""),
        # The others still wait, or all come again.
        (WAITS, f"rearm: true, {LADDER}", ""),
        ("pending_order_count == 0", f"rearm: true, {LADDER}", "alone"),
        (WAITS, f"on_flat: cancel, {LADDER}", ""),
        (WAITS, "rearm: true", "at its first price"),
        (f"{WAITS} and not order_due(buys)", "rearm: true", ""),
        ("close crosses above open and pending_order_count == 0", "rearm: true", ""),
    ],
)
def test_an_entry_that_comes_again_at_the_close_at_which_it_is_laid_anew_is_told(
    when: str, more: str, told: str
) -> None:
    order = AGAIN.replace("MORE", more)
    checked = check(Source("x", f"{_HEAD}      - when: {when}\n        emit: [{order}]\n"))
    assert checked.graph is not None, checked.diagnostics
    helps = [one.help or "" for one in checked.diagnostics if one.code == "IC502"]
    assert len(helps) == (told != "")
    assert all(told in one for one in helps)
