"""Worked examples: what fills where on hand-made bars. The right answer stands in each test."""

from __future__ import annotations

from runtime.account.margin import free_margin
from runtime.market.frame import Frame
from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection
from runtime.orders.order_spec import Effect, Level, LevelKind, RemovalMethod, Side, TimeInForce
from tests.runtime.backends.sim.bench import MINUTE, Bench, frame, level

QUIET = (100.0, 100.0, 100.0, 100.0)


def test_a_market_order_fills_at_the_next_open_with_slippage_against_us() -> None:
    bench = Bench([(100, 110, 90, 105)], account={"slippage_bps": 100})
    bench.place("buy", "market", 5)
    bench.bar()
    assert bench.fills == [("o1", 5, 101.0, 0)]  # 1 % of 100, rounded up to the tick


def test_a_resting_limit_fills_at_its_limit_also_when_the_bar_opens_through_it() -> None:
    bench = Bench([QUIET, (90, 95, 88, 92)])
    bench.place("buy", "limit", 5, limit_price=96.0)
    bench.bar(2)
    assert bench.fills == [("o1", 5, 96.0, 1)]


def test_resting_gap_open_gives_the_session_markets_improvement() -> None:
    bench = Bench([QUIET, (90, 95, 88, 92)], execution={"resting_gap": "open"})
    bench.place("buy", "limit", 5, limit_price=96.0)
    bench.bar(2)
    assert bench.fills == [("o1", 5, 90.0, 1)]


def test_a_limit_that_crosses_on_arrival_pays_the_open_as_taker() -> None:
    bench = Bench([(100, 110, 90, 105)], account={"taker_bps": 10, "maker_bps": 0})
    bench.place("buy", "limit", 5, limit_price=103.0)
    bench.bar()
    assert bench.fills == [("o1", 5, 100.0, 0)]
    assert bench.ledger.account.fees == 0.5


def test_post_only_that_would_cross_is_cancelled() -> None:
    bench = Bench([(100, 110, 90, 105)])
    order = bench.place("sell", "limit", 5, limit_price=99.0, post_only=True)
    bench.bar()
    assert bench.fills == []
    assert bench.status(order) == ("cancelled", "post_only_would_cross")


def test_ioc_and_fok_are_decided_at_the_open_and_only_there() -> None:
    rows = [(100.0, 100.0, 90.0, 95.0, 100.0)] * 2
    bench = Bench(rows, execution={"fill_model": "volume_weighted"})
    away = bench.place("buy", "limit", 5, limit_price=95.0, time_in_force=TimeInForce.IOC)
    part = bench.place("buy", "limit", 25, limit_price=101.0, time_in_force=TimeInForce.IOC)
    none = bench.place("buy", "limit", 25, limit_price=101.0, time_in_force=TimeInForce.FOK)
    bench.bar(2)
    # 10 % of 100 may be taken by an order that crosses.
    assert bench.fills == [(part, 10, 100.0, 0)]
    assert bench.status(away) == ("expired", "ioc_remainder")
    assert bench.status(part) == ("expired", "ioc_remainder")
    assert bench.status(none) == ("expired", "fok_unfillable")


def test_a_stop_fills_at_its_trigger_inside_the_bar_and_at_the_open_beyond_it() -> None:
    bench = Bench([QUIET, (100, 108, 100, 106), (112, 115, 111, 113)])
    inside = bench.place("buy", "stop_market", 5, trigger_price=105.0)
    beyond = bench.place("buy", "stop_market", 5, trigger_price=110.0)
    bench.bar(3)
    assert bench.fills == [(inside, 5, 105.0, 1), (beyond, 5, 112.0, 2)]


def test_a_stop_limit_rests_after_its_trigger_and_only_later_path_counts() -> None:
    # Green bar: 100 -> 95 -> 110 -> 108. Triggered at 105 on the way up; 104 is not seen after.
    bench = Bench([QUIET, (100, 110, 95, 108), (108, 109, 103, 104)])
    order = bench.place("buy", "stop_limit", 5, trigger_price=105.0, limit_price=104.0)
    bench.bar(2)
    assert bench.fills == []
    bench.bar()
    assert bench.fills == [(order, 5, 104.0, 2)]


def test_a_stop_limit_whose_limit_allows_it_fills_at_the_trigger() -> None:
    bench = Bench([QUIET, (100, 110, 95, 108)])
    order = bench.place("buy", "stop_limit", 5, trigger_price=105.0, limit_price=106.0)
    bench.bar(2)
    assert bench.fills == [(order, 5, 105.0, 1)]


def test_ttl_counts_bars_and_expires_after_matching() -> None:
    # Placed before bar 0 with ttl 2: may fill on bars 0 and 1, expires at the close of bar 1.
    bench = Bench([QUIET, (100, 100, 95, 96), (96, 96, 90, 91)])
    fills = bench.place("buy", "limit", 5, limit_price=95.0, ttl_bars=2)
    late = bench.place("buy", "limit", 5, limit_price=94.0, ttl_bars=2)
    bench.bar(3)
    assert bench.fills == [(fills, 5, 95.0, 1)]
    assert bench.status(late) == ("expired", "ttl")
    assert bench.ledger.orders[late].end_bar == 1


def test_attached_stop_and_target_are_live_from_the_fill_onward() -> None:
    # Red bar: 100 -> 104 -> 90 -> 92. Bought at 97 on the way down, stopped at 94 below.
    bench = Bench([QUIET, (100, 104, 90, 92)])
    bench.place("buy", "limit", 5, limit_price=97.0, stop_loss=level(94.0), take_profit=level(103))
    bench.bar(2)
    assert [(lots, price) for _, lots, price, _ in bench.fills] == [(5, 97.0), (5, 94.0)]
    assert bench.ledger.position is None
    assert not len(bench.ledger.book)


def test_attached_next_bar_waits_for_the_next_bar() -> None:
    bench = Bench([QUIET, (100, 104, 90, 92), (92, 93, 91, 92)], execution={"attached": "next_bar"})
    bench.place("buy", "limit", 5, limit_price=97.0, stop_loss=level(94.0))
    bench.bar(2)
    assert len(bench.fills) == 1
    bench.bar()
    assert bench.fills[1][1:] == (5, 92.0, 2)  # opened beyond the stop


def test_the_path_rule_decides_between_stop_and_target() -> None:
    rows = [(100.0, 100.0, 100.0, 100.0), (100.0, 110.0, 90.0, 101.0)]
    outcome = {}
    for policy in ("direction", "nearest", "adverse", "favourable"):
        bench = Bench(rows, execution={"intrabar": policy})
        bench.place("buy", "market", 5, stop_loss=level(95.0), take_profit=level(105.0))
        bench.bar(2)
        outcome[policy] = bench.fills[1][2]
        assert bench.exchange.tally.ambiguous_bars == [1]
    # Green bar: low first, so direction stops out; equal distances: nearest takes the high first.
    assert outcome == {"direction": 95.0, "nearest": 105.0, "adverse": 95.0, "favourable": 105.0}


def test_magnify_walks_the_finer_bars_and_counts_missing_ones() -> None:
    rows = [(100.0, 110.0, 90.0, 101.0)] * 2
    fine = Frame("TEST", "1m", MINUTE // 2)
    fine.append(0, 100, 110, 99, 108, 500)  # up first, against the rule for a green bar
    fine.append(MINUTE // 2, 108, 108, 90, 101, 500)
    bench = Bench(rows, execution={"intrabar": "magnify"}, fine=fine)
    bench.place("buy", "market", 5, stop_loss=level(95.0), take_profit=level(105.0))
    bench.bar(2)
    assert bench.fills[1][2] == 105.0
    bench.place("buy", "limit", 5, limit_price=95.0)
    assert bench.exchange.parts.fallbacks == 0


def test_protection_grows_with_partial_fills_and_survives_expiry() -> None:
    rows = [(100.0, 100.0, 100.0, 100.0, 100.0), (100.0, 101.0, 98.0, 100.0, 100.0),
            (100.0, 101.0, 98.0, 100.0, 100.0), (100.0, 100.0, 80.0, 85.0, 100.0)]  # fmt: skip
    bench = Bench(rows, execution={"fill_model": "volume_weighted"})
    order = bench.place("buy", "limit", 50, limit_price=99.0, ttl_bars=3, stop_loss=level(90.0))
    bench.bar(2)
    # k = 2 of n = 4 levels, 10 % participation, half the queue: 100 * 0.5 * 0.05 = 2.5 -> 2 lots
    assert bench.fills == [(order, 2, 99.0, 1)]
    stops = [o for o in bench.ledger.book if not o.is_own]
    assert [o.quantity for o in stops] == [2]
    bench.bar()
    assert [o.quantity for o in stops] == [4]
    assert bench.status(order)[0] == "expired"
    bench.bar()
    assert bench.fills[-1][1:] == (4, 90.0, 3)
    assert bench.ledger.position is None


def test_a_stop_already_breached_when_its_entry_fills_exits_at_once() -> None:
    bench = Bench([(100, 101, 99, 100)])
    bench.place("buy", "market", 5, stop_loss=level(103.0))
    bench.bar()
    assert [f[1:3] for f in bench.fills] == [(5, 100.0), (5, 100.0)]
    assert bench.events[-2].__class__.__name__ != "OrderSubmitted"
    assert any(getattr(e, "reason", "") == "sl_on_entry" for e in bench.events)


def test_percent_protection_moves_with_the_average_entry() -> None:
    bench = Bench([QUIET, (100, 100, 79, 80), (80, 82, 80, 81)])
    stop = Level(LevelKind.PERCENT, 30.0)
    bench.place("buy", "market", 10, stop_loss=stop)
    bench.place("buy", "limit", 10, limit_price=80.0, stop_loss=stop)
    bench.bar(1)
    assert bench.ledger.stop_price() == 70.0
    bench.bar(1)
    assert bench.ledger.position is not None
    assert bench.ledger.position.avg_entry_price == 90.0
    assert bench.ledger.stop_price() == 63.0


def test_layer_protection_owns_its_quantity_and_the_position_stop_the_rest() -> None:
    bench = Bench([QUIET, QUIET, (100, 100, 94, 95)])
    bench.bar()  # two entries share the free margin, which needs a last price
    bench.place("buy", "market", 3, stop_loss=level(90.0))
    bench.place("buy", "market", 4, stop_loss=level(95.0), protect="layer")
    bench.bar()
    stops = sorted((o.trigger_price, o.quantity) for o in bench.ledger.book)
    assert stops == [(90.0, 3), (95.0, 4)]
    bench.bar()
    assert bench.ledger.position is not None
    assert [(x.order_id, x.quantity) for x in bench.ledger.position.layers] == [("o1", 3)]


def test_one_cancels_the_other_within_its_group() -> None:
    bench = Bench([QUIET, (100, 106, 99, 105)])
    up = bench.place("buy", "stop_market", 5, trigger_price=105.0, order_group="g", oco=True)
    down = bench.place("sell", "stop_market", 5, trigger_price=95.0, order_group="g", oco=True)
    bench.bar(2)
    assert bench.fills == [(up, 5, 105.0, 1)]
    assert bench.status(down) == ("cancelled", "oco")


def test_closing_the_position_cancels_exits_and_flagged_entries() -> None:
    bench = Bench([QUIET, QUIET, (100, 105, 80, 90)])
    bench.place("buy", "market", 5, stop_loss=level(90.0))
    bench.bar()
    exit_ = bench.place("sell", "limit", 5, limit_price=120.0, effect=Effect.REDUCE)
    gone = bench.place("buy", "limit", 5, limit_price=50.0, on_flat="cancel")
    kept = bench.place("buy", "limit", 5, limit_price=50.0)
    bench.bar(2)
    assert bench.status(exit_) == ("cancelled", "position_closed")
    assert bench.status(gone) == ("cancelled", "on_flat")
    assert bench.status(kept)[0] == "pending"


def test_reductions_never_flip_the_position() -> None:
    bench = Bench([QUIET, (100, 112, 100, 111)])
    bench.place("buy", "market", 5)
    bench.bar()
    bench.place("sell", "limit", 4, limit_price=105.0, effect=Effect.REDUCE)
    bench.place("sell", "limit", 4, limit_price=110.0, effect=Effect.REDUCE)
    bench.bar()
    assert [f[1:3] for f in bench.fills[1:]] == [(4, 105.0), (1, 110.0)]
    assert bench.ledger.position is None


def test_a_market_reduction_larger_than_the_position_only_closes_it() -> None:
    bench = Bench([QUIET, QUIET])
    bench.place("buy", "market", 5)
    bench.bar()
    bench.place("sell", "market", 9, effect=Effect.REDUCE)
    bench.bar()
    assert [f[1] for f in bench.fills] == [5, 5]
    assert bench.ledger.position is None


def test_better_priced_then_earlier_orders_use_the_bars_volume_first() -> None:
    rows = [(100.0, 100.0, 100.0, 100.0, 1.0), (100.0, 100.0, 91.0, 92.0, 1000.0)]
    bench = Bench(rows, execution={"fill_model": "volume_weighted"})
    early = bench.place("buy", "limit", 10, limit_price=95.0)
    late = bench.place("buy", "limit", 100, limit_price=95.0)
    worse = bench.place("buy", "limit", 100, limit_price=93.0)
    bench.bar(2)
    # At 95: k=5 of n=10, 1000 * 0.5 * 0.05 = 25. At 93: k=3, 15, all of it used by the others.
    assert bench.fills == [(early, 10, 95.0, 1), (late, 15, 95.0, 1)]
    assert bench.ledger.orders[worse].filled == 0


def test_cancels_and_amends_take_effect_at_the_next_open() -> None:
    bench = Bench([QUIET, (100, 100, 90, 92), (92, 100, 90, 95)])
    gone = bench.place("buy", "limit", 5, limit_price=95.0)
    moved = bench.place("buy", "limit", 5, limit_price=80.0)
    bench.bar()
    bench.send(CancelOrder(order_id=gone, reason="stale"))
    bench.send(AmendOrder(order_id=moved, limit_price=91.0, quantity=7))
    bench.bar()
    assert bench.fills == [(moved, 7, 91.0, 1)]
    assert bench.status(gone) == ("cancelled", "stale")


def test_set_protection_moves_the_stop() -> None:
    bench = Bench([QUIET, (100, 101, 97, 98)])
    bench.place("buy", "market", 5, stop_loss=level(90.0))
    bench.bar()
    bench.send(SetProtection(stop_loss=level(98.0)))
    bench.bar()
    assert bench.fills[-1][1:] == (5, 98.0, 1)


def test_funding_is_paid_by_longs_on_the_mark_when_the_rate_is_positive() -> None:
    from array import array

    from runtime.market.data import FundingSeries

    funding = FundingSeries(array("q", [MINUTE, 2 * MINUTE]), array("d", [0.001, -0.002]))
    mark = frame([(100, 110, 100, 110), (105, 110, 100, 110)])
    bench = Bench([QUIET, QUIET], funding=funding, mark=mark)
    bench.place("buy", "market", 10)
    bench.bar(2)
    # 10 * 105 * 0.001 paid (a mark bar opens then), 10 * 110 * 0.002 received (none does any more).
    assert abs(bench.ledger.account.funding - (1.05 - 2.2)) < 1e-12


def test_liquidation_happens_on_the_mark_and_costs_the_margin_only() -> None:
    # Long 1000 at 100, 10x: liquidation at 100 * (1 - 0.1 + 0.005) = 90.5, bankruptcy at 90.
    mark = frame([(100, 100, 100, 100), (100, 100, 90, 95)])
    bench = Bench([QUIET, (100, 100, 92, 95)], account={"max_leverage": 10.0}, mark=mark)
    bench.place("buy", "market", 1000)
    bench.bar(2)
    assert bench.fills[-1][1:] == (1000, 90.0, 1)
    assert bench.ledger.account.realized == -10_000.0
    safe = Bench([QUIET, (100, 100, 92, 95)], account={"max_leverage": 10.0})
    safe.place("buy", "market", 1000)
    safe.bar(2)
    assert len(safe.fills) == 1  # last alone never came near


def test_no_margin_rejects_on_arrival() -> None:
    bench = Bench([QUIET])
    order = bench.place("buy", "limit", 20_000, limit_price=90.0)
    bench.bar()
    assert bench.status(order) == ("rejected", "no_margin")


def test_a_market_order_was_judged_at_the_close_and_is_taken_at_a_worse_open() -> None:
    bench = Bench([QUIET])
    order = bench.place("buy", "market", 20_000)
    bench.bar()
    assert bench.status(order)[0] == "filled"
    assert free_margin(bench.ledger, Side.BUY) < 0


def test_removal_method_decides_the_layer_not_the_equity() -> None:
    results = {}
    for method in RemovalMethod:
        bench = Bench([QUIET, (110, 110, 110, 110), (120, 120, 120, 120)])
        bench.place("buy", "market", 3)
        bench.bar()
        bench.place("buy", "market", 5)
        bench.bar()
        bench.place("sell", "market", 4, effect=Effect.REDUCE, method=method)
        bench.bar()
        assert bench.ledger.position is not None
        results[method] = [layer.quantity for layer in bench.ledger.position.layers]
        assert bench.ledger.equity == 1_000_000 + 3 * 20 + 5 * 10
    # 4 * 3/8 = 1.5 and 4 * 5/8 = 2.5: the larger remainder is a tie, the older layer gets it.
    assert results == {"fifo": [4], "lifo": [3, 1], "proportional": [1, 3]}


def test_a_short_without_leverage_is_liquidated_when_price_doubles() -> None:
    # Short at 100, 1x: liquidation at 100 * (1 + 1 - 0.005) = 199.5, bankruptcy at 200.
    bench = Bench([QUIET, (100, 210, 100, 205)])
    bench.place("sell", "market", 10)
    bench.bar(2)
    assert bench.fills[-1][1:] == (10, 200.0, 1)
