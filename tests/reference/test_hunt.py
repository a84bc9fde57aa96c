"""What a search over seeds has found, and the search itself over scripts in which nothing is found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.reference.both import agreed, done
from tests.reference.hunt import knobs_of, look
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    Amend,
    Attached,
    Cancel,
    Command,
    Effect,
    ExitAll,
    FillModel,
    Funding,
    OrderType,
    Place,
    Points,
    Protect,
    RewardRisk,
    Settings,
    Side,
    TargetType,
)
from tests.reference.words import ask, bid, buy, buy_stop, offer, px, sell, sell_stop

KNOWN_RATE = Fraction(-1, 1000)
KNOBS = knobs_of(), knobs_of(on=("tight_margin", "reuse_refs"))
FLIP = Settings(fill_model=FillModel.TOUCH, allow_flip=True)
NEXT_BAR = Settings(fill_model=FillModel.TOUCH, attached=Attached.NEXT_BAR)


@pytest.mark.parametrize("first", range(0, 150, 30))
def test_no_script_of_these_features_is_told_differently(first: int) -> None:
    found = [look(seed, KNOBS[seed % 2]) for seed in range(first, first + 30)]
    assert [f"{x.seed}: {x.text}" for x in found if x.what is not None] == []


def test_lots_that_come_in_late_on_the_jump_leave_at_the_open_by_the_target_it_has_passed() -> None:
    lines = ("107 107.5 106.9 107.2", "107.2 107.7 107 107.7", "104.8 105.9 104.2 105.4")
    first = (sell("a", 10, take_profit=px("106.5")), sell_stop("b", "106.8", 1))
    seen = agreed(lines, {0: first})
    out = [(x.lots, x.price) for x in seen.trades if x.who == "target of position"]
    assert out == [(11, px("104.8"))]
    assert seen.accounts[-1].position == 0


def test_who_leaves_at_the_very_place_of_a_funding_time_pays_no_funding() -> None:
    lines = ("99.1 99.2 97.6 99.1", "99.1 99.2 98 98")
    at = Funding(90, rate=KNOWN_RATE)
    seen = agreed(lines, {0: (sell("a", 5, take_profit=px("98.6")),)}, (at,))
    assert seen.accounts[-1].balance == pytest.approx(10002.5)


def test_a_placement_under_a_live_ref_is_refused_where_the_target_it_keeps_would_be_passed() -> (
    None
):
    lines = ("102 103 102 103", "105.7 106 105.4 105.4", "105.4 106 105.4 106")
    old = bid("a", "101.8", 20, take_profit=px("101.9"))
    seen = agreed(lines, {0: (old,), 1: (bid("a", "104.8", 5, replace=True),)})
    assert [x.reason for x in seen.ends] == ["target_on_wrong_side"]
    assert seen.accounts[-1].working == (("a", 20),)


def test_a_stop_moved_to_where_the_risk_model_has_it_is_the_cards_and_stays() -> None:
    lines = ("100 100.5 99.5 100", "100 101 99.5 101", "101 101.5 100.5 101", "101 102 101 101")
    commands = {
        0: (buy("a", 10),),
        1: (AdjustStop(level=px(97)),),
        2: (buy("b", 10),),
    }
    seen = agreed(lines, commands, settings=Settings(risk_stop=Points(300)))
    assert [x.stop for x in seen.accounts[1:]] == [px(97), px(97), px(97)]


def test_a_target_of_the_model_follows_the_average_by_its_own_plan_where_who_fills_has_none() -> (
    None
):
    """`part` names its target; what it fills later moves the average from 98.5 to 98.65."""
    lines = ("98.9 98.9 98.9 98.9", "98.9 99.5 98.6 98.9 60", "97.7 97.8 97.4 97.4 400",
             "97.4 98.8 97.2 98.2 60")  # fmt: skip
    part = ask("part", "98.7", 15, take_profit=px("97.9"))
    model = ask("model", "98.5", 1, stop_loss=px("99.7"))  # 1.2 away: half of it is 0.6
    settings = Settings(fill_model=FillModel.QUEUE, risk_target=RewardRisk(Fraction(1, 2)))
    account = agreed(lines, {0: (part,), 2: (model,)}, settings=settings).accounts[-1]
    assert (account.average, account.target) == (px("98.65"), px("98.05"))


def test_what_is_decided_for_a_position_is_not_for_the_next_one() -> None:
    lines = (
        "100.1 100.2 99.9 99.9",
        "99.9 100.4 99.9 100.3",
        "100.5 100.9 100.5 100.9",
        "101.7 101.7 101.3 101.3",
    )
    commands = {
        0: (sell("a", 5, stop_loss=px("101.1")),),
        1: (ask("b", "101.2", 10, stop_loss=px("103")),),
        2: (AdjustTarget(level=px("100.5")),),
    }
    seen = agreed(lines, commands)
    assert (seen.accounts[3].position, seen.accounts[3].target) == (-10, None)


# --- entries that turn the position ---------------------------------------------------------------

LONG = {0: (buy("long", 10),)}


def test_one_resting_entry_at_a_time_carries_the_position_and_a_second_is_refused() -> None:
    lines = ("100 100.5 99.5 100",) * 3 + ("100 106 100 106",)
    asks = (ask("first", 104, 5), ask("second", 105, 5))
    seen = agreed(lines, LONG | {1: asks}, settings=FLIP)
    assert [(x.ref, x.reason) for x in seen.ends if x.kind == "refused"] == [
        ("second", "would_flip")
    ]
    assert done(seen)[1:] == [(3, "first", 15, px(104))]
    assert seen.accounts[-1].position == -5


def test_of_entries_that_rested_before_the_oldest_carries_the_position_and_the_other_nets() -> None:
    lines = ("100 100.5 99.5 100", "100 100.5 99.5 100", "100 106 100 106")
    orders = (ask("first", 105, 5), ask("second", 104, 5), buy("long", 10))
    seen = agreed(lines, {0: orders}, settings=FLIP)
    assert seen.accounts[1].working == (("first", 15), ("second", 5))
    # Of the 10 the second nets 5, the first closes the other 5 and opens its own.
    assert done(seen)[1:] == [(2, "second", 5, px(104)), (2, "first", 10, px(105))]
    assert seen.accounts[-1].position == -5


def test_the_next_one_carries_the_position_when_the_one_that_did_is_gone() -> None:
    lines = ("100 100.5 99.5 100",) * 3 + ("100 106 100 106",)
    orders = (ask("first", 104, 5, ttl_bars=2), ask("second", 105, 5), buy("long", 10))
    seen = agreed(lines, {0: orders}, settings=FLIP)
    assert seen.accounts[1].working == (("first", 15), ("second", 5))
    assert seen.accounts[2].working == (("second", 15),)
    assert seen.accounts[-1].position == -5


def test_what_an_order_netted_in_part_it_does_not_open_again() -> None:
    """4 of 10 are netted on bar 2; the rest nets 6: not one lot more than was asked for."""
    lines = ("100 100.5 99.5 100 1000", "100 100.5 99.5 100 1000", "100 101 100 101 160",
             "101 101 99 99 1000", "99 103 99 103 1000")  # fmt: skip
    orders = (ask("first", 110, 5), ask("second", 101, 10), buy("long", 20))
    settings = Settings(fill_model=FillModel.QUEUE, allow_flip=True, price_band_pct=Fraction(50))
    seen = agreed(lines, {0: orders}, settings=settings)
    assert sum(x.lots for x in seen.trades if x.who == "second") == 10


def test_an_entry_that_carries_the_position_from_its_arrival_comes_before_what_arrives_after_it() -> (
    None
):
    """The short is there when `first` arrives, and makes it carry; `second` arrives behind it."""
    lines = ("95.5 95.6 95.2 95.6", "95.6 95.7 93.3 94.2 400")
    orders = (ask("short", "95.5", 3), bid("first", "94.3", 20), bid("second", "94.3", 3))
    settings = Settings(allow_flip=True)
    seen = agreed(lines, {0: orders}, settings=settings)
    assert [x[1] for x in done(seen)][:2] == ["short", "first"]


def test_an_entry_is_filled_where_what_it_was_to_carry_is_closed_while_its_cancel_is_on_its_way() -> (
    None
):
    """20 of its own and the short's 1; the exit takes that before it, on the same jump."""
    lines = ("100 100.1 99.9 100",) * 3 + ("99.3 99.4 98.9 98.9",)
    out = Place(
        ref="out", side=Side.BUY, effect=Effect.REDUCE, type=OrderType.LIMIT, limit=px("99.8")
    )
    commands = {0: (sell("s", 1),), 1: (out, bid("turn", "99.8", 20)), 2: (Cancel("turn"),)}
    seen = agreed(lines, commands, settings=FLIP)
    assert done(seen)[1:] == [(3, "out", 1, px("99.8")), (3, "turn", 20, px("99.8"))]
    assert [(x.ref, x.kind, x.filled) for x in seen.ends][-1] == ("turn", "filled", 20)


def test_an_entry_changed_under_its_ref_is_no_second_one_that_turns_the_position() -> None:
    lines = ("100 100.5 99.5 100",) * 3 + ("100 106 100 106",)
    orders = (ask("first", 104, 5), ask("second", 105, 5), buy("long", 10))
    again = ask("second", 103, 4, replace=True)
    seen = agreed(lines, {0: orders, 1: (again,)}, settings=FLIP)
    assert [x for x in seen.ends if x.kind == "refused"] == []
    assert done(seen)[1:] == [(3, "second", 4, px(103)), (3, "first", 11, px(104))]


def test_of_two_entries_at_market_that_wait_for_a_trade_the_older_carries_the_position() -> None:
    lines = ("100 100.5 99.5 100", "100 100.5 99.5 100", "100 100 100 100 0", "100 100 100 100 0",
             "100 101 100 101")  # fmt: skip
    commands = {0: (sell("s", 5),), 1: (buy("first", 3),), 2: (buy("second", 4),)}
    seen = agreed(lines, commands, settings=FLIP)
    assert seen.accounts[3].working == (("first", 8), ("second", 4))
    assert seen.accounts[-1].position == 7


def test_an_entry_that_turns_the_position_makes_room_for_layers_at_its_close() -> None:
    """Two layers of two are held; the short closes them, the bid beside it is the first of its side."""
    lines = ("100 100.3 100 100", "101 101.3 101 101.2", "101.2 101.2 101 101.2")
    commands = {
        0: (buy("a", 5), buy_stop("b", "100.1", 3)),
        1: (sell("s", 5), bid("c", "100.9", 5)),
    }
    seen = agreed(lines, commands, settings=replace(FLIP, max_layers=2))
    assert [x for x in seen.ends if x.kind == "refused"] == []
    assert seen.accounts[-1].position == -5
    assert seen.accounts[-1].working == (("c", 10),)


# --- protection that is put off to the next bar --------------------------------------------------


def test_protection_put_off_to_the_next_bar_arrives_at_its_open_not_on_the_jump() -> None:
    """At the close price stands beyond the stop; it comes back before the stop arrives."""
    lines = ("100 100.5 99.5 100", "100 100.5 98 98.5", "99.5 100 99.2 100", "100 100 98 98")
    seen = agreed(lines, {0: (buy("a", 10, stop_loss=px(99)),)}, settings=NEXT_BAR)
    assert done(seen)[1:] == [(3, "stop of position", 10, px(99))]


def test_a_stop_put_off_is_not_let_in_by_what_else_happens_on_its_bar() -> None:
    """The limit exit that arrives with the entry asks for upkeep: that is no next bar."""
    lines = ("100 100.5 99.5 100", "99 101 98 98.5", "98.5 98.5 97 97")
    orders = (bid("a", 99.5, 10, stop_loss=px("98.2")), bid("b", "98.5", 5))
    seen = agreed(lines, {0: orders}, settings=NEXT_BAR)
    assert [x for x in done(seen) if x[0] == 1] == [
        (1, "a", 10, px(99.5)), (1, "b", 5, px("98.5"))
    ]  # fmt: skip
    assert done(seen)[2:] == [(2, "stop of position", 15, px("98.2"))]


def test_the_stop_of_a_layer_goes_with_it_also_where_protection_waits_for_the_next_bar() -> None:
    """The exit takes the layer; its stop may not sell what another layer bought meanwhile."""
    lines = ("100 100.5 99.5 100", "100 100.5 99.5 100", "101 103 97 97.5")
    commands = {
        0: (buy("a", 3, protect=Protect.LAYER, stop_loss=px(98)),),
        1: (offer("out", 103, lots=3), buy_stop("b", "102.5", 7)),
    }
    seen = agreed(lines, commands, settings=NEXT_BAR)
    assert [x for x in done(seen) if x[1].startswith("stop")] == []
    assert seen.accounts[-1].position == 7


# --- at one open, at one close -------------------------------------------------------------------


def test_limits_left_behind_are_served_furthest_first_whatever_their_side() -> None:
    """The close at 99.8 lies 0.8 beyond the sell and 0.7 beyond the buy, which is older."""
    lines = ("101 101 101 101", "101 101 98 98 9", "98 99.8 98 99.8 9", "99.8 99.8 99.5 99.5")
    seen = agreed(lines, {0: (bid("a", "100.5", 5),), 1: (ask("b", 99, 10),)})
    assert done(seen) == [(3, "b", 10, px(99.8)), (3, "a", 5, px(99.8))]


def test_an_order_moved_at_a_close_comes_before_one_placed_at_it() -> None:
    """Amends reach the market before placements: of the 5 lots the bar gives at 99 it gets them all."""
    lines = ("100 100.5 99.5 100",) * 3 + ("99 99 99 99 100",)
    commands = {0: (bid("a", 98, 5),), 1: (Amend(ref="a", limit=px(99)), bid("b", 99, 5))}
    assert done(agreed(lines, commands)) == [(3, "a", 5, px(99))]


def test_of_exits_that_arrive_together_the_one_placed_last_gives_way_whichever_arrives_first() -> (
    None
):
    """By price `near` reaches the market before `far`; what the market exit leaves is `far`'s."""
    lines = ("100 100.5 99.5 100",) * 4
    exits = (offer("far", 105, lots=6), offer("near", 104, lots=4))
    out = sell("out", 5, effect=Effect.REDUCE)
    seen = agreed(lines, {0: (buy("long", 10),), 1: (*exits, out)})
    assert seen.accounts[-1].working == (("far", 5),)


def test_of_two_changes_of_an_order_at_one_close_the_second_is_refused() -> None:
    lines = ("100 100.5 99.5 100",) * 4
    changes = (Amend(ref="a", lots=8), Amend(ref="a", lots=1), Amend(ref="a", lots=8))
    seen = agreed(lines, {0: (bid("a", 98, 5),), 1: changes})
    assert [x.reason for x in seen.ends] == ["in_flight"]
    assert seen.accounts[-1].working == (("a", 8),)


def test_an_exit_made_smaller_at_a_close_leaves_room_for_another_at_that_close() -> None:
    lines = ("100 100.5 99.5 100",) * 4
    commands = LONG | {
        1: (offer("a", 104),),
        2: (offer("a", 105, lots=4, replace=True), offer("b", 106)),
    }
    seen = agreed(lines, commands)
    assert seen.accounts[-1].working == (("a", 4), ("b", 6))


def test_protection_that_is_put_off_leaves_its_number_to_what_is_made_before_it() -> None:
    """On bar 3 the jump brings a stop that waits, the open a target of the card: two orders, two ids."""
    lines = (
        "100.9 102.4 100.8 102.4", "102.4 102.4 99.8 101.2", "101.2 101.2 101.2 101.2 0",
        "102.7 103.2 102.7 103.2",
    )  # fmt: skip
    stop = sell(
        "a", 5, type=OrderType.STOP_LIMIT, trigger=px("101.5"), limit=px("101.8"), stop_loss=px(104)
    )
    commands = {0: (stop, sell("b", 1)), 2: (AdjustTarget(level=px("100.1")),)}
    seen = agreed(lines, commands, settings=Settings(attached=Attached.NEXT_BAR))
    assert (seen.accounts[-1].stop, seen.accounts[-1].target) == (px(104), px("100.1"))


@pytest.mark.parametrize(
    ("target", "moved", "fills"),
    [
        ("92", (AdjustTarget(px("95")),), [("out", 5, "94"), ("target of position", 5, "95")]),
        ("95", (), [("target of position", 10, "95")]),
    ],
    ids=["a target on its way there", "a target that stood there"],
)
def test_a_target_moved_to_where_the_jump_passes_arrives_after_the_market_exit_of_its_close(
    target: str, moved: tuple[Command, ...], fills: list[tuple[str, int, str]]
) -> None:
    """Short 10 at 100, half of it to be bought at market, the jump from 100 to 94."""
    lines = ("100 100.5 99.5 100",) * 3 + ("94 94 94 94",) * 2
    entry = sell("a", 10, take_profit=px(target), take_profit_type=TargetType.LIMIT)
    half = buy("out", 5, effect=Effect.REDUCE)
    seen = agreed(lines, {0: (entry,), 2: (half, *moved)})
    assert [(x.who, x.lots, x.price) for x in seen.trades[1:]] == [
        (who, lots, px(price)) for who, lots, price in fills
    ]


def test_an_entry_is_judged_on_arrival_by_what_it_still_carries() -> None:
    """It was to close 13; the stop has closed them on the jump. Its own 10 need 1,013 of 2,042.20."""
    lines = ("100 100 99.9 100", "100 100.1 99.6 100.1", "97.4 97.4 96.7 96.7")
    commands = {0: (buy("a", 13, stop_loss=px("99.4")),), 1: (ask("b", "101.3", 10),)}
    seen = agreed(lines, commands, settings=replace(FLIP, start_balance=Fraction(2076)))
    assert seen.accounts[-1].position == 0
    assert seen.accounts[-1].working == (("b", 10),)


def test_an_entry_that_counted_on_an_exit_is_refused_where_the_exit_still_waits() -> None:
    """Short 3 at 99.5. No trade on bar 2: the exit waits, 298.50 and 504.50 are more than 760."""
    lines = (
        "98 98.1 97.4 98",
        "100.2 100.6 100.2 100.6",
        "100.6 100.6 100.6 100.6 0",
        "100 100 100 100",
    )
    commands = {0: (ask("a", "99.5", 3),), 1: (ExitAll("out"), ask("b", "100.9", 5))}
    settings = Settings(fill_model=FillModel.TOUCH, start_balance=Fraction(760))
    seen = agreed(lines, commands, settings=settings)
    assert [(x.bar, x.ref, x.filled) for x in seen.ends] == [
        (1, "a", 3),
        (2, "b", 0),
        (3, "out", 3),
    ]


def test_a_stop_limit_that_only_nets_needs_no_margin_when_it_triggers() -> None:
    """Short 20 at 99.8 with 2,048; the stop-limit closes them on the jump, and opens nothing."""
    lines = ("102 102 100.8 100.9", "99.8 101.2 99.8 101.2", "101.5 102.7 101.5 101.6")
    stop = buy("b", 20, type=OrderType.STOP_LIMIT, trigger=px("101.3"), limit=px("101.7"))
    settings = Settings(fill_model=FillModel.TOUCH, start_balance=Fraction(2048))
    seen = agreed(lines, {0: (sell_stop("a", "99.8", 20), stop)}, settings=settings)
    assert done(seen)[-1] == (2, "b", 20, px("101.5"))
    assert seen.accounts[-1].position == 0


def test_an_exit_that_is_refused_does_not_take_away_the_order_under_whose_ref_it_was_asked_for() -> (
    None
):
    """Flat: there is nothing to close. The entry of that ref works on, and keeps its margin from `b`."""
    lines = ("99.7 99.8 99.2 99.6", "99.5 99.9 99.4 99.9", "99.9 100.7 99.9 100.2")
    out = Place(
        ref="a", side=Side.BUY, effect=Effect.REDUCE, type=OrderType.LIMIT, limit=px("99.8"), lots=15,
        replace=True,
    )  # fmt: skip
    commands = {0: (ask("a", "100.6", 20),), 1: (out, ask("b", "100.4", 4))}
    settings = Settings(fill_model=FillModel.TOUCH, start_balance=Fraction(2337))
    seen = agreed(lines, commands, settings=settings)
    assert done(seen) == [(2, "a", 20, px("100.6"))]
