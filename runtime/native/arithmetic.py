"""Arithmetic as CPython does it, in LLVM's text; what CPython would raise becomes a stop.

No fast-math and no contraction: an operation rounds once, to nearest, as IEEE 754 says.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from runtime.native.errors import Site
from runtime.native.ir import Builder, float_text, is_constant
from runtime.native.source import Scalar

ZERO = float_text(0.0)
# Floats below hold every whole number.
EXACT = 2**53
_LIMIT = float_text(2.0**63)
_LEAST = float_text(-(2.0**63))
_INTEGER = {ast.Add: "sadd", ast.Sub: "ssub", ast.Mult: "smul"}
_FLOAT = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul"}
_SIGNED = {ast.Lt: "slt", ast.LtE: "sle", ast.Gt: "sgt", ast.GtE: "sge", ast.Eq: "eq",
           ast.NotEq: "ne"}  # fmt: skip
# An unknown compares false, and differs from everything.
_ORDERED = {ast.Lt: "olt", ast.LtE: "ole", ast.Gt: "ogt", ast.GtE: "oge", ast.Eq: "oeq",
            ast.NotEq: "une"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operation stands in the source, for what it says when it stops."""

    file: str
    line: int
    function: str

    def site(self, reason: str) -> Site:
        return Site(self.file, self.line, self.function, reason)


def to_float(b: Builder, value: str) -> str:
    """Return an int as the nearest float."""
    return (
        float_text(int(value)) if is_constant(value) else b.value(f"sitofp i64 {value} to double")
    )


def exactly(b: Builder, value: str, at: Place) -> str:
    """Return an int as a float that is equal to it; stop where there is none for sure."""
    if not is_constant(value):
        moved = b.value(f"add i64 {value}, {EXACT}")
        beyond = b.value(f"icmp ugt i64 {moved}, {2 * EXACT}")
        b.fail_if(beyond, at.site("an int beyond 2**53 meets a float"))
    return to_float(b, value)


def binary(b: Builder, op: ast.operator, kind: Scalar, x: str, y: str, at: Place) -> str:
    """Return x op y; both are of `kind`, and so is the result."""
    if kind is Scalar.FLOAT:
        match op:
            case ast.Div():
                stop_at_zero(b, y, at)
                return b.value(f"fdiv double {x}, {y}")
            case ast.Mod():
                return float_modulo(b, x, y, at)[0]
            case ast.FloorDiv():
                return float_floor_division(b, x, y, at)
        return b.value(f"{_FLOAT[type(op)]} double {x}, {y}")
    if isinstance(op, ast.FloorDiv | ast.Mod):
        return int_division(b, x, y, at, is_modulo=isinstance(op, ast.Mod))
    return checked(b, _INTEGER[type(op)], x, y, at)


def checked(b: Builder, name: str, x: str, y: str, at: Place) -> str:
    """Return the result of whole-number arithmetic; stop where it takes more than 64 bits."""
    pair = b.call(f"llvm.{name}.with.overflow.i64", "{i64, i1}", f"i64 {x}", f"i64 {y}")
    b.fail_if(b.value(f"extractvalue {{i64, i1}} {pair}, 1"), at.site("an int beyond 64 bits"))
    return b.value(f"extractvalue {{i64, i1}} {pair}, 0")


def stop_at_zero(b: Builder, y: str, at: Place) -> None:
    if is_constant(y) and y not in (ZERO, float_text(-0.0)):
        return
    b.fail_if(b.value(f"fcmp oeq double {y}, {ZERO}"), at.site("division by zero"))


def int_division(b: Builder, x: str, y: str, at: Place, *, is_modulo: bool) -> str:
    """Return x // y or x % y, rounded down; the machine's division rounds towards zero."""
    if not is_constant(y) or int(y) == 0:
        b.fail_if(b.value(f"icmp eq i64 {y}, 0"), at.site("division by zero"))
    if not is_constant(y) or int(y) == -1:
        # The one quotient that does not fit: the machine traps at its remainder, too.
        least = b.value(f"icmp eq i64 {x}, {-(2**63)}")
        minus = b.value(f"icmp eq i64 {y}, -1")
        b.fail_if(b.value(f"and i1 {least}, {minus}"), at.site("an int beyond 64 bits"))
    rest = b.value(f"srem i64 {x}, {y}")
    differs = b.value(f"icmp slt i64 {b.value(f'xor i64 {rest}, {y}')}, 0")
    off = b.value(f"and i1 {b.value(f'icmp ne i64 {rest}, 0')}, {differs}")
    if is_modulo:
        return b.value(f"select i1 {off}, i64 {b.value(f'add i64 {rest}, {y}')}, i64 {rest}")
    quotient = b.value(f"sdiv i64 {x}, {y}")
    return b.value(f"sub i64 {quotient}, {b.value(f'zext i1 {off} to i64')}")


def float_modulo(b: Builder, x: str, y: str, at: Place) -> tuple[str, str, str]:
    """Return x % y, the remainder of C and whether the two differ, as CPython's `float_rem`."""
    stop_at_zero(b, y, at)
    rest = b.call("kernel_fmod", "double", f"double {x}", f"double {y}")
    is_some = b.value(f"fcmp une double {rest}, {ZERO}")
    negative = b.value(f"fcmp olt double {y}, {ZERO}")
    differs = b.value(f"xor i1 {negative}, {b.value(f'fcmp olt double {rest}, {ZERO}')}")
    moved = b.value(
        f"select i1 {differs}, double {b.value(f'fadd double {rest}, {y}')}, double {rest}"
    )
    none = b.call("llvm.copysign.f64", "double", f"double {ZERO}", f"double {y}")
    result = b.value(f"select i1 {is_some}, double {moved}, double {none}")
    return result, rest, b.value(f"and i1 {is_some}, {differs}")


def float_floor_division(b: Builder, x: str, y: str, at: Place) -> str:
    """Return x // y, as CPython's `float_floor_div`."""
    _, rest, is_moved = float_modulo(b, x, y, at)
    quotient = b.value(f"fdiv double {b.value(f'fsub double {x}, {rest}')}, {y}")
    less = b.value(f"fsub double {quotient}, {float_text(1.0)}")
    quotient = b.value(f"select i1 {is_moved}, double {less}, double {quotient}")
    down = b.call("llvm.floor.f64", "double", f"double {quotient}")
    gap = b.value(
        f"fcmp ogt double {b.value(f'fsub double {quotient}, {down}')}, {float_text(0.5)}"
    )
    up = b.value(f"fadd double {down}, {float_text(1.0)}")
    down = b.value(f"select i1 {gap}, double {up}, double {down}")
    signed = b.value(f"fdiv double {x}, {y}")
    none = b.call("llvm.copysign.f64", "double", f"double {ZERO}", f"double {signed}")
    is_some = b.value(f"fcmp une double {quotient}, {ZERO}")
    return b.value(f"select i1 {is_some}, double {down}, double {none}")


def negated(b: Builder, kind: Scalar, x: str, at: Place) -> str:
    if kind is Scalar.FLOAT:
        return b.value(f"fneg double {x}")
    return str(-int(x)) if is_constant(x) else checked(b, "ssub", "0", x, at)


def compared(b: Builder, op: ast.cmpop, kind: Scalar, x: str, y: str) -> str:
    """Return x op y of two values of `kind`."""
    match kind:
        case Scalar.FLOAT:
            return b.value(f"fcmp {_ORDERED[type(op)]} double {x}, {y}")
        case Scalar.INT:
            return b.value(f"icmp {_SIGNED[type(op)]} i64 {x}, {y}")
        case _:
            return b.value(f"icmp {_SIGNED[type(op)]} i1 {x}, {y}")


def whole(b: Builder, x: str, rounding: str, at: Place) -> str:
    """Return a float as an int after `floor`, `ceil` or, for `int`, without its fraction."""
    if rounding != "int":
        x = b.call(f"llvm.{rounding}.f64", "double", f"double {x}")
    low = b.value(f"fcmp oge double {x}, {_LEAST}")
    fits = b.value(f"and i1 {low}, {b.value(f'fcmp olt double {x}, {_LIMIT}')}")
    beyond = b.value(f"xor i1 {fits}, true")
    b.fail_if(beyond, at.site(f"`{rounding}` of what is no whole number of 64 bits"))
    return b.value(f"fptosi double {x} to i64")


def root(b: Builder, x: str, at: Place) -> str:
    b.fail_if(b.value(f"fcmp olt double {x}, {ZERO}"), at.site("`sqrt` of a negative number"))
    return b.call("llvm.sqrt.f64", "double", f"double {x}")


def extreme(b: Builder, kind: Scalar, values: list[str], *, is_least: bool) -> str:
    """Return `min` or `max`: the first stays unless a later one is strictly beyond it."""
    best, op = values[0], ast.Lt() if is_least else ast.Gt()
    word = "double" if kind is Scalar.FLOAT else "i64"
    for value in values[1:]:
        beyond = compared(b, op, kind, value, best)
        best = b.value(f"select i1 {beyond}, {word} {value}, {word} {best}")
    return best
