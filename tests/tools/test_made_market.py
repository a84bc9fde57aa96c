"""Made-up markets of several timeframes: bars of one path, on the grid of their symbol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runtime.market.frame import Frame
from runtime.market.instrument_table import INSTRUMENTS
from runtime.market.rates import FUNDING_FILE, StoredRate, stored_rates
from runtime.market.resample import Resampler
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.market.timeframe import TIMEFRAMES
from tests.tools.cli import run
from tools.made_market import made_market


def rows(frame: Frame) -> list[tuple[float, ...]]:
    columns = (frame.ts, frame.open, frame.high, frame.low, frame.close, frame.volume)
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize(
    ("coarse", "fine", "times"),
    [("1h", "15m", 4), ("1d", "15m", 96), ("1d", "4h", 6), ("5m", "1m", 5)],
)
def test_two_timeframes_of_one_seed_are_bars_of_one_path(
    coarse: str, fine: str, times: int
) -> None:
    long, short = (
        made_market(SyntheticSpec(timeframe=tf, bars=bars, seed=3))
        for tf, bars in ((coarse, 10), (fine, 10 * times))
    )
    assert long.mark is not None
    assert short.mark is not None
    for ours, theirs in ((long.exec, short.exec), (long.mark, short.mark)):
        joined = Frame(ours.symbol, coarse, TIMEFRAMES[coarse])
        Resampler(theirs, joined).advance(len(theirs))
        assert len(ours) == 10
        assert rows(ours) == rows(joined)
    assert long.funding == short.funding


def test_the_usual_made_up_market_is_the_one_it_was() -> None:
    spec = SyntheticSpec(bars=50)
    assert rows(made_market(spec).exec) == rows(synthetic_market(spec).exec)


@pytest.mark.parametrize("symbol", ["ETHUSDT", "XRPUSDT"])
def test_a_made_up_market_moves_on_the_grid_of_its_symbol(symbol: str) -> None:
    bars, facts = made_market(SyntheticSpec(symbol=symbol, bars=300)).exec, INSTRUMENTS[symbol]
    steps = [close / facts.tick for close in bars.close]
    assert max(abs(step - round(step)) for step in steps) < 1e-6
    assert len({round(step) % 10 for step in steps}) == 10  # not on a coarser one


def test_each_symbol_of_one_seed_is_a_market_of_its_own() -> None:
    spec = SyntheticSpec(bars=400)
    ours, theirs = (
        made_market(replace(spec, symbol=symbol)).exec for symbol in ("BTCUSDT", "ETHUSDT")
    )
    ratios = [one / other for one, other in zip(ours.close, theirs.close, strict=True)]
    assert max(ratios) > 1.02 * min(ratios)
    assert rows(theirs) == rows(made_market(replace(spec, symbol="ETHUSDT")).exec)


def test_a_shorter_market_beside_a_longer_one_keeps_its_funding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(tf: str, bars: int, seed: int = 3) -> str:
        args = ["--tf", tf, "--bars", str(bars), "--seed", str(seed), "--store", str(tmp_path)]
        return run(capsys, ["data", "synth", *args]).out

    def rates() -> dict[int, StoredRate]:
        (path,) = tmp_path.glob(f"*/*/{FUNDING_FILE}")
        return stored_rates(path)

    said = "rates of another seed or path"
    assert said not in made("1d", 40)
    long = rates()
    assert len(long) == 120
    assert said not in made("15m", 960)
    assert rates() == long
    assert said in made("15m", 960, seed=4)
    assert rates().keys() == long.keys()
    assert rates() != long


@pytest.mark.parametrize(("tf", "bars"), [("1d", 365), ("4h", 2_190)])
def test_bars_that_nobody_counts_are_those_of_a_year(
    tf: str, bars: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run(capsys, ["data", "synth", "--tf", tf, "--store", str(tmp_path)])
    assert said.code == 0
    assert f": {bars} made-up bars of {tf}" in said.out
