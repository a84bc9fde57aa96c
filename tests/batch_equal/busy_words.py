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
# What a card promises as a condition: of what an entry changes, of what it does not, of what is unknown, of what was.
PROMISED = (
    "position_layers <= 2", "pending_order_count <= 3", "pending_limit_buy_count < 2", "pending_limit_sell_count <= 1",
    "pending_stop_buy_count == 0 or position_side != flat", "pending_stop_sell_count <= 1", "position_size_usdt <= 900 usdt",
    "position_qty < 4", "remaining_position_capacity > 100 usdt", "position_side != short or close > slow",
    "position_side == flat or close > fast", "equity > 900 usdt", "position_unrealized_pct > -1", "close < position_target",
    "position_size_usdt + balance > 70 usdt", "(position_side == flat within last 9 bars)",
    "not (pending_limit_sell_count > 1 for 3 bars)", "position_layers <= position_layers[1] + 1", "drawdown_pct < 8",
    "position_side == flat or not (position_stop is missing)", "pending_order_count + position_layers < 6", "loss_streak < 3",
)  # fmt: skip
FILLED_PARTS = (
    "{0} > 0", "{0} <= 0", "{0} is missing", "{0} < 1", "{0} >= 1", "({0} ?? 0) <= 0.4", "({0} is missing or {0} >= 0.2)",
)  # fmt: skip
PRICES = (
    "{0} is missing", "not ({0} is missing)", "close > {0}", "close < {0} + 1", "abs(close - {0}) > 0.4", "({0} ?? close) >= close",
    "{0} > {0}[1]", "({0} is missing or {0} < high)",
)  # fmt: skip
BY_RISK = ("min(risk 1%, 400 usdt)", "risk 1% + 20 usdt", "max(risk 0.5%, 30 usdt)")
OF_LAST_TRADES = (
    "(win_rate(3) is missing or win_rate(3) > 0.3)", "(avg_trade(2) is missing or avg_trade(2) > -2)",
    "(avg_win(4) is missing or avg_win(4) > 1)", "(avg_loss(5) is missing or avg_loss(5) < 9)", "win_rate(7) < 0.5",
    "avg_trade(1) == last_trade_pnl",
)  # fmt: skip
IN_RISK = ("last_trade_r < 1", "last_trade_r > -0.9", "last_trade_r is missing")
LAYERS = ("0", "0", "1", "1", "2", "5")
# Values of the account that no list above has, and what is worked out of them.
ASKED = (
    "position_size_usdt < 900 usdt", "position_qty < 3", "position_unrealized_pnl > -20 usdt", "close > position_stop",
    "position_stop is missing", "(position_target is missing or close < position_target)", "fundings_since_entry < 2",
    "fundings_since_entry == 0", "pending_limit_sell_count < 2", "pending_stop_buy_count == 0", "pending_stop_sell_count < 2",
    "balance > 50 usdt", "remaining_position_capacity > 100 usdt", "max_position_usdt > 400 usdt", "close > position_last_entry",
    "position_initial_stop is missing", "position_r < 1", "close > last_entry_price",
    "(last_exit_price is missing or close > last_exit_price)", "last_trade_pnl > 0 usdt", "win_streak < 2", "loss_streak < 3",
    "free_usdt > 20 usdt", "free_margin > 10 usdt", "leverage >= 2",
    "position_layer_1_size > 30 usdt", "position_layer_2_entry is missing",
)  # fmt: skip
WORKED_OUT = (
    "abs(position_r) < 1", "floor(position_unrealized_pct) <= 0", "ceil(position_unrealized_pct) >= 1",
    "round(position_unrealized_pct, 1) >= 0.2", "sqrt(position_layers + 1) < 2", "log(position_qty) < 1", "exp(position_r) < 2",
    "(position_r ?? 0) < 1", "sign(position_unrealized_pnl) >= 0", "mod(bars_since_entry, 3) == 1", "pow(win_streak + 1, 2) < 9",
    "(win_streak if position_side == long else loss_streak) < 2", "-position_r < 0.5",
    "mean_when(position_side == flat, equity, 3) <= equity", "median_when(position_side != flat, close, 4) > low",
    "highest_when(pending_order_count > 0, high, 3) > close", "lowest_when(position_layers > 1, low, 2) < open",
    "equity > equity[2]", "position_layers is rising", "position_side == long for 3 bars",
    "count_since(position_side == flat, close > open) < 3", "bars_since(position_side == flat) < 6",
    "value_when(position_layers > 1, close) < close", "highest_since(position_side == flat, equity) > equity",
    "lowest_since(position_side == flat, equity) < equity", "min(position_qty, 2) > 0.5", "max(win_streak, loss_streak) < 3",
    "bars_since(win_streak > 9) is never", "position_layers > 1 within last 4 bars", "win_streak != loss_streak",
    "position_unrealized_pnl / equity * 100 - 1 < 2", "(position_layers > 1 then close < open within 4 bars)",
    "position_side == flat at least 2 of last 5 bars", "equity - value_when(position_side == flat, equity) > -9 usdt",
)  # fmt: skip
