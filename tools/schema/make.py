"""The JSON Schema of a card, made from the catalogues the compiler reads.

Run `python -m tools.schema.make` after changing an action, a setting or a word; a test fails while
a file in `schemas/` differs. Unions are dispatched by `if`/`then` on what the author can see (the action, the
key of a condition), never by `oneOf`, so a mistake is reported where it is.

`x-what` names what is expected, `x-hint` is the help line, `x-code` and `x-message` replace code
and message of a finding, `x-other` is the key a finding also points at.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import assert_never

from compiler.catalog.actions import (
    ACTIONS,
    ActionSpec,
    choices_of,
)
from compiler.catalog.orders import (
    OPTION_CHOICES,
    TRAIL_KEYS,
    LadderKey,
    OptionName,
    OptionValue,
    SizeOf,
)
from runtime.market.whole_files import write_whole
from tools.schema import graph
from tools.schema.forms import Schema, choose, closed, has, one_of, ref
from tools.schema.rules import condition_parts, value_parts
from tools.schema.sections import SECTIONS

PATH = Path(__file__).resolve().parents[2] / "schemas" / "idea_card.schema.json"

_SPELLINGS = ("", "_ref", "_offset_pct")
# ---------------------------------------------------------------- actions


def _again(key: str, other: str) -> Schema:
    return {
        "not": {},
        "x-code": "IC115",
        "x-message": f"`{key}` says again what `{other}` says",
        "x-hint": "keep one of the two",
        "x-other": other,
    }


def _exclusive(keys: list[str]) -> Schema:
    """Of these keys at most one: each forbids those behind it."""
    return {
        key: {"properties": {later: _again(later, key) for later in keys[i + 1 :]}}
        for i, key in enumerate(keys[:-1])
    }


def _option(name: OptionName, choices: tuple[str, ...] | None = None) -> Schema:
    match name.holds:
        case OptionValue.WORD:
            words = OPTION_CHOICES[name] if choices is None else choices
            return one_of(*words, what=f"a value of `{name}`")
        case OptionValue.SWITCH:
            return ref("bool")
        case OptionValue.NUMBER:
            return ref("life") if name is OptionName.TTL_BARS else ref("at_least_zero")
        case OptionValue.TIMES:
            return ref("times")
        case OptionValue.ACTIONS:
            return {"type": "array", "items": ref("action"), "x-what": "a list of actions"}
        case OptionValue.LADDER:
            return _ladder()
        case OptionValue.TRAIL:
            return _trail()
        case OptionValue.PRICE:
            return ref("price")
        case OptionValue.PERCENT | OptionValue.MULTIPLE:
            return ref("amount")
        case OptionValue.TEXT:
            return ref("name")
        case kind:
            assert_never(kind)


def _ladder() -> Schema:
    properties: Schema = {
        LadderKey.ORDERS: ref("count"),
        LadderKey.STEP: ref("step"),
        LadderKey.STEP_SCALE: ref("positive"),
        LadderKey.SIZE_SCALE: ref("positive"),
        LadderKey.SIZE_OF: one_of(*SizeOf, what="a value of `size_of`"),
    }
    needed = (LadderKey.ORDERS.value, LadderKey.STEP.value)
    return closed(properties, needed, {"x-what": "a ladder: `{orders: 5, step: 1%}`"})


def _trail() -> Schema:
    said: Schema = {"x-what": "a trailing stop: `{distance: 2 * atr(14)}`"}
    return closed({name: _option(name) for name in TRAIL_KEYS}, (), said)


def _one_needed(keys: list[str], hint: str) -> Schema:
    """The first key is missing unless one of the others is there."""
    needed: Schema = {"required": [keys[0]], "x-hint": hint}
    return choose([(has(key), {}) for key in keys[1:]], needed)


def metadata(kind: str, spec: ActionSpec) -> Schema:
    """The metadata mapping of one action."""
    properties: Schema = {}
    exclusive: Schema = {}
    needs: list[Schema] = []
    for slot in spec.prices:
        spelt = [slot + ending for ending in _SPELLINGS]
        kinds = (ref("price"), ref("price_ref"), ref("number"))
        properties.update(zip(spelt, kinds, strict=True))
        exclusive.update(_exclusive(spelt))
        if slot in spec.price_required:
            needs.append(_one_needed(spelt, "or " + " or ".join(f"`{k}`" for k in spelt[1:])))
    sizes: list[str] = sorted(spec.sizes)
    for key in sizes:
        properties[key] = ref("size") if key == "size" else ref("positive")
    exclusive.update(_exclusive(sizes))
    if spec.size_required:
        needs.append(_one_needed(sizes, "or " + " or ".join(f"`{k}`" for k in sizes[1:])))
    properties.update({name: _option(name, choices_of(kind, name)) for name in spec.options})
    more: Schema = {"x-what": "the action's metadata"}
    if exclusive:
        more["dependentSchemas"] = exclusive
    if needs:
        more["allOf"] = needs
    return closed(properties, spec.options_required, more)


def _needs_metadata(spec: ActionSpec) -> bool:
    return bool(spec.price_required or spec.options_required or spec.size_required)


def _first_needed(spec: ActionSpec) -> str:
    needed = (*spec.price_required, *spec.options_required)
    return needed[0] if needed else "size"


def _actions() -> Schema:
    groups: dict[str, list[str]] = {}  # actions that take the same metadata share a definition
    for name, spec in ACTIONS.items():
        groups.setdefault(json.dumps(metadata(name, spec)), []).append(name)
    defs: Schema = {}
    cases: list[tuple[Schema, Schema]] = []
    for names in groups.values():
        label, spec = f"metadata_{names[0]}", ACTIONS[names[0]]
        defs[label] = metadata(names[0], spec)
        then: Schema = {"properties": {"metadata": ref(label)}}
        if _needs_metadata(spec):
            then["required"] = ["metadata"]
            then["x-hint"] = f"add `metadata: {{{_first_needed(spec)}: …}}`"
        cases.append(({"properties": {"action": {"enum": names}}}, then))
    kinds = one_of(*ACTIONS, what="an action")
    bare: Schema = {
        **kinds,
        "not": {"enum": [name for name, spec in ACTIONS.items() if _needs_metadata(spec)]},
        "x-message": "this action needs metadata",
        "x-hint": "write `{action: …, metadata: {…}}`",
    }
    detailed = {
        **closed({"action": kinds, "metadata": {}}, ("action",), {"x-what": "an action"}),
        **choose(cases, None),
    }
    action: Schema = {
        "type": ["string", "object"],
        "x-what": "an action",
        "if": {"type": "string"},
        "then": bare,
        "else": ref("action_object"),
    }
    emit = {"type": "array", "items": ref("action"), "x-what": "a list of actions"}
    return {**defs, "action": action, "action_object": detailed, "emit": emit}


def card_schema() -> Schema:
    """Return the whole schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ideacard.dev/schemas/idea_card.schema.json",
        "title": "IdeaCard",
        "description": "A trading strategy: what to compute, when to act, what to emit.",
        "type": "object",
        "x-what": "a card",
        "if": {
            "anyOf": [
                has("execution_tf"),
                {"properties": {"version": {"const": "3.0.0"}}, "required": ["version"]},
            ]
        },
        "then": ref("card_3_0"),
        "else": ref("card_3_1"),
        "$defs": {**SECTIONS, **value_parts(), **condition_parts(), **_actions()},
    }


def card_schema_text() -> str:
    return json.dumps(card_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_whole(PATH, card_schema_text())
    write_whole(graph.PATH, graph.rule_graph_schema_text())
