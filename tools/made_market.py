"""A made-up market as a store holds it: bars, mark prices and funding, all called made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from runtime.market.bar_files import write_bars
from runtime.market.identity import MADE_UP_VENUE, DataOrigin, Identity, Market, PriceKind
from runtime.market.rates import FUNDING_FILE, StoredRate, source_of, write_rates
from runtime.market.store import store_path
from runtime.market.synthetic import SyntheticSpec, synthetic_market


def write_made_market(store: Path, spec: SyntheticSpec) -> Path:
    """Write a made-up market into a store; return where its bars lie."""
    data = synthetic_market(spec)
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
