"""Values and words of a card in sentences about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.text.nodes import Mapping as MappingNode
from compiler.text.nodes import Node, Scalar
from compiler.text.nodes import Sequence as SequenceNode

_LONGEST_SHOWN = 40
_LIST_LIMIT = 24


def short(text: str) -> str:
    """Return a text in one line of at most 40 characters."""
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"


def worded(node: Node) -> str:
    """Return a value as it is written, or what it is."""
    return f"`{short(node.text)}`" if isinstance(node, Scalar) else described(node)


def described(node: Node) -> str:
    """Return what was found, in the words of a card author."""
    match node:
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"`{node.text}`"
        case Scalar(value=int() | float()):
            return f"the number `{short(node.text)}`"
        case Scalar():
            return f"the text `{short(node.text)}`" if node.text.strip() else "an empty text"
        case SequenceNode():
            return "a list" if node.items else "an empty list"
        case MappingNode():
            return "a mapping" if node.entries else "an empty mapping"


_KIND_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}


def kind_words(types: str | Iterable[str]) -> str:
    """Return what JSON Schema types are called here."""
    names = [types] if isinstance(types, str) else list(types)
    return " or ".join(_KIND_WORDS.get(name, name) for name in names)


def one_of(choices: Sequence[str]) -> str | None:
    """Return the choices as a help, None without any."""
    return f"one of {listed(choices)}" if choices else None


def allowed_here(names: Sequence[str], limit: int = _LIST_LIMIT) -> str:
    """Return the keys that may stand at a place, as a help."""
    return f"allowed here: {listed(names, limit)}" if names else "no key is allowed here"


def listed(names: Sequence[str], limit: int = _LIST_LIMIT) -> str:
    """Return words in backticks, cut after `limit`."""
    shown = ", ".join(f"`{name}`" for name in names[:limit])
    return shown + (", …" if len(names) > limit else "")
