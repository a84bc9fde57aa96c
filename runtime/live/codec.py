"""Items, events and commands as lines of JSON and back: one road for all of them.

The law: what is decoded equals what was encoded, floats bit for bit. A name, a field or a type nobody knows is
refused: a journal of another version is not guessed at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, cast, get_args, get_type_hints

from runtime.errors import IdeaCardError
from runtime.live.items import Item
from runtime.orders.commands import Command
from runtime.orders.events import Event, RequestSent

Journaled = Item | Event | Command
_TAKEN: dict[type, tuple[type, ...]] = {
    int: (int,),
    float: (float, int),
    str: (str,),
    bool: (bool,),
}
_TAG = "_"  # the key under which a line says which kind of record it is


class BadRecord(IdeaCardError):
    """A value or a text that is no record of this version."""


def encode(value: Journaled) -> str:
    """Return a value as one line of JSON; BadRecord for what has no place in a journal."""
    try:
        return json.dumps(_roads()[0](value), separators=(",", ":"))
    except (KeyError, TypeError) as error:
        raise BadRecord(f"{type(value).__name__} has no place in a journal ({error})") from None


def decode(text: str) -> Journaled:
    """Return the value of a line; BadRecord for one of another version or kind."""
    try:
        plain = json.loads(text)
    except ValueError as error:
        raise BadRecord(f"{error}: {text[:120]}") from None
    if not isinstance(plain, dict) or _TAG not in plain:
        raise BadRecord(f"says not what it is: {text[:120]}")
    try:
        return _roads()[1](plain)
    except Exception as error:  # the library's groups of errors are no common class
        raise BadRecord(f"{_told(error)}: {text[:120]}") from None


def kinds(of: object = Journaled) -> Iterator[type]:
    """Yield every dataclass that a record is made of, those inside others too, each once."""
    todo, seen = [of], set[object]()
    while todo:
        one = todo.pop(0)
        if one in seen:
            continue
        seen.add(one)
        todo += get_args(one)
        if isinstance(one, type) and is_dataclass(one):
            yield one
            todo += [hint for _, hint in sorted(get_type_hints(one).items())]


@cache
def shape() -> str:
    """Return a digest of all kinds and their fields: journals of another shape are not taken up."""
    text = repr(
        [(kind.__name__, [(f.name, str(f.type)) for f in fields(kind)]) for kind in kinds()]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _roads() -> tuple[Callable[[Journaled], object], Callable[[object], Journaled]]:
    """Return the way to plain values and the way back.

    cattrs: it writes one function a dataclass, knows unions by a tag and names the place of a fault. It
    is imported here, at the first line, because a back-test writes none.
    """
    from cattrs import Converter
    from cattrs.strategies import configure_tagged_union

    converter = Converter(forbid_extra_keys=True)
    for kind in _TAKEN:
        converter.register_structure_hook(kind, _exactly)
    asked = get_type_hints(RequestSent)["asked"]
    for union in (
        asked,
        Event,
        Journaled,
    ):  # the inner ones first: the outer ones are built of them
        configure_tagged_union(union, converter, tag_name=_TAG)
    return (
        lambda value: converter.unstructure(value, unstructure_as=Journaled),
        lambda plain: cast(Journaled, converter.structure(plain, cast(Any, Journaled))),
    )


def _exactly(value: object, kind: Any) -> object:
    """Return a value as it is if it is of the kind: nothing is converted, a whole price stays whole."""
    taken = _TAKEN.get(kind)
    if taken is None:  # a closed word, which is a `str` too
        return kind(value)
    if type(value) not in taken:
        raise TypeError(f"expected {kind.__name__}, found {type(value).__name__}")
    return value


def _told(error: BaseException) -> str:
    """Return what is wrong and where (`$` is the whole line)."""
    from cattrs import transform_error
    from cattrs.v import format_exception

    def said(one: BaseException, kind: type | None) -> str:
        is_union = kind is None or (bool(get_args(kind)) and NoneType not in get_args(kind))
        if isinstance(one, KeyError) and is_union:
            return f"nobody knows the kind {one}"
        if isinstance(one, AttributeError):
            return "expected an object"
        return str(one) if isinstance(one, TypeError) else format_exception(one, kind)

    return "; ".join(transform_error(error, format_exception=said))
