"""Orders, jump and open: the worked numbers, each against the reading it rules out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.reference.path import Ahead
from tests.reference.script import (
    AdjustTarget,
    Bar,
    FillModel,
    OrderType,
    Place,
    RestingGap,
    Settings,
    Side,
    TargetType,
)
from tests.reference.volume import Budget
from tests.reference.words import (
    CALM,
    balance,
    bid,
    buy,
    buy_stop,
    end_of,
    equity,
    play,
    px,
    trades,
)

TOUCH = Settings(fill_model=FillModel.TOUCH)
TAKER = Settings(fill_model=FillModel.TOUCH, taker_bps=Fraction(10))


def stop_limit(ref: str, at: float, limit: float, lots: int = 10) -> Place:
    return buy(ref, lots, type=OrderType.STOP_LIMIT, trigger=px(at), limit=px(limit))


# --- gifts at the open ---------------------------------------------------------------------------


def test_a_target_moved_into_the_jump_fills_at_its_own_new_price() -> None:
    limit = {"take_profit_type": TargetType.LIMIT}
    outcome = play(
        [CALM, CALM, "100 103 99.5 103", "106 107 105 106"],
        {
            1: [buy("a", 10, stop_loss=px(96), take_profit=px(104.9), **limit)],
            2: [AdjustTarget(px(104))],
        },
        TAKER,
    )
    assert trades(outcome)[1] == (3, "position", "sell", 10, 104.0)
    assert outcome.fills[1].maker
    assert balance(outcome) == 10039


def test_a_bid_left_beyond_the_market_meets_the_next_open_as_a_taker() -> None:
    bids = [bid(f"r{i}", float(Fraction(970 + i, 10)), 16) for i in range(22)]
    outcome = play(
        [*["100 100.5 99.5 100 300"] * 3, "95 96 94.5 95.5 300", "95.5 96 95 95.5 300"],
        {1: bids},
        Settings(start_balance=Fraction(100_000)),
    )
    # f = 300 * 10 % * 1/2 for the bar wholly below them, then 10 % of 300 for takers, best first.
    assert trades(outcome) == [
        (3, "r21", "buy", 15, 99.1),
        (4, "r21", "buy", 1, 95.5),
        (4, "r20", "buy", 16, 95.5),
        (4, "r19", "buy", 13, 95.5),
    ]
    assert not any(fill.maker for fill in outcome.fills[1:])


def test_a_marketable_remainder_is_not_filled_by_a_jump_away_from_it() -> None:
    outcome = play(
        [CALM, "100 100 98 98.5 100", "101 102 100.5 101 1000"], {0: [bid("a", 99, 100)]}
    )
    assert [fill.bar for fill in outcome.fills] == [1]
    assert end_of(outcome, "a") == ("cancelled", "end_of_data")


def test_resting_gap_open_gives_the_open_to_a_maker() -> None:
    gap = Settings(fill_model=FillModel.TOUCH, resting_gap=RestingGap.OPEN)
    bars = [CALM, CALM, "97 98 96.5 97"]
    outcome = play(bars, {0: [bid("a", 99, 10)]}, gap)
    assert trades(outcome) == [(2, "a", "buy", 10, 97.0)]
    assert outcome.fills[0].maker
    assert trades(play(bars, {0: [bid("a", 99, 10)]}, TOUCH)) == [(2, "a", "buy", 10, 99.0)]
    assert trades(play(bars, {1: [bid("a", 99, 10)]}, gap)) == [(2, "a", "buy", 10, 97.0)]


@pytest.mark.parametrize(
    ("bar", "at", "limit", "price"),
    [
        ("100 104 99.5 103.5", 102, 103, 102.0),
        ("102.5 104 102 103.5", 102, 103, 102.5),
        ("106 107 105.5 106.5", 102, 107, 106.0),
    ],
)
def test_a_stop_limit_marketable_where_it_triggers_is_a_taker_there(
    bar: str, at: float, limit: float, price: float
) -> None:
    outcome = play([CALM, CALM, bar], {0: [stop_limit("a", at, limit)]}, TOUCH)
    assert trades(outcome) == [(2, "a", "buy", 10, price)]
    assert not outcome.fills[0].maker


def test_a_stop_limit_not_marketable_at_its_trigger_rests_from_there() -> None:
    bars = [CALM, CALM, "100 104 99.5 103.5", "103.5 104 101 102"]
    outcome = play(bars, {0: [stop_limit("a", 102, 101.5)]}, TOUCH)
    assert trades(outcome) == [(3, "a", "buy", 10, 101.5)]
    assert outcome.fills[0].maker


def test_children_of_a_stop_entry_met_on_the_jump_arrive_at_the_open() -> None:
    limit = {"take_profit_type": TargetType.LIMIT}
    entry = buy_stop("a", 102, 10, stop_loss=px(101), take_profit=px(105), **limit)
    outcome = play([CALM, CALM, "106 106.5 105.5 106"], {0: [entry]}, TOUCH)
    assert trades(outcome) == [(2, "a", "buy", 10, 106.0), (2, "position", "sell", 10, 106.0)]
    assert balance(outcome) == 10_000


def test_children_of_a_limit_met_on_the_jump_live_for_the_rest_of_it() -> None:
    outcome = play([CALM, CALM, "95 96 94 95"], {0: [bid("a", 99, 10, stop_loss=px(97))]}, TOUCH)
    assert trades(outcome) == [(2, "a", "buy", 10, 99.0), (2, "position", "sell", 10, 95.0)]


# --- one budget ----------------------------------------------------------------------------------

TENTH = Fraction(1, 10)


def budget(bar: str, volume: int, model: FillModel = FillModel.VOLUME_WEIGHTED) -> Budget:
    """A budget in lots of 0.1 on a grid of 0.1, as the worked numbers have it."""
    o, h, low, c = (px(word, TENTH) for word in bar.split())
    return Budget(Settings(fill_model=model), Bar(0, o, h, low, c, volume * 10))


def test_shares_nest_instead_of_being_subtracted() -> None:
    b = budget("100 100 98 99", 1000)
    assert b.offer(Side.BUY, px(99, TENTH), None) == Fraction(10_000 * 11, 21 * 20)
    first = b.for_resting(Side.BUY, px(99, TENTH), 50)
    b.draw(Side.BUY, first, px(99, TENTH))
    second = b.for_resting(Side.BUY, px(98, TENTH), 50)
    assert (first, second) == (50, 23)


def test_a_better_order_served_later_leaves_the_worse_its_share() -> None:
    b = budget("100 100 98 99", 1000)
    b.draw(Side.BUY, 23, px(98, TENTH))
    assert b.for_resting(Side.BUY, px(99, TENTH), 1000) == 261 - 23


def test_bids_met_on_the_jump_and_takers_at_the_open_share_one_cap() -> None:
    outcome = play(
        [CALM, CALM, "98 98.5 97.5 98"],
        {0: [bid("rests", 99, 50)], 1: [bid("comes", 101, 50)]},
        Settings(start_balance=Fraction(100_000)),
    )
    assert trades(outcome) == [(2, "rests", "buy", 50, 99.0), (2, "comes", "buy", 50, 98.0)]
    assert outcome.closes[2].drawn_buy == 100


def test_the_jump_and_the_open_never_draw_more_than_the_bar_offers() -> None:
    bids = [bid("far", 97, 500), bid("mid", 98, 500), bid("near", 99, 500)]
    bars = [CALM, "100 100.5 99.8 100", "96 96.5 95 96", "96 96.5 96 96"]
    for order in (bids, bids[::-1]):
        outcome = play(bars, {0: order}, Settings(start_balance=Fraction(1_000_000)))
        assert trades(outcome) == [(2, "near", "buy", 50, 99.0), (3, "near", "buy", 100, 96.0)]


def test_an_order_born_inside_the_bar_is_offered_what_is_ahead() -> None:
    b = budget("100 104 98 103", 1000)
    ahead = Ahead(px(98, TENTH), px(104, TENTH), Fraction(7, 9))
    assert b.for_resting(Side.SELL, px(103, TENTH), 1000, ahead) == 70  # 7.0, not 9.0
    assert b.for_resting(Side.SELL, px(103, TENTH), 1000) == 90


def test_a_child_target_sees_the_path_after_its_entry_only() -> None:
    target = {"take_profit": px(103.9), "take_profit_type": TargetType.LIMIT}
    outcome = play(
        [CALM, CALM, "100 104 98 103 100000"],
        {1: [bid("a", 98.5, 2000, **target)]},
        Settings(start_balance=Fraction(10**6)),
    )
    entry, exit_ = outcome.fills
    # 51 of 601 levels of 100,000 * 5 %; the target with 7.5 of 9 ahead and 11 of 601 levels: 76.3.
    assert (entry.lots, exit_.lots) == (424, 76)


def test_a_queue_bar_that_closes_beyond_a_bid_has_filled_it() -> None:
    b = budget("100 100 90 90", 1000, FillModel.QUEUE)
    assert b.for_resting(Side.BUY, px(99, TENTH), 5000) == 5000  # 91 of 101 levels of 1000
    back = budget("100 100 90 99.5", 1000, FillModel.QUEUE)
    assert back.for_resting(Side.BUY, px(99, TENTH), 5000) == 1000  # 10 % of 1000


def test_flat_bars_and_exact_touches_give_their_share() -> None:
    flat = budget("100 100 100 100", 1000)
    assert flat.for_resting(Side.BUY, px(100, TENTH), 10_000) == 500
    touched = budget("100 101 99 100", 1000)
    assert touched.for_resting(Side.BUY, px(99, TENTH), 10_000) == 23  # 1 of 21 levels


def test_a_limit_far_beyond_the_market_fills_within_the_bar() -> None:
    outcome = play(
        [CALM, "100 100 90 90", "90 91 89 90"],
        {0: [bid("a", 99, 100)]},
        Settings(start_balance=Fraction(100_000)),
    )
    assert trades(outcome) == [(1, "a", "buy", 45, 99.0), (2, "a", "buy", 55, 90.0)]
    assert equity(outcome) == 100_000 - 405
