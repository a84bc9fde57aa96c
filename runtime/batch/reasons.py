"""Why something was refused or cut, from a note: its code and its words.

The law: a word and its digits are those that `runtime/decide` would have written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from compiler.catalog.limits import Limit
from compiler.catalog.orders import TRAIL_KEYS
from compiler.catalog.promises import Promise
from runtime.batch import layout as at
from runtime.batch.rows import KINDS, Reader
from runtime.decide.refusals import RefusalCode, below_minimum, over_maximum

_SLOTS = ("price", "limit_price", "trigger")


@dataclass(frozen=True, slots=True)
class Note:
    """One note: numbers as the kernel left them."""

    kind: int
    bar: int
    ts: int
    subject: int
    more: int
    word: int
    wanted: int
    given: int
    a: float
    b: float
    c: float


def reason(reader: Reader, note: Note) -> tuple[RefusalCode, str]:
    if at.N_LEVEL <= note.kind <= at.N_RISK or note.kind == at.N_EXIT_SIZE:
        return _level_reason(note)
    if at.N_MIN_LOTS <= note.kind <= at.N_MARGIN:
        return _room_reason(reader, note)
    settings, ref = (
        reader.program.graph.settings,
        reader.run.lowered.actions[note.subject].order_ref,
    )
    match note.kind:
        case at.N_POLICY:
            return RefusalCode.POLICY_SIDE, f"`position_policy.mode` is {settings.policy.mode}"
        case at.N_PRICE:
            text = f"`{_SLOTS[note.word]}` is {_state(note.a)}"
            return RefusalCode.UNKNOWN_PRICE, text
        case at.N_BELOW_TICK:
            text = f"`{_SLOTS[note.word]}` {note.a:g} is below one tick"
            return RefusalCode.UNKNOWN_PRICE, text
        case at.N_TRIGGER:
            where = "above" if note.word else "below"
            return (
                RefusalCode.TRIGGER_PASSED,
                f"the trigger {note.a:g} must be {where} the close {note.b:g}",
            )
        case at.N_BAND:
            return (
                RefusalCode.PRICE_OUTSIDE_BAND,
                f"{note.a:g} is more than `execution.price_band_pct` "
                f"({settings.execution.price_band_pct:g} %) "
                f"{'above' if note.word >= 2 else 'below'} "
                f"the {'trigger' if note.word % 2 else 'close'} {note.b:g}",
            )
        case at.N_FLIP:
            text = "a position of the other side is open (`position_policy.allow_flip`)"
            if note.word == 1:
                text = "a resting order turns the position already"
            return RefusalCode.WOULD_FLIP, text
        case at.N_REF:
            text = f"an order `{ref}` is working (`on_live_ref: replace` would change it)"
            if note.word == 1:
                text = f"`{ref}` was placed at market at this close: it counts as done"
            return RefusalCode.DUPLICATE_REF, text
        case at.N_TTL:
            return (
                RefusalCode.UNKNOWN_VALUE,
                f"`ttl_bars` is {_state(note.a)}",
            )
        case at.N_CLOSED_AGAIN:
            text = "what it filled was closed before the close of the bar"
            return RefusalCode.FILL_ALREADY_CLOSED, text
        case at.N_TRAIL:
            state = "never" if math.isinf(note.a) else _state(note.a)
            return RefusalCode.UNKNOWN_VALUE, f"`{TRAIL_KEYS[note.word]}` of the trail is {state}"
        case at.N_TRAIL_RISK:
            whose, is_there = (" of the entry", "was") if note.word else ("", "is")
            text = f"`activate_r` is measured to the stop{whose}, and there {is_there} none"
            return RefusalCode.UNKNOWN_PRICE, text
        case _:
            return _exit_reason(reader, note)


def _exit_reason(reader: Reader, note: Note) -> tuple[RefusalCode, str]:
    action = reader.run.lowered.actions[note.subject]
    kind, ref = action.kind, action.order_ref
    match note.kind:
        case at.N_NO_POSITION:
            return RefusalCode.NOTHING_TO_REDUCE, f"no position for `{kind}` to reduce"
        case at.N_EXITS:
            return RefusalCode.NOTHING_TO_REDUCE, "other exits take all of the position"
        case at.N_EXIT_SMALL:
            return RefusalCode.BELOW_MIN_QTY, "the exit is below one minimum quantity"
        case at.N_NO_PROTECT:
            return RefusalCode.NOTHING_TO_PROTECT, f"no position is open for `{kind}`"
        case at.N_NO_LAYER:
            return RefusalCode.UNKNOWN_REF, f"no layer {note.a:g} is open"
        case at.N_LAYER_OWNED:
            name = "stop" if note.word else "target"
            text = f"every layer has a {name} of its own: name one with `layer`"
            return RefusalCode.LAYER_OWNED, text
        case at.N_LAYER_STOP:
            text = "the layer has no stop of its own: the position's covers it, and a trail of the position would"
            return RefusalCode.NOTHING_TO_PROTECT, text
        case at.N_PROMISE:
            promise = reader.program.graph.invariants[note.word].name
            return RefusalCode.INVARIANT, _promised(promise, note.a, note.b)
        case at.N_LIMIT:
            limit = limit_of(note)
            most = getattr(reader.program.graph.settings.limits, limit.value)
            return RefusalCode.LIMIT, f"`limits.{limit}` is {most:g}: it is lifted {limit.lifted}"
        case at.N_NOT_AMENDABLE:
            return RefusalCode.NOT_AMENDABLE, _not_amendable(note)
        case at.N_NOTHING_TO_ADJUST:
            return RefusalCode.NOTHING_TO_ADJUST, "no position is open to adjust"
        case at.N_CHANGED:
            return RefusalCode.IN_FLIGHT, "the order was changed at this close already"
        case at.N_STRANDS:
            text = "what would remain of the order is below the minimum"
            return RefusalCode.STRANDS_DUST, text
        case at.N_SCALE_OUT:
            return (
                RefusalCode.POLICY_SCALE_OUT,
                "the policy closes a position whole or not at all "
                "(`position_policy.allow_scale_out`)",
            )
        case _:
            return RefusalCode.UNKNOWN_REF, f"no working order is called `{ref or ''}`"


def _not_amendable(note: Note) -> str:
    match note.word:
        case at.NO_LIMIT:
            return f"a {KINDS[int(note.a)].value} order has no limit"
        case at.NO_TRIGGER:
            return "the order has no trigger, or it was triggered"
        case at.IS_AT_MARKET:
            return "the order is at market"
        case _:
            slot = "stop_loss" if note.word == at.NO_STOP_CHANGE else "take_profit"
            return f"`{slot}` of this order can no longer be changed"


def limit_of(note: Note) -> Limit:
    return tuple(Limit)[int(note.a)]


def _promised(promise: Promise, a: float, most: float) -> str:
    """Return how an entry would break a promise."""
    match promise:
        case Promise.ALWAYS_PROTECTED:
            return "the entry has no stop"
        case Promise.MAX_LAYERS:
            return f"{int(a)} layers of {most:g}"
        case Promise.MAX_NOTIONAL_USDT:
            return f"{a:.2f} USDT of {most:g}"
        case Promise.MAX_OPEN_ORDERS:
            return f"{int(a)} orders of {most:g}"
        case Promise.NEVER_AVERAGE_UP:
            return f"{a:g} is worse than the average entry {most:g}"
        case Promise.FLAT_AFTER_BARS:
            return f"held for {a:g} bars of {most:g}"
        case Promise.CONDITION:
            return "the promise would not hold after this entry"
        case _:
            return "true" if a == 1.0 else "unknown"


def _state(number: float) -> str:
    return "unknown" if number != number else f"{number:g}"


def _level_reason(note: Note) -> tuple[RefusalCode, str]:
    name = "stop" if note.word % 2 else "target"
    wrong = RefusalCode.STOP_ON_WRONG_SIDE if note.word % 2 else RefusalCode.TARGET_ON_WRONG_SIDE
    match note.kind:
        case at.N_LEVEL:
            return RefusalCode.UNKNOWN_PRICE, f"the {name} is {_state(note.a)}"
        case at.N_LEVEL_SIDE:
            where = "above" if note.word >= 2 else "below"
            return wrong, f"the {name} {note.a:g} must be {where} the price {note.b:g}"
        case at.N_LEVEL_TICK:
            return RefusalCode.UNKNOWN_PRICE, f"the {name} {note.a:g} is below one tick"
        case at.N_DISTANCE:
            return RefusalCode.UNKNOWN_PRICE, f"the distance of the {name} is unknown"
        case at.N_NO_DISTANCE:
            return wrong, f"the {name} has no distance to the entry"
        case at.N_NO_STOP:
            return RefusalCode.UNKNOWN_PRICE, "a target by reward to risk needs a stop"
        case at.N_NO_SIZE:
            text = "the entry has no size, and the card no `risk_model.sizing`"
            return RefusalCode.UNKNOWN_VALUE, text
        case at.N_SIZE:
            return RefusalCode.UNKNOWN_VALUE, f"the size is {_state(note.a)}"
        case at.N_RISK:
            text = "a size by risk needs a stop on the losing side of the entry"
            return RefusalCode.UNKNOWN_PRICE, text
        case _:
            return RefusalCode.UNKNOWN_VALUE, "the size of the exit is unknown"


def _room_reason(reader: Reader, note: Note) -> tuple[RefusalCode, str]:
    settings, instrument = reader.program.graph.settings, reader.instrument
    match note.kind:
        case at.N_MIN_LOTS:
            least = instrument.base(instrument.min_lots)
            return RefusalCode.BELOW_MIN_QTY, below_minimum(note.a, least)
        case at.N_MIN_NOTIONAL:
            least = max(instrument.min_notional_usdt, settings.account.min_trade_notional_usdt)
            text = f"{note.a:g} USDT is below the minimum of {least:g}"
            return RefusalCode.BELOW_MIN_NOTIONAL, text
        case at.N_LIQUIDATED:
            return (
                RefusalCode.BEYOND_LIQUIDATION,
                f"the position is liquidated at {note.a:g}, before {note.b:g} is reached "
                f"(`account.max_leverage` is {settings.account.max_leverage:g})",
            )
        case at.N_LAYERS:
            policy = settings.policy
            most = policy.max_layers if policy.allow_scale_in else 1
            setting = "max_layers" if policy.allow_scale_in else "allow_scale_in"
            return (
                RefusalCode.MAX_LAYERS,
                f"{int(note.a)} of {most} layers are held or ordered (`position_policy.{setting}`)",
            )
        case _:
            return bound(reader, note.kind, note.a, note.b)


def bound(reader: Reader, kind: int, a: float, b: float) -> tuple[RefusalCode, str]:
    """Return what a bound on the size of an entry says."""
    instrument = reader.instrument
    account = reader.program.graph.settings.account
    leverage = account.max_leverage
    match kind:
        case at.N_LEVERAGE:
            return (
                RefusalCode.OVER_MAX_LEVERAGE,
                f"`account.max_leverage` is {leverage:g}, {instrument.symbol} allows "
                f"{instrument.max_leverage:g}",
            )
        case at.N_TIER:
            most = instrument.largest_value_usdt(leverage)
            return (
                RefusalCode.OVER_RISK_TIER,
                f"at `account.max_leverage` {leverage:g} the risk tiers of {instrument.symbol} "
                f"end at {most:.0f} USDT, {a:.2f} of them are free",
            )
        case at.N_MAXIMUM:
            return (
                RefusalCode.OVER_MAX_POSITION,
                over_maximum(account.max_position_usdt, leverage, a, b),
            )
        case at.N_LARGEST:
            return (
                RefusalCode.OVER_MAX_POSITION,
                f"the instrument's largest order is {a:g}",
            )
        case _:
            return (
                RefusalCode.NO_MARGIN,
                f"{a:.2f} USDT of margin are free, a base unit takes {b:.2f} "
                f"(`account.max_leverage` is {leverage:g})",
            )
