"""`dataclass` as the standard library has it, whose methods are written when they are first asked for.

The law: what such a class answers is what `dataclasses.dataclass` would answer: fields, order of parameters,
equality, hash, text, pickling, refusals. Only what a program never asks for is never written.

COST: the standard decorator compiles up to six functions for each class when its module is loaded, a third of
the time of `ideacard lint`. Here a class compiles one, `__init__`, when the first object is made.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls=None, /, *, eq=True, frozen=False, **flags):
        """Return a class as `dataclasses.dataclass` makes it; `flags` are those of the standard decorator."""

        def made(cls):
            return _completed(cls, eq, frozen, flags)

        return made if cls is None else made(cls)


def _completed(cls: type, eq: bool, frozen: bool, flags: dict[str, Any]) -> type:
    """Let the standard decorator find the fields, and add methods that are written when they are used."""
    own = {name for name, method in vars(cls).items() if name != "__hash__" or method is not None}
    if cls.__doc__ is None:
        cls.__doc__ = ""  # COST: the standard decorator would work out a signature to write here
    ordered = bool(flags.get("order"))
    made: type = dataclasses.dataclass(init=False, repr=False, eq=ordered, **flags)(cls)
    fields = dataclasses.fields(made)
    methods: dict[str, Any] = {"__init__": _init(made, frozen), "__repr__": _repr(fields)}
    if eq:
        methods["__eq__"] = _eq(_values([f.name for f in fields if f.compare]))
        if not frozen:
            methods["__hash__"] = None
        else:
            hashed = [f.name for f in fields if (f.compare if f.hash is None else f.hash)]
            methods["__hash__"] = _hash(_values(hashed))
    if frozen:
        methods |= _refusals(made, frozenset(f.name for f in fields))
        if flags.get("slots"):
            methods |= _pickling(tuple(f.name for f in fields))
    for name, method in methods.items():
        if name not in own:
            if method is not None:
                method.__qualname__ = f"{made.__qualname__}.{name}"
            setattr(made, name, method)
    return made


def _init(cls: type, frozen: bool) -> Callable[..., None]:
    def __init__(self: Any, *given: Any, **named: Any) -> None:
        written = _written_init(cls, frozen)
        cls.__init__ = written  # type: ignore[misc]
        written(self, *given, **named)

    return __init__


def _written_init(cls: type, frozen: bool) -> Callable[..., None]:
    """Return the `__init__` of a class as a compiled function, with defaults as the standard has them."""
    names: dict[str, Any] = {"_put": object.__setattr__, "_missing": dataclasses.MISSING}
    places: list[str] = []
    by_name: list[str] = []
    body: list[str] = []
    for field in dataclasses.fields(cls):
        name, value = field.name, field.name
        default, factory = f"_default_{name}", f"_factory_{name}"
        has_factory = field.default_factory is not dataclasses.MISSING
        names[default], names[factory] = field.default, field.default_factory
        if field.init:
            said = name
            if has_factory:
                said += "=_missing"
                value = f"{factory}() if {name} is _missing else {name}"
            elif field.default is not dataclasses.MISSING:
                said += f"={default}"
            (by_name if field.kw_only else places).append(said)
        elif has_factory:
            value = f"{factory}()"
        else:
            continue  # neither given nor made: left to `__post_init__`
        body.append(f"_put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join(["self", *places, *(["*"] if by_name else []), *by_name])
    exec(f"def __init__({parameters}):\n  " + "\n  ".join(body or ["pass"]), names)
    written: Callable[..., None] = names["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the values of fields out of an object, as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _repr(fields: tuple[dataclasses.Field[Any], ...]) -> Callable[[Any], str]:
    names = [field.name for field in fields if field.repr]

    def __repr__(self: Any) -> str:
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({said})"

    return recursive_repr()(__repr__)


def _eq(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:
        return (
            values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented
        )

    return __eq__


def _hash(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _refusals(cls: Any, fields: frozenset[str]) -> dict[str, Any]:
    """Return what refuses to change an object."""

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if type(self) is cls or name in fields:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in fields:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return {"__setattr__": __setattr__, "__delattr__": __delattr__}


def _pickling(names: tuple[str, ...]) -> dict[str, Any]:
    """Return what lets an object without a `__dict__` be pickled though nothing may be assigned to it."""

    def __getstate__(self: Any) -> list[Any]:
        return [getattr(self, name) for name in names]

    def __setstate__(self: Any, state: list[Any]) -> None:
        for name, value in zip(names, state, strict=True):
            object.__setattr__(self, name, value)

    return {"__getstate__": __getstate__, "__setstate__": __setstate__}
