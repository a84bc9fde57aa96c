"""The sections of a card, both versions, as parts of its JSON Schema."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from compiler.catalog.limits import OnBreach
from compiler.catalog.promises import Promise
from compiler.catalog.settings import (
    Attached,
    FillModel,
    ImpactModel,
    Intrabar,
    MarginMode,
    PositionMode,
    RestingGap,
    SizingModel,
    StopType,
    TargetType,
)
from tools.schema.parts import Schema
from tools.schema.parts import choice as _choice
from tools.schema.parts import listed as _listed
from tools.schema.parts import named as _named
from tools.schema.parts import ref as _ref
from tools.schema.parts import section as _section
from tools.schema.parts import words as _words

_ID: Schema = {
    "type": "string",
    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    "x-what": "an id",
    "x-hint": "letters, digits and `_`, not starting with a digit",
}
_ARGUMENT: Schema = {
    "type": ["number", "boolean", "string", "array", "object"],
    "items": _ref("number"),
    "x-what": "a parameter value",
    "x-hint": "a number, a word, `true`, `false` or a list of numbers",
    "if": {"type": "object"},
    "then": _ref("operand_object"),
}
_DEPENDS: Schema = {
    "type": "object",
    "additionalProperties": _ref("name"),
    "x-what": "a mapping from role to id",
    "x-hint": "like `{swing: my_swing}`",
}
_ARGUMENTS: Schema = {
    "type": "object",
    "additionalProperties": _ARGUMENT,
    "x-what": "a mapping of parameters",
}
_SOURCE = _choice("close", "open", "high", "low", "volume", "hl2", "hlc3", "ohlc4", what="a source")

_FEATURE = _section(
    "a feature",
    {
        "type": _ref("name"),
        "id": _ID,
        "tf": _ref("timeframe"),
        "symbol": _ref("symbol"),
        "source": {"type": "string", "minLength": 1, "x-what": "a source"},
        "params": _ARGUMENTS,
        "depends_on": _DEPENDS,
    },
    "type",
    "id",
)
_STRUCTURE = _section(
    "a structure",
    {
        "type": _ref("name"),
        "key": _ID,
        "tf": _ref("timeframe"),
        "symbol": _ref("symbol"),
        "source": _ref("name"),
        "params": _ARGUMENTS,
        "depends_on": _DEPENDS,
    },
    "type",
    "key",
)
_STRUCTURES = _listed("a list of structures", _STRUCTURE)
_HTF_STRUCTURES: Schema = {
    "type": ["array", "object"],
    "items": _STRUCTURE,
    "propertyNames": _ref("timeframe"),
    "additionalProperties": _STRUCTURES,
    "x-what": "a list of structures, or a mapping from timeframe to one",
}

_OLD_COMMON: Schema = {"id": _ID, "tf": _ref("timeframe"), "params": _ARGUMENTS}
_OLD_FEATURE: Schema = {
    "type": "object",
    "x-what": "a feature",
    "required": ["type"],
    "if": {"properties": {"type": {"const": "structure"}}},
    "then": _section(
        "a structure",
        {
            **_OLD_COMMON,
            "type": {},
            "structure_type": _ref("name"),
            "depends_on": _DEPENDS,
        },
        "id",
        "tf",
        "structure_type",
    ),
    "else": _section(
        "an indicator",
        {
            **_OLD_COMMON,
            "type": _choice("indicator", "structure", what="a kind of feature"),
            "indicator_type": _ref("name"),
            "input_source": _SOURCE,
        },
        "id",
        "tf",
        "indicator_type",
    ),
}

_CASE = _section("a case", {"when": _ref("condition"), "emit": _ref("emit")}, "when", "emit")
_BLOCK = _section(
    "a block",
    {
        "id": _ID,
        "cases": _listed("a list of cases", _CASE, minItems=1),
        "else": _section("`{emit: […]}`", {"emit": _ref("emit")}, "emit"),
    },
    "id",
    "cases",
)
_BLOCKS = _listed("a list of blocks", _BLOCK, minItems=1)

_PARAM = _section(
    "a tunable",
    {name: {"type": "number", "x-what": "a number"} for name in ("default", "low", "high", "step")},
    "default",
    **{"x-hint": "like `{default: 9, low: 5, high: 20, step: 1}`"},
)
_HTF: Schema = {
    "type": ["string", "array"],
    "items": _ref("timeframe"),
    "x-what": "a timeframe or a list of them",
    "if": {"type": "string"},
    "then": _ref("timeframe"),
}

_ACCOUNT = _section(
    "the account section",
    {
        "starting_equity_usdt": _ref("positive"),
        "max_leverage": _ref("positive"),
        "margin_mode": _words(MarginMode, "a margin mode"),
        "fee_model": _section(
            "a fee model",
            # A maker fee may be a rebate, so it may be below zero.
            {"taker_bps": _ref("number"), "maker_bps": _ref("number")},
        ),
        "slippage_bps": _ref("at_least_zero"),
        "min_trade_notional_usdt": _ref("at_least_zero"),
        "max_position_usdt": _ref("positive"),
        "maintenance_margin_rate": _ref("at_least_zero"),
    },
)
_POLICY = _section(
    "the position policy",
    {
        "mode": _words(PositionMode, "a position mode"),
        "max_layers": _ref("count"),
        "allow_flip": _ref("bool"),
        "allow_scale_in": _ref("bool"),
        "allow_scale_out": _ref("bool"),
        "max_positions_per_symbol": _choice(1, what="a number of positions (only 1)"),
    },
)


_LIMITS = _section(
    "the limits section",
    {
        "max_daily_loss_pct": _ref("positive"),
        "max_drawdown_pct": _ref("positive"),
        "max_trades_per_day": _ref("count"),
        "max_losses_per_day": _ref("count"),
        "max_consecutive_losses": _ref("count"),
        "cooldown_bars": _ref("count"),
        "on_breach": _words(OnBreach, "what a limit does"),
        "day_starts": {"type": "string", "minLength": 1, "x-what": "a time of day like `08:00`"},
    },
)


def _exit_rule(what: str, kinds: type[StrEnum]) -> Schema:
    """A stop or a target: what must be given depends on its type."""
    return _section(
        what,
        {
            "type": _words(kinds, f"a type of {what}"),
            "value": _ref("positive"),
            "atr_feature_id": _ref("name"),
            "feature_id": _ref("name"),
            "field": _ref("name"),
            "buffer_pct": _ref("at_least_zero"),
        },
        "type",
        **{
            "if": {"properties": {"type": {"const": StopType.STRUCTURE.value}}},
            "then": {"required": ["feature_id"]},
            "else": {
                "if": {"properties": {"type": {"const": StopType.ATR_MULTIPLE.value}}},
                "then": {"required": ["value", "atr_feature_id"]},
                "else": {"required": ["value"]},
            },
        },
    )


_RISK = _section(
    "the risk model",
    {
        "stop_loss": _exit_rule("stop", StopType),
        "take_profit": _exit_rule("target", TargetType),
        "sizing": _section(
            "a sizing rule",
            {
                "model": _words(SizingModel, "a sizing model"),
                "value": _ref("positive"),
                "max_leverage": _ref("positive"),
            },
            "model",
            "value",
        ),
    },
)
_EXECUTION = _section(
    "the execution section",
    {
        "fill_model": _words(FillModel, "a fill model"),
        "intrabar": _words(Intrabar, "an intrabar path"),
        "magnify_tf": _ref("timeframe"),
        "through_ticks": _ref("at_least_zero"),
        "through_threshold_pct": _ref("at_least_zero"),
        "volume_participation_max": _ref("positive"),
        "assume_queue_position": _ref("at_least_zero"),
        "require_close_through": _ref("bool"),
        "resting_gap": _words(RestingGap, "a rule for gaps"),
        "attached": _words(Attached, "a start for attached orders"),
        "impact": _section(
            "an impact model",
            {
                "model": _words(ImpactModel, "an impact model"),
                "coefficient": _ref("at_least_zero"),
            },
            "model",
        ),
        "price_band_pct": _ref("positive"),
        "close_at_end": _ref("bool"),
    },
)


def _argument(promise: Promise) -> Schema | None:
    """What stands behind the name of a promise, None for one that is its name alone."""
    match promise:
        case Promise.MAX_LAYERS | Promise.FLAT_AFTER_BARS:
            return _ref("count")
        case Promise.MAX_NOTIONAL_USDT:
            return _ref("positive")
        case Promise.MAX_OPEN_ORDERS:
            return _ref("at_least_zero")
        case Promise.NO_ENTRY_WHILE:
            return _ref("condition")
        case Promise.ALWAYS_PROTECTED | Promise.NEVER_AVERAGE_UP | Promise.CONDITION:
            return None
        case _:
            assert_never(promise)


def _promise() -> Schema:
    """A condition, or a named promise with its argument."""
    schema: Schema = _ref("condition")
    for promise in reversed(Promise):
        argument, name = _argument(promise), promise.value
        if argument is not None:
            body = _section("a promise", {name: argument})
            schema = {"if": {"type": "object", "required": [name]}, "then": body, "else": schema}
    return schema


_MONEY: Schema = {
    "account": _ref("account"),
    "position_policy": _ref("position_policy"),
    "risk_model": _ref("risk_model"),
}
_SESSION = _section(
    "a session",
    {
        "tz": {"type": "string", "minLength": 1, "x-what": "a zone of the world"},
        "hours": {"type": "string", "minLength": 1, "x-what": "a span of the day"},
        "days": {"type": ["string", "array"], "x-what": "weekdays"},
        "except": _listed("a list of days", {"type": "string", "x-what": "a day"}),
    },
    "hours",
)
_CARD_3_1 = _section(
    "a card",
    {
        "name": _ref("name"),
        "version": _choice("3.2", 3.2, "3.1", 3.1, what="a card version"),
        "description": {"type": "string", "x-what": "a text"},
        "symbol": _ref("symbol"),
        "tf": _ref("timeframe"),
        "htf": _HTF,
        "params": _named("a mapping of tunables", _PARAM),
        "features": _listed("a list of features", _ref("feature")),
        "structures": _section(
            "the structures section", {"exec": _STRUCTURES, "htf": _HTF_STRUCTURES}
        ),
        "sessions": _named("a mapping of sessions", _SESSION),
        "variables": _named("a mapping of named values", _ref("value")),
        "blocks": _ref("blocks"),
        **_MONEY,
        "limits": _ref("limits"),
        "execution": _ref("execution"),
        "invariants": _listed("a list of promises", _ref("promise")),
    },
    "name",
    "symbol",
    "tf",
    "blocks",
)
_CARD_3_0 = _section(
    "a 3.0.0 card",
    {
        "id": _ref("name"),
        "version": _choice("3.0.0", what="a card version"),
        "name": _ref("name"),
        "description": {"type": "string", "x-what": "a text"},
        "symbol_universe": {
            "type": ["string", "array"],
            "items": _ref("symbol"),
            "minItems": 1,
            "x-what": "a symbol or a list of them",
            "if": {"type": "string"},
            "then": _ref("symbol"),
        },
        "execution_tf": _ref("timeframe"),
        "features": _listed("a list of features", _ref("old_feature")),
        "variables": {"type": ["object", "array"], "x-what": "a mapping"},
        "blocks": _ref("blocks"),
        **_MONEY,
    },
    "id",
    "symbol_universe",
    "execution_tf",
    "account",
    "blocks",
)

SECTIONS: Schema = {
    "card_3_1": _CARD_3_1,
    "card_3_0": _CARD_3_0,
    "feature": _FEATURE,
    "old_feature": _OLD_FEATURE,
    "blocks": _BLOCKS,
    "account": _ACCOUNT,
    "position_policy": _POLICY,
    "risk_model": _RISK,
    "limits": _LIMITS,
    "execution": _EXECUTION,
    "promise": _promise(),
}
