"""The unmodified pybit against both doors: no socket for HTTP alone, loopback for everything."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests
from pybit.exceptions import FailedRequestError, InvalidRequestError
from pybit.unified_trading import HTTP, WebSocket, WebSocketTrading

from tools.fakebybit import acts
from tools.fakebybit.adapter import Adapter
from tools.fakebybit.control import switch
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.orders import Side
from tools.fakebybit.server import Served, serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

D = Decimal
LIMIT = {
    "category": "linear", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit", "qty": "0.01",
    "price": "49900", "positionIdx": 0,
}  # fmt: skip
WHERE = {"category": "linear", "symbol": "BTCUSDT"}


def session(endpoint: str, timeout: float = 3) -> HTTP:
    made = HTTP(
        api_key="key",
        api_secret="secret",
        timeout=timeout,
        max_retries=1,
        retry_codes={-999_999_999},
        force_retry=False,
        return_response_headers=True,
    )
    made.endpoint = endpoint
    made.client.trust_env = False
    return made


class Loopback:
    """Mixed in before a pybit class: its connections go to the fake venue, reconnects too."""

    base = ""

    def _connect(self, url: str) -> None:
        super()._connect(self.base + "/v5/" + url.partition("/v5/")[2])  # type: ignore[misc]


class Stream(Loopback, WebSocket):  # type: ignore[misc]
    pass


class Trading(Loopback, WebSocketTrading):  # type: ignore[misc]
    pass


KEYS = {"api_key": "key", "api_secret": "secret", "private_auth_expire": 20}


class Ears:
    """Collects what the streams say, by topic."""

    def __init__(self) -> None:
        self.said: queue.Queue[dict[str, Any]] = queue.Queue()

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the first message that is wanted; fail after five seconds."""
        while True:
            message = self.said.get(timeout=5)
            if wanted(message):
                return message

    def order(self, status: str) -> dict[str, Any]:
        def wanted(message: dict[str, Any]) -> bool:
            rows = message["data"] if message["topic"] == "order" else []
            return any(row["orderStatus"] == status for row in rows)

        rows = self.until(wanted)["data"]
        return dict(next(row for row in rows if row["orderStatus"] == status))


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Venue(Settings(start_ms=1_700_000_040_000))) as running:
        monkeypatch.setattr(Loopback, "base", running.streams)
        yield running


@pytest.fixture
def ears(served: Served) -> Iterator[Ears]:
    """The private stream with its four topics; plain pybit, no help."""
    heard = Ears()
    stream = Stream(channel_type="private", testnet=False, **KEYS)
    for topic in ("order", "execution", "position", "wallet"):
        getattr(stream, f"{topic}_stream")(heard.said.put)
    _wait(lambda: served.do(_subscriptions) == 4)
    yield heard
    stream.exit()


def _subscriptions(venue: Venue) -> int:
    return sum(len(c.topics) for c in venue.hub.connections)


def _wait(true: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "not within the time"
        time.sleep(0.005)


def down(venue: Venue) -> None:
    venue.trade(D("49800"))


def test_an_order_is_placed_amended_filled_and_told(served: Served, ears: Ears) -> None:
    http = session(served.http)
    answer, _elapsed, headers = http.place_order(**LIMIT, orderLinkId="a-1", stopLoss="49000")
    assert answer["retCode"] == 0
    assert headers["X-Bapi-Limit-Status"] == "9"
    assert ears.order("New")["orderLinkId"] == "a-1"
    http.amend_order(**WHERE, orderLinkId="a-1", price="49850")
    ears.until(lambda m: m["topic"] == "order" and m["data"][0]["price"] == "49850")
    served.do(down)
    execution = ears.until(lambda m: m["topic"] == "execution")["data"][0]
    assert (execution["orderLinkId"], execution["execPrice"]) == ("a-1", "49850")
    position = ears.until(lambda m: m["topic"] == "position" and m["data"][0]["size"] != "0")
    assert position["data"][0]["stopLoss"] == "49000"
    assert http.get_positions(**WHERE)[0]["result"]["list"][0]["size"] == "0.01"
    assert len(http.get_executions(**WHERE)[0]["result"]["list"]) == 1


def test_cancel_and_a_duplicate_link_id(served: Served, ears: Ears) -> None:
    http = session(served.http)
    http.place_order(**LIMIT, orderLinkId="c-1")
    ears.order("New")
    with pytest.raises(InvalidRequestError) as refused:
        http.place_order(**LIMIT, orderLinkId="c-1")
    assert refused.value.status_code == 110072
    http.cancel_order(**WHERE, orderLinkId="c-1")
    assert ears.order("Cancelled")["cancelType"] == "CancelByUser"
    with pytest.raises(InvalidRequestError) as gone:
        http.cancel_order(**WHERE, orderLinkId="c-1")
    assert gone.value.status_code == 110001
    http.place_order(**LIMIT, orderLinkId="c-2")
    assert ears.order("New")["orderLinkId"] == "c-2"
    assert len(http.cancel_all_orders(**WHERE)[0]["result"]["list"]) == 1


def test_a_stop_and_a_trading_stop_protect(served: Served, ears: Ears) -> None:
    http = session(served.http)
    http.place_order(**(LIMIT | {"orderType": "Market"}), orderLinkId="s-1")
    ears.order("Filled")
    stop = LIMIT | {"side": "Sell", "orderType": "Market", "reduceOnly": True}
    http.place_order(**stop, triggerPrice="49500", triggerDirection=2, orderLinkId="s-2")
    assert ears.order("Untriggered")["orderLinkId"] == "s-2"
    http.set_trading_stop(
        **WHERE, tpslMode="Full", positionIdx=0, stopLoss="49600", trailingStop="900"
    )
    ears.until(lambda m: m["topic"] == "position" and m["data"][0]["stopLoss"] == "49600")
    served.do(lambda venue: venue.trade(D("49550")))
    assert ears.order("Filled")["createType"] == "CreateByStopLoss"
    found = http.get_open_orders(**WHERE)[0]["result"]["list"]
    assert [row["orderLinkId"] for row in found] == ["s-2"]


def test_questions_of_pybit_are_answered(served: Served) -> None:
    http = session(served.http)
    http.place_order(**(LIMIT | {"orderType": "Market"}), orderLinkId="q-1")
    http.set_leverage(**WHERE, buyLeverage="9", sellLeverage="9")
    asked = [
        http.get_server_time(), http.get_instruments_info(**WHERE), http.get_risk_limit(**WHERE),
        http.get_kline(**WHERE, interval=1, limit=5), http.get_mark_price_kline(**WHERE, interval=1),
        http.get_tickers(**WHERE), http.get_funding_rate_history(**WHERE, limit=3),
        http.get_price_limit(**WHERE), http.get_order_history(**WHERE, limit=50),
        http.get_executions(**WHERE, limit=100), http.get_positions(**WHERE),
        http.get_wallet_balance(accountType="UNIFIED"), http.get_account_info(),
        http.get_fee_rates(**WHERE), http.get_transaction_log(accountType="UNIFIED"),
        http.get_api_key_information(), http.query_dcp_info(), http.get_system_status(),
    ]  # fmt: skip
    assert {answer["retCode"] for answer, *_rest in asked} == {0}
    path = f"{served.http}/v5/position/symbol-info"
    info = http._submit_request("GET", path, WHERE, auth=True)[0]
    assert info["result"]["list"][0]["leverage"] == "9"


def test_public_streams_bring_open_and_closed_candles(served: Served) -> None:
    heard = Ears()
    stream = Stream(channel_type="linear", testnet=False)
    stream.kline_stream(1, "BTCUSDT", heard.said.put)
    stream.ticker_stream("BTCUSDT", heard.said.put)
    stream.trade_stream("BTCUSDT", heard.said.put)
    _wait(lambda: served.do(_subscriptions) == 3)
    served.do(lambda venue: venue.trade(D("50010"), D(2), side=Side.BUY))
    served.do(lambda venue: venue.advance(venue.now + 61_000))
    trade = heard.until(lambda m: m["topic"].startswith("publicTrade"))
    assert trade["data"][0]["p"] == "50010"
    closed = heard.until(lambda m: m["topic"].startswith("kline") and m["data"][0]["confirm"])
    assert closed["data"][0]["close"] == "50010"
    stream.exit()


def test_order_entry_by_stream(served: Served) -> None:
    trading = Trading(testnet=False, **KEYS)
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    trading.place_order(answers.put, answers.put, **LIMIT, orderLinkId="w-1")
    assert answers.get(timeout=5)["data"]["orderLinkId"] == "w-1"
    trading.cancel_order(answers.put, answers.put, **WHERE, orderLinkId="none")
    assert answers.get(timeout=5)["retCode"] == 110001
    trading.exit()


def test_pybit_comes_back_after_a_cut_and_subscribes_again(served: Served, ears: Ears) -> None:
    http = session(served.http)
    served.do(lambda venue: [venue.hub.close(c) for c in list(venue.hub.connections)])
    _wait(lambda: served.do(_subscriptions) == 4)
    http.place_order(**LIMIT, orderLinkId="r-1")
    assert ears.order("New")["orderLinkId"] == "r-1"


def test_a_frozen_link_is_noticed_by_its_missing_pong(served: Served) -> None:
    stream = Stream(channel_type="private", testnet=False, ping_interval=2, ping_timeout=1, **KEYS)
    stream.order_stream(lambda message: None)
    _wait(lambda: served.do(_subscriptions) == 1)

    def freeze(venue: Venue) -> str:
        venue.hub.connections[0].is_frozen = True
        return venue.hub.connections[0].id

    frozen = served.do(freeze)

    def replaced() -> bool:
        return served.do(
            lambda venue: any(c.topics and c.id != frozen for c in venue.hub.connections)
        )

    _wait(replaced, seconds=10)
    stream.exit()


def test_lost_late_and_cut_answers_raise_what_a_real_network_raises(served: Served) -> None:
    http = session(served.http, timeout=0.3)
    cases: list[tuple[Fault, int, type[Exception]]] = [
        (Fault.DROP_ANSWER, 0, requests.ConnectionError),
        (Fault.DELAY_ANSWER, 600, requests.ReadTimeout),
        (Fault.CUT, 0, requests.RequestException),
        (Fault.HTML, 0, FailedRequestError),
        (Fault.JSON_ODD, 0, AttributeError),
        (Fault.NO_MESSAGE, 0, KeyError),
    ]
    for number, (kind, value, error) in enumerate(cases):
        served.do(
            lambda v, k=kind, n=value: v.faults.add(Switch(kind=k, on="order/create", value=n))
        )
        body = LIMIT | ({"qty": "0"} if kind is Fault.NO_MESSAGE else {})
        with pytest.raises(error):
            http.place_order(**body, orderLinkId=f"l-{number}")
        served.do(lambda v: v.faults.clear())
    served.do(lambda venue: venue.settle())
    working = http.get_open_orders(**WHERE)[0]["result"]["list"]
    assert {row["orderLinkId"] for row in working} == {"l-0", "l-1", "l-2", "l-4"}


def test_a_zero_latency_venue_does_not_wait(served: Served) -> None:
    served.do(lambda venue: venue.faults.add(Switch(kind=Fault.ZERO_LATENCY)))
    stream = Stream(channel_type="private", testnet=False, **KEYS)
    _wait(lambda: served.do(lambda venue: bool(venue.faults.log)))
    stream.exit()


def test_the_control_door_switches_acts_and_tells(served: Served) -> None:
    def fake(name: str, **body: Any) -> requests.Response:
        return requests.post(f"{served.http}/fake/{name}", json=body, timeout=3)

    assert fake("manual", symbol="BTCUSDT", amount="0.02").status_code == 200
    assert fake("books").json()["positions"][0]["size"] == "0.02"
    one = {"kind": "code", "on": "order/create", "at": [1], "value": 10016}
    assert fake("faults", switches=[one]).json() == {"switches": 1}
    assert switch(dict(one)).value == 10016
    with pytest.raises(InvalidRequestError):
        session(served.http).place_order(**LIMIT, orderLinkId="k-1")
    before = fake("now").json()["now"]
    assert fake("advance", ms=1_000).json()["now"] >= before + 1_000
    assert fake("nothing").status_code == 400
    assert fake("faults", switches=[{"kind": "nothing"}]).status_code == 400


def test_http_of_pybit_needs_no_socket() -> None:
    venue = Venue()
    http = session("http://venue")
    http.client.mount("http://venue", Adapter(venue))
    answer, _elapsed, headers = http.place_order(**LIMIT, orderLinkId="n-1")
    assert (answer["retCode"], headers["X-Bapi-Limit"]) == (0, "10")
    acts.close_by_hand(venue.state, "BTCUSDT")
    venue.faults.add(Switch(kind=Fault.DROP_REQUEST, on="order/create"))
    with pytest.raises(requests.ConnectionError):
        http.place_order(**LIMIT, orderLinkId="n-2")
    venue.faults.clear()
    venue.faults.add(Switch(kind=Fault.DELAY_ANSWER, on="order/*", value=9_000))
    with pytest.raises(requests.ReadTimeout):
        http.place_order(**LIMIT, orderLinkId="n-3")
    venue.faults.clear()
    working = http.get_open_orders(**WHERE)[0]["result"]["list"]
    assert {row["orderLinkId"] for row in working} == {"n-1", "n-3"}
