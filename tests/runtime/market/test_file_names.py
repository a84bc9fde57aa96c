"""A file's name says what the file is or nothing, never another instrument or another price."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.market.file_names import from_name, hints_of
from runtime.market.identity import Market, PriceKind, Stated
from runtime.market.whose import is_another_contract

# Of a dated future, an option, a leveraged token: the name says which, and that it is no perpetual.
OTHERS = {
    "BTCUSDT_260327-15m-2025-10": "BTCUSDT260327",  # Binance
    "BTCUSD_260327_1h": "BTCUSD260327",
    "btcusdt260327_1h": "BTCUSDT260327",
    "BTCUSDT-26DEC25_15m": "BTCUSDT26DEC25",  # Bybit
    "BTC-27MAR26_1h": "BTC27MAR26",  # Deribit
    "BTC-26DEC25-100000-C": "BTC26DEC25100000C",
    "BTC-USDT-251226_15m": "BTCUSDT251226",  # OKX
    "BTCUSDZ25_1h": "BTCUSDZ25",
    "BTCUSDTH2026": "BTCUSDTH2026",
    "BTCUSDT_3L": "BTCUSDT3L",
    "BTC_USDT_3S": "BTCUSDT3S",
    "BTC3LUSDT_15m": "BTC3LUSDT",
    "BTCUPUSDT-1h": "BTCUPUSDT",
}
# A word beside the pair may make it another: nothing is said.
VAGUE = (
    "BTCUSDT.S_15m", "BTCUSDT.m_M15", "BTCUSDT_QUARTER_15m", "BTCUSDT_250924", "BTCUSDT_20250926",
    "BTCUSDT_ETHUSDT_15m", "BTCUSDT-CQ-1h", "BTC-USDT-NEXT_15m", "BTCUSDT_3X_LONG_15m", "BTCUSDT_leveraged",
    "BTCUSDT_settlement_15m", "BYBIT_BTCUSDT.P, 15 (Heikin Ashi)", "BTCUSDT_15m_renko", "BTCUSDT_0628", "BTCUSDT_in_EUR",
    "synthetic_BTCUSDT_15m", "BTCUSDT_shuffled", "BTCUSDT_bid_15m",
)  # fmt: skip
PLAIN = (
    "bybit_perp_BTCUSDT_15m_20250924_20260721", "BTCUSDT2025-09-24", "BTCUSDT-1h-2024-12", "BTC_USDT-1h",
    "BTCUSDT_20250924", "BTCUSDT_250926_251010", "BTCUSDT.P_15m", "BYBIT_BTCUSDT.P, 15", "BTCUSDTPERP_1h",
    "BTCUSDT.H1", "BTCUSDT.bars", "BTCUSDT_M15", "BTCUSDT_M30", "market_BTCUSDT", "okx_BTC-USDT-SWAP_15m",
    "BTCUSDT_UMCBL_15m", "BTCUSDT_15m_with_funding", "BTC_USDT_USDT-1h-futures", "BYBIT_BTCUSDT.P, 60_8f3c1",
    "BYBIT_BTCUSDT.P, 60 novol", "BTCUSDT_15_2024-01-01_2024-01-31", "BTCUSDT-aggTrades-2024-01", "BTCUSDT 15m - Copy",
    "BTCUSDT_15m (1)", "BTCUSDT_20240101_120000", "BTCUSDT-1h-2025-09a", "Binance_BTCUSDT_minute",
)  # fmt: skip
PRICES = {
    "BTCUSDT-15m-mark": "mark",
    "mark_BTCUSDT_1h": "mark",
    "BTCUSDT_markPrice_1h": "mark",
    "BTCUSDT_index_15m": "index",
    "BTCUSDTindexPrice-15m": "index",
    "BTCUSDT_premiumIndex_15m": "premium index",
    "BTCUSDTpremiumIndexKlines-15m": "premium index",
    "premium-index-BTCUSDT": "premium index",
    "BTCUSDT_OI_15m": "open interest",
    "BTC_USDT_basis": "basis",
    "BTCUSDT_15m_basis": "basis",
    "BTCUSDT_open_interest_15m": "open interest",
    "BTCUSDT_fairPrice_15m": "mark",
    "um/monthly/markPriceKlines/BTCUSDT/15m/BTCUSDT-15m-2025-10": "mark",
    "um/monthly/indexPriceKlines/BTCUSDT/15m/BTCUSDT-15m-2025-10": "index",
}


@pytest.mark.parametrize(("name", "symbol"), OTHERS.items())
def test_what_is_no_perpetual_is_never_called_one(name: str, symbol: str) -> None:
    hints = hints_of(f"{name}.csv")
    assert (hints.symbol, hints.market) == (symbol, Market.OTHER)
    assert from_name(Path(f"{name}.csv")).symbol == symbol
    assert is_another_contract(symbol)


@pytest.mark.parametrize("name", VAGUE)
def test_a_name_that_may_mean_another_says_nothing(name: str) -> None:
    hints = hints_of(f"{name}.csv")
    assert (hints.symbol, hints.is_vague) == (None, True)
    assert from_name(Path(f"{name}.csv")).stated is Stated.NOBODY


@pytest.mark.parametrize("name", PLAIN)
def test_days_timeframes_and_words_around_it_leave_a_symbol_what_it_is(name: str) -> None:
    hints = hints_of(f"{name}.csv")
    assert (hints.symbol, hints.price) == ("BTCUSDT", None)
    assert hints.market in (None, Market.LINEAR)
    assert from_name(Path(f"{name}.csv")).symbol == "BTCUSDT"


@pytest.mark.parametrize(("name", "price"), PRICES.items())
def test_marks_indices_and_figures_are_told_from_traded_prices(name: str, price: str) -> None:
    hints = hints_of(f"{name}.csv.gz")
    assert (hints.symbol, hints.price) == ("BTCUSDT", price)
    is_mark = from_name(Path(f"{name}.csv")).price is PriceKind.MARK
    assert is_mark == (price == "mark")


@pytest.mark.parametrize(
    "symbol", ["1000PEPEUSDT", "1000000MOGUSDT", "SYRUPUSDT", "JUPUSDT", "BTCPERP", "XBTUSD"]
)
def test_a_perpetual_with_an_odd_name_stays_one(symbol: str) -> None:
    assert not is_another_contract(symbol)
    assert hints_of(f"{symbol}_15m.csv").market in (None, Market.INVERSE)


def test_a_vague_name_still_speaks_of_no_other_coin() -> None:
    vague = hints_of("BTCUSDT_3X_LONG_15m.csv")
    assert vague.other_than("ETHUSDT") == "BTCUSDT"
    assert vague.other_than("BTCUSDT") is vague.other_than("BTCUSDT3L") is None
    assert vague.doubt == "BTCUSDT stands beside `3x long`, which may make it another"
    assert hints_of("mine.csv").other_than("ETHUSDT") is None


@pytest.mark.parametrize("name", ["XRPETH_5m_renko", "BTCEUR_open", "SOLEUR_3x_short"])
def test_a_pair_in_another_coin_is_held_to_the_same_law(name: str) -> None:
    assert from_name(Path(f"{name}.csv")).stated is Stated.NOBODY
