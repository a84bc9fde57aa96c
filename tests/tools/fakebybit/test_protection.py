"""Stops and targets made by the venue: whole position, parts of it, trailing."""

from __future__ import annotations

from decimal import Decimal

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import acts
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import ChildRule, FillRule

D = Decimal
PAIR = {"takeProfit": "50400", "stopLoss": "49500"}
PARTIAL = PAIR | {"tpslMode": "Partial"}


def stop(desk: Desk, **more: str) -> dict[str, object]:
    body = {"tpslMode": "Full", "positionIdx": 0} | more
    return desk.post("position/trading-stop", **body)


def test_nothing_protects_before_the_entry_fills() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", "49900", **PAIR)
    assert desk.waiting() == {}
    desk.print("49899")
    assert set(desk.waiting()) == {"TakeProfit", "StopLoss"}


def test_children_have_no_link_id_of_the_client_but_name_their_parent() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", orderLinkId="mine", **PARTIAL)
    children = desk.waiting()
    assert set(children) == {"PartialTakeProfit", "PartialStopLoss"}
    for row in children.values():
        assert (row["orderLinkId"], row["parentOrderLinkId"], row["qty"]) == ("", "mine", "0.01")
        assert row["reduceOnly"] is True
        assert row["closeOnTrigger"] is True


def test_a_stop_closes_the_position_and_its_sibling_ends_in_the_same_message() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", **PAIR)
    desk.heard()
    desk.print("49400")
    rows = desk.told("order")
    assert ("Deactivated", "CancelByTpSlTsClear", "TakeProfit") in {
        (r["orderStatus"], r["cancelType"], r["stopOrderType"]) for r in rows
    }
    assert rows[-1]["orderStatus"] == "Filled"
    assert rows[-1]["createType"] == "CreateByStopLoss"
    assert desk.position()["size"] == "0"
    assert desk.executions()[-1]["execPrice"] == "49500"


def test_closing_by_hand_ends_what_protected() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", **PAIR)
    acts.close_by_hand(desk.venue.state, "BTCUSDT")
    assert desk.waiting() == {}


def test_partial_children_grow_with_the_fills_of_their_parent() -> None:
    desk = Desk(fill=FillRule.QUEUE)
    desk.placed("Buy", "0.3", "49900", **PARTIAL)
    desk.print("49900", "0.1")
    assert desk.waiting()["PartialStopLoss"]["qty"] == "0.1"
    desk.print("49900", "0.2")
    assert desk.waiting()["PartialStopLoss"]["qty"] == "0.3"
    assert len(desk.rows("order/realtime", orderFilter="StopOrder")) == 2


def test_partial_children_may_come_one_pair_for_each_fill() -> None:
    desk = Desk(fill=FillRule.QUEUE, children=ChildRule.PER_FILL)
    desk.placed("Buy", "0.3", "49900", **PARTIAL)
    desk.print("49900", "0.1")
    desk.print("49900", "0.2")
    assert len(desk.rows("order/realtime", orderFilter="StopOrder")) == 4


def test_children_never_ask_for_more_than_the_position_holds() -> None:
    desk = Desk()
    desk.placed("Buy", "0.03", **PARTIAL)
    desk.placed("Sell", "0.02", reduceOnly=True)
    assert {row["qty"] for row in desk.waiting().values()} == {"0.01"}


def test_a_limit_target_rests_at_its_limit_price() -> None:
    desk = Desk()
    limits = {"tpOrderType": "Limit", "tpLimitPrice": "50450"}
    desk.placed("Buy", "0.01", **(PARTIAL | limits))
    desk.print("50400", side=Side.BUY)
    (row,) = desk.rows("order/realtime", orderFilter="Order")
    assert (row["orderStatus"], row["price"], row["orderType"]) == ("New", "50450", "Limit")
    assert desk.waiting() == {}
    desk.print("50460", side=Side.BUY)
    assert desk.executions()[-1]["execPrice"] == "50450"


def test_a_full_limit_target_is_refused() -> None:
    desk = Desk()
    answer = desk.place("Buy", "0.01", **PAIR, tpOrderType="Limit", tpLimitPrice="50450")
    assert answer["retCode"] == 10001
    assert answer["retMsg"] == "tpOrderType only support Market when tpSlMode is Full"


def test_reduce_only_orders_carry_no_protection() -> None:
    desk = Desk()
    desk.placed("Buy", "0.02")
    assert desk.place("Sell", "0.01", reduceOnly=True, stopLoss="51000")["retCode"] == 10001


def test_trading_stop_sets_moves_and_removes_the_pair_of_the_position() -> None:
    desk = Desk()
    assert stop(desk, stopLoss="49000")["retCode"] == 10001
    desk.placed("Buy", "0.01")
    assert stop(desk, stopLoss="49000", takeProfit="51000")["retCode"] == 0
    assert (desk.position()["stopLoss"], desk.position()["takeProfit"]) == ("49000", "51000")
    ident = desk.waiting()["StopLoss"]["orderId"]
    assert stop(desk, stopLoss="49200")["retCode"] == 0
    assert desk.waiting()["StopLoss"]["orderId"] == ident
    assert desk.position()["stopLoss"] == "49200"
    assert stop(desk, stopLoss="49200")["retCode"] == 34040
    assert stop(desk, stopLoss="0")["retCode"] == 0
    assert set(desk.waiting()) == {"TakeProfit"}


def test_a_stop_on_the_wrong_side_is_refused() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    assert "should be lower" in str(stop(desk, stopLoss="50500")["retMsg"])
    assert "should be higher" in str(stop(desk, takeProfit="49500")["retMsg"])


def test_partial_trading_stop_only_adds_and_wants_pairs() -> None:
    desk = Desk()
    desk.placed("Buy", "0.02")
    missing = stop(desk, tpslMode="Partial", stopLoss="49000")
    assert missing["retCode"] == 10001
    assert "need to input in pairs" in str(missing["retMsg"])
    for price in ("49000", "49100"):
        assert stop(desk, tpslMode="Partial", stopLoss=price, slSize="0.01")["retCode"] == 0
    assert len(desk.rows("order/realtime", orderFilter="StopOrder")) == 2


def test_twenty_partial_stops_and_no_more() -> None:
    desk = Desk(rate_limits=False)
    desk.placed("Buy", "0.05")
    for n in range(20):
        added = stop(desk, tpslMode="Partial", stopLoss=str(49000 + n), slSize="0.001")
        assert added["retCode"] == 0
    assert stop(desk, tpslMode="Partial", stopLoss="48000", slSize="0.001")["retCode"] == 110061


def test_cancelling_one_bound_child_ends_both_and_a_one_sided_change_unties_them() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", **PARTIAL)
    desk.post("order/cancel", orderId=desk.waiting()["PartialStopLoss"]["orderId"])
    assert desk.waiting() == {}
    stop(desk, stopLoss="49000", takeProfit="51000")
    stop(desk, stopLoss="49100")
    desk.post("order/cancel", orderId=desk.waiting()["StopLoss"]["orderId"])
    assert set(desk.waiting()) == {"TakeProfit"}


def test_a_trailing_stop_follows_and_never_moves_back() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    assert stop(desk, trailingStop="100")["retCode"] == 0
    assert desk.position()["trailingStop"] == "100"
    desk.print("50300", side=Side.BUY)
    assert desk.waiting()["TrailingStop"]["triggerPrice"] == "50200"
    desk.print("50250")
    assert desk.waiting()["TrailingStop"]["triggerPrice"] == "50200"
    desk.print("50150")
    last = desk.executions()[-1]
    assert (last["execPrice"], last["stopOrderType"]) == ("50200", "TrailingStop")
    assert desk.position()["size"] == "0"


def test_a_trailing_stop_with_an_active_price_sleeps_until_it() -> None:
    desk = Desk()
    desk.placed("Sell", "0.01")
    assert stop(desk, trailingStop="50", activePrice="49800")["retCode"] == 0
    desk.print("50100", side=Side.BUY)
    assert D(desk.position()["size"]) == D("0.01")
    desk.print("49790")
    desk.print("49850", side=Side.BUY)
    assert desk.executions()[-1]["stopOrderType"] == "TrailingStop"
    assert desk.executions()[-1]["execPrice"] == "49840"


def test_triggers_watch_the_price_they_name() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", stopLoss="49500", slTriggerBy="MarkPrice")
    acts.set_mark(desk.venue.state, "BTCUSDT", D("50000"))
    desk.print("49000")
    assert desk.position()["size"] == "0.01"
    acts.set_mark(desk.venue.state, "BTCUSDT", D("49500"))
    assert desk.position()["size"] == "0"


def test_a_flip_ends_the_protection_of_the_old_side() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", **PAIR)
    desk.placed("Sell", "0.03")
    assert desk.waiting() == {}
    assert desk.position()["side"] == "Sell"


def test_legs_of_a_partly_filled_order_stay_as_they_are() -> None:
    desk = Desk(fill=FillRule.QUEUE)
    ident = desk.placed("Buy", "0.3", "49900", **PAIR)
    assert desk.post("order/amend", orderId=ident, stopLoss="49400")["retCode"] == 0
    assert desk.order(ident)["stopLoss"] == "49400"
    desk.print("49900", "0.1")
    assert desk.post("order/amend", orderId=ident, stopLoss="49300")["retCode"] == 110059


def test_stops_dropped_by_the_venue_are_told() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01", **PAIR)
    desk.heard()
    assert acts.drop_stops(desk.venue.state, "BTCUSDT") == 2
    assert {r["orderStatus"] for r in desk.told("order")} == {"Deactivated"}
    assert desk.position()["size"] == "0.01"
