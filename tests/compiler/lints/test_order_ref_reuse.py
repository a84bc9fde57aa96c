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
