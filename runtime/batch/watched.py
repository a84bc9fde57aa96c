"""What of a condition can be watched while bars pass by: without it the condition is not true.

The law: a part is one of what the outermost `and` joins; a part that is not true keeps the whole from being true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.catalog.builtins import is_steady
from compiler.graph.program import Code, Instruction
from runtime.batch import layout as at
from runtime.batch import values, words

_TURNED = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte", "eq": "eq", "ne": "ne"}
_ZERO: Code = (Instruction("const", 0.0),)
_AND = Instruction("and", 2)


@dataclass(frozen=True, slots=True)
class Bound:
    """A part that compares what each close moves with what only events change.

    `moving`: a column of the market, or below 0 one of `layout.SINCE_ENTRY…`; `code` gives the other side.
    """

    moving: int
    op: int
    code: Code


@dataclass(frozen=True, slots=True)
class Watched:
    """The parts of a condition that only events change, as one (None: there are none), and its bounds."""

    steady: Code | None
    bounds: tuple[Bound, ...]


def watched(code: Code, accounts: Sequence[tuple[str, str]]) -> Watched:
    """Return what can be watched of a condition; `accounts` are the program's."""
    steady: Code = ()
    bounds = []
    for part in parts(code):
        if _only_events_change(part, accounts):
            steady = (*steady, *part, _AND) if steady else part
        elif (bound := _bound(part, accounts)) is not None:
            bounds.append(bound)
    return Watched(steady or None, tuple(bounds))


def parts(code: Code) -> list[Code]:
    """Return what the outermost `and` of code joins, in its order: the code itself where there is none."""
    ends = [
        place
        for place, step in enumerate(code)
        if step.op == "jump_if_false" and place + 1 + step.arg == len(code)
    ]
    if not ends:
        return [code]
    starts = [0, *(place + 1 for place in ends)]
    found = [code[start:end] for start, end in zip(starts, [*ends, len(code)], strict=True)]
    return [found[0], *(part[:-1] for part in found[1:])]  # each other one is followed by its `and`


def _only_events_change(code: Code, accounts: Sequence[tuple[str, str]]) -> bool:
    return all(
        is_steady(accounts[int(step.arg)][0]) if step.op == "account" else step.op not in _MOVES
        for step in code
    )


_MOVES = frozenset({"column", "memo", "tried"})


def _bound(code: Code, accounts: Sequence[tuple[str, str]]) -> Bound | None:
    """Return a part as a bound; None where it is none."""
    if len(code) == 1 and code[0].op == "column":
        return Bound(int(code[0].arg), values.C_NE, _ZERO)
    op = code[-1].op
    if op not in _TURNED:
        return None
    for moving, other, word in ((code[:1], code[1:-1], op), (code[-2:-1], code[:-2], _TURNED[op])):
        place = _moving(moving[0], accounts)
        if place is not None and _is_one(other) and _only_events_change(other, accounts):
            return Bound(place, words.OPS[word], other)
    return None


def _moving(step: Instruction, accounts: Sequence[tuple[str, str]]) -> int | None:
    if step.op == "column":
        return int(step.arg)
    return words.MOVING.get(accounts[int(step.arg)][0]) if step.op == "account" else None


def _is_one(code: Code) -> bool:
    """Return whether code is one operand: it never takes from below where it began, and leaves one value."""
    depth = 0
    for step in code:
        if step.op.startswith("jump"):
            continue
        takes = 0 if step.op in _LEAVES else int(step.arg)
        if depth < takes:
            return False
        depth += 1 - takes
    return depth == 1


_LEAVES = frozenset({"const", "column", "account", "memo", "tried"})
assert at.SINCE_ENTRY < 0  # so that no column is taken for it
