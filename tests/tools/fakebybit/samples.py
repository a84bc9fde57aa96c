"""One of every answer and message of the venue, from one short session."""

from __future__ import annotations

from typing import Any

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import acts
from tools.fakebybit.links import Channel
from tools.fakebybit.orders import Side

Json = dict[str, Any]


def collect() -> dict[str, Json]:
    """Return answers by path and messages by topic (`ws order`, `ack public`, …)."""
    desk = Desk(rate_limits=False, start_ms=1_700_000_040_000)
    found: dict[str, Json] = {}
    public = desk.open(Channel.PUBLIC, "kline.1.BTCUSDT", "tickers.BTCUSDT", "publicTrade.BTCUSDT")
    found["order/create"] = desk.place("Buy", "0.01", "49900")
    ident = found["order/create"]["result"]["orderId"]
    found["order/amend"] = desk.post("order/amend", orderId=ident, price="49800")
    found["order/cancel"] = desk.post("order/cancel", orderId=ident)
    desk.placed("Buy", "0.02", stopLoss="49000", takeProfit="51000")
    desk.placed("Buy", "0.02", "49000")
    found["order/realtime"] = desk.get("order/realtime")
    found["order/history"] = desk.get("order/history")
    found["order/cancel-all"] = desk.post("order/cancel-all", orderFilter="Order")
    found["execution/list"] = desk.get("execution/list")
    found["position/list"] = desk.get("position/list")
    body: Json = {"tpslMode": "Full", "positionIdx": 0, "trailingStop": "500"}
    found["position/trading-stop"] = desk.post("position/trading-stop", **body)
    levers = {"buyLeverage": "9", "sellLeverage": "9"}
    found["position/set-leverage"] = desk.post("position/set-leverage", **levers)
    acts.fund(desk.venue.state, "BTCUSDT")
    found["position/confirm-pending-mmr"] = desk.post("position/confirm-pending-mmr")
    for path in ("instruments-info", "risk-limit", "tickers", "price-limit", "funding/history"):
        found[f"market/{path}"] = desk.get(f"market/{path}")
    desk.print("50001", "2", Side.BUY)
    desk.pass_ms(61_000)
    for path in ("kline", "mark-price-kline"):
        found[f"market/{path}"] = desk.get(f"market/{path}", interval="1")
    found["market/time"] = desk.client.get("market/time")
    found["account/fee-rate"] = desk.get("account/fee-rate")
    found["account/wallet-balance"] = desk.client.get(
        "account/wallet-balance", accountType="UNIFIED"
    )
    for path in ("account/info", "account/transaction-log", "user/query-api", "system/status"):
        found[path] = desk.client.get(path)
    window = {"timeWindow": 10, "product": "DERIVATIVES"}
    found["order/disconnected-cancel-all"] = desk.client.post(
        "order/disconnected-cancel-all", **window
    )
    found["account/query-dcp-info"] = desk.client.get("account/query-dcp-info")
    acts.close_by_hand(desk.venue.state, "BTCUSDT")
    switch = {"category": "linear", "coin": "USDT", "mode": 3}
    found["position/switch-mode"] = desk.client.post("position/switch-mode", **switch)
    found["account/set-margin-mode"] = desk.client.post(
        "account/set-margin-mode", setMarginMode="REGULAR_MARGIN"
    )
    for message in [*desk.heard(), *desk.heard(public)]:
        kind = str(message.get("topic", "")).partition(".")[0]
        if kind == "tickers" and message["type"] == "delta":
            kind = "tickers delta"
        if kind:
            found[f"ws {kind}"] = message
    return found | _handshakes(desk)


def _handshakes(desk: Desk) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for channel in Channel:
        connection = desk.open(channel)
        if channel is not Channel.PUBLIC:
            (found[f"auth {channel.value}"],) = desk.heard(connection)
        desk.say(connection, op="ping", req_id="1")
        (found[f"pong {channel.value}"],) = desk.heard(connection)
        topic = {"public": "kline.1.BTCUSDT", "private": "order"}.get(channel.value)
        if topic:
            desk.say(connection, op="subscribe", req_id="1", args=[topic])
            (found[f"ack {channel.value}"],) = desk.heard(connection)
            desk.say(connection, op="subscribe", req_id="1", args=["nothing"])
            (found[f"refused {channel.value}"],) = desk.heard(connection)
        else:
            body = {"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "x"}
            desk.say(connection, reqId="1", op="order.cancel", header={}, args=[body])
            (found["trade error"],) = desk.heard(connection)
    return found
