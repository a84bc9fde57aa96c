"""What is remembered, followed and read beside the bars: questions that have no word, each with how a card says it.

The law: every example compiles; a name stands in one row, and in none where it is a word of ours.
"""

from __future__ import annotations

from compiler.findings.recipe import Recipe, said

KEPT_RECIPES: tuple[Recipe, ...] = (
    # ------------------------------------------------------------ values that stay
    said("remember | memory | keep | keep_value | hold_value | latch | store | save | persist | persistent | static | var | varip | state | set_once | freeze | last_value | level_at_entry | entry_level | value_at_entry | price_at_entry | on_entry",
         "`value_when(c, x)` is x on the last bar on which c was true: of `position_side == flat` it is set anew while nothing is held and stays as it was decided at through the whole position (a variance is `variance`)",
         "variables: { level: 'value_when(position_side == flat, low)', broken: 'position_side == long and close < level' }"),
    said("grid_centre | grid_center | centre | center | neutral_grid | recentre | recenter | grid_reset | reset_grid | move_grid | infinity_grid | grid_middle",
         "the centre is a value that is kept while the grid waits or is held; far from it `cancel_all_orders`, and the grid is laid anew at the next close. Buys below and sales above are two ladders; with `rearm` ask for `not order_due(buys)` too, with `on_flat: cancel` beside it say `on_live_ref: replace`",
         "variables: { idle: 'position_side == flat and pending_order_count == 0', centre: 'value_when(idle, close)', away: 'abs(close - centre) > 5% of centre' }"),
    said("last_signal | previous_signal | signal_price | price_at_signal | value_at_signal | since_signal", "the value at the last time is `value_when`, how long ago it was `bars_since`",
         "close > value_when(close crosses above ema(close, 20), high) and bars_since(close crosses above ema(close, 20)) < 10"),
    said("prev_low_level | prev_high_level | previous_swing | prev_swing | previous_swing_low | previous_swing_high | swing_before_last | previous_low_level | previous_high_level | last_two_swings",
         "the swing before the last one is the level as it was one change before: the last argument of `value_when` counts back",
         "swing.low_level > value_when(swing.low_version != swing.low_version[1], swing.low_level, 1)"),
    said("touches | touch | touched | tags | hits", "a bar has touched a level that lies between its low and its high", "low <= ema(close, 20) and high >= ema(close, 20)"),
    # ------------------------------------------------------------ series beside the bars
    said("funding_percentile | funding_rank | average_funding | mean_funding | funding_average | high_funding | extreme_funding | funding_history | funding_zscore | funding_mean",
         "an indicator reads `funding_rate`, of every bar the last one settled; with `@8h` bars it is one a settlement, `percentile(funding_rate, 90)@8h` is of thirty days", "percentile(funding_rate, 100) > 95"),
    said("perp_basis | premium_index | mark_premium | basis | futures_basis | contango | backwardation", "the mark against the close is what a card reads of it", "sma(mark_price / close - 1, 24) > 0.001"),
    # ------------------------------------------------------------ orders that follow, sizes that shrink
    said("trailing_entry | trailing_buy | trailing_buy_stop | trailing_sell_stop | buy_stop_trailing | trailing_stop_entry | trailing_order | following_order | chase | chasing",
         "an order laid anew at every close by `on_live_ref: replace`; it only follows where the price is the nearer of the old and the new",
         "{ action: place_stop_long, metadata: { trigger: 'min(order_price(follow) ?? high, high)', size: 500 usdt, order_ref: follow, on_live_ref: replace } }"),
    said("halve | halving | size_halving | half_size | halve_size | reduce_size | reduce_after_loss | size_after_loss | reduce_size_after_loss | reduce_after_losses | shrinking_size | anti_tilt",
         "a size by the losses in a row, with a least one: a half of a half of it ends below the smallest order", "{ action: entry_long, metadata: { size: 'max(50 usdt, 800 usdt * pow(0.5, loss_streak))' } }"),
    said("last_size | previous_size | last_entry_size | size_of_last_trade | last_quantity | last_qty | previous_quantity",
         "the size of the trade before is not known; one that grows or shrinks from trade to trade is counted from the first by `win_streak` or `loss_streak`, what is held is `position_qty`",
         "{ action: entry_long, metadata: { size: '500 usdt * pow(1.5, min(win_streak, 4))' } }"),
    said("drawdown_sizing | size_by_drawdown | equity_sizing | scale_with_drawdown", "a size by the drawdown; a percentage divided by 100 is a plain part", "{ action: entry_long, metadata: { size: '10% of equity * max(0.2, 1 - 5 * drawdown_pct / 100)' } }"),
    # ------------------------------------------------------------ ideas that are known by name
    said("opening_range_breakout | open_range_breakout | initial_balance_breakout", "above the high of the first bars of a day, known once they are over; of those of a session `highest_since(ny.bars == 1, high)`", "close crosses above opening_range(4).high"),
    said("chikou | chikou_span | lagging_span | lagging_line", "the lagging span is the close, drawn 26 bars back: it is compared with the price there", "close > close[26] and close > ichimoku(9, 26, 52).top[26]"),
    said("senkou | senkou_a | senkou_b | senkou_span | leading_span | future_cloud | kumo_twist | cloud_twist | twist", "fields of `ichimoku`: `span_a` and `span_b` are of the cloud over the bar, `lead_a` and `lead_b` of the one drawn ahead",
         "ichimoku(9, 26, 52).lead_a crosses above ichimoku(9, 26, 52).lead_b"),
    said("tenkan_kijun_cross | tk_cross | tenkan_cross | kijun_cross", "`conversion` is the tenkan, `base` the kijun", "ichimoku(9, 26, 52).conversion crosses above ichimoku(9, 26, 52).base"),
    said("last_bar | first_bar | first_bar_of_session | last_bar_of_session | session_start | session_end | session_close", "of a session `ny` under `sessions`: `ny.bars == 1` is its first bar, `ny.last_bar` its last, `ny.over` what comes behind; of all bars the first is `bar_index == 0`, and no rule knows which is the last",
         "sessions: { ny: { tz: America/New_York, hours: 09:30-16:00, days: mon-fri } }"),
    said("triple_screen | elder | tide | screen | impulse | impulse_system | multi_timeframe_trend", "the trend of higher bars, the entry on those of the card", "macd(12, 26, 9).histogram@1h is rising and stoch(14, 3, 3).k < 30"),
    said("williams_breakout | volatility_breakout | larry_williams | range_expansion_breakout", "a stop order a part of the last range away", "{ action: place_stop_long, metadata: { trigger: close + 0.6 * (high - low), size: 500 usdt, ttl_bars: 1 } }"),
    said("candles_on_heikin_ashi | heikin_ashi_candles | heikin_ashi_doji | ha_doji | doji_on_heikin_ashi | ha_candles", "`candles` looks at the card's own bars; of Heikin-Ashi bars a pattern is written out",
         "abs(heikin_ashi().close - heikin_ashi().open) < 0.1 * (heikin_ashi().high - heikin_ashi().low)"),
)  # fmt: skip
