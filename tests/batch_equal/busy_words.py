"""Words that busy cards are made up of: conditions, sizes, distances."""

from __future__ import annotations

WHEN = (
    "close > open", "close < open", "close >= fast", "close crosses above fast", "close crosses below fast",
    "high > low", "bar_index >= 5", "volume > 0", "fast > slow", "fast < slow", "close > close[3]",
)  # fmt: skip
ACCOUNT = (
    "position_side == flat", "position_side != flat", "position_side == long", "position_side == short",
    "pending_order_count == 0", "pending_order_count < 4", "position_layers < 3", "bars_since_entry >= 4",
    "exits_since_entry == 0", "entries_since_flat < 4", "close > position_avg_entry", "close < position_avg_entry",
    "oldest_pending_age_bars >= 3", "pending_limit_buy_count < 2", "position_unrealized_pct < -1",
    "position_unrealized_pct crosses above 0.5", "equity > 100", "bars_since_exit > 2",
    "remaining_equity_pct > 0.2", "position_layer_0_age_bars > 3", "close < position_layer_0_entry",
)  # fmt: skip
SIZES = (
    "10% of equity", "35% of equity", "100% of equity", "20 usdt", "400 usdt", "3000 usdt", "0.4 base",
    "risk 1%", "25% of max",
)  # fmt: skip
COURSE = (
    "drawdown_pct < 20", "close < position_high - 0.5", "close > position_low + 0.5", "trades_today < 4", "losses_today < 3",
    "close + 2 ticks > low + tick", "pnl_today > -300", "equity >= equity_peak", "entries_allowed", "limit_hit == none", "limit_hit != cooldown_bars",
)  # fmt: skip
TRAILED = (
    "position_trail > position_avg_entry", "close > position_trail", "position_trail is missing",
    "last_exit_reason == trail", "last_exit_reason != trail",
)  # fmt: skip
DISTANCES = (
    "distance: wide", "distance: 0.5 * wide", "distance: 0.3", "distance: 2", "distance_pct: 0.3", "distance_pct: 1",
    "distance: abs(close - slow)",
)  # fmt: skip
STARTS = (
    "", "", "activate_pct: 0.2", "activate_pct: 1", "activate: close + 0.4", "activate: close - 0.4", "activate_r: 0.5",
    "activate_r: 2",
)  # fmt: skip
FILLED = (
    "entry_long", "entry_short", "place_limit_long", "place_limit_short", "place_stop_long", "place_stop_short",
    "place_limit_exit_long", "place_limit_exit_short",
)  # fmt: skip
BY_RISK = ("min(risk 1%, 400 usdt)", "risk 1% + 20 usdt", "max(risk 0.5%, 30 usdt)")
OF_LAST_TRADES = (
    "(win_rate(3) is missing or win_rate(3) > 0.3)", "(avg_trade(2) is missing or avg_trade(2) > -2)",
    "(avg_win(4) is missing or avg_win(4) > 1)", "(avg_loss(5) is missing or avg_loss(5) < 9)", "win_rate(7) < 0.5",
    "avg_trade(1) == last_trade_pnl",
)  # fmt: skip
IN_RISK = ("last_trade_r < 1", "last_trade_r > -0.9", "last_trade_r is missing")
LAYERS = ("0", "0", "1", "1", "2", "5")
