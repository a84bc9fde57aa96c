"""`adjust_size` with a side: it opens, turns, and leaves what an open position has as it is."""

from __future__ import annotations

import pytest

from runtime.orders.order_spec import Effect, Protect, Side
from tests.strategies.runs import Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 6)
FLIPS = "position_policy: { mode: long_short, allow_flip: true }"
OPEN = at_bar(0, emit("entry_long", size="10 base", order_ref="e", stop_loss=90), block="open")


def aim(bar: int, size: str, side: str = "long", **more: object) -> str:
    return at_bar(bar, emit("adjust_size", side=side, size=size, **more), block=f"aim_{side}_")


def lots(run: Run) -> int:
    position = run.ledger.position
    return 0 if position is None else position.side.sign * position.quantity


def test_without_a_position_it_enters_with_what_it_brings() -> None:
    brings = {"stop_loss": 95, "take_profit": 120, "protect": "layer", "order_ref": "aim"}
    run = live(aim(0, "10 base", **brings), ROWS)
    (spec,) = run.specs
    assert (spec.side, spec.effect, spec.quantity) == (Side.BUY, Effect.OPEN, 10_000)
    assert (spec.order_ref, spec.protect) == ("aim", Protect.LAYER)
    assert run.ledger.stop_price("o1") == 95.0
    assert run.ledger.target_price("o1") == 120.0


def test_the_risk_model_protects_what_it_opens() -> None:
    model = "risk_model: { stop_loss: { type: percent, value: 2 } }"
    run = live(aim(0, "10 base", "short"), ROWS, more=f"{model}\n{FLIPS}")
    assert (lots(run), run.ledger.stop_price()) == (-10_000, 102.0)


def test_what_it_brings_never_touches_an_open_position() -> None:
    run = live(
        OPEN + aim(2, "15 base", stop_loss=97, take_profit=110, trail="{ distance: 1 }"), ROWS
    )
    assert (lots(run), run.refused) == (15_000, [])
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (90.0, None)


def test_an_unknown_stop_is_no_matter_while_a_position_is_open() -> None:
    unknown = "close - 1 / (close - close)"
    assert live(OPEN + aim(2, "15 base", stop_loss=unknown), ROWS).refused == []
    assert live(aim(2, "15 base", stop_loss=unknown), ROWS).refused == ["unknown_price"]


def test_the_other_side_is_turned_only_where_the_policy_lets_it() -> None:
    turn = OPEN + aim(2, "4 base", "short", stop_loss=103)
    run = live(turn, ROWS)
    assert (lots(run), run.refused) == (10_000, ["would_flip"])
    run = live(turn, ROWS, more=FLIPS)
    assert (lots(run), run.refused) == (-4_000, [])
    assert (run.specs[-1].quantity, run.specs[-1].carries) == (14_000, 10_000)
    assert run.ledger.stop_price() == 103.0


def test_a_target_of_nothing_is_flat() -> None:
    none = "10 base * sign(position_layers - position_layers)"
    run = live(aim(0, none), ROWS)
    assert (run.specs, run.refused) == ([], [])
    assert lots(live(OPEN + aim(2, none), ROWS)) == 0
    assert lots(live(OPEN + aim(2, none, "short"), ROWS, more=FLIPS)) == 0
    run = live(OPEN + aim(2, none, "short"), ROWS)
    assert (lots(run), run.refused) == (10_000, ["would_flip"])


@pytest.mark.parametrize("size", ["-1 * position_qty - 1 base", "10 base * (1 / (close - close))"])
def test_a_size_that_is_no_size_is_refused(size: str) -> None:
    run = live(aim(0, size), ROWS)
    assert run.refused == ["unknown_value"]


def test_a_side_the_card_does_not_trade_is_refused() -> None:
    long = "position_policy: { mode: long_only }"
    assert live(aim(0, "1 base", "short"), ROWS, more=long).refused == ["policy_side"]


def test_what_is_on_its_way_is_not_asked_for_again() -> None:
    """Asked for at the same close, or at one before a bar in which nothing traded."""
    twice = at_bar(0, *[emit("adjust_size", side="long", size="10 base")] * 2)
    assert [spec.quantity for spec in live(twice, ROWS).specs] == [10_000]
    assert asked_while_waiting("", aim(1, "10 base") + aim(2, "12 base")) == [10_000, 2_000]


def test_a_turn_that_is_on_its_way_is_not_asked_for_again() -> None:
    turns = aim(1, "4 base", "short") + aim(2, "6 base", "short")
    assert asked_while_waiting(OPEN, turns) == [10_000, 14_000]


def asked_while_waiting(before: str, blocks: str) -> list[int]:
    """Return the lots of the orders of a card where nothing trades in bar 2."""
    run = Run(card_text(before + blocks, more=FLIPS), ROWS)
    run.data.exec.volume[2] = 0.0
    return [spec.quantity for spec in run.live().specs]


def test_a_ref_is_taken_once() -> None:
    resting = at_bar(0, emit("place_limit_long", price=50, size="1 base", order_ref="aim"))
    run = live(resting + aim(1, "10 base", order_ref="aim"), ROWS)
    assert run.refused == ["duplicate_ref"]
    run = live(OPEN + resting + aim(2, "5 base", order_ref="aim"), ROWS)
    assert run.refused == ["duplicate_ref"]


def test_an_exit_of_the_same_close_lets_it_open() -> None:
    actions = (emit("adjust_size", side="short", size="4 base"), "exit_long")
    run = live(OPEN + at_bar(2, *actions), ROWS)
    assert (lots(run), run.refused) == (-4_000, [])
