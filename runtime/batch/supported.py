"""What the account kernel does not know yet: each as a reason to run the readable engine instead.

The law: asked of program and data before a run, so nothing is begun that could not be told to the end; what
only a run can show (`layout.TOO_MANY_ORDERS` and its like) is said by the run.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ACTIONS
from compiler.catalog.settings import Intrabar
from compiler.graph.program import Code, Program
from compiler.graph.rule_graph import ActionNode
from runtime.backends.sim.holes import holes_in
from runtime.batch import words
from runtime.batch.breaches import MOST_PROMISES
from runtime.market.data import MarketData

_LAYER = "position_layer_"
_SOURCES = frozenset({"column", "const", "account", "memo"})
_JUMPS = frozenset({"jump_if_false", "jump_if_true"})
_DEEPEST = 100  # operands of one expression that wait at once


def reasons(program: Program, data: MarketData) -> list[str]:
    """Return why a program over these feeds needs the readable engine; nothing where it does not."""
    return list(dict.fromkeys(_reasons(program, data)))


def _reasons(program: Program, data: MarketData) -> Iterator[str]:
    settings = program.graph.settings
    if settings.execution.intrabar == Intrabar.MAGNIFY:
        yield "`execution.intrabar: magnify`"
    if settings.execution.attached.waits:
        yield "`execution.attached: next_bar`"
    if len(program.graph.invariants) > MOST_PROMISES:
        yield f"more than {MOST_PROMISES} `invariants`"
    if holes_in(data.exec, data.mark):
        yield "marks in holes of the bars"
    for name, _ in program.accounts:
        if name not in words.ACCOUNTS and not _is_of_a_layer(name):
            yield f"the builtin `{name}`"
    steps = {step.op for code in program.code.values() for step in code}
    steps |= {step.op for memo in program.memos for code in memo.codes for step in code}
    for op in sorted(steps - words.OPS.keys()):
        yield f"the operation `{op}`"
    for kind in sorted({memo.kind for memo in program.memos} - words.MEMOS.keys()):
        yield f"the operation `{kind}`"
    for block in program.blocks:
        for case in block.cases:
            yield from _of_actions(case.emit)
        yield from _of_actions(block.otherwise)
    codes = [*program.code.values(), *(code for memo in program.memos for code in memo.codes)]
    if max(map(len, codes), default=0) > 4096:
        yield "an expression of more than 4,096 steps"
    if max(map(_waiting, codes), default=0) > _DEEPEST:
        yield f"an expression of which more than {_DEEPEST} operands wait at once"


def _waiting(code: Code) -> int:
    """Return how many operands of an expression wait at most: the stack of the kernel holds 128."""
    height = most = 0
    for step in code:
        if step.op in _SOURCES:
            height += 1
            most = max(most, height)
        elif step.op not in _JUMPS:
            height -= int(step.arg) - 1
    return most


def _is_of_a_layer(name: str) -> bool:
    head, number, field = name[: len(_LAYER)], *name[len(_LAYER) :].partition("_")[::2]
    return head == _LAYER and number.isdigit() and field in words.LAYER_FIELDS


def _of_actions(actions: tuple[ActionNode, ...]) -> Iterator[str]:
    for action in actions:
        if ACTIONS[action.kind].verb not in words.VERBS:
            yield f"the action `{action.kind}`"
        yield from _of_actions(action.on_fill)
        if action.size is not None and action.size.kind not in words.SIZES:
            yield f"the size `{action.size.kind.value}`"
