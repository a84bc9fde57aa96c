"""The instrument table against the venue's recorded answers."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from runtime.errors import DataError
from runtime.market.bar_files import load_bars
from runtime.market.download import instrument_of
from runtime.market.instrument_table import AS_OF, INSTRUMENTS, instrument_for
from tests.data_files import ROOT, shared

RECORDED = "payloads/rest_instruments_info_BTC_ETH_REAL.json"
TIERS = "payloads/rest_risk_limit_BTCUSDT_result_only_REAL.json"
SYMBOLS = ("BTCUSDT", "ETHUSDT")


def rows(name: str) -> list[dict[str, Any]]:
    payload = json.loads(shared(name).read_text())
    listed = payload.get("result", payload)["list"]
    assert isinstance(listed, list)
    return listed


def row(symbol: str) -> dict[str, Any]:
    return next(r for r in rows(RECORDED) if r["symbol"] == symbol)


def test_every_symbol_of_the_gallery_has_facts() -> None:
    named = {
        found
        for card in (ROOT / "cards" / "gallery").glob("*.yaml")
        for found in re.findall(r"\b[A-Z]{3,6}USDT\b", card.read_text())
    }
    assert named
    assert named <= set(INSTRUMENTS)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_steps_and_smallest_orders_are_the_recorded_ones(symbol: str) -> None:
    ours, theirs = instrument_for(symbol), row(symbol)
    lots = theirs["lotSizeFilter"]
    assert ours.tick == float(theirs["priceFilter"]["tickSize"])
    assert ours.lot == float(lots["qtyStep"])
    assert ours.base(ours.min_lots) == float(lots["minOrderQty"])
    assert ours.min_notional_usdt == float(lots["minNotionalValue"])


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_largest_orders_leverage_and_funding_interval_are_the_recorded_ones(symbol: str) -> None:
    ours, theirs = instrument_for(symbol), row(symbol)
    lots = theirs["lotSizeFilter"]
    assert ours.base(ours.max_lots) == float(lots["maxOrderQty"])
    assert ours.base(ours.max_market_lots) == float(lots["maxMktOrderQty"])
    assert ours.max_leverage == float(theirs["leverageFilter"]["maxLeverage"])
    assert ours.funding_interval_minutes == int(theirs["fundingInterval"])


def test_every_recorded_risk_tier_of_btc_is_in_the_table() -> None:
    recorded = [
        (float(r["riskLimitValue"]), float(r["maintenanceMargin"]), float(r["maxLeverage"]))
        for r in rows(TIERS)
    ]
    ours = [
        (tier.limit_usdt, tier.maintenance_margin_rate, tier.max_leverage)
        for tier in INSTRUMENTS["BTCUSDT"].tiers
    ]
    assert ours == recorded


@pytest.mark.parametrize("symbol", sorted(INSTRUMENTS))
def test_maintenance_margin_grows_without_a_jump_from_tier_to_tier(symbol: str) -> None:
    tiers = INSTRUMENTS[symbol].tiers
    for low, high in itertools.pairwise(tiers):
        assert low.limit_usdt < high.limit_usdt
        assert low.maintenance_margin_rate < high.maintenance_margin_rate
        assert low.max_leverage > high.max_leverage
        below = low.limit_usdt * low.maintenance_margin_rate - low.deduction_usdt
        above = low.limit_usdt * high.maintenance_margin_rate - high.deduction_usdt
        assert above == pytest.approx(below, abs=0.01)


def test_symbols_without_recorded_tiers_never_look_safer_than_bitcoin() -> None:
    for symbol in sorted(set(INSTRUMENTS) - set(SYMBOLS)):
        for value in (1e3, 1e5, 1e6, 3e6):
            ours, large = instrument_for(symbol).tier(value), instrument_for("BTCUSDT").tier(value)
            assert ours.maintenance_margin_rate > large.maintenance_margin_rate
            assert ours.max_leverage < large.max_leverage


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("BTCUSDT", "bybit_perp_BTCUSDT_15m_20250924_20260721"),
        ("ETHUSDT", "bybit_perp_ETHUSDT_15m_20250924_20260721"),
        ("WIFUSDT", "bybit_perp_WIFUSDT_1m_20250423_20250524"),
    ],
)
def test_recorded_prices_lie_on_the_tick_grid_and_use_all_of_it(symbol: str, name: str) -> None:
    ours = instrument_for(symbol)
    frame = load_bars(Path(shared(f"data/{name}.parquet")), symbol).frame
    off = [p for p in frame.close if abs(ours.round_price(p) - p) > ours.tick * 1e-6]
    assert not off
    assert {ours.ticks(p) % 10 for p in frame.close} == set(range(10)), "the tick is too fine"


def test_the_table_says_its_date() -> None:
    assert {facts.as_of for facts in INSTRUMENTS.values()} == {AS_OF}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", AS_OF)


@pytest.mark.parametrize(
    ("room", "name", "value", "told"),
    [("lotSizeFilter", "maxMktOrderQty", "0", "largest market order"),
     ("lotSizeFilter", "maxMktOrderQty", "-1", "largest market order"),
     ("lotSizeFilter", "minOrderQty", "0", "smallest order"),
     ("lotSizeFilter", "maxOrderQty", "0.0001", "largest order"),
     ("lotSizeFilter", "qtyStep", "100000", "largest order"),
     ("lotSizeFilter", "qtyStep", "0", "lot"),
     ("lotSizeFilter", "minNotionalValue", "nan", "least notional"),
     ("priceFilter", "tickSize", "inf", "tick"),
     ("leverageFilter", "maxLeverage", "0", "largest leverage")],
)  # fmt: skip
def test_facts_that_no_contract_can_have_are_refused_with_their_name(
    room: str, name: str, value: str, told: str
) -> None:
    told_row = row("BTCUSDT")
    wrong = {**told_row, room: {**told_row[room], name: value}}
    assert instrument_of(told_row, [], "").max_market_lots > 0
    with pytest.raises(DataError, match=f"BTCUSDT cannot be true: (.*; )?{told} is .*, expected"):
        instrument_of(wrong, [], "")
