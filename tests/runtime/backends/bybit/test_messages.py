"""Every recorded venue message parses; unknown words and malformed fields are loud."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit import messages as m
from runtime.backends.bybit.vocabulary import STATUSES, ExecutionKind, Status, UnknownWord
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.order_spec import OrderType, Role, Side
from tests.data_files import shared

ANY = Instrument(
    symbol="ANY", tick=0.0001, lot=0.000001, min_lots=1, max_lots=10**12, max_market_lots=10**12,
    min_notional_usdt=0.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip


def payload(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(shared(f"payloads/{name}").read_text(encoding="utf-8"))
    return data


def rows_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    result = data.get("result", data)
    rows = data["data"] if "data" in data else result.get("list", [])
    assert isinstance(rows, list)
    return rows


def names(*prefixes: str) -> list[str]:
    folder = Path(__file__).resolve().parents[4].parent / "shared" / "payloads"
    return sorted(p.name for p in folder.glob("*.json") if p.name.startswith(prefixes))


ORDER_FILES = names("ws_order_", "rest_order_realtime", "rest_order_history", "rest_order_part")
EXECUTION_FILES = names("ws_execution", "rest_execution_list")
POSITION_FILES = names("ws_position", "rest_position_list")
WALLET_FILES = names("ws_wallet", "rest_wallet_balance")
PARTIAL_FIELDS = {"rest_order_realtime_untriggered_stop_with_tpsl_DEMO_partial_fields.json"}


def test_the_recorded_messages_are_there() -> None:
    shared("payloads")
    assert (len(ORDER_FILES), len(EXECUTION_FILES), len(POSITION_FILES)) == (19, 9, 11)


@pytest.mark.parametrize("name", sorted(set(ORDER_FILES) - PARTIAL_FIELDS))
def test_every_recorded_order_message_parses(name: str) -> None:
    for row in rows_of(payload(name)):
        order = m.parse_order(row, ANY)
        assert 0 <= order.filled <= order.quantity
        assert order.exchange_order_id
        assert order.status is STATUSES[row["orderStatus"]]


def test_an_excerpt_of_an_order_names_the_field_it_lacks() -> None:
    (name,) = PARTIAL_FIELDS
    for row in rows_of(payload(name)):
        with pytest.raises(m.MalformedMessage, match="lacks `"):
            m.parse_order(row, ANY)


@pytest.mark.parametrize("name", EXECUTION_FILES)
def test_every_recorded_execution_parses(name: str) -> None:
    for row in rows_of(payload(name)):
        execution = m.parse_execution(row, ANY)
        assert execution.quantity > 0
        assert execution.execution_id
        assert execution.price > 0
        assert (execution.fee.usdt is None) == ("execFee" not in row)


@pytest.mark.parametrize("name", POSITION_FILES)
def test_every_recorded_position_parses(name: str) -> None:
    for row in rows_of(payload(name)):
        position = m.parse_position(row, ANY)
        assert (position.quantity == 0) == (float(row["size"]) == 0)
        if position.quantity:
            assert position.average_price is not None
            assert (position.quantity > 0) == (row["side"] == "Buy")


@pytest.mark.parametrize("name", WALLET_FILES)
def test_every_recorded_wallet_parses(name: str) -> None:
    parsed = [m.parse_wallet(row) for row in rows_of(payload(name))]
    assert parsed
    holds = any(c["coin"] == "USDT" for row in rows_of(payload(name)) for c in row["coin"])
    assert any(w is not None for w in parsed) == holds


def test_recorded_klines_parse_and_only_confirmed_ones_are_closed() -> None:
    (closed,) = m.parse_kline(payload("ws_kline_confirm_true_DERIVED.json"))
    (open_,) = m.parse_kline(payload("ws_kline_confirm_false_docs.json"))
    assert closed.is_closed
    assert not open_.is_closed


def test_a_recorded_limit_order_reads_as_sent() -> None:
    (row,) = rows_of(payload("ws_order_new_limit_REAL.json"))
    order = m.parse_order(row, ANY)
    assert order.status is Status.OPEN
    assert (order.side, order.order_type) == (Side.BUY, OrderType.LIMIT)
    assert (order.limit_price, order.trigger_price, order.average_price) == (27673.4, None, None)
    assert order.quantity == 1_000  # 0.001 in millionths


def test_a_post_only_that_crossed_is_cancelled_with_our_reason() -> None:
    rows = rows_of(payload("rest_order_history_postonly_cancelled.json"))
    order = m.parse_order(rows[0], ANY)
    assert (order.status, order.cancel_reason) == (Status.CANCELLED, "post_only_would_cross")


def test_stops_and_targets_made_by_the_venue_have_a_role() -> None:
    (stop,) = rows_of(payload("ws_order_stop_loss_nautilus.json"))
    (target,) = rows_of(payload("ws_order_take_profit_nautilus.json"))
    assert m.parse_order(stop, ANY).role is Role.STOP_LOSS
    assert m.parse_order(target, ANY).role is Role.TAKE_PROFIT


def row_with(**changes: Any) -> dict[str, Any]:
    (row,) = rows_of(payload("ws_order_new_limit_REAL.json"))
    return row | changes


@pytest.mark.parametrize(
    ("field", "value"),
    [("orderStatus", "Sleeping"), ("side", "Long"), ("timeInForce", "GTX"), ("orderType", "Peg"),
     ("stopOrderType", "Magic")],
)  # fmt: skip
def test_an_unknown_word_is_loud(field: str, value: str) -> None:
    with pytest.raises(UnknownWord, match=f"unknown {field}: `{value}`"):
        m.parse_order(row_with(**{field: value}), ANY)


def test_an_unknown_execution_kind_is_loud() -> None:
    (row,) = rows_of(payload("ws_execution_market_REAL.json"))
    assert m.parse_execution(row, ANY).kind is ExecutionKind.TRADE
    with pytest.raises(UnknownWord, match="execType"):
        m.parse_execution(row | {"execType": "Gift"}, ANY)


@pytest.mark.parametrize("value", [None, "abc", "NaN", True, "inf"])
def test_a_quantity_that_is_no_number_is_malformed(value: object) -> None:
    with pytest.raises(m.MalformedMessage, match="`qty` should be a number"):
        m.parse_order(row_with(qty=value), ANY)


def test_a_quantity_off_the_lot_grid_is_malformed() -> None:
    with pytest.raises(m.MalformedMessage, match="no multiple of the lot"):
        m.parse_order(row_with(qty="0.0000005"), ANY)


def test_rows_of_other_symbols_and_products_are_left_alone_before_parsing() -> None:
    assert m.concerns({"symbol": "ANY", "category": "linear"}, "ANY")
    assert m.concerns({"symbol": "ANY"}, "ANY")
    assert not m.concerns({"symbol": "OTHER", "qty": "0.0000001"}, "ANY")
    assert not m.concerns({"symbol": "ANY", "category": "inverse"}, "ANY")


def test_what_a_hedged_or_endangered_position_says_is_read() -> None:
    row = rows_of(payload("rest_position_list_long_REAL.json"))[0]
    more = {"positionIdx": 2, "positionStatus": "Adl", "isReduceOnly": True, "adlRankIndicator": 4}
    position = m.parse_position(row | more, ANY)
    assert (position.position_index, position.status, position.adl_rank) == (2, "Adl", 4)
    assert position.is_reduce_only


def test_an_execution_says_its_coin_and_the_total_of_its_order() -> None:
    (row,) = rows_of(payload("ws_execution_market_REAL.json"))
    said = m.parse_execution(row | {"feeCurrency": "MNT", "orderQty": "2"}, ANY)
    assert (said.fee.coin, said.fee.usdt, said.order_quantity) == ("MNT", 0.0, 2_000_000)


def test_large_quantities_stay_on_their_lot() -> None:
    coarse = replace(ANY, lot=0.1)
    (row,) = rows_of(payload("ws_order_new_limit_REAL.json"))
    assert m.parse_order(row | {"qty": "98765432.7"}, coarse).quantity == 987654327
