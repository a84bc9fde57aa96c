"""Average, layers, protection, margin, liquidation, funding: the worked numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.reference.outcome import Role
from tests.reference.protection import rounded
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Attached,
    ExitAll,
    FillModel,
    Method,
    OnFlat,
    Percent,
    Protect,
    RewardRisk,
    Settings,
    Trail,
)
from tests.reference.state import Kind
from tests.reference.words import (
    CALM,
    balance,
    bid,
    buy,
    end_of,
    equity,
    leave,
    offer,
    play,
    px,
    trades,
)

TOUCH = Settings(fill_model=FillModel.TOUCH)
RICH = replace(TOUCH, start_balance=Fraction(10**6))
LAYER = {"protect": Protect.LAYER}
FLAT = "100 100 100 100"


# --- average and layers --------------------------------------------------------------------------


def test_the_average_is_the_venues() -> None:
    outcome = play([FLAT, FLAT, "90 90 90 90"], {0: [buy("a", 10)]}, RICH)
    assert outcome.closes[-1].average == px(100)
    outcome = play(
        [FLAT, FLAT, FLAT, "90 90 90 90"],
        {0: [buy("a", 10)], 1: [leave(lots=5)], 2: [buy("b", 5)]},
        RICH,
    )
    assert outcome.closes[-1].average == px(95)


def test_a_layer_entry_runs_like_the_average() -> None:
    settings = Settings(start_balance=Fraction(10**6), risk_stop=Percent(Fraction(5)))
    bars = [FLAT, FLAT, "98.99 98.99 98.99 98.99 80", FLAT, "96.99 96.99 96.99 96.99 120"]
    # 4 at 99 (80 * 5 %), exit 2, the bid moved to 97, 6 at 97 (120 * 5 %).
    outcome = play(
        bars,
        {1: [bid("a", 99, 10, **LAYER)], 2: [leave(lots=2), Amend(ref="a", limit=px(97))]},
        settings,
    )
    (layer,) = outcome.closes[-1].layers
    assert layer.lots == 8
    assert layer.entry == px(97.5)
    assert layer.stop == px(92.62)  # 92.625, to the side that triggers later


def test_with_layer_stops_the_method_chooses_which_stop_stays() -> None:
    def end(method: Method) -> float:
        outcome = play(
            [CALM, "100 100 97 97", "97 97 96 96", "96 96 92.5 93"],
            {
                0: [buy("a", 10, stop_loss=px(95), **LAYER)],
                1: [buy("b", 10, stop_loss=px(92.15), **LAYER)],
                2: [leave(lots=10)],
            },
            replace(TOUCH, method=method),
        )
        return equity(outcome) - 10_000

    # fifo leaves b (not stopped), lifo leaves a (stopped at 95).
    assert (end(Method.FIFO), end(Method.LIFO)) == (-80, -60)


def test_the_positions_target_covers_every_layer_without_its_own() -> None:
    outcome = play(
        [CALM, CALM, CALM, "100 104 100 104", "104 104 90 90"],
        {
            0: [buy("core", 10, stop_loss=px(90), **LAYER)],
            1: [buy("scalp", 5, stop_loss=px(95), take_profit=px(104))],
        },
        TOUCH,
    )
    assert trades(outcome)[2] == (3, "position", "sell", 15, 104.0)
    assert balance(outcome) == 10_060


def test_the_positions_stop_spares_a_layer_that_owns_its_stop() -> None:
    outcome = play(
        [CALM, CALM, CALM, CALM, "100 100 94 96", "96 96 96 96"],
        {
            1: [buy("core", 10, stop_loss=px(90), **LAYER)],
            2: [buy("scalp", 5, stop_loss=px(95))],
        },
        TOUCH,
    )
    assert trades(outcome)[2] == (4, "position", "sell", 5, 95.0)
    (core,) = outcome.closes[-1].layers
    assert (core.ref, core.lots, core.stop) == ("core", 10, px(90))


def test_largest_remainders_conserve_lots() -> None:
    out = leave(lots=3, method=Method.PROPORTIONAL)
    outcome = play(
        [FLAT] * 5, {0: [buy("a", 1)], 1: [buy("b", 2)], 2: [buy("c", 4)], 3: [out]}, RICH
    )
    # exact 3/7, 6/7, 12/7 -> 0, 1, 2
    assert [(x.ref, x.lots) for x in outcome.closes[-1].layers] == [("a", 1), ("b", 1), ("c", 2)]


# --- levels --------------------------------------------------------------------------------------


def test_a_percent_target_follows_the_average_when_the_next_entry_names_none() -> None:
    settings = replace(TOUCH, risk_target=Percent(Fraction(10)))
    bars = [FLAT, FLAT, "90 90 90 90"]
    outcome = play(bars, {0: [buy("a", 10)], 1: [buy("b", 10)]}, settings)
    assert outcome.closes[-1].target == px(104.5)


@pytest.mark.parametrize("method", list(Method))
def test_a_partial_exit_moves_no_percent_target(method: Method) -> None:
    settings = replace(
        TOUCH,
        method=method,
        risk_stop=Percent(Fraction(15)),
        risk_target=Percent(Fraction(10)),
    )
    outcome = play(
        [CALM, CALM, "100 100.5 90 90", "90 100 90 100", CALM, "100 106 100 105"],
        {1: [buy("a", 10)], 2: [buy("b", 10)], 3: [leave(fraction=Fraction(1, 2))]},
        settings,
    )
    assert trades(outcome)[-1] == (5, "position", "sell", 10, 104.5)
    assert balance(outcome) == 10_145


def test_rr_is_planned_from_the_new_average_and_moving_the_stop_does_not_freeze_it() -> None:
    settings = replace(RICH, risk_stop=Percent(Fraction(5)), risk_target=RewardRisk(Fraction(2)))
    bars = ["100 101 99.5 100.5", "100 101 100 100.5", "100.5 101 99.5 100", "90 91 90 90"]
    outcome = play(
        bars, {0: [buy("a", 10)], 1: [AdjustStop(px(99))], 2: [bid("b", 90, 10)]}, settings
    )
    # the jump to 90 stops a at 90 first; b opens anew
    assert outcome.closes[-1].stop == px(85.5)
    calm = ["100 101 99.5 100.5", "100 101 100 100.5", "100.5 101 99.5 100", FLAT]
    moved = play(calm, {0: [buy("a", 10)], 1: [AdjustStop(px(99))], 2: [buy("b", 10)]}, settings)
    assert (moved.closes[-1].stop, moved.closes[-1].target) == (px(99), px(110))


def test_a_target_planned_by_rr_stays_when_the_stop_moves() -> None:
    settings = replace(TOUCH, risk_stop=Percent(Fraction(5)), risk_target=RewardRisk(Fraction(2)))
    outcome = play(
        [CALM, CALM, "100 103 99.5 103", "103 103.5 102.5 103", "103 112 102.5 111"],
        {1: [buy("a", 10)], 2: [AdjustStop(px(100), only_tighten=True)]},
        settings,
    )
    assert trades(outcome)[-1] == (4, "position", "sell", 10, 110.0)


def test_a_moved_stop_survives_an_entry_that_names_none() -> None:
    outcome = play(
        [
            CALM,
            CALM,
            "100 110 100 110",
            "110 110.5 109.5 110",
            "110 111 109.5 110",
            "110 110 104 104",
        ],
        {1: [buy("a", 10)], 2: [AdjustStop(px(108), only_tighten=True)], 3: [buy("b", 1)]},
        replace(TOUCH, risk_stop=Percent(Fraction(10))),
    )
    assert trades(outcome)[-1] == (5, "position", "sell", 11, 108.0)


def test_the_rest_of_an_entry_does_not_undo_a_moved_stop() -> None:
    outcome = play(
        [CALM, "100 100 99 99.5 4000", "99.5 100 99.5 100", CALM, CALM,
         "100 100 98 99 100000", "99 99 96.5 96.8", "97 97 97 97"],
        {
            0: [bid("a", 99, 10, stop_loss=px(95.1))],
            2: [buy("b", 4), AdjustStop(px(97), only_tighten=True)],
            3: [leave(fraction=Fraction(33, 100))],
        },
        Settings(),
    )  # fmt: skip
    assert trades(outcome)[-1][:3] == (6, "position", "sell")
    assert trades(outcome)[-1][4] == 97.0


def test_an_entry_names_its_stop_at_its_first_fill_only() -> None:
    settings = Settings(start_balance=Fraction(10**6))
    bars = [FLAT, FLAT, "98.99 98.99 98.99 98.99 100", FLAT, "98.99 98.99 98.99 98.99"]
    outcome = play(
        bars,
        {1: [bid("a", 99, 10, stop_loss=px(95.1))], 2: [buy("b", 1, stop_loss=px(90))]},
        settings,
    )
    assert [fill.ref for fill in outcome.fills] == ["a", "b", "a"]
    assert outcome.closes[-1].stop == px(90)


def test_each_layer_has_its_own_percent_stop() -> None:
    outcome = play(
        [CALM, CALM, "100 100.5 97 97", "97 97 92.5 93"],
        {1: [buy("a", 10, **LAYER)], 2: [buy("b", 10, **LAYER)]},
        replace(TOUCH, risk_stop=Percent(Fraction(5))),
    )
    assert trades(outcome)[2:] == [(3, "a", "sell", 10, 95.0)]
    (b,) = outcome.closes[-1].layers
    assert b.stop == px(92.15)


def test_protective_levels_round_to_the_side_that_triggers_later() -> None:
    price = Fraction("10314.6")
    assert rounded(Kind.STOP, 1, price) == 10314
    assert rounded(Kind.STOP, -1, price) == 10315
    assert rounded(Kind.TARGET, 1, price) == 10315
    assert rounded(Kind.TARGET, -1, price) == 10314


def test_adjust_stop_moves_either_way_unless_it_may_only_tighten() -> None:
    def stop(only_tighten: bool) -> int | None:
        entry, move = buy("a", 10, stop_loss=px(98)), AdjustStop(px(95), only_tighten)
        return play([CALM, CALM, CALM], {0: [entry], 1: [move]}, TOUCH).closes[-1].stop

    assert (stop(False), stop(True)) == (px(95), px(98))


def test_adjusting_where_layers_own_their_stops_is_refused_by_name() -> None:
    entry = buy("a", 10, stop_loss=px(95), **LAYER)
    outcome = play([CALM, CALM, CALM], {0: [entry], 1: [AdjustStop(px(98))]}, TOUCH)
    assert end_of(outcome, "position") == ("refused", "layer_owned")
    moved = play([CALM, CALM, CALM], {0: [entry], 1: [AdjustStop(px(98), layer="a")]}, TOUCH)
    assert moved.closes[-1].layers[0].stop == px(98)


def test_nothing_to_protect_and_wrong_sides_are_refused() -> None:
    flat = play([CALM, CALM], {0: [AdjustStop(px(95))]}, TOUCH)
    assert end_of(flat, "position") == ("refused", "nothing_to_protect")
    held = {0: [buy("a", 1)]}
    stop = play([CALM] * 3, held | {1: [AdjustStop(px(100))]}, TOUCH)
    assert end_of(stop, "position") == ("refused", "stop_on_wrong_side")
    target = play([CALM] * 3, held | {1: [AdjustTarget(px(100))]}, TOUCH)
    assert end_of(target, "position") == ("refused", "target_on_wrong_side")


def test_a_stop_hit_by_the_jump_is_not_rescued_by_the_next_entry() -> None:
    outcome = play(
        [CALM, CALM, CALM, "97 98 96 97.5"],
        {1: [buy("a", 10, stop_loss=px(98))], 2: [buy("b", 1, stop_loss=px(95))]},
        TOUCH,
    )
    assert trades(outcome)[1] == (3, "position", "sell", 10, 97.0)
    assert outcome.closes[-1].position == 1


def test_attached_next_bar_postpones_protection() -> None:
    bars = [CALM, "100 100 97 99", "99 99 97 98"]
    entry = {0: [buy("a", 10, stop_loss=px(98))]}
    now = play(bars, entry, TOUCH)
    later = play(bars, entry, replace(TOUCH, attached=Attached.NEXT_BAR))
    assert (now.fills[1].bar, later.fills[1].bar) == (1, 2)


# --- trails --------------------------------------------------------------------------------------


def test_a_trails_distance_becomes_absolute_once() -> None:
    entry = buy("a", 10, trail=Trail(distance_pct=Fraction(2)))
    outcome = play([CALM, CALM, "100 150 100 150"], {0: [entry]}, TOUCH)
    assert outcome.closes[-1].trail == px(148)


def test_stop_and_trail_are_two_levels() -> None:
    entry = buy("a", 10, stop_loss=px(95), trail=Trail(distance=px(3)))
    bars = [CALM, CALM, "100 107 100 106", "106 106 105 106"]
    outcome = play(bars, {0: [entry], 2: [AdjustStop(px(90))]}, TOUCH)
    assert (outcome.closes[-1].trail, outcome.closes[-1].stop) == (px(104), px(90))
    gone = play(bars, {0: [entry], 2: [AdjustStop(px(90)), AdjustTrail(None)]}, TOUCH)
    assert (gone.closes[-1].trail, gone.closes[-1].stop) == (None, px(90))


def test_a_trail_with_activation_starts_its_extreme_there() -> None:
    entry = buy("a", 10, trail=Trail(distance=px(1), activate=px(102)))
    outcome = play([CALM, CALM, "100 102 100 101.5", "101.5 101.5 100 100"], {0: [entry]}, TOUCH)
    assert trades(outcome)[1] == (3, "position", "sell", 10, 101.0)
    assert outcome.closes[1].trail is None
    jumped = play([CALM, CALM, "104 104 103.5 103.5"], {0: [entry]}, TOUCH)
    assert jumped.closes[-1].trail == px(103)


def test_a_trail_is_hit_inside_the_bar_that_moved_it() -> None:
    entry = buy("a", 10, trail=Trail(distance=px(2)))
    outcome = play([CALM, CALM, "100 110 100 101"], {0: [entry]}, TOUCH)
    # green: 100 -> 110 (the low is the open) -> 101: level 108.
    assert trades(outcome)[1] == (2, "position", "sell", 10, 108.0)
    assert outcome.fills[1].role is Role.TRAIL


# --- exits ---------------------------------------------------------------------------------------


def test_a_market_exit_never_yields_to_a_limit_exit() -> None:
    outcome = play(
        [CALM, CALM, "100 101 99.5 101", "101 101 90 90"],
        {0: [buy("a", 10)], 1: [offer("tp", 104.5)], 2: [ExitAll("out")]},
        TOUCH,
    )
    assert trades(outcome)[1] == (3, "out", "sell", 10, 101.0)
    assert end_of(outcome, "tp") == ("cancelled", "position_closed")


def test_a_market_exit_goes_before_a_limit_exit_of_the_same_close() -> None:
    outcome = play([CALM] * 3, {0: [buy("a", 10)], 1: [offer("tp", 99), leave("out")]}, TOUCH)
    assert trades(outcome)[1] == (2, "out", "sell", 10, 100.0)
    assert end_of(outcome, "tp") == ("cancelled", "position_closed")


def test_limit_exits_give_way_newest_first() -> None:
    outcome = play(
        [CALM] * 4,
        {0: [buy("a", 10)], 1: [offer("old", 104, lots=5), offer("new", 105)], 2: [leave(lots=7)]},
        TOUCH,
    )
    assert {view.ref: view.lots for view in outcome.closes[-1].working} == {"old": 3}
    assert end_of(outcome, "new") == ("cancelled", "reduce_only")


def test_a_limit_exit_that_finds_nothing_left_is_refused() -> None:
    outcome = play(
        [CALM, CALM, CALM, CALM, "100 103.2 99.5 102"],
        {
            0: [buy("a", 10, stop_loss=px(90))],
            1: [offer("far", 104.5)],
            2: [offer("near", 103, fraction=Fraction(1, 2))],
        },
        TOUCH,
    )
    assert end_of(outcome, "near") == ("refused", "nothing_to_reduce")


def test_amended_exits_never_exceed_the_position() -> None:
    half = Fraction(1, 2)
    outcome = play(
        [CALM] * 5,
        {
            0: [buy("a", 10, stop_loss=px(96))],
            1: [offer("x", 103, fraction=half), offer("y", 104, fraction=half)],
            2: [Amend(ref="x", lots=10)],
        },
        TOUCH,
    )
    assert [view.lots for view in outcome.closes[-1].working] == [5, 5]
    assert [e.ref for e in outcome.ends if e.reason == "nothing_to_reduce"] == ["x"]


def test_on_flat_spares_what_was_placed_at_the_close_of_the_exit() -> None:
    outcome = play(
        [CALM, CALM, CALM, "100 100.5 97 98"],
        {
            0: [buy("a", 10, stop_loss=px(90)), bid("old", 96, 1, on_flat=OnFlat.CANCEL)],
            1: [ExitAll("out"), bid("new", 98, 10, on_flat=OnFlat.CANCEL)],
        },
        TOUCH,
    )
    assert end_of(outcome, "old") == ("cancelled", "on_flat")
    assert trades(outcome)[-1] == (3, "new", "buy", 10, 98.0)
