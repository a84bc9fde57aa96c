"""What computes the columns of features: Python, or the same source as machine code.

The law: which one it was cannot be seen in a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib.util import find_spec
from typing import Protocol

from compiler.graph.rule_graph import Node
from runtime.kernel import Column, Kernel
from runtime.rules.column_rules import is_computed

# COST: rows of features below which loading machine code takes longer than it saves.
_WORTH_IT = 200_000
_WORTH_RULES = (
    3_000_000  # values of rule columns; they take a tenth, and a card's own are compiled anew
)


class Tier(StrEnum):
    """How the columns of a history are computed."""

    PLAIN = "plain"
    NATIVE = "native"  # needs llvmlite
    AUTO = "auto"  # native where it is installed and there is enough to do


class RuleColumns(Protocol):
    """What appends rows [start, stop) of all rule columns; False, and nothing done, if it is stopped."""

    def compute(self, start: int, stop: int) -> bool: ...

    def over(self, columns: Mapping[int, Column]) -> RuleColumns:
        """Return the same for other columns of the same nodes."""
        ...


def rules_of(
    tier: Tier,
    nodes: Sequence[tuple[int, Node]],
    columns: Mapping[int, Column],
    rows: int,
    kept: frozenset[int] | None = None,
) -> RuleColumns | None:
    """Return machine code for the rule columns of `rows` bars; None where Python computes them.

    `nodes` are in evaluation order, `columns` theirs; `kept` are those that somebody reads, None for all.
    """
    values = rows * sum(1 for _, node in nodes if is_computed(node))
    if tier is Tier.PLAIN or not values:
        return None
    if tier is Tier.AUTO and (values < _WORTH_RULES or find_spec("llvmlite") is None):
        return None
    from runtime.rules.row_kernel import RowKernel

    return RowKernel(nodes, columns, kept)


def kernels_of(tier: Tier, kernels: Sequence[Kernel], rows: int) -> Mapping[str, Kernel]:
    """Return kernels by type for features of `rows` rows in all; `NativeMissing` where it is asked for."""
    plain = {kernel.type: kernel for kernel in kernels}
    if tier is Tier.PLAIN or not plain:
        return plain
    if tier is Tier.AUTO and (rows < _WORTH_IT or find_spec("llvmlite") is None):
        return plain
    from runtime.native import NativeMissing
    from runtime.native.cache import folder
    from runtime.native.kernels import native_kernels

    try:
        return native_kernels(kernels, folder())
    except NativeMissing:
        if tier is Tier.AUTO:
            return plain
        raise
