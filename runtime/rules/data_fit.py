"""Do the data fit a card: are they of its symbol and timeframe, and are there enough of them?

What is wrong with the data alone is told where they are read; what is asked here needs the program too.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.settings import VOLUME_MODELS, FillModel, Intrabar
from compiler.catalog.source_expressions import BESIDE_BARS
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op, RuleGraph
from runtime.errors import DataError
from runtime.formulas.sums import whole
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.rules.clocks import Clocks

ALL_UNKNOWN = "is unknown on all bars: the data have no such series"


def check_fit(program: Program, data: MarketData, instrument: Instrument) -> None:
    """Raise DataError where program, data and instrument do not belong together."""
    frame, graph = data.exec, program.graph
    if not len(frame):
        raise DataError(f"{frame.symbol} {frame.timeframe}: there are no bars to run on")
    if frame.timeframe != graph.timeframe:
        raise DataError(f"the card runs on {graph.timeframe} bars, the data are {frame.timeframe}")
    if frame.symbol != instrument.symbol:
        raise DataError(f"bars of {frame.symbol} with the instrument facts of {instrument.symbol}")
    _check_volume(program, data)


def _check_volume(program: Program, data: MarketData) -> None:
    """Refuse a fill model that asks for volume which the bars do not know (NaN; 0 is known)."""
    execution = program.graph.settings.execution
    if execution.fill_model not in VOLUME_MODELS:
        return
    fine = data.fine if execution.intrabar == Intrabar.MAGNIFY else None
    for frame in (data.exec, fine):
        unknown = 0 if frame is None else whole(volume != volume for volume in frame.volume)
        if frame is not None and unknown:
            others = ", ".join(f"`{model}`" for model in FillModel if model not in VOLUME_MODELS)
            raise DataError(
                f"{frame.symbol} {frame.timeframe}: {unknown:,} of {len(frame):,} bars do not know "
                f"their volume, and `fill_model: {execution.fill_model.value}` asks for it; take one "
                f"that does not: {others}"
            )


def beside_bars(graph: RuleGraph) -> list[str]:
    """Return which series that no bars hold a card reads: `funding_rate`, `mark_price`."""
    reads = {str(node.attr[0]) for node in graph.nodes if node.op is Op.BAR}
    reads |= {feature.source for feature in graph.features}
    return [name for name in BESIDE_BARS if name in reads]


def lacking_series(graph: RuleGraph, data: MarketData) -> Iterator[str]:
    """Yield in words which series the card reads that the data do not have."""
    times = {
        "funding_rate": data.funding and data.funding.ts,
        "mark_price": data.mark and data.mark.ts,
    }
    for name in beside_bars(graph):
        if not times[name]:
            yield f"`{name}`, which the card reads, {ALL_UNKNOWN}"


def closed_bars(program: Program, data: MarketData) -> dict[tuple[str, str], int]:
    """Return how many bars of every clock a card reads have closed by the end of the data.

    The keys are (symbol, timeframe); DataError for a feed that was not given.
    """
    clocks = Clocks(data)
    names = [(feature.symbol, feature.timeframe) for feature in program.graph.features]
    for name in names:
        clocks.clock(*name)
    clocks.advance(len(data.exec))
    return {name: clocks.clock(*name).rows for name in names}
