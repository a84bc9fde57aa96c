"""What the venue refuses before it looks at the market: forms, grids, keys, clocks, rates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.tools.fakebybit.desk import SYMBOL, D, Desk
from tools.fakebybit import auth
from tools.fakebybit.auth import Request
from tools.fakebybit.control import perform
from tools.fakebybit.inprocess import Client, Odd
from tools.fakebybit.settings import Environment


def raw(
    desk: Desk, *, headers: dict[str, str], query: str = "accountType=UNIFIED"
) -> dict[str, Any]:
    reply = desk.venue.request(
        Request(
            method="GET",
            path="/v5/account/wallet-balance",
            query=query,
            body=b"",
            headers=headers,
            received_ms=desk.venue.now,
        )
    )
    return dict(json.loads(reply.body))


@pytest.mark.parametrize("name", ["qty", "price", "triggerPrice", "takeProfit", "stopLoss"])
def test_a_json_number_where_text_is_wanted_is_refused(name: str) -> None:
    desk = Desk()
    body = {"side": "Buy", "orderType": "Limit", "qty": "0.01", "price": "49900"}
    answer = desk.post("order/create", **(body | {name: 50100}))
    assert answer["retCode"] == 10001
    assert name in answer["retMsg"]


@pytest.mark.parametrize(
    "written", ["1e-05", "-1", "+1", "nan", "0x1", " 1", "1.", ".5", "1,0", "٣"]
)
def test_what_is_not_plain_decimal_text_is_refused(written: str) -> None:
    assert Desk().place("Buy", written, "49900")["retCode"] == 10001


@pytest.mark.parametrize("written", ["57612.300000000003", "49900.05", "49900.000"])
def test_a_price_off_the_grid_or_with_a_digit_too_many_is_refused(written: str) -> None:
    answer = Desk().place("Buy", "0.01", written)
    assert (answer["retCode"], "multiple" in answer["retMsg"]) == (10001, True)


def test_a_quantity_off_the_grid_is_refused() -> None:
    assert Desk().place("Buy", "0.0105", "49900")["retCode"] == 10001


@pytest.mark.parametrize("extra", [{"mmp": False}, {"orderFilter": "Order"}, {"qtty": "1"}])
def test_an_unknown_parameter_is_refused(extra: dict[str, Any]) -> None:
    assert Desk().place("Buy", "0.01", "49900", **extra)["retCode"] == 10001


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"side": "buy"}, "side invalid"),
        ({"orderType": "Stop"}, "orderType invalid"),
        ({"timeInForce": "GTD"}, "timeInForce invalid"),
        ({"reduceOnly": "true"}, "reduceOnly must be a boolean"),
        ({"positionIdx": "0"}, "positionIdx must be an integer"),
        ({"positionIdx": 1}, "position idx not match position mode"),
        ({"orderLinkId": "a" * 37}, "orderLinkId invalid"),
        ({"orderLinkId": "a b"}, "orderLinkId invalid"),
        ({"category": "spot"}, "Illegal category"),
        ({"symbol": "XUSDT"}, "Not supported symbols"),
        ({"triggerPrice": "51000"}, "triggerDirection invalid"),
    ],
)
def test_a_wrong_word_is_refused_with_its_text(change: dict[str, Any], text: str) -> None:
    body = {
        "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit",
        "qty": "0.01", "price": "49900", "orderLinkId": "x",
    }  # fmt: skip
    answer = Desk().client.post("order/create", **(body | change))
    assert answer["retCode"] == 10001
    assert text in answer["retMsg"]


def test_a_lenient_venue_reads_numbers_and_ignores_what_it_does_not_know() -> None:
    desk = Desk(strict=False)
    body = {"side": "Buy", "orderType": "Limit", "qty": 0.01, "price": 49900, "mmp": True}
    assert desk.post("order/create", **body)["retCode"] == 0


def test_amend_and_cancel_want_an_id() -> None:
    desk = Desk()
    for path in ("order/amend", "order/cancel"):
        answer = desk.post(path)
        assert answer["retMsg"] == "params error: OrderId or orderLinkId is required"


def test_a_missing_key_a_wrong_key_and_a_wrong_signature_are_refused() -> None:
    desk = Desk()
    now = desk.venue.now
    good = auth.headers("key", "secret", now, "accountType=UNIFIED")
    assert raw(desk, headers=good)["retCode"] == 0
    assert raw(desk, headers={})["retCode"] == 10001
    assert raw(desk, headers=good | {"X-BAPI-API-KEY": "other"})["retCode"] == 10003
    assert raw(desk, headers=good, query="accountType=UNIFIED&coin=BTC")["retCode"] == 10004
    other = Client(desk.venue, secret="wrong")
    assert other.get("account/info")["retCode"] == 10004


@pytest.mark.parametrize(("off", "code"), [(-5_000, 0), (-5_001, 10002), (999, 0), (1_000, 10002)])
def test_a_timestamp_outside_the_window_is_refused(off: int, code: int) -> None:
    desk = Desk()
    headers = auth.headers("key", "secret", desk.venue.now + off, "accountType=UNIFIED")
    answer = raw(desk, headers=headers)
    assert answer["retCode"] == code
    assert code == 0 or "req_timestamp[" in answer["retMsg"]


def test_a_skewed_clock_refuses_and_shows_in_the_server_time() -> None:
    desk = Desk()
    desk.venue.state.flags.skew_ms = 2_400
    told = desk.client.get("market/time")["result"]["timeNano"]
    assert int(told) == (desk.venue.now + 2_400) * 1_000_000
    desk.venue.state.flags.skew_ms = -2_400
    assert desk.client.get("account/info")["retCode"] == 10002


def test_the_eleventh_order_in_a_second_is_refused_and_told_when_to_come_back() -> None:
    desk = Desk()
    for left in range(9, -1, -1):
        desk.placed("Buy", "0.001", "49900")
        assert desk.client.headers["X-Bapi-Limit-Status"] == str(left)
    assert desk.place("Buy", "0.001", "49900")["retCode"] == 10006
    reset = int(desk.client.headers["X-Bapi-Limit-Reset-Timestamp"])
    assert reset == desk.venue.now + 1_000
    desk.pass_ms(1_000)
    desk.placed("Buy", "0.001", "49900")


def test_cancels_have_a_rate_of_their_own() -> None:
    desk = Desk()
    idents = [desk.placed("Buy", "0.001", "49900") for _ in range(10)]
    assert desk.place("Buy", "0.001", "49900")["retCode"] == 10006
    assert desk.post("order/cancel", orderId=idents[0])["retCode"] == 0


def test_six_hundred_requests_in_five_seconds_are_the_most_of_one_address() -> None:
    desk = Desk()
    for _ in range(600):
        assert desk.client.get("market/time")["retCode"] == 0
    with pytest.raises(Odd, match="403"):
        desk.client.get("market/time")


def test_an_unknown_path_is_not_found() -> None:
    with pytest.raises(Odd, match="404"):
        Desk().client.get("order/nothing")


MISSING_ON_DEMO = (
    "account/fee-rate", "user/query-api", "position/symbol-info", "account/query-dcp-info",
)  # fmt: skip


@pytest.mark.parametrize("path", MISSING_ON_DEMO)
def test_demo_lacks_what_the_real_demo_lacks(path: str) -> None:
    query = {} if path in ("user/query-api", "account/query-dcp-info") else {"category": "linear"}
    assert Desk().client.get(path, **query)["retCode"] == 0
    assert Desk(environment=Environment.DEMO).client.get(path, **query)["retCode"] == 10001


def test_an_expired_key_is_refused_everywhere() -> None:
    desk = Desk()
    desk.venue.state.flags.key_expired = True
    assert desk.client.get("account/info")["retCode"] == 33004


def test_modes_that_are_already_so_have_their_own_codes() -> None:
    desk = Desk()
    switch = {"category": "linear", "coin": "USDT"}
    assert desk.client.post("position/switch-mode", **switch, mode=0)["retCode"] == 110025
    assert (
        desk.client.post("account/set-margin-mode", setMarginMode="ISOLATED_MARGIN")["retCode"]
        == 110026
    )
    desk.placed("Buy", "0.01")
    assert desk.client.post("position/switch-mode", **switch, mode=3)["retCode"] == 110024


def test_hedge_mode_shows_two_rows_and_refuses_one_way_orders() -> None:
    desk = Desk()
    switch = {"category": "linear", "coin": "USDT", "mode": 3}
    assert desk.client.post("position/switch-mode", **switch)["retCode"] == 0
    assert [row["positionIdx"] for row in desk.rows("position/list")] == [1, 2]
    assert desk.place("Buy", "0.01")["retMsg"] == "position idx not match position mode"


def test_no_market_order_is_larger_than_the_largest_whatever_it_closes() -> None:
    """What closes the whole rest is exempt from the minima, not from the maximum; nor is a changed stop."""
    desk = Desk()
    desk.place("Buy", "0.1", "50100")
    assert desk.venue.state.positions[SYMBOL].size == D("0.1")
    stop = {"side": "Sell", "orderType": "Market", "triggerPrice": "49000", "triggerDirection": 2}
    desk.post("order/create", **stop, qty="0.05", reduceOnly=True, orderLinkId="s")
    perform(desk.venue, "facts", {"max_market_qty": "0.08"})
    close = {"side": "Sell", "orderType": "Market", "reduceOnly": True}
    assert desk.post("order/create", **close, qty="0.1")["retMsg"].endswith("limit allowed")
    assert desk.post("order/amend", orderLinkId="s", qty="0.1")["retMsg"].endswith("limit allowed")
    assert desk.post("order/amend", orderLinkId="s", qty="0.08")["retCode"] == 0
    assert desk.post("order/create", **close, qty="0.08")["retCode"] == 0
