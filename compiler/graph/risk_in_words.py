"""`risk_model` in plain English: the stop, target and size of an entry that states none."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.settings import StopType, TargetType
from compiler.graph.describe import describe
from compiler.graph.rule_graph import RuleGraph

_AT_A_LEVEL = (StopType.STRUCTURE, TargetType.STRUCTURE)
_FROM_AVERAGE = ", counted from the average entry anew after every fill that adds"


def risk_in_words(graph: RuleGraph) -> Iterator[str]:
    """Yield what holds for entries that state no stop, target or size."""
    risk = graph.settings.risk
    for name, rule in (("stop", risk.stop_loss), ("target", risk.take_profit)):
        if rule is not None:
            of = "" if rule.node is None else f" of {describe(graph, rule.node)}"
            from_average = "" if rule.type in _AT_A_LEVEL else _FROM_AVERAGE
            yield (
                f"- an entry that states no {name} gets one by {rule.type}: {rule.value:g}{of}, buffer "
                f"{rule.buffer_pct:g} %{from_average}"
            )
    if risk.sizing is not None:
        leverage = risk.sizing.max_leverage
        most = "" if leverage is None else f", leverage at most {leverage:g}"
        yield f"- an entry that states no size is sized by {risk.sizing.model}: {risk.sizing.value:g}{most}"
