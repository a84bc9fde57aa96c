"""Entries against the position: refused, or one order that closes it and opens its full size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runtime.orders.events import OrderAmended
from runtime.orders.order_spec import Effect, Side
from tests.strategies.runs import SMALL, Row, Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 8)
FLIPS = "position_policy: { allow_flip: true }"
LONG = at_bar(0, emit("entry_long", size="10 base", order_ref="long"), block="open")


def held(run: Run) -> int:
    """Return the lots held, negative for a short."""
    position = run.ledger.position
    return 0 if position is None else position.side.sign * position.quantity


# ---------------------------------------------------------------- at market


def test_a_flip_at_market_is_one_order_booked_as_two_slices() -> None:
    rows: list[Row] = [*flat(100.0, 3), *flat(102.0, 5)]
    run = live(
        LONG + at_bar(2, emit("entry_short", size="15 base", order_ref="s")), rows, more=FLIPS
    )
    (spec,) = run.specs[1:]
    assert (spec.effect, spec.quantity, spec.carries) == (Effect.OPEN, 25_000, 10_000)
    order = run.ledger.orders[spec.order_id]
    assert len(order.fills) == 1
    assert held(run) == -15_000
    assert run.ledger.account.realized == pytest.approx(20.0)
    position = run.ledger.position
    assert position is not None
    assert position.avg_entry_price == 102.0


def test_a_winner_turns_at_a_hundred_percent_of_equity_as_a_loser_does() -> None:
    for close in (110.0, 90.0):
        rows: list[Row] = [*flat(100.0, 3), *flat(close, 5)]
        blocks = at_bar(0, emit("entry_long", size="100% of equity"))
        blocks += at_bar(4, emit("entry_short", size="100% of equity"))
        run = live(blocks, rows, more=FLIPS)
        assert run.refused == []
        equity = 100 * close
        assert held(run) == -int(equity / close * 1000)


@pytest.mark.parametrize(("largest", "lots"), [(15_000, -15_000), (14_999, 10_000)])
def test_of_a_flip_at_market_what_it_opens_is_held_against_the_largest_order(
    largest: int, lots: int
) -> None:
    """What it closes is an exit, and none is bound by it."""
    text = card_text(LONG + at_bar(2, emit("entry_short", size="15 base")), more=FLIPS)
    run = Run(text, ROWS, replace(SMALL, max_market_lots=largest)).live()
    assert held(run) == lots
    assert run.refused == ["over_max_position"] * (lots > 0)


def test_a_flip_that_rests_is_one_order_and_no_larger_than_the_largest() -> None:
    rests = emit("place_limit_short", size="15 base", price=101.0)
    text = card_text(LONG + at_bar(2, rests), more=FLIPS)
    assert Run(text, ROWS, replace(SMALL, max_lots=24_999)).live().refused == ["over_max_position"]


def test_a_flip_that_the_jump_made_needless_opens_its_own_size_only() -> None:
    """The stop sells the long on the jump before the order of 25 arrives: short 15, not 25."""
    stopped = at_bar(0, emit("entry_long", size="10 base", stop_loss=98), block="open")
    rows: list[Row] = [*flat(100.0, 3), *flat(97.0, 5)]
    run = live(stopped + at_bar(2, emit("entry_short", size="15 base")), rows, more=FLIPS)
    assert held(run) == -15_000


def test_a_flip_needs_its_policy() -> None:
    run = live(LONG + at_bar(2, emit("entry_short", size="15 base")), ROWS)
    assert run.refused == ["would_flip"]
    assert "`position_policy.allow_flip`" in run.engine.refusals[0].text


# ---------------------------------------------------------------- exit and entry in one emit


def test_an_exit_and_an_entry_of_the_other_side_in_one_emit_turn_the_position() -> None:
    run = live(LONG + at_bar(2, "exit_long", emit("entry_short", size="15 base")), ROWS)
    assert run.refused == []
    assert held(run) == -15_000


@pytest.mark.parametrize(
    "exit_",
    [emit("exit_long", size_pct=0.5), emit("place_limit_exit_long", price=101)],
    ids=["partial", "limit"],
)
def test_what_a_market_exit_of_this_close_leaves_refuses_the_entry(exit_: str) -> None:
    run = live(LONG + at_bar(2, exit_, emit("entry_short", size="15 base")), ROWS)
    assert run.refused == ["would_flip"]


# ---------------------------------------------------------------- resting


def resting(action: str, price: float, **more: object) -> str:
    slot = "trigger" if action.startswith("place_stop") else "price"
    return emit(action, **{slot: price}, size="5 base", order_ref="turn", **more)


@pytest.mark.parametrize(
    ("action", "price", "bar"),
    [
        ("place_limit_short", 105, (100, 106, 100, 105)),
        ("place_stop_short", 95, (100, 100, 94, 95)),
    ],
)
def test_a_resting_flip_opens_its_full_size(action: str, price: float, bar: Row) -> None:
    rows: list[Row] = [*flat(100.0, 4), bar, *flat(bar[3], 2)]
    run = live(LONG + at_bar(2, resting(action, price)), rows, more=FLIPS)
    (spec,) = run.specs[1:]
    assert (spec.quantity, spec.carries) == (15_000, 10_000)
    assert held(run) == -5_000


def test_without_the_policy_a_position_that_arises_under_an_opposite_entry_is_netted_by_it() -> (
    None
):
    """Short limit 15 placed flat, long 10 arises, 15 fill: 10 net, short 5 with its own stop."""
    short = emit("place_limit_short", price=105, size="15 base", stop_loss=110)
    rows: list[Row] = [*flat(100.0, 4), (100, 106, 100, 105), *flat(105, 2)]
    run = live(at_bar(0, short) + at_bar(1, emit("entry_long", size="10 base")), rows)
    assert run.refused == []
    assert held(run) == -5_000
    assert run.ledger.stop_price() == 110.0


def test_with_the_policy_a_resting_entry_takes_a_position_up_that_arises_under_it() -> None:
    short = emit("place_limit_short", price=105, size="15 base")
    rows: list[Row] = [*flat(100.0, 4), (100, 106, 100, 105), *flat(105, 2)]
    run = live(at_bar(0, short) + at_bar(1, emit("entry_long", size="10 base")), rows, more=FLIPS)
    assert held(run) == -15_000


def partly(blocks: str, rows: list[Row], volumes: dict[int, float], **more: str) -> Run:
    """Live through bars whose volume decides how much of a limit fills."""
    text = card_text(blocks, account="starting_equity_usdt: 100000", more=FLIPS, **more)
    run = Run(text.replace("fill_model: touch", "fill_model: volume_weighted"), rows)
    for bar, volume in volumes.items():
        run.data.exec.volume[bar] = volume
    return run.live()


def test_a_resting_flip_is_kept_in_step_with_what_it_has_still_to_open_and_what_is_held() -> None:
    """Size 5 short at 105, long 10: 15. 8 fill (long 2), the stop closes 2: 5 are left, not 7."""
    blocks = at_bar(0, emit("entry_long", size="10 base", stop_loss=95), block="open")
    blocks += at_bar(2, emit("place_limit_short", price=105, size="5 base", order_ref="turn"))
    touched: Row = (105, 105, 105, 105)  # one price level: 5 % of the volume
    rows: list[Row] = [
        *flat(100.0, 4),
        touched,
        *flat(100.0, 2),
        (100, 100, 94, 95),
        *flat(95.0, 2),
    ]
    run = partly(blocks, rows, {4: 160.0})
    turn = run.ledger.orders[run.specs[1].order_id]
    assert turn.filled == 8_000
    assert held(run) == 0
    assert (turn.remaining, turn.to_open) == (5_000, 5_000)
    amended = [
        e.quantity
        for e in run.events
        if isinstance(e, OrderAmended) and e.order_id == turn.order_id
    ]
    assert amended == [13_000]


def test_a_resting_flip_carries_what_the_position_grows_by() -> None:
    """8 of 15 filled, long 2; the long grows by 4: 5 + 6 = 11 are left."""
    blocks = at_bar(0, emit("entry_long", size="10 base", stop_loss=50), block="open")
    blocks += at_bar(2, emit("place_limit_short", price=105, size="5 base", order_ref="turn"))
    blocks += at_bar(5, emit("entry_long", size="4 base"), block="grow")
    rows: list[Row] = [*flat(100.0, 4), (105, 105, 105, 105), *flat(100.0, 4)]
    run = partly(blocks, rows, {4: 160.0})
    turn = run.ledger.orders[run.specs[1].order_id]
    assert held(run) == 6_000
    assert turn.remaining == 11_000


def test_one_resting_order_turns_the_position_a_second_is_refused() -> None:
    second = emit("place_stop_short", trigger=95, size="5 base", order_ref="other")
    run = live(
        LONG + at_bar(2, resting("place_limit_short", 105)) + at_bar(3, second), ROWS, more=FLIPS
    )
    assert run.refused == ["would_flip"]
    assert len([order for order in run.ledger.book if order.is_own]) == 1


def test_a_resting_flip_may_be_replaced_by_another_under_its_ref() -> None:
    again = resting("place_limit_short", 106, on_live_ref="replace")
    run = live(
        LONG + at_bar(2, resting("place_limit_short", 105)) + at_bar(3, again), ROWS, more=FLIPS
    )
    assert run.refused == []
    (turn,) = [order for order in run.ledger.book if order.is_own]
    assert (turn.limit_price, turn.remaining, turn.to_open) == (106.0, 15_000, 5_000)
    smaller = emit("amend_order", order_ref="turn", size="3 base")
    run = live(
        LONG + at_bar(2, resting("place_limit_short", 105)) + at_bar(3, smaller), ROWS, more=FLIPS
    )
    (turn,) = [order for order in run.ledger.book if order.is_own]
    assert (turn.remaining, turn.to_open) == (13_000, 3_000)


@pytest.mark.parametrize(
    ("action", "price", "refused"),
    [("place_limit_short", 106, []), ("place_stop_short", 95, ["would_flip"])],
    ids=["changed", "of another kind: a new carrier"],
)
def test_a_resting_entry_is_changed_under_its_ref_while_another_turns_the_position(
    action: str, price: float, refused: list[str]
) -> None:
    """Both rested before the long arose: the older carries it, the other nets with its own lots."""
    older = emit("place_limit_short", price=105, size="5 base", order_ref="older")
    other = emit("place_limit_short", price=107, size="5 base", order_ref="turn")
    again = resting(action, price, on_live_ref="replace")
    blocks = at_bar(0, older, other, emit("entry_long", size="10 base"))
    run = live(blocks + at_bar(2, again), ROWS, more=FLIPS)
    assert run.refused == refused
    works = {order.spec.order_ref: order for order in run.ledger.book if order.is_own}
    assert [works[ref].remaining for ref in ("older", "turn")] == [15_000, 5_000]
    assert works["turn"].limit_price == (107.0 if refused else 106.0)


def test_what_a_resting_flip_carries_is_not_taken_from_exits() -> None:
    run = live(
        LONG + at_bar(2, resting("place_stop_short", 95)) + at_bar(3, emit("place_limit_exit_long", price=104)),
        ROWS, more=FLIPS,
    )  # fmt: skip
    assert run.refused == []
    assert sorted(order.remaining for order in run.ledger.book) == [10_000, 15_000]


def test_a_flip_whose_opening_has_no_margin_ends_after_it_closed() -> None:
    rows: list[Row] = [*flat(100.0, 4), (100, 100, 94, 94), *flat(94, 2)]
    turn = emit("place_stop_short", trigger=95, size_usdt=9_900, order_ref="turn")
    blocks = at_bar(0, emit("entry_long", size="100 base")) + at_bar(2, turn)
    run = live(blocks, rows, more=FLIPS, account="max_position_usdt: 1e6")
    order = run.ledger.orders[run.specs[1].order_id]
    assert held(run) == 0
    assert (order.status.value, order.reason, order.filled) == ("cancelled", "no_margin", 100_000)


def test_protection_of_a_resting_flip_lives_from_its_first_opening_lot() -> None:
    turn = resting("place_stop_short", 95, stop_loss=99, take_profit=80, on_flat="cancel")
    rows: list[Row] = [*flat(100.0, 4), (100, 100, 94, 94), *flat(94, 2)]
    run = live(LONG + at_bar(2, turn), rows, more=FLIPS)
    assert held(run) == -5_000  # its own closing slice is no reason to cancel it
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (99.0, 80.0)
    guards = [(o.side, o.remaining) for o in run.ledger.book]
    assert guards == [(Side.BUY, 5_000)] * 2
