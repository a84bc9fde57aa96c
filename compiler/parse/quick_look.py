"""Whether a card is right by its schema: yes or no, without the library that knows the words for it.

The law: it says what the validator says.
COST: most cards are right, and the library takes longer to load than a card takes to check.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import schemas

Schema = dict[str, Any]

# What the look understands, and what says nothing about a card; a test holds the schema to both.
UNDERSTOOD = frozenset({
    "$ref", "type", "enum", "const", "if", "then", "else", "anyOf", "allOf", "not",
    "properties", "required", "additionalProperties", "minProperties", "propertyNames",
    "dependentSchemas", "items", "minItems", "minLength", "pattern",
    "minimum", "maximum", "exclusiveMinimum", "multipleOf",
})  # fmt: skip
SILENT = frozenset({
    "$schema", "$id", "$defs", "title", "description", "x-what", "x-hint", "x-message", "x-code",
    "x-other", "x-choices",
})  # fmt: skip
_TYPES: dict[str, type] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
}  # fmt: skip


def is_right(data: object) -> bool:
    """Return whether the validator has nothing to say about a card given as plain data."""
    look = _card_look()
    return look.fits(data, look.schema)


@lru_cache(maxsize=1)
def _card_look() -> Look:
    return Look(schemas.load("idea_card"))


class Look:
    """Walks values along a schema. Types are exact: `true` is no number."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._definitions: Schema = schema.get("$defs", {})

    def fits(self, value: object, schema: Schema | bool) -> bool:
        """Return whether a value fits a schema."""
        if isinstance(schema, bool):
            return schema
        if "$ref" in schema:
            return self.fits(value, self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        if not _is_named(value, schema) or not self._fits_parts(value, schema):
            return False
        match value:
            case dict():
                return self._fits_object(value, schema)
            case list():
                items = schema.get("items", True)
                is_enough = len(value) >= schema.get("minItems", 0)
                return is_enough and all(self.fits(item, items) for item in value)
            case str():
                is_enough = len(value) >= schema.get("minLength", 0)
                return is_enough and re.search(schema.get("pattern", ""), value) is not None
            case bool() | None:
                return True
            case int() | float():
                return _is_within(value, schema)
        return False

    def _fits_parts(self, value: object, schema: Schema) -> bool:
        """Return whether a value fits the schemas that a schema is put together from."""
        if "if" in schema:
            chosen = "then" if self.fits(value, schema["if"]) else "else"
            if not self.fits(value, schema.get(chosen, True)):
                return False
        if "anyOf" in schema and not any(self.fits(value, part) for part in schema["anyOf"]):
            return False
        if "not" in schema and self.fits(value, schema["not"]):
            return False
        return all(self.fits(value, part) for part in schema.get("allOf", ()))

    def _fits_object(self, value: dict[str, object], schema: Schema) -> bool:
        if len(value) < schema.get("minProperties", 0):
            return False
        if any(key not in value for key in schema.get("required", ())):
            return False
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        names, depends = schema.get("propertyNames", True), schema.get("dependentSchemas", {})
        # COST: nine of ten parts of a card have neither rules for names nor for what comes with them.
        return (
            all(self.fits(part, known.get(key, others)) for key, part in value.items())
            and (names is True or all(self.fits(key, names) for key in value))
            and all(self.fits(value, part) for key, part in depends.items() if key in value)
        )


def _is_named(value: object, schema: Schema) -> bool:
    """Return whether a value is of a type that is named, and one of those that are listed."""
    kinds = schema.get("type")
    if kinds is not None:
        named = (kinds,) if isinstance(kinds, str) else kinds
        if not any(_is_of(value, kind) for kind in named):
            return False
    if "const" in schema and not _equal(value, schema["const"]):
        return False
    return "enum" not in schema or any(_equal(value, member) for member in schema["enum"])


def _is_of(value: object, kind: str) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "number":
        return is_number
    if kind == "integer":
        return is_number and (isinstance(value, int) or value.is_integer())  # type: ignore[attr-defined]
    return isinstance(value, _TYPES[kind])


def _equal(value: object, member: object) -> bool:
    """Return whether two scalars are the same in JSON: 1 is 1.0, and neither is `true`."""
    return value == member and isinstance(value, bool) is isinstance(member, bool)


def _is_within(value: float, schema: Schema) -> bool:
    # In this form a value that is no number is within everything, as for the library.
    return not (
        value < schema.get("minimum", value)
        or value > schema.get("maximum", value)
        or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
        or ("multipleOf" in schema and value % schema["multipleOf"])
    )
