"""Rule graph to `Program`: market nodes become columns, account nodes postfix code.

The law: every node of the graph that the account stage reads is reached by exactly one of a column,
a builtin, a memo or inline code; short circuits stop on decided values only, never on unknown ones.
"""

from __future__ import annotations

from collections import Counter

from compiler.catalog.builtins import BY_ORDER
from compiler.catalog.operations import LATCHES, STATEFUL
from compiler.catalog.types import Stage
from compiler.graph.program import Code, Instruction, Memo, Program
from compiler.graph.roots import roots
from compiler.graph.rule_graph import Node, Op, RuleGraph
from compiler.graph.serde import graph_hash

# Inline code longer than this, wanted more than once, is computed once per bar instead.
_INLINE_LIMIT = 256


def flatten(graph: RuleGraph) -> Program:
    """Return the program of a graph."""
    flat = _Flattener(graph)
    wanted = sorted(set(roots(graph)))
    code = {node: flat.code(node) for node in wanted}
    reached = flat.reached
    return Program(
        graph=graph,
        graph_hash=graph_hash(graph),
        columns=tuple(flat.columns),
        accounts=tuple(flat.accounts),
        memos=tuple(flat.memos),
        code=code,
        warmup_bars=max((graph.nodes[node].lookback for node in reached), default=0),
    )


class _Flattener:
    """Builds code bottom-up; nodes are in evaluation order, so one pass over them is enough."""

    def __init__(self, graph: RuleGraph) -> None:
        self._graph = graph
        self.columns: dict[int, int] = {}
        self.accounts: dict[tuple[str, str], int] = {}
        self.memos: list[Memo] = []
        self._by_order: set[int] = set()
        self._code: dict[int, Code] = {}
        wanted = set(roots(graph))
        self.reached = self._account_reach(wanted)
        self._users = Counter(
            arg for node in self.reached for arg in set(self._account_args(node))
        ) + Counter(wanted)
        for index in sorted(self.reached):
            self._code[index] = self._build(index, graph.nodes[index])

    def code(self, node: int) -> Code:
        return self._code[node]

    def _account_args(self, index: int) -> tuple[int, ...]:
        node = self._graph.nodes[index]
        return () if node.stage is Stage.MARKET else node.args

    def _account_reach(self, wanted: set[int]) -> set[int]:
        """Return the nodes that code is needed for; the inside of a column is not among them."""
        reached = set(wanted)
        for index in range(max(wanted, default=-1), -1, -1):
            if index in reached:
                reached.update(self._account_args(index))
        return reached

    def _build(self, index: int, node: Node) -> Code:
        if node.stage is Stage.MARKET:
            slot = self.columns.setdefault(index, len(self.columns))
            return (Instruction("column", slot),)
        if node.op in STATEFUL:
            return self._stateful(index, node)
        code = self._inline(node)
        if self._is_by_order(index, node):
            self._by_order.add(index)  # not of the close alone: it cannot be kept for the bar
        elif len(code) > _INLINE_LIMIT and self._users[index] > 1:
            return self._memo(Memo(index, "value", 0, 0, (code,)))
        return code

    def _is_by_order(self, index: int, node: Node) -> bool:
        if node.op is Op.ACCOUNT:
            return node.attr[0] in BY_ORDER
        return not self._by_order.isdisjoint(self._account_args(index))

    def _memo(self, memo: Memo) -> Code:
        self.memos.append(memo)
        return (Instruction("memo", len(self.memos) - 1),)

    def _stateful(self, index: int, node: Node) -> Code:
        codes = tuple(self._code[arg] for arg in node.args)
        if node.op in LATCHES:
            return self._memo(Memo(index, node.op.value, 0, 0, codes))
        bars, *more = node.attr
        count = more[0] if more else 0
        assert isinstance(bars, int)
        assert isinstance(count, int)
        return self._memo(Memo(index, node.op.value, bars, count, codes))

    def _inline(self, node: Node) -> Code:
        match node.op:
            case Op.CONST:
                value = node.attr[0]
                assert isinstance(value, float)
                return (Instruction("const", value),)
            case Op.ACCOUNT:
                name, ref = node.attr
                pair = (str(name), str(ref))
                slot = self.accounts.setdefault(pair, len(self.accounts))
                return (Instruction("account", slot),)
            case Op.AND:
                return self._junction(node, "jump_if_false")
            case Op.OR:
                return self._junction(node, "jump_if_true")
            case _:
                operands = [step for arg in node.args for step in self._code[arg]]
                return (*operands, Instruction(node.op.value, len(node.args)))

    def _junction(self, node: Node, jump: str) -> Code:
        """Join operands two by two, leaving at the first that decides."""
        join = Instruction(node.op.value, 2)
        tail: tuple[Instruction, ...] = ()
        for arg in reversed(node.args[1:]):
            tail = (*self._code[arg], join, *self._jump_over(jump, tail), *tail)
        return (*self._code[node.args[0]], *self._jump_over(jump, tail), *tail)

    @staticmethod
    def _jump_over(jump: str, tail: tuple[Instruction, ...]) -> tuple[Instruction, ...]:
        return (Instruction(jump, len(tail)),) if tail else ()
