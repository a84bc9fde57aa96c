"""How long an order lives and what protects it decide what may be asked for again, and what is never placed."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.pipeline import check
from tests.compiler.lints.test_rules import ENTRY, GOOD_LIMIT, HEAD, LONG, found, limit


@pytest.mark.parametrize(
    ("lives", "more", "expected"),
    [
        ("ttl_bars: 1", [], []),
        ("ttl_type: ioc", [], []),
        # The fill of its exit places it again.
        ("ttl_bars: 1, rearm: true, on_fill: [{action: place_limit_exit_long, metadata: {price: high, size: fill}}]", [], ["IC502", "IC507"]),
        ("ttl_bars: 1, rearm: 3, on_fill: [{action: place_limit_exit_long, metadata: {price: high, size: fill}}]", [], ["IC502", "IC507"]),
        ("ttl_bars: 2", [], ["IC502", "IC507"]),
        ("ttl_bars: 1", ["{action: amend_order, metadata: {order_ref: dip, price: low * 0.9}}"], []),
        ("ttl_bars: 1", ["{action: amend_order, metadata: {order_ref: dip, ttl_bars: 9}}"], ["IC502", "IC507"]),
    ],
)  # fmt: skip
def test_an_order_that_ends_before_the_next_close_is_not_placed_twice(
    lives: str, more: list[str], expected: list[str]
) -> None:
    order = GOOD_LIMIT.replace("ttl_bars: 20", lives)
    change = [[("oldest_pending_age_bars == 0", text)] for text in more]
    said = found([("close > open and position_side == flat", order)], *change)
    assert [code for code in said if code in ("IC502", "IC507")] == expected


def test_an_order_of_one_bar_that_adds_to_what_it_filled_is_still_told() -> None:
    order = limit("price_offset_pct: -1, ttl_bars: 1, stop_loss_offset_pct: -3")
    checked = found([("close > open", order)])
    assert "IC507" in checked


def test_a_condition_that_asks_for_the_price_of_an_order_asks_whether_it_works() -> None:
    said = found(
        [("close > open and position_side == flat and order_price(dip) is missing", GOOD_LIMIT)]
    )
    assert "IC502" not in said
    said = found([("close > open and position_side == flat and order_price(dip) > 1", GOOD_LIMIT)])
    assert "IC502" in said


@pytest.mark.parametrize(
    ("begins", "expected"), [("", []), (", activate_pct: 1", ["IC512", "IC601"])]
)
def test_a_trail_that_begins_with_the_fill_keeps_the_promise_of_a_stop(
    begins: str, expected: list[str]
) -> None:
    trail = f"trail: {{distance: 0.01 * close{begins}}}"
    entry = f"{{action: entry_long, metadata: {{size: 10% of equity, {trail}}}}}"
    when = "close > open and position_side == flat"
    assert found([(when, entry)], more="invariants: [always_protected]\n") == expected


LEAVING = f"""{HEAD}blocks:
  - id: a
    cases:
      - when: {ENTRY[0][0]}
        emit: [{LONG}]
  - id: b
    cases:
      - when: position_side == long
        emit: [{{action: place_limit_exit_long, metadata: {{price: high, size: 50% of position, order_ref: o MORE}}}}]
"""


def test_an_exit_always_goes_with_the_position_and_is_said_to() -> None:
    source = Source("c", LEAVING.replace("MORE", ", on_flat: keep"))
    [said] = [d for d in check(source, lints=False).diagnostics if d.is_error]
    assert (said.code, said.help) == ("IC110", "one of `cancel`")
    for more in ("", ", on_flat: cancel"):
        graph = check(Source("c", LEAVING.replace("MORE", more)), lints=False).graph
        assert graph is not None
        text = " ".join(read_back(graph).split())
        assert "it is cancelled when the position closes" in text
        assert "goes on waiting when the position closes" not in text
