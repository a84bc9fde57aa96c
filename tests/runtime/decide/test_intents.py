"""From an action to an order: prices, sizes and levels are what the card says, on the grid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runtime.decide.capacity import Capacity
from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection
from runtime.orders.events import OrderSubmitted
from runtime.orders.order_spec import Effect, Level, LevelKind, OrderType, Role, Side, TimeInForce
from tests.strategies.runs import Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 6)


def one(action: str, **settings: str) -> Run:
    return live(at_bar(1, action), ROWS, **settings)


def test_an_entry_is_a_market_order_of_the_notional_at_the_close() -> None:
    run = one(emit("entry_long", size_usdt=1234))
    (spec,) = run.specs
    assert (spec.side, spec.effect, spec.order_type) == (Side.BUY, Effect.OPEN, OrderType.MARKET)
    assert spec.quantity == 12_340
    assert (spec.created_bar, spec.decision_price) == (1, 100.0)
    assert run.ledger.position is not None
    assert run.ledger.position.opened_bar == 2


def test_nothing_decided_at_a_close_fills_before_the_next_open() -> None:
    run = Run(card_text(at_bar(1, emit("entry_long", size_usdt=100))), ROWS).live(2)
    assert run.ledger.position is None
    assert run.live(1).ledger.position is not None


@pytest.mark.parametrize(
    ("action", "price", "limit"),
    [
        ("place_limit_long", 99.97, 99.9),
        ("place_limit_long", 99.9, 99.9),
        ("place_limit_short", 100.03, 100.1),
        ("place_limit_short", 100.1, 100.1),
    ],
)
def test_entry_buys_round_down_and_sells_up(action: str, price: float, limit: float) -> None:
    (spec,) = one(emit(action, price=price, size_usdt=100)).specs
    assert spec.limit_price == limit


def test_a_price_reference_freezes_at_the_close_that_places() -> None:
    rows = [*flat(100.0, 2), (100, 101, 100, 101), *flat(101.0, 3)]
    run = live(at_bar(1, emit("place_limit_long", price="close - 1", size_usdt=100)), rows)
    assert run.specs[0].limit_price == 99.0
    assert next(iter(run.ledger.book)).limit_price == 99.0


def test_a_stop_with_a_limit_is_a_stop_limit_order() -> None:
    action = emit("place_stop_long", trigger=101, limit_price=101.5, size_usdt=101.5)
    (spec,) = one(action).specs
    assert spec.order_type is OrderType.STOP_LIMIT
    assert (spec.trigger_price, spec.limit_price, spec.quantity) == (101.0, 101.5, 1000)


def test_a_stop_entry_is_sized_at_its_trigger() -> None:
    (spec,) = one(emit("place_stop_short", trigger=98, size_usdt=98)).specs
    assert (spec.order_type, spec.side, spec.quantity) == (OrderType.STOP_MARKET, Side.SELL, 1000)


@pytest.mark.parametrize(
    ("size", "lots"),
    [
        ({"size_usdt": 1000}, 10_000),
        ({"size_pct": 0.1}, 10_000),
        ({"size_of_max_pct": 0.25}, 50_000),
        ({"size": "10% of equity"}, 10_000),
        ({"size": "25% of max"}, 50_000),
        ({"size": "0.5 base"}, 500),
        ({"risk_pct": 1, "stop_loss": 98}, 50_000),
        ({"size": "risk 1%", "stop_loss": 95}, 20_000),
    ],
)
def test_every_size_form_gives_its_lots(size: dict[str, object], lots: int) -> None:
    (spec,) = one(emit("entry_long", **size), account="max_leverage: 2").specs
    assert spec.quantity == lots


def test_lots_round_down() -> None:
    (spec,) = one(emit("place_limit_long", price=99.9, size_usdt=100)).specs
    assert spec.quantity == 1001  # 1.001001… base


def test_risk_model_sizes_an_entry_without_a_size() -> None:
    sizing = "risk_model: { sizing: { model: percent_equity, value: 10 } }"
    (spec,) = one("entry_long", more=sizing, account="max_leverage: 3").specs
    assert spec.quantity == 30_000


def test_a_share_of_the_risk_model_is_cut_to_what_the_account_carries() -> None:
    sizing = "risk_model: { sizing: { model: percent_equity, value: 100 } }"
    run = one("entry_long", more=sizing)
    assert run.refused == []
    assert run.specs[0].quantity == 100_000  # without fees and slippage all of it


def test_a_risk_based_size_loses_its_share_at_the_stop() -> None:
    more = """
    risk_model:
      stop_loss: { type: percent, value: 4 }
      sizing: { model: risk_based, value: 1 }
    """
    (spec,) = one("entry_short", more=more).specs
    assert spec.quantity == 25_000
    assert spec.stop_loss == Level(LevelKind.PERCENT, 4.0, by_model=True)


def test_stops_and_targets_round_away_from_the_entry() -> None:
    action = emit("entry_long", size_usdt=100, stop_loss=98.17, take_profit=101.32)
    (spec,) = one(action).specs
    assert spec.stop_loss == Level(LevelKind.LEVEL, 98.1)
    assert spec.take_profit == Level(LevelKind.LEVEL, 101.4)
    action = emit("entry_short", size_usdt=100, stop_loss=101.32, take_profit=98.17)
    (spec,) = one(action).specs
    assert spec.stop_loss == Level(LevelKind.LEVEL, 101.4)
    assert spec.take_profit == Level(LevelKind.LEVEL, 98.1)


def test_the_action_wins_over_the_risk_model() -> None:
    more = """
    risk_model:
      stop_loss: { type: percent, value: 4 }
      take_profit: { type: rr_ratio, value: 2 }
    """
    (spec,) = one(emit("entry_long", size_usdt=100, stop_loss=99), more=more).specs
    assert spec.stop_loss == Level(LevelKind.LEVEL, 99.0)
    assert spec.take_profit == Level(LevelKind.DISTANCE, 2.0, by_model=True)


def test_an_atr_stop_is_a_distance_frozen_at_the_decision() -> None:
    more = """
    features: [{ type: atr, id: atr, params: { length: 1 } }]
    risk_model: { stop_loss: { type: atr_multiple, value: 3, atr_feature_id: atr } }
    """
    rows = [(100.0, 101.0, 99.0, 100.0)] * 5
    (spec,) = live(at_bar(2, emit("entry_long", size_usdt=100)), rows, more=more).specs
    assert spec.stop_loss == Level(LevelKind.DISTANCE, 6.0, by_model=True)


def test_lifecycle_and_identity_reach_the_order() -> None:
    action = emit(
        "place_limit_long", price=99, size_usdt=100, ttl_bars=3, ttl_type="gtc", post_only=True,
        on_partial="cancel", on_flat="cancel", order_ref="r", order_group="g", oco=True,
        protect="layer", take_profit_type="limit", reason="why",
    )  # fmt: skip
    (spec,) = one(action).specs
    assert (spec.ttl_bars, spec.time_in_force, spec.post_only) == (3, TimeInForce.GTC, True)
    assert (spec.on_partial, spec.on_flat, spec.oco) == ("cancel", "cancel", True)
    assert (spec.order_ref, spec.order_group, spec.reason) == ("r", "g", "why")
    assert (spec.protect, spec.take_profit_type) == ("layer", "limit")


def test_an_order_with_a_ttl_is_good_till_date_unless_it_says_otherwise() -> None:
    (spec,) = one(emit("place_limit_long", price=99, size_usdt=100, ttl_bars=3)).specs
    assert spec.time_in_force is TimeInForce.GTD


# ---------------------------------------------------------------- exits

OPEN = at_bar(0, emit("entry_long", size_usdt=1000, order_ref="e"), block="open")


def held(*actions: str, rows: list[tuple[float, float, float, float]] = ROWS, **more: str) -> Run:
    """Run actions at the close of bar 2, with a long of 10 base open."""
    return live(OPEN + at_bar(2, *actions), rows, **more)


def test_an_exit_closes_the_whole_position_by_default() -> None:
    run = held("exit_long")
    assert run.specs[-1].quantity == 10_000
    assert run.specs[-1].reduce_only
    assert run.ledger.position is None


def test_an_exit_takes_a_fraction_of_the_position() -> None:
    run = held(emit("exit_long", size_pct=0.35, method="lifo"))
    assert run.specs[-1].quantity == 3500
    assert run.specs[-1].method.value == "lifo"


def test_two_exits_of_one_close_never_take_more_than_there_is() -> None:
    run = held(emit("exit_long", size_pct=0.7), emit("exit_all", size_pct=0.7))
    assert [spec.quantity for spec in run.specs[1:]] == [7000, 3000]


def test_an_exit_absorbs_what_it_would_strand() -> None:
    run = held(emit("exit_long", size_pct=0.996))  # 4 USDT would remain
    assert run.specs[-1].quantity == 10_000
    assert run.refused == []


def test_a_limit_exit_rests_reduce_only() -> None:
    run = held(emit("place_limit_exit_long", price=101.03, size_pct=0.5, order_ref="tp"))
    spec = run.specs[-1]
    assert (spec.side, spec.order_type) == (Side.SELL, OrderType.LIMIT)
    assert (spec.limit_price, spec.quantity, spec.reduce_only) == (101.1, 5000, True)


# ---------------------------------------------------------------- orders and protection

REST = at_bar(0, emit("place_limit_long", price=99, size_usdt=990, order_ref="r", stop_loss=98))


def test_a_cancel_finds_its_order_by_ref() -> None:
    run = live(REST + at_bar(2, emit("cancel_order", order_ref="r", reason="stale")), ROWS)
    assert run.commands[2] == [CancelOrder(order_id="o1", reason="stale")]
    assert len(run.ledger.book) == 0


def test_cancel_all_takes_a_group_or_a_side() -> None:
    buy = emit("place_limit_long", price=99, size_usdt=100, order_group="g")
    sell = emit("place_limit_short", price=101, size_usdt=100)
    blocks = at_bar(0, buy, sell) + at_bar(2, emit("cancel_all_orders", side="sell"))
    run = live(blocks, ROWS)
    assert [order.order_id for order in run.ledger.book] == ["o1"]
    blocks = at_bar(0, buy, sell) + at_bar(2, emit("cancel_all_orders", order_group="g"))
    assert [order.order_id for order in live(blocks, ROWS).ledger.book] == ["o2"]


def test_an_amendment_names_only_what_changes() -> None:
    run = live(REST + at_bar(2, emit("amend_order", order_ref="r", price=98.97)), ROWS)
    assert run.commands[2] == [AmendOrder(order_id="o1", limit_price=98.9)]
    assert next(iter(run.ledger.book)).limit_price == 98.9


def test_an_amended_size_is_the_new_total() -> None:
    run = live(REST + at_bar(2, emit("amend_order", order_ref="r", size_usdt=495)), ROWS)
    assert run.commands[2] == [AmendOrder(order_id="o1", quantity=5000)]


def test_replace_amends_the_working_order_and_says_nothing_when_nothing_changed() -> None:
    again = {"size_usdt": 990, "order_ref": "r", "stop_loss": 98, "on_live_ref": "replace"}
    blocks = REST + at_bar(2, emit("place_limit_long", price=98.5, **again))
    blocks += at_bar(4, emit("place_limit_long", price=98.5, **again))
    run = live(blocks, ROWS)
    assert run.commands[2] == [AmendOrder(order_id="o1", quantity=10_050, limit_price=98.5)]
    assert run.commands[4] == []
    assert run.refused == []


def test_replace_by_another_kind_cancels_and_places() -> None:
    stop = emit("place_stop_long", trigger=101, size_usdt=101, order_ref="r", on_live_ref="replace")
    run = live(REST + at_bar(2, stop), ROWS)
    assert isinstance(run.commands[2][0], CancelOrder)
    assert run.specs[-1].order_type is OrderType.STOP_MARKET
    assert [order.order_id for order in run.ledger.book] == [run.specs[-1].order_id]


def test_a_moved_stop_is_rounded_away_and_only_tightens_on_request() -> None:
    tighten = {"only_tighten": True}
    blocks = OPEN + at_bar(2, emit("adjust_stop", price=98.07))
    blocks += at_bar(3, emit("adjust_stop", price=97, **tighten))
    blocks += at_bar(4, emit("adjust_stop", price=98.5, **tighten))
    run = live(blocks, ROWS)
    assert run.commands[2] == [SetProtection(stop_loss=Level(LevelKind.LEVEL, 98.0), position=1)]
    assert run.commands[3] == []
    assert run.commands[4] == [SetProtection(stop_loss=Level(LevelKind.LEVEL, 98.5), position=1)]
    assert run.refused == []
    assert run.ledger.stop_price() == 98.5


def test_a_target_tightens_towards_the_price() -> None:
    blocks = OPEN + at_bar(2, emit("adjust_target", price=104))
    blocks += at_bar(3, emit("adjust_target", price=105, only_tighten=True))
    blocks += at_bar(4, emit("adjust_target", price=103, only_tighten=True))
    run = live(blocks, ROWS)
    assert run.ledger.target_price() == 103.0


def test_protection_of_one_layer_is_named_by_its_number() -> None:
    run = held(emit("adjust_stop", price=98, layer=0))
    (command,) = run.commands[2]
    assert isinstance(command, SetProtection)
    assert command.layer == "o1"


def test_adjust_size_trades_the_difference() -> None:
    run = held(emit("adjust_size", size_usdt=1500))
    assert (run.specs[-1].side, run.specs[-1].quantity) == (Side.BUY, 5000)
    run = held(emit("adjust_size", size_usdt=400))
    assert (run.specs[-1].side, run.specs[-1].quantity) == (Side.SELL, 6000)
    assert run.specs[-1].effect is Effect.REDUCE


@pytest.mark.parametrize(
    ("effect", "side", "lots", "bounds"),
    [(Effect.REDUCE, Side.SELL, 4_000, (6_000, 10_000)), (Effect.OPEN, Side.BUY, 5_000, (10_000, 15_000))],
)  # fmt: skip
def test_a_target_size_counts_what_is_on_its_way_at_market(
    effect: Effect, side: Side, lots: int, bounds: tuple[int, int]
) -> None:
    """An earlier close asked for it, and the venue has not answered."""
    run = held(emit("no_action"))
    assert Capacity.at_close(run.ledger).bounds() == (10_000, 10_000)
    role = Role.EXIT if effect is Effect.REDUCE else Role.ENTRY
    named = {"order_id": "o9", "order_ref": None, "role": role}
    spec = replace(run.specs[0], side=side, effect=effect, quantity=lots, **named)
    run.ledger.apply(OrderSubmitted(spec=spec, bar=run.ledger.bar, ts=run.ledger.ts))
    assert Capacity.at_close(run.ledger).bounds() == bounds


def test_an_exit_of_the_same_close_clears_the_way_for_the_other_side() -> None:
    run = held(emit("entry_short", size_usdt=500), "exit_long")
    assert run.refused == []
    assert run.ledger.position is not None
    assert run.ledger.position.side is Side.SELL
