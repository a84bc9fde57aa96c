"""The options of every command that runs a card on data, and what they mean.

One home, so that a card explained, enveloped or checked is the card that was back-tested: the same
bars, the same instrument, the same first bar.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runtime.market.identity import Market, parse_series
from tools.times import parse_time

if TYPE_CHECKING:
    from compiler.graph.rule_graph import RuleGraph
    from runtime.market.assemble import Wanted
    from runtime.market.data import MarketData
    from runtime.market.identity import Identity
    from runtime.market.instrument_facts import Instrument


def positive_step(
    _context: click.Context, _option: click.Parameter, value: float | None
) -> float | None:
    """Return a step of a grid; one without a length is no grid."""
    if value is not None and not (value > 0.0 and math.isfinite(value)):
        raise click.BadParameter(f"a step of prices or sizes is above zero, found {value:g}")
    return value


_path = click.Path(path_type=Path)
STORE = Path("data")
MARKETS = tuple(market.value for market in Market)
_DATA = click.option(
    "--data",
    "feed_data",
    type=_path,
    default=STORE,
    show_default=True,
    help="A file of bars, or a store folder.",
)
_MAYBE_DATA = click.option(
    "--data",
    "feed_data",
    type=_path,
    help="A file of bars or a store: watch the promises on recorded bars, no search.",
)
_LOCAL_DATA = click.option(
    "--data", "feed_data", type=_path, help="A file of bars or a store folder to live through."
)
_VENUE = click.option(
    "--venue",
    "feed_venue",
    help="Of two stored series of a symbol, this venue's; what a silent file is taken for.",
)
_OPTIONS = (
    click.option(
        "--symbol", "feed_symbol", metavar="SYMBOL",
        help="Run on this symbol instead of the card's; also VENUE:MARKET:SYMBOL.",
    ),
    _VENUE,
    click.option(
        "--market", "feed_market", type=click.Choice(MARKETS),
        help="Of two stored series of a symbol, this market's; what a silent file is taken for.",
    ),
    click.option(
        "--mark", "feed_mark", type=_path, help="Mark-price bars (for liquidation and funding)."
    ),
    click.option(
        "--funding", "feed_funding", type=_path,
        help="Funding rates: CSV or Parquet of ts, funding_rate.",
    ),
    click.option(
        "--fine", "feed_fine", type=_path,
        help="Finer bars of the same symbol, for --intrabar magnify.",
    ),
    click.option("--from", "feed_from", metavar="TIME", help="First day or time, UTC."),
    click.option("--to", "feed_to", metavar="TIME", help="End, UTC (not included)."),
    click.option(
        "--cold", "feed_cold", is_flag=True,
        help="Drop the bars before --from instead of warming up on them.",
    ),
    click.option(
        "--instrument", "feed_instrument", type=_path,
        help="A YAML file of instrument facts (tick, lot, …); see: ideacard data instruments.",
    ),
    click.option(
        "--tick", "feed_tick", type=float, callback=positive_step, help="Price grid, instead of the table's."
    ),
    click.option(
        "--lot", "feed_lot", type=float, callback=positive_step,
        help="Quantity grid in base units, with --tick.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """What a person said about the data of a run."""

    data: Path | None = STORE
    symbol: str | None = None
    venue: str | None = None
    market: str | None = None
    mark: Path | None = None
    funding: Path | None = None
    fine: Path | None = None
    start: int | None = None
    end: int | None = None
    cold: bool = False
    instrument_file: Path | None = None
    grid: tuple[float, float] | None = None

    def wanted(self) -> Wanted:
        """Return what to look for in files and stores."""
        from runtime.market.assemble import Wanted

        assert self.data is not None, "a command without data does not load any"
        return Wanted(
            data=self.data,
            start=self.start,
            end=self.end,
            mark=self.mark,
            funding=self.funding,
            fine=self.fine,
            venue=self.venue,
            cold=self.cold,
            market=None if self.market is None else Market(self.market),
            symbol_given=self.symbol is not None,
        )

    def instrument(self, symbol: str, identity: Identity | None = None) -> Instrument:
        """Return the facts of a symbol: by hand, from a file, from the store, else the table's.

        `identity` is that of the bars to be traded: facts in a store are those of their venue.
        """
        from runtime.market.instrument_table import custom_instrument, instrument_for
        from tools.instrument_file import read_instrument, stored_instrument

        if self.instrument_file is not None:
            return read_instrument(self.instrument_file, symbol)
        if self.grid is not None:
            return custom_instrument(symbol, *self.grid)
        return stored_instrument(self.data, symbol, identity) or instrument_for(symbol)

    def load(self, graph: RuleGraph, symbol: str | None = None) -> tuple[MarketData, Instrument]:
        """Return the feeds of a card and the instrument they trade, held against each other."""
        from runtime.errors import DataError
        from runtime.market.alike import step_of
        from runtime.market.assemble import assemble
        from runtime.market.instrument_table import INSTRUMENTS
        from runtime.market.plausible import check_grid, suggested_grid, unused_grid

        data = assemble(graph, self.wanted(), symbol or self.symbol)
        try:
            instrument = self.instrument(data.exec.symbol, data.identity)
        except DataError as unknown:
            if data.exec.symbol in INSTRUMENTS:
                raise
            grid = suggested_grid(data.exec)
            raise DataError(f"{unknown}. These bars are on the grid {grid}") from None
        check_grid(data.exec, instrument)
        unused = unused_grid(data.exec, step_of(data.exec), instrument)
        if unused is not None:
            data.notes = (*data.notes, unused)
        return data, instrument


Command = Callable[..., Any]


def feed_options(command: Command) -> Command:
    """Give a command the options above; it receives them as one argument, `feeds`."""
    return _with((_DATA, *_OPTIONS), command)


def optional_feed_options(command: Command) -> Command:
    """The same for a command that can do without data: then `feeds.data` is None."""
    return _with((_MAYBE_DATA, *_OPTIONS), command)


def local_feed_options(command: Command) -> Command:
    """The same for a session that may live through recorded bars: `feeds.data` may be None."""
    return _with((_LOCAL_DATA, *(one for one in _OPTIONS if one is not _VENUE)), command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    @functools.wraps(command)
    def wrapped(**words: Any) -> Any:
        said = {k.removeprefix("feed_"): words.pop(k) for k in list(words) if k.startswith("feed_")}
        return command(feeds=_feeds(said), **words)

    made: Command = wrapped
    for option in reversed(options):
        made = option(made)
    return made


def grid_of(tick: float | None, lot: float | None) -> tuple[float, float] | None:
    """Return the grid that a command was given, None for none; UsageError where it is half of one."""
    if (tick is None) != (lot is None):
        raise click.UsageError("--tick and --lot go together")
    return None if tick is None or lot is None else (tick, lot)


def _feeds(said: dict[str, Any]) -> Feeds:
    grid, symbol = grid_of(said.pop("tick"), said.pop("lot")), said.pop("symbol")
    said.setdefault("venue", None)
    if symbol is not None:
        venue, market, symbol = parse_series(symbol)
        for name, value in (("venue", venue), ("market", market)):
            if value is not None and said[name] not in (None, value):
                raise click.UsageError(f"--symbol says {name} {value}, --{name} says {said[name]}")
            said[name] = said[name] or value
    return Feeds(
        start=parse_time(said.pop("from")),
        end=parse_time(said.pop("to")),
        instrument_file=said.pop("instrument"),
        grid=grid,
        symbol=symbol,
        **said,
    )
