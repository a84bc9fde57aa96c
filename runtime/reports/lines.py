"""What the card reads of the market as lines: one value per candle of the page, at the close of its last bar.

The law: a line is the column that the card was decided by, as it was visible at that close; what was unknown is a gap.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.types import EntryKind, OutputSpec, Type, Unit
from compiler.graph.rule_graph import FeatureNode, Op, RuleGraph
from runtime.market.frame import Frame
from runtime.reports.detail import candle_ends
from runtime.reports.page_words import power_of_ten

MOST_LINES = 14
_STEPS = 100_000  # a line's height is told in so many steps at the least
_NEAR = 2.0  # a level of price is within this factor of the close
_MOSTLY = 0.9
_UNITS = {
    Unit.PRICE: "USDT", Unit.QTY: "base units", Unit.USDT: "USDT", Unit.PCT: "%", Unit.BARS: "bars",
    Unit.FRACTION: "of 1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An output of a feature; `unit` in words, empty where it has none. `values` are NaN where unknown.

    `over_price`: its values are levels of the traded price, so it is drawn over the bars.
    """

    feature: str
    output: str
    unit: str
    over_price: bool
    values: Sequence[float]

    @property
    def name(self) -> str:
        return self.feature if self.output == "value" else f"{self.feature}.{self.output}"


def lines_of(
    graph: RuleGraph,
    column: Callable[[int, str], Sequence[float]],
    view: Callable[[int], Sequence[int]],
    frame: Frame,
    first: int,
) -> list[Line]:
    """Return the lines of a card in the order of its features; all of them, however many.

    `column(feature, output)` and `view(feature)` read the market stage over all of `frame`, the exec bars;
    bars from `first` on are traded and shown.
    """
    bars = [first + end for end in candle_ends(len(frame) - first)]
    closes = [frame.close[bar] for bar in bars]
    found = []
    for index, feature in enumerate(graph.features):
        wanted = _drawn(graph, index, feature)
        if not wanted:
            continue
        rows = view(index)
        for output in wanted:
            read = column(index, output.name)
            values = array(
                "d", [read[row] if (row := rows[bar]) >= 0 else math.nan for bar in bars]
            )
            is_price = output.value.unit in (Unit.PRICE, Unit.SOURCE)
            over = is_price and feature.symbol == frame.symbol and _is_near(values, closes)
            unit = _UNITS.get(output.value.unit, "")
            if output.value.unit is Unit.SOURCE and over:
                unit = _UNITS[Unit.PRICE]
            found.append(Line(feature.id, output.name, unit, over, values))
    return found


def _drawn(graph: RuleGraph, index: int, feature: FeatureNode) -> list[OutputSpec]:
    """Return the numbers that the card reads of a feature; of an indicator that it only asks, its main one.

    Zones are drawn as rectangles, so their edges are no lines.
    """
    entry = SIGNATURES[feature.type]
    if feature.kind is EntryKind.STRUCTURE and any(o.endswith("state") for o in feature.outputs):
        return []
    outputs = entry.outputs_for(dict(feature.params))
    read = {
        str(node.attr[1])
        for node in graph.nodes
        if node.op is Op.FEATURE and int(node.attr[0]) == index
    }
    numbers = [o for o in outputs if o.name in read and o.value.type is Type.NUMBER]
    if feature.kind is EntryKind.STRUCTURE:
        return [o for o in numbers if o.value.unit is Unit.PRICE]
    main = entry.primary(dict(feature.params))
    if not numbers and read and main.value.type is Type.NUMBER:
        return [main]
    return numbers


def _is_near(values: Sequence[float], closes: Sequence[float]) -> bool:
    known = [(v, c) for v, c in zip(values, closes, strict=True) if v == v]
    near = sum(1 for v, c in known if c <= _NEAR * v and v <= _NEAR * c)
    return bool(known) and near >= _MOSTLY * len(known)


def packed(line: Line) -> dict[str, object]:
    """Return a line as the page's script reads it: changes in steps of `1 / scale`, null where unknown."""
    known = [value for value in line.values if math.isfinite(value)]
    span = max(known) - min(known) if known else 0.0
    power = 1 + power_of_ten(_STEPS / span) if span > 0 else 2
    scale = float(f"1e{max(-12, min(12, power))}")
    steps: list[int | None] = []
    last = 0
    for value in line.values:
        if not math.isfinite(value):
            steps.append(None)
            continue
        here = round(value * scale)
        steps.append(here - last)
        last = here
    return {
        "name": line.name,
        "pane": "" if line.over_price else f"{line.feature}\n{line.unit}",
        "unit": line.unit,
        "digits": max(0, min(8, power)),
        "scale": scale,
        "v": steps,
    }
