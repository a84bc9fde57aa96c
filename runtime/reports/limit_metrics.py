"""How the card's own orders fared: fills, patience, adverse selection, slippage, turnover.

Limit orders are entries and exits of type limit or stop-limit. Protective orders are left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from runtime.market.frame import Frame
from runtime.orders.order_spec import OWN
from runtime.records.rows import FillRow, OrderRow, RunRecord
from runtime.reports.figures import mean, percent, ratio, stdev
from runtime.reports.measures import Metric, RunView, Value, run_view
from runtime.reports.metrics import measure
from runtime.reports.metrics_trades import payoff_ratio

_NO_LIMITS = "no limit order was placed"
_NO_FILLS = "nothing was filled"


def _limits(run: RunView) -> list[OrderRow]:
    return [
        o for o in run.record.orders if o.role in OWN and o.order_type in ("limit", "stop_limit")
    ]


def _with_status(*statuses: str) -> Callable[[RunView], Value]:
    return lambda run: sum(1 for o in _limits(run) if o.status in statuses)


def _is_part(order: OrderRow) -> bool:
    return 0 < order.filled < order.quantity


def _fill_ratio(run: RunView) -> Value:
    orders = _limits(run)
    return percent(ratio(sum(1 for o in orders if o.filled > 0), len(orders)))


def _quantity_ratio(run: RunView) -> Value:
    orders = _limits(run)
    asked = math.fsum(o.quantity for o in orders)
    return percent(ratio(math.fsum(o.filled for o in orders), asked))


def _partial_ratio(run: RunView) -> Value:
    filled = [o for o in _limits(run) if o.filled > 0]
    return percent(ratio(sum(1 for o in filled if _is_part(o)), len(filled)))


def _bars_to_fill(run: RunView) -> Value:
    return mean(
        [o.first_fill_bar - o.created_bar for o in _limits(run) if o.first_fill_bar is not None]
    )


def _sign(side: str) -> int:
    return 1 if side == "buy" else -1


def _weighted(rows: list[tuple[float, float]]) -> Value:
    """Return the mean of (value, weight) rows."""
    return ratio(math.fsum(v * w for v, w in rows), math.fsum(w for _v, w in rows))


def _adverse(bars: int) -> Callable[[RunView], Value]:
    def compute(run: RunView) -> Value:
        own = {o.order_id for o in _limits(run)}
        rows = []
        for fill in run.record.fills:
            after = fill.bar + bars
            if fill.order_id in own and fill.is_maker and after < len(run.closes):
                against = _sign(fill.side) * (fill.price - run.closes[after])
                rows.append((against / fill.price * 1e4, fill.notional))
        return _weighted(rows)

    return compute


def _notional(fills: list[FillRow]) -> float:
    return math.fsum(f.notional for f in fills)


def _maker_share(run: RunView) -> Value:
    fills = run.record.fills
    return percent(ratio(_notional([f for f in fills if f.is_maker]), _notional(fills)))


def _took_at_once(run: RunView) -> Value:
    takers = {fill.order_id for fill in run.record.fills if not fill.is_maker}
    return sum(1 for o in _limits(run) if o.order_type == "limit" and o.order_id in takers)


def _slippage(run: RunView) -> Value:
    decided = {
        o.order_id: o.decision_price
        for o in run.record.orders
        if o.decision_price and o.role in OWN
    }
    rows = []
    for fill in run.record.fills:
        price = decided.get(fill.order_id)
        if price:
            rows.append((_sign(fill.side) * (fill.price - price) / price * 1e4, fill.notional))
    return _weighted(rows)


def _execution_slippage(run: RunView) -> Value:
    fills = [f for f in run.record.fills if not f.is_maker]
    return _weighted([(f.slippage / f.price * 1e4, f.notional) for f in fills])


def _sqn(run: RunView) -> Value:
    results = [t.net_pnl for t in run.closed]
    value = ratio(mean(results), stdev(results))
    return None if value is None else value * math.sqrt(len(results))


def _kelly(run: RunView) -> Value:
    payoff = payoff_ratio(run)
    if not payoff:
        return None
    won = sum(1 for t in run.closed if t.net_pnl > 0) / len(run.closed)
    return percent(won - (1.0 - won) / payoff)


LIMIT_METRICS: tuple[Metric, ...] = (
    Metric(
        name="limit_orders_placed", unit="count", title="Limit orders placed",
        definition="limit and stop-limit orders of the card that were placed",
        formula="count", undefined="never", compute=lambda run: len(_limits(run)),
    ),
    Metric(
        name="limit_orders_filled", unit="count", title="Limit orders filled",
        definition="limit orders filled whole", formula="count(status == filled)",
        undefined="never", compute=_with_status("filled"),
    ),
    Metric(
        name="limit_orders_partly_filled", unit="count", title="Limit orders partly filled",
        definition="limit orders of which only a part was filled, whatever ended them",
        formula="count(0 < filled < quantity)", undefined="never",
        compute=lambda run: sum(1 for o in _limits(run) if _is_part(o)),
    ),
    Metric(
        name="limit_orders_expired", unit="count", title="Limit orders expired",
        definition="limit orders that ran out of time or could not fill at once (IOC, FOK)",
        formula="count(status == expired)", undefined="never", compute=_with_status("expired"),
    ),
    Metric(
        name="limit_orders_cancelled", unit="count", title="Limit orders cancelled",
        definition="limit orders cancelled by the card, the position's end or the end of the data",
        formula="count(status == cancelled)", undefined="never",
        compute=_with_status("cancelled"),
    ),
    Metric(
        name="limit_orders_rejected", unit="count", title="Limit orders rejected",
        definition="limit orders the exchange did not take", formula="count(status == rejected)",
        undefined="never", compute=_with_status("rejected"),
    ),
    Metric(
        name="limit_orders_working", unit="count", title="Limit orders still working",
        definition="limit orders without an end", formula="count(status in pending, partial)",
        undefined="never", compute=_with_status("pending", "partial"),
    ),
    Metric(
        name="refused_intents", unit="count", title="Refused intents",
        definition="actions of any kind that never became an order; the refusals say why",
        formula="count(refusals)", undefined="never",
        compute=lambda run: len(run.record.refusals),
    ),
    Metric(
        name="fill_ratio_pct", unit="pct", title="Fill ratio",
        definition="share of limit orders that got at least one fill",
        formula="100 * count(filled > 0) / placed", undefined=_NO_LIMITS, compute=_fill_ratio,
    ),
    Metric(
        name="quantity_fill_ratio_pct", unit="pct", title="Quantity filled",
        definition="share of the ordered quantity that was filled",
        formula="100 * sum(filled) / sum(quantity)", undefined=_NO_LIMITS,
        compute=_quantity_ratio,
    ),
    Metric(
        name="partial_ratio_pct", unit="pct", title="Partial ratio",
        definition="share of limit orders with a fill that were never filled whole",
        formula="100 * count(0 < filled < quantity) / count(filled > 0)",
        undefined="no limit order got a fill", compute=_partial_ratio,
    ),
    Metric(
        name="mean_bars_to_fill", unit="bars", title="Mean bars to fill",
        definition="average bars from the deciding close to the first fill (1 = on the next bar)",
        formula="mean(first_fill_bar - created_bar)", undefined="no limit order got a fill",
        compute=_bars_to_fill,
    ),
    *(
        Metric(
            name=f"adverse_selection_{bars}_bps", unit="bps",
            title=f"Adverse selection, {bars} bar{'s' * (bars > 1)}",
            definition=f"move against us from a maker fill to the close {bars} bar"
            f"{'s' * (bars > 1)} later, weighted by notional (positive: against us)",
            formula=f"mean(side * (price - close[fill bar + {bars}]) / price) * 10,000",
            undefined=f"no maker fill of a limit order has {bars} bars after it",
            compute=_adverse(bars),
        )
        for bars in (1, 5, 20)
    ),
    Metric(
        name="maker_share_pct", unit="pct", title="Maker share",
        definition="share of the traded notional that was filled as maker",
        formula="100 * maker notional / notional", undefined=_NO_FILLS, compute=_maker_share,
    ),
    Metric(
        name="limit_orders_took_at_once", unit="count", title="Limit orders that took at once",
        definition="limit orders of the card that were filled as taker: the market was past their price when "
        "it arrived; `post_only: true` lets such an order not trade",
        formula="count of limit orders with a fill as taker", undefined="never", compute=_took_at_once,
    ),
    Metric(
        name="slippage_vs_decision_bps", unit="bps", title="Slippage against decision",
        definition="fill price against the close that decided the order, weighted by notional "
        "(positive: worse than the close); entries and exits of the card",
        formula="mean(side * (price - decision) / decision) * 10,000",
        undefined="no fill of an order with a decision price", compute=_slippage,
    ),
    Metric(
        name="taker_slippage_bps", unit="bps", title="Taker slippage",
        definition="price paid beyond the reference on taker fills, weighted by notional",
        formula="mean(slippage / price) * 10,000", undefined="no taker fill",
        compute=_execution_slippage,
    ),
    Metric(
        name="avg_layers_per_position", unit="count", title="Layers per position",
        definition="average number of entry layers of a position",
        formula="mean(layers)", undefined="no position",
        compute=lambda run: mean([t.layers for t in run.record.trades]),
    ),
    Metric(
        name="max_layers_per_position", unit="count", title="Most layers in a position",
        definition="largest number of entry layers of a position", formula="max(layers)",
        undefined="no position",
        compute=lambda run: max((t.layers for t in run.record.trades), default=None),
    ),
    Metric(
        name="turnover_usdt", unit="usdt", title="Turnover",
        definition="notional of all fills", formula="sum(notional)", undefined="never",
        compute=lambda run: _notional(run.record.fills),
    ),
    Metric(
        name="turnover_x", unit="x", title="Turnover of starting equity",
        definition="turnover in multiples of the starting equity",
        formula="turnover / starting_equity", undefined="the starting equity is zero",
        compute=lambda run: ratio(_notional(run.record.fills), run.starting_equity),
    ),
    Metric(
        name="sqn", unit="ratio", title="SQN",
        definition="system quality number (Tharp), on net results",
        formula="sqrt(trades) * mean(net_pnl) / stdev(net_pnl)",
        undefined="fewer than two closed trades, or all results are equal", compute=_sqn,
    ),
    Metric(
        name="kelly_pct", unit="pct", title="Kelly fraction",
        definition="share of equity the Kelly rule would risk (negative: no edge)",
        formula="100 * (win_rate - (1 - win_rate) / payoff_ratio)",
        undefined="no winning or no losing trade", compute=_kelly,
    ),
)  # fmt: skip


def limit_metrics(record: RunRecord, frame: Frame, start: float) -> dict[str, Value]:
    """Return every limit-order metric by name, in table order; `start` is the starting equity."""
    return measure(run_view(record, frame, start), LIMIT_METRICS)
