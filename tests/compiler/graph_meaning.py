"""What a rule graph and a program mean, written as plainly as possible: the oracle of the passes.

Unknown is NaN, true 1.0, false 0.0. Nothing here is shared with the code under test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from compiler.graph.program import Code, Memo, Program
from compiler.graph.rule_graph import Attr, Node, Op, RuleGraph

NAN = math.nan
Leaves = Mapping[tuple[Op, Attr], list[float]]


def evaluate(graph: RuleGraph, leaves: Leaves, bars: int) -> list[list[float]]:
    """Return every node's value on every bar."""
    columns: list[list[float]] = []
    for node in graph.nodes:
        args = [columns[arg] for arg in node.args]
        if node.op is Op.CONST:
            columns.append([float(node.attr[0])] * bars)
        elif node.op in (Op.FEATURE, Op.BAR, Op.ACCOUNT):
            columns.append(leaves[(node.op, node.attr)])
        else:
            columns.append([_at(node, args, t) for t in range(bars)])
    return columns


def _at(node: Node, args: list[list[float]], t: int) -> float:
    match node.op:
        case Op.PREV:
            back = int(node.attr[0])
            return args[0][t - back] if t >= back else NAN
        case Op.HOLDS | Op.OCCURRED | Op.COUNT:
            bars = int(node.attr[0])
            window = [args[0][t - i] if t >= i else NAN for i in range(bars)]
            least = {Op.HOLDS: bars, Op.OCCURRED: 1}.get(node.op)
            return count(window, int(node.attr[1]) if least is None else least)
        case Op.SINCE | Op.LATCH | Op.HIGH_SINCE | Op.LOW_SINCE | Op.COUNT_SINCE:
            return so_far(node.op, [column[: t + 1] for column in args])
        case _:
            return operation(node.op, [column[t] for column in args])


def so_far(op: Op, rows: list[list[float]]) -> float:
    """Return what has been so far, by looking at the whole past anew."""
    condition, last = rows[0], len(rows[0]) - 1
    true = [t for t, value in enumerate(condition) if value == 1.0]
    if not true:
        known = any(not math.isnan(value) for value in condition)
        return math.inf if op is Op.SINCE and known else NAN
    past = range(true[-1], last + 1)
    match op:
        case Op.SINCE:
            return float(last - true[-1])
        case Op.LATCH:
            return rows[1][true[-1]]
        case Op.COUNT_SINCE:
            return float(sum(rows[1][t] == 1.0 for t in past))
        case _:
            seen = [rows[1][t] for t in past if not math.isnan(rows[1][t])]
            if not seen:
                return NAN
            return max(seen) if op is Op.HIGH_SINCE else min(seen)


def count(window: list[float], least: int) -> float:
    """Return whether at least `least` are true, unknown if the unknown ones decide."""
    true = sum(value == 1.0 for value in window)
    unknown = sum(math.isnan(value) for value in window)
    if true >= least:
        return 1.0
    return 0.0 if true + unknown < least else NAN


def operation(op: Op, x: list[float]) -> float:
    """Return the value of a stateless operation."""
    match op:
        case Op.AND:
            return 0.0 if 0.0 in x else NAN if any(map(math.isnan, x)) else 1.0
        case Op.OR:
            return 1.0 if 1.0 in x else NAN if any(map(math.isnan, x)) else 0.0
        case Op.KNOWN:
            return float(not math.isnan(x[0]))
        case Op.DEFAULT:
            return x[1] if math.isnan(x[0]) else x[0]
        case Op.IF:
            return NAN if math.isnan(x[0]) else x[1] if x[0] == 1.0 else x[2]
    if any(map(math.isnan, x)):
        return NAN
    match op:
        case Op.ADD:
            return x[0] + x[1]
        case Op.SUB:
            return x[0] - x[1]
        case Op.MUL:
            return x[0] * x[1]
        case Op.DIV:
            return x[0] / x[1] if x[1] != 0 else NAN  # never / never is unknown too
        case Op.NEG:
            return -x[0]
        case Op.ABS:
            return abs(x[0])
        case Op.MEAN:
            first = x[0] if abs(x[0]) < math.inf else 0.0
            gaps = 0.0
            for value in x:
                gaps += value - first
            return first + gaps / len(x)
        case Op.MEDIAN:
            middle = sorted(x)[(len(x) - 1) // 2 : len(x) // 2 + 1]
            return sum(middle) / len(middle)
        case Op.HIGHEST:
            return max(x)
        case Op.LOWEST:
            return min(x)
        case Op.MIN:
            return min(x)
        case Op.MAX:
            return max(x)
        case Op.FLOOR:
            return x[0] if math.isinf(x[0]) else float(math.floor(x[0]))
        case Op.CEIL:
            return x[0] if math.isinf(x[0]) else float(math.ceil(x[0]))
        case Op.ROUND:
            if math.isinf(x[0]):
                return x[0]
            return math.copysign(float(Decimal(abs(x[0])).to_integral_value(ROUND_HALF_UP)), x[0])
        case Op.SIGN:
            return float((x[0] > 0) - (x[0] < 0))
        case Op.NEVER:
            return float(x[0] == math.inf)
        case Op.MOD:
            return (
                NAN
                if x[1] == 0 or math.inf in map(abs, x)
                else x[0] - x[1] * math.floor(x[0] / x[1])
            )
        case Op.POW:
            return power(x[0], x[1])
        case Op.SQRT:
            return math.sqrt(x[0]) if x[0] >= 0 else NAN
        case Op.LOG:
            return math.log(x[0]) if x[0] > 0 else NAN
        case Op.EXP:
            return power(math.e, x[0])
        case Op.NOT:
            return 1.0 - x[0]
        case _:
            return float(_COMPARE[op](x[0], x[1]))


def power(x: float, y: float) -> float:
    """Return x ** y by the library; unknown where it is not finite, and for one to the infinite."""
    if math.isinf(y) and abs(x) == 1:
        return NAN
    try:
        value = x**y
    except (OverflowError, ZeroDivisionError):
        return NAN
    if isinstance(value, complex) or (math.isinf(value) and not (math.isinf(x) or math.isinf(y))):
        return NAN
    return value


_COMPARE = {
    Op.GT: lambda a, b: a > b,
    Op.GTE: lambda a, b: a >= b,
    Op.LT: lambda a, b: a < b,
    Op.LTE: lambda a, b: a <= b,
    Op.EQ: lambda a, b: a == b,
    Op.NE: lambda a, b: a != b,
}


def run(program: Program, leaves: Leaves, bars: int) -> list[dict[int, float]]:
    """Return, per bar, the value of every node the program has code for."""
    market = evaluate(program.graph, leaves, bars)
    past: list[list[list[float]]] = [[] for _ in program.memos]
    values: list[dict[int, float]] = []
    for t in range(bars):
        columns = [market[node][t] for node in program.columns]
        accounts = [leaves[(Op.ACCOUNT, pair)][t] for pair in program.accounts]
        memos: list[float] = []
        for memo, history in zip(program.memos, past, strict=True):
            history.append([execute(code, columns, accounts, memos) for code in memo.codes])
            memos.append(_remember(memo, history))
        values.append(
            {node: execute(code, columns, accounts, memos) for node, code in program.code.items()}
        )
    return values


def _remember(memo: Memo, rows: list[list[float]]) -> float:
    kind, bars, history = memo.kind, memo.bars, [row[0] for row in rows]
    if kind in ("since", "latch", "high_since", "low_since", "count_since"):
        return so_far(Op(kind), [list(column) for column in zip(*rows, strict=True)])
    if kind == "value":
        return history[-1]
    if kind == "prev":
        return history[-1 - bars] if len(history) > bars else NAN
    window = history[-bars:] + [NAN] * max(0, bars - len(history))
    return count(window, {"holds": bars, "occurred": 1}.get(kind, memo.min_true))


def execute(code: Code, columns: list[float], accounts: list[float], memos: list[float]) -> float:
    """Run postfix code."""
    stack: list[float] = []
    at = 0
    while at < len(code):
        step = code[at]
        at += 1
        match step.op:
            case "const":
                stack.append(float(step.arg))
            case "column":
                stack.append(columns[int(step.arg)])
            case "account":
                stack.append(accounts[int(step.arg)])
            case "memo":
                stack.append(memos[int(step.arg)])
            case "jump_if_false":
                at += int(step.arg) if stack[-1] == 0.0 else 0
            case "jump_if_true":
                at += int(step.arg) if stack[-1] == 1.0 else 0
            case _:
                count = int(step.arg)
                operands, stack[-count:] = stack[-count:], []
                stack.append(operation(Op(step.op), operands))
    assert len(stack) == 1
    return stack[0]
