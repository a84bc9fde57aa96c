"""The type of every operation, from the types of its operands: shared by `check` and `lower`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compiler.catalog.operations import Op
from compiler.catalog.types import BOOL, Type, Unit, ValueType
from compiler.catalog.units import (
    AnyUnit,
    Mismatch,
    added,
    divided,
    multiplied,
    power,
    remainder,
    same,
    subtracted,
)


@dataclass(frozen=True, slots=True)
class Inferred:
    """What an expression is. A literal takes the unit it meets; `constant` is its value.

    `never`: it may be infinitely long ago.
    """

    value: ValueType
    literal: bool = False
    constant: float | None = None
    never: bool = False

    @property
    def unit(self) -> AnyUnit:
        return None if self.literal else self.value.unit

    @property
    def type(self) -> Type:
        return self.value.type

    @property
    def is_numeric(self) -> bool:
        return self.value.type in (Type.INT, Type.NUMBER)


_INT_CLOSED = frozenset({Op.ADD, Op.SUB, Op.MUL, Op.MIN, Op.MAX, Op.MOD, Op.DEFAULT})


def number(
    unit: AnyUnit, *, is_int: bool = False, low: float | None = None, high: float | None = None
) -> Inferred:
    """Return the type of a number; the `None` unit makes it a literal."""
    kind = Type.INT if is_int else Type.NUMBER
    return Inferred(ValueType(kind, unit or Unit.PLAIN, low=low, high=high), literal=unit is None)


def literal(value: float) -> Inferred:
    """Return the type of a number written in the card."""
    kind = Type.INT if float(value).is_integer() else Type.NUMBER
    return Inferred(ValueType(kind), literal=True, constant=float(value))


def binary(op: Op, left: Inferred, right: Inferred) -> Inferred:
    """Return the type of a two-operand number operation; `Mismatch` if the units forbid it."""
    unit = _binary_unit(op, left, right)
    is_int = op in _INT_CLOSED and left.type is Type.INT and right.type is Type.INT
    never = (left.never or right.never) and op is not Op.MOD
    if op is Op.MOD and right.constant is not None and right.constant > 0:
        whole = left.type is Type.INT and right.constant.is_integer()
        most = right.constant - 1.0 if whole else right.constant
        return number(unit, is_int=is_int, low=0.0, high=most)
    return replace(number(unit, is_int=is_int), never=never)


def _binary_unit(op: Op, left: Inferred, right: Inferred) -> AnyUnit:
    match op:
        case Op.ADD:
            return added(left.unit, right.unit)
        case Op.SUB:
            return subtracted(left.unit, right.unit)
        case Op.MUL:
            factor = left.constant if left.literal else right.constant
            return multiplied(left.unit, right.unit, factor)
        case Op.DIV:
            return divided(left.unit, right.unit, right.constant)
        case Op.MOD:
            return remainder(left.unit, right.unit)
        case Op.POW:
            return power(left.unit, right.unit)
        case _:
            return same(left.unit, right.unit)


def unary(op: Op, operand: Inferred) -> Inferred:
    """Return the type of a one-operand number operation; `Mismatch` if its unit forbids it."""
    return replace(_unary(op, operand), never=operand.never and op is not Op.SIGN)


def _unary(op: Op, operand: Inferred) -> Inferred:
    match op:
        case Op.SIGN:
            return Inferred(ValueType(Type.INT, low=-1.0, high=1.0))
        case Op.FLOOR | Op.CEIL | Op.ROUND:
            return number(operand.unit, is_int=True)
        case Op.ABS:
            return number(operand.unit, is_int=operand.type is Type.INT, low=0.0)
        case Op.SQRT | Op.LOG:
            return number(None)
        case Op.EXP:
            return number(power(Unit.PLAIN, operand.unit), low=0.0)
        case _:
            return number(operand.unit, is_int=operand.type is Type.INT)


def mean_type(value: ValueType) -> ValueType:
    """Return the type of a mean or a median: within the bounds of its values, of whole numbers not whole."""
    return replace(value, type=Type.NUMBER)


def default(value: Inferred, fallback: Inferred) -> Inferred:
    """Return the type of `value ?? fallback`; `Mismatch` if they cannot stand for each other."""
    if value.is_numeric and fallback.is_numeric:
        return binary(Op.DEFAULT, value, fallback)
    if value.type is not fallback.type or value.value.enum != fallback.value.enum:
        raise Mismatch
    return Inferred(value.value)


def token_index(word: str, value: ValueType) -> int | None:
    """Return the place of a word among the tokens of an enum; exact spelling wins over case."""
    if word in value.enum:
        return value.enum.index(word)
    lowered = [token.lower() for token in value.enum]
    return lowered.index(word.lower()) if word.lower() in lowered else None


TRUTH = Inferred(BOOL)
