"""What the venue remembers, for how long, and how it pages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.tools.fakebybit.desk import Desk
from tools.fakebybit import acts
from tools.fakebybit.instrument import BTCUSDT

D = Decimal
DAY = 86_400_000


def test_open_orders_are_newest_first_and_closed_ones_come_by_id() -> None:
    desk = Desk()
    first, second = desk.placed("Buy", "0.001", "49900"), desk.placed("Buy", "0.001", "49800")
    assert [row["orderId"] for row in desk.rows("order/realtime")] == [second, first]
    desk.post("order/cancel", orderId=first)
    assert [row["orderId"] for row in desk.rows("order/realtime")] == [second]
    assert len(desk.rows("order/realtime", openOnly=1)) == 2
    assert desk.order(first)["orderStatus"] == "Cancelled"


def test_a_restart_forgets_closed_orders_but_not_history() -> None:
    desk = Desk()
    ident = desk.placed("Buy", "0.001", "49900")
    desk.post("order/cancel", orderId=ident)
    acts.restart(desk.venue.state)
    assert desk.rows("order/realtime", orderId=ident) == []
    assert [row["orderId"] for row in desk.rows("order/history", orderId=ident)] == [ident]


def test_history_keeps_what_never_filled_for_a_day() -> None:
    desk = Desk()
    unfilled = desk.placed("Buy", "0.001", "49900")
    desk.post("order/cancel", orderId=unfilled)
    filled = desk.placed("Buy", "0.001")
    desk.pass_ms(DAY + 1)
    assert [row["orderId"] for row in desk.rows("order/history")] == [filled]


def test_pages_hang_together_by_opaque_cursors() -> None:
    desk = Desk(rate_limits=False)
    idents = [desk.placed("Buy", "0.001", "49900") for _ in range(25)]
    seen: list[str] = []
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = desk.get("order/realtime", limit=10, **more)["result"]
        seen += [row["orderId"] for row in answer["list"]]
        cursor = answer["nextPageCursor"]
        if not cursor:
            break
        assert "%3D" in cursor
    assert seen == idents[::-1]


def test_execution_pages_hold_a_hundred_and_lose_none() -> None:
    desk = Desk(rate_limits=False, balance=D(1_000_000))
    for _ in range(250):
        desk.placed("Buy", "0.001")
    seen: set[str] = set()
    cursor: dict[str, str] = {}
    for expected in (100, 100, 50):
        answer = desk.get("execution/list", limit=100, **cursor)["result"]
        assert len(answer["list"]) == expected
        seen |= {row["execId"] for row in answer["list"]}
        cursor = {"cursor": answer["nextPageCursor"]}
    assert len(seen) == 250


@pytest.mark.parametrize("path", ["execution/list", "order/history"])
def test_a_window_is_seven_days_at_most(path: str) -> None:
    desk = Desk()
    now = desk.venue.now
    assert desk.get(path, startTime=now - 7 * DAY, endTime=now)["retCode"] == 0
    assert desk.get(path, startTime=now - 7 * DAY - 1, endTime=now)["retCode"] == 10001


def test_positions_are_paged_by_twenty() -> None:
    many = [replace(BTCUSDT, symbol=f"C{n:02}USDT", base=f"C{n:02}") for n in range(25)]
    desk = Desk(instruments=[BTCUSDT, *many], balance=D(1_000_000))
    for facts in many:
        acts.manual(desk.venue.state, facts.symbol, D("0.01"))
    first = desk.client.get("position/list", category="linear", settleCoin="USDT")["result"]
    assert len(first["list"]) == 20
    rest = desk.client.get(
        "position/list", category="linear", settleCoin="USDT", cursor=first["nextPageCursor"]
    )["result"]
    assert len(rest["list"]) == 5


def test_candles_are_newest_first_and_the_open_one_is_among_them() -> None:
    desk = Desk(start_ms=1_700_000_040_000)
    for price in ("50000", "50010", "50005"):
        desk.print(price, "2")
        desk.pass_ms(60_000)
    desk.print("50020")
    rows = desk.get("market/kline", interval="1")["result"]["list"]
    assert [row[0] for row in rows] == [str(1_700_000_040_000 + n * 60_000) for n in (3, 2, 1, 0)]
    assert rows[0][1:] == ["50020", "50020", "50020", "50020", "1", "50020"]
    assert desk.get("market/mark-price-kline", interval="1")["result"]["list"][0][4] == "50020"


def test_changed_facts_are_told_at_once_and_rule_at_once() -> None:
    desk = Desk()
    acts.change_facts(desk.venue.state, "BTCUSDT", {"tick_text": "0.50", "min_qty": "0.01"})
    (row,) = desk.rows("market/instruments-info")
    assert row["priceFilter"]["tickSize"] == "0.50"
    assert desk.place("Buy", "0.01", "49900.1")["retCode"] == 10001


def test_a_delisted_contract_takes_no_entries() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    acts.delist(desk.venue.state, "BTCUSDT", desk.venue.now + DAY)
    assert desk.rows("market/instruments-info")[0]["deliveryTime"] != "0"
    assert desk.place("Buy", "0.01")["retCode"] == 30228
    desk.placed("Sell", "0.01", reduceOnly=True)


def test_the_reduce_only_mark_stops_entries_until_it_is_confirmed() -> None:
    desk = Desk()
    desk.placed("Buy", "0.01")
    acts.mark_reduce_only(desk.venue.state, "BTCUSDT", on=True)
    assert desk.position()["isReduceOnly"] is True
    assert desk.place("Buy", "0.01")["retCode"] == 110023
    desk.post("position/confirm-pending-mmr")
    desk.placed("Buy", "0.01")


def test_foreign_and_manual_orders_are_the_accounts_own() -> None:
    desk = Desk()
    acts.foreign_order(desk.venue.state, "BTCUSDT", D("0.01"), D("49000"), link="other-1")
    acts.manual(desk.venue.state, "BTCUSDT", D("0.02"))
    assert desk.rows("order/realtime")[0]["orderLinkId"] == "other-1"
    assert desk.executions()[-1]["orderLinkId"] == ""
    assert desk.position()["size"] == "0.02"
