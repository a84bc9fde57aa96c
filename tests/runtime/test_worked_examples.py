"""The venue's own worked examples, to the cent, through the functions that book our money.

Each test names the page its figures stand on. Pages were read in November 2026.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from functools import partial

import pytest

from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.account.margin import free_margin
from runtime.formulas.margin import (
    bankruptcy_price,
    initial_margin,
    liquidation_price,
    maintenance_rate,
)
from runtime.formulas.pnl import funding
from runtime.market.data import FundingSeries
from runtime.market.instrument_facts import Instrument
from runtime.market.instrument_table import INSTRUMENTS, tiers
from runtime.orders.order_spec import Effect, RemovalMethod, Side
from tests.runtime.backends.sim.bench import MINUTE, TEST, Bench, Row, frame

CENT = 0.005
BTC = INSTRUMENTS["BTCUSDT"]


def still(price: float) -> Row:
    return (price, price, price, price)


def position(side: Side, *entries: tuple[float, float]) -> ScaledPosition:
    """Return a BTC position of (base, price) entries, one layer each."""
    made = ScaledPosition("BTCUSDT", side, BTC, 0, 0)
    for number, (base, price) in enumerate(entries):
        lots = BTC.lots_for_base(base)
        made.add_layer(
            PositionLayer(
                layer_id=f"l{number}", order_id=f"l{number}", quantity=lots, entry_price=price
            )
        )
    return made


# ---------------------------------------------------------------- liquidation


def rate_of(instrument: Instrument, value: float) -> float:
    """Return the effective maintenance rate of a position value."""
    tier = instrument.tier(value)
    return maintenance_rate(tier.maintenance_margin_rate, tier.deduction_usdt, value)


@pytest.mark.parametrize(
    ("side", "entry", "leverage", "expected"),
    [(Side.BUY, 10_000.0, 50.0, 9_850.0), (Side.SELL, 8_000.0, 40.0, 8_160.0)],
)
def test_isolated_liquidation_prices_are_those_of_the_help_centre(
    side: Side, entry: float, leverage: float, expected: float
) -> None:
    """Long 1 BTC at 10,000 with 50x: 9,850. Short 1 BTC at 8,000 with 40x: 8,160. Rate 0.5 %.

    help.bybit.com/hc/en-us/articles/900000181046-Liquidation-Price-USDT-Contract-
    """
    assert rate_of(BTC, entry) == 0.005
    price = liquidation_price(side.sign, entry, leverage, rate_of(BTC, entry), 0.0)
    assert price == pytest.approx(expected, abs=CENT)


def test_isolated_liquidation_of_the_unified_account_is_that_of_the_design_facts() -> None:
    """Long 1 BTC at 50,000, 10x, rate 0.5 %: liquidation 45,250, takeover at 45,000.

    testnet.bybit.com/ar-SA/help-center/article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account
    """
    assert liquidation_price(1, 50_000, 10, 0.005, 0.0) == pytest.approx(45_250, abs=CENT)
    assert bankruptcy_price(1, 50_000, 10) == pytest.approx(45_000, abs=CENT)
    assert liquidation_price(-1, 50_000, 10, 0.005, 0.0) == pytest.approx(54_750, abs=CENT)
    assert bankruptcy_price(-1, 50_000, 10) == pytest.approx(55_000, abs=CENT)


@pytest.mark.parametrize(
    ("side", "extra", "expected"), [(Side.BUY, 3_000.0, 16_700.0), (Side.SELL, 3_000.0, 23_300.0)]
)
def test_extra_margin_moves_the_liquidation_price_away(
    side: Side, extra: float, expected: float
) -> None:
    """1 BTC at 20,000 with 50x and 3,000 USDT added: a short's liquidation price becomes 23,300.

    The page's example is the short; the long is its mirror (19,700 before the margin is added).
    "Liquidation Price (USDT Contract)" as retold at wuyelx.com/4039.html
    """
    price = liquidation_price(side.sign, 20_000, 50, 0.005, extra)
    assert price == pytest.approx(expected, abs=CENT)


XYZ = replace(
    TEST,
    tiers=tiers(
        ((1_000.0, 0.02, 50.0), (2_000.0, 0.025, 50.0), (3_000.0, 0.03, 50.0),
         (4_000.0, 0.035, 50.0), (5_000.0, 0.04, 50.0))
    ),
)  # fmt: skip


def test_a_position_above_the_first_tier_pays_each_tiers_rate_on_its_own_part() -> None:
    """100 contracts at 35 (3,500 USDT) over the page's tiers of 2, 2.5, 3 and 3.5 %.

    "Any excess beyond a particular tier is subject to the rate of the new tier": 20 + 25 + 30 +
    17.50 = 92.50. "Maintenance Margin (USDT Contract)", read at
    www.bytick.com/fil-PH/help-center/search-result?page=34&pageSize=10&query=Bybit
    """
    rate = rate_of(XYZ, 3_500.0)
    assert rate * 3_500 == pytest.approx(92.50, abs=CENT)


@pytest.mark.parametrize(("side", "expected"), [("buy", 32.425), ("sell", 37.575)])
def test_liquidation_above_the_first_tier_takes_the_deduction_into_account(
    side: str, expected: float
) -> None:
    """The same position with 10x: initial margin 350, so 35 -+ (350 - 92.50) / 100.

    Worked by us: the page's position in the formula of
    testnet.bybit.com/ar-SA/help-center/article/Liquidation-Price-Calculation-under-Isolated-Mode-Unified-Trading-Account
    """
    account = {"max_leverage": 10.0, "maintenance_margin_rate": 0.0}
    bench = Bench([still(35.0)], account=account)
    bench.ledger.instrument = XYZ
    bench.place(side, "market", 100)
    bench.bar()
    assert bench.ledger.liquidation_mark == pytest.approx(expected, abs=CENT / 10)


def test_a_liquidation_costs_the_initial_margin_and_no_more() -> None:
    """Long 1 at 10,000 with 50x is taken over at the bankruptcy price: 200 USDT are lost.

    help.bybit.com/hc/en-us/articles/900000181046-Liquidation-Price-USDT-Contract-
    """
    rows: list[Row] = [still(10_000.0), (10_000.0, 10_000.0, 9_850.0, 9_900.0)]
    bench = Bench(rows, account={"max_leverage": 50.0})
    bench.place("buy", "market", 1)
    bench.bar(2)
    assert bench.ledger.position is None
    assert bench.ledger.account.realized == pytest.approx(-200.0, abs=CENT)
    rows[1] = (10_000.0, 10_000.0, 9_851.0, 9_900.0)  # a tick above: it lives
    bench = Bench(rows, account={"max_leverage": 50.0})
    bench.place("buy", "market", 1)
    bench.bar(2)
    assert bench.ledger.position is not None


def test_a_liquidation_pays_the_fee_to_close_at_the_bankruptcy_price() -> None:
    """40 at 250 with 5x and 0.1 %: the margin of 2,000 and 40 * 200 * 0.001 = 8; 10 were paid to open."""
    rows: list[Row] = [still(250.0), (250.0, 250.0, 200.0, 200.0)]
    bench = Bench(rows, account={"max_leverage": 5.0, "taker_bps": 10.0})
    bench.place("buy", "market", 40)
    bench.bar(2)
    account = bench.ledger.account
    assert (account.realized, account.fees) == (pytest.approx(-2_000.0), pytest.approx(10.0 + 8.0))


# ---------------------------------------------------------------- funding


@pytest.mark.parametrize(
    ("side", "rate", "pays"),
    [
        (Side.BUY, 0.000001, 0.16),
        (Side.SELL, 0.000001, -0.16),
        (Side.BUY, -0.000001, -0.16),
        (Side.SELL, -0.000001, 0.16),
    ],
)
def test_who_pays_funding_and_how_much(side: Side, rate: float, pays: float) -> None:
    """10 BTC at a mark of 16,000 and 0.0001 %: 160,000 * 0.000001 = 0.16, the long pays the short.

    With a negative rate the short pays. Figures as retold at pastorq.com/10809.html, the rule:
    bybit.com/ro-RO/help-center/article/Funding-fee-calculationDerivatives_Trading_Mechanism_UTA
    """
    assert funding(side.sign, 10.0, 16_000.0, rate) == pytest.approx(pays, abs=1e-9)


@pytest.mark.parametrize(("side", "pays"), [("buy", 0.16), ("sell", -0.16)])
def test_funding_is_booked_on_the_mark_not_on_the_last_price(side: str, pays: float) -> None:
    """The same example through the exchange: bought at 15,900, mark 16,000 at the funding time.

    bybit.com/ro-RO/help-center/article/Funding-fee-calculationDerivatives_Trading_Mechanism_UTA
    """
    funding = FundingSeries(array("q", [MINUTE]), array("d", [0.000001]))
    bench = Bench([still(15_900.0)], funding=funding, mark=frame([still(16_000.0)]))
    bench.place(side, "market", 10)
    bench.bar()
    assert bench.ledger.account.funding == pytest.approx(pays, abs=1e-9)
    assert bench.ledger.account.balance == pytest.approx(1_000_000 - pays, abs=1e-9)


# ---------------------------------------------------------------- average entry and profit


def test_the_average_entry_price_of_several_entries() -> None:
    """0.5 BTC at 5,000 and 0.3 BTC at 6,000: 4,300 / 0.8 = 5,375.

    help.bybit.com/hc/en-us/articles/900000630066-P-L-calculations-USDT-Contract-
    """
    held = position(Side.BUY, (0.5, 5_000.0), (0.3, 6_000.0))
    assert held.total_size_usdt == pytest.approx(4_300.0, abs=CENT)
    assert held.avg_entry_price == pytest.approx(5_375.0, abs=CENT)


@pytest.mark.parametrize(
    ("side", "base", "entry", "last", "expected"),
    [(Side.BUY, 0.2, 7_000.0, 7_500.0, 100.0), (Side.SELL, 0.4, 6_000.0, 5_000.0, 400.0)],
)
def test_unrealized_profit(
    side: Side, base: float, entry: float, last: float, expected: float
) -> None:
    """Long 0.2 from 7,000 at 7,500: 100. Short 0.4 from 6,000 at 5,000: 400.

    help.bybit.com/hc/en-us/articles/900000630066-P-L-calculations-USDT-Contract-
    """
    assert position(side, (base, entry)).unrealized(last) == pytest.approx(expected, abs=CENT)


@pytest.mark.parametrize("method", list(RemovalMethod))
def test_a_close_keeps_the_average_entry_price(method: RemovalMethod) -> None:
    """Half of 0.8 BTC at 5,375 is closed; the rest still stands at 5,375 (reducing never moves it).

    bybit-exchange/docs: docs/v5/position/position-info.mdx (`avgPrice`); figures as above.
    """
    held = position(Side.BUY, (0.5, 5_000.0), (0.3, 6_000.0))
    parts = held.remove(400, method)
    assert sum(part.quantity for part in parts) == 400
    assert held.avg_entry_price == pytest.approx(5_375.0, abs=CENT)


def test_fills_after_a_partial_close_average_with_what_is_still_held() -> None:
    """One order buys 10 at 100, 5 leave at 110, it buys 10 more at 90: 1,400 / 15, not 1,900 / 20.

    The page's formula (total contract value / total quantity) of the position as it then is:
    help.bybit.com/hc/en-us/articles/900000630066-P-L-calculations-USDT-Contract-
    """
    held = ScaledPosition("TEST", Side.BUY, TEST, 0, 0)
    layer = partial(PositionLayer, layer_id="o", order_id="o", quantity=10)
    held.add_layer(layer(entry_price=100.0))
    (part,) = held.remove(5, RemovalMethod.FIFO)
    assert part.entry_price == 100.0
    held.add_layer(layer(entry_price=90.0))
    assert held.avg_entry_price == pytest.approx(1_400 / 15, abs=1e-9)
    assert held.unrealized(100.0) == pytest.approx(100.0, abs=1e-9)


def test_closed_profit_is_after_both_fees_and_funding() -> None:
    """Short 0.4 BTC from 6,000 to 5,000, 0.055 % both ways, 2.10 of funding: 395.48.

    400 - 1.32 - 1.10 - 2.10. help.bybit.com/hc/en-us/articles/900000630066-P-L-calculations-USDT-Contract-
    with the fees of its later version, as retold at pastorq.com/7518.html.
    """
    # 4 lots at a tenth of the price each are the same money: 4 * 600 = 0.4 * 6,000.
    rate = -2.10 / (4 * 500)
    funding = FundingSeries(array("q", [2 * MINUTE]), array("d", [rate]))
    bench = Bench([still(600.0), still(500.0), still(500.0)], account={"taker_bps": 5.5},
                  funding=funding)  # fmt: skip
    bench.place("sell", "market", 4)
    bench.bar(2)
    bench.place("buy", "market", 4, effect=Effect.REDUCE)
    bench.bar()
    account = bench.ledger.account
    assert account.realized == pytest.approx(400.0, abs=CENT)
    assert account.fees == pytest.approx(1.32 + 1.10, abs=CENT)
    assert account.funding == pytest.approx(2.10, abs=CENT)
    assert account.balance - account.starting_equity == pytest.approx(395.48, abs=CENT)


# ---------------------------------------------------------------- initial margin


def test_the_margin_of_an_order_holds_the_fee_to_close_at_the_bankruptcy_price() -> None:
    """1 BTC long at 50,000 with 10x and 0.055 %: 5,000 and 24.75 to close (27.50 to open is a fee).

    A short's bankruptcy price is 55,000: 30.25 to close.
    testnet.bybit.com/en/help-center/article/Order-Cost-USDT-Contract, figures: ukcamo.com/14820.html
    """
    long, short = (initial_margin(sign, 50_000, 10, 0.00055) for sign in (1, -1))
    assert long == pytest.approx(5_024.75, abs=CENT)
    assert short == pytest.approx(5_030.25, abs=CENT)


def test_the_margin_of_a_position_holds_the_fee_to_close_too() -> None:
    """0.2 BTC long from 7,000 with 10x: 140 of margin and 6,300 * 0.2 * 0.055 % = 0.693.

    "P&L calculations (USDT Contract)" as retold at wuyelx.com/2191.html. Here 2 lots at 700.
    """
    bench = Bench([still(700.0)], account={"max_leverage": 10.0, "taker_bps": 5.5})
    bench.place("buy", "market", 2)
    bench.bar()
    assert bench.ledger.position_margin == pytest.approx(140.693, abs=CENT / 10)
    free = free_margin(bench.ledger, Side.BUY)
    assert free == pytest.approx(1_000_000 - 0.77 - 140.693, abs=CENT)
