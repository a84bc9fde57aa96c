"""Equality, requests on their way, stop entries, ties, life of an order: the worked numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.exchange import run
from tests.reference.script import (
    Amend,
    Bar,
    Cancel,
    FillModel,
    OnPartial,
    OrderType,
    Place,
    Script,
    Settings,
    SlippageRounding,
    TimeInForce,
)
from tests.reference.words import (
    CALM,
    ask,
    bid,
    buy,
    buy_stop,
    end_of,
    leave,
    offer,
    play,
    px,
    sell_stop,
    trades,
)

TOUCH = Settings(fill_model=FillModel.TOUCH)
TAKER = Settings(fill_model=FillModel.TOUCH, taker_bps=Fraction(10))


def stop_limit(ref: str, at: float, limit: float, lots: int = 10) -> Place:
    return buy(ref, lots, type=OrderType.STOP_LIMIT, trigger=px(at), limit=px(limit))


# --- equality, ioc, post-only --------------------------------------------------------------------


def test_a_limit_at_the_close_rests() -> None:
    settings = Settings(taker_bps=Fraction(55, 10), maker_bps=Fraction(2))
    bars = [CALM, "100 100.5 99.5 100 100"]
    for post_only in (False, True):
        outcome = play(bars, {0: [bid("a", 100, 10, post_only=post_only)]}, settings)
        (fill,) = outcome.fills
        assert fill.maker
        assert fill.lots == 2  # 51 of 101 levels of 100 * 5 %
        assert fill.price == px(100)


def test_ioc_made_marketable_only_by_the_jump_pays_its_price_and_the_taker_fee() -> None:
    outcome = play([CALM, "98 98.5 97.5 98"], {0: [bid("a", 99, 10, tif=TimeInForce.IOC)]}, TOUCH)
    assert trades(outcome) == [(1, "a", "buy", 10, 99.0)]
    assert not outcome.fills[0].maker


def test_ioc_not_marketable_at_the_open_expires_there() -> None:
    outcome = play([CALM, "100 100 98 98"], {0: [bid("a", 99, 10, tif=TimeInForce.IOC)]}, TOUCH)
    assert end_of(outcome, "a") == ("expired", "ioc_remainder")
    assert outcome.fills == ()


def test_fok_looks_at_what_the_budget_has_left() -> None:
    def fok(lots: int) -> Place:
        return bid("a", 101, lots, tif=TimeInForce.FOK)

    settings = Settings(start_balance=Fraction(10**6))
    assert trades(play([CALM, CALM], {0: [fok(100)]}, settings)) == [(1, "a", "buy", 100, 100.0)]
    assert end_of(play([CALM, CALM], {0: [fok(101)]}, settings), "a")[1] == "fok_unfillable"


def test_a_taker_with_a_limit_slips_no_further_than_the_limit() -> None:
    slips = Settings(fill_model=FillModel.TOUCH, slippage_bps=Fraction(50))
    bars = [CALM, CALM]
    assert trades(play(bars, {0: [bid("a", 102, 1)]}, slips))[0][4] == 100.5
    assert trades(play(bars, {0: [bid("a", 100.2, 1)]}, slips))[0][4] == 100.2


def test_slippage_is_rounded_to_the_tick_as_the_setting_says() -> None:
    def price(rounding: SlippageRounding) -> Fraction:
        settings = Settings(
            fill_model=FillModel.TOUCH, slippage_bps=Fraction(2), slippage_rounding=rounding
        )
        bars = ["97.9 97.9 97.9 97.9"] * 2
        return play(bars, {0: [buy("a", 1)]}, settings).fills[0].price

    assert price(SlippageRounding.EXACT) == Fraction("9791.958")
    assert price(SlippageRounding.NEAREST) == 9792
    assert price(SlippageRounding.ADVERSE) == 9792


def test_post_only_that_would_cross_is_cancelled_new_or_moved() -> None:
    outcome = play([CALM, CALM], {0: [bid("a", 101, 10, post_only=True)]}, TOUCH)
    assert end_of(outcome, "a") == ("cancelled", "post_only_would_cross")
    moved = play(
        ["100 100.5 99.8 100"] * 3,
        {0: [bid("a", 99, 10, post_only=True)], 1: [Amend(ref="a", limit=px(101))]},
        TOUCH,
    )
    assert end_of(moved, "a") == ("cancelled", "post_only_would_cross")


def test_what_is_left_of_a_post_only_order_meets_the_open_and_pays_as_maker() -> None:
    settings = Settings(start_balance=Fraction(10**6), maker_bps=Fraction(2), taker_bps=Fraction(9))
    outcome = play(
        [CALM, "100 100 90 90", "90 91 89 90"], {0: [bid("a", 99, 100, post_only=True)]}, settings
    )
    rest = outcome.fills[1]
    assert (rest.lots, rest.maker) == (55, True)
    assert rest.price == px(90)
    assert rest.fee == 55 * 90 * Fraction(2, 10_000)


def test_post_only_passed_by_the_jump_alone_is_a_maker_at_its_price() -> None:
    outcome = play([CALM, "97 98 96 97"], {0: [bid("a", 99, 10, post_only=True)]}, TOUCH)
    assert trades(outcome) == [(1, "a", "buy", 10, 99.0)]
    assert outcome.fills[0].maker


# --- what is on its way --------------------------------------------------------------------------


def test_a_cancel_is_not_in_effect_before_the_open() -> None:
    bars = ["100 100.5 99.8 100"] * 2 + ["97 98 96.5 97 1000 600"]
    outcome = play(bars, {0: [bid("a", 99, 10)], 1: [Cancel("a")]}, TOUCH)
    assert trades(outcome) == [(2, "a", "buy", 10, 99.0)]
    assert outcome.count("fill_before_cancel") == 1


def test_an_amend_away_from_the_market_comes_too_late_for_the_jump() -> None:
    bars = ["100 100.5 99.8 100"] * 2 + ["97 98 96.5 97"]
    outcome = play(bars, {0: [bid("a", 99, 10)], 1: [Amend(ref="a", limit=px(95))]}, TOUCH)
    assert trades(outcome) == [(2, "a", "buy", 10, 99.0)]


def test_amounts_are_totals_and_a_replacement_restarts_its_life() -> None:
    settings = Settings(start_balance=Fraction(10**6))
    again = bid("a", 98.5, 10, ttl_bars=3, replace=True)
    # 4 of 10 at 99 (80 * 5 %, the bar wholly below), then the rest at 98.5: 6 more, not 10.
    bars = [CALM, CALM, "98.9 99 98.9 99 80", "99 99.1 98.9 99", "99 99 98.6 99", "99 99 98 98"]
    outcome = play(bars, {0: [bid("a", 99, 10, ttl_bars=3)], 2: [again]}, settings)
    assert [(fill.bar, fill.lots) for fill in outcome.fills] == [(2, 4), (5, 6)]


def test_a_total_not_above_what_is_filled_cancels_the_rest() -> None:
    settings = Settings(start_balance=Fraction(10**6))
    outcome = play(
        [CALM, CALM, "98.9 99 98.9 99 80", CALM],
        {0: [bid("a", 99, 10)], 2: [Amend(ref="a", lots=4)]},
        settings,
    )
    assert end_of(outcome, "a") == ("cancelled", "amended")


# --- stop entries, band, margin ------------------------------------------------------------------


def test_a_stop_entry_on_the_wrong_side_of_the_close_is_refused() -> None:
    for at in (100, 99):
        outcome = play([CALM, CALM], {0: [buy_stop("a", at, 10)]}, TOUCH)
        assert end_of(outcome, "a") == ("refused", "trigger_passed")


def test_a_stop_entry_passed_before_it_arrives_acts_at_once() -> None:
    outcome = play(["100 101 99.5 101", "103 103 103 103"], {0: [buy_stop("a", 102, 10)]}, TOUCH)
    assert trades(outcome) == [(1, "a", "buy", 10, 103.0)]


def test_the_band_holds_for_limits_that_could_execute_at_once() -> None:
    orders = [
        bid("high", 105.01, 1),
        bid("edge", 105, 1),
        ask("low", 94.99, 1),
        buy_stop("breakout", 106, 1),
        stop_limit("chase", 110, 115.51, 1),
        stop_limit("near", 110, 115.5, 1),
        buy("held", 1, stop_loss=px(90)),
    ]
    outcome = play([CALM, CALM], {0: orders}, TOUCH)
    refused = {e.ref for e in outcome.ends if e.reason == "price_outside_band"}
    assert refused == {"high", "low", "chase"}


def test_stop_entries_reserve_no_margin() -> None:
    group = {"oco": "g"}
    orders = [buy_stop("up", 102, 98, **group), sell_stop("down", 98, 100, **group)]
    outcome = play([CALM, CALM], {0: orders}, TOUCH)
    assert len(outcome.closes[1].working) == 2


def test_a_stop_entry_that_finds_no_margin_is_cancelled_when_it_triggers() -> None:
    orders = [buy("a", 60), buy_stop("b", 102, 60)]
    roomy = Settings(fill_model=FillModel.TOUCH, max_position=Fraction(10**6))
    outcome = play([CALM, CALM, "100 103 100 103"], {0: orders}, roomy)
    assert end_of(outcome, "b") == ("cancelled", "no_margin")


# --- ties, oco, life -----------------------------------------------------------------------------


def test_at_one_price_a_protective_stop_comes_before_a_stop_entry_and_a_bid() -> None:
    orders = [bid("bid", 98, 1), sell_stop("entry", 98, 1)]
    outcome = play(
        [CALM, CALM, "100 100 97 97"],
        {0: [buy("a", 1, stop_loss=px(98)), *orders]},
        Settings(fill_model=FillModel.TOUCH, allow_flip=True),
    )
    assert [fill.ref for fill in outcome.fills] == ["a", "position", "entry", "bid"]


def test_age_restarts_when_a_quantity_is_raised_and_not_when_it_is_lowered() -> None:
    def first_filled(total: int) -> str:
        bars = ["100 100.5 99.8 100"] * 2 + ["100 100 98 98"]
        orders = [bid("old", 99, 5), bid("young", 99, 5)]
        outcome = play(bars, {0: orders, 1: [Amend(ref="old", lots=total)]}, TOUCH)
        return outcome.fills[0].ref

    assert first_filled(4) == "old"
    assert first_filled(6) == "young"


def test_the_first_lot_of_an_oco_entry_cancels_the_others_along_the_jump() -> None:
    bids = [bid("dip", 99, 10, oco="g"), sell_stop("break", 98, 10, oco="g")]
    outcome = play([CALM, CALM, "97 97.5 96.5 97"], {0: bids}, TOUCH)
    assert trades(outcome) == [(2, "dip", "buy", 10, 99.0)]
    assert end_of(outcome, "break") == ("cancelled", "oco")


def test_oco_exits_shrink_by_what_a_sibling_fills() -> None:
    out = leave("out", type=OrderType.STOP_LIMIT, trigger=px(95), limit=px(94), oco="g")
    settings = Settings(start_balance=Fraction(10**6))
    outcome = play(
        [CALM, CALM, "100 105 100 104 2300", "104 104 103 103"],
        {0: [buy("a", 10)], 1: [offer("tp", 104.9, oco="g"), out]},
        settings,
    )
    sold = 2300 * 11 * 5 // (501 * 100)
    assert trades(outcome)[1] == (2, "tp", "sell", sold, 104.9)
    lots = {view.ref: view.lots for view in outcome.closes[2].working}
    assert lots == {"tp": 10 - sold, "out": 10 - sold}


def test_ttl_counts_bars_and_expires_after_matching() -> None:
    bars = ["100 100.5 99.8 100"] * 3 + ["100 100 98 98"]
    assert end_of(play(bars, {0: [bid("a", 99, 1, ttl_bars=2)]}, TOUCH), "a") == ("expired", "ttl")
    assert trades(play(bars, {0: [bid("a", 99, 1, ttl_bars=3)]}, TOUCH))[0][0] == 3


def test_on_partial_cancel_ends_the_remainder_at_the_close() -> None:
    outcome = play(
        [CALM, CALM, CALM],
        {0: [bid("a", 99.8, 500, on_partial=OnPartial.CANCEL)]},
        Settings(start_balance=Fraction(10**6)),
    )
    assert [e.reason for e in outcome.ends] == ["on_partial"]
    assert len(outcome.fills) == 1


def test_conservative_denies_on_the_jump_what_the_close_takes_back() -> None:
    settings = Settings(fill_model=FillModel.CONSERVATIVE)
    outcome = play([CALM, CALM, "97 99.6 96.5 99.5"], {0: [bid("a", 99, 10)]}, settings)
    assert outcome.fills == ()
    assert outcome.count("denied_by_model") == 1


def test_a_market_order_waits_for_a_bar_that_trades() -> None:
    flat = "100 100 100 100 0"
    outcome = play([CALM, CALM, flat, flat, flat, "95 96 94.5 95.5"], {1: [buy("e", 10)]}, TOUCH)
    assert trades(outcome) == [(5, "e", "buy", 10, 95.0)]
    assert [view.ref for view in outcome.closes[3].working] == ["e"]


def test_unknown_volume_is_refused_by_volume_models_only() -> None:
    bars = (Bar(0, 1, 1, 1, 1, None),)
    with pytest.raises(ValueError, match="needs volume"):
        run(Script(bars=bars))
    assert run(Script(bars=bars, settings=TOUCH)).closes[0].equity == 10_000


def test_market_orders_fill_in_full_outside_the_budget() -> None:
    settings = Settings(start_balance=Fraction(10**6), slippage_bps=Fraction(2))
    outcome = play(
        ["100 100.5 99.5 100 100"] * 3 + ["100 100.5 97 97.5 100"],
        {1: [buy("e", 5000, stop_loss=px(98))]},
        settings,
    )
    assert trades(outcome) == [(2, "e", "buy", 5000, 100.02), (3, "position", "sell", 5000, 97.98)]
