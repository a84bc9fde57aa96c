"""Flips, margin, liquidation, funding, paths: the worked numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.reference.money import cost_of, liquidation_price
from tests.reference.outcome import Moment, Outcome, Role
from tests.reference.script import (
    FillModel,
    Funding,
    Instrument,
    Intrabar,
    Method,
    Mode,
    OnFlat,
    Protect,
    Script,
    Settings,
    Side,
    TargetType,
    Tier,
)
from tests.reference.state import Layer, Order, Position, State
from tests.reference.volume import Budget
from tests.reference.words import (
    CALM,
    TICK,
    ask,
    balance,
    bid,
    buy,
    buy_stop,
    end_of,
    leave,
    mark_of,
    offer,
    play,
    px,
    sell,
    trades,
)

TOUCH = Settings(fill_model=FillModel.TOUCH)
RICH = replace(TOUCH, start_balance=Fraction(10**6))
LAYER = {"protect": Protect.LAYER}
FLAT = "100 100 100 100"


# --- flips and netting ---------------------------------------------------------------------------

FLIP = Settings(allow_flip=True, start_balance=Fraction(10**6))


def test_a_resting_flip_works_what_it_has_to_open_and_what_is_held() -> None:
    bars = [FLAT, FLAT, FLAT, "105 105 105 105 160", "104 104 104 104"]
    outcome = play(bars, {0: [buy("a", 10)], 1: [ask("flip", 105, 5)], 3: [leave(lots=2)]}, FLIP)
    assert outcome.closes[2].working[0].lots == 15
    assert (outcome.closes[3].position, outcome.closes[3].working[0].lots) == (2, 7)
    assert (outcome.closes[4].position, outcome.closes[4].working[0].lots) == (0, 5)
    grown = play(bars, {0: [buy("a", 10)], 1: [ask("flip", 105, 5)], 3: [buy("b", 4)]}, FLIP)
    assert grown.closes[4].working[0].lots == 11


def test_without_allow_flip_a_resting_entry_nets_and_opens_the_excess() -> None:
    entry = ask("s", 105, 15, stop_loss=px(110))
    bars = [FLAT, FLAT, FLAT, "100 106 100 105"]
    outcome = play(bars, {0: [entry], 1: [buy("a", 10)]}, RICH)
    assert outcome.closes[-1].position == -5
    assert outcome.closes[-1].stop == px(110)
    assert outcome.fills[-1].closed == 10


def test_an_opposite_entry_is_refused_unless_a_market_exit_leaves_nothing() -> None:
    held = {0: [buy("a", 10)]}
    outcome = play([FLAT] * 3, held | {1: [leave(lots=9), sell("b", 5)]}, RICH)
    assert end_of(outcome, "b") == ("refused", "would_flip")
    freed = play([FLAT] * 3, held | {1: [leave(lots=10), sell("b", 5)]}, RICH)
    assert freed.closes[-1].position == -5


def test_a_fill_that_closes_and_opens_is_one_execution() -> None:
    outcome = play([FLAT] * 3, {0: [buy("a", 10)], 1: [sell("b", 5)]}, FLIP)
    assert (outcome.fills[1].lots, outcome.fills[1].closed) == (15, 10)
    assert outcome.closes[-1].position == -5


def test_max_layers_counts_working_entries_that_hold_none_yet() -> None:
    bids = [bid(f"r{i}", 99 - i, 1) for i in range(5)]
    outcome = play([FLAT, FLAT], {0: bids}, replace(RICH, max_layers=3))
    refused = [e.ref for e in outcome.ends if e.reason == "max_layers"]
    assert refused == ["r3", "r4"]


def test_a_side_the_mode_forbids_is_refused() -> None:
    outcome = play([FLAT, FLAT], {0: [sell("s", 1)]}, replace(RICH, mode=Mode.LONG_ONLY))
    assert end_of(outcome, "s") == ("refused", "policy_side")


# --- margin --------------------------------------------------------------------------------------


def test_a_flip_of_a_winner_fits_by_the_venues_reserve() -> None:
    settings = replace(TOUCH, taker_bps=Fraction(55, 10))
    script = Script(bars=(), settings=settings, instrument=Instrument(tick=TICK))
    state = State(script=script, balance=Fraction(0), budget=Budget(settings, None))  # type: ignore[arg-type]
    unit_cost = cost_of(state, Side.SELL, 1, Fraction(px(110)))
    free = 10_000 + 1_000 - Fraction("6.05")
    assert round(float(free / unit_cost), 2) == 99.78


def test_a_flip_of_a_winner_counts_what_its_own_closing_releases() -> None:
    settings = replace(TOUCH, allow_flip=True)
    bars = [FLAT, "100 110 100 110", "110 110 110 110"]
    outcome = play(bars, {0: [buy("a", 100)], 1: [sell("b", 100)]}, settings)
    assert outcome.closes[-1].position == -100
    too_many = play(bars, {0: [buy("a", 100)], 1: [sell("b", 101)]}, settings)
    assert end_of(too_many, "b") == ("refused", "no_margin")


def test_computed_sizes_are_cut_in_card_order_and_then_refused() -> None:
    entries = [buy(ref, 40, computed=True) for ref in "abcd"]
    outcome = play([FLAT, FLAT], {0: entries}, TOUCH)
    assert [(fill.ref, fill.lots) for fill in outcome.fills] == [("a", 40), ("b", 40), ("c", 20)]
    assert end_of(outcome, "d")[1] in ("no_margin", "over_max_position")


def test_a_stated_size_that_does_not_fit_is_refused() -> None:
    outcome = play([FLAT, FLAT], {0: [buy("a", 60), buy("b", 60)]}, TOUCH)
    assert end_of(outcome, "b") == ("refused", "no_margin")


def test_the_first_entry_that_passes_the_tier_is_refused() -> None:
    tiers = (
        Tier(Fraction(1_500), Fraction(1, 100), Fraction(20)),
        Tier(Fraction(10_000), Fraction(2, 100), Fraction(10)),
    )
    instrument = Instrument(tick=TICK, tiers=tiers)

    def refused(leverage: int) -> list[str]:
        settings = replace(TOUCH, leverage=Fraction(leverage))
        entries = [buy(ref, 10) for ref in "ab"]
        outcome = play([FLAT, FLAT], {0: entries}, settings, instrument=instrument)
        return [f"{e.ref} {e.reason}" for e in outcome.ends if e.kind == "refused"]

    assert refused(20) == ["b tier_limit"]
    assert refused(10) == []
    assert refused(25) == ["a leverage", "b leverage"]


# --- liquidation ---------------------------------------------------------------------------------

TWENTY = replace(TOUCH, leverage=Fraction(20))


def ladder_that_halves(last: str, settings: Settings) -> Outcome:
    return play(
        [CALM, CALM, CALM, "100 100.1 95.9 97", "97 97.5 96.5 97", last, "96 97 95 96"],
        {
            1: [buy("a", 100), bid("b", 96, 100, ttl_bars=9)],
            3: [leave(fraction=Fraction(1, 2))],
        },
        settings,
    )


@pytest.mark.parametrize("method", list(Method))
def test_liquidation_is_by_the_average_and_costs_the_margin(method: Method) -> None:
    outcome = ladder_that_halves("97 97.2 93 96", replace(TWENTY, method=method))
    assert balance(outcome) == 9410
    assert outcome.fills[-1].role is Role.LIQUIDATION
    alive = ladder_that_halves("97 97.2 94.09 96", replace(TWENTY, method=method))
    assert alive.closes[-1].position == 100


def test_liquidation_costs_the_closing_fee_too() -> None:
    outcome = play(
        [CALM, "98 98 98 98", "98 98 93 93"],
        {0: [bid("a", 98, 100)]},
        replace(TWENTY, taker_bps=Fraction(55, 10)),
    )
    entry, end = outcome.fills
    assert entry.maker
    assert round(float(end.realized - end.fee), 2) == round(-490 - 5.12, 2)


def test_the_liquidation_price_is_the_venues() -> None:
    settings = replace(TOUCH, leverage=Fraction(10))
    tier = Tier(Fraction(10**9), Fraction(5, 1000), Fraction(100))
    instrument = Instrument(tick=Fraction(1), tiers=(tier,))
    script = Script(bars=(), settings=settings, instrument=instrument)
    state = State(script=script, balance=Fraction(0), budget=Budget(settings, None))  # type: ignore[arg-type]
    order: Order = None  # type: ignore[assignment]
    layer = Layer(ref="a", order=order, lots=1, entry=Fraction(50_000))
    held = Position(sign=1, average=Fraction(50_000), layers=[layer])
    assert liquidation_price(state, held) == 45_250


def test_liquidation_cancels_every_order_first() -> None:
    outcome = play(
        [CALM, CALM, "100 100 89 89"],
        {0: [buy("a", 100), bid("deep", 90, 10)]},
        replace(TOUCH, leverage=Fraction(10)),
    )
    assert end_of(outcome, "deep") == ("cancelled", "liquidation")
    assert [fill.role for fill in outcome.fills] == [Role.ENTRY, Role.LIQUIDATION]
    # margin 1000; the bankruptcy price 90 lies within the bar, but only the mark decided
    assert balance(outcome) == 9_000


def test_entries_beyond_the_liquidation_price_are_refused() -> None:
    orders = [bid("ok", 91.5, 1), bid("beyond", 90.5, 1)]
    settings = replace(TOUCH, leverage=Fraction(10))
    outcome = play([CALM, CALM, CALM], {0: [buy("a", 10)], 1: orders}, settings)
    assert end_of(outcome, "beyond") == ("refused", "beyond_liquidation")
    assert end_of(outcome, "ok") == ("cancelled", "end_of_data")


def test_stop_and_liquidation_race_by_fractions_of_the_segment() -> None:
    def role(mark_low: float) -> Role:
        outcome = play(
            [CALM, "98 98 98 98", f"100 100.2 94.5 95 | 100 100.2 {mark_low} 95"],
            {0: [bid("a", 98, 100, stop_loss=px(95))]},
            TWENTY,
        )
        return outcome.fills[-1].role

    assert role(94.0) is Role.STOP
    assert role(90.0) is Role.LIQUIDATION


# --- funding -------------------------------------------------------------------------------------

RATE = Fraction(1, 100)


def test_each_segment_takes_a_third_of_the_bars_time() -> None:
    bars = [CALM, "100 101 94 94", "94 94 94 94"]
    outcome = play(
        bars, {0: [bid("late", 95, 10)]}, TOUCH, funding=[Funding(720 + 480, RATE)], bar_length=720
    )
    assert outcome.closes[-1].funding == 10 * 94 * RATE


def test_funding_at_the_close_is_paid_after_matching() -> None:
    bars = [CALM, "100 100 95 95", "95 95 95 95"]
    outcome = play(bars, {0: [bid("a", 95, 10)]}, TOUCH, funding=[Funding(120, RATE)])
    assert outcome.closes[1].funding == 10 * 95 * RATE


def test_a_funding_time_in_a_hole_is_paid_by_who_held_through_it() -> None:
    bars = [f"{CALM} 1000 {60 * hour}" for hour in (5, 6, 9, 10)]
    outcome = play(bars, {0: [buy("a", 10)]}, TOUCH, funding=[Funding(480, RATE)])
    assert outcome.closes[2].funding == 10
    assert outcome.closes[1].funding == 0


def test_a_funding_time_in_a_hole_comes_before_the_jump() -> None:
    bars = [f"{CALM} 1000 0", f"{CALM} 1000 60", "90 90 90 90 1000 240"]
    entry = buy("a", 10, stop_loss=px(95))
    outcome = play(bars, {0: [entry]}, TOUCH, funding=[Funding(180, RATE)])
    assert outcome.closes[-1].position == 0
    assert outcome.closes[-1].funding == 10


def test_mark_and_funding_go_on_in_a_hole() -> None:
    """A short of 10 under 10x goes at mark 109: it is paid before that, not after it."""
    at = (0, 60, 300)
    marks = [mark_of(line, 120 + 60 * i) for i, line in enumerate((CALM, "100 130 99 110", CALM))]
    outcome = play(
        [f"{CALM} 1000 {ts}" for ts in at],
        {0: [sell("a", 10, stop_loss=px(105))]},
        replace(TOUCH, leverage=Fraction(10)),
        funding=[Funding(150, RATE), Funding(180, RATE), Funding(240, RATE), Funding(300, RATE)],
        hole_marks=marks,
    )
    assert outcome.closes[-1].funding == -(10 * 100 + 10 * 100) * RATE
    assert [fill.role for fill in outcome.fills] == [Role.ENTRY, Role.LIQUIDATION]
    assert end_of(outcome, "a") == ("filled", "")


def test_a_bar_of_no_volume_is_a_hole_for_last_prices_only() -> None:
    empty = "90 90 90 90 0"
    outcome = play(
        [CALM, CALM, empty, "97 97 97 97"],
        {0: [buy("a", 10, stop_loss=px(95))], 1: [bid("b", 92, 1, ttl_bars=1)]},
        TOUCH,
    )
    assert outcome.closes[-1].position == 10
    assert end_of(outcome, "b") == ("expired", "ttl")


# --- paths ---------------------------------------------------------------------------------------


def test_adverse_and_favourable_take_the_worse_and_the_better_path() -> None:
    def end(rule: Intrabar) -> float:
        entry = buy("a", 10, stop_loss=px(98), take_profit=px(103))
        outcome = play([CALM, "100 104 97 101"], {0: [entry]}, replace(TOUCH, intrabar=rule))
        return balance(outcome) - 10_000

    assert end(Intrabar.ADVERSE) == -20
    assert end(Intrabar.FAVOURABLE) == 30
    assert end(Intrabar.DIRECTION) == -20  # green: low first


@pytest.mark.parametrize(
    ("bar", "rule", "price"),
    [
        ("100 103 97 99", Intrabar.DIRECTION, 103),  # red: high first
        ("100 102.5 97 100", Intrabar.DIRECTION, 102.5),  # doji: nearer first
        ("100 103 97 100", Intrabar.DIRECTION, 103),  # doji, equal: high first
        ("100 102.9 97 101", Intrabar.NEAREST, 102.5),
    ],
)
def test_the_path_rule_decides_what_is_met_first(bar: str, rule: Intrabar, price: float) -> None:
    target = min(price, 102.5) if rule is Intrabar.NEAREST else price
    entry = buy("a", 10, stop_loss=px(98), take_profit=px(target))
    outcome = play([CALM, bar], {0: [entry]}, replace(TOUCH, intrabar=rule))
    assert trades(outcome)[1][4] == target


def test_a_market_target_met_on_the_jump_executes_at_the_open() -> None:
    outcome = play(
        [CALM, CALM, CALM, "100 101 99.5 101", "106 107 105 106"],
        {
            1: [buy("e", 30, stop_loss=px(97), take_profit=px(104))],
            2: [offer("t1", 102, lots=10), offer("t2", 103, lots=10)],
        },
        TOUCH,
    )
    assert balance(outcome) == 10_110
    assert {fill.moment for fill in outcome.fills[1:]} == {Moment.JUMP}


def test_a_stop_may_not_save_a_bid_that_the_jump_met_first() -> None:
    rung = {"stop_loss": px(97), "ttl_bars": 9, "on_flat": OnFlat.CANCEL}
    outcome = play(
        [CALM, CALM, "100 100.5 98.8 99 2000", "95 95.5 94 94.5 2000"],
        {1: [bid("r1", 99, 10, **rung), bid("r2", 98, 10, **rung)]},
        TOUCH,
    )
    assert balance(outcome) == 9930


def test_a_sell_limit_lives_through_a_hole() -> None:
    settings = replace(TOUCH)
    bars = [CALM] * 4 + [
        "102 102.5 101.5 102 1000 480",
        "102 102.5 101.5 102 1000 540",
    ]
    outcome = play(bars, {3: [ask("e", 101, 10, stop_loss=px(106), ttl_bars=3)]}, settings)
    assert trades(outcome) == [(4, "e", "sell", 10, 101.0)]
    assert outcome.fills[0].maker


def test_the_nearer_of_two_buy_stops_is_met_first_whatever_the_card_order() -> None:
    stops = [buy_stop("hi", 104, 20, oco="g"), buy_stop("lo", 102, 10, oco="g")]
    outcome = play([CALM, CALM, "106 106.5 105.5 106"], {0: stops}, TOUCH)
    assert trades(outcome) == [(2, "lo", "buy", 10, 106.0)]
    assert end_of(outcome, "hi") == ("cancelled", "oco")


def test_half_sold_leaves_the_average_of_the_venue() -> None:
    outcome = play(
        [CALM, CALM, "100 100.5 95.5 97", "97 97.6 96.8 97"],
        {1: [buy("a", 10), bid("b", 96, 10, ttl_bars=9)], 2: [leave(fraction=Fraction(1, 2))]},
        TOUCH,
    )
    assert outcome.closes[-1].average == px(98)
    assert balance(outcome) == 9990


def test_a_target_type_is_that_of_the_entry() -> None:
    entry = buy("a", 10, take_profit=px(103), take_profit_type=TargetType.LIMIT)
    outcome = play([CALM, CALM, "104 104 104 104"], {0: [entry]}, TOUCH)
    assert trades(outcome)[1][4] == 103.0
    assert outcome.fills[1].maker
