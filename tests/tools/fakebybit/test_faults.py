"""Every fault switch does what its name says, and nothing to the books it should not touch."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.tools.fakebybit.desk import Desk, switch
from tools.fakebybit.faults import Fault, Faults, Switch
from tools.fakebybit.inprocess import Lost, Odd
from tools.fakebybit.orders import Side

D = Decimal
CREATE = "order/create"


def desk_with(kind: Fault, on: str = CREATE, **more: object) -> Desk:
    return Desk(faults=[switch(kind, on, **more)])


def known(desk: Desk) -> bool:
    return bool(desk.rows("order/realtime", orderLinkId="t1"))


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [(Fault.DROP_REQUEST, False), (Fault.DROP_ANSWER, True), (Fault.CUT, True)],
)
def test_a_lost_answer_leaves_open_whether_the_order_arrived(kind: Fault, arrived: bool) -> None:
    desk = desk_with(kind)
    with pytest.raises(Lost):
        desk.place("Buy", "0.01", "49900")
    assert known(desk) is arrived


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [(Fault.HTML, False), (Fault.JSON_ODD, True)],
)
def test_an_odd_answer_leaves_open_whether_the_order_arrived(kind: Fault, arrived: bool) -> None:
    desk = desk_with(kind)
    with pytest.raises(Odd):
        desk.place("Buy", "0.01", "49900")
    assert known(desk) is arrived


def test_an_http_status_is_answered_bare() -> None:
    desk = desk_with(Fault.HTTP, value=429)
    with pytest.raises(Odd, match="429"):
        desk.place("Buy", "0.01", "49900")
    assert not known(desk)


@pytest.mark.parametrize(("kind", "arrived"), [(Fault.CODE, False), (Fault.CODE_AFTER, True)])
def test_a_code_comes_before_or_after_the_effect(kind: Fault, arrived: bool) -> None:
    desk = desk_with(kind, value=10016, text="Request timeout")
    answer = desk.place("Buy", "0.01", "49900")
    assert (answer["retCode"], answer["retMsg"], answer["result"]) == (10016, "Request timeout", {})
    assert known(desk) is arrived


def test_a_ban_lasts_and_then_ends() -> None:
    desk = desk_with(Fault.BAN, times=1, value=600_000)
    with pytest.raises(Odd, match="403"):
        desk.place("Buy", "0.01", "49900")
    desk.pass_ms(599_999)
    with pytest.raises(Odd, match="403"):
        desk.position()
    desk.pass_ms(1)
    assert desk.position()["size"] == "0"


def test_a_late_answer_comes_after_the_streams() -> None:
    desk = desk_with(Fault.DELAY_ANSWER, value=2_000)
    before = desk.venue.now
    assert desk.place("Buy", "0.01")["retCode"] == 0
    assert desk.venue.now == before + 2_000
    late = desk_with(Fault.DELAY_ANSWER, value=8_000)
    with pytest.raises(Lost):
        late.place("Buy", "0.01")
    assert late.position()["size"] == "0.01"


def test_a_late_effect_is_acknowledged_and_unseen_until_it_is_due() -> None:
    desk = desk_with(Fault.DELAY_EFFECT, value=8_000)
    assert desk.place("Buy", "0.01", "49900")["retCode"] == 0
    desk.pass_ms(7_999)
    assert not known(desk)
    desk.pass_ms(1)
    assert known(desk)


def test_the_streams_may_speak_before_the_answer() -> None:
    desk = desk_with(Fault.STREAM_FIRST)
    desk.client._settles = False
    desk.place("Buy", "0.01", "49900")
    assert desk.told("order")[0]["orderStatus"] == "New"


def test_half_an_answer_lacks_its_result_or_its_text() -> None:
    assert "result" not in desk_with(Fault.HALF).place("Buy", "0.01", "49900")
    assert "retMsg" not in desk_with(Fault.NO_MESSAGE).place("Buy", "0.01", "49900")


def test_a_stale_query_answers_as_of_an_earlier_moment() -> None:
    desk = desk_with(Fault.STALE, "*/*", value=3_000)
    ident = desk.placed("Buy", "0.01", "49900")
    assert desk.rows("order/realtime", orderId=ident) == []
    desk.pass_ms(3_000)
    desk.print("49800")
    assert desk.order(ident)["orderStatus"] == "New"
    assert (desk.position()["size"], desk.executions()) == ("0", [])
    desk.pass_ms(3_000)
    assert desk.order(ident)["orderStatus"] == "Filled"
    assert desk.position()["size"] == "0.01"


def test_a_wrong_number_is_one_amount_of_an_answer_only() -> None:
    desk = desk_with(Fault.WRONG_NUMBER, "position/list", at=(1,))
    desk.placed("Buy", "0.01")
    lie, truth = desk.position(), desk.position()
    assert [name for name in truth if lie[name] != truth[name]] != []
    assert truth["size"] == "0.01"


def test_a_tighter_limit_a_missing_and_a_past_reset() -> None:
    desk = Desk(faults=[switch(Fault.LIMIT, CREATE, value=2), switch(Fault.NO_RESET, CREATE, at=(1,)),
                        switch(Fault.PAST_RESET, CREATE, at=(1,))])  # fmt: skip
    codes = [desk.place("Buy", "0.001", "49900")["retCode"] for _ in range(3)]
    assert codes == [0, 0, 10006]
    assert "X-Bapi-Limit-Reset-Timestamp" not in desk.client.headers
    desk.place("Buy", "0.001", "49900")
    assert int(desk.client.headers["X-Bapi-Limit-Reset-Timestamp"]) < desk.venue.now


def test_an_acknowledged_order_may_be_rejected() -> None:
    desk = desk_with(Fault.REJECT, text="EC_ReachRiskPriceLimit")
    row = desk.order(desk.placed("Buy", "0.01", "49900"))
    assert (row["orderStatus"], row["rejectReason"]) == ("Rejected", "EC_ReachRiskPriceLimit")


@pytest.mark.parametrize("path", ["order/cancel", "order/amend"])
def test_the_fill_wins_the_race(path: str) -> None:
    kind = Fault.FILL_ON_CANCEL if path == "order/cancel" else Fault.FILL_ON_AMEND
    desk = desk_with(kind, path)
    ident = desk.placed("Buy", "0.01", "49900")
    more = {} if path == "order/cancel" else {"price": "49800"}
    assert desk.post(path, orderId=ident, **more)["retCode"] == 110001
    assert desk.order(ident)["orderStatus"] == "Filled"
    assert desk.position()["size"] == "0.01"


def test_a_price_may_be_adjusted_against_the_order() -> None:
    desk = desk_with(Fault.ADJUST_PRICE, value=5)
    assert desk.order(desk.placed("Buy", "0.01", "49900"))["price"] == "49899.5"


def test_stop_and_exit_may_both_fill() -> None:
    desk = Desk(faults=[switch(Fault.BOTH_FILL)])
    desk.placed("Buy", "0.01", stopLoss="49500")
    desk.placed("Sell", "0.01", "50400", reduceOnly=True)
    desk.print("49500")
    assert (desk.position()["side"], desk.position()["size"]) == ("Sell", "0.01")


def test_what_a_fill_has_filled_on_its_way_fills_no_second_time() -> None:
    desk = Desk(faults=[switch(Fault.BOTH_FILL)])
    desk.placed("Buy", "0.01")
    for price in ("50300", "50400", "50500"):
        desk.placed("Sell", "0.01", price, reduceOnly=True)
    desk.print("50301")
    told = desk.executions()
    assert [row["execQty"] for row in told if row["execQty"] in ("0", "0.000")] == []
    assert len({row["orderId"] for row in told}) == len(told)


def test_a_fill_may_be_told_twice_by_the_order_row_only() -> None:
    desk = Desk(faults=[switch(Fault.FILLED_TWICE)])
    desk.placed("Buy", "0.01")
    rows = desk.told("order")
    assert [row["orderStatus"] for row in rows] == ["Filled", "Filled"]
    assert rows[1]["rejectReason"] == "EC_OrigClOrdIDDoesNotExist"
    assert len(desk.executions()) == 1


def test_market_orders_may_find_nothing() -> None:
    desk = Desk(faults=[switch(Fault.NO_LIQUIDITY)])
    assert desk.order(desk.placed("Buy", "0.01"))["orderStatus"] == "Cancelled"


# -- streams ------------------------------------------------------------------------------------


def topics(desk: Desk) -> list[str]:
    return [str(m.get("topic", m)) for m in desk.heard()]


def test_a_topic_may_be_dropped_doubled_or_late() -> None:
    dropped = Desk(faults=[switch(Fault.DROP, "execution")])
    dropped.placed("Buy", "0.01")
    assert topics(dropped) == ["order", "position", "wallet"]
    assert len(dropped.executions()) == 1
    doubled = Desk(faults=[switch(Fault.DUPLICATE, "execution")])
    doubled.placed("Buy", "0.01")
    assert topics(doubled) == ["execution", "execution", "order", "position", "wallet"]
    late = Desk(faults=[switch(Fault.LATE, "execution", value=500)])
    late.placed("Buy", "0.01")
    assert topics(late) == ["order", "position", "wallet"]
    late.pass_ms(500)
    assert topics(late) == ["execution"]


def test_messages_may_change_places() -> None:
    desk = Desk(faults=[switch(Fault.REORDER, "execution")])
    desk.placed("Buy", "0.01")
    assert topics(desk) == ["order", "execution", "position", "wallet"]


def test_a_frame_may_not_be_json_and_an_amount_may_lie() -> None:
    desk = Desk(faults=[switch(Fault.NOT_JSON, "wallet")])
    desk.placed("Buy", "0.01", "49900")
    assert "{not json" in desk.stream.take()
    liar = Desk(faults=[switch(Fault.WRONG_NUMBER, "execution")])
    liar.placed("Buy", "0.01")
    assert liar.told("execution") != liar.executions()


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (Fault.DROP_CONFIRM, [0, 0]),
        (Fault.CONFIRM_TWICE, [2, 0]),
        (Fault.LATE_CONFIRM, [0, 1]),
        (Fault.REVISE, [1, 0]),
    ],
)
def test_a_closing_candle_may_be_missing_double_late_or_revised(
    kind: Fault, counts: list[int]
) -> None:
    from tools.fakebybit.links import Channel

    desk = Desk(faults=[switch(kind, "kline*", value=8_000, times=1)], start_ms=1_700_000_040_000)
    public = desk.open(Channel.PUBLIC, "kline.1.BTCUSDT")
    desk.print("50000")
    seen, closes = [], []
    for span in (60_000, 10_000):
        desk.pass_ms(span)
        rows = [m["data"][0] for m in desk.heard(public) if "data" in m]
        closed = [row for row in rows if row["confirm"]]
        seen.append(len(closed))
        closes += [row["close"] for row in closed]
    assert seen == counts
    if kind is Fault.REVISE:
        assert closes == ["50800"]
        assert desk.get("market/kline", interval="1")["result"]["list"][-1][4] == "50000"


def test_connections_may_be_refused_for_a_while() -> None:
    from tools.fakebybit.links import Channel

    desk = Desk()
    desk.venue.faults.add(switch(Fault.REFUSE, "private", times=1, value=4_000))
    assert desk.venue.connect(Channel.PRIVATE) is None
    desk.pass_ms(3_999)
    assert desk.venue.connect(Channel.PRIVATE) is None
    desk.pass_ms(1)
    assert desk.venue.connect(Channel.PRIVATE) is not None


def test_auth_may_be_slow_or_refused_and_a_topic_too() -> None:
    from tools.fakebybit.links import Channel

    desk = Desk()
    desk.venue.faults.add(switch(Fault.SLOW_AUTH, "private", value=3_000, times=1))
    slow = desk.open(Channel.PRIVATE, "order")
    assert desk.heard(slow)[0]["ret_msg"] == "Request not authorized"
    desk.pass_ms(3_000)
    assert desk.heard(slow)[0]["op"] == "auth"
    desk.venue.faults.clear()
    desk.venue.faults.add(switch(Fault.REFUSE_AUTH, "private"))
    assert desk.heard(desk.open(Channel.PRIVATE))[0]["success"] is False
    desk.venue.faults.clear()
    desk.venue.faults.add(switch(Fault.REFUSE_TOPIC, "position"))
    refused = desk.heard(desk.open(Channel.PRIVATE, "position"))
    assert [frame["success"] for frame in refused] == [True, False]


# -- the switches themselves --------------------------------------------------------------------


def test_a_switch_counts_calls_matches_links_and_stops() -> None:
    faults = Faults(0, [Switch(kind=Fault.CODE, at=(2, 3), link="a*")])
    hits = [faults.hit(Fault.CODE, 0, CREATE, link) for link in ("a1", "b1", "a2", "a3", "a4")]
    assert [hit is not None for hit in hits] == [False, False, True, True, False]
    once = Faults(0, [Switch(kind=Fault.CODE, times=1)])
    assert [once.hit(Fault.CODE, 0, CREATE) is not None for _ in range(3)] == [True, False, False]


def test_chance_is_the_seeds() -> None:
    def pattern(seed: int) -> list[bool]:
        faults = Faults(seed, [Switch(kind=Fault.DROP, p=0.5)])
        return [faults.hit(Fault.DROP, 0, "order") is not None for _ in range(64)]

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)


def test_what_happened_is_in_the_log() -> None:
    desk = desk_with(Fault.DROP_ANSWER, link="t2")
    desk.placed("Buy", "0.001", "49900")
    with pytest.raises(Lost):
        desk.place("Buy", "0.001", "49900")
    (line,) = desk.venue.faults.log
    assert (line.kind, line.on, line.link) == (Fault.DROP_ANSWER, CREATE, "t2")


COVERED_ELSEWHERE = {Fault.ZERO_LATENCY}  # only a socket has latency: test_pybit_loopback.py


def test_every_switch_is_proven_here() -> None:
    from pathlib import Path

    written = Path(__file__).read_text(encoding="utf-8")
    missing = [f for f in Fault if f"Fault.{f.name}" not in written]
    assert missing == []


def test_trades_of_others_are_untouched_by_faults() -> None:
    desk = Desk(faults=[switch(kind, p=0.0) for kind in Fault])
    desk.placed("Buy", "0.01", "49900")
    desk.print("49800", side=Side.SELL)
    assert desk.position()["size"] == "0.01"
    assert desk.venue.faults.log == []
