"""What leaves lies on the venue's grid and says what the order means."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.backends.bybit import bodies
from runtime.backends.bybit.bodies import NotSendable
from runtime.backends.bybit.names import BadLink, LinkNames, names_of
from runtime.orders.commands import AmendOrder
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side, TimeInForce
from tests.runtime.backends.bybit.test_messages import ANY
from tests.strategies.words import worded

BTC = replace(ANY, symbol="BTCUSDT", tick=0.1, lot=0.001)
SIZES = [1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001, 1e-4, 1e-5, 1e-6, 1e-7, 10.0]


@given(st.integers(1, 2_000_000_000), st.sampled_from(SIZES))
def test_every_price_leaves_as_the_text_of_its_ticks(ticks: int, tick: float) -> None:
    """All of a grid: text -> number -> ticks is the identity, with no more decimals than the tick."""
    instrument = replace(ANY, tick=tick)
    text = bodies.price_text(instrument.price_of(ticks), instrument)
    assert Decimal(text) == Decimal(repr(tick)) * ticks
    assert instrument.ticks(float(text)) == ticks
    assert "e" not in text.lower()
    decimals = -Decimal(repr(tick)).as_tuple().exponent  # type: ignore[operator]
    assert len(text.partition(".")[2]) <= max(0, decimals)


@given(st.integers(1, 10**9), st.sampled_from(SIZES))
def test_every_quantity_leaves_as_the_text_of_its_lots(lots: int, lot: float) -> None:
    text = bodies.quantity_text(lots, replace(ANY, lot=lot))
    assert Decimal(text) == Decimal(repr(lot)) * lots


@pytest.mark.parametrize("price", [57612.3, 10000.3, 98765.4, 130000.0])
def test_prices_of_a_tenth_stay_tenths(price: float) -> None:
    assert Decimal(bodies.price_text(price, BTC)) == Decimal(str(price))


@pytest.mark.parametrize("price", [math.nan, math.inf, 0.0, -1.0, 57612.34, 0.04])
def test_what_is_no_price_on_the_grid_never_leaves(price: float) -> None:
    with pytest.raises(NotSendable):
        bodies.price_text(price, BTC)


@pytest.mark.parametrize("lots", [0, -1])
def test_no_quantity_of_nothing_leaves(lots: int) -> None:
    """A quantity of "0" would close everything."""
    with pytest.raises(NotSendable):
        bodies.quantity_text(lots, BTC)


def spec(**more: Any) -> OrderSpec:
    given_: dict[str, Any] = {
        "order_id": "o5", "symbol": "BTCUSDT", "side": Side.BUY, "effect": Effect.OPEN,
        "order_type": OrderType.STOP_LIMIT, "quantity": 2_000, "limit_price": 101.5,
        "trigger_price": 101.0,
    }  # fmt: skip
    return OrderSpec(**worded(given_ | more))


def test_a_stop_entry_says_direction_type_and_name() -> None:
    body = bodies.create(
        spec(time_in_force=TimeInForce.GTD, ttl_bars=5), BTC, names_of("7", "abcdef12")
    )
    assert (body["side"], body["orderType"], body["qty"]) == ("Buy", "Limit", "2")
    assert (body["price"], body["triggerPrice"], body["triggerDirection"]) == ("101.5", "101", 1)
    assert (body["timeInForce"], body["orderLinkId"]) == ("GTC", "ic7-abcdef-o5")


@pytest.mark.parametrize(
    ("side", "role", "direction"),
    [(Side.BUY, Role.ENTRY, 1), (Side.SELL, Role.ENTRY, 2), (Side.SELL, Role.STOP_LOSS, 2),
     (Side.BUY, Role.STOP_LOSS, 1), (Side.SELL, Role.TAKE_PROFIT, 1),
     (Side.BUY, Role.TAKE_PROFIT, 2)],
)  # fmt: skip
def test_the_direction_of_a_trigger_follows_from_what_the_order_means(
    side: Side, role: Role, direction: int
) -> None:
    order = spec(side=side, role=role, order_type=OrderType.STOP_MARKET, limit_price=None)
    assert bodies.create(order, BTC)["triggerDirection"] == direction


def test_an_amendment_leaves_out_what_stays_and_never_says_nothing() -> None:
    body = bodies.amend(AmendOrder(order_id="o5", quantity=1_500, trigger_price=99.5), "B", BTC)
    assert body == {
        "category": "linear", "symbol": "B", "orderLinkId": "o5", "qty": "1.5",
        "triggerPrice": "99.5",
    }  # fmt: skip
    with pytest.raises(NotSendable, match="changes nothing"):
        bodies.amend(AmendOrder(order_id="o5"), "B", BTC)


def test_only_a_flatten_sends_a_quantity_of_zero_and_it_can_only_close() -> None:
    body = bodies.flatten("B", Side.BUY, "panic-1")
    assert (body["qty"], body["side"]) == ("0", "Sell")
    assert body["reduceOnly"] is True
    assert body["closeOnTrigger"] is True


def test_a_stop_of_the_position_is_absolute_and_zero_takes_it_away() -> None:
    body = bodies.trading_stop("B", BTC, stop=99.5)
    assert (body["stopLoss"], body["takeProfit"], body["tpslMode"]) == ("99.5", "0", "Full")


def test_what_closes_cannot_bring_a_stop() -> None:
    with pytest.raises(NotSendable, match="cannot bring"):
        bodies.create(spec(reduce_only=True), BTC, attached=bodies.attach(BTC, stop=99.5))
    body = bodies.create(spec(), BTC, attached=bodies.attach(BTC, stop=99.5))
    assert (body["stopLoss"], body["tpslMode"]) == ("99.5", "Full")


def test_a_limit_target_is_partial() -> None:
    with pytest.raises(NotSendable, match="Partial"):
        bodies.attach(BTC, target=101.5, target_limit=101.4)
    body = bodies.attach(BTC, target=101.5, target_limit=101.4, is_partial=True)
    assert (body["tpOrderType"], body["tpLimitPrice"]) == ("Limit", "101.4")


def test_names_fit_the_venue_and_lead_back() -> None:
    names = names_of("12345678", "0123456789abcdef")
    link = names.link("o99999999")
    assert len(link) <= 36
    assert names.order_id(link) == "o99999999"
    assert names_of("12345679", "0123456789abcdef").order_id(link) is None
    assert names_of("1", "abcdef").is_foreign_run(link)
    assert not names.is_foreign_run(link)
    assert not names.is_foreign_run("web-1234")


@pytest.mark.parametrize("order_id", ["o" * 37, "o 1", "ö1", ""])
def test_a_name_the_venue_would_refuse_is_refused_here(order_id: str) -> None:
    with pytest.raises(BadLink):
        LinkNames().link(order_id)
