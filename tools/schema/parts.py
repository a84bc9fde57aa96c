"""What parts of the JSON Schema are built of: references, sections, lists, mappings, choices."""

from __future__ import annotations

from enum import StrEnum

Schema = dict[str, object]


def ref(name: str) -> Schema:
    """Return a reference to a part by its name."""
    return {"$ref": f"#/$defs/{name}"}


def section(what: str, properties: Schema, *required: str, **more: object) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "x-what": what,
    }
    if required:
        schema["required"] = list(required)
    return {**schema, **more}


def listed(what: str, items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, "x-what": what, **more}


def named(what: str, values: Schema) -> Schema:
    """Return a mapping from free names to values."""
    return {
        "type": "object",
        "propertyNames": {
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
            "x-what": "a name",
            "x-hint": "letters, digits and `_`, not starting with a digit",
        },
        "additionalProperties": values,
        "x-what": what,
    }


def choice(*values: object, what: str) -> Schema:
    return {"enum": list(values), "x-what": what}


def words(kind: type[StrEnum], what: str) -> Schema:
    return choice(*(word.value for word in kind), what=what)
