"""The JSON Schema as editors want it: with the sentences of the reference beside every key.

The schema that the compiler checks with has none: it is read at every start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.catalog import sentences as told

Schema = dict[str, Any]
_SUFFIXES = {
    "_ref": " (as a reference: feature, field, offset)",
    "_offset_pct": " (in percent from the close)",
}


def described(schema: Schema) -> Schema:
    """Return a card's schema with a `description` at every key that has a sentence."""
    defs = schema["$defs"]
    made = dict(defs)
    made["card_3_1"] = _with(defs["card_3_1"], {n: t.text for n, t in told.SECTIONS.items()})
    for section in ("account", "position_policy", "risk_model", "limits", "execution"):
        made[section] = _settings(defs[section], section)
    keys = _metadata_texts()
    for name, part in defs.items():
        if name.startswith("metadata_"):
            made[name] = _with(part, keys)
    actions = {name: text.text for name, text in told.ACTIONS.items()}
    kinds = made["action_object"]["properties"]["action"]
    listed = {**kinds, "enumDescriptions": [actions[name] for name in kinds["enum"]]}
    made["action_object"] = _replaced(made["action_object"], "action", listed)
    return {**schema, "$defs": made}


def _metadata_texts() -> dict[str, str]:
    texts = {str(n): t.text for n, t in told.OPTIONS.items()}
    texts |= {n: t.text for n, t in told.SIZES.items()}
    for slot, sentence in told.PRICES.items():
        texts[slot] = sentence.text
        texts |= {slot + ending: sentence.text + more for ending, more in _SUFFIXES.items()}
    return texts


def _settings(part: Schema, path: str) -> Schema:
    """Return a section of settings, described to its leaves."""
    properties = {}
    for name, inner in part["properties"].items():
        here = f"{path}.{name}"
        if "properties" in inner:
            inner = _settings(inner, here)
        properties[name] = _said(inner, told.SETTINGS.get(here))
    return {**part, "properties": properties}


def _with(part: Schema, texts: Mapping[str, str]) -> Schema:
    properties = {name: _said(inner, texts.get(name)) for name, inner in part["properties"].items()}
    return {**part, "properties": properties}


def _replaced(part: Schema, name: str, inner: Schema) -> Schema:
    return {**part, "properties": {**part["properties"], name: inner}}


def _said(part: Schema, text: str | None) -> Schema:
    if text is None:
        return part
    # Draft 07 reads nothing beside a `$ref`.
    held: Schema = {"allOf": [part]} if "$ref" in part else part
    return {**held, "description": text}
