"""Operations on known constants, exactly as a run performs them.

The law: only what is correctly rounded on every machine has a value here. `log` is not: a run computes it
by its own arithmetic, and what the machine's library says may differ in the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from compiler.graph.rule_graph import Op

_BINARY: dict[Op, Callable[[float, float], float]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.DIV: lambda a, b: a / b if b else math.nan,
    Op.MOD: lambda a, b: a % b if b else math.nan,
    Op.MIN: lambda a, b: min(a, b),
    Op.MAX: lambda a, b: max(a, b),
    Op.GT: lambda a, b: float(a > b),
    Op.GTE: lambda a, b: float(a >= b),
    Op.LT: lambda a, b: float(a < b),
    Op.LTE: lambda a, b: float(a <= b),
    Op.EQ: lambda a, b: float(a == b),
    Op.NE: lambda a, b: float(a != b),
}
_UNARY: dict[Op, Callable[[float], float]] = {
    Op.NEG: lambda a: -a,
    Op.ABS: abs,
    Op.FLOOR: lambda a: float(math.floor(a)),
    Op.CEIL: lambda a: float(math.ceil(a)),
    Op.SQRT: lambda a: math.sqrt(a) if a >= 0 else math.nan,
    Op.SIGN: lambda a: float((a > 0) - (a < 0)),
    Op.NOT: lambda a: 1.0 - a,
}


def evaluate(op: Op, args: tuple[float, ...]) -> float | None:
    """Return the value of an operation on finite constants; None where there is none to write.

    Division by zero and the like stay in the graph: their value is unknown, and unknown has no
    constant. So do logarithms, exponentials and powers.
    """
    if len(args) == 2 and op in _BINARY:
        value = _BINARY[op](*args)
    elif len(args) == 1 and op in _UNARY:
        value = _UNARY[op](*args)
    else:
        return None
    return value if math.isfinite(value) else None
