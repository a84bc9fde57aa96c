"""What a rule graph and a program mean, written as plainly as possible: the oracle of the passes.

Unknown is NaN, true 1.0, false 0.0. Nothing here is shared with the code under test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from compiler.graph.program import Code, Program
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
        case _:
            return operation(node.op, [column[t] for column in args])


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
            return x[0] / x[1] if x[1] != 0 else NAN
        case Op.NEG:
            return -x[0]
        case Op.ABS:
            return abs(x[0])
        case Op.MIN:
            return min(x)
        case Op.MAX:
            return max(x)
        case Op.FLOOR:
            return float(math.floor(x[0]))
        case Op.CEIL:
            return float(math.ceil(x[0]))
        case Op.SQRT:
            return math.sqrt(x[0]) if x[0] >= 0 else NAN
        case Op.LOG:
            return math.log(x[0]) if x[0] > 0 else NAN
        case Op.NOT:
            return 1.0 - x[0]
        case _:
            return float(_COMPARE[op](x[0], x[1]))


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
    past: list[list[float]] = [[] for _ in program.memos]
    values: list[dict[int, float]] = []
    for t in range(bars):
        columns = [market[node][t] for node in program.columns]
        accounts = [leaves[(Op.ACCOUNT, pair)][t] for pair in program.accounts]
        memos: list[float] = []
        for memo, history in zip(program.memos, past, strict=True):
            history.append(execute(memo.code, columns, accounts, memos))
            memos.append(_remember(memo.kind, memo.bars, memo.min_true, history))
        values.append(
            {node: execute(code, columns, accounts, memos) for node, code in program.code.items()}
        )
    return values


def _remember(kind: str, bars: int, min_true: int, history: list[float]) -> float:
    if kind == "value":
        return history[-1]
    if kind == "prev":
        return history[-1 - bars] if len(history) > bars else NAN
    window = history[-bars:] + [NAN] * max(0, bars - len(history))
    return count(window, {"holds": bars, "occurred": 1}.get(kind, min_true))


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
