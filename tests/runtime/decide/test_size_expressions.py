"""Sizes that are calculated: of the account at the close, of the order's own price and stop."""

from __future__ import annotations

from runtime.orders.order_spec import Role
from tests.strategies.runs import Run, at_bar, emit, flat, live

ROWS = flat(100.0, 6)


def lots(run: Run) -> list[int]:
    return [o.quantity for o in run.ledger.orders.values() if o.spec.role is not Role.STOP_LOSS]


def test_a_risk_among_other_sizes_is_the_same_lots_as_alone() -> None:
    """1 % of 10,000 lost over 5: 20 units, alone, in a minimum, as a function."""
    for size in ("risk 1%", "min(risk 1%, 50% of equity)", "risk(1)", "risk 0.5% + risk 0.5%"):
        run = live(at_bar(0, emit("entry_long", size=size, stop_loss=95.0)), ROWS)
        assert lots(run) == [20_000], size


def test_the_price_and_stop_of_a_risk_are_those_of_its_own_order() -> None:
    """At 90 with its stop at 80 the same risk is 10 units; both orders are of one close."""
    wide = emit("place_limit_long", price=90.0, size="min(risk 1%, equity)", stop_loss=80.0)
    near = emit("place_limit_long", price=98.0, size="min(risk 1%, equity)", stop_loss=94.0)
    assert lots(live(at_bar(0, wide, near), ROWS)) == [10_000, 25_000]


def test_a_risk_is_the_money_of_the_close_not_that_of_its_other_orders() -> None:
    first = emit("entry_long", size="min(risk 1%, 20% of equity)", stop_loss=90.0)
    run = live(at_bar(0, first, first), ROWS)
    assert lots(run) == [10_000, 10_000]


def test_a_computed_size_is_cut_and_a_stated_one_refused() -> None:
    """1x on 10,000: 200 usdt times 100 is cut to what fits, 20,000 usdt is not."""
    run = live(at_bar(0, emit("entry_long", size="200 usdt * (100 + position_layers)")), ROWS)
    assert len(run.engine.cuts) == 1
    assert run.refused == []
    assert live(at_bar(0, emit("entry_long", size="20000 usdt")), ROWS).refused == [
        "over_max_position"
    ]


def test_an_amount_that_is_computed_of_amounts_alone_is_cut_too() -> None:
    """Nobody wrote 12,000 usdt there: what adds up, multiplies or chooses amounts is computed."""
    sums = (
        "9000 usdt + 3000 usdt",
        "6000 usdt * 2",
        "12000 usdt * 1",
        "max(12000 usdt, 1 usdt)",
        "60 base * 2",
    )
    for size in sums:
        run = live(at_bar(0, emit("entry_long", size=size)), ROWS)
        assert (run.refused, len(run.engine.cuts)) == ([], 1), size
    for size in ("12000 usdt", "120 base"):
        run = live(at_bar(0, emit("entry_long", size=size)), ROWS)
        assert run.refused == ["over_max_position"], size


def test_a_part_of_the_free_margin_is_notional_without_leverage_and_times_leverage_is_more() -> (
    None
):
    """10x on 10,000 at 100: half of the free margin is 5,000 usdt, as half of the equity is."""
    for size, wanted in (
        ("50% of free", 50_000), ("50% of equity", 50_000), ("5% of free * leverage", 50_000),
        ("free_margin * 0.5", 50_000), ("free_usdt * 0.05", 50_000), ("50% of free * 2", 100_000),
    ):  # fmt: skip
        blocks = at_bar(0, emit("entry_long", size=size))
        assert lots(live(blocks, ROWS, account="max_leverage: 10")) == [wanted], size


def test_a_negative_or_unknown_size_is_refused() -> None:
    for size in ("equity - 20000 usdt", "0.01 base * position_r"):
        run = live(at_bar(0, emit("entry_long", size=size)), ROWS)
        assert run.refused == ["unknown_value"], size
    zero = live(at_bar(0, emit("entry_long", size="equity - equity")), ROWS)
    assert zero.refused == ["below_min_qty"]


def test_half_and_then_the_rest_close_an_odd_lot_completely() -> None:
    blocks = at_bar(0, emit("entry_long", size="0.155 base"), block="open") + at_bar(
        2,
        emit("place_limit_exit_long", price=103, size="50% of position"),
        emit("place_limit_exit_long", price=104, size="rest of position"),
    )
    assert lots(live(blocks, ROWS)) == [155, 77, 78]


def test_the_rest_at_market_leaves_a_resting_exit_its_lots() -> None:
    blocks = at_bar(0, emit("entry_long", size="10 base"), block="open")
    blocks += at_bar(2, emit("place_limit_exit_long", price=103, size="4 base"))
    blocks += at_bar(3, emit("exit_long", size="rest of position"), block="rest")
    run = live(blocks, ROWS)
    assert lots(run) == [10_000, 4_000, 6_000]
    assert [order.remaining for order in run.ledger.book] == [4_000]


def test_nothing_left_is_no_rest() -> None:
    blocks = at_bar(0, emit("entry_long", size="10 base"), block="open")
    blocks += at_bar(2, emit("place_limit_exit_long", price=103))
    blocks += at_bar(3, emit("exit_long", size="rest of position"), block="rest")
    assert live(blocks, ROWS).refused == ["nothing_to_reduce"]
