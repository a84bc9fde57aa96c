"""Whether a card is right by its schema: yes or no, without the library that knows the words for it.

The law: it says what the validator says.
COST: most cards are right, and the library takes longer to load than a card takes to check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import schemas

Schema = dict[str, Any]
Check = Callable[[object], bool]

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
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "number": (int, float), "integer": (int, float),
}  # fmt: skip
_EVERY = frozenset(type_ for types in _TYPES.values() for type_ in types)
_CHOICE = frozenset({"if", "then", "else"})


def is_link(schema: Schema) -> bool:
    """Return whether a schema is one more `else if` of a chain, and nothing beside it."""
    return "if" in schema and schema.keys() <= _CHOICE


def is_right(data: object) -> bool:
    """Return whether the validator has nothing to say about a card given as plain data."""
    look = _card_look()
    return look.fits(data, look.schema)


@lru_cache(maxsize=1)
def _card_look() -> Look:
    return Look(schemas.load("idea_card"))


class Look:
    """Walks values along a schema. Types are exact: `true` is no number.

    COST: every part of the schema becomes a function when it is first looked at: a card of thousands of
    blocks asks the same parts again and again.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._definitions: Schema = schema.get("$defs", {})
        self._made: dict[int, tuple[Schema, Check]] = {}  # by identity; the schema is kept with it

    def fits(self, value: object, schema: Schema | bool) -> bool:
        """Return whether a value fits a schema."""
        return self._check(schema)(value)

    def _check(self, schema: Schema | bool) -> Check:
        if isinstance(schema, bool):
            return _always if schema else _never
        found = self._made.get(id(schema))
        if found is None:
            found = self._made[id(schema)] = schema, self._compiled(schema)
        return found[1]

    def _later(self, schema: Schema | bool) -> Check:
        """Return what looks by a part of a schema, made when it is first asked: schemas are cyclic."""
        if isinstance(schema, bool):
            return _always if schema else _never
        made: list[Check] = []

        def look(value: object) -> bool:
            if not made:
                made.append(self._check(schema))
            return made[0](value)

        return look

    def _compiled(self, schema: Schema) -> Check:
        if "$ref" in schema:
            return self._later(self._definitions[schema["$ref"].removeprefix("#/$defs/")])
        types = _types(schema)
        members = _members(schema)
        parts = self._parts(schema)
        by_type: dict[type, Check] = {
            dict: self._object(schema),
            list: self._array(schema),
            str: _text(schema),
            int: partial(_is_within, schema=schema),
            float: partial(_is_within, schema=schema),
            bool: _always,
            type(None): _always,
        }
        whole = schema.get("type")
        is_whole = whole is not None and "integer" in whole and "number" not in whole

        def look(value: object) -> bool:
            kind = type(value)
            if kind not in types or (is_whole and kind is float and not value.is_integer()):  # type: ignore[attr-defined]
                return False
            if members is not None and not any(_equal(value, member) for member in members):
                return False
            for part in parts:
                if not part(value):
                    return False
            return by_type[kind](value)

        return look

    def _parts(self, schema: Schema) -> list[Check]:
        """Return what looks by the schemas that a schema is put together from."""
        parts = [self._later(part) for part in schema.get("allOf", ())]
        if "if" in schema:
            parts.append(self._chosen(schema))
        if "anyOf" in schema:
            some = [self._later(part) for part in schema["anyOf"]]
            parts.append(lambda value: any(part(value) for part in some))
        if "not" in schema:
            not_so = self._later(schema["not"])
            parts.append(lambda value: not not_so(value))
        return parts

    def _chosen(self, schema: Schema) -> Check:
        """Return what looks by the `then` of the first condition that holds along a chain of `else`."""
        chain: list[tuple[Check, Check]] = []
        rest: Schema | bool = schema
        while isinstance(rest, dict) and (not chain or is_link(rest)):
            chain.append((self._condition(rest["if"]), self._later(rest.get("then", True))))
            rest = rest.get("else", True)
        last = self._later(rest)

        def look(value: object) -> bool:
            for holds, then in chain:
                if holds(value):
                    return then(value)
            return last(value)

        return look

    def _condition(self, condition: Schema) -> Check:
        """Return what decides a condition, in short where it asks for one word of a mapping."""
        if condition.keys() == {"properties"} and len(condition["properties"]) == 1:
            ((key, asked),) = condition["properties"].items()
            words = asked.get("enum") if asked.keys() == {"enum"} else None
            if words is not None and all(isinstance(word, str) for word in words):
                known = frozenset(words)

                def is_one(value: object) -> bool:
                    if type(value) is not dict or key not in value:
                        return True
                    word = value[key]
                    return type(word) is str and word in known

                return is_one
        return self._later(condition)

    def _array(self, schema: Schema) -> Check:
        least, check = schema.get("minItems", 0), self._later(schema.get("items", True))

        def look(value: object) -> bool:
            assert isinstance(value, list)
            return len(value) >= least and all(map(check, value))

        return look

    def _object(self, schema: Schema) -> Check:
        least, required = schema.get("minProperties", 0), schema.get("required", ())
        known = {key: self._later(part) for key, part in schema.get("properties", {}).items()}
        others = self._later(schema.get("additionalProperties", True))
        names = schema.get("propertyNames", True)
        name = self._later(names)
        depends = {k: self._later(p) for k, p in schema.get("dependentSchemas", {}).items()}

        def look(value: object) -> bool:
            assert isinstance(value, dict)
            if len(value) < least:
                return False
            for key in required:
                if key not in value:
                    return False
            for key, part in value.items():
                if not known.get(key, others)(part):
                    return False
            # COST: nine of ten parts of a card have neither rules for names nor for what comes with them.
            return (names is True or all(map(name, value))) and all(
                part(value) for key, part in depends.items() if key in value
            )

        return look


def _always(_value: object) -> bool:
    return True


def _never(_value: object) -> bool:
    return False


def _types(schema: Schema) -> frozenset[type]:
    """Return the types a value may have; of whole numbers those that are written with a point, too."""
    kinds = schema.get("type")
    if kinds is None:
        return _EVERY
    named = (kinds,) if isinstance(kinds, str) else kinds
    return frozenset(type_ for kind in named for type_ in _TYPES[kind])


def _members(schema: Schema) -> tuple[object, ...] | None:
    """Return the values that are listed, None where none are."""
    if "const" in schema and "enum" in schema:
        return tuple(member for member in schema["enum"] if _equal(schema["const"], member))
    return (schema["const"],) if "const" in schema else schema.get("enum")


def _text(schema: Schema) -> Check:
    least, pattern = schema.get("minLength", 0), schema.get("pattern")
    if not least and pattern is None:
        return _always
    found = re.compile(pattern or "").search

    def look(value: object) -> bool:
        assert isinstance(value, str)
        return len(value) >= least and found(value) is not None

    return look


def _equal(value: object, member: object) -> bool:
    """Return whether two scalars are the same in JSON: 1 is 1.0, and neither is `true`."""
    return value == member and isinstance(value, bool) is isinstance(member, bool)


def _is_within(value: Any, schema: Schema) -> bool:
    # In this form a value that is no number is within everything, as for the library.
    return not (
        value < schema.get("minimum", value)
        or value > schema.get("maximum", value)
        or ("exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"])
        or ("multipleOf" in schema and value % schema["multipleOf"])
    )
