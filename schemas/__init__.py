"""The JSON Schemas of everything that leaves or enters the product as text.

Package data beside this file; each schema carries its own version.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]


def schema_text(name: str) -> str:
    """Return the text of a schema, e.g. `idea_card`; FileNotFoundError if there is none."""
    return (Path(__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8")


def load(name: str) -> Schema:
    """Return a schema as data."""
    loaded: Schema = json.loads(schema_text(name))
    return loaded


def draft7(schema: Schema | None = None) -> Schema:
    """Return a schema (the card's by default) in draft 07, which is what YAML editors understand."""
    translated = _draft7(load("idea_card") if schema is None else schema)
    assert isinstance(translated, dict)
    translated["$schema"] = "http://json-schema.org/draft-07/schema#"
    return translated


_RENAMED = {"$defs": "definitions", "dependentSchemas": "dependencies"}


def _draft7(part: Any) -> Any:
    if isinstance(part, list):
        return [_draft7(item) for item in part]
    if not isinstance(part, dict):
        return part
    # Draft 07 reads nothing beside a `$ref`.
    assert "$ref" not in part or len(part) == 1
    return {
        _RENAMED.get(key, key): _reference(value) if key == "$ref" else _draft7(value)
        for key, value in part.items()
    }


def _reference(target: str) -> str:
    return target.replace("#/$defs/", "#/definitions/")
