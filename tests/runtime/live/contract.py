"""The contract of the live tests, and the topics of a session: in a file that a new process reads in no time."""

from __future__ import annotations

from runtime.market.instrument_facts import Instrument, RiskTier

MINUTE = 60_000
SYMBOL = "BTCUSDT"
BTC = Instrument(
    symbol=SYMBOL, tick=0.1, lot=0.001, min_lots=1, max_lots=1_190_000, max_market_lots=119_000,
    min_notional_usdt=5.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip
TOPICS = ("order", "execution", "position", "wallet")
