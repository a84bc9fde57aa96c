"""What executions cost, and those that are no trade: fees, funding, settlement.

The law: an amount in another coin is never booked as USDT. One that nobody says is told, and taken for what a
taker pays: less would let limits on costs and losses hold nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.account.ledger import Ledger
from runtime.backends.base import Loudness, Notice, Tell
from runtime.backends.bybit.fees import Fee
from runtime.backends.bybit.messages import Execution
from runtime.orders.events import FundingPaid

Alarm = Callable[[str, str], None]


def fee_of(row: Execution, ledger: Ledger, alarm: Alarm) -> Fee:
    """Return the fee of an execution, its part in USDT always a number; what is odd about it is told."""
    name = row.execution_id
    if row.fee.usdt is None:
        usdt = ledger.instrument.notional(row.quantity, row.price) * ledger.taker_rate
        alarm(
            "fee_unknown", f"execution {name} carries no fee: booked as a taker's, {usdt:.4f} USDT"
        )
        return Fee(usdt=usdt)
    if row.fee.coin:
        alarm("fee_in_coin", f"{name} paid {row.fee.amount} {row.fee.coin}")
    return row.fee


def funding_of(row: Execution, ledger: Ledger, tell: Tell, bar: int) -> FundingPaid:
    """Return a funding row as an event; one whose amount in USDT nobody knows books none, and that is told.

    A rate that it does not say follows from the position.
    """
    amount, rate = row.fee.usdt or 0.0, row.rate
    if row.fee.coin or row.fee.usdt is None:
        paid = f"{row.fee.amount} {row.fee.coin}" if row.fee.coin else "an amount nobody says"
        text = f"funding {row.execution_id} was {paid}: it is not booked"
        tell(Notice(kind="funding_in_coin", loudness=Loudness.HALT, text=text, ts=row.ts))
    if rate is None:
        position = ledger.position
        notional = ledger.instrument.notional(row.quantity, row.price)
        sign = 1.0 if position is None else float(position.side.sign)
        rate = sign * amount / notional if notional else 0.0
    return FundingPaid(
        symbol=row.symbol,
        rate=rate,
        mark=row.price,
        amount=amount,
        bar=bar,
        ts=row.ts,
        execution_id=row.execution_id,
    )
