"""What the run earned and what it cost."""

from __future__ import annotations

import math

from runtime.reports.figures import growth, percent, ratio
from runtime.reports.measures import DAY_MS, YEAR_MS, Metric, RunView, Value

_SHORTEST_DAYS = 7


def _cagr(run: RunView) -> Value:
    if run.period_ms < _SHORTEST_DAYS * DAY_MS or run.starting_equity <= 0:
        return None
    return percent(growth(run.final_equity / run.starting_equity, YEAR_MS / run.period_ms))


def _gross_profit(run: RunView) -> float:
    return math.fsum(t.net_pnl for t in run.closed if t.net_pnl > 0)


def _gross_loss(run: RunView) -> float:
    return math.fsum(t.net_pnl for t in run.closed if t.net_pnl < 0)


def _fee_share(run: RunView) -> Value:
    before_costs = math.fsum(t.gross_pnl for t in run.closed if t.gross_pnl > 0)
    fees = math.fsum(t.fees for t in run.closed)
    return percent(ratio(fees, before_costs))


MONEY = (
    Metric(
        name="starting_equity_usdt", unit="usdt", title="Starting equity",
        definition="equity before the first bar, as the card sets it",
        formula="account.starting_equity_usdt", undefined="never",
        compute=lambda run: run.starting_equity,
    ),
    Metric(
        name="final_equity_usdt", unit="usdt", title="Final equity",
        definition="equity at the last close, an open position valued there",
        formula="balance + unrealized", undefined="never",
        compute=lambda run: run.final_equity,
    ),
    Metric(
        name="net_profit_usdt", unit="usdt", title="Net profit",
        definition="what the run earned after fees and funding, open position included",
        formula="final_equity - starting_equity", undefined="never",
        compute=lambda run: run.net_profit,
    ),
    Metric(
        name="net_return_pct", unit="pct", title="Net return",
        definition="net profit relative to the starting equity",
        formula="100 * net_profit / starting_equity", undefined="the starting equity is zero",
        compute=lambda run: percent(ratio(run.net_profit, run.starting_equity)),
    ),
    Metric(
        name="gross_profit_usdt", unit="usdt", title="Gross profit",
        definition="sum of the net results of winning trades",
        formula="sum(net_pnl where net_pnl > 0)", undefined="never",
        compute=_gross_profit,
    ),
    Metric(
        name="gross_loss_usdt", unit="usdt", title="Gross loss",
        definition="sum of the net results of losing trades (zero or negative)",
        formula="sum(net_pnl where net_pnl < 0)", undefined="never",
        compute=_gross_loss,
    ),
    Metric(
        name="total_fees_usdt", unit="usdt", title="Fees",
        definition="all fees paid, those of an open position included",
        formula="sum(fill fees)", undefined="never",
        compute=lambda run: run.record.fees_paid,
    ),
    Metric(
        name="total_funding_usdt", unit="usdt", title="Funding",
        definition="funding paid less funding received (positive: paid)",
        formula="sum(quantity * mark * rate)", undefined="never",
        compute=lambda run: run.record.funding_paid,
    ),
    Metric(
        name="fees_to_gross_profit_pct", unit="pct", title="Fees of gross profit",
        definition="fees of closed trades as a share of what trades earned before costs",
        formula="100 * sum(fees) / sum(gross_pnl where gross_pnl > 0)",
        undefined="no trade earned anything before costs",
        compute=_fee_share,
    ),
    Metric(
        name="cagr_pct", unit="pct", title="CAGR",
        definition="yearly growth that gives the net return over the period (365-day year)",
        formula="100 * ((final_equity / starting_equity) ** (365 days / period) - 1)",
        undefined=f"the period is shorter than {_SHORTEST_DAYS} days or equity ended at or below zero",
        compute=_cagr,
    ),
)  # fmt: skip
