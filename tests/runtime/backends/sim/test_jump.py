"""The jump from the last close to the open: who is met, in which order, at what price.

Worked examples; the number of bars is small and the right answer stands in each test.
"""

from __future__ import annotations

import pytest

from runtime.orders.commands import CancelOrder, SetProtection
from runtime.orders.events import OrderCancelled, OrderFilled
from runtime.orders.order_spec import Effect
from tests.runtime.backends.sim.bench import FINE, Bench, Row, level

AT_100: Row = (100.0, 100.5, 99.5, 100.0)
EXIT = {"effect": Effect.REDUCE}
COSTS = {"taker_bps": 10.0, "maker_bps": 0.0}


def bench(*rows: Row, **more: object) -> Bench:
    return Bench(rows, instrument=FINE, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- order along the jump


def test_a_bid_above_the_stop_is_bought_before_the_stop_sells_all() -> None:
    """Held 10 at 99, bid 98, stop 97; from 99 to 95: bought at 98, 20 are stopped at 95."""
    made = bench(AT_100, (100, 100.5, 98.8, 99), (95, 95.5, 94, 94.5))
    for price in (99.0, 98.0):
        made.place("buy", "limit", 100, limit_price=price, stop_loss=level(97), on_flat="cancel")
    made.bar(3)
    assert made.told == [("o1", 10, 99, "maker"), ("o2", 10, 98, "maker"), ("v1", 20, 95, "taker")]
    assert made.ledger.equity == 1_000_000 - 40 - 30


def test_a_stop_above_the_bid_sends_the_bid_away_before_it_is_met() -> None:
    made = bench(AT_100, (100, 100.5, 98.8, 99), (95, 95.5, 94, 94.5))
    made.place("buy", "limit", 100, limit_price=99.0, stop_loss=level(98))
    bid = made.place("buy", "limit", 100, limit_price=97.0, on_flat="cancel")
    made.bar(3)
    assert made.told == [("o1", 10, 99, "maker"), ("v1", 10, 95, "taker")]
    assert made.status(bid) == ("cancelled", "on_flat")


@pytest.mark.parametrize("triggers", [(104.0, 102.0), (102.0, 104.0)])
def test_of_two_buy_stops_of_a_group_the_lower_is_met_whatever_their_age(
    triggers: tuple[float, float],
) -> None:
    made = bench(AT_100, AT_100, (106, 106.5, 105.5, 106))
    ids = {
        price: made.place("buy", "stop_market", 100, trigger_price=price, order_group="g", oco=True)
        for price in triggers
    }
    made.bar(3)
    assert made.told == [(ids[102.0], 10, 106, "taker")]
    assert made.status(ids[104.0]) == ("cancelled", "oco")


def test_the_bid_of_a_group_is_met_before_its_sell_stop() -> None:
    made = bench(AT_100, AT_100, (97, 97.5, 96.5, 97))
    bid = made.place("buy", "limit", 100, limit_price=99, order_group="g", oco=True)
    stop = made.place("sell", "stop_market", 100, trigger_price=98, order_group="g", oco=True)
    made.bar(3)
    assert made.told == [(bid, 10, 99, "maker")]
    assert made.status(stop) == ("cancelled", "oco")


def test_an_oco_member_whose_cancel_is_on_its_way_goes_with_the_group_at_once() -> None:
    made = bench(AT_100, AT_100, (95, 96, 94, 95))
    near = made.place("buy", "limit", 100, limit_price=99, order_group="g", oco=True)
    far = made.place("buy", "limit", 100, limit_price=98, order_group="g", oco=True)
    made.bar(2)
    made.send(CancelOrder(order_id=far, reason="card"))
    made.bar()
    assert made.told == [(near, 10, 99, "maker")]
    assert made.status(far) == ("cancelled", "oco")


def test_limit_exits_fill_at_their_own_prices_and_the_market_target_at_the_open() -> None:
    made = bench(AT_100, AT_100, (106, 107, 105, 106))
    made.place("buy", "market", 300, take_profit=level(104))
    made.bar()
    made.place("sell", "limit", 100, limit_price=103, **EXIT)
    made.place("sell", "limit", 100, limit_price=102, **EXIT)
    made.bar(2)
    assert [fill[1:] for fill in made.told[1:]] == [
        (10, 102, "maker"), (10, 103, "maker"), (10, 106, "taker"),
    ]  # fmt: skip


def test_at_one_price_stops_then_targets_then_entries_then_limits_by_age() -> None:
    """Decision 12: all at 102. A short's stop, a long's market target is not there, so: stop first."""
    made = bench(AT_100, AT_100, (106, 106, 106, 106))
    made.place("sell", "market", 100, stop_loss=level(102))
    made.bar()
    young = made.place("sell", "limit", 10, limit_price=102)
    entry = made.place("buy", "stop_market", 20, trigger_price=102)
    old = made.place("sell", "limit", 10, limit_price=102)
    made.bar(2)
    assert [fill[0] for fill in made.told[1:]] == ["v1", entry, young, old]


def test_a_liquidation_on_the_jump_takes_all_that_is_left() -> None:
    """10x long at 100: liquidation at 90.5. The bid at 95 is bought, the stop at 85 is not reached."""
    made = bench(AT_100, AT_100, (80, 81, 79, 80), account={"max_leverage": 10.0})
    made.place("buy", "market", 100, stop_loss=level(85))
    made.bar()
    made.place("buy", "limit", 100, limit_price=95)
    made.bar(2)
    # Average 97.5: liquidation 97.5 * 0.905 = 88.2 comes before 85; bankruptcy 87.75.
    assert [fill[1:3] for fill in made.told] == [(10, 100), (10, 95), (20, 87.75)]
    assert made.reasons[-1] == "liquidation"


# ---------------------------------------------------------------- decisions on arrivals


def test_a_moved_target_that_only_the_jump_passes_fills_at_its_own_price() -> None:
    """Sold at 104 as maker: 10000 - 1 (fee of the entry) + 40 = 10039, not 106 as a gift."""
    made = bench(
        AT_100, AT_100, (100, 103, 99.5, 103), (106, 107, 105, 106),
        account=COSTS | {"starting_equity_usdt": 10_000.0},
    )  # fmt: skip
    made.place(
        "buy", "market", 100, stop_loss=level(96), take_profit=level(104.9),
        take_profit_type="limit",
    )  # fmt: skip
    made.bar(3)
    made.send(SetProtection(take_profit=level(104)))
    made.bar()
    assert made.told[1:] == [("v2", 10, 104, "maker")]
    assert made.ledger.equity == 10_039.0


def test_a_limit_that_the_market_left_behind_takes_at_the_open() -> None:
    """The share of bar 1 is 45 of the 100 bid at 99; the close is 90: 55 are bought at 90 as taker."""
    made = bench(
        AT_100, (100, 100, 90, 90), (90, 91, 89, 90),
        execution={"fill_model": "volume_weighted"}, account={"starting_equity_usdt": 20_000.0},
    )  # fmt: skip
    bid = made.place("buy", "limit", 1000, limit_price=99)
    made.bar(3)
    assert made.told == [(bid, 45, 99, "maker"), (bid, 55, 90, "taker")]
    assert made.ledger.equity == 20_000 - 45 * 9
    assert made.exchange.tally.remainder_improvement == 55 * 9


def test_rungs_that_were_never_filled_take_at_the_open_too_best_price_first() -> None:
    """A ladder wholly above a bar of volume 300: 15 on the jump, 30 at the next open, to the best."""
    made = bench(
        (100, 100.5, 99.5, 100, 300), (95, 96, 94.5, 95.5, 300), (95.5, 96, 95, 95.5, 300),
        execution={"fill_model": "volume_weighted"},
    )  # fmt: skip
    ids = [made.place("buy", "limit", 160, limit_price=97 + k / 10) for k in range(22)]
    made.bar(3)
    assert made.told == [
        (ids[21], 15, 99.1, "maker"), (ids[21], 1, 95.5, "taker"),
        (ids[20], 16, 95.5, "taker"), (ids[19], 13, 95.5, "taker"),
    ]  # fmt: skip


def test_what_was_left_behind_rests_when_the_open_is_beyond_its_limit() -> None:
    """Close 98.5, open 101: the bid at 99 was marketable, so the jump does not fill it; the path may."""
    made = bench(
        (100, 100, 100, 100, 100), (100, 100, 98.5, 98.5, 100), (101, 102, 100, 101.5, 100),
        (101.5, 101.5, 98.9, 101, 1000), execution={"fill_model": "volume_weighted"},
    )  # fmt: skip
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar(3)
    assert [fill[1:] for fill in made.told] == [(1.8, 99, "maker")]
    made.bar()
    assert made.told[1] == (bid, 3.7, 99, "maker")  # 2/27 * 0.05 * 1000


def test_a_post_only_remainder_pays_the_makers_fee_at_the_open() -> None:
    made = bench(
        AT_100, (100, 100, 90, 90), (90, 91, 89, 90), account=COSTS,
        execution={"fill_model": "volume_weighted"},
    )  # fmt: skip
    bid = made.place("buy", "limit", 1000, limit_price=99, post_only=True)
    made.bar(3)
    assert made.told[1] == (bid, 55, 90, "maker")
    assert made.ledger.account.fees == 0.0


@pytest.mark.parametrize(("gap", "price"), [("limit", 99.0), ("open", 97.0)])
def test_session_markets_give_a_resting_limit_the_open(gap: str, price: float) -> None:
    made = bench(AT_100, AT_100, (97, 98, 96, 97), execution={"resting_gap": gap})
    bid = made.place("buy", "limit", 100, limit_price=99)
    made.bar(3)
    assert made.told == [(bid, 10, price, "maker")]


@pytest.mark.parametrize(("gap", "price"), [("limit", 99.0), ("open", 97.0)])
@pytest.mark.parametrize("force", ["gtc", "ioc", "fok"])
def test_session_markets_give_a_limit_of_the_close_before_the_open_too(
    gap: str, price: float, force: str
) -> None:
    """It takes part in the opening like one that has rested: above the bar's high nobody would have paid."""
    made = bench(AT_100, (97, 98, 96, 97), execution={"resting_gap": gap})
    made.bar()
    bid = made.place("buy", "limit", 100, limit_price=99, time_in_force=force)
    made.bar()
    assert made.told == [(bid, 10, price, "maker" if force == "gtc" else "taker")]


@pytest.mark.parametrize(
    ("trigger", "limit", "bar", "price"),
    [
        (102.0, 103.0, (100, 104, 99.5, 103.5), 102.0),  # inside the bar, at its trigger
        (102.0, 103.0, (102.5, 104, 102, 103.5), 102.5),  # on the jump, at the open
        (102.0, 108.0, (106, 107, 105, 106), 106.0),  # never above the market
    ],
)
def test_a_stop_limit_arrives_when_it_triggers_and_takes_where_it_is_marketable(
    trigger: float, limit: float, bar: Row, price: float
) -> None:
    made = bench(AT_100, AT_100, bar)
    order = made.place("buy", "stop_limit", 100, trigger_price=trigger, limit_price=limit)
    made.bar(3)
    assert made.told == [(order, 10, price, "taker")]


def test_a_stop_limit_that_the_jump_leaves_behind_rests_from_the_open() -> None:
    made = bench(AT_100, AT_100, (106, 107, 105, 106), (106, 106, 102, 103))
    order = made.place("buy", "stop_limit", 100, trigger_price=102, limit_price=103)
    made.bar(3)
    assert made.told == []
    made.bar()
    assert made.told == [(order, 10, 103, "maker")]


def test_children_of_a_stop_met_on_the_jump_arrive_at_the_open() -> None:
    """Stop entry 102, limit target 105, open 106: bought 106, sold 106. Selling at 105 loses 10."""
    made = bench(AT_100, AT_100, (106, 107, 105, 106))
    made.place(
        "buy", "stop_market", 100, trigger_price=102, stop_loss=level(101),
        take_profit=level(105), take_profit_type="limit",
    )  # fmt: skip
    made.bar(3)
    assert [fill[1:] for fill in made.told] == [(10, 106, "taker"), (10, 106, "taker")]


def test_a_stop_entry_that_enlarges_a_target_lets_only_the_old_lots_go_on_the_jump() -> None:
    """10 at 100 with a limit target at 104; a stop entry of 10 at 102 fills at the open, 106."""
    made = bench(AT_100, AT_100, (106, 107, 105, 106))
    made.place("buy", "market", 100, take_profit=level(104), take_profit_type="limit")
    made.bar()
    made.place("buy", "stop_market", 100, trigger_price=102)
    made.bar(2)
    assert [fill[1:] for fill in made.told] == [
        (10, 100, "taker"), (10, 106, "taker"), (10, 104, "maker"), (10, 106, "taker"),
    ]  # fmt: skip


def test_a_market_target_that_a_stop_entry_enlarges_takes_the_old_lots_then_the_new_ones() -> None:
    """All at the open, 106; but the new lots are protected from there on only, after what the jump met."""
    made = bench(AT_100, AT_100, (106, 107, 105, 106))
    made.place("buy", "market", 100, take_profit=level(104))
    made.bar()
    made.place("buy", "stop_market", 100, trigger_price=102)
    made.bar(2)
    assert [fill[1:] for fill in made.told] == [
        (10, 100, "taker"), (10, 106, "taker"), (10, 106, "taker"), (10, 106, "taker"),
    ]  # fmt: skip


def test_children_of_a_limit_met_on_the_jump_are_live_for_the_rest_of_it() -> None:
    made = bench(AT_100, AT_100, (95, 96, 94, 95))
    made.place("buy", "limit", 100, limit_price=98, stop_loss=level(97))
    made.bar(3)
    assert [fill[1:] for fill in made.told] == [(10, 98, "maker"), (10, 95, "taker")]
    assert made.reasons[1] == "stop_loss"


# ---------------------------------------------------------------- ambiguity of jumps


def test_a_jump_over_a_stop_and_a_bid_is_ambiguous_where_the_order_matters() -> None:
    made = bench(AT_100, (100, 100.5, 98.8, 99), (95, 95.5, 94, 94.5))
    for price in (99.0, 98.0):
        made.place("buy", "limit", 100, limit_price=price, stop_loss=level(97), on_flat="cancel")
    made.bar(3)
    assert made.exchange.tally.ambiguous_bars == [2]
    assert made.exchange.tally.ambiguous_decisions == 1


def test_a_jump_over_limits_alone_is_not_ambiguous_nor_one_where_the_order_is_the_same() -> None:
    ladder = bench(AT_100, AT_100, (95, 96, 94, 95))
    for price in (99.0, 98.0, 97.0):
        ladder.place("buy", "limit", 100, limit_price=price)
    ladder.bar(3)
    assert ladder.exchange.tally.ambiguous_bars == []
    child = bench(AT_100, AT_100, (95, 96, 94, 95))
    child.place("buy", "limit", 100, limit_price=98, stop_loss=level(97))
    child.bar(3)
    assert child.exchange.tally.ambiguous_bars == []


def test_a_flipped_run_tells_a_contested_jump_the_other_way() -> None:
    """The stop first: the old 10 are sold at 95, the bid goes with the position."""
    made = bench(AT_100, (100, 100.5, 98.8, 99), (95, 95.5, 94, 94.5))
    made.exchange.flipped = frozenset({2})
    for price in (99.0, 98.0):
        made.place("buy", "limit", 100, limit_price=price, stop_loss=level(97), on_flat="cancel")
    made.bar(3)
    assert made.told == [("o1", 10, 99, "maker"), ("v1", 10, 95, "taker")]
    cancelled = [e.order_id for e in made.events if isinstance(e, OrderCancelled)]
    assert "o2" in cancelled
    assert sum(isinstance(e, OrderFilled) for e in made.events) == 2
