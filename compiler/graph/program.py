"""A flat program for the account stage: what the runtime's evaluators run.

Market-stage nodes become columns that are computed in bulk; the account stage reads them by
position. Everything else is postfix code with short-circuit jumps.
"""

from __future__ import annotations

from dataclasses import field

from compiler.classes import dataclass
from compiler.graph.rule_graph import BlockNode, RuleGraph


@dataclass(frozen=True, slots=True)
class Instruction:
    """One step of postfix code.

    op / arg:  `const` value · `column` index into `Program.columns` · `account` index into
    `Program.accounts` · `memo` index into `Program.memos` (value of a stateful node on this bar) ·
    a `graph.Op` name with its argument count (`and`/`or` combine two) ·
    `jump_if_false` / `jump_if_true`: if the top of the stack is decided (0.0 / 1.0) the next `arg`
    instructions are skipped and it stays there; otherwise (unknown too) execution goes on.
    """

    op: str
    arg: float | int = 0


Code = tuple[Instruction, ...]


@dataclass(frozen=True, slots=True)
class Memo:
    """A stateful account-stage node: ticked on every bar, in order, before any case is looked at.

    kind `prev` | `holds` | `occurred` | `count`, or one of what has been so far (`since`, `latch`, …);
    `codes` give the operands' values on this bar.
    kind `value` is the operand itself, kept for this bar: used where a large expression has several
    users, so that code never grows beyond the card.
    """

    node: int
    kind: str
    bars: int
    min_true: int
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`code[node]` exists for every node that a case, an operand or an invariant needs."""

    graph: RuleGraph
    graph_hash: str
    columns: tuple[int, ...]  # market-stage nodes the account stage reads, as node indices
    accounts: tuple[tuple[str, str], ...]  # (builtin, order ref)
    memos: tuple[Memo, ...]
    code: dict[int, Code] = field(hash=False)
    warmup_bars: int = 0  # exec bars until everything the program reads can be known

    @property
    def blocks(self) -> tuple[BlockNode, ...]:
        return self.graph.blocks
