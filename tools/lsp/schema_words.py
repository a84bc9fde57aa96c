"""What the JSON Schema of cards allows at a place: keys, words, and whether expressions are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from compiler.parse.schema_validator import card_validator
from compiler.text.nodes import Node, plain_data
from tools.lsp.cursor import MARK, Path

Schema = dict[str, Any]
# What the schema calls the values that are read as expressions.
_EXPRESSIONS = frozenset(
    {"a condition", "a value or a condition", "a value", "a price", "a size with its unit"}
)


def schemas_at(root: Node, path: Path) -> list[Schema]:
    """Return the schemas of the value at a path, as far as what is written decides."""
    data: Any = plain_data(root)
    found = [card_validator().schema]
    for step in path:
        found = [part for schema in found for part in _inside(schema, data, step)]
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step]
        else:
            data = None
    return found


def keys(schemas: Sequence[Schema], present: Sequence[str]) -> dict[str, tuple[Schema, bool]]:
    """Return the keys a mapping may still take, each with its schema and whether it is required."""
    written = {key: None for key in present if key != MARK}
    found: dict[str, tuple[Schema, bool]] = {}
    unwanted: set[str] = set(written)
    for schema in schemas:
        for view in _views(schema, written):
            required = view.get("required", ())
            unwanted |= _excluded(view, written)
            for key, part in view.get("properties", {}).items():
                if key in found and not part:
                    continue
                found[key] = (part, key in required or found.get(key, ({}, False))[1])
    return {key: value for key, value in found.items() if key not in unwanted}


def words(schemas: Sequence[Schema]) -> list[str]:
    """Return the words a value may be: enums, truth values, timeframes."""
    found: dict[str, None] = {}
    for schema in schemas:
        for view in _views(schema, ""):
            for value in (*view.get("enum", ()), *view.get("x-choices", ())):
                if isinstance(value, str):
                    found.setdefault(value)
            if view.get("type") == "boolean":
                found |= {"true": None, "false": None}
    return list(found)


def takes_expression(schemas: Sequence[Schema]) -> bool:
    return any(schema.get("x-what") in _EXPRESSIONS for schema in schemas)


def takes_tunable(schemas: Sequence[Schema]) -> bool:
    """Return whether `=name` may stand here."""
    return any(str(schema.get("pattern", "")).startswith("^=") for schema in schemas)


def takes_mapping(schemas: Sequence[Schema]) -> bool:
    return any("object" in _kinds(view) for schema in schemas for view in _views(schema, {}))


def _kinds(schema: Schema) -> Sequence[str]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else kinds


def _excluded(view: Schema, written: dict[str, None]) -> set[str]:
    """Keys that what is written rules out: `stop_loss_ref` beside `stop_loss`."""
    parts = [part for key, part in view.get("dependentSchemas", {}).items() if key in written]
    return {
        key
        for part in (*parts, view)
        for key, schema in part.get("properties", {}).items()
        if "not" in schema
    }


def _inside(schema: Schema, data: Any, step: str | int) -> Iterator[Schema]:
    for view in _views(schema, data):
        if isinstance(step, int):
            part = view.get("items")
        else:
            part = view.get("properties", {}).get(step, view.get("additionalProperties"))
        if isinstance(part, dict) and part:
            yield part


def _views(schema: Schema, data: Any) -> Iterator[Schema]:
    """Yield a schema and the branches that the data selects."""
    yield schema
    if "if" in schema:
        holds = card_validator().evolve(schema=schema["if"]).is_valid(data)
        branch = schema.get("then" if holds else "else")
        if branch:
            yield from _views(branch, data)
