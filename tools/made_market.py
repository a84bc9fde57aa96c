"""A made-up market as a store holds it: bars, mark prices and funding, all called made up."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.catalog.timeframes import interval_ms
from runtime.market.bar_files import write_bars
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.identity import MADE_UP_VENUE, DataOrigin, Identity, Market, PriceKind
from runtime.market.instrument_table import INSTRUMENTS
from runtime.market.rates import FUNDING_FILE, StoredRate, source_of, stored_rates, write_rates
from runtime.market.resample import Resampler
from runtime.market.store import store_path
from runtime.market.synthetic import SyntheticSpec, on_grid, synthetic_market

# What is made up bar by bar, the coarser first; all else is joined from its bars.
_WALKED = ("15m", "1m")


def made_market(spec: SyntheticSpec) -> MarketData:
    """Return a made-up market on the grid of its symbol, where the table has one.

    Each symbol is another. Timeframes of a quarter of an hour and more are bars of one path, shorter ones of another.
    """
    spec = on_own_grid(spec)
    span = interval_ms(spec.timeframe)
    walked = next(tf for tf in _WALKED if span % interval_ms(tf) == 0)
    times = span // interval_ms(walked)
    data = synthetic_market(
        replace(spec, timeframe=walked, bars=spec.bars * times, seed=_seed_of(spec))
    )
    data = replace(data, source=f"synthetic seed {spec.seed}")
    if times == 1:
        return data
    assert data.mark is not None
    return replace(data, exec=_joined(data.exec, spec), mark=_joined(data.mark, spec))


def _seed_of(spec: SyntheticSpec) -> int:
    """Return what the walk of a symbol starts from: of one seed each symbol is a market of its own.

    That of the usual symbol is the seed itself, as it always was.
    """
    if spec.symbol == SyntheticSpec().symbol:
        return spec.seed
    return spec.seed + zlib.crc32(spec.symbol.encode())


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


@dataclass(frozen=True, slots=True)
class Written:
    """Where the bars of a made-up market lie; `is_mixed`: beside them are rates of another seed or path."""

    path: Path
    is_mixed: bool


def write_made_market(store: Path, spec: SyntheticSpec) -> Written:
    """Write a made-up market into a store; funding of times that it does not have stays there.

    Bars of another timeframe beside it may last longer, and are paid by the same file.
    """
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
    new = dict(zip(data.funding.ts, rates, strict=True))
    path = target.with_name(FUNDING_FILE)
    before = stored_rates(path)
    write_rates(path, sorted({**before, **new}.items()), made)
    is_other = any(new[ts] != rate for ts, rate in before.items() if ts in new)
    return Written(target, is_mixed=is_other and not before.keys() <= new.keys())
