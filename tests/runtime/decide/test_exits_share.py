"""Exits share a position: resting ones among themselves, market ones before them, none for nothing."""

from __future__ import annotations

from runtime.orders.commands import AmendOrder
from tests.strategies.runs import Row, Run, at_bar, emit, flat, live

ROWS = flat(100.0, 8)
OPEN = at_bar(0, emit("entry_long", size="10 base"), block="open")


def limit_exit(price: float, ref: str, **more: object) -> str:
    return emit("place_limit_exit_long", price=price, order_ref=ref, **more)


def working(run: Run) -> dict[str | None, int]:
    return {order.spec.order_ref: order.remaining for order in run.ledger.book}


def test_a_second_resting_exit_gets_what_the_first_leaves() -> None:
    blocks = OPEN + at_bar(2, limit_exit(104.5, "far", size="7 base"))
    blocks += at_bar(3, limit_exit(103, "near", size_pct=0.5))
    run = live(blocks, ROWS)
    assert run.refused == []
    assert working(run) == {"far": 7_000, "near": 3_000}
    assert [(c.cut.wanted, c.cut.given) for c in run.engine.cuts] == [(5_000, 3_000)]


def test_a_resting_exit_that_finds_nothing_left_is_refused_not_cancelled() -> None:
    blocks = OPEN + at_bar(2, limit_exit(104.5, "far")) + at_bar(3, limit_exit(103, "near"))
    run = live(blocks, ROWS)
    assert run.refused == ["nothing_to_reduce"]
    assert working(run) == {"far": 10_000}
    assert {o.reason for o in run.ledger.orders.values()} & {"position_closed"} == set()


def test_resting_exits_of_one_close_share_too() -> None:
    run = live(
        OPEN + at_bar(2, limit_exit(103, "x", size_pct=0.6), limit_exit(104, "y", size_pct=0.6)),
        ROWS,
    )
    assert working(run) == {"x": 6_000, "y": 4_000}


def test_a_market_exit_does_not_yield_to_a_resting_one() -> None:
    """Long 10, limit exit 10 at 104.5 resting, exit_all at 101: sold at 101, not carried down to 90."""
    rows: list[Row] = [*flat(100.0, 2), *flat(101.0, 3), *flat(90.0, 3)]
    run = live(OPEN + at_bar(2, limit_exit(104.5, "tp")) + at_bar(3, "exit_all"), rows)
    assert run.refused == []
    assert run.ledger.position is None
    assert run.ledger.account.realized == 10.0
    assert run.ledger.orders["o2"].reason == "position_closed"


def test_a_market_exit_shrinks_the_newest_resting_exit_first() -> None:
    blocks = OPEN + at_bar(
        2, limit_exit(103, "x", size_pct=0.5), limit_exit(104, "y", size_pct=0.5)
    )
    run = live(blocks + at_bar(4, emit("exit_long", size_pct=0.3)), ROWS)
    assert working(run) == {"x": 5_000, "y": 2_000}


def test_a_market_exit_of_the_same_close_comes_before_a_resting_one_placed_before_it() -> None:
    run = live(OPEN + at_bar(2, limit_exit(104, "tp"), emit("exit_long", size_pct=0.4)), ROWS)
    assert run.refused == []
    assert working(run) == {"tp": 6_000}


def test_market_exits_of_one_close_share_the_position_in_card_order() -> None:
    """Shares are of the position at that close, not of what is free: 60 %, then 40 % of 10 that are left."""
    half, more = emit("exit_long", size_pct=0.6), emit("exit_long", size_pct=0.6)
    run = live(OPEN + at_bar(2, half, more, "exit_all"), ROWS)
    assert [spec.quantity for spec in run.specs[1:]] == [6_000, 4_000]
    assert run.refused == ["nothing_to_reduce"]
    assert run.ledger.position is None


def test_amended_exits_never_exceed_the_position_together() -> None:
    placed = OPEN + at_bar(
        2, limit_exit(103, "x", size_pct=0.5), limit_exit(104, "y", size_pct=0.3)
    )
    run = live(placed + at_bar(4, emit("amend_order", order_ref="x", size="10 base")), ROWS)
    assert run.refused == []
    assert working(run) == {"x": 7_000, "y": 3_000}
    again = at_bar(6, emit("amend_order", order_ref="y", size="10 base"))
    run = live(placed + at_bar(4, emit("amend_order", order_ref="x", size="10 base")) + again, ROWS)
    assert run.refused == ["nothing_to_reduce"]
    assert working(run) == {"x": 7_000, "y": 3_000}


def test_an_exit_that_is_replaced_keeps_its_own_share() -> None:
    replaced = {"on_live_ref": "replace"}
    placed = OPEN + at_bar(
        2, limit_exit(103, "x", size_pct=0.5), limit_exit(104, "y", size_pct=0.5)
    )
    run = live(placed + at_bar(4, limit_exit(102, "x", size_pct=0.5, **replaced)), ROWS)
    assert run.commands[4] == [AmendOrder(order_id="o2", limit_price=102.0)]
    assert run.refused == []


def test_an_exit_takes_what_it_would_strand_and_says_so_on_its_fill() -> None:
    """Minimum 5 USDT: half of 9 USDT would leave 4.5, so all of it is sold."""
    small = at_bar(0, emit("entry_long", size_usdt=9), block="open")
    run = live(small + at_bar(2, emit("exit_long", size_pct=0.5, reason="mine")), ROWS)
    assert run.ledger.position is None
    (fill,) = run.ledger.orders["o2"].fills
    assert (fill.quantity, fill.reason) == (90, "absorbed_dust")
    whole = live(small + at_bar(2, emit("exit_long", reason="mine")), ROWS)
    assert whole.ledger.orders["o2"].fills[0].reason == "mine"


def test_on_flat_spares_what_was_placed_at_the_close_that_left() -> None:
    entry = {"price": 98, "size": "1 base", "on_flat": "cancel"}
    early = at_bar(0, emit("place_limit_long", order_ref="early", **entry), block="early")
    late = emit("place_limit_long", order_ref="late", **entry)
    run = live(OPEN + early + at_bar(2, "exit_all", late), ROWS)
    assert run.ledger.position is None
    assert working(run) == {"late": 1_000}
    assert [o.reason for o in run.ledger.orders.values() if o.spec.order_ref == "early"] == [
        "on_flat"
    ]


def test_on_flat_reaches_an_entry_that_worked_when_a_stop_closed_the_position() -> None:
    stopped = at_bar(0, emit("entry_long", size="10 base", stop_loss=97), block="open")
    late = emit("place_limit_long", price=90, size="1 base", on_flat="cancel", order_ref="late")
    rows: list[Row] = [*flat(100.0, 3), (100, 100, 96, 98), *flat(98.0, 2)]
    run = live(stopped + at_bar(2, late), rows)
    assert working(run) == {}


def test_a_stop_that_would_cover_nothing_is_refused_where_layers_own_theirs() -> None:
    own = at_bar(0, emit("entry_long", size="10 base", stop_loss=90, protect="layer"), block="own")
    run = live(own + at_bar(2, emit("adjust_stop", price=95)), ROWS)
    assert run.refused == ["layer_owned"]
    assert "`layer`" in run.engine.refusals[0].text
    shared = at_bar(1, emit("entry_long", size="5 base", stop_loss=92), block="shared")
    run = live(own + shared + at_bar(3, emit("adjust_stop", price=95)), ROWS)
    assert run.refused == []
    assert run.ledger.stop_price() == 95.0
