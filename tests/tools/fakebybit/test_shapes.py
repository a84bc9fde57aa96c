"""Every answer and message has the keys and types of the venue's own."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from tests.data_files import shared
from tests.tools.fakebybit import samples
from tests.tools.fakebybit.desk import Desk
from tests.tools.fakebybit.shapes import ENVELOPE, FRAMES, MESSAGES, RESULTS, ROWS, shape, written
from tools.fakebybit import auth
from tools.fakebybit.auth import Request

Json = dict[str, Any]
collected = cache(samples.collect)


def row_of(message: Json) -> Json:
    """Return the (first) row a message or an answer carries."""
    data = message["data"] if "data" in message else message["result"]["list"]
    row = data[0] if isinstance(data, list) else data
    assert isinstance(row, dict)
    return row


@pytest.mark.parametrize("path", sorted(RESULTS))
def test_results_have_their_written_shape(path: str) -> None:
    answer = collected()[path]
    assert shape(answer) == written(ENVELOPE)
    assert shape(answer["result"]) == written(RESULTS[path])


@pytest.mark.parametrize("path", sorted(ROWS))
def test_listed_rows_have_their_written_shape(path: str) -> None:
    assert shape(row_of(collected()[path])) == written(ROWS[path])


@pytest.mark.parametrize("topic", sorted(MESSAGES))
def test_messages_have_their_written_shape(topic: str) -> None:
    assert shape(row_of(collected()[topic])) == written(MESSAGES[topic])


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_frames_have_their_written_shape(kind: str) -> None:
    assert shape(collected()[kind]) == written(FRAMES[kind])


# Keys that only some eras or products have, with the reason they are not here.
ELSEWHERE = {
    "tpSlMode": "spelling of 2023",
    "category": "options and the stream only",
    "free": "classic account",
}
# What one recording has of another type than the documentation of today.
OTHER_TYPES = {"fundingInterval", "extraFees", "blockTradeId"}

ROWS_RECORDED = [
    ("order/realtime", "rest_order_realtime.json"),
    ("order/realtime", "rest_order_realtime_new_REAL.json"),
    ("order/history", "rest_order_history_postonly_cancelled.json"),
    ("execution/list", "rest_execution_list.json"),
    ("execution/list", "rest_execution_list_result_only_REAL.json"),
    ("position/list", "rest_position_list_long_REAL.json"),
    ("position/list", "rest_position_list_flat_result_only_REAL.json"),
    ("position/list", "rest_position_list_inverse.json"),
    ("account/wallet-balance", "rest_wallet_balance.json"),
    ("account/wallet-balance", "rest_wallet_balance_REAL.json"),
    ("account/fee-rate", "rest_fee_rate.json"),
    ("account/transaction-log", "rest_transaction_log.json"),
    ("market/funding/history", "rest_funding_history.json"),
    ("market/instruments-info", "rest_instruments_info_BTCUSDT.json"),
    ("market/instruments-info", "rest_instruments_info_BTC_ETH_REAL.json"),
    ("market/risk-limit", "rest_risk_limit_BTCUSDT_result_only_REAL.json"),
    ("market/tickers", "rest_tickers_linear.json"),
    ("ws order", "ws_order_filled_market_REAL.json"),
    ("ws order", "ws_order_filled_trailing_stop_REAL.json"),
    ("ws order", "ws_order_new_limit_REAL.json"),
    ("ws execution", "ws_execution_market_REAL.json"),
    ("ws execution", "ws_execution_limit_taker_REAL.json"),
    ("ws execution", "ws_execution_docs.json"),
    ("ws position", "ws_position_long_REAL.json"),
    ("ws position", "ws_position_flat_docs.json"),
    ("ws position", "ws_position_eth_short_REAL_nautilus.json"),
    ("ws wallet", "ws_wallet_docs.json"),
    ("ws wallet", "ws_wallet_testnet_REAL.json"),
    ("ws kline", "ws_kline_confirm_false_docs.json"),
    ("ws tickers", "ws_ticker_snapshot_docs.json"),
    ("ws tickers", "ws_ticker_snapshot_linear_REAL.json"),
    ("ws publicTrade", "ws_trade_docs.json"),
]


def recorded(name: str) -> Json:
    content = json.loads(shared(f"payloads/{name}").read_text(encoding="utf-8"))
    return {"result": content} if "_result_only_" in name else dict(content)


def differences(theirs: Json, ours: Json) -> list[str]:
    """Return what of theirs is missing in ours or has another type there, nested objects included."""
    found = []
    for name, value in theirs.items():
        if name not in ours:
            found += [] if name in ELSEWHERE else [f"{name} is missing"]
        elif isinstance(value, dict) and isinstance(ours[name], dict) and name != "cumFeeDetail":
            found += differences(value, ours[name])
        elif isinstance(value, list) and value and isinstance(value[0], dict) and ours[name]:
            found += differences(value[0], ours[name][0])
        elif name not in OTHER_TYPES and shape({"x": value}) != shape({"x": ours[name]}):
            found.append(f"{name}: {value!r} against {ours[name]!r}")
    return found


@pytest.mark.parametrize(("kind", "name"), ROWS_RECORDED)
def test_rows_have_every_key_and_type_of_the_recorded_ones(kind: str, name: str) -> None:
    theirs, ours = recorded(name), collected()[kind]
    assert differences(row_of(theirs), row_of(ours)) == []
    for part in (
        "retCode",
        "retMsg",
        "retExtInfo",
        "id",
        "topic",
        "creationTime",
        "ts",
        "type",
        "cs",
    ):
        if part in theirs:
            assert shape({part: theirs[part]}) == shape({part: ours[part]})


WHOLE_RECORDED = [
    ("order/create", "rest_create_ok_REAL.json"),
    ("order/amend", "rest_order_amend_ok.json"),
    ("order/cancel", "rest_cancel_ok_REAL.json"),
    ("order/cancel-all", "rest_order_cancel_all_ok.json"),
    ("position/trading-stop", "rest_trading_stop_ok.json"),
    ("position/set-leverage", "rest_set_leverage_ok.json"),
    ("position/switch-mode", "rest_switch_mode_ok.json"),
    ("market/time", "rest_server_time.json"),
    ("market/price-limit", "rest_price_limit.json"),
    ("account/info", "rest_account_info.json"),
    ("account/query-dcp-info", "rest_dcp_info.json"),
    ("auth private", "ws_auth_ok_with_req_id_REAL.json"),
    ("auth trade", "wstrade_auth_ok_REAL.json"),
    ("ack public", "ws_subscribe_ack_linear_REAL.json"),
    ("ack private", "ws_subscribe_ack_private_docs.json"),
    ("refused public", "ws_subscribe_failure_args_size_REAL.json"),
    ("pong public", "ws_pong_public_with_req_id_REAL.json"),
    ("pong private", "ws_pong_private_docs.json"),
    ("pong trade", "wstrade_pong_docs.json"),
    ("trade error", "wstrade_cancel_error_110001_REAL.json"),
]


@pytest.mark.parametrize(("kind", "name"), WHOLE_RECORDED)
def test_whole_messages_have_the_shape_of_the_recorded_ones(kind: str, name: str) -> None:
    assert differences(recorded(name), collected()[kind]) == []


def test_candle_lists_are_lists_of_text() -> None:
    theirs = recorded("rest_kline.json")["result"]["list"][0]
    ours = collected()["market/kline"]["result"]["list"][0]
    assert [type(x) for x in ours] == [type(x) for x in theirs]


def clockless(desk: Desk) -> Json:
    now = desk.venue.now
    headers = auth.headers("key", "secret", now + 1_006, "")
    request = Request(
        method="GET",
        path="/v5/account/info",
        query="",
        body=b"",
        headers=headers,
        received_ms=now,
    )
    return dict(json.loads(desk.venue.request(request).body))


def eleventh(desk: Desk) -> Json:
    for _ in range(10):
        desk.placed("Buy", "0.001", "49900")
    return desk.place("Buy", "0.001", "49900")


def twice(desk: Desk) -> Json:
    desk.placed("Buy", "0.01", "49900", orderLinkId="x")
    return desk.place("Buy", "0.01", "49900", orderLinkId="x")


def same_side(desk: Desk) -> Json:
    desk.placed("Buy", "0.01")
    return desk.place("Buy", "0.01", reduceOnly=True)


def unpaired(desk: Desk) -> Json:
    desk.placed("Buy", "0.01")
    body: Json = {"tpslMode": "Partial", "positionIdx": 0, "stopLoss": "49000"}
    return desk.post("position/trading-stop", **body)


LIMIT_STOP = {
    "stopLoss": "49000",
    "slOrderType": "Limit",
    "slLimitPrice": "48900",
    "tpslMode": "Full",
}
UP = {"triggerPrice": "49000", "triggerDirection": 1}
DOWN = {"triggerPrice": "51000", "triggerDirection": 2}
LEVER = {"buyLeverage": "10", "sellLeverage": "10"}
ONE_WAY = {"category": "linear", "coin": "USDT", "mode": 0}
REFUSALS: dict[str, Any] = {
    "10001_full_only_market": lambda d: d.place("Buy", "0.01", "49900", **LIMIT_STOP),
    "10001_min_qty": lambda d: d.place("Buy", "0", "49900"),
    "10001_missing_order_id": lambda d: d.post("order/cancel"),
    "10001_not_supported_symbols": lambda d: d.client.get(
        "order/realtime", category="linear", symbol="X"
    ),
    "10001_position_idx": lambda d: d.place("Buy", "0.01", "49900", positionIdx=1),
    "10001_side_invalid": lambda d: d.place("buy", "0.01", "49900"),
    "10001_tpsl_pairs": unpaired,
    "10002_recv_window": clockless,
    "10006_too_many_visits": eleventh,
    "110001_too_late_to_cancel": lambda d: d.post("order/cancel", orderLinkId="none"),
    "110003_price_out_of_range": lambda d: d.place("Buy", "0.01", "9000000"),
    "110007_ab_not_enough": lambda d: d.place("Buy", "100", "49900"),
    "110017_position_zero": lambda d: d.place("Sell", "0.01", reduceOnly=True),
    "110017_same_side": same_side,
    "110025_position_mode_not_modified": lambda d: d.client.post("position/switch-mode", **ONE_WAY),
    "110043_leverage_not_modified": lambda d: d.post("position/set-leverage", **LEVER),
    "110072_duplicate_order_link_id": twice,
    "110092_expect_rising": lambda d: d.place("Buy", "0.01", **UP),
    "110093_expect_falling": lambda d: d.place("Buy", "0.01", **DOWN),
}


@pytest.mark.parametrize("name", sorted(REFUSALS))
def test_refusals_have_the_recorded_code_and_text(name: str) -> None:
    theirs = recorded(f"rest_error_{name}.json")
    ours = REFUSALS[name](Desk())
    numbers = re.compile(r"\d+")
    assert ours["retCode"] == theirs["retCode"]
    assert numbers.sub("#", ours["retMsg"]) == numbers.sub("#", theirs["retMsg"])
    assert set(theirs) <= set(ours)
