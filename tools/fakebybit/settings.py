"""What a run of the venue is made of: account, matching rules, cadence. One seed decides all chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class FillRule(StrEnum):
    """When a print fills a resting limit.

    `touch`: at its price or better, whole. `through`: beyond its price, whole.
    `queue`: at its price after the quantity that stood before it, beyond it whole.
    """

    TOUCH = "touch"
    THROUGH = "through"
    QUEUE = "queue"


class PathRule(StrEnum):
    """The way a bar is walked: `near` visits the extreme nearer to the open first."""

    NEAR = "near"
    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"


class ChildRule(StrEnum):
    """Partial stops and targets of one entry: one pair that grows, or a pair for each fill.

    VENUE: not documented which; a client must live with both.
    """

    GROW = "grow"
    PER_FILL = "per_fill"


class Environment(StrEnum):
    MAINNET = "mainnet"
    TESTNET = "testnet"
    DEMO = "demo"


INTERVALS: Mapping[str, int] = {
    "1": 60_000, "3": 180_000, "5": 300_000, "15": 900_000, "30": 1_800_000, "60": 3_600_000,
    "120": 7_200_000, "240": 14_400_000, "360": 21_600_000, "720": 43_200_000, "D": 86_400_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one venue; money in USDT, times in ms of the venue's clock.

    `effect_ms`: from the acknowledgement to the verdict. `depth`: base units on each level of the
    made-up book, None = without end. `market_slip`: how far from mark a market order may go.
    `band_adjusts`: a limit beyond the price band is moved to it (the venue's default) or refused.
    `strict`: refuse what the venue only frowns at (numbers that are not text, unknown parameters).
    """

    key: str = "key"
    secret: str = "secret"
    uid: str = "100475188"
    environment: Environment = Environment.TESTNET
    balance: Decimal = Decimal(10_000)
    seed: int = 0
    start_ms: int = 1_700_000_000_000
    fill: FillRule = FillRule.THROUGH
    path: PathRule = PathRule.NEAR
    children: ChildRule = ChildRule.GROW
    spread_ticks: int = 1
    depth: Decimal | None = None
    levels: int = 50
    effect_ms: int = 0
    market_slip: Decimal = Decimal("0.05")
    band_adjusts: bool = True
    strict: bool = True
    rate_limits: bool = True
    can_dcp: bool = True
    chatty_positions: bool = True
    kline_push_ms: int = 1_000
    ticker_push_ms: int = 1_000
    intervals: Mapping[str, int] = field(default_factory=lambda: dict(INTERVALS))
    funding_rate: Decimal = Decimal("0.0001")
    funding_rates: Mapping[int, Decimal] = field(default_factory=dict)
    closed_kept: int = 500
