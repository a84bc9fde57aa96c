"""The operations of the rule graph: few, plain, total; every construct of the language is made of them.

INVARIANT: an operation never raises. What has no answer is unknown (NaN); truth is Kleene's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Op(StrEnum):
    """Node kinds. `attr` is noted where a kind has one. Unknown = NaN, true = 1.0, false = 0.0."""

    # leaves
    CONST = "const"  # attr (value,)
    FEATURE = "feature"  # attr (feature index, output name, bars back on the feature's own clock)
    BAR = "bar"  # attr (column name,) market builtins: open … ohlc4, bar_index, hour_utc, …
    ACCOUNT = "account"  # attr (builtin name, order ref or "") account-stage builtins
    # numbers; unknown if any argument is
    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"  # x / 0 is unknown
    NEG = "neg"
    ABS = "abs"
    MIN = "min"
    MAX = "max"
    FLOOR = "floor"
    CEIL = "ceil"
    SQRT = "sqrt"  # of a negative is unknown
    LOG = "log"  # of zero or less is unknown
    EXP = "exp"  # unknown where it is no finite number
    MOD = "mod"  # floored: the sign of the divisor; of 0 is unknown
    POW = "pow"  # unknown where it is no finite number
    SIGN = "sign"
    ROUND = "round"  # ties away from zero
    DEFAULT = "default"  # a ?? b
    IF = "if"  # the second where the first is true, the third where it is false
    PREV = "prev"  # attr (bars,): the argument's value `bars` exec bars ago
    # truth; Kleene
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    EQ = "eq"
    NE = "ne"
    KNOWN = "known"  # never unknown itself
    NEVER = "never"  # infinitely long ago
    AND = "and"  # n-ary
    OR = "or"  # n-ary
    NOT = "not"
    HOLDS = "holds"  # attr (bars,)
    OCCURRED = "occurred"  # attr (bars,)
    COUNT = "count"  # attr (bars, min_true)
    # what has been so far; only a condition that is true counts, an unknown one is no event
    SINCE = "since"  # of a condition: bars since it was true last, never before
    LATCH = "latch"  # of a condition and a value: the value when it was true last
    HIGH_SINCE = "high_since"  # of a condition, a number and whether the condition has been true
    LOW_SINCE = "low_since"
    COUNT_SINCE = "count_since"  # of two conditions: on how many bars the second since the first
    # numbers of the values at the last times of a condition, newest first: latches of one chain
    MEAN = "mean"
    MEDIAN = "median"  # of an even number the mean of the two in the middle
    HIGHEST = "highest"
    LOWEST = "lowest"


class Family(StrEnum):
    """What an operation does with its operands."""

    LEAF = "leaf"  # it has none
    UNARY = "unary"  # a number of one number
    BINARY = "binary"  # a number of two numbers
    CHOICE = "choice"  # one of two values of one type
    COMPARISON = "comparison"  # truth of two values
    TRUTH = "truth"  # truth of truths
    PRESENCE = "presence"  # whether its operand is known; never unknown itself
    UNARY_TRUTH = "unary truth"  # truth of one number
    MEMORY = "memory"  # of its operand on so many earlier bars
    LATCH = "latch"  # of its operands on all bars so far
    TIMES = "times"  # a number of the values at the last times of a condition


@dataclass(frozen=True, slots=True)
class OperationSpec:
    """`function` is how a card calls it, `sign` how a card writes it between two operands.

    `is_partial`: unknown also for some operands that are known. `is_pair`: of exactly two operands.
    `is_soft`: the function's name is not reserved; something of a card may have it.
    """

    family: Family
    function: str = ""
    sign: str = ""
    is_partial: bool = False
    is_pair: bool = False
    is_soft: bool = False


_MEMORY = OperationSpec(Family.MEMORY)
_LATCH = OperationSpec(Family.LATCH)
_TIMES = OperationSpec(Family.TIMES)
_LEAF = OperationSpec(Family.LEAF)
OPERATIONS: dict[Op, OperationSpec] = {
    Op.CONST: _LEAF,
    Op.FEATURE: _LEAF,
    Op.BAR: _LEAF,
    Op.ACCOUNT: _LEAF,
    Op.ADD: OperationSpec(Family.BINARY, sign="+"),
    Op.SUB: OperationSpec(Family.BINARY, sign="-"),
    Op.MUL: OperationSpec(Family.BINARY, sign="*"),
    Op.DIV: OperationSpec(Family.BINARY, sign="/", is_partial=True),
    Op.NEG: OperationSpec(Family.UNARY),
    Op.ABS: OperationSpec(Family.UNARY, "abs"),
    Op.MIN: OperationSpec(Family.BINARY, "min"),
    Op.MAX: OperationSpec(Family.BINARY, "max"),
    Op.FLOOR: OperationSpec(Family.UNARY, "floor"),
    Op.CEIL: OperationSpec(Family.UNARY, "ceil"),
    Op.SQRT: OperationSpec(Family.UNARY, "sqrt", is_partial=True),
    Op.LOG: OperationSpec(Family.UNARY, "log", is_partial=True),
    Op.EXP: OperationSpec(Family.UNARY, "exp", is_partial=True, is_soft=True),
    Op.MOD: OperationSpec(Family.BINARY, "mod", is_partial=True, is_pair=True, is_soft=True),
    Op.POW: OperationSpec(Family.BINARY, "pow", is_partial=True, is_pair=True, is_soft=True),
    Op.SIGN: OperationSpec(Family.UNARY, "sign", is_soft=True),
    Op.ROUND: OperationSpec(Family.UNARY, "round", is_soft=True),
    Op.DEFAULT: OperationSpec(Family.CHOICE, sign="??"),
    Op.IF: OperationSpec(Family.CHOICE),
    Op.PREV: _MEMORY,
    Op.GT: OperationSpec(Family.COMPARISON, sign=">"),
    Op.GTE: OperationSpec(Family.COMPARISON, sign=">="),
    Op.LT: OperationSpec(Family.COMPARISON, sign="<"),
    Op.LTE: OperationSpec(Family.COMPARISON, sign="<="),
    Op.EQ: OperationSpec(Family.COMPARISON, sign="=="),
    Op.NE: OperationSpec(Family.COMPARISON, sign="!="),
    Op.KNOWN: OperationSpec(Family.PRESENCE),
    Op.NEVER: OperationSpec(Family.UNARY_TRUTH),
    Op.AND: OperationSpec(Family.TRUTH, sign="and"),
    Op.OR: OperationSpec(Family.TRUTH, sign="or"),
    Op.NOT: OperationSpec(Family.TRUTH),
    Op.HOLDS: _MEMORY,
    Op.OCCURRED: _MEMORY,
    Op.COUNT: _MEMORY,
    Op.SINCE: _LATCH,
    Op.LATCH: _LATCH,
    Op.HIGH_SINCE: _LATCH,
    Op.LOW_SINCE: _LATCH,
    Op.COUNT_SINCE: _LATCH,
    Op.MEAN: _TIMES,
    Op.MEDIAN: _TIMES,
    Op.HIGHEST: _TIMES,
    Op.LOWEST: _TIMES,
}


def operations_where(holds: Callable[[OperationSpec], bool]) -> frozenset[Op]:
    """Return the operations of which something holds."""
    return frozenset(op for op, spec in OPERATIONS.items() if holds(spec))


LEAVES = operations_where(lambda spec: spec.family is Family.LEAF)
UNARY_NUMBERS = operations_where(lambda spec: spec.family is Family.UNARY)
BINARY_NUMBERS = operations_where(lambda spec: spec.family is Family.BINARY)
COMPARISONS = operations_where(lambda spec: spec.family is Family.COMPARISON)
JUNCTIONS = operations_where(lambda spec: spec.family is Family.TRUTH)
MEMORY = operations_where(lambda spec: spec.family is Family.MEMORY)
LATCHES = operations_where(lambda spec: spec.family is Family.LATCH)
STATEFUL = MEMORY | LATCHES
OF_TIMES = operations_where(lambda spec: spec.family is Family.TIMES)
PARTIAL = operations_where(lambda spec: spec.is_partial)
# Functions by the name a card calls them by: of one number, and of two or more.
UNARY_FUNCTIONS = {
    spec.function: op for op, spec in OPERATIONS.items() if spec.function and op in UNARY_NUMBERS
}
NARY_FUNCTIONS = {
    spec.function: op
    for op, spec in OPERATIONS.items()
    if spec.function and op in BINARY_NUMBERS and not spec.is_pair
}
PAIR_FUNCTIONS = {spec.function: op for op, spec in OPERATIONS.items() if spec.is_pair}
FUNCTIONS = tuple(spec.function for spec in OPERATIONS.values() if spec.function)
RESERVED_FUNCTIONS = tuple(
    spec.function for spec in OPERATIONS.values() if spec.function and not spec.is_soft
)
