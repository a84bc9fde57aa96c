"""Where everything lies in the two memories of a run: `f` holds floats, `z` whole numbers.

The law: what can change inside a bar lies below `END`, so a way through a bar is tried by copying that
far. A place in an order or a layer is counted from its base, which is the same in both memories.
"""

from __future__ import annotations

# ---------------------------------------------------------------- whole numbers of a run
(
    STALE, BAR, BAR_TS, PHASE, HELD, SIDE, NUMBER_OF, POSITIONS, LAYERS_HELD, WORKING,
    TOP, ARRIVALS, ASKED, MADE_UP, ISSUED, FILLS, NOTES, LAYER_ROWS, TRADE_ROWS, WOKEN,
    ENTRY_BAR, EXIT_BAR, ENTRIES, EXITS, TRADES_NOW, DIRTY, IS_BELOW, BEFORE_CANCEL, DENIED, ABOVE_VOLUME, AMBIGUOUS,
    LIQUIDATIONS, TRIP_BAR, TRIP_TS, TRIP_SIDE, TRIP_LOTS, TRIP_OUT, TRIP_MOST, TRIP_LAYERS,
    TRIP_EXITS, TRIP_RISKED, IS_OPEN_TRIP, MET_KIND, MET_AT, MET_AGE, DECIDED, QUEUED,
    LAST_AMBIGUOUS, WORK_OWN, FIRED, WHY, LEVEL_KIND, CUT_KIND, CUT_WANTED, CUT_GIVEN,
    BUY_MOST, BUY_VOLUME, BUY_TAKEN, BUY_BEHIND, BUY_SERVED,
    SELL_MOST, SELL_VOLUME, SELL_TAKEN, SELL_BEHIND, SELL_SERVED,
    ROOM_SIDE, ROOM_LOTS, ROOM_LAYERS, ROOM_EXITING, ROOM_WAITING, ROOM_BUY_LAYERS,
    ROOM_SELL_LAYERS, WAITS, HAS_BEFORE, HAS_MARK_BEFORE, WHY_WORD, FUNDED, BAR_MS, CANCELS, LATE_COUNT, DEMANDS, PACE, WALKED, HAS_MARKET, DUES, PROTECTS, EXIT_WORD, WINS, LOSSES,
    COURSE_DAY, COURSE_POSITIONS, COURSE_HELD, DAY_POSITIONS, FIRST_AT_OPEN, FORGIVEN, ROW_LOSSES, STANDING, CARRIED,
    IS_TRAILED, LAST_STOP_KIND, LAST_STOP_MODEL, LAST_TARGET_KIND, LAST_TARGET_MODEL, ENDED, FILLED_LOTS, ASKED_BY, REARMS_ENDED, STOPPED,
    LOST, COURSE_LOST, DAY_LOST, CHANGES, MOVED, RENEWED, LIVE, REPLACED, FUNDINGS, WITHDRAWN,
    TRIP_SINCE_BAR,  # since when the average of the trip holds
    BOUNDED, HITS,  # one for each limit of the card
) = range(121)  # fmt: skip
WORK = 128  # bases of the working orders, in order of arrival
WOKEN_LIST = 192  # bases, then numbers (+64), of orders that were just made or moved
DECIDED_LIST = 320  # bases, then numbers (+64), of the orders that a close has decided
CANCEL_LIST = 448  # numbers of the orders that a close cancels
MOST_ORDERS, MOST_LAYERS, MOST_FIRED, MOST_SERVED = 64, 64, 128, 64

# ---------------------------------------------------------------- floats of a run
(
    REALIZED, FEES, FUNDING, CLOSE, MARK, BEFORE, MARK_BEFORE, OPEN_, HIGH, LOW, VOLUME,
    CORNER, CORNER_1, CORNER_2, CORNER_3, MARK_O, MARK_H, MARK_L, MARK_C, PRICE, PLACE, LIQUIDATION,
    TRIP_LOW, TRIP_HIGH, TRIP_IN_VALUE, TRIP_OUT_VALUE, TRIP_REALIZED,
    TRIP_FEES, TRIP_FUNDING, TRIP_RISK, MET_FRACTION, MET_PRICE, LINE_START, LINE_END,
    LINE_MARK_START, LINE_MARK_END, LINE_PLACE, IMPROVED, MOST_OF_VOLUME, FALLS, RISES, MARGIN_ROW,
    REST_HIGH, REST_LOW, REST_CLOSE, REST_VOLUME, WHY_A, WHY_B, WHY_C, LEVEL_VALUE, CUT_A, CUT_B,
    ROOM_EQUITY, ROOM_BALANCE, ROOM_MOST, ROOM_AVERAGE, ROOM_BUY_USED, ROOM_SELL_USED,
    ROOM_BUY_NOTIONAL, ROOM_SELL_NOTIONAL, TRIP_SINCE, MONEY_ROW, HELD_ROW, LAST_ENTRY, LAST_EXIT, LAST_PNL, TRIP_NET, NEWEST_ENTRY,
    FIRST_ENTRY, FIRST_STOP, BAR_CLOSE, PEAK, COURSE_EQUITY, DAY_EQUITY, COURSE_HIGH, COURSE_LOW, PER_LOSS,
    BORNE, LAST_STOP, LAST_TARGET,
    PLACED_AT, OWN_NOTIONAL, OWN_MARGIN, PLANNED_RISK, LAST_R, FILL_PRICE,
    TRIP_WORST, TRIP_BEST, TRIP_AVERAGE,  # excursions by averages that are past; the one that holds, NaN: the first
) = range(89)  # fmt: skip

# ---------------------------------------------------------------- what does not change in a run
(
    START_EQUITY, TICK, LOT, TAKER, MAKER, SLIPPAGE, COEFFICIENT, LEVERAGE, CARD_RATE, MAX_POSITION,
    LEAST_NOTIONAL, THROUGH_PERCENT, PARTICIPATION, QUEUE_AHEAD, BAND, LARGEST_VALUE, INSTRUMENT_LEVERAGE,
    RULE_STOP_VALUE, RULE_STOP_BUFFER, RULE_TARGET_VALUE, RULE_TARGET_BUFFER, SIZING_VALUE, SIZING_LEVERAGE, LIMIT_LOSS, LIMIT_DRAWDOWN,
) = range(512, 537)  # fmt: skip
(
    FILL_MODEL, IMPACT, THROUGH_TICKS, CLOSES_THROUGH, GAP_IMPROVES, INTRABAR, HAS_MAX_POSITION, MIN_LOTS,
    MAX_LOTS, MAX_MARKET_LOTS, MODE, MAX_LAYERS, SCALES_IN, SCALES_OUT, RULE_STOP, RULE_STOP_NODE,
    RULE_TARGET, RULE_TARGET_NODE, SIZING, INTERVAL, BLOCKS, BLOCKS_AT, ACTIONS_AT, CODE_AT, NUMBERS_AT,
    MEMOS, MEMOS_AT, TIERS, TIERS_AT, ORDERS_ROW, FILLS_ROW, LAYERS_ROW, TRADES_ROW, NOTES_ROW,
    ORDERS_MOST, FILLS_MOST, LAYERS_MOST, TRADES_MOST, NOTES_MOST, ORDERS_F, FILLS_F, LAYERS_F, TRADES_F,
    NOTES_F, ROWS, KEPT_COLUMNS, CLOSES_AT_END, FUNDING_TIMES, CASES_AT, BAIL, FUNDING_AT, PROMISES, PROMISES_AT,
    FOLLOWS, HAS_LIMITS, FLATTENS, LIMIT_TRADES, LIMIT_LOSSES, LIMIT_COOLDOWN, LIMIT_ACTIONS, DAY_STARTS, FLIPS,
    LIMIT_DAY_LOSSES,
    WATCHES,  # 1: a run counts what breaks promises; 2: one of them is a condition
    REFS,
    BY_LAYER,  # 1: the card may give a layer a stop, target or trail of its own
    NEWEST, NEWEST_AT,  # how many refs are kept in mind, for a card that asks how far an order has filled
    BOUNDS_AT,  # what can be watched of each case
) = range(512, 581)  # fmt: skip

# ---------------------------------------------------------------- orders
ORDERS, ORDER_WIDTH = 1024, 64
# whole numbers: the first ORDER_INTS are the row of the order
(
    NUMBER, ACTION, MADE, OWN_ID, ROLE, WAY, KIND, STATUS, REASON_OF, LOTS,
    FILLED, FORCE, TTL, BORN, BORN_AT, FIRST, LAST, END_BAR, END_TS, PARENT,
    SPEC_REASON, OPENS, OPENED, NETTED, ACCEPTED, ACCEPT_BAR, TRIGGERED, EXPIRES, REF, GROUP,
    COUNTED_IN, LAYERS_MADE, ARRIVAL, LEAVING, DISMISSED, GOING, GOING_WHY, DONE, LATE, MARKETABLE,
    HAS_SINCE, BROUGHT, POST_ONLY, PARTIAL_CANCELS, FLAT_CANCELS, METHOD, SL_KIND, SL_MODEL, TP_KIND,
    TP_MODEL, TP_RESTS, EXITED_IN, GONE, TAKEN, LATE_SEQ, MOVING, SHARES, MOST,
    REARM, REARM_LEFT,  # the entry that comes again: its action and 1, 0: none; how often, or one of the words below
    CHANGE,  # what the last close changes of it: place in the list and 1, 0: nothing
    OWN_LAYER,  # of an entry: 1 where what it brings holds for its own layer
    OF_LAYER,  # of a stop or target: the row of its layer and 1, 0: that of the position
    CHOSEN,  # of an exit: 1 where it was said which layers it takes
) = range(64)  # fmt: skip
ORDER_INTS = 20
# floats: the first ORDER_FLOATS are of the row
(
    LIMIT, TRIGGER, VALUE, DECISION, SL_VALUE, TP_VALUE, SINCE,
    T_DISTANCE, T_PERCENT, T_START, T_START_PERCENT, T_START_RISK,  # of the trail that an entry brings, NaN: unsaid
    FIRST_PRICE,  # at which it was placed, NaN at market
    REARM_LIMIT, REARM_TRIGGER,  # at which the entry comes again
) = range(15)  # fmt: skip
ORDER_FLOATS = 4
WITHOUT_END, NO_MORE, ENDS_NOW = (
    -1,
    -2,
    -3,
)  # how often an entry comes again; a cancel of this close ends it

# ---------------------------------------------------------------- layers
# The position lies like a layer in front of them: its average entry, and what protects it as a whole.
WHOLE, LAYER_WIDTH = ORDERS + MOST_ORDERS * ORDER_WIDTH, 24
LAYERS = WHOLE + LAYER_WIDTH
# whole numbers: the first LAYER_INTS are of the row
(
    L_ORDER, L_PART, L_TRIP, L_SIDE, L_ENTERED, L_BAR, L_TS, L_EXITED, L_EXIT_BAR, L_EXIT_TS,
    L_LOTS, L_ROW, L_GIVES, L_REF,
    L_STOP_KIND, L_STOP_MODEL, L_TARGET_KIND, L_TARGET_MODEL, L_TARGET_RESTS,
    L_TRAIL, L_TRAIL_BAR,
    L_ROOM_TRAIL,  # what this close makes of the trail
    L_OWNED,  # 1: it has had a stop, target or trail of its own
) = range(23)  # fmt: skip
LAYER_INTS = 10
(
    L_IN_VALUE, L_OUT_VALUE, L_PNL, L_PNL_ACCOUNT, L_PRICE,
    L_STOP_VALUE, L_TARGET_VALUE, L_TRAIL_DISTANCE, L_TRAIL_START, L_TRAIL_BEST, L_TRAIL_FLOOR,
    L_ROOM_STOP, L_ROOM_TARGET, L_ROOM_DISTANCE, L_ROOM_START,  # where this close moves them, NaN: as they are
) = range(15)  # fmt: skip
LAYER_FLOATS = 4
AVERAGE = WHOLE + L_PRICE

# ---------------------------------------------------------------- what a bar's volume was given to
# buys, sells from +SERVED_WIDTH: prices and lefts, places and lots from +64
SERVED = LAYERS + MOST_LAYERS * LAYER_WIDTH
SERVED_WIDTH = 128

END = SERVED + 2 * SERVED_WIDTH
SAVED, OTHER = END, 2 * END  # copies for trying a way
STACK = 3 * END  # of floats, for the value of a node
FIRED_LIST = STACK  # of whole numbers: the actions that a close asks for
# of each bound that is watched while bars pass by: what moves, the comparison, whether the next is of the same case;
# as a float (at FIRED_BY) what it is compared with
GUARD_LIST, GUARD_WIDTH, MOST_GUARDS = FIRED_LIST, 3, 42
SINCE_ENTRY, SINCE_EXIT, GAIN_PCT, GAIN = -1, -2, -3, -4  # what moves where it is no column
ARRIVING = STACK + 128  # bases, then numbers (+128), of orders that arrive at the open
FOLLOW_LIST = STACK + 384  # rows of the layers whose trails follow the price
FIRED_BY = STACK + 512  # of each action that a close asks for the order that filled, -1: a case
ENDED_LIST = STACK + 640  # orders that ended filled and ask for more; prices of an order
CHANGE_LIST = STACK + 1152  # what a close changes of orders
# bases, then numbers (+64), of orders that a change lets arrive at the open
MOVED_LIST = STACK + 1664
# orders whose time counts anew: bases, their last bar (+64), whether their age does (+128)
RENEW_LIST = STACK + 1792
ROOM_KEPT = STACK + 1984  # what there was room for before an intent
# of each action that a close asks for: a target size is an exit or an entry
RANK_LIST = STACK + 2000
# what the newest trades came to, by their number: as many as a card may ask for, and those of a way that is only tried
NETS = STACK + 2128
MOST_NETS = 1024
# what the card moves: the kind, of which position, of which layer (its row and 1, 0: none); price or distance, the
# trail's start
PROTECT_LIST, WISH_WIDTH, MOST_WISHES = NETS + MOST_NETS, 3, 64
TRIED = PROTECT_LIST + MOST_WISHES * WISH_WIDTH  # what an entry would make of the account
TABLES = TRIED + 16  # the lowered card

# the newest order of a ref, 0: none yet; what it was when it ended
W_NUMBER, W_BASE, W_LOTS, W_FILLED = range(4)
NEWEST_WIDTH = 4

E_NUMBER, E_ACTION, E_ROLE, E_LOTS, E_REARM, E_LEFT, E_BORN, E_IS_DONE = range(8)
E_FIRST_PRICE, E_REARM_LIMIT, E_REARM_TRIGGER, E_FILL_PRICE = range(4)
ENDED_WIDTH = 8

# a change of an order: whole numbers (-1: as it is), then prices and levels (NaN: as they are)
C_NUMBER, C_BASE, C_LOTS, C_OPENS, C_SL_KIND, C_SL_MODEL, C_TP_KIND, C_TP_MODEL = range(8)
C_LIMIT, C_TRIGGER, C_SL_VALUE, C_TP_VALUE = range(4)
CHANGE_WIDTH, MOST_CHANGES = 8, 64

# ---------------------------------------------------------------- rows that only grow
FILL_INTS, FILL_FLOATS = (
    9,
    5,
)  # order why bar ts lots maker closed after role; path price fee slippage realized
TRADE_INTS, TRADE_FLOATS = 12, 12
NOTE_INTS, NOTE_FLOATS = 8, 3  # kind bar ts action-or-order a b c d; floats

DUE_WIDTH = (
    3  # of a funding time: bar and ms UTC; place (negative in the hole before the bar), rate, mark
)

# ---------------------------------------------------------------- words
ENTRY, EXIT, STOP_LOSS, TAKE_PROFIT, LIQUIDATED, CLOSE_AT_END = range(6)  # roles
MARKET, LIMITED, STOP_MARKET, STOP_LIMIT = range(4)  # kinds
PENDING, PARTIAL, FULL, EXPIRED, CANCELLED, REJECTED = range(6)  # status
GTC, GTD, IOC, FOK = range(4)
NO_LEVEL, LEVEL, PERCENT, DISTANCE = range(4)
JUMP, AT_OPEN, PATH = range(3)  # phases
NEAREST, STOPS_FIRST, STOPS_LAST = range(3)
BESIDE, AHEAD, BEHIND = range(3)  # paces of mark
TOUCH, THROUGH, CONSERVATIVE, VOLUME_WEIGHTED, QUEUE = range(5)
DIRECTION, NEARER, ADVERSE, FAVOURABLE = range(4)
FIFO, LIFO, PROPORTIONAL = range(3)
LONG_ONLY, SHORT_ONLY, LONG_SHORT = range(3)
# reasons for which an order ends or exists; a card's own follow
(
    NO_REASON, BY_TTL, BY_PARTIAL, BY_CLOSED, BY_FLAT, BY_REPLACED, BY_REDUCE, BY_MARGIN, BY_LIQUIDATION,
    BY_END, BY_CLOSE_AT_END, BY_STOP, BY_TARGET, BY_STOP_ON_ENTRY, BY_POST_ONLY, BY_IOC, BY_FOK,
    BY_NOTHING, BY_DUST, BY_OCO, BY_TRAIL, BY_AMEND,
) = range(22)  # fmt: skip
REASONS = (
    "", "ttl", "on_partial", "position_closed", "on_flat", "replaced", "reduce_only", "no_margin",
    "liquidation", "end_of_data", "close_at_end", "stop_loss", "take_profit", "sl_on_entry",
    "post_only_would_cross", "ioc_remainder", "fok_unfillable", "nothing_to_reduce", "absorbed_dust", "oco",
    "trail", "amend_order",
)  # fmt: skip
# ---------------------------------------------------------------- the lowered card
(
    ON_VERB, ON_SIDE, ON_KIND, ON_PRICE, ON_TRIGGER, ON_LIMIT, ON_STOP, ON_TARGET, ON_SIZE, ON_SIZE_VALUE,
    ON_STATED, ON_TTL, ON_REF, ON_GROUP, ON_FORCE, ON_POST, ON_TARGET_RESTS, ON_PARTIAL, ON_FLAT, ON_METHOD,
    ON_REASON, ON_ONLY, ON_TIGHTEN, ON_SHARES, ON_REMOVE,
    ON_FILL, ON_FILL_COUNT, ON_BY_ORDER,
    ON_REPLACES,
    ON_LEAVES,  # by it an entry comes again
    ON_LAYER, ON_OWN_LAYER,
    ON_REARM,  # code of how often, or one of two words: none, without end
    ON_TRAIL,  # one for each number of a trail
) = range(34)  # fmt: skip
ACTION_WIDTH, BLOCK_WIDTH, CASE_WIDTH, BOUND_WIDTH = 38, 4, 8, 3
IS_NO_REARM, IS_WITHOUT_END = -1, -2
V_CANCEL, V_CANCEL_ALL, V_STOP, V_TARGET, V_TRAIL, V_AMEND, V_EXIT, V_ENTER, V_NOTHING, V_SIZE = (
    range(10)
)
TO_TARGET, TO_STOP, TO_TRAIL, TO_NO_TRAIL, TO_ORDER = range(5)  # what the card moves
P_PROTECTED, P_AVERAGE, P_LAYERS, P_NOTIONAL, P_ORDERS, P_FLAT, P_WHILE, P_CONDITION = range(
    8
)  # promises
# of a promise: kind and code; closes at which it was broken, whether at the last one, and whether no entry may fill;
# closes at which nobody knows, and the code over what an entry would make of the account
PR_KIND, PR_CODE, PR_CLOSES, PR_BROKEN, PR_BARRED, PR_UNKNOWN, PR_TRIED = range(7)
PROMISE_WIDTH = 7
# what an entry would make of the account: with the order working, and with it filled
(
    AS_PENDING, AS_LIMIT_BUYS, AS_LIMIT_SELLS, AS_STOP_BUYS, AS_STOP_SELLS,
    AS_SIDE, AS_SIZE, AS_QUANTITY, AS_LAYERS, AS_CAPACITY,
) = range(10)  # fmt: skip
S_USDT, S_EQUITY, S_POSITION, S_MAXIMUM, S_BASE, S_RISK, S_REST, S_FILL = range(8)  # sizes
NO_RULE, BY_PERCENT, BY_POINTS, BY_ATR, BY_STRUCTURE, BY_RATIO = range(6)  # risk model
NO_SIZING, FIXED_USDT, RISK_BASED, PERCENT_EQUITY = range(4)
# why a run is given up here
GOES_ON, TOO_MANY_ORDERS, TOO_MANY_LAYERS, TOO_MANY_SERVED, UNDECIDED, TOO_MANY_FIRED = range(6)
# why an order cannot be changed so
NO_LIMIT, NO_TRIGGER, NO_STOP_CHANGE, NO_TARGET_CHANGE, IS_AT_MARKET = range(5)
# what a note says
(
    N_NONE, N_POLICY, N_PRICE, N_BELOW_TICK, N_TRIGGER, N_BAND, N_FLIP, N_REF, N_LEVEL, N_LEVEL_SIDE,
    N_LEVEL_TICK, N_DISTANCE, N_NO_DISTANCE, N_NO_STOP, N_NO_SIZE, N_SIZE, N_RISK, N_MIN_LOTS,
    N_MIN_NOTIONAL, N_LIQUIDATED, N_LAYERS, N_LEVERAGE, N_TIER, N_MAXIMUM, N_LARGEST, N_MARGIN, N_TTL,
    N_TRAIL, N_TRAIL_RISK, N_CLOSED_AGAIN, N_NO_POSITION, N_EXITS, N_EXIT_SIZE, N_EXIT_SMALL, N_SCALE_OUT, N_NO_PROTECT, N_NO_LAYER, N_LAYER_OWNED, N_LAYER_STOP, N_PROMISE, N_LIMIT, N_NOT_AMENDABLE, N_CHANGED,
    N_STRANDS, N_NOTHING_TO_ADJUST, N_UNKNOWN_REF, N_REJECT_REDUCE,
    N_REJECT_MARGIN, N_CANCEL_REFUSED, N_AMEND_LATE, N_AMEND_MARGIN, N_CUT, N_NETTED, N_MARGIN_BEYOND, N_BELOW_ZERO,
    N_STOP_MARGIN, N_TURN_MARGIN, N_CHOSEN, N_SOME_LAYERS, N_AMBIGUOUS, N_BREACH_FILL, N_BREACH_CLOSE,
    N_NAMED,  # a layer that the note before is about
) = range(63)  # fmt: skip
