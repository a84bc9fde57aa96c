"""What the venue says about a contract: grid, limits, fees and risk tiers.

Law: facts are frozen; a venue that changes them (it does, twice a month) gets a new object.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

D = Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One row of the risk table; rates are fractions, limits in quote currency."""

    id: int
    limit: Decimal
    maintenance: Decimal
    initial: Decimal
    max_leverage: Decimal
    deduction: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A linear perpetual. `tick_text` and `step_text` are written to the wire as they stand."""

    symbol: str
    base: str
    tick_text: str
    step_text: str
    min_qty: Decimal
    max_qty: Decimal
    max_market_qty: Decimal
    max_price: Decimal
    min_notional: Decimal
    tiers: tuple[Tier, ...]
    quote: str = "USDT"
    max_leverage: Decimal = D(100)
    taker: Decimal = D("0.00055")
    maker: Decimal = D("0.0002")
    funding_minutes: int = 480
    funding_cap: Decimal = D("0.005")
    band_x: Decimal = D("0.01")
    band_y: Decimal = D("0.02")
    status: str = "Trading"
    launch_ms: int = 1_584_230_400_000
    delivery_ms: int = 0

    @property
    def tick(self) -> Decimal:
        return D(self.tick_text)

    @property
    def step(self) -> Decimal:
        return D(self.step_text)

    def largest(self, *, at_market: bool) -> Decimal:
        """Return the largest quantity of one order."""
        return self.max_market_qty if at_market else self.max_qty

    def tier(self, value: Decimal) -> Tier:
        """Return the tier of a position of this value; beyond the table the last one."""
        return next((tier for tier in self.tiers if value <= tier.limit), self.tiers[-1])

    def cap(self, leverage: Decimal) -> Decimal:
        """Return the largest position value that this leverage may hold."""
        fitting = [tier.limit for tier in self.tiers if tier.max_leverage >= leverage]
        return max(fitting, default=self.tiers[0].limit)


def tiers(*rows: tuple[str, str, str]) -> tuple[Tier, ...]:
    """Build a risk table from (limit, maintenance rate, largest leverage) with its deductions.

    VENUE: deduction(n) = limit(n-1) * (MMR(n) - MMR(n-1)) + deduction(n-1).
    """
    table: list[Tier] = []
    for row in rows:
        limit, maintenance, leverage = map(D, row)
        last = table[-1] if table else None
        owed = last.limit * (maintenance - last.maintenance) + last.deduction if last else D(0)
        initial = (1 / leverage).quantize(D("0.0001"))
        table.append(
            Tier(
                id=len(table) + 1,
                limit=limit,
                maintenance=maintenance,
                initial=initial,
                max_leverage=leverage,
                deduction=owed,
            )
        )
    return tuple(table)


BTCUSDT = Instrument(
    symbol="BTCUSDT",
    base="BTC",
    tick_text="0.10",
    step_text="0.001",
    min_qty=D("0.001"),
    max_qty=D("1190"),
    max_market_qty=D("119"),
    max_price=D("1999999.80"),
    min_notional=D(5),
    tiers=tiers(
        ("2000000", "0.005", "100"),
        ("2600000", "0.0056", "90"),
        ("3200000", "0.0063", "80"),
        ("3800000", "0.0067", "75"),
        ("4400000", "0.0071", "70"),
        ("5000000", "0.0077", "65"),
        ("5600000", "0.0091", "55"),
        ("8500000", "0.01", "50"),
        ("10000000", "0.013", "45"),
        ("14000000", "0.015", "40"),
    ),
)
ETHUSDT = Instrument(
    symbol="ETHUSDT",
    base="ETH",
    tick_text="0.01",
    step_text="0.01",
    min_qty=D("0.01"),
    max_qty=D("7240"),
    max_market_qty=D("724"),
    max_price=D("199999.98"),
    min_notional=D(5),
    band_x=D("0.02"),
    band_y=D("0.04"),
    tiers=tiers(("900000", "0.005", "100"), ("1800000", "0.01", "50"), ("9000000", "0.02", "25")),
    launch_ms=1_615_766_400_000,
)
KNOWN = (BTCUSDT, ETHUSDT)
