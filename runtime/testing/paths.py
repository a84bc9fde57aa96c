"""Market paths made of moves: small whole numbers that become bars on the price grid.

INVARIANT: any moves give honest bars: positive prices on the tick grid, low <= open, close <= high.
A move of zeros is a bar that stands still, so a path with fewer and smaller numbers is simpler.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from compiler.catalog.operations import COMPARISONS
from compiler.graph.rule_graph import Op, RuleGraph
from runtime.errors import DataError
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.market.timeframe import TIMEFRAMES

START_TS = 1_767_225_600_000  # 2026-01-01T00:00Z: a bar of every timeframe up to a day opens here
VOLUMES = (1_000_000.0, 1_000.0, 10.0, 0.0)  # base units, by `Move.volume`
WARMUPS = ("flat", "wave", "up", "down")
LONGEST_WARMUP = 20_000
_DEFAULT_START_TICKS = 10_000
_STEPS_PER_PRICE = 1_000  # one step is a thousandth of the first price
_PRICES = ("open", "high", "low", "close")


class Move(NamedTuple):
    """One bar: gap from the last close, body, wicks (in steps), volume (index of `VOLUMES`).

    `level` n > 0 closes at the n-th level of the card instead, `beside` ticks away from it.
    """

    gap: int = 0
    body: int = 0
    up: int = 0
    down: int = 0
    volume: int = 0
    level: int = 0
    beside: int = 0


class Path(NamedTuple):
    """A path as it is drawn: the kind of its warm-up, its bars, and how much later they begin."""

    warmup: str
    moves: tuple[Move, ...]
    later: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PathShape:
    """What paths of a card look like: symbol, timeframe, price grid, first price, levels.

    `levels` are prices in ticks that the card compares with or places orders at. `later`: by how many bars
    more a path may be preceded, to begin where the clock changes something (`by_the_clock.py`).
    """

    symbol: str
    timeframe: str
    instrument: Instrument
    start_ticks: int
    levels: tuple[int, ...] = ()
    warmup_bars: int = 0
    later: tuple[int, ...] = ()

    @property
    def step_ticks(self) -> int:
        return max(1, self.start_ticks // _STEPS_PER_PRICE)


def shape_of(
    graph: RuleGraph, instrument: Instrument, warmup_bars: int = 0, start_price: float | None = None
) -> PathShape:
    """Return the shape of paths for a card. DataError for cards that read another symbol.

    Without `start_price` a path starts at the middle one of the card's own price levels.
    """
    others = sorted({f.symbol for f in graph.features} - {graph.symbols[0], instrument.symbol, ""})
    if others:
        raise DataError(
            f"the card reads {', '.join(others)}: made-up paths are of one symbol; --data FOLDER, a "
            "store that holds them all, watches its promises on recorded bars"
        )
    if warmup_bars > LONGEST_WARMUP:
        raise DataError(
            f"the card needs {warmup_bars} bars to warm up, more than {LONGEST_WARMUP} made-up ones"
        )
    levels = tuple(sorted({instrument.ticks(price) for price in price_levels(graph)}))
    if start_price is not None:
        start = instrument.ticks(start_price)
    else:
        start = levels[len(levels) // 2] if levels else _DEFAULT_START_TICKS
    if start < 1:
        raise DataError(f"a path cannot start at {start_price}: the tick is {instrument.tick}")
    return PathShape(
        symbol=instrument.symbol,
        timeframe=graph.timeframe,
        instrument=instrument,
        start_ticks=start,
        levels=levels,
        warmup_bars=max(0, warmup_bars - 1),
    )


def price_levels(graph: RuleGraph) -> list[float]:
    """Return the constants a card compares prices with or gives orders as prices, in card order."""
    nodes = graph.nodes
    found: list[int] = []
    for node in nodes:
        if node.op in COMPARISONS and any(_is_price(graph, a) for a in node.args):
            found += node.args
    for block in graph.blocks:
        for action in [a for case in block.cases for a in case.emit] + list(block.otherwise):
            found += [node for slot, node in action.prices if slot != "stop_offset"]
    values = [float(nodes[i].attr[0]) for i in found if nodes[i].op is Op.CONST]
    return [value for value in dict.fromkeys(values) if value > 0]


def _is_price(graph: RuleGraph, index: int) -> bool:
    node = graph.nodes[index]
    while node.op is Op.PREV:
        node = graph.nodes[node.args[0]]
    return node.op is Op.BAR and node.attr[0] in _PRICES


def frame_of(
    moves: Sequence[Move], shape: PathShape, warmup: str = "flat", later: int = 0
) -> Frame:
    """Return the bars of a path, its warm-up in front: `len(moves) + shape.warmup_bars + later` rows."""
    interval = TIMEFRAMES[shape.timeframe]
    frame = Frame(shape.symbol, shape.timeframe, interval)
    close = shape.start_ticks
    for index, move in enumerate([*_warmup(warmup, shape.warmup_bars + later), *moves]):
        open_, high, low, close = _bar(move, close, shape)
        price = shape.instrument.price_of
        frame.append(
            START_TS + index * interval,
            price(open_),
            price(high),
            price(low),
            price(close),
            VOLUMES[move.volume],
        )
    return frame


def _bar(move: Move, before: int, shape: PathShape) -> tuple[int, int, int, int]:
    """Return open, high, low and close in ticks."""
    step = shape.step_ticks
    least = max(1, shape.start_ticks // 50)
    open_ = max(least, before + move.gap * step)
    close = max(least, open_ + move.body * step)
    if move.level and shape.levels:
        level = shape.levels[(move.level - 1) % len(shape.levels)]
        close = max(least, level + move.beside)
    high = max(open_, close) + move.up * step
    low = max(least, min(open_, close) - move.down * step)
    return open_, high, low, close


def _warmup(kind: str, bars: int) -> list[Move]:
    """Return bars that only serve what the card reads: at most a tenth away from the start."""
    if kind == "wave":
        return [Move(body=2 if index % 20 < 10 else -2, up=1, down=1) for index in range(bars)]
    if kind == "flat":
        return [Move()] * bars
    every = max(1, bars // 100 + 1)
    body = 1 if kind == "up" else -1
    return [Move(body=body if index % every == 0 else 0, up=1, down=1) for index in range(bars)]
