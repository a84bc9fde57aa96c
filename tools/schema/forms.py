"""Small pieces that every part of the card's JSON Schema is made of."""

from __future__ import annotations

Schema = dict[str, object]


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def closed(
    properties: Schema, required: tuple[str, ...] = (), more: Schema | None = None
) -> Schema:
    """A mapping that allows these keys and no other."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {**schema, **(more or {})}


def choose(cases: list[tuple[Schema, Schema]], otherwise: Schema | None) -> Schema:
    """Return `if c1 then s1 else if c2 …`: the first case whose condition holds decides."""
    result = otherwise
    for condition, then in reversed(cases):
        link: Schema = {"if": condition, "then": then}
        result = {**link, "else": result} if result else link
    return result or {}


def has(*keys: str) -> Schema:
    return {"required": list(keys)}


def one_of(*values: object, what: str) -> Schema:
    return {"enum": list(values), "x-what": what}
