"""The core loop: which cases fire, in which order intents act, and what follows a fill."""

from __future__ import annotations

import pytest

from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection, SubmitOrder
from runtime.orders.events import OrderSubmitted
from runtime.orders.order_spec import Effect, Side
from tests.strategies.runs import Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 8)


def kinds(run: Run, bar: int) -> list[type]:
    return [type(command) for command in run.commands[bar]]


def test_only_the_first_true_case_of_a_block_fires() -> None:
    blocks = """
    - id: b
      cases:
        - when: bar_index == 2
          emit: [{ action: entry_long, metadata: { size_usdt: 100 } }]
        - when: bar_index >= 2
          emit: [{ action: entry_long, metadata: { size_usdt: 200 } }]
    """
    run = live(blocks, ROWS)
    assert [spec.quantity for spec in run.specs[:2]] == [1000, 2000]


def test_an_unknown_case_is_passed_over_and_the_next_is_tried() -> None:
    blocks = """
    - id: b
      cases:
        - when: close[5] > 0
          emit: [no_action]
        - when: close > 0
          emit: [{ action: entry_long, metadata: { size_usdt: 100 } }]
    """
    assert [spec.created_bar for spec in live(blocks, ROWS).specs] == [0, 1, 2, 3, 4]


def test_else_speaks_when_no_case_is_true() -> None:
    blocks = """
    - id: b
      cases:
        - when: bar_index < 6
          emit: [no_action]
      else: { emit: [{ action: entry_long, metadata: { size_usdt: 100 } }] }
    """
    run = live(blocks, ROWS)
    assert [spec.created_bar for spec in run.specs] == [6, 7]
    assert run.specs[0].origin.case == -1


def test_every_block_is_heard_on_every_close() -> None:
    blocks = at_bar(1, emit("entry_long", size_usdt=100), block="x")
    blocks += at_bar(1, emit("place_limit_long", price=99, size_usdt=100), block="y")
    run = live(blocks, ROWS)
    assert [spec.origin.block for spec in run.specs] == ["x1", "y1"]


def test_all_blocks_see_the_same_frozen_account() -> None:
    blocks = """
    - id: one
      cases:
        - when: position_side == flat and pending_order_count == 0
          emit: [{ action: place_limit_long, metadata: { price: 99, size_usdt: 100 } }]
    - id: two
      cases:
        - when: pending_order_count == 0
          emit: [{ action: place_limit_long, metadata: { price: 98, size_usdt: 100 } }]
    """
    assert len(live(blocks, ROWS).commands[0]) == 2


def test_intents_act_by_kind_whatever_their_place_in_the_card() -> None:
    first = at_bar(0, emit("place_limit_long", price=99, size_usdt=990, order_ref="a"),
                   emit("place_limit_long", price=98, size_usdt=980, order_ref="b"),
                   emit("entry_long", size_usdt=100, stop_loss=95), block="first")  # fmt: skip
    mixed = at_bar(
        2,
        emit("entry_long", size_usdt=200),
        emit("exit_long", size_pct=0.5),
        emit("amend_order", order_ref="b", price=97),
        emit("adjust_stop", price=96),
        emit("cancel_order", order_ref="a"),
    )
    run = live(first + mixed, ROWS)
    assert kinds(run, 2) == [CancelOrder, AmendOrder, SetProtection, SubmitOrder, SubmitOrder]
    exit_, entry = run.specs[-2:]
    assert (exit_.effect, entry.effect) == (Effect.REDUCE, Effect.OPEN)
    assert run.refused == []


def test_within_a_kind_the_order_of_the_card_decides() -> None:
    blocks = at_bar(1, *(emit("entry_long", size_usdt=size) for size in (300, 100, 200)))
    assert [s.quantity for s in live(blocks, ROWS).specs] == [3000, 1000, 2000]


def test_a_new_order_is_announced_before_its_command_is_returned() -> None:
    run = Run(card_text(at_bar(0, emit("entry_long", size_usdt=100))), ROWS).live(1)
    announced = [e.spec.order_id for e in run.events if isinstance(e, OrderSubmitted)]
    assert announced == ["o1"]
    assert run.ledger.orders["o1"].request == "submit"


def test_a_shrinking_adjustment_acts_with_the_exits() -> None:
    blocks = at_bar(0, emit("entry_long", size_usdt=1000), block="open")
    blocks += at_bar(2, emit("entry_long", size_usdt=100), emit("adjust_size", size_usdt=500))
    run = live(blocks, ROWS)
    assert [s.side for s in run.specs] == [Side.BUY, Side.SELL, Side.BUY]


FOLLOWED = (
    "{ action: place_limit_long, metadata: { price: 99, size_usdt: 990, order_ref: first, "
    "on_fill: [{ action: place_limit_exit_long, metadata: { price: 101, order_ref: out, "
    "on_fill: [{ action: place_limit_long, metadata: { price: 97, size_usdt: 97, order_ref: again }}]"
    " }}] }}"
)


def test_a_completed_fill_asks_for_more_at_its_own_close() -> None:
    rows = [
        *flat(100.0, 3),
        (100, 100, 98.5, 100),
        *flat(100.0, 2),
        (100, 102, 100, 100),
        *flat(100, 2),
    ]
    run = live(at_bar(0, FOLLOWED), rows)
    assert [(s.order_ref, s.created_bar) for s in run.specs] == [
        ("first", 0), ("out", 3), ("again", 6),
    ]  # fmt: skip
    assert run.specs[1].quantity == 10_000
    assert run.ledger.position is None


def test_a_partial_fill_does_not_ask_for_more() -> None:
    rows = [*flat(100.0, 3), (100, 100, 98.9, 100), *flat(100.0, 3)]
    blocks, how = at_bar(0, FOLLOWED), "fill_model: volume_weighted"
    text = card_text(blocks).replace("fill_model: touch", how)
    run = Run(text, rows)
    run.data.exec.volume[3] = 100.0
    run.live()
    assert 0 < run.ledger.orders["o1"].filled < run.ledger.orders["o1"].quantity
    assert [s.order_ref for s in run.specs] == ["first"]


def test_a_flip_is_one_order_and_its_fill_asks_for_more_once() -> None:
    text = card_text(
        at_bar(0, emit("entry_long", size_usdt=1000))
        + at_bar(2, "{ action: entry_short, metadata: { size_usdt: 1000, on_fill: "
                 "[{ action: place_limit_exit_short, metadata: { price: 99 }}] }}"),
        more="position_policy: { allow_flip: true }",
    )  # fmt: skip
    run = Run(text, ROWS).live()
    assert [(s.reason, s.quantity) for s in run.specs] == [
        ("entry_long", 10_000), ("entry_short", 20_000), ("place_limit_exit_short", 10_000),
    ]  # fmt: skip


def test_order_ids_go_on_after_a_replay() -> None:
    blocks = at_bar(0, emit("entry_long", size_usdt=100)) + at_bar(
        4, emit("entry_long", size_usdt=100)
    )
    whole = Run(card_text(blocks), ROWS).live()
    again = Run(card_text(blocks), ROWS)
    before = [event for event in whole.events if event.bar <= 2]
    for event in before:
        again.engine.apply(event)
    again.commands = [[]] * 3
    again.live()
    assert [s.order_id for s in again.specs] == ["o2"]


@pytest.mark.parametrize(("ref", "left"), [("first", True), ("second", False), ("third", False)])
def test_a_card_can_ask_which_order_opened_a_layer(ref: str, left: bool) -> None:
    blocks = at_bar(0, emit("entry_long", size_usdt=1000, order_ref="first"))
    blocks += at_bar(2, emit("entry_long", size_usdt=1000, order_ref="second"))
    blocks += at_bar(6, emit("place_limit_long", price=90, size_usdt=90, order_ref="third"))
    blocks += f"""
- id: leave
  cases:
    - when: bar_index == 4 and position_layer_0_ref == {ref}
      emit: [exit_all]
"""
    assert (live(blocks, ROWS).ledger.position is None) is left


def test_the_ref_of_a_layer_that_is_not_there_is_unknown() -> None:
    blocks = at_bar(0, emit("entry_long", size_usdt=1000, order_ref="only"))
    blocks += """
- id: none
  cases:
    - when: bar_index == 3 and position_layer_1_ref is missing
      emit: [exit_all]
"""
    assert live(blocks, ROWS).ledger.position is None


def test_the_same_run_twice_gives_the_same_events() -> None:
    blocks = at_bar(0, FOLLOWED) + at_bar(3, emit("entry_long", size_usdt=50))
    assert Run(card_text(blocks), ROWS).live().events == Run(card_text(blocks), ROWS).live().events


def test_a_replaced_order_is_cancelled_before_anything_new_is_placed() -> None:
    blocks = at_bar(0, emit("place_limit_long", price=99, size_usdt=990, order_ref="r"))
    again = emit(
        "place_stop_long", trigger=101, size_usdt=101, order_ref="r", on_live_ref="replace"
    )
    blocks += at_bar(2, emit("place_limit_long", price=98, size_usdt=98), again)
    assert kinds(live(blocks, ROWS), 2) == [CancelOrder, SubmitOrder, SubmitOrder]
