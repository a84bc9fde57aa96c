"""Round trips: how often, how much, how long. Open trades and those cut by the end are outside."""

from __future__ import annotations

import math
from collections.abc import Callable

from runtime.records.rows import TradeRow
from runtime.reports.figures import mean, percent, ratio, streaks
from runtime.reports.measures import Metric, RunView, Value

Test = Callable[[TradeRow], bool]


def _won(trade: TradeRow) -> bool:
    return trade.net_pnl > 0


def _lost(trade: TradeRow) -> bool:
    return trade.net_pnl < 0


def _long(trade: TradeRow) -> bool:
    return trade.side in ("long", "buy")


def _short(trade: TradeRow) -> bool:
    return not _long(trade)


def _any(_trade: TradeRow) -> bool:
    return True


def _count(test: Test) -> Callable[[RunView], Value]:
    return lambda run: sum(1 for t in run.closed if test(t))


def _win_rate(test: Test) -> Callable[[RunView], Value]:
    def compute(run: RunView) -> Value:
        chosen = [t for t in run.closed if test(t)]
        return percent(ratio(sum(1 for t in chosen if _won(t)), len(chosen)))

    return compute


def _mean_of(value: Callable[[TradeRow], float], test: Test) -> Callable[[RunView], Value]:
    return lambda run: mean([value(t) for t in run.closed if test(t)])


def _net_of(test: Test) -> Callable[[RunView], Value]:
    return lambda run: math.fsum(t.net_pnl for t in run.closed if test(t))


def payoff_ratio(run: RunView) -> Value:
    """Return the average win over the average loss, both positive; None without both."""
    loss = mean([t.net_pnl for t in run.closed if _lost(t)])
    win = mean([t.net_pnl for t in run.closed if _won(t)])
    return None if loss is None else ratio(win, -loss)


def _profit_factor(run: RunView) -> Value:
    lost = -math.fsum(t.net_pnl for t in run.closed if _lost(t))
    return ratio(math.fsum(t.net_pnl for t in run.closed if _won(t)), lost)


def _expectancy_r(run: RunView) -> Value:
    return mean([t.net_pnl / t.initial_risk_usdt for t in run.closed if t.initial_risk_usdt])


def _edge_ratio(run: RunView) -> Value:
    worst = mean([t.mae_pct for t in run.closed])
    return None if worst is None else ratio(mean([t.mfe_pct for t in run.closed]), -worst)


def _net(trade: TradeRow) -> float:
    return trade.net_pnl


def _bars(trade: TradeRow) -> float:
    return trade.bars_held


TRADES = (
    Metric(
        name="total_trades", unit="count", title="Trades",
        definition="closed round trips, from flat to flat", formula="count(closed)",
        undefined="never", compute=_count(_any),
    ),
    Metric(
        name="winning_trades", unit="count", title="Winning trades",
        definition="closed trades with a net profit", formula="count(net_pnl > 0)",
        undefined="never", compute=_count(_won),
    ),
    Metric(
        name="losing_trades", unit="count", title="Losing trades",
        definition="closed trades with a net loss", formula="count(net_pnl < 0)",
        undefined="never", compute=_count(_lost),
    ),
    Metric(
        name="breakeven_trades", unit="count", title="Break-even trades",
        definition="closed trades with a net result of exactly zero", formula="count(net_pnl == 0)",
        undefined="never", compute=_count(lambda t: t.net_pnl == 0),
    ),
    Metric(
        name="open_trades", unit="count", title="Open at the end",
        definition="positions still open at the end, or closed only because the data ended",
        formula="count(is_open or at_end)", undefined="never",
        compute=lambda run: len(run.record.trades) - len(run.closed),
    ),
    Metric(
        name="win_rate_pct", unit="pct", title="Win rate",
        definition="share of closed trades with a net profit",
        formula="100 * winning_trades / total_trades", undefined="no closed trade",
        compute=_win_rate(_any),
    ),
    Metric(
        name="long_trades", unit="count", title="Long trades",
        definition="closed long trades", formula="count(side == long)", undefined="never",
        compute=_count(_long),
    ),
    Metric(
        name="short_trades", unit="count", title="Short trades",
        definition="closed short trades", formula="count(side == short)", undefined="never",
        compute=_count(_short),
    ),
    Metric(
        name="long_win_rate_pct", unit="pct", title="Win rate, long",
        definition="win rate of long trades", formula="100 * long winners / long_trades",
        undefined="no closed long trade", compute=_win_rate(_long),
    ),
    Metric(
        name="short_win_rate_pct", unit="pct", title="Win rate, short",
        definition="win rate of short trades", formula="100 * short winners / short_trades",
        undefined="no closed short trade", compute=_win_rate(_short),
    ),
    Metric(
        name="long_net_profit_usdt", unit="usdt", title="Net profit, long",
        definition="sum of the net results of long trades", formula="sum(net_pnl of longs)",
        undefined="never", compute=_net_of(_long),
    ),
    Metric(
        name="short_net_profit_usdt", unit="usdt", title="Net profit, short",
        definition="sum of the net results of short trades", formula="sum(net_pnl of shorts)",
        undefined="never", compute=_net_of(_short),
    ),
    Metric(
        name="expectancy_usdt", unit="usdt", title="Expectancy",
        definition="average net result of a trade", formula="mean(net_pnl)",
        undefined="no closed trade", compute=_mean_of(_net, _any),
    ),
    Metric(
        name="avg_win_usdt", unit="usdt", title="Average win",
        definition="average net result of winning trades", formula="mean(net_pnl where > 0)",
        undefined="no winning trade", compute=_mean_of(_net, _won),
    ),
    Metric(
        name="avg_loss_usdt", unit="usdt", title="Average loss",
        definition="average net result of losing trades (negative)",
        formula="mean(net_pnl where < 0)", undefined="no losing trade",
        compute=_mean_of(_net, _lost),
    ),
    Metric(
        name="largest_win_usdt", unit="usdt", title="Largest win",
        definition="best net result of a trade", formula="max(net_pnl where > 0)",
        undefined="no winning trade",
        compute=lambda run: max((t.net_pnl for t in run.closed if _won(t)), default=None),
    ),
    Metric(
        name="largest_loss_usdt", unit="usdt", title="Largest loss",
        definition="worst net result of a trade (negative)", formula="min(net_pnl where < 0)",
        undefined="no losing trade",
        compute=lambda run: min((t.net_pnl for t in run.closed if _lost(t)), default=None),
    ),
    Metric(
        name="payoff_ratio", unit="ratio", title="Payoff ratio",
        definition="average win relative to the average loss", formula="avg_win / -avg_loss",
        undefined="no winning or no losing trade", compute=payoff_ratio,
    ),
    Metric(
        name="profit_factor", unit="ratio", title="Profit factor",
        definition="what winning trades earned per unit that losing trades lost",
        formula="gross_profit / -gross_loss", undefined="no losing trade", compute=_profit_factor,
    ),
    Metric(
        name="avg_trade_return_pct", unit="pct", title="Average trade return",
        definition="average net return of a trade on its entry notional",
        formula="mean(return_pct)", undefined="no closed trade",
        compute=_mean_of(lambda t: t.return_pct, _any),
    ),
    Metric(
        name="expectancy_r", unit="ratio", title="Expectancy in R",
        definition="average net result in units of the loss at the first stop",
        formula="mean(net_pnl / initial_risk)", undefined="no closed trade had a stop",
        compute=_expectancy_r,
    ),
    Metric(
        name="max_consecutive_wins", unit="count", title="Longest winning streak",
        definition="most wins in a row", formula="max(streaks of net_pnl > 0)", undefined="never",
        compute=lambda run: max(streaks([_won(t) for t in run.closed]), default=0),
    ),
    Metric(
        name="max_consecutive_losses", unit="count", title="Longest losing streak",
        definition="most losses in a row", formula="max(streaks of net_pnl < 0)",
        undefined="never",
        compute=lambda run: max(streaks([_lost(t) for t in run.closed]), default=0),
    ),
    Metric(
        name="avg_consecutive_wins", unit="count", title="Average winning streak",
        definition="average number of wins in a row", formula="mean(streaks of net_pnl > 0)",
        undefined="no winning trade",
        compute=lambda run: mean(streaks([_won(t) for t in run.closed])),
    ),
    Metric(
        name="avg_consecutive_losses", unit="count", title="Average losing streak",
        definition="average number of losses in a row", formula="mean(streaks of net_pnl < 0)",
        undefined="no losing trade",
        compute=lambda run: mean(streaks([_lost(t) for t in run.closed])),
    ),
    Metric(
        name="avg_trade_duration_bars", unit="bars", title="Average duration",
        definition="average number of bars a trade was held", formula="mean(bars_held)",
        undefined="no closed trade", compute=_mean_of(_bars, _any),
    ),
    Metric(
        name="avg_win_duration_bars", unit="bars", title="Average duration, wins",
        definition="average number of bars a winning trade was held",
        formula="mean(bars_held where net_pnl > 0)", undefined="no winning trade",
        compute=_mean_of(_bars, _won),
    ),
    Metric(
        name="avg_loss_duration_bars", unit="bars", title="Average duration, losses",
        definition="average number of bars a losing trade was held",
        formula="mean(bars_held where net_pnl < 0)", undefined="no losing trade",
        compute=_mean_of(_bars, _lost),
    ),
    Metric(
        name="max_trade_duration_bars", unit="bars", title="Longest trade",
        definition="most bars a trade was held", formula="max(bars_held)",
        undefined="no closed trade",
        compute=lambda run: max((t.bars_held for t in run.closed), default=None),
    ),
    Metric(
        name="avg_mae_pct", unit="pct", title="Average MAE",
        definition="average worst excursion against the average entry (zero or negative), over the "
        "path that price took from the first fill to the exit; each price is held against the average as it "
        "stood then: that of the entries so far, which reductions leave",
        formula="mean(mae_pct)", undefined="no closed trade",
        compute=_mean_of(lambda t: t.mae_pct, _any),
    ),
    Metric(
        name="avg_mfe_pct", unit="pct", title="Average MFE",
        definition="average best excursion from the average entry, over the path that price took from "
        "the first fill to the exit; each price is held against the average as it stood then: that of the "
        "entries so far, which reductions leave",
        formula="mean(mfe_pct)", undefined="no closed trade",
        compute=_mean_of(lambda t: t.mfe_pct, _any),
    ),
    Metric(
        name="edge_ratio", unit="ratio", title="Edge ratio",
        definition="how far trades went for us relative to against us",
        formula="avg_mfe / -avg_mae", undefined="no trade ever stood at a loss",
        compute=_edge_ratio,
    ),
)  # fmt: skip
