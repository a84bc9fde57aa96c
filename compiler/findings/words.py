"""What people call things, by the place where they say it: `timeframe` for `tf`, `buy` for `entry_long`.

The law: an alias is another name for exactly the same thing, so that writing ours in its place is safe;
whatever might be meant otherwise has a note and, at most, a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compiler.findings.recipe import plain
from compiler.findings.recipes import recipe


class Place(StrEnum):
    """Where a word stands."""

    CARD = "card"
    FEATURE = "feature"
    PARAMS = "params"  # of a feature
    BLOCK = "block"
    CASE = "case"
    ACTION = "action"
    METADATA = "metadata"
    ACCOUNT = "account"
    FEES = "fee_model"
    POLICY = "position_policy"
    RISK = "risk_model"
    SIZING = "sizing"
    TUNABLE = "tunable"
    LADDER = "ladder"
    TRAIL = "trail"
    LIMITS = "limits"
    SESSION = "session"
    ACTION_NAME = "action name"
    TYPE = "type of a feature"
    NAME = "name in an expression"
    MODE = "mode"
    OPTION = "option"
    VALUE = "value a word is compared with"
    TIMEFRAME = "timeframe"


@dataclass(frozen=True, slots=True)
class Meant:
    """`word` is ours, empty where there is no one word for it; `note` says more."""

    word: str = ""
    note: str = ""
    is_alias: bool = False

    @property
    def help(self) -> str:
        asked = f"did you mean `{self.word}`?" if self.word else ""
        return " ".join(part for part in (asked, self.note) if part)


def _aliases(ours: str, *theirs: str) -> dict[str, Meant]:
    return {word: Meant(ours, is_alias=True) for word in theirs}


def _guess(ours: str, note: str, *theirs: str) -> dict[str, Meant]:
    return {word: Meant(ours, note) for word in theirs}


def _note(note: str, *theirs: str) -> dict[str, Meant]:
    return {word: Meant("", note) for word in theirs}


_LEVERAGE = "leverage is `account: {max_leverage: 5}`"
_FEATURE_SHAPE = "an entry is `- {type: rsi, id: rsi, params: {length: 14}}`"
_RULES = "rules are `blocks`, each with `cases: [{when: …, emit: […]}]`"
_SIZE = "a size is `size: 10% of equity`, `size: 1000 usdt` or `size: risk 1%`"
_TRAIL = "a trailing stop is `trail: {distance: 2 * atr(14)}` or `trail: {distance_pct: 2}`"
_LINE = "a trail keeps a distance from the best price; a stop at a line is moved at every close: `adjust_stop` with `price` and `only_tighten: true`"
_EXIT_MEANT = "to close a position it is `exit_long`, `exit_short` or `exit_all`"
_NO_MONTH = "there is no month: the longest timeframes are `1d` and `1w`"
_KNOWN: dict[Place, dict[str, Meant]] = {
    Place.TIMEFRAME: {
        # `1m` is a minute and never unknown: what comes here as that was `1M`.
        **_note(_NO_MONTH, "1m", "m", "1mo", "1mon", "1mn", "mn", "mn1", "1month", "month", "monthly"),
        **_aliases("1d", "1day", "day", "daily"),
        **_aliases("1w", "1week", "week", "weekly"),
        **_aliases("1h", "1hour", "hour", "hourly"),
    },
    Place.CARD: {
        **_aliases("tf", "timeframe", "time_frame", "interval", "bar_size"),
        **_aliases("htf", "higher_timeframe", "higher_tf", "htf_timeframe"),
        **_aliases("symbol", "pair", "ticker", "instrument"),
        **_aliases("name", "title"),
        **_guess("features", _FEATURE_SHAPE, "indicators", "indicator"),
        **_guess("blocks", _RULES, "rules", "strategy", "signals", "entries", "conditions"),
        **_guess("risk_model", "", "risk", "risk_management"),
        **_note(_LEVERAGE, "leverage"),
        **_note("money is `account: {starting_equity_usdt: 10000}`", "capital", "equity", "balance",
                "starting_equity", "starting_equity_usdt", "initial_capital", "cash"),
        **_note("fees are `account: {fee_model: {taker_bps: 5.5, maker_bps: 2}}`", "fees", "fee",
                "commission", "fee_model"),
        **_note("slippage is `account: {slippage_bps: 2}`", "slippage", "slippage_bps"),
        **_note("a stop belongs to an entry, under its `metadata`, or to all: `risk_model: "
                "{stop_loss: {type: percent, value: 2}}`", "stop_loss", "stop", "sl"),
        **_note("a target belongs to an entry, under its `metadata`, or to all: `risk_model: "
                "{take_profit: {type: rr_ratio, value: 2}}`", "take_profit", "target", "tp"),
    },
    Place.FEATURE: {
        **_aliases("type", "indicator", "indicator_type", "structure_type", "kind"),
        **_aliases("id", "name", "key", "alias"),
        **_aliases("tf", "timeframe", "interval"),
        **_aliases("source", "input_source", "input", "src"),
        **_note("parameters stand under `params`: `params: {length: 14}`", "length", "period",
                "window", "fast", "slow", "signal", "std", "multiplier", "mult"),
    },
    Place.PARAMS: {
        **_note("`source` stands beside `type`, not under `params`", "source", "src",
                "input_source", "price"),
        **_note("`tf` stands beside `type`, not under `params`", "tf", "timeframe"),
        **_guess("length", "", "window", "n", "bars", "len", "lookback", "span", "timeperiod"),
    },
    Place.BLOCK: {
        **_aliases("id", "name"),
        **_guess("cases", "", "rules", "case", "conditions"),
    },
    Place.CASE: {
        **_aliases("when", "if", "condition", "cond", "conditions"),
        **_aliases("emit", "then", "do", "actions"),
        **_note("what a case does is a list: `emit: [{action: entry_long, metadata: {…}}]`",
                "action"),
    },
    Place.ACTION: {
        **_aliases("action", "type", "kind", "name"),
        **_aliases("metadata", "meta", "params", "args", "options", "with"),
    },
    Place.METADATA: {
        **_aliases("order_group", "group"),
        **_aliases("order_ref", "ref", "id", "order_id", "client_order_id"),
        **_aliases("stop_loss", "stoploss"),
        **_aliases("take_profit", "takeprofit"),
        **_aliases("trigger", "trigger_price"),
        **_guess("trigger", "where a stop order becomes active", "stop_price"),
        **_aliases("ttl_bars", "ttl", "expire_bars", "expires_after"),
        **_aliases("ttl_type", "tif", "time_in_force"),
        **_guess("price", "the price of a limit order is `price`", "limit_price", "limit"),
        **_guess("price", "", "to", "new_price", "new_stop", "new_target"),
        **_guess("stop_loss", "a price; a distance in percent is `stop_loss_offset_pct`", "stop", "sl"),
        **_guess("take_profit", "a price; a distance in percent is `take_profit_offset_pct`", "target",
                 "profit_target", "tp"),
        **_note(_SIZE, "quantity", "qty", "amount", "volume", "notional", "position_size"),
        **_guess("risk_pct", _SIZE, "risk", "risk_percent", "risk_per_trade"),
        **_guess("size_usdt", "", "size_usd", "usdt"),
        **_guess("size_pct", "it is a fraction: 0.10 is ten percent", "size_percent", "pct",
                 "percent", "equity_pct"),
        **_guess("trail", _TRAIL, "trailing_stop", "trailing", "trailing_stop_loss", "trailing_stop_pct"),
        **_note(_LEVERAGE, "leverage"),
        **_guess("ladder", "several orders of one action: `ladder: { orders: 5, step: 1% }`; with `rearm` each comes again", "grid", "levels",
                 "grid_levels", "safety_orders", "dca", "rungs"),
        **_note("an exit by time is a rule: `when: bars_since_entry >= 40` with `emit: [exit_all]`", "time_stop", "time_exit", "max_bars",
                "max_hold", "exit_after", "exit_after_bars"),
        **_note("an exit never opens a position, so nothing needs to be said", "reduce_only"),
    },
    Place.ACCOUNT: {
        **_aliases("starting_equity_usdt", "starting_equity", "initial_equity", "initial_capital",
                   "starting_capital", "starting_balance", "equity_usdt"),
        **_guess("starting_equity_usdt", "", "capital", "equity", "balance", "cash"),
        **_aliases("max_leverage", "leverage"),
        **_guess("fee_model", "fees are `fee_model: {taker_bps: 5.5, maker_bps: 2}`", "fees", "fee",
                 "commission", "taker", "maker", "taker_bps", "maker_bps", "taker_fee", "maker_fee"),
        **_guess("slippage_bps", "in hundredths of a percent: 2 is 0.02 %", "slippage"),
    },
    Place.FEES: {
        **_guess("taker_bps", "in hundredths of a percent: 5.5 is 0.055 %", "taker", "taker_fee",
                 "taker_pct", "taker_rate"),
        **_guess("maker_bps", "in hundredths of a percent: 2 is 0.02 %", "maker", "maker_fee",
                 "maker_pct", "maker_rate"),
    },
    Place.POLICY: {
        **_note(_LEVERAGE, "leverage", "max_leverage"),
        **_guess("mode", "`long_short`, `long_only` or `short_only`", "side", "direction",
                 "position_mode"),
        **_guess("max_layers", "how many entries one position may have", "pyramiding", "layers",
                 "max_entries", "max_positions"),
    },
    Place.RISK: {
        **_aliases("stop_loss", "sl", "stop"),
        **_aliases("take_profit", "tp", "target"),
        **_aliases("sizing", "size", "position_sizing"),
        **_note(_LEVERAGE, "leverage", "max_leverage"),
    },
    Place.TUNABLE: {
        **_aliases("default", "value"),
        **_aliases("low", "min", "minimum", "from"),
        **_aliases("high", "max", "maximum", "to"),
    },
    Place.LADDER: {
        **_aliases("orders", "count", "rungs", "levels", "number", "n"),
        **_guess("step", "`step: 1%` is of the first price, `step: 50` a price", "step_pct", "step_percent", "spacing",
                 "gap", "distance", "step_size"),
        **_aliases("size_scale", "size_mult", "size_multiplier", "volume_scale"),
        **_aliases("step_scale", "step_mult", "step_multiplier"),
    },
    Place.TRAIL: {
        **_note(_LINE, "price", "stop", "level", "line", "to"),
        **_guess("distance_pct", "", "pct", "percent", "offset_pct", "trail_pct"),
        **_guess("distance", "a price difference; in percent it is `distance_pct`", "offset", "amount"),
        **_guess("activate_pct", "", "activation_pct", "start_pct", "trigger_pct", "arm_pct"),
        **_guess("activate", "a price; as a gain it is `activate_pct` or `activate_r`", "activation",
                 "activation_price", "trigger", "arm"),
    },
    Place.LIMITS: {
        **_guess("max_drawdown_pct", "", "max_dd", "max_drawdown", "drawdown"),
        **_guess("max_daily_loss_pct", "", "daily_loss", "max_daily_loss", "daily_stop", "daily_loss_pct"),
        **_guess("max_trades_per_day", "", "max_trades", "trades_per_day", "daily_trades"),
        **_guess("max_consecutive_losses", "", "consecutive_losses", "loss_streak", "max_loss_streak"),
        **_guess("cooldown_bars", "", "cooldown", "pause", "wait_bars"),
        **_guess("cooldown_bars", "it counts from every exit; after losses alone ask for `last_trade_pnl >= 0 or bars_since_exit > 10`",
                 "cooldown_after_loss", "cooldown_after_loss_bars", "loss_cooldown", "cooldown_after_losses"),
    },
    Place.SESSION: {
        **_aliases("tz", "timezone", "time_zone", "zone"),
        **_guess("hours", "`hours: 09:30-16:00`", "start", "end", "from", "to", "open", "close", "time", "span"),
        **_aliases("days", "weekdays"),
        **_guess("except", "days one by one", "holidays", "closed", "exclude"),
    },
    Place.ACTION_NAME: {
        **_guess("entry_long", _EXIT_MEANT, "buy", "long", "enter_long", "go_long", "open_long",
                 "market_buy", "buy_market"),
        **_guess("entry_short", _EXIT_MEANT, "sell", "short", "enter_short", "go_short",
                 "open_short", "sell_short", "market_sell"),
        **_aliases("exit_long", "close_long"),
        **_aliases("exit_short", "close_short"),
        **_guess("exit_all", "", "close", "exit", "close_position", "flatten", "close_all"),
        **_guess("place_limit_long", "", "buy_limit", "limit_buy", "limit_long"),
        **_guess("place_limit_short", "", "sell_limit", "limit_sell", "limit_short"),
        **_guess("place_stop_long", "", "buy_stop", "stop_buy", "stop_long"),
        **_guess("place_stop_short", "", "sell_stop", "stop_sell", "stop_short"),
        **_guess("cancel_all_orders", "", "cancel_all", "cancel_orders"),
        **_guess("cancel_order", "", "cancel"),
        **_guess("adjust_stop", "", "move_stop", "set_stop"),
        **_guess("adjust_trail", "", "trail_stop", "trailing_stop", "trail"),
        **_guess("adjust_target", "", "move_target", "set_target"),
        **_guess("no_action", "", "hold", "none", "nothing", "wait"),
    },
    Place.TYPE: {
        **_guess("bbands", "", "bb", "bollinger", "bollinger_bands", "bollingerbands", "boll"),
        **_guess("kc", "", "keltner", "keltner_channel", "keltner_channels"),
        **_guess("donchian", "", "donchian_channel", "donchian_channels", "dc"),
        **_guess("stoch", "", "stochastic", "slowk", "stochastics"),
        **_guess("sma", "", "ma", "moving_average", "simple_moving_average", "avg", "mean"),
        **_guess("ema", "", "exponential_moving_average", "ewm"),
        **_aliases("rma", "smma", "wilder", "wilders", "wilders_average", "wilder_smoothing", "wilders_smoothing",
                   "running_moving_average", "smoothed_moving_average"),
        **_guess("atr", "", "average_true_range"),
        **_guess("adx", "", "dmi"),
        **_guess("mom", "", "momentum"),
        **_guess("willr", "", "williams_r", "williams", "wpr"),
        **_guess("stdev", "", "std", "stddev", "standard_deviation"),
        **_guess("psar", "", "sar", "parabolic_sar", "sarext"),
        **_guess("volume_sma", "", "vol_sma", "volume_ma", "volume_average", "vol_ma"),
        **_guess("atr_trailing_stop", "", "ut_bot", "utbot", "ut_bot_alerts", "atr_trail", "atr_trailing", "atr_stop", "trailing_stop"),
        **_guess("trailing_bands", "it reads two sources, what it follows and how far away", "qqe", "ratchet", "trailing_band"),
        **_guess("percentile_level", "`percentile_level(close, 100, 80)`: the percent is of 100", "quantile",
                 "percentile_linear_interpolation", "percentile_nearest_rank", "percentile_value"),
        **_guess("percentile", "", "percentrank", "percent_rank", "percentile_rank"),
        **_guess("median", "", "rolling_median", "med"),
        **_guess("highest", "", "max", "highest_high", "hh"),
        **_guess("lowest", "", "min", "lowest_low", "ll"),
        **_guess("swing", "swings stand under `structures`", "pivot", "zigzag", "fractal"),
        **_guess("squeeze", "", "ttm_squeeze"),
        **_guess("ichimoku", "", "ichimoku_cloud", "cloud", "kumo", "kijun", "tenkan"),
        **_guess("heikin_ashi", "", "ha", "heikinashi", "heiken_ashi"),
        **_guess("session_open", "its `anchor` is D, W or M", "day_open", "week_open", "month_open",
                 "daily_open", "weekly_open"),
        **_guess("opening_range", "", "orb", "initial_balance"),
        **_guess("pivots", "", "pivot_points", "pivot_point_levels", "floor_pivots", "camarilla", "pivot_levels"),
        **_guess("rvol", "", "relative_volume"),
        **_guess("linreg", "", "linearreg", "linear_regression", "lsma", "least_squares", "regression"),
        **_guess("slope", "", "linearreg_slope", "linreg_slope", "gradient"),
        **_guess("uo", "", "ultosc", "ultimate", "ultimate_oscillator"),
        **_guess("linreg_channel", "", "regression_channel", "linear_regression_channel"),
        **_guess("chandelier", "", "chandelier_exit", "ce", "chandelier_stop"),
        **_guess("candles", "", "candle_patterns", "candlestick", "candlesticks", "doji", "engulfing",
                 "hammer", "harami", "morning_star", "evening_star", "inside_bar"),
        **_guess("vwap_bands", "", "vwap_band", "vwap_deviation"),
        **_guess("correlation", "it reads two sources", "corr", "correl", "pearson"),
        **_guess("market_structure", "", "bos", "choch"),
        **_guess("fair_value_gap", "", "fvg"),
        **_guess("order_block", "", "ob"),
    },
    Place.NAME: {
        **_guess("position_side", "compare it with `flat`, `long` or `short`", "position", "pos",
                 "side", "direction", "current_position", "market_position", "strategy.position_size"),
        **_note("write `position_side != flat`", "in_position", "has_position", "is_open"),
        **_note("write `position_side == flat`", "no_position", "is_flat"),
        **_note("write `position_side == long`", "is_long", "in_long"),
        **_note("write `position_side == short`", "is_short", "in_short"),
        **_guess("position_unrealized_pnl", "in usdt; in percent it is `position_unrealized_pct`",
                 "pnl", "profit", "position_pnl", "unrealized_pnl", "open_profit", "upnl", "unrealized"),
        **_guess("position_unrealized_pct", "", "pnl_pct", "profit_pct", "unrealized_pct", "roi"),
        **_guess("position_avg_entry", "the average of all entries of the position (of a bar's prices it is `ohlc4`)", "entry_price",
                 "avg_price", "avg_entry", "average_entry", "entry", "position_avg_price"),
        **_guess("position_stop", "", "stop_loss", "current_stop", "stop_price"),
        **_guess("position_target", "", "take_profit", "target_price"),
        **_guess("position_size_usdt", "in base units it is `position_qty`", "position_size"),
        **_guess("pending_order_count", "", "pending_orders", "open_orders", "order_count",
                 "working_orders"),
        **_note("write `pending_order_count > 0`", "has_pending", "has_orders"),
        **_guess("hour_utc", "", "hour", "time"),
        **_guess("weekday_utc", "Monday is 0, Sunday is 6", "weekday", "day", "day_of_week",
                 "dayofweek"),
        **_guess("day", "the weekday is `weekday_utc`", "day_of_month", "dayofmonth"),
        **_guess("days_left_in_month", "0 on its last day", "days_left", "month_end", "day_from_end",
                 "days_to_month_end", "last_day_of_month", "is_month_end"),
        **_guess("bar_index", "", "bar", "n", "bars"),
        **_guess("bars_since_entry", "", "bars_in_trade", "bars_in_position"),
        **_guess("fundings_since_entry", "", "funding_count", "fundings", "fundings_paid", "funding_paid", "funding_due",
                 "funding_now", "funding_payments", "fundings_since_flat"),
        **_guess("tick", "`2 ticks` are two of them", "tick_size", "ticksize", "mintick", "min_tick",
                 "price_step", "syminfo.mintick"),
        **_guess("loss_streak", "", "losses_in_row", "consecutive_losses", "losing_streak"),
        **_guess("losses_today", "", "daily_losses", "losing_trades_today", "lost_today", "losses_of_day"),
        **_guess("win_rate", "`win_rate(20)`: of the last 20 trades", "winrate", "win_ratio", "hit_rate", "percent_profitable"),
        **_guess("avg_win", "`avg_win(20)`: of the last 20 trades", "average_win", "avg_winning_trade", "mean_win"),
        **_guess("avg_loss", "`avg_loss(20)`: of the last 20 trades", "average_loss", "avg_losing_trade", "mean_loss"),
        **_guess("avg_trade", "`avg_trade(20)`: of the last 20 trades", "expectancy", "average_trade", "mean_trade"),
        **_guess("last_trade_pnl", "in units of risk it is `last_trade_r`", "last_trade", "last_pnl"),
        **_guess("pnl_today", "", "daily_pnl", "day_pnl", "today_pnl"),
        **_guess("drawdown_pct", "", "drawdown", "dd", "drawdown_percent"),
        **_guess("equity_peak", "", "peak_equity", "max_equity", "high_water_mark"),
        **_guess("position_high", "", "highest_since_entry", "max_price", "highest_price", "max_rate"),
        **_guess("position_low", "", "lowest_since_entry", "min_price", "lowest_price", "min_rate"),
        **_note("`weekday_utc == fri` asks for a day of the week (as a number Monday is 0, Sunday 6)", "mon", "tue", "wed", "thu", "fri",
                "sat", "sun", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                "sunday"),
    },
    Place.VALUE: {
        **{f"{day}day": Meant(day[:3], is_alias=True) for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")},
        **_guess("stop", "", "stop_loss", "stoploss", "sl", "stopped", "stopped_out"),
        **_guess("target", "", "take_profit", "tp", "profit_target"),
        **_guess("flat", "", "none", "no_position", "closed"),
        **_guess("long", "", "buy", "bought"),
        **_guess("short", "", "sell", "sold"),
    },
    Place.MODE: {
        **_guess("long_short", "", "both", "long_and_short", "all", "any", "hedge"),
        **_guess("long_only", "", "long", "longs", "buy"),
        **_guess("short_only", "", "short", "shorts", "sell"),
    },
}  # fmt: skip


def meant(place: Place | None, word: str) -> Meant | None:
    """Return what a word means at a place, None if people do not say it there."""
    if place is None:
        return None
    known = _KNOWN.get(place, {}).get(word.lower())
    if known is None and place in (Place.TYPE, Place.NAME) and (way := recipe(word)) is not None:
        return Meant("", f"there is no word for it; {way.text}: `{way.example}`")
    return known


def meanings(word: str) -> list[tuple[Place, Meant]]:
    """Return what people mean by a word, where they say it; how to say what has none is a recipe."""
    asked = plain(word)
    found = [
        (place, ours)
        for place, words in _KNOWN.items()
        for name, ours in words.items()
        if plain(name) == asked
    ]
    return list(dict.fromkeys(found))


def places_of(word: str) -> list[Place]:
    """Return where a word is one of ours that others call otherwise: `days` of a session."""
    asked = plain(word)
    return [
        place
        for place, words in _KNOWN.items()
        if any(ours.word and plain(ours.word) == asked for ours in words.values())
    ]


def is_alias(theirs: str, ours: str) -> bool:
    """Return whether a word is listed, at any place, as another name for exactly the same thing."""
    found = [words.get(theirs.lower()) for words in _KNOWN.values()]
    return any(known is not None and known.is_alias and known.word == ours for known in found)
