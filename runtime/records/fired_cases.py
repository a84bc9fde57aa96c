"""How often each case of the card fired: the rows of a record.

The law: a case fired at a close where it was the first of its block that was true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from compiler.graph.rule_graph import RuleGraph
from runtime.records.rows import CaseRow


def case_rows(
    graph: RuleGraph, fired: Sequence[Sequence[int]], line_of: Callable[[int], int]
) -> list[CaseRow]:
    """Return a row for each case of a card in its order; `fired` are closes per block and case."""
    return [
        CaseRow(block=block.id, case=c, line=_line(graph, case.when, line_of), fired=fired[b][c])
        for b, block in enumerate(graph.blocks)
        for c, case in enumerate(block.cases)
    ]


def _line(graph: RuleGraph, node: int, line_of: Callable[[int], int]) -> int:
    return line_of(graph.origins[node].start) if node < len(graph.origins) else 0
