"""The validator for cards: JSON Schema, prepared so that a card costs milliseconds.

Every `$ref` is replaced, once, by what it points at (the prepared schema is a cyclic structure, never
written out); a chain of `if`/`else if` is walked in a loop instead of by nesting; of a list or a mapping
only those parts are looked at that the quick look does not call right. All leave the meaning of the schema as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import schemas
from compiler.parse.quick_look import Look, is_link, is_right

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Schema = dict[str, Any]


@lru_cache(maxsize=1)
def card_validator() -> Any:
    """Return the validator of `idea_card.schema.json`; never reaches for the network."""
    from jsonschema.validators import Draft202012Validator, extend  # COST: 70 ms of start-up
    from referencing import Registry

    engine: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"if": _first_that_holds, "items": _wrong_ones, "properties": _wrong_parts},
    )
    linked = _link(schemas.load("idea_card"))
    return engine(linked, registry=Registry())


def schema_errors(data: Any) -> Iterator[ValidationError]:
    """Yield what the schema says about a card given as plain data, in no particular order."""
    if not is_right(data):
        yield from card_validator().iter_errors(data)


def _first_that_holds(
    validator: Any, condition: Schema, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    while True:
        if _holds(validator, condition, instance):
            chosen = schema.get("then")
            break
        chosen = schema.get("else")
        if chosen is None or not is_link(chosen):
            break
        schema, condition = chosen, chosen["if"]
    if chosen:
        yield from validator.descend(instance, chosen)


def _wrong_ones(
    validator: Any, items: Schema, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    # COST: one misspelt key among thousands of blocks must not send the library through all of them.
    if isinstance(instance, list):
        fits = _look().fits
        for index, item in enumerate(instance):
            if not fits(item, items):
                yield from validator.descend(item, items, path=index)


def _wrong_parts(
    validator: Any, properties: Schema, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        fits = _look().fits
        for key, part in properties.items():
            if key in instance and not fits(instance[key], part):
                yield from validator.descend(instance[key], part, path=key, schema_path=key)


@lru_cache(maxsize=1)
def _look() -> Look:
    """Return the look by the parts of the prepared schema, in which nothing refers to a definition."""
    return Look({})


def _holds(validator: Any, condition: Schema, instance: object) -> bool:
    """Decide the two forms that unions are dispatched by; leave the rest to the library."""
    if len(condition) == 1:
        needed = condition.get("required")
        if needed is not None:
            return not isinstance(instance, dict) or all(key in instance for key in needed)
        if "type" in condition:
            return bool(validator.is_type(instance, condition["type"]))
    return bool(validator.evolve(schema=condition).is_valid(instance))


def _link(schema: Schema) -> Schema:
    """Replace `{"$ref": "#/$defs/x"}` by the definition itself, everywhere."""
    definitions: Schema = schema["$defs"]
    for name in definitions:
        definitions[name] = _linked(definitions[name], definitions)
    return {key: _linked(part, definitions) for key, part in schema.items() if key != "$defs"}


def _linked(part: Any, definitions: Schema) -> Any:
    if isinstance(part, list):
        return [_linked(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    target = part.get("$ref")
    if target is not None:
        assert len(part) == 1, "a $ref stands alone, so that it can be replaced"
        return definitions[target.removeprefix("#/$defs/")]
    for key, value in part.items():
        part[key] = _linked(value, definitions)
    return part
