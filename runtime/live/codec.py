"""Items, events and commands as JSON and back: one road for all of them.

The law: what is decoded equals what was encoded, floats bit for bit. A name or a field nobody knows is
refused: a journal of another version is not guessed at.
"""

from __future__ import annotations

import hashlib
import json
import types
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from runtime.backends.base import Notice
from runtime.live import items
from runtime.orders import commands, events
from runtime.orders.order_spec import Level, OrderSpec, Origin

_KINDS: tuple[Any, ...] = (
    items.Told, items.BarArrived, Notice, items.LinkSaid, items.Ordered, items.TimerFired,
    items.Reconciled,
    commands.SubmitOrder, commands.CancelOrder, commands.AmendOrder, commands.SetProtection,
    events.OrderSubmitted, events.OrderAccepted, events.OrderTriggered, events.OrderFilled,
    events.OrderAmended, events.OrderCancelled, events.OrderExpired, events.OrderRejected,
    events.RequestSent, events.RequestEnded, events.RequestRefused, events.RequestUncertain,
    events.ProtectionChanged, events.FundingPaid, events.BarClosed,
    OrderSpec, Level, Origin,
)  # fmt: skip
_BY_NAME = {kind.__name__: kind for kind in _KINDS}


class BadRecord(ValueError):
    """Text that is no record of this version."""


def shape() -> str:
    """Return a digest of all kinds and their fields: journals of another shape are not taken up."""
    text = repr([(kind.__name__, [(f.name, str(f.type)) for f in fields(kind)]) for kind in _KINDS])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def encode(value: object) -> str:
    """Return a value as one line of JSON."""
    return json.dumps(_plain(value), separators=(",", ":"), sort_keys=False)


def decode(text: str) -> Any:
    """Return the value of a line; BadRecord for one of another version or kind."""
    try:
        return _value(json.loads(text), Any)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"{error}: {text[:120]}") from None


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        if name not in _BY_NAME:
            raise BadRecord(f"`{name}` has no place in a journal")
        body: dict[str, object] = {"_": name}
        for one in fields(value):
            body[one.name] = _plain(getattr(value, one.name))
        return body
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise BadRecord(f"{type(value).__name__} has no place in a journal")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(plain: Any, hint: Any) -> Any:
    if isinstance(plain, dict):
        kind = _BY_NAME[plain.pop("_")]
        hints = _hints(kind)
        return kind(**{name: _value(one, hints[name]) for name, one in plain.items()})
    if isinstance(plain, list):
        inner = get_args(hint)[0] if get_args(hint) else Any
        return tuple(_value(one, inner) for one in plain)
    if isinstance(plain, str):
        word = _enum(hint)
        return plain if word is None else word(plain)
    return plain


def _enum(hint: Any) -> type[Enum] | None:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if get_origin(hint) in (Union, types.UnionType):
        for one in get_args(hint):
            found = _enum(one)
            if found is not None:
                return found
    return None
