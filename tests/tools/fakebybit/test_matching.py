"""What happens to orders: arriving, resting, filling, amending, ending."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import acts
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import FillRule

D = Decimal


def test_an_acknowledgement_comes_before_the_verdict() -> None:
    desk = Desk(effect_ms=200)
    desk.placed("Buy", "0.01")
    assert desk.rows("order/realtime") == []
    assert desk.executions() == []
    desk.pass_ms(200)
    assert [e["execPrice"] for e in desk.executions()] == ["50000.1"]


def test_a_market_order_takes_the_touch_and_pays_taker() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    (row,) = desk.executions()
    assert (row["execPrice"], row["isMaker"], row["feeRate"]) == ("50000.1", False, "0.00055")
    assert D(row["execFee"]) == D("500.001") * D("0.00055")


def test_a_market_order_walks_the_levels_and_loses_what_is_beyond_its_price() -> None:
    desk = Desk(depth=D("0.01"), levels=3)
    ident = desk.placed("Buy", "0.05")
    assert [e["execPrice"] for e in desk.executions()] == ["50000.1", "50000.2", "50000.3"]
    row = desk.order(ident)
    assert (row["orderStatus"], row["cumExecQty"], row["leavesQty"]) == ("Cancelled", "0.03", "0")
    assert row["rejectReason"] == "EC_NoImmediateQtyToFill"


def test_a_market_order_at_an_empty_book_is_acknowledged_then_cancelled() -> None:
    desk = Desk()
    acts.empty_book(desk.venue.state, "BTCUSDT", is_empty=True)
    assert desk.order(desk.placed("Buy", "0.01"))["orderStatus"] == "Cancelled"


def test_a_resting_limit_fills_at_its_own_price_and_pays_maker() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", "49900")
    assert desk.order(ident)["orderStatus"] == "New"
    desk.print("49899.9")
    (row,) = desk.executions()
    assert (row["execPrice"], row["isMaker"], row["feeRate"]) == ("49900", True, "0.0002")
    assert desk.order(ident)["orderStatus"] == "Filled"


@pytest.mark.parametrize(
    ("rule", "filled"),
    [(FillRule.THROUGH, "0"), (FillRule.TOUCH, "0.01"), (FillRule.QUEUE, "0.01")],
)
def test_a_print_at_the_price_fills_by_the_rule(rule: FillRule, filled: str) -> None:
    desk = Desk(fill=rule)
    ident = desk.placed("Buy", "0.01", "49900")
    desk.print("49900")
    assert desk.order(ident)["cumExecQty"] == filled


def test_a_queue_is_served_before_the_order_behind_it() -> None:
    desk = Desk(fill=FillRule.QUEUE, depth=D("0.5"))
    ident = desk.placed("Buy", "0.2", "49900")
    desk.print("49900", "0.4")
    assert desk.order(ident)["cumExecQty"] == "0"
    desk.print("49900", "0.2")
    row = desk.order(ident)
    assert (row["orderStatus"], row["cumExecQty"]) == ("PartiallyFilled", "0.1")


def test_one_print_is_not_given_to_two_orders() -> None:
    desk = Desk(fill=FillRule.QUEUE, depth=D("0.1"))
    first = desk.placed("Buy", "0.2", "49900")
    second = desk.placed("Buy", "0.2", "49900")
    desk.print("49900", "0.3")
    filled = D(desk.order(first)["cumExecQty"]) + D(desk.order(second)["cumExecQty"])
    assert filled <= D("0.2")


def test_a_post_only_that_would_take_is_acknowledged_then_cancelled() -> None:
    desk = Desk()
    row = desk.order(desk.placed("Buy", "0.01", "50001", timeInForce="PostOnly"))
    assert row["orderStatus"] == "Cancelled"
    assert row["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"
    assert desk.executions() == []


def test_ioc_takes_what_there_is_and_fok_all_or_nothing() -> None:
    desk = Desk(depth=D("0.01"), levels=5)
    ioc = desk.order(desk.placed("Buy", "0.05", "50000.2", timeInForce="IOC"))
    assert (ioc["orderStatus"], ioc["cumExecQty"]) == ("Cancelled", "0.02")
    desk.print("50000")
    fok = desk.order(desk.placed("Buy", "0.05", "50000.2", timeInForce="FOK"))
    assert (fok["orderStatus"], fok["cumExecQty"]) == ("Cancelled", "0")
    assert fok["rejectReason"] == "EC_NoEnoughQtyToFill"
    assert (
        desk.order(desk.placed("Buy", "0.02", "50000.2", timeInForce="FOK"))["cumExecQty"] == "0.02"
    )


def test_a_limit_beyond_the_band_is_moved_to_it() -> None:
    desk = Desk()
    row = desk.order(desk.placed("Buy", "0.01", "60000"))
    assert row["price"] == "50500"
    limits = desk.get("market/price-limit")["result"]
    assert limits["buyLmt"] == "50500"


def test_the_band_is_on_the_grid_and_inside() -> None:
    desk = Desk()
    desk.print("50003.3")
    limits = desk.get("market/price-limit")["result"]
    assert (limits["buyLmt"], limits["sellLmt"]) == ("50503.3", "49503.3")


def test_what_one_order_took_is_gone_for_the_next_until_a_print() -> None:
    desk = Desk(depth=D("0.01"))
    for _ in range(2):
        desk.placed("Buy", "0.01")
    desk.print("50000")
    desk.placed("Buy", "0.01")
    assert [e["execPrice"] for e in desk.executions()] == ["50000.1", "50000.2", "50000.1"]


def test_the_nearest_trigger_on_the_way_is_met_first_and_at_its_own_price() -> None:
    desk = Desk(spread_ticks=0)
    for price in ("49800", "49900"):
        desk.placed("Sell", "0.01", triggerPrice=price, triggerDirection=2)
    for price in ("50200", "50100"):
        desk.placed("Buy", "0.01", triggerPrice=price, triggerDirection=1)
    desk.print("49700")
    desk.print("50300", side=Side.BUY)
    assert [e["execPrice"] for e in desk.executions()] == ["49900", "49800", "50100", "50200"]


def test_an_entry_on_the_way_is_protected_before_the_price_goes_on() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", "49900", stopLoss="49800")
    desk.print("49700")
    assert [e["execPrice"] for e in desk.executions()] == ["49900", "49800"]


def test_a_limit_beyond_the_band_is_refused_where_the_account_says_so() -> None:
    desk = Desk(band_adjusts=False)
    assert desk.place("Buy", "0.01", "60000")["retCode"] == 110120
    assert desk.place("Sell", "0.01", "40000")["retCode"] == 110121


def test_amending_keeps_the_id_and_what_is_filled() -> None:
    desk = Desk(fill=FillRule.QUEUE)
    ident = desk.placed("Buy", "0.2", "49900")
    desk.print("49900", "0.1")
    assert desk.post("order/amend", orderId=ident, qty="0.3", price="49800")["retCode"] == 0
    row = desk.order(ident)
    assert (row["qty"], row["price"], row["cumExecQty"]) == ("0.3", "49800", "0.1")
    assert row["orderStatus"] == "PartiallyFilled"
    assert desk.post("order/amend", orderId=ident, qty="0.1")["retCode"] == 110064


def test_a_stop_that_is_amended_to_where_the_market_has_gone_meanwhile_acts() -> None:
    desk = Desk(effect_ms=500)
    desk.placed("Buy", "0.02")
    desk.pass_ms(1_000)
    stop = desk.placed("Sell", "0.02", triggerPrice="49000", triggerDirection=2, reduceOnly=True)
    desk.pass_ms(1_000)
    desk.post("order/amend", orderId=stop, triggerPrice="49900")
    desk.print("49800")
    desk.pass_ms(1_000)
    assert desk.order(stop)["orderStatus"] == "Filled"


def test_amending_through_the_market_trades() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", "49900")
    desk.post("order/amend", orderId=ident, price="50010")
    assert desk.order(ident)["orderStatus"] == "Filled"
    post_only = desk.placed("Buy", "0.01", "49900", timeInForce="PostOnly")
    desk.post("order/amend", orderId=post_only, price="50010")
    assert desk.order(post_only)["rejectReason"] == "EC_PostOnlyWillTakeLiquidity"


def test_cancel_is_told_by_the_stream_and_a_second_one_is_gone() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", "49900")
    desk.heard()
    assert desk.post("order/cancel", orderId=ident)["retCode"] == 0
    (row,) = desk.told("order")
    assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "CancelByUser")
    assert desk.post("order/cancel", orderId=ident)["retCode"] == 110001
    assert desk.post("order/amend", orderId=ident, qty="0.02")["retCode"] == 110001


def test_cancel_all_narrows_by_filter() -> None:
    desk = Desk()
    limit = desk.placed("Buy", "0.01", "49900")
    stop = desk.placed("Buy", "0.01", triggerPrice="51000", triggerDirection=1)
    answer = desk.post("order/cancel-all", orderFilter="StopOrder")
    assert [row["orderId"] for row in answer["result"]["list"]] == [stop]
    assert desk.order(limit)["orderStatus"] == "New"
    assert len(desk.post("order/cancel-all")["result"]["list"]) == 1


def test_a_link_id_is_used_once_for_ever() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", "49900", orderLinkId="same")
    desk.post("order/cancel", orderId=ident)
    assert desk.place("Buy", "0.01", "49900", orderLinkId="same")["retCode"] == 110072


def test_a_refused_order_leaves_its_link_id_free() -> None:
    desk = Desk()
    assert desk.place("Buy", "0.0001", "49900", orderLinkId="x")["retCode"] == 10001
    desk.placed("Buy", "0.01", "49900", orderLinkId="x")


def test_reduce_only_never_turns_a_position() -> None:
    desk = Desk()
    assert desk.place("Sell", "0.01", reduceOnly=True)["retCode"] == 110017
    desk.placed("Buy", "0.02")
    assert desk.place("Buy", "0.01", reduceOnly=True)["retCode"] == 110017
    desk.placed("Sell", "0.5", reduceOnly=True)
    assert desk.position()["size"] == "0"


def test_resting_reduce_only_orders_shrink_and_end_with_the_position() -> None:
    desk = Desk()
    desk.placed("Buy", "0.03")
    target = desk.placed("Sell", "0.03", "50400", reduceOnly=True)
    desk.placed("Sell", "0.01")
    assert desk.order(target)["qty"] == "0.02"
    desk.placed("Sell", "0.02")
    row = desk.order(target)
    assert (row["orderStatus"], row["cancelType"]) == ("Cancelled", "CancelByReduceOnly")


def test_quantity_zero_closes_everything() -> None:
    desk = Desk()
    desk.placed("Buy", "0.037")
    desk.placed("Sell", "0", reduceOnly=True, closeOnTrigger=True)
    assert desk.position()["size"] == "0"


def test_what_closes_the_whole_rest_is_exempt_from_the_minimum() -> None:
    desk = Desk()
    desk.placed("Buy", "0.001")
    acts.change_facts(desk.venue.state, "BTCUSDT", {"min_qty": "0.01"})
    assert desk.place("Buy", "0.001")["retCode"] == 10001
    desk.placed("Sell", "0.001", reduceOnly=True)
    assert desk.position()["size"] == "0"


def test_a_conditional_waits_then_meets_the_market() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", triggerPrice="50100", triggerDirection=1)
    row = desk.order(ident)
    assert (row["orderStatus"], row["stopOrderType"]) == ("Untriggered", "Stop")
    assert D(desk.coin()["totalOrderIM"]) == 0
    desk.print("50200", side=Side.BUY)
    (execution,) = desk.executions()
    assert D("50100") <= D(execution["execPrice"]) <= D("50100.1")
    assert [r["orderStatus"] for r in desk.told("order")] == ["Untriggered", "Triggered", "Filled"]


def test_a_gap_fills_a_conditional_beyond_its_trigger() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", triggerPrice="50100", triggerDirection=1)
    desk.print("50200", side=Side.BUY, gap=True)
    assert desk.executions()[0]["execPrice"] == "50200"


def test_a_trigger_behind_the_market_is_refused() -> None:
    desk = Desk()
    up = desk.place("Buy", "0.01", triggerPrice="49000", triggerDirection=1)
    assert up["retCode"] == 110092
    assert up["retMsg"].startswith(
        "expect Rising, but trigger_price[490000000] <= current[500000000]"
    )
    assert desk.place("Buy", "0.01", triggerPrice="51000", triggerDirection=2)["retCode"] == 110093


def test_a_conditional_without_margin_at_its_trigger_is_cancelled() -> None:
    desk = Desk(balance=D(100))
    ident = desk.placed("Buy", "1", triggerPrice="50100", triggerDirection=1)
    desk.print("50100", side=Side.BUY)
    assert desk.order(ident)["orderStatus"] == "Cancelled"
    assert desk.position()["size"] == "0"


def test_a_cancelled_conditional_is_deactivated() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.01", triggerPrice="50100", triggerDirection=1)
    desk.post("order/cancel", orderId=ident)
    assert desk.order(ident)["orderStatus"] == "Deactivated"


def test_ten_conditionals_and_no_more() -> None:
    desk = Desk(rate_limits=False)
    for _ in range(10):
        desk.placed("Buy", "0.001", triggerPrice="51000", triggerDirection=1)
    eleventh = desk.place("Buy", "0.001", triggerPrice="51000", triggerDirection=1)
    assert eleventh["retCode"] == 110009


def test_five_hundred_active_orders_and_no_more() -> None:
    desk = Desk(rate_limits=False, balance=D(1_000_000))
    for _ in range(500):
        desk.placed("Buy", "0.001", "49000")
    assert desk.place("Buy", "0.001", "49000")["retCode"] == 110020


def test_size_and_value_have_minima_and_maxima() -> None:
    desk = Desk(balance=D(100_000_000))
    assert desk.place("Buy", "0.0005", "49900")["retCode"] == 10001
    assert desk.place("Buy", "1200", "49900")["retCode"] == 10001
    assert desk.place("Buy", "120")["retCode"] == 10001
    acts.change_facts(desk.venue.state, "BTCUSDT", {"min_notional": "100"})
    assert desk.place("Buy", "0.001", "49900")["retCode"] == 110094


def test_slippage_tolerance_bounds_a_market_order() -> None:
    desk = Desk(depth=D("0.01"), levels=50)
    ident = desk.placed("Buy", "0.2", slippageToleranceType="TickSize", slippageTolerance="5")
    assert max(D(e["execPrice"]) for e in desk.executions()) == D("50000.6")
    assert desk.order(ident)["orderStatus"] == "Cancelled"
