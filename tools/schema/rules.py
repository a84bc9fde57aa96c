"""Values, references and conditions of a card, as parts of its JSON Schema."""

from __future__ import annotations

from compiler.catalog.builtins import MOST_TRADES, OF_LAST_TRADES
from compiler.catalog.calls import MOST_BACK, MOST_TIMES, TIMES_FUNCTIONS
from compiler.catalog.orders import MOST_REARMS
from compiler.catalog.timeframes import TIMEFRAMES, normalise
from tools.schema.forms import Schema, choose, closed, has, one_of, ref

_COMPARISONS = (
    "gt", ">", "gte", ">=", "ge", "lt", "<", "lte", "<=", "le",
    "eq", "==", "ne", "!=", "cross_above", "cross_below", "cross",
)  # fmt: skip
_NEAR = ("near_abs", "approx_eq", "near_pct")
_STATES = ("is_rising", "is_falling", "is_never")
_OPS = (*_COMPARISONS, *_NEAR, *_STATES, "between", "in")
_WINDOWS = ("holds_for", "occurred_within", "count_true")
_CONDITION_KEYS = ("lhs", "op", "rhs", "all", "any", "not", "var", *_WINDOWS, "if", "sequence")
_OPERAND_KEYS = (
    *("feature_id", "builtin", "param", "bars_since", "type"),
    *("value_when", "highest_since", "lowest_since", "count_since", *TIMES_FUNCTIONS),
    *OF_LAST_TRADES,
)
_SINCE = ("value_when", "highest_since", "lowest_since", "count_since", *TIMES_FUNCTIONS)
_TEXT: Schema = {"type": "string", "minLength": 1, "x-what": "a text"}
_TEXT_NAME: Schema = {
    "type": "string",
    "minLength": 1,
    "x-what": "a name",
    "x-hint": "quote it if it is meant as text",
}


_SYMBOL: Schema = {
    "type": "string",
    "pattern": "^[A-Z0-9][A-Z0-9.-]{1,29}$",
    "x-what": "a symbol",
    "x-hint": "capital letters and digits, like `BTCUSDT`",
}
_VALUE: Schema = {
    "type": ["number", "boolean", "string", "object", "array"],
    "minLength": 1,
    "minItems": 1,
    "items": ref("condition"),
    "x-what": "a value or a condition",
    "if": {"type": "object"},
    "then": ref("value_object"),
}
_VALUE_OBJECT: Schema = {
    "if": {"anyOf": [has(name) for name in _OPERAND_KEYS]},
    "then": ref("operand_object"),
    "else": ref("condition_object"),
}


# ---------------------------------------------------------------- values


def _timeframe() -> Schema:
    """Every spelling the compiler takes, in any case."""
    words = [*TIMEFRAMES, "d", "w", "60m", "120m", "240m", "360m", "720m"]
    assert all(normalise(word) for word in words)
    spelt = ("".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in words)
    return {
        "type": "string",
        "pattern": f"^({'|'.join(spelt)})$",
        "x-what": "a timeframe",
        "x-hint": "one of " + ", ".join(TIMEFRAMES),
        "x-choices": list(TIMEFRAMES),
    }


def _number(what: str, **limits: object) -> Schema:
    """A number or a tunable, `"=name"` or `{param: name}`."""
    return {
        "type": ["number", "string", "object"],
        "pattern": "^=\\s*[A-Za-z_][A-Za-z0-9_]*\\s*$",
        "properties": {"param": _TEXT_NAME},
        "required": ["param"],
        "additionalProperties": False,
        "x-what": what,
        "x-hint": 'a number, or a tunable written `"=name"`',
        **limits,
    }


def _reference(more: Schema) -> Schema:
    scaled: Schema = {"multiplier": ref("number"), "add": ref("number"), **more}
    feature = closed({"feature_id": _TEXT_NAME, "field": ref("field"), **scaled})
    builtin = closed({"builtin": _TEXT_NAME, "ref": _TEXT_NAME, **scaled})
    none = closed(
        {"feature_id": {}, "builtin": {}, "var": {}, "param": {}, **scaled},
        ("feature_id",),
    )
    return choose(
        [
            (has("feature_id"), feature),
            (has("builtin"), builtin),
            *(() if more.get("offset_pct") else _memory()),
            (has("var"), closed({"var": _TEXT_NAME})),
            (has("param"), closed({"param": _TEXT_NAME, **scaled})),
        ],
        {
            **none,
            "x-hint": "a reference is `{feature_id: …}`, `{builtin: …}`, `{var: …}` or `{param: …}`",
        },
    )


def _memory() -> list[tuple[Schema, Schema]]:
    """Values of what has been so far, choices, and indicators without an entry of their own."""
    forms = [(has("bars_since"), closed({"bars_since": ref("condition")}))]
    count = _number("a number of trades", minimum=1, maximum=MOST_TRADES, multipleOf=1)
    forms += [(has(name), closed({name: count})) for name in OF_LAST_TRADES]
    for name in _SINCE:
        expr = ref("condition" if name == "count_since" else "value")
        inner: Schema = {"when": ref("condition"), "expr": expr}
        if name == "value_when":
            inner["n"] = _number("a whole number", minimum=0, maximum=MOST_BACK, multipleOf=1)
        asked: tuple[str, ...] = ("when", "expr")
        if name in TIMES_FUNCTIONS:
            inner["n"] = _number("a whole number", minimum=1, maximum=MOST_TIMES, multipleOf=1)
            asked = ("when", "expr", "n")
        what = f"`{{{', '.join(f'{key}: …' for key in asked)}}}`"
        body = closed(inner, asked, {"x-what": what})
        forms.append((has(name), closed({name: body})))
    offset = _number("a number of bars", minimum=0, maximum=500, multipleOf=1)
    indicator: Schema = {
        "type": _TEXT_NAME, "params": {"type": "object"}, "source": ref("operand"),
        "tf": ref("timeframe"), "field": ref("field"), "offset": offset,
    }  # fmt: skip
    return [*forms, (has("type"), closed(indicator, ("type",))), (has("if"), _choice())]


def _choice() -> Schema:
    parts: Schema = {"if": ref("condition"), "then": ref("value"), "else": ref("value")}
    return closed(parts, ("if", "then", "else"))


def _sequence() -> Schema:
    step = closed({"expr": ref("condition"), "bars": ref("bars")}, ("expr",), {"x-what": "a step"})
    steps: Schema = {
        "type": "array", "minItems": 2, "items": step, "x-what": "a list of two steps or more",
    }  # fmt: skip
    return closed({"sequence": steps})


def _times() -> Schema:
    return {
        **_number("`true`, or how often at most", minimum=1, maximum=MOST_REARMS, multipleOf=1),
        "type": ["boolean", "number", "string", "object"],
        "x-hint": f"`true`, or a whole number of 1 to {MOST_REARMS}",
    }


def _step(price: Schema) -> Schema:
    return {
        **price,
        "x-what": "a step above zero",
        "x-hint": "a price difference or a percentage; the side of the order says which way it goes",
    }


def _life() -> Schema:
    return {
        **_number("a whole number of at least 1", minimum=1, multipleOf=1),
        "pattern": "^(=\\s*[A-Za-z_][A-Za-z0-9_]*\\s*|[1-9][0-9]*[mhdwMHDW])$",
        "x-hint": "a number of bars, or a time like `2h`",
    }


def value_parts() -> Schema:
    bars = {
        **_number("a number of bars", minimum=1, maximum=500, multipleOf=1),
        "pattern": "^(=\\s*[A-Za-z_][A-Za-z0-9_]*\\s*|[0-9]+\\s*[mhdwMHDW])$",
        "x-hint": "1 to 500 bars, or a duration like `2h`",
    }
    price: Schema = {
        "type": ["number", "string", "object"],
        "exclusiveMinimum": 0,
        "minLength": 1,
        "properties": {"param": _TEXT_NAME},
        "required": ["param"],
        "additionalProperties": False,
        "x-what": "a price",
        "x-hint": "a number or an expression; for `{feature_id: …}` use the `_ref` key",
    }
    offset = {**_number("a number of bars", minimum=0, maximum=500, multipleOf=1)}
    operand_object = _reference({"offset": offset})
    operand: Schema = {
        "type": ["number", "boolean", "string", "object"],
        "minLength": 1,
        "x-what": "a value",
        "x-hint": "a number, a word, an expression or a reference",
        "if": {"type": "object"},
        "then": ref("operand_object"),
    }
    size = {
        "type": "string",
        "minLength": 1,
        "x-what": "a size with its unit",
        "x-hint": "`10% of equity`, `25% of max`, `1000 usdt`, `0.01 base`, `risk 1%` or an expression",
    }
    return {
        "number": _number("a number"),
        "positive": _number("a number above 0", exclusiveMinimum=0),
        "at_least_zero": _number("a number of at least 0", minimum=0),
        "life": _life(),
        "count": _number("a whole number of at least 1", minimum=1, multipleOf=1),
        "times": _times(),
        "bars": bars,
        "price": price,
        "step": _step(price),
        "amount": {**price, "x-what": "a number above 0", "x-hint": "a number or an expression"},
        "size": size,
        "timeframe": _timeframe(),
        "symbol": _SYMBOL,
        "text": _TEXT,
        "name": _TEXT_NAME,
        "bool": {"type": "boolean", "x-what": "`true` or `false`"},
        "field": {"type": "string", "minLength": 1, "x-what": "a field name"},
        "operand": operand,
        "operand_object": operand_object,
        "value": _VALUE,
        "price_ref": {
            "type": "object",
            "x-what": "a reference",
            "x-hint": "`{feature_id: …, field: …}`; an expression goes under the key without `_ref`",
            **_reference({"offset": ref("number"), "offset_pct": ref("number")}),
        },
    }


# ---------------------------------------------------------------- conditions


def condition_parts() -> Schema:
    windows: list[tuple[Schema, Schema]] = []
    for name in _WINDOWS:
        inner: Schema = {"bars": ref("bars"), "expr": ref("condition")}
        required: tuple[str, ...] = ("bars", "expr")
        if name == "count_true":
            inner["min_true"] = ref("count")
            required = ("bars", "min_true", "expr")
        body = closed(inner, required, {"x-what": "a window"})
        windows.append((has(name), closed({name: body})))
    items: Schema = {
        "type": "array",
        "minItems": 1,
        "items": ref("condition"),
        "x-what": "a list of conditions",
    }
    compared = ref("comparison")
    keys: Schema = {name: {} for name in _CONDITION_KEYS}
    nothing_known = closed(
        {**keys, "tolerance": {}},
        (),
        {
            "minProperties": 1,
            "x-what": "a condition",
            "x-hint": "`{lhs, op, rhs}`, `all`, `any`, `not`, `var`, a window, or an expression",
        },
    )
    condition_object = choose(
        [
            (has("lhs"), compared),
            (has("var"), closed({"var": _TEXT_NAME})),
            (has("all"), closed({"all": items})),
            (has("not"), closed({"not": ref("condition")})),
            (has("any"), closed({"any": items})),
            *windows,
            (has("if"), _choice()),
            (has("sequence"), _sequence()),
            (has("op"), compared),
            (has("rhs"), compared),
        ],
        nothing_known,
    )
    condition: Schema = {
        "type": ["string", "boolean", "object", "array"],
        "minLength": 1,
        "minItems": 1,
        "items": ref("condition"),
        "x-what": "a condition",
        "if": {"type": "object"},
        "then": ref("condition_object"),
    }
    return {
        "condition": condition,
        "condition_object": condition_object,
        "value_object": _VALUE_OBJECT,
        "comparison": _comparison(),
    }


def _comparison() -> Schema:
    between = closed(
        {"low": ref("operand"), "high": ref("operand")},
        ("low", "high"),
        {"x-what": "`{low: …, high: …}`"},
    )
    listed = {
        "type": "array",
        "minItems": 1,
        "items": ref("operand"),
        "x-what": "a list of values",
    }
    span_or_list: Schema = {
        "if": {"type": "string"},
        "then": {"minLength": 1, "x-what": "a span of the day like `13:30-20:00`"},
        "else": listed,
    }
    plain: Schema = {
        "rhs": ref("operand"),
        "tolerance": {
            "not": {},
            "x-message": "`tolerance` belongs to `near_abs` and `near_pct`",
            "x-code": "IC115",
            "x-other": "op",
        },
    }
    near: Schema = {"properties": {"rhs": ref("operand")}, "required": ["tolerance"]}
    dispatch = choose(
        [
            ({"properties": {"op": {"enum": list(_COMPARISONS)}}}, {"properties": plain}),
            (_op("between"), {"properties": {**plain, "rhs": between}}),
            (_op(*_NEAR), near),
            (_op("in"), {"properties": {**plain, "rhs": span_or_list}}),
        ],
        None,
    )
    properties: Schema = {
        "lhs": ref("operand"),
        "op": one_of(*_OPS, what="an operator"),
        "rhs": {},
        "tolerance": ref("at_least_zero"),
    }
    whole = {**closed(properties, ("lhs", "op", "rhs"), {"x-what": "a comparison"}), **dispatch}
    state = closed({"lhs": ref("operand"), "op": {}}, ("lhs", "op"), {"x-what": "a comparison"})
    return {"if": {**_op(*_STATES), "required": ["op"]}, "then": state, "else": whole}


def _op(*names: str) -> Schema:
    return {"properties": {"op": {"enum": list(names)}}}
