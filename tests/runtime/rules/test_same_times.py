"""A stage that takes over what hangs on times alone holds the columns it would have computed."""

from __future__ import annotations

from array import array
from dataclasses import replace
from random import Random

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import market_stage
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.rules.market_stage import MarketStage
from runtime.rules.same_times import join, join_bars, look_up, looked_up, one_clock
from runtime.rules.tier import Tier
from tests.strategies.made_cards import market
from tools.made_inputs.cards import text_of, valid_data

CARD = """\
name: of_times
symbol: BTCUSDT
tf: 15m
features:
  - { type: ema, id: slow, tf: 4h, params: { length: 3 } }
position_policy: { mode: long_short }
blocks:
  - id: in
    cases:
      - when: close > slow and slow > slow[2] and close[3] < close and hour_utc < 20 and mark_price > 0.99 * low
        emit: [{ action: entry_long, metadata: { size: 10% of equity } }]
      - when: (close > open for 2 bars) and bar_index > 7 and funding_rate < 1 and bars_since(close > slow) < 9
        emit: [{ action: entry_short, metadata: { size: 10% of equity } }]
"""


def of_card() -> tuple[Program, MarketData]:
    data = replace(synthetic_market(SyntheticSpec(bars=600, seed=3)), first=25)
    assert data.mark is not None
    assert data.funding is not None
    return compile_card(Source("card.yaml", CARD)), data


def with_other_prices(data: MarketData, seed: int) -> MarketData:
    """Return bars of the same times, of other shapes, with marks of their own."""
    rng = Random(seed)

    def other(frame: Frame) -> Frame:
        made = replace(frame, **{n: array("d") for n in ("open", "high", "low", "close")})
        for row in range(len(frame)):
            a, b = (frame.open[row] * rng.uniform(0.99, 1.01) for _ in range(2))
            made.open.append(a)
            made.close.append(b)
            made.high.append(max(a, b) * rng.uniform(1.0, 1.01))
            made.low.append(min(a, b) * rng.uniform(0.99, 1.0))
        return made

    return replace(
        data, exec=other(data.exec), mark=None if data.mark is None else other(data.mark)
    )


def columns(program: Program, stage: MarketStage) -> list[list[str]]:
    """Return the columns of a program, unknown for unknown."""
    return [[repr(x) for x in stage.column(slot)] for slot in range(len(program.columns))]


def test_what_is_taken_over_is_what_would_have_been_computed() -> None:
    program, data = of_card()
    known = market_stage(program, data, Tier.NATIVE, only_columns=True).of_its_times()
    assert known.clocks
    assert len(known.columns) >= 4
    other = with_other_prices(data, 1)
    assert known.fits(other)
    again = market_stage(program, other, Tier.NATIVE, only_columns=True, known=known)
    plain = columns(program, market_stage(program, other, Tier.PLAIN))
    assert columns(program, again) == plain
    assert plain != columns(program, market_stage(program, data, Tier.PLAIN))
    onward = again.of_its_times()
    third = with_other_prices(data, 2)
    last = market_stage(program, third, Tier.NATIVE, only_columns=True, known=onward)
    assert columns(program, last) == columns(program, market_stage(program, third, Tier.PLAIN))


@pytest.mark.parametrize("seed", range(8))
def test_a_stage_of_columns_alone_has_those_of_a_whole_one(seed: int) -> None:
    rng = Random(seed)
    program = compile_card(Source("card.yaml", text_of(valid_data(rng, symbol="TESTUSDT"), rng)))
    data = market(program.graph, seed, 150)
    whole = columns(program, market_stage(program, data, Tier.PLAIN))
    known = market_stage(program, data, Tier.NATIVE, only_columns=True)
    assert columns(program, known) == whole
    again = market_stage(program, data, Tier.NATIVE, only_columns=True, known=known.of_its_times())
    assert columns(program, again) == whole


def test_bars_of_other_times_take_nothing_over() -> None:
    program, data = of_card()
    known = market_stage(program, data, Tier.NATIVE).of_its_times()
    later = replace(data.exec, ts=array("q", (ts + 900_000 for ts in data.exec.ts)))
    thinner = replace(data.exec, volume=array("d", (v / 2.0 for v in data.exec.volume)))
    assert known.fits(with_other_prices(data, 1))
    for other in (
        replace(data, exec=later), replace(data, exec=thinner), replace(data, first=3),
        replace(data, funding=None),
    ):  # fmt: skip
        assert not known.fits(other)


def test_bars_that_are_no_plain_joining_are_built_one_by_one() -> None:
    _, data = of_card()
    coarse = Frame("BTCUSDT", "1h", 3_600_000)
    coarse.append(data.exec.ts[0], 1.0, 2.0, 0.5, 1.5, 3.0)
    assert one_clock(data.exec, coarse, array("q", [0])) is None


def test_machine_code_and_python_join_and_look_up_alike() -> None:
    """The loops as Python: what the stage calls is machine code."""
    program, data = of_card()
    stage = market_stage(program, data, Tier.NATIVE, only_columns=True)
    (clock,) = stage.of_its_times().clocks.values()
    rows, frame = len(clock.ts), data.exec
    made = [array("d", bytes(8 * rows)) for _ in range(4)]
    join_bars(frame.open, frame.high, frame.low, frame.close, clock.spans, *made, 0, rows)
    again = Frame("BTCUSDT", "4h", 4 * 3_600_000)
    join(clock, frame, again)
    assert made == [again.open, again.high, again.low, again.close]
    seen = array("d", bytes(8 * len(frame)))
    look_up(made[3], clock.view, 2, seen, 0, len(frame))
    native = looked_up(made[3], clock.view, 2)
    assert list(map(repr, seen)) == list(map(repr, native))
    assert "nan" in map(repr, native)
