"""Do the data fit a card: are they of its symbol and timeframe, and are there enough of them?

What is wrong with the data alone is told where they are read; what is asked here needs the program too.
"""

from __future__ import annotations

from compiler.graph.program import Program
from runtime.errors import DataError
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.rules.clocks import Clocks


def check_fit(program: Program, data: MarketData, instrument: Instrument) -> None:
    """Raise DataError where program, data and instrument do not belong together."""
    frame, graph = data.exec, program.graph
    if not len(frame):
        raise DataError(f"{frame.symbol} {frame.timeframe}: there are no bars to run on")
    if frame.timeframe != graph.timeframe:
        raise DataError(f"the card runs on {graph.timeframe} bars, the data are {frame.timeframe}")
    if frame.symbol != instrument.symbol:
        raise DataError(f"bars of {frame.symbol} with the instrument facts of {instrument.symbol}")


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
