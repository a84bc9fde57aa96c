"""The instrument table: dated facts of the symbols this version ships, and how to give your own.

Facts change; live sessions read them from the venue. Every result says the date of what it used.
"""

from __future__ import annotations

from runtime.errors import DataError
from runtime.market.instrument_facts import Instrument, RiskTier

AS_OF = "2026-11-23"
_SOURCE = "venue instruments-info and risk-limit, checked against recorded prices"

# (symbol, tick, lot, min lots, max lots, max market lots, max leverage)
_TABLE: tuple[tuple[str, float, float, int, int, int, float], ...] = (
    ("BTCUSDT", 0.1, 0.001, 1, 1_190_000, 119_000, 100.0),
    ("ETHUSDT", 0.01, 0.01, 1, 724_000, 72_400, 100.0),
    ("SOLUSDT", 0.01, 0.1, 1, 796_700, 79_670, 75.0),
    ("XRPUSDT", 0.0001, 0.1, 1, 79_540_000, 7_954_000, 75.0),
    ("WIFUSDT", 0.0001, 1.0, 1, 1_500_000, 300_000, 50.0),
)
# VENUE: risk-limit of BTCUSDT, recorded; deduction(n) = limit(n-1) * (mmr(n) - mmr(n-1)) + d(n-1).
# (limit in millions of USDT, maintenance rate, largest leverage); ETHUSDT is taken to be the same.
_BTC_MILLIONS = (
    (2, 0.005, 100), (2.6, 0.0056, 90), (3.2, 0.0063, 80), (3.8, 0.0067, 75), (4.4, 0.0071, 70),
    (5, 0.0077, 65), (5.6, 0.0091, 55), (8.5, 0.01, 50), (10, 0.013, 45), (14, 0.015, 40),
    (20, 0.016, 35), (28, 0.02, 30), (38, 0.025, 25), (50, 0.029, 20), (55, 0.03, 19),
    (60, 0.035, 18), (65, 0.036, 17), (70, 0.038, 16), (75, 0.04, 15), (80, 0.045, 14),
    (85, 0.05, 13), (90, 0.055, 12), (95, 0.06, 11), (100, 0.065, 10), (105, 0.07, 9),
    (110, 0.085, 8), (115, 0.095, 7), (120, 0.1, 6), (150, 0.12, 5), (200, 0.14, 4),
    (250, 0.18, 3), (400, 0.3, 2), (600, 0.42, 1.43), (800, 0.5, 1.28), (1200, 0.6, 1),
)  # fmt: skip
_BTC_TIERS = tuple((float(round(limit * 1e6)), rate, most) for limit, rate, most in _BTC_MILLIONS)
_NO_LIMIT = 1e12


def _guessed(max_leverage: float) -> tuple[tuple[float, float, float], ...]:
    """Return tiers that were not recorded: a strict guess of the rates, which ends no position.

    Strict, so that a small coin never looks safer than the large ones.
    """
    return ((200_000.0, 0.01, max_leverage), (1_000_000.0, 0.02, 25.0), (_NO_LIMIT, 0.05, 10.0))


def tiers(rows: tuple[tuple[float, float, float], ...]) -> tuple[RiskTier, ...]:
    """Return tiers with the venue's maintenance deductions worked out."""
    made: list[RiskTier] = []
    for limit, rate, leverage in rows:
        deduction = 0.0
        if made:
            before = made[-1]
            step = rate - before.maintenance_margin_rate
            deduction = before.limit_usdt * step + before.deduction_usdt
        made.append(RiskTier(limit, rate, leverage, deduction))
    return tuple(made)


_NO_TIERS = "risk tiers are a strict guess: --instrument or `ideacard data instruments` gives them"
_GUESSED = {
    "ETHUSDT": "risk tiers are taken to be those of BTCUSDT",
    **dict.fromkeys(("SOLUSDT", "XRPUSDT", "WIFUSDT"), _NO_TIERS),
}

INSTRUMENTS: dict[str, Instrument] = {
    symbol: Instrument(
        symbol=symbol,
        tick=tick,
        lot=lot,
        min_lots=low,
        max_lots=high,
        max_market_lots=market,
        min_notional_usdt=5.0,
        max_leverage=leverage,
        funding_interval_minutes=480,
        tiers=tiers(_BTC_TIERS if symbol in ("BTCUSDT", "ETHUSDT") else _guessed(leverage)),
        as_of=AS_OF,
        source=_SOURCE,
        venue="bybit",
        market="linear",
        guessed=_GUESSED.get(symbol, ""),
    )
    for symbol, tick, lot, low, high, market, leverage in _TABLE
}


def instrument_for(symbol: str) -> Instrument:
    """Return the facts of a symbol; DataError for one that is not in the table."""
    found = INSTRUMENTS.get(symbol)
    if found is None:
        raise DataError(
            f"no instrument facts for {symbol}; this version knows {', '.join(INSTRUMENTS)}. "
            f"Give them with --tick and --lot, or fetch them: ideacard data instruments {symbol}"
        )
    return found


# No venue has a grid outside these, and a number of steps beyond them is no exact float any more.
_LEAST_STEP, _LARGEST_STEP = 1e-15, 1e12


def custom_instrument(symbol: str, tick: float, lot: float) -> Instrument:
    """Return an instrument from facts the user gives; the result says so."""
    if not (_LEAST_STEP <= tick <= _LARGEST_STEP and _LEAST_STEP <= lot <= _LARGEST_STEP):
        raise DataError(
            f"tick and lot of {symbol} must be positive, from {_LEAST_STEP:g} to {_LARGEST_STEP:g}, "
            f"found {tick} and {lot}"
        )
    return Instrument(
        symbol=symbol,
        tick=tick,
        lot=lot,
        min_lots=1,
        max_lots=10**12,
        max_market_lots=10**12,
        min_notional_usdt=5.0,
        max_leverage=50.0,
        funding_interval_minutes=480,
        tiers=(),
        as_of=AS_OF,
        source="given on the command line",
        is_typed_in=True,
    )
