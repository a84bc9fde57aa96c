"""The words of the catalogue as the numbers that stand for them in the kernel."""

from __future__ import annotations

from compiler.catalog.actions import Verb
from compiler.catalog.builtins import FILL_PRICE, ORDER_PRICE, PER_LOSS, PLACED_AT
from compiler.catalog.orders import (
    OrderType,
    PriceSlot,
    RemovalMethod,
    SizeKind,
    TimeInForce,
)
from compiler.catalog.promises import Promise
from compiler.catalog.settings import (
    FillModel,
    ImpactModel,
    Intrabar,
    PositionMode,
    SizingModel,
    StopType,
    TargetType,
)
from runtime.batch import builtins, values
from runtime.batch import layout as at

OPS = {
    "tried": values.C_TRIED,  # of no program: what an entry would make of a builtin
    "const": values.C_CONST, "column": values.C_COLUMN, "account": values.C_ACCOUNT, "memo": values.C_MEMO,
    "jump_if_false": values.C_JUMP_FALSE, "jump_if_true": values.C_JUMP_TRUE, "and": values.C_AND,
    "or": values.C_OR, "min": values.C_MIN, "max": values.C_MAX, "lowest": values.C_MIN, "highest": values.C_MAX,
    "mean": values.C_MEAN, "median": values.C_MEDIAN, "not": values.C_NOT,
    "known": values.C_KNOWN, "neg": values.C_NEG, "abs": values.C_ABS, "floor": values.C_FLOOR,
    "ceil": values.C_CEIL, "sqrt": values.C_SQRT, "log": values.C_LOG, "exp": values.C_EXP, "default": values.C_DEFAULT,
    "add": values.C_ADD, "sub": values.C_SUB, "mul": values.C_MUL, "div": values.C_DIV, "gt": values.C_GT,
    "gte": values.C_GTE, "if": values.C_IF, "never": values.C_NEVER, "sign": values.C_SIGN,
    "round": values.C_ROUND, "mod": values.C_MOD, "pow": values.C_POW, "lt": values.C_LT, "lte": values.C_LTE, "eq": values.C_EQ, "ne": values.C_NE,
}  # fmt: skip
ACCOUNTS = {
    "position_side": builtins.A_SIDE, "position_size_usdt": builtins.A_SIZE, "position_qty": builtins.A_QUANTITY,
    "position_avg_entry": builtins.A_AVERAGE, "position_layers": builtins.A_LAYERS,
    "position_unrealized_pnl": builtins.A_UNREALIZED, "position_unrealized_pct": builtins.A_UNREALIZED_PCT,
    "position_stop": builtins.A_STOP, "position_target": builtins.A_TARGET, "position_trail": builtins.A_TRAIL,
    "bars_since_entry": builtins.A_SINCE_ENTRY, "bars_since_exit": builtins.A_SINCE_EXIT,
    "entries_since_flat": builtins.A_ENTRIES, "exits_since_entry": builtins.A_EXITS, "fundings_since_entry": builtins.A_FUNDINGS,
    "pending_order_count": builtins.A_PENDING, "pending_limit_buy_count": builtins.A_LIMIT_BUYS,
    "pending_limit_sell_count": builtins.A_LIMIT_SELLS, "pending_stop_buy_count": builtins.A_STOP_BUYS,
    "pending_stop_sell_count": builtins.A_STOP_SELLS, "oldest_pending_age_bars": builtins.A_OLDEST,
    "equity": builtins.A_EQUITY, "balance": builtins.A_BALANCE, "remaining_position_capacity": builtins.A_CAPACITY,
    "remaining_equity_pct": builtins.A_FREE, "max_position_usdt": builtins.A_MAXIMUM,
    "order_pending": builtins.A_ORDER_PENDING, "position_last_entry": builtins.A_NEWEST_ENTRY,
    "position_initial_stop": builtins.A_FIRST_STOP, "position_r": builtins.A_IN_RISK,
    "last_entry_price": builtins.A_LAST_ENTRY, "last_exit_price": builtins.A_LAST_EXIT,
    "last_exit_reason": builtins.A_EXIT_WORD, "last_trade_pnl": builtins.A_LAST_PNL, "last_trade_r": builtins.A_LAST_R,
    "win_rate": builtins.A_WIN_RATE, "avg_win": builtins.A_AVG_WIN, "avg_loss": builtins.A_AVG_LOSS,
    "avg_trade": builtins.A_AVG_TRADE,
    "win_streak": builtins.A_WINS, "loss_streak": builtins.A_LOSSES, "free_usdt": builtins.A_FREE_USDT,
    "free_margin": builtins.A_FREE_MARGIN, "leverage": builtins.A_LEVERAGE, "tick": builtins.A_TICK,
    ORDER_PRICE: builtins.A_ORDER_PRICE,
    "order_filled_pct": builtins.A_FILLED_PART, "order_due": builtins.A_DUE, PLACED_AT: builtins.A_PLACED_AT, FILL_PRICE: builtins.A_FILL_PRICE, PER_LOSS: builtins.A_PER_LOSS, "position_high": builtins.A_HIGH, "position_low": builtins.A_LOW,
    "trades_today": builtins.A_TRADES_TODAY, "losses_today": builtins.A_LOSSES_TODAY,
    "pnl_today": builtins.A_PNL_TODAY, "equity_peak": builtins.A_PEAK,
    "drawdown_pct": builtins.A_DRAWDOWN, "entries_allowed": builtins.A_ALLOWED, "limit_hit": builtins.A_HIT,
}  # fmt: skip
# What a close moves without an event, as what is watched while bars pass by.
MOVING = {
    "bars_since_entry": at.SINCE_ENTRY, "bars_since_exit": at.SINCE_EXIT,
    "position_unrealized_pct": at.GAIN_PCT, "position_unrealized_pnl": at.GAIN,
}  # fmt: skip
# What a promise is tried with before an entry is accepted.
TRIED = {
    "pending_order_count": at.AS_PENDING, "pending_limit_buy_count": at.AS_LIMIT_BUYS,
    "pending_limit_sell_count": at.AS_LIMIT_SELLS, "pending_stop_buy_count": at.AS_STOP_BUYS,
    "pending_stop_sell_count": at.AS_STOP_SELLS, "position_side": at.AS_SIDE, "position_size_usdt": at.AS_SIZE,
    "position_qty": at.AS_QUANTITY, "position_layers": at.AS_LAYERS, "remaining_position_capacity": at.AS_CAPACITY,
}  # fmt: skip
LAYER_FIELDS = {
    "entry": builtins.A_LAYER_ENTRY,
    "size": builtins.A_LAYER_SIZE,
    "age_bars": builtins.A_LAYER_AGE,
    "ref": builtins.A_LAYER_REF,
}
MEMOS = {
    "value": values.M_VALUE, "prev": values.M_PREV, "holds": values.M_HOLDS,
    "occurred": values.M_OCCURRED, "count": values.M_COUNT, "since": values.M_SINCE, "latch": values.M_LATCH,
    "high_since": values.M_HIGH_SINCE, "low_since": values.M_LOW_SINCE, "count_since": values.M_COUNT_SINCE,
}  # fmt: skip
VERBS = {
    Verb.CANCEL: at.V_CANCEL, Verb.CANCEL_ALL: at.V_CANCEL_ALL, Verb.EXIT: at.V_EXIT,
    Verb.ENTER: at.V_ENTER, Verb.ADJUST_STOP: at.V_STOP, Verb.ADJUST_TARGET: at.V_TARGET,
    Verb.ADJUST_TRAIL: at.V_TRAIL, Verb.AMEND: at.V_AMEND, Verb.NOTHING: at.V_NOTHING, Verb.ADJUST_SIZE: at.V_SIZE,
}  # fmt: skip
PROMISES = {
    Promise.ALWAYS_PROTECTED: at.P_PROTECTED, Promise.NEVER_AVERAGE_UP: at.P_AVERAGE,
    Promise.MAX_LAYERS: at.P_LAYERS, Promise.MAX_NOTIONAL_USDT: at.P_NOTIONAL,
    Promise.MAX_OPEN_ORDERS: at.P_ORDERS, Promise.FLAT_AFTER_BARS: at.P_FLAT,
    Promise.NO_ENTRY_WHILE: at.P_WHILE, Promise.CONDITION: at.P_CONDITION,
}  # fmt: skip
SIZES = {
    SizeKind.USDT: at.S_USDT, SizeKind.EQUITY_FRACTION: at.S_EQUITY, SizeKind.POSITION_FRACTION: at.S_POSITION,
    SizeKind.MAX_FRACTION: at.S_MAXIMUM, SizeKind.BASE: at.S_BASE, SizeKind.RISK_PCT: at.S_RISK,
    SizeKind.REST: at.S_REST, SizeKind.FILL: at.S_FILL,
}  # fmt: skip
KINDS = {
    OrderType.MARKET: at.MARKET, OrderType.LIMIT: at.LIMITED, OrderType.STOP_MARKET: at.STOP_MARKET,
    OrderType.STOP_LIMIT: at.STOP_LIMIT,
}  # fmt: skip
FORCES = tuple(TimeInForce)
METHODS = {
    RemovalMethod.FIFO: at.FIFO, RemovalMethod.LIFO: at.LIFO, RemovalMethod.PROPORTIONAL: at.PROPORTIONAL,
}  # fmt: skip
MODELS = {
    FillModel.TOUCH: at.TOUCH, FillModel.THROUGH: at.THROUGH, FillModel.CONSERVATIVE: at.CONSERVATIVE,
    FillModel.VOLUME_WEIGHTED: at.VOLUME_WEIGHTED, FillModel.QUEUE: at.QUEUE,
}  # fmt: skip
INTRABARS = {
    Intrabar.DIRECTION: at.DIRECTION, Intrabar.NEAREST: at.NEARER, Intrabar.ADVERSE: at.ADVERSE,
    Intrabar.FAVOURABLE: at.FAVOURABLE,
}  # fmt: skip
MODES = {
    PositionMode.LONG_ONLY: at.LONG_ONLY, PositionMode.SHORT_ONLY: at.SHORT_ONLY,
    PositionMode.LONG_SHORT: at.LONG_SHORT,
}  # fmt: skip
IMPACTS = {ImpactModel.NONE: 0, ImpactModel.SQRT: 1, ImpactModel.LINEAR: 2}
STOPS = {
    StopType.PERCENT: at.BY_PERCENT, StopType.FIXED_POINTS: at.BY_POINTS, StopType.ATR_MULTIPLE: at.BY_ATR,
    StopType.STRUCTURE: at.BY_STRUCTURE,
}  # fmt: skip
TARGETS = {
    TargetType.PERCENT: at.BY_PERCENT, TargetType.FIXED_POINTS: at.BY_POINTS,
    TargetType.ATR_MULTIPLE: at.BY_ATR, TargetType.STRUCTURE: at.BY_STRUCTURE, TargetType.RR_RATIO: at.BY_RATIO,
}  # fmt: skip
SIZINGS = {
    SizingModel.FIXED_USDT: at.FIXED_USDT, SizingModel.RISK_BASED: at.RISK_BASED,
    SizingModel.PERCENT_EQUITY: at.PERCENT_EQUITY,
}  # fmt: skip
SLOTS = {
    PriceSlot.PRICE: at.ON_PRICE, PriceSlot.TRIGGER: at.ON_TRIGGER, PriceSlot.LIMIT_PRICE: at.ON_LIMIT,
    PriceSlot.STOP_LOSS: at.ON_STOP, PriceSlot.TAKE_PROFIT: at.ON_TARGET,
}  # fmt: skip
