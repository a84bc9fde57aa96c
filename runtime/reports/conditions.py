"""How often the conditions of each case were true: counted in the columns that the card was decided by.

The law: unknown is counted apart, never as false; what reads the account has no column and is not counted.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compiler.catalog.types import Stage
from compiler.graph.describe import describe
from compiler.graph.rule_graph import Op, RuleGraph
from runtime.market.whole_columns import arrow_of


@dataclass(frozen=True, slots=True)
class Counted:
    """A condition of a case and the closes of the run at which it was true, false and unknown.

    All three are None where it reads the account.
    """

    block: str
    case: int
    text: str
    true: int | None = None
    false: int | None = None
    unknown: int | None = None


def conditions_of(
    graph: RuleGraph, column: Callable[[int], array[float]], first: int
) -> list[Counted]:
    """Return the conditions of every case in the order of the card; `column(node)` reads the market stage.

    Closes are counted from exec row `first` on.
    """
    return [
        _counted(graph, block.id, number, node, column, first)
        for block in graph.blocks
        for number, case in enumerate(block.cases)
        for node in _parts(graph, case.when)
    ]


def _parts(graph: RuleGraph, index: int) -> Iterator[int]:
    """Yield what must be true together; an `or` is one condition, so is whatever is no `and`."""
    node = graph.nodes[index]
    if node.op is Op.AND:
        for arg in node.args:
            yield from _parts(graph, arg)
    else:
        yield index


def _counted(
    graph: RuleGraph,
    block: str,
    case: int,
    index: int,
    column: Callable[[int], array[float]],
    first: int,
) -> Counted:
    text = describe(graph, index)
    if graph.nodes[index].stage is Stage.ACCOUNT:
        return Counted(block, case, text)
    import pyarrow.compute as pc

    # COST: a million closes take milliseconds; compared number by number, ten times as long.
    values = arrow_of(column(index)).slice(first)
    true, false = (pc.sum(pc.equal(values, truth)).as_py() or 0 for truth in (1.0, 0.0))
    return Counted(block, case, text, true, false, len(values) - true - false)
