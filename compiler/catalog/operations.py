"""The operations of the rule graph: few, plain, total; every construct of the language is made of them.

INVARIANT: an operation never raises. What has no answer is unknown (NaN); truth is Kleene's.
"""

from __future__ import annotations

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
    DEFAULT = "default"  # a ?? b
    PREV = "prev"  # attr (bars,): the argument's value `bars` exec bars ago
    # truth; Kleene
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    EQ = "eq"
    NE = "ne"
    KNOWN = "known"  # never unknown itself
    AND = "and"  # n-ary
    OR = "or"  # n-ary
    NOT = "not"
    HOLDS = "holds"  # attr (bars,)
    OCCURRED = "occurred"  # attr (bars,)
    COUNT = "count"  # attr (bars, min_true)
