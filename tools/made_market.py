"""A made-up market as a store holds it: bars, mark prices and funding, all called made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compiler.catalog.timeframes import interval_ms
from runtime.market.bar_files import write_bars
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import MADE_UP_VENUE, DataOrigin, Identity, Market, PriceKind
from runtime.market.instrument_table import INSTRUMENTS
from runtime.market.rates import FUNDING_FILE, StoredRate, source_of, write_rates
from runtime.market.resample import Resampler
from runtime.market.store import store_path
from runtime.market.synthetic import SyntheticSpec, on_grid, synthetic_market

_WALKED = (
    "15m",
    "1m",
)  # what is made up bar by bar, the coarser first; all else is joined from its bars


def made_market(spec: SyntheticSpec) -> MarketData:
    """Return a made-up market on the grid of its symbol, where the table has one.

    Timeframes of a quarter of an hour and more are bars of one path, shorter ones of another.
    """
    spec = on_own_grid(spec)
    span = interval_ms(spec.timeframe)
    walked = next(tf for tf in _WALKED if span % interval_ms(tf) == 0)
    times = span // interval_ms(walked)
    data = synthetic_market(replace(spec, timeframe=walked, bars=spec.bars * times))
    if times == 1:
        return data
    assert data.mark is not None
    return replace(data, exec=_joined(data.exec, spec), mark=_joined(data.mark, spec))


def is_walked(timeframe: str) -> bool:
    """Return whether bars of a timeframe are made up one by one, in few steps each."""
    return timeframe in _WALKED


def on_own_grid(spec: SyntheticSpec) -> SyntheticSpec:
    """Return the same market on the grid that the table has of its symbol, if it has one."""
    facts = INSTRUMENTS.get(spec.symbol)
    return spec if facts is None else on_grid(spec, facts.tick, facts.lot)


def _joined(bars: Frame, spec: SyntheticSpec) -> Frame:
    made = Frame(spec.symbol, spec.timeframe, interval_ms(spec.timeframe))
    Resampler(bars, made).advance(len(bars))
    return made


def write_made_market(store: Path, spec: SyntheticSpec) -> Path:
    """Write a made-up market into a store; return where its bars lie."""
    data = made_market(spec)
    target = store_path(store, MADE_UP_VENUE, spec.symbol, spec.timeframe)
    made = Identity(
        venue=MADE_UP_VENUE,
        market=Market.LINEAR,
        symbol=spec.symbol,
        timeframe=spec.timeframe,
        origin=DataOrigin.MADE_UP,
        detail=f"seed {spec.seed}",
    )
    write_bars(data.exec, target, made)
    assert data.mark is not None
    assert data.funding is not None
    mark = replace(made, price=PriceKind.MARK)
    write_bars(data.mark, target.with_name(f"mark_{spec.timeframe}.parquet"), mark)
    source = source_of(made)
    rates = [StoredRate(str(rate), source) for rate in data.funding.rate]
    rows = zip(data.funding.ts, rates, strict=True)
    write_rates(target.with_name(FUNDING_FILE), rows, made)
    return target
