"""What an indicator may read in place of a column: an expression over columns and other features.

It is an instance of its own, on the clock of its reader, so that `sma(close - open, 20)@4h` subtracts
within bars of four hours. Its parameter is postfix code, three numbers a step: (0, value, 0) a constant,
(1, column, bars back), (2, place of what it depends on, bars back), (3, operation, operands).
"""

from __future__ import annotations

from compiler.catalog.operations import Op
from compiler.catalog.types import (
    DependencySpec,
    Entry,
    EntryKind,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    Type,
    Unit,
    ValueType,
)

COLUMNS = ("open", "high", "low", "close", "volume", "hl2", "hlc3", "ohlc4")
# Series of their own, of the traded market alone: of every bar what was last known at its close.
BESIDE_BARS = ("funding_rate", "mark_price")
OPERATIONS = (
    Op.ADD, Op.SUB, Op.MUL, Op.DIV, Op.NEG, Op.ABS, Op.MIN, Op.MAX, Op.FLOOR, Op.CEIL, Op.SQRT, Op.LOG,
    Op.MOD, Op.POW, Op.SIGN, Op.ROUND, Op.EXP,
)  # fmt: skip
MOST_READS = 8  # outputs of other features
DEEPEST = 32  # values that wait for an operation
CONSTANT, COLUMN, READ, OPERATION = range(4)


def _furthest_back(params: Params) -> int:
    """Return how many bars back the code looks at most."""
    code = params["code"]
    assert isinstance(code, tuple)
    reads = [
        step[2] for step in zip(code[::3], code[1::3], code[2::3], strict=True) if step[0] in (1, 2)
    ]
    return int(max(reads, default=0))


EXPRESSION = Entry(
    "expression",
    EntryKind.INDICATOR,
    "Expression",
    COLUMNS,
    (ParamSpec("code", ParamKind.FLOAT_LIST, None, doc="postfix code"),),
    (OutputSpec("value", ValueType(Type.NUMBER, Unit.SOURCE), primary=True),),
    warmup=lambda params: 1 + _furthest_back(params),
    depends=tuple(
        DependencySpec(f"d{place}", (), ("value",), required=False) for place in range(MOST_READS)
    ),
    doc="What an indicator reads.",
)


def role_of(place: int, output: str) -> str:
    """Return the role of the output at a place among what an expression depends on."""
    return f"d{place}.{output}"


def output_of(role: str) -> str:
    return role.partition(".")[2]
