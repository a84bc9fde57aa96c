"""The streams without sockets: auth, topics, pings, order entry, and what is pushed when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import auth
from tools.fakebybit.feed import Tick
from tools.fakebybit.links import Channel, Connection
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import Environment

D = Decimal


def bare(desk: Desk, channel: Channel) -> Connection:
    connection = desk.venue.connect(channel)
    assert connection is not None
    return connection


def answer(desk: Desk, connection: Connection, **frame: Any) -> dict[str, Any]:
    desk.say(connection, **frame)
    (reply,) = desk.heard(connection)
    return reply


def test_acks_echo_the_request_id() -> None:
    desk = Desk()
    public = bare(desk, Channel.PUBLIC)
    ack = answer(desk, public, op="subscribe", req_id="7", args=["kline.1.BTCUSDT"])
    assert (ack["success"], ack["req_id"], ack["op"]) == (True, "7", "subscribe")


def test_an_unknown_topic_is_refused() -> None:
    desk = Desk()
    public = bare(desk, Channel.PUBLIC)
    for topic in ("kline.7.BTCUSDT", "kline.1.XUSDT", "order", "nothing"):
        ack = answer(desk, public, op="subscribe", req_id="7", args=[topic])
        assert (ack["success"], ack["ret_msg"]) == (False, f"Invalid topic: {topic}")


def test_private_topics_want_auth_first() -> None:
    desk = Desk()
    private = bare(desk, Channel.PRIVATE)
    ack = answer(desk, private, op="subscribe", args=["order"])
    assert (ack["success"], ack["ret_msg"]) == (False, "Request not authorized")


def test_stale_and_false_signatures_are_refused() -> None:
    desk = Desk()
    private = bare(desk, Channel.PRIVATE)
    now = desk.venue.now
    stale = answer(
        desk, private, op="auth", args=["key", now, auth.stream_signature("secret", now)]
    )
    assert (stale["success"], stale["ret_msg"]) == (False, "Params Error")
    later = now + 5_000
    false = answer(desk, private, op="auth", args=["key", later, auth.stream_signature("x", later)])
    assert false["success"] is False


def test_every_channel_has_its_own_pong() -> None:
    desk = Desk()
    public = answer(desk, bare(desk, Channel.PUBLIC), op="ping")
    assert (public["ret_msg"], public["op"]) == ("pong", "ping")
    private = answer(desk, bare(desk, Channel.PRIVATE), op="ping", req_id="p")
    assert (private["op"], private["req_id"]) == ("pong", "p")
    trade = answer(desk, bare(desk, Channel.TRADE), op="ping")
    assert (trade["op"], trade["retCode"]) == ("pong", 0)


def test_order_and_execution_of_one_match_share_their_id() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    messages = {m["topic"]: m for m in desk.heard()}
    assert list(messages) == ["execution", "order", "position", "wallet"]
    seq = messages["execution"]["data"][0]["seq"]
    assert messages["execution"]["id"] == messages["order"]["id"] == f"100475188_BTCUSDT_{seq}"
    assert messages["position"]["data"][0]["seq"] == messages["execution"]["data"][0]["seq"]


def test_categorised_topics_carry_their_name() -> None:
    desk = Desk()
    private = desk.open(Channel.PRIVATE, "order.linear")
    private.take()
    desk.placed("Buy", "0.01", "49900")
    assert [m["topic"] for m in desk.heard(private)] == ["order.linear"]


def test_orders_by_stream_are_acknowledged_with_their_limits() -> None:
    desk = Desk()
    trade = desk.open(Channel.TRADE)
    trade.take()
    body = {
        "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit",
        "qty": "0.01", "price": "49900", "orderLinkId": "w-1",
    }  # fmt: skip
    made = answer(desk, trade, reqId="r1", op="order.create", header={}, args=[body])
    assert (made["reqId"], made["retCode"], made["data"]["orderLinkId"]) == ("r1", 0, "w-1")
    assert made["header"]["X-Bapi-Limit-Status"] == "9"
    again = answer(desk, trade, reqId="r2", op="order.create", header={}, args=[body])
    assert again["retCode"] == 110072
    gone = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "none"}
    assert answer(desk, trade, reqId="r3", op="order.cancel", args=[gone])["retCode"] == 110001


def test_an_order_by_stream_outside_the_time_window_is_refused() -> None:
    desk = Desk()
    trade = desk.open(Channel.TRADE)
    trade.take()
    body = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "x"}
    for off, code in ((-5_001, 10002), (0, 110001), (1_000, 10002)):
        header = {"X-BAPI-TIMESTAMP": str(desk.venue.now + off)}
        told = answer(desk, trade, reqId="r", op="order.cancel", header=header, args=[body])
        assert told["retCode"] == code


def test_demo_has_no_order_entry_by_stream() -> None:
    desk = Desk(environment=Environment.DEMO)
    trade = desk.open(Channel.TRADE)
    trade.take()
    assert answer(desk, trade, reqId="r", op="order.create", args=[{}])["retCode"] == 10005


def test_candles_are_pushed_open_and_then_once_closed() -> None:
    desk = Desk(start_ms=1_700_000_040_000)
    public = desk.open(Channel.PUBLIC, "kline.1.BTCUSDT")
    public.take()
    ticks = [
        Tick(1_700_000_040_000 + n * 500, "BTCUSDT", D(50_000 + n % 7), D(1), Side.BUY)
        for n in range(130)
    ]
    desk.venue.feed(ticks)
    desk.pass_ms(61_000)
    rows = [m["data"][0] for m in desk.heard(public)]
    first = [row for row in rows if row["start"] == 1_700_000_040_000]
    assert [row["confirm"] for row in first].count(True) == 1
    assert first[-1]["confirm"] is True
    assert len(first) > 30
    closed = first[-1]
    assert (closed["end"], closed["volume"]) == (1_700_000_099_999, "120")
    assert rows[-1]["start"] == 1_700_000_100_000


def test_a_minute_without_trades_closes_flat() -> None:
    desk = Desk(start_ms=1_700_000_040_000)
    public = desk.open(Channel.PUBLIC, "kline.1.BTCUSDT")
    desk.print("50007")
    desk.pass_ms(120_000)
    rows = [m["data"][0] for m in desk.heard(public)[1:] if m["data"][0]["confirm"]]
    assert [(row["close"], row["volume"]) for row in rows] == [("50007", "1"), ("50007", "0")]


def test_tickers_are_a_snapshot_and_then_deltas() -> None:
    desk = Desk()
    public = desk.open(Channel.PUBLIC, "tickers.BTCUSDT", "publicTrade.BTCUSDT")
    desk.print("50010", "3", Side.BUY)
    desk.pass_ms(1_000)
    kinds = [(m["topic"].partition(".")[0], m["type"]) for m in desk.heard(public) if "type" in m]
    assert kinds == [("tickers", "snapshot"), ("publicTrade", "snapshot"), ("tickers", "delta")]


def test_the_dead_mans_switch_cancels_when_every_private_link_stays_away() -> None:
    desk = Desk()
    body = {"timeWindow": 10, "product": "DERIVATIVES"}
    assert desk.client.post("order/disconnected-cancel-all", **body)["retCode"] == 0
    ident = desk.placed("Buy", "0.01", "49900")
    first = desk.open(Channel.PRIVATE, "dcp.future")
    desk.venue.hub.close(first)
    desk.pass_ms(5_000)
    second = desk.open(Channel.PRIVATE, "dcp.future")
    desk.pass_ms(6_000)
    assert desk.order(ident)["orderStatus"] == "New"
    desk.venue.hub.close(second)
    desk.pass_ms(9_999)
    assert desk.order(ident)["orderStatus"] == "New"
    desk.pass_ms(1)
    assert desk.order(ident)["cancelType"] == "CancelByDCP"


def test_a_frozen_link_hears_nothing_and_is_not_closed() -> None:
    desk = Desk()
    desk.stream.is_frozen = True
    desk.placed("Buy", "0.01")
    desk.say(desk.stream, op="ping")
    assert desk.heard() == []
    assert not desk.stream.is_closed
