"""One sentence and one example for every word of a card that no other table explains.

The law: a word has its sentence here or in its own row (builtins, indicators, structures, refusals),
never in both; a test finds every word without one, and compiles every example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from compiler.catalog.orders import OptionName, PriceSlot
from compiler.catalog.promises import Promise
from compiler.catalog.timeframes import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class Told:
    """What a word means, and how it is written: a line or a piece of a card."""

    text: str
    example: str


def _frozen(table: dict[str, Told]) -> Mapping[str, Told]:
    return MappingProxyType(table)


SECTIONS: Final = _frozen({
    "name": Told("the card's name; runs and reports are called by it", "name: pullback"),
    "version": Told("the version of the language the card is written in; unsaid it is the newest", 'version: "3.2"'),
    "description": Told("what the card is about, for people", "description: buys pullbacks in a trend"),
    "symbol": Told("the market that is traded", "symbol: BTCUSDT"),
    "tf": Told(
        f"the timeframe: rules are looked at whenever such a bar closes; one of {', '.join(TIMEFRAMES)} (no month)", "tf: 15m"
    ),
    "htf": Told(
        f"higher timeframes the card may use, whole multiples of `tf`: any of {', '.join(TIMEFRAMES)} (no month)",
        "htf: [1h, 4h]",
    ),
    "params": Told(
        "numbers to tune, used as `=name` where a number may stand; `low`, `high`, `step` bound a search",
        "params: { length: { default: 20, low: 10, high: 40, step: 5 } }",
    ),
    "features": Told(
        "indicators by id; `tf` and `symbol` move one to another clock or market, `source` to another column or an expression. A bar on which that is unknown is passed over, as if it had not been: `length` counts the known ones, and on the bar itself the indicator is unknown",
        "features:\n  - { type: ema, id: slow, tf: 1h, source: hlc3, params: { length: 50 } }",
    ),
    "structures": Told(
        "market structures by key, on the card's clock (`exec`) or higher ones (`htf`)",
        "structures:\n  exec:\n    - { type: swing, key: swing, params: { left: 3, right: 3 } }",
    ),
    "variables": Told(
        "named values: conditions, numbers or words, used by their name wherever such a value may stand; none can read itself, not at "
        "an earlier bar either. An indicator reads one as its text, on its own bars: `sma(half, 20)`, `source: half`, of prices, features and "
        "indicators. Memory have `value_when`, `bars_since`, `highest_since`, `count_since` and indicators like "
        "`supertrend`, `atr_trailing_stop`, `chandelier` and, of any series, `trailing_bands`",
        "variables: { up: close > open, half: (high + low) / 2 }",
    ),
    "sessions": Told(
        "spans of the day by name, in a zone of the world with its summer time: `ny.active`, `ny.first_bar`, `ny.last_bar`, "
        "`ny.over`, `ny.bars`, `ny.open`, `ny.high`, `ny.low`, `ny.close`; a bar belongs by its open, outside of them prices are those of the last one; "
        "`ny.version` counts them, `ny.bars` the bars of one (1 on the first, 0 outside); `ny.last_bar` is the bar that "
        "closes at the end by the clock, so never true where that bar is missing; `ny.over` is true on it and until the next "
        "session begins: what has to be flat by the end asks `ny.over and position_side != flat`; `vwap(ny)` and `vwap_bands(ny)` begin anew with one",
        "sessions: { ny: { tz: America/New_York, hours: 09:30-16:00, days: mon-fri, except: [2025-12-25] } }",
    ),
    "blocks": Told(
        "the rules: all blocks are looked at on every close; inside one the first case that is true wins",
        "blocks:\n  - id: leave\n    cases:\n      - { when: close > open, emit: [exit_all] }",
    ),
    "blocks.cases": Told(
        "the cases of a block in order: `when` a condition, `emit` what is done then",
        "blocks:\n  - id: leave\n    cases:\n      - when: close > open\n        emit: [exit_all]",
    ),
    "blocks.else": Told(
        "what a block does when no case is true (unknown counts as not true)",
        "blocks:\n  - id: leave\n    cases:\n      - { when: close > open, emit: [exit_all] }\n"
        "    else: { emit: [cancel_all_orders] }",
    ),
    "account": Told("money, leverage and fees of a run", "account: { starting_equity_usdt: 5000 }"),
    "position_policy": Told("which positions may be held", "position_policy: { mode: long_only }"),
    "risk_model": Told(
        "stop, target and size of every entry that does not state its own",
        "risk_model:\n  stop_loss: { type: percent, value: 2 }",
    ),
    "limits": Told(
        "what stops entries: losses, drawdown, trades of a day, losses in a row, bars after an exit",
        "limits: { max_daily_loss_pct: 3, max_trades_per_day: 4, cooldown_bars: 8, on_breach: flatten }",
    ),
    "execution": Told("how a back-test fills orders", "execution: { fill_model: conservative }"),
    "invariants": Told(
        "promises: conditions or named ones that no intent may break; what a fill, the market or time breaks is counted in the result",
        "invariants: [always_protected, max_layers: 3]",
    ),
})  # fmt: skip

# The examples stand under `emit`.
ACTIONS: Final = _frozen({
    "entry_long": Told("buy at market: opens a long or adds to it",
                       "{ action: entry_long, metadata: { size: 10% of equity, stop_loss: close * 0.98 } }"),
    "entry_short": Told("sell at market: opens a short or adds to it",
                        "{ action: entry_short, metadata: { size: risk 1%, stop_loss: close * 1.02 } }"),
    "exit_long": Told("close a long at market, or a part of it",
                      "{ action: exit_long, metadata: { size: 50% of position } }"),
    "exit_short": Told("close a short at market, or a part of it", "exit_short"),
    "exit_all": Told("close any position at market",
                     "{ action: exit_all, metadata: { reason: session over } }"),
    "place_limit_long": Told("a resting buy at a price or better",
                             "{ action: place_limit_long, metadata: { price: low, size: 500 usdt, ttl_bars: 10 } }"),
    "place_limit_short": Told("a resting sell at a price or better",
                              "{ action: place_limit_short, metadata: { price: high, size: 500 usdt, ttl_bars: 10 } }"),
    "place_limit_exit_long": Told("a resting sell that only closes a long; further below the close than `execution.price_band_pct` it is refused, like an entry: at the next open, if that is above X, is `max(X, close - 4%)` with `ttl_type: ioc`",
                                  "{ action: place_limit_exit_long, metadata: { price: close * 1.02, size: 50% of position } }"),
    "place_limit_exit_short": Told("a resting buy that only closes a short; further above the close than `execution.price_band_pct` it is refused, like an entry",
                                   "{ action: place_limit_exit_short, metadata: { price: close * 0.98, size: 50% of position } }"),
    "place_stop_long": Told("buy once the price rises to `trigger`; with `limit_price` as a limit",
                            "{ action: place_stop_long, metadata: { trigger: high, size: 500 usdt, ttl_bars: 10 } }"),
    "place_stop_short": Told("sell once the price falls to `trigger`; with `limit_price` as a limit",
                             "{ action: place_stop_short, metadata: { trigger: low, size: 500 usdt, ttl_bars: 10 } }"),
    "cancel_order": Told("cancel the working order of a ref; of a ladder's all of them; a gap may fill it first", "{ action: cancel_order, metadata: { order_ref: dip } }"),
    "cancel_all_orders": Told("cancel every working order of the card, or of a group or a side",
                              "{ action: cancel_all_orders, metadata: { side: buy } }"),
    "amend_order": Told("change price, size or time to live of a working order, stop and target until its first fill (then `adjust_stop`); of a ladder, those working; a gap may fill it first",
                        "{ action: amend_order, metadata: { order_ref: dip, price: low } }"),
    "adjust_stop": Told(
        "move the stop of the open position, or of one `layer`: those of `protect: layer` never move without it, and where every "
        "layer has one of its own it is refused (`layer_owned`); to a price that the market has passed at that close it is refused "
        "(`stop_on_wrong_side`) and the old stop stays, so a case before it leaves there",
        "blocks:\n  - id: break_even\n    cases:\n"
        "      - { when: position_side == long and exits_since_entry > 0 and close <= position_avg_entry, emit: [exit_long] }\n"
        "      - when: position_side == long and exits_since_entry > 0 and position_stop < position_avg_entry\n"
        "        emit: [{ action: adjust_stop, metadata: { price: position_avg_entry, only_tighten: true } }]",
    ),
    "adjust_target": Told(
        "move the target of the open position, or of one layer; refused like `adjust_stop` where the market has passed it "
        "(`target_on_wrong_side`), so a case before it leaves there",
        "blocks:\n  - id: follow\n    cases:\n"
        "      - { when: position_side == long and close >= position_avg_entry + 1%, emit: [exit_long] }\n"
        "      - when: position_side == long and position_layers > position_layers[1]\n"
        "        emit: [{ action: adjust_target, metadata: { price: position_avg_entry + 1% } }]",
    ),
    "adjust_trail": Told("give the open position, or one layer, a trailing stop in place of the one it has, never a looser one; or remove it. Its best price and `activate` count from this close on",
                         "{ action: adjust_trail, metadata: { distance: 2 * (high - low), activate_r: 1 } }"),
    "adjust_size": Told("buy or sell at market what is missing to a target size of the open position; with `side` a position of that size is opened where there is none, which brings the stop, target and trail stated here (they leave an open one as it is), and one of the other side is turned where `allow_flip` lets it",
                        "{ action: adjust_size, metadata: { size: 20% of equity } }"),
    "no_action": Told("do nothing: a case that only keeps later ones from being looked at", "no_action"),
})  # fmt: skip

# The examples stand under `metadata` of a resting buy, unless `IN_ACTION` names another action.
OPTIONS: Final = _frozen({
    OptionName.ORDER_REF: Told("the order's name: one working order a ref, asked for by `order_pending`", "order_ref: dip"),
    OptionName.ORDER_GROUP: Told("a name for orders that belong together: cancelled together, or `oco`", "order_group: straddle"),
    OptionName.REASON: Told("a text that stands beside the order in results", "reason: weak close"),
    OptionName.TTL_BARS: Told("the order ends at this many closes (or a time, `2h`) after it was placed", "ttl_bars: 12"),
    OptionName.TTL_TYPE: Told("time in force: until cancelled (gtc), for `ttl_bars` (gtd, which holds wherever there are some), at once or never (ioc, fok)", "ttl_type: ioc"),
    OptionName.POST_ONLY: Told("the order is cancelled where it would trade at once: it pays the maker fee or nothing", "post_only: true"),
    OptionName.ON_PARTIAL: Told("after a partial fill the rest goes on waiting, or is cancelled at the close", "on_partial: cancel"),
    OptionName.ON_FLAT: Told("when the position closes, this entry goes on waiting (keep) or is cancelled; an exit always is", "on_flat: cancel"),
    OptionName.ON_LIVE_REF: Told("a second order under a working ref is refused, or replaces it: the working one gets what the new one says, and its `ttl_bars` and age begin anew, so one replaced at every close never ends by them; a gap may fill it first, as it was; one placed at the same close (by `on_fill`, `rearm` or an earlier rule) does not leave, the new one does", "{ order_ref: dip, on_live_ref: replace }"),
    OptionName.OCO: Told("one cancels the other: a fill of one member of the group ends its other entries and leaves its exits what is still held; until then each waits with its own layer, margin and share of the largest position, and of two entries of one side the first fill ends the second", "{ order_group: straddle, oco: true }"),
    OptionName.ON_FILL: Told("actions at the close at which the order has ended with something filled; their prices and sizes are those of that close, with `fill_price`, at which it was filled; a price of the placing is kept by `value_when`",
                             "on_fill: [{ action: place_limit_exit_long, metadata: { price: high, size: 50% of position } }]"),
    OptionName.LADDER: Told("several orders `REF_1`, `REF_2` … in the group `REF`, each a `step` (`1.5%` of the first price, or a price difference) times `step_scale` further away (the first gap is `step`), its size times `size_scale` that of the one before; `size_of: total` shares the size among them. `order_pending(REF)` asks for any of them, `cancel_order` ends all, `amend_order` changes those that work, laid from its `price` and `size` as the ladder was (`rung_price` stays in an `on_fill`). A ref in its `on_fill` is `OUT_1` … of each rung; elsewhere `OUT` means them all. In its size, stop, target and `on_fill` stand `rung` (1, 2 …) and `rung_price`: `size: rung * 10% of equity` is 10, 20, 30 % for the first three",
                             "{ order_ref: dca, ladder: { orders: 4, step: 1%, step_scale: 2, size_scale: 1.5 } }"),
    OptionName.REARM: Told("when the exit that its `on_fill` places (of several the one with an `order_ref`) has filled whole, the entry is placed again at that close, at its first price, its size, stop and target calculated anew: `true`, or how often at most (of a ladder each order on its own). An exit without an `order_ref` is never refused because an older one still waits: a grid may be cancelled and laid anew while lots are held, and each lot keeps its own exit. It ends where the entry did not fill whole, by a cancel of its ref, of its group or of all, when anything but such an exit closes the position, by a limit, and where it is refused",
                            "{ order_ref: dip, rearm: 10, on_fill: [{ action: place_limit_exit_long, metadata: { price: high, size: fill, order_ref: out } }] }"),
    OptionName.PROTECT: Told(
        "stop and target hold for the whole position, or for this entry's own layer: two entries, one with a target and one without, take "
        "half at 2R, and each stop stays or moves by its `layer`. One stop that follows, and half at a target, are one entry with "
        "`on_fill: [{ action: place_limit_exit_long, metadata: { price: …, size: 50% of position } }]`",
        "position_policy: { max_layers: 2 }\nblocks:\n  - id: enter\n    cases:\n      - when: position_side == flat and close > open\n"
        "        emit:\n"
        "          - { action: entry_long, metadata: { size: risk 0.5%, protect: layer, stop_loss: close - 2 * atr, take_profit: close + 4 * atr } }\n"
        "          - { action: entry_long, metadata: { size: risk 0.5%, protect: layer, stop_loss: close - 2 * atr } }",
    ),
    OptionName.TAKE_PROFIT_TYPE: Told("the target leaves at market when it is touched, or rests as a limit order", "{ take_profit: high * 1.02, take_profit_type: limit }"),
    OptionName.METHOD: Told("which layers a partial exit is booked on; money does not depend on it", "method: lifo"),
    OptionName.SIDE: Told("of `cancel_all_orders`: only the working orders of this side; of `adjust_size`: the side of the position (`long`, `short`), which is opened where there is none", "side: sell"),
    OptionName.ONLY_TIGHTEN: Told("the level moves towards the price only, never away from it", "only_tighten: true"),
    OptionName.LAYER: Told("the layer whose stop, target or trail is meant, counted from 0, the oldest; the numbers move up when a layer closes: what is left is 0, and one that is not open is refused (`unknown_ref`)", "layer: 0"),
    OptionName.TRAIL: Told("a trailing stop: a `distance` (or `distance_pct` of the average entry) behind the best price since the first fill (`adjust_trail`: since that close), inside the bar, never moved back; from `activate` (a price), `activate_pct` (percent of the entry in favour) or `activate_r` (multiples of the risk to the stop) on. The position leaves at the tighter of stop and trail",
                           "{ stop_loss: low * 0.98, trail: { distance: 2 * (high - low), activate_r: 1 } }"),
    OptionName.DISTANCE: Told("how far a trailing stop stays behind the best price, as a price difference; whole ticks from the first fill on", "distance: 2 * (high - low)"),
    OptionName.DISTANCE_PCT: Told("the same in percent of the average entry at the first fill", "distance_pct: 1.5"),
    OptionName.ACTIVATE: Told("the price from which on the stop trails", "{ distance: 5, activate: close * 1.02 }"),
    OptionName.ACTIVATE_PCT: Told("in `trail` and `adjust_trail`: the same as percent of the average entry in favour", "{ distance: 5, activate_pct: 2 }"),
    OptionName.ACTIVATE_R: Told("the same as multiples of what the entry risks to its stop", "{ distance: 5, activate_r: 1.5 }"),
    OptionName.REMOVE: Told("the trailing stop goes; stop and target stay", "remove: true"),
})  # fmt: skip
IN_ACTION: Final[Mapping[str, str]] = MappingProxyType({
    OptionName.METHOD: "{ action: exit_long, metadata: { size: 50% of position, %s } }",
    OptionName.SIDE: "{ action: cancel_all_orders, metadata: { %s } }",
    OptionName.ONLY_TIGHTEN: "{ action: adjust_stop, metadata: { price: low, %s } }",
    OptionName.LAYER: "{ action: adjust_stop, metadata: { price: low, %s } }",
    OptionName.ON_FILL: "{ action: place_limit_long, metadata: { price: low, size: 500 usdt, %s } }",
    OptionName.LADDER: "{ action: place_limit_long, metadata: { price: low, size: 500 usdt, %s } }",
    OptionName.REARM: "{ action: place_limit_long, metadata: { price: low, size: 500 usdt, %s } }",
    OptionName.DISTANCE: "{ action: adjust_trail, metadata: { %s } }",
    OptionName.DISTANCE_PCT: "{ action: adjust_trail, metadata: { %s } }",
    OptionName.ACTIVATE: "{ action: adjust_trail, metadata: { %s } }",
    OptionName.ACTIVATE_PCT: "{ action: adjust_trail, metadata: { %s } }",
    OptionName.ACTIVATE_R: "{ action: adjust_trail, metadata: { %s } }",
    OptionName.REMOVE: "{ action: adjust_trail, metadata: { %s } }",
})  # fmt: skip

# Each as `X` (a number or an expression), `X_ref` (a reference) or `X_offset_pct` (percent of the close).
PRICES: Final = _frozen({
    PriceSlot.PRICE: Told("the price of a limit order, or the level a stop or target moves to", "price: low - 10"),
    PriceSlot.TRIGGER: Told("the price at which a stop entry wakes up", "trigger_offset_pct: 0.5"),
    PriceSlot.LIMIT_PRICE: Told("the limit of a stop entry once it is awake", "{ trigger: high, limit_price: high * 1.001 }"),
    PriceSlot.STOP_LOSS: Told("the stop an entry brings, of the whole position, in place of the one it has, be it nearer or not (`max(position_stop, …)` keeps the nearer one of a long position); of its own part with `protect: layer`", "stop_loss: low * 0.99"),
    PriceSlot.TAKE_PROFIT: Told(
        "the target an entry brings, of the whole position; of a part of it with `protect: layer`", "take_profit_offset_pct: 3"
    ),
})  # fmt: skip

SIZES: Final = _frozen({
    "size_usdt": Told("notional in USDT", "size_usdt: 500"),
    "size_pct": Told("a fraction of equity; for exits a fraction of the position (0.1 is ten percent)", "size_pct: 0.1"),
    "size_of_max_pct": Told("a fraction of the largest position allowed", "size_of_max_pct: 0.25"),
    "risk_pct": Told("percent of equity that is lost if the stop is hit; needs a stop", "{ risk_pct: 1, stop_loss: low * 0.99 }"),
    "size": Told("a size in words", "size: 10% of equity"),
    "% of equity": Told("notional as a share of equity", "size: 10% of equity"),
    "% of max": Told("notional as a share of the largest position allowed", "size: 25% of max"),
    "% of free": Told("notional as a share of the free margin; `* leverage` for more", "size: 50% of free * leverage"),
    "% of position": Told("a share of the lots held", "size: 50% of position"),
    "rest of position": Told("the lots that no working exit of the card takes; for exits", "size: rest of position"),
    "fill": Told("in `on_fill`: the lots that the order has filled (of an entry that turned a position, those it opened; of one "
                 "that comes again by `rearm`, those its exit closed)", "size: fill"),
    "usdt": Told("notional in USDT", "size: 1000 usdt"),
    "base": Told("quantity in base units", "size: 0.01 base"),
    "risk %": Told("what is lost if the stop is hit, in percent of equity; needs a stop; also `risk(p)`", "{ size: risk 1%, stop_loss: low * 0.99 }"),
    "rung": Told("in the size, stop, target and `on_fill` of a `ladder`: which of its orders it is, 1, 2 …",
                 "{ order_ref: dca, ladder: { orders: 3, step: 1% }, size: rung * 10% of equity }"),
    "rung_price": Told("there also: the price of that order", "{ order_ref: dca, ladder: { orders: 3, step: 1% }, stop_loss: rung_price - 2% }"),
    "fill_price": Told("in the actions of an `on_fill`, their prices, stops, targets and sizes: the average price at which the order before was "
                       "filled, not the one it was placed at: a gap or a limit that trades at once fills at a better or worse one (of an entry that comes again by `rearm`: at which its exit was)",
                       "{ price: low, size: 500 usdt, on_fill: [{ action: place_limit_exit_long, metadata: { price: fill_price + 0.6%, size: fill } }] }"),
    "calculated": Told("sizes and other numbers calculated with, in usdt or base units; cut to what fits. Usdt divided by a price are base units: `1% of equity / atr(14)`", "{ size: \"min(risk 1%, 50% of equity)\", stop_loss: low * 0.99 }"),
})  # fmt: skip

# The examples are conditions.
WORDS: Final = _frozen({
    "and": Told("both are true", "close > open and volume > 0"),
    "or": Told("one of them is true", "close > open or close > high[1]"),
    "not": Told("it is false; unknown stays unknown", "not close > open"),
    ">": Told("greater; also `gt`", "close > open"),
    ">=": Told("greater or equal; also `gte`, `ge`", "close >= open"),
    "<": Told("less; also `lt`", "close < open"),
    "<=": Told("less or equal; also `lte`, `le`", "close <= open"),
    "==": Told("the same word, whole number or truth; also `eq`. Numbers with decimals need `near`", "position_side == flat"),
    "!=": Told("another word, whole number or truth; also `ne`", "position_side != long"),
    "in": Told("one of a list", "weekday_utc in [0, 1, 2]"),
    "between": Told("from the lower to the upper end, both included", "close between low and high"),
    "near": Told("at most so far apart: `within` a distance, or percent of the right side", "close near high within 0.5%"),
    "crosses above": Told("was at or below on the bar before, is above now; also `cross_above`", "close crosses above high[1]"),
    "crosses below": Told("was at or above on the bar before, is below now; also `cross_below`", "close crosses below low[1]"),
    "crosses": Told("crosses above or below; also `cross`", "close crosses high[1]"),
    "is rising": Told("above its own value one bar before; `is not rising` is the opposite; also `is_rising`", "close is rising"),
    "is falling": Told("below its own value one bar before; also `is_falling`", "close is falling for 3 bars"),
    "is never": Told("has not happened yet: of `bars_since_exit` and `bars_since(…)`, which are infinite then; also `is_never`", "bars_since_exit is never"),
    "if else": Told("the first value where the condition between is true, else the last; also `{ if, then, else }`", "close > (open if volume > 0 else low)"),
    "then within": Told("first the one condition, then, on a later bar and at most N bars on, the other; chains; also `sequence`", "close < low[1] then close > high[1] within 5 bars"),
    "is missing": Told("nothing is known: warm-up, no level, no position; `is not missing` is the opposite", "position_stop is missing"),
    "for bars": Told("true on each of the last N bars, this one included, or of a time (`for 2h`); also `holds_for`", "close > open for 3 bars"),
    "within last": Told("true on one of the last N bars, this one included, or of a time (`within last 2h`); also `occurred_within`", "close > high[1] within last 5 bars"),
    "at least of last": Told("true on at least M of the last N bars; also `count_true`", "close > open at least 3 of last 5 bars"),
    "?? ": Told("the value behind it where the one before is unknown, whatever made it so: no position, too few bars, a division by zero alike; `a if b is missing else c` asks of one of them", "(position_stop ?? 0) > 0"),
    "[n]": Told("the value so many bars back, on the feature's own clock", "close > close[1]"),
    "@tf": Told("the value on a higher timeframe, of its last closed bar", "close > close@1h"),
    "+ - * /": Told("arithmetic; what is divided by zero is unknown", "close - open > (high - low) / 2"),
    "N% of": Told("a part of any number; of `equity`, `max`, `free` and `position` in their own units", "close > low + 50% of (high - low)"),
    "N%": Told("beside a fraction or a percentage the same in its unit", "position_unrealized_pct > 2%"),
    "N bars": Told("a number of bars, or the time of so many (`2h`); amounts are written `200 usdt` and `0.01 base`", "bars_since_exit > 8 bars"),
    "N ticks": Told("so many price steps of what is traded, as large as its market says: also the builtin `tick`", "close > high[1] + 1 tick"),
    "indicator()": Told("an indicator without an entry in `features`: what it reads (a column, `BTCUSDT.close`, an expression of them, of variables and of other indicators), then its parameters in their order; `.field` and `@tf` behind; also `{ type, params, source, tf, field }`", "close > sma(close, 20)@1h"),
    "± %": Told("a value moved by percent of itself", "close > open + 0.5%"),
    "abs": Told("the size of a number, without its sign", "abs(close - open) > 10"),
    "min": Told("the least of its arguments", "min(open, close) > low"),
    "max": Told("the greatest of its arguments", "max(open, close) < high"),
    "floor": Told("the next whole number below", "floor(close) > 0"),
    "ceil": Told("the next whole number above", "ceil(close) > 0"),
    "sqrt": Told("the square root; unknown below zero", "sqrt(bar_index) > 10"),
    "log": Told("the natural logarithm; unknown at and below zero", "log(bar_index) > 2"),
    "exp": Told("the exponential: e to the power of a pure number, the inverse of `log`; unknown where it is no finite number", "exp(2 * (close / open - 1)) > 1"),
    "mod": Told("what is left of a division, with the sign of the divisor", "mod(bar_index, 4) == 0"),
    "pow": Told("a power of pure numbers; unknown where it is no finite number", "pow(close / open, 2) > 1"),
    "sign": Told("-1, 0 or 1", "sign(close - open) == 1"),
    "round": Told("the nearest whole number, or multiple of a step; halves away from zero", "close > round(close, 50)"),
    "bars_since": Told("bars since a condition was true last: 0 on such a bar, never before the first; unknown until the condition is known", "bars_since(close > high[1]) > 8"),
    "value_when": Told("a value as it was when a condition was true last, or so many times before that; unknown before", "close > value_when(volume > volume[1], high, 1)"),
    "highest_since": Told("the highest value since a condition was true last, that bar included; unknown before", "close < highest_since(position_side == flat, high) - 5"),
    "lowest_since": Told("the lowest value since a condition was true last, that bar included; unknown before", "close > lowest_since(position_side == flat, low) + 5"),
    "count_since": Told("on how many bars the second condition was true since the first was true last, that bar included: since `position_side == flat` the bar of the entry's decision, too, so of the position alone ask `position_side != flat and …`", "count_since(position_side == flat, close < open) >= 3"),
    "mean_when": Told("the mean of a value over the last times, 1 to 50, that a condition was true, each as it was then; unknown before so many", "close > mean_when(days_left_in_month == 0, close, 10)"),
    "median_when": Told("the median of a value over the last times that a condition was true", "high - low > median_when(hour_utc == 6, high - low, 20)"),
    "highest_when": Told("the highest of a value over the last times that a condition was true", "close > highest_when(hour_utc == 0, open, 5)"),
    "lowest_when": Told("the lowest of a value over the last times that a condition was true", "close < lowest_when(hour_utc == 0, open, 5)"),
    "all": Told("a list of conditions that must all be true; a bare list means the same", "{ all: [close > open, volume > 0] }"),
    "any": Told("a list of conditions of which one must be true", "{ any: [close > open, \"close > high[1]\"] }"),
    "true": Told("always", "true"),
})  # fmt: skip

PROMISES: Final = _frozen({
    Promise.ALWAYS_PROTECTED: Told("an open position always has a stop, or a trail that has begun", "always_protected"),
    Promise.NEVER_AVERAGE_UP: Told("no entry is filled at a worse price than the average of the position", "never_average_up"),
    Promise.MAX_LAYERS: Told("at most so many entries in one position, those that still wait counted too (of an `oco` group each): at a venue two may fill before the one ends the other", "max_layers: 3"),
    Promise.MAX_NOTIONAL_USDT: Told("the position is never larger than this", "max_notional_usdt: 5000"),
    Promise.MAX_OPEN_ORDERS: Told("at most so many orders wait at once", "max_open_orders: 4"),
    Promise.FLAT_AFTER_BARS: Told("no position is held longer than so many bars", "flat_after_bars: 200"),
    Promise.NO_ENTRY_WHILE: Told("nothing is entered while a condition holds", "no_entry_while: funding_rate > 0.001"),
    Promise.CONDITION: Told("any condition over the account: what would make it false is refused", "position_layers <= 3"),
})  # fmt: skip

SETTINGS: Final[Mapping[str, str]] = MappingProxyType({
    "account.starting_equity_usdt": "the money a run starts with",
    "account.max_leverage": "the leverage of the account; margin is notional divided by it",
    "account.margin_mode": "how margin is kept",
    "account.fee_model.taker_bps": "fee for taking, in hundredths of a percent of notional",
    "account.fee_model.maker_bps": "fee for making; below zero it is a rebate",
    "account.slippage_bps": "how much worse than the price at hand a market order trades",
    "account.min_trade_notional_usdt": "orders below this notional are refused",
    "account.max_position_usdt": "the largest position; else equity times leverage",
    "account.maintenance_margin_rate": "the rate at which a position is liquidated, where the instrument has no tiers",
    "position_policy.mode": "which sides the card may hold",
    "position_policy.max_layers": "how many entries may make up a position; those held and those ordered of its side, every waiting member of an `oco` group too",
    "position_policy.allow_flip": "an entry of the other side closes the position and opens its own; where its size is refused, the old position stays",
    "position_policy.allow_scale_in": "entries may add to an open position",
    "position_policy.allow_scale_out": "a position may be closed in parts",
    "position_policy.max_positions_per_symbol": "positions held at once in a symbol",
    "risk_model.stop_loss.type": "how the stop of every entry is found",
    "risk_model.stop_loss.value": "percent, multiple or points, by the type; counted from the average entry, anew after every fill that adds to the position, until the card moves the stop itself",
    "risk_model.stop_loss.atr_feature_id": "the volatility that `atr_multiple` multiplies",
    "risk_model.stop_loss.feature_id": "the structure or indicator whose level is the stop",
    "risk_model.stop_loss.field": "which level of the structure",
    "risk_model.stop_loss.buffer_pct": "how far beyond the level, seen from the entry, in percent of it",
    "risk_model.take_profit.type": "how the target of every entry is found",
    "risk_model.take_profit.value": "multiple of the stop's distance, percent, multiple or points, by the type; counted from the average entry, anew after every fill that adds to the position, until the card moves the target itself; `rr_ratio` of a stop that is a percent or a distance is exact; of one that is a price it multiplies the distance from where the entry was decided (its limit or trigger, at market the close), so after slippage or a gap it is not exactly so many of what the position risks: that is `position_avg_entry + 2 * (position_avg_entry - position_initial_stop)`, for `adjust_target`",
    "risk_model.take_profit.atr_feature_id": "the volatility that `atr_multiple` multiplies",
    "risk_model.take_profit.feature_id": "the structure or indicator whose level is the target",
    "risk_model.take_profit.field": "which level of the structure",
    "risk_model.take_profit.buffer_pct": "how far beyond the level, seen from the entry, in percent of it",
    "risk_model.sizing.model": "how large an entry is that states no size",
    "risk_model.sizing.value": "percent of equity, percent at risk or USDT, by the model",
    "risk_model.sizing.max_leverage": "a lower leverage for sizes by this rule",
    "limits.max_daily_loss_pct": "percent of equity lost since the day began, open positions and costs included, at which entries stop until the next day; looked at on closes alone: what is lost inside a bar counts at its close",
    "limits.max_drawdown_pct": "percent below the highest close of equity at which entries stop for good",
    "limits.max_trades_per_day": "positions opened in a day after which entries stop until the next day",
    "limits.max_losses_per_day": "trades closed with a loss in a day (`losses_today`), wins between them or not, after which entries stop until the next day",
    "limits.max_consecutive_losses": "trades lost in a row, those of earlier days too, after which entries stop until the next day; then they count from 0",
    "limits.cooldown_bars": "no entry at the close of the bar that closed a position, nor at so many closes after it; `entries_allowed` asks for it",
    "limits.on_breach": "what is done when a limit is reached: working entries go either way; `flatten` (of daily loss and drawdown) also closes the position at market",
    "limits.day_starts": "when a day begins, UTC; a bar belongs to the day of its open",
    "execution.fill_model": "how much of a resting limit order a bar fills",
    "execution.through_ticks": "for `through`: how many ticks beyond the limit price must trade",
    "execution.through_threshold_pct": "for `through`: the same in percent of the price",
    "execution.volume_participation_max": "the largest share of a bar's volume that is ours",
    "execution.assume_queue_position": "for `queue`: the share of the level that stands before us",
    "execution.require_close_through": "for `conservative`: the bar must close beyond the limit",
    "execution.intrabar": "the path the price takes inside a bar",
    "execution.magnify_tf": "for `magnify`: the timeframe of the finer bars",
    "execution.resting_gap": "the price of a limit that the open jumps over",
    "execution.attached": "from when on a stop or target that a fill brings can act",
    "execution.impact.model": "how the price of a market order grows with its share of the volume",
    "execution.impact.coefficient": "how strongly it does",
    "execution.impact_model": "short for `execution.impact.model`",
    "execution.impact_coefficient": "short for `execution.impact.coefficient`",
    "execution.price_band_pct": "limits this far on the costly side of the market are refused",
    "execution.close_at_end": "an open position is closed at the last bar",
})  # fmt: skip
