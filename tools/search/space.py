"""What a sweep may change: axes with their values, and the sets they span.

The law: a space is finite and its sets have numbers, so a set is the same for every way of searching it; values
are texts as `--set` takes them, never floats that print otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import prod

from compiler.findings.errors import IdeaCardError
from compiler.syntax.tree import Card, ParamDecl

MOST_VALUES = 100_000
ParamSet = tuple[tuple[str, str], ...]  # (path, text) of every axis, as `--set` takes them


class BadSpace(IdeaCardError):
    """Axes that say no finite space."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that changes. `path` as in `--set`; `values` in their order; `is_ordered`: numbers that rise."""

    path: str
    values: tuple[str, ...]
    is_ordered: bool = True

    @property
    def name(self) -> str:
        return self.path.removeprefix("params.")


@dataclass(frozen=True, slots=True)
class Space:
    """Axes and the sets they span. The last axis changes first."""

    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return prod(len(axis.values) for axis in self.axes)

    def at(self, number: int) -> ParamSet:
        """Return the set of a number below the size of the space."""
        places = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.values))
            places.append(place)
        return self.of(places[::-1])

    def of(self, places: Iterable[int]) -> ParamSet:
        """Return the set at the places of its values."""
        pairs = zip(self.axes, places, strict=True)
        return tuple((axis.path, axis.values[place]) for axis, place in pairs)


def space_of(card: Card, asked: Sequence[str]) -> Space:
    """Return the space of `--param` texts (`fast=5:60:1`, `fast=5,8,13`), else of all params of the card.

    A bare `--param fast` takes the bounds and the step that the card gives. BadSpace says what is missing.
    """
    declared = {param.name: param for param in card.params}
    if not asked and not declared:
        raise BadSpace(
            "the card has no `params`: say what may change, for example "
            "--param account.starting_equity_usdt=500,1000"
        )
    axes = [_axis(text, declared) for text in asked or declared]
    twice = {axis.path for axis in axes if sum(a.path == axis.path for a in axes) > 1}
    if twice:
        raise BadSpace(f"`{min(twice)}` is given twice")
    return Space(tuple(axes))


def _axis(text: str, declared: dict[str, ParamDecl]) -> Axis:
    name, separator, said = (part.strip() for part in text.partition("="))
    bare = name.removeprefix("params.")
    param = declared.get(bare)
    if param is None and "." not in name:
        known = ", ".join(f"`{one}`" for one in declared) or "none"
        raise BadSpace(f"the card has no param `{name}`; it has: {known}")
    path = name if param is None else f"params.{bare}"
    if separator:
        return _written(path, said)
    if param is None:
        raise BadSpace(f"`{name}`: say its values, for example --param {name}=1,2,3")
    return _declared(path, param)


def _written(path: str, said: str) -> Axis:
    if ":" not in said:
        values = tuple(dict.fromkeys(one.strip() for one in said.split(",") if one.strip()))
        if not values:
            raise BadSpace(f"`{path}`: no value is given")
        return Axis(path, values, _rises(values))
    bounds = said.split(":")
    if len(bounds) not in (2, 3):
        raise BadSpace(f"`{path}={said}`: expected LOW:HIGH:STEP or values with commas")
    numbers = [_number(path, one) for one in bounds]
    low, high = numbers[:2]
    if len(numbers) == 2 and not (low == int(low) and high == int(high)):
        raise BadSpace(f"`{path}={said}`: which step? write {bounds[0]}:{bounds[1]}:STEP")
    return Axis(path, _range(path, low, high, numbers[2] if len(numbers) == 3 else Decimal(1)))


def _declared(path: str, param: ParamDecl) -> Axis:
    if param.low is None or param.high is None:
        raise BadSpace(
            f"param `{param.name}` has no `low` and `high`: give them in the card, or --param "
            f"{param.name}=LOW:HIGH:STEP"
        )
    low, high, default = (Decimal(repr(x)) for x in (param.low, param.high, param.default))
    if param.step is not None:
        return Axis(path, _range(path, low, high, Decimal(repr(param.step))))
    if any(one != int(one) for one in (low, high, default)):
        raise BadSpace(
            f"param `{param.name}` has no `step`: give one in the card, or --param "
            f"{param.name}={param.low:g}:{param.high:g}:STEP"
        )
    return Axis(path, _range(path, low, high, Decimal(1)))


def _range(path: str, low: Decimal, high: Decimal, step: Decimal) -> tuple[str, ...]:
    """Return low, low + step, … up to high, each as its shortest text."""
    if step <= 0 or high < low:
        raise BadSpace(f"`{path}`: {low}:{high}:{step} holds no values")
    count = int((high - low) / step) + 1
    if count > MOST_VALUES:
        raise BadSpace(f"`{path}`: {count:,} values; at most {MOST_VALUES:,} are searched")
    return tuple(_text(low + i * step) for i in range(count))


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _number(path: str, text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise BadSpace(f"`{path}`: `{text}` is no number")
    return number


def _rises(values: Sequence[str]) -> bool:
    try:
        numbers = [Decimal(one) for one in values]
    except InvalidOperation:
        return False
    return numbers == sorted(numbers)
