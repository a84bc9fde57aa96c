"""What executions cost, and those that are no trade: fees, funding, settlement.

The law: an amount in another coin is never booked as USDT.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.account.ledger import Ledger
from runtime.backends.bybit.messages import Execution
from runtime.orders.events import FundingPaid

Alarm = Callable[[str, str], None]


def fee_of(row: Execution, alarm: Alarm) -> float:
    """Return the fee of an execution in USDT, positive = paid; what is not in USDT is told, not booked."""
    if row.fee is None:
        alarm("fee_unknown", f"execution {row.execution_id} carries no fee")
        return 0.0
    if row.fee_coin not in ("", "USDT"):
        # Booked in its own coin by the wallet; as USDT it would be a wrong amount.
        alarm("fee_in_coin", f"{row.execution_id} paid {row.fee} {row.fee_coin}")
        return 0.0
    return row.fee


def funding_of(row: Execution, ledger: Ledger, bar: int) -> FundingPaid:
    """Return a funding row as an event; a rate that it does not say follows from the position."""
    amount, rate = row.fee or 0.0, row.rate
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
