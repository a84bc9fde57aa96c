"""Indicators over expressions: what plain Python says of the values that are known, in any chunks."""

from __future__ import annotations

import math
from array import array
from random import Random

import numpy as np
import pytest
import talib

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import check, compile_card
from runtime.features.expression import KERNEL
from runtime.features.trailing_bands import trailing_bands
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.native.kernels import native_kernels
from runtime.rules.market_stage import MarketStage

MINUTE = 60_000
CARD = """\
name: x
symbol: AAAUSDT
tf: 1m
blocks:
  - id: a
    cases:
      - when: >-
          sma(close / BBBUSDT.close, 3) > 0 or sma(close - open, 2)@5m > 0 or ema(rsi(14), 9) > 0 or
          highest(abs(close - close[2]) * 2 + 1%, 4) > 0 or sma(4 / round(close - open), 2) > 0 or sma(exp(close / open), 2) > 0 or
          sma(max(bbands(close, 5, 2).upper - bbands(close, 5, 2).lower, mod(volume, 3) * close, -sqrt(-close) ), 3) > 0
        emit: [no_action]
"""
CARD = CARD.replace("mod(volume, 3) * close, -sqrt(-close) ", "pow(0.5, 3) * close")


def made(seed: int, symbol: str, bars: int, missing: float = 0.0) -> Frame:
    rng, price = Random(seed), 100.0
    found = Frame(symbol, "1m", MINUTE)
    for row in range(bars):
        opened, price = price, price + rng.choice((-2, -1, 0, 0, 1, 2))
        if rng.random() >= missing:
            high, low = max(opened, price) + 1, min(opened, price) - 1
            found.append(row * MINUTE, opened, high, low, price, float(rng.randint(1, 9)))
    return found


def staged(program: Program, data: MarketData, stops: list[int]) -> dict[str, list[float]]:
    stage = MarketStage(program, data)
    for stop in stops:
        stage.advance(stop)
    return {
        runner.feature.id: list(next(iter(runner.outputs.values()))) for runner in stage.runners
    }


def same(one: list[float], two: list[float]) -> bool:
    return len(one) == len(two) and all(
        (a != a and b != b) or math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12)
        for a, b in zip(one, two, strict=True)
    )


def over_known(values: list[float], length: int, of: object) -> list[float]:
    """Return an indicator of the last `length` values that are known, on the rows where one is."""
    known: list[float] = []
    found = []
    for value in values:
        if value != value:
            found.append(math.nan)
            continue
        known.append(value)
        found.append(of(known[-length:]) if len(known) >= length else math.nan)  # type: ignore[operator]
    return found


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize("seed", range(4))
def test_an_indicator_reads_what_the_expression_says_of_each_bar(seed: int) -> None:
    program = compile_card(Source("x", CARD))
    bars = made(seed, "AAAUSDT", 200)
    other = made(seed + 50, "BBBUSDT", 200, missing=0.2)
    data = MarketData(exec=bars, frames={("BBBUSDT", "1m"): other})
    columns = staged(program, data, [200])
    o, c = list(bars.open), list(bars.close)
    theirs = dict(zip(other.ts, other.close, strict=True))
    ratio = [c[t] / theirs[t * MINUTE] if t * MINUTE in theirs else math.nan for t in range(200)]
    assert same(columns["sma(close / BBBUSDT.close, 3)"], over_known(ratio, 3, mean))
    fives = [c[t + 4] - o[t] for t in range(0, 200, 5)]
    assert same(columns["sma(close - open, 2)@5m"], over_known(fives, 2, mean))
    moved = [abs(c[t] - c[t - 2]) * 2 * 1.01 if t > 1 else math.nan for t in range(200)]
    assert same(columns["highest(abs(close - close[2]) * 2 + 1%, 4)"], over_known(moved, 4, max))
    inverse = [4 / (c[t] - o[t]) if c[t] != o[t] else math.nan for t in range(200)]
    assert same(columns["sma(4 / round(close - open), 2)"], over_known(inverse, 2, mean))
    grown = [math.exp(c[t] / o[t]) for t in range(200)]
    assert same(columns["sma(exp(close / open), 2)"], over_known(grown, 2, mean))
    rsi = talib.RSI(np.array(c), 14)
    smooth = talib.EMA(rsi[14:], 9)
    expected = [math.nan] * 14 + list(map(float, smooth))
    ours = columns["ema(rsi(14), 9)"]
    assert all(
        (a != a and b != b) or math.isclose(a, b, rel_tol=1e-9)
        for a, b in zip(ours, expected, strict=True)
    )


@pytest.mark.parametrize("seed", range(3))
def test_any_chunking_gives_the_same_rows(seed: int) -> None:
    program = compile_card(Source("x", CARD))
    rng = Random(seed)
    data = [
        MarketData(
            exec=made(seed, "AAAUSDT", 120),
            frames={("BBBUSDT", "1m"): made(seed + 50, "BBBUSDT", 120, missing=0.2)},
        )
        for _ in range(3)
    ]
    whole = staged(program, data[0], [120])
    cuts = sorted(rng.sample(range(1, 120), 7))
    assert repr(staged(program, data[1], [*cuts, 120])) == repr(whole)
    assert repr(staged(program, data[2], list(range(1, 121)))) == repr(whole)


TWO = """\
name: x
symbol: AAAUSDT
tf: 1m
features:
  - { type: correlation, id: same, depends_on: { other: BBBUSDT.close }, params: { length: 8 } }
  - { type: correlation, id: moves, source: "close - close[1]", depends_on: { other: "roc(BBBUSDT.close, 1)" }, params: { length: 8 } }
  - { type: beta, id: by, depends_on: { other: moves }, params: { length: 3 } }
blocks:
  - id: a
    cases:
      - when: >-
          same > 0 or moves > 0 or by > 0 or correlation(close, BBBUSDT.close, 8) > 0.5 or
          beta(close, hl2, 5)@5m > 1
        emit: [no_action]
"""


@pytest.mark.parametrize("seed", range(3))
def test_an_indicator_of_two_sources_reads_both_on_the_bars_that_both_have(seed: int) -> None:
    program = compile_card(Source("x", TWO))
    bars, other = made(seed, "AAAUSDT", 200), made(seed + 50, "BBBUSDT", 200, missing=0.2)

    def columns(stops: list[int]) -> dict[str, list[float]]:
        data = MarketData(exec=bars, frames={("BBBUSDT", "1m"): other})
        return staged(program, data, stops)

    whole = columns([200])
    theirs = dict(zip(other.ts, other.close, strict=True))
    pairs = [(t, bars.close[t], theirs[t * MINUTE]) for t in range(200) if t * MINUTE in theirs]
    expected = [math.nan] * 200
    for last in range(7, len(pairs)):
        x, y = ([row[k] for row in pairs[last - 7 : last + 1]] for k in (1, 2))
        if len(set(x)) > 1 and len(set(y)) > 1:
            expected[pairs[last][0]] = float(np.corrcoef(x, y)[0, 1])
    same_ids = [id for id in whole if id == "same" or id.startswith("correlation(")]
    assert same_ids == ["same"], "equal instances are one"
    assert all(
        (a != a and b != b) or math.isclose(a, b, abs_tol=1e-9)
        for a, b in zip(whole["same"], expected, strict=True)
    )
    assert sum(x == x for x in whole["moves"]) > 100
    assert sum(x == x for x in whole["by"]) > 100
    assert sum(x == x for x in whole["beta(close, hl2, 5)@5m"]) > 20
    assert repr(columns([*range(7, 200, 13), 200])) == repr(whole)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("correlation(20) > 0", "`correlation` reads 2 sources"),
        ("correlation(close, 20) > 0", "`correlation` reads 2 sources"),
        ("correlation(close, position_qty) > 0", "is no price and no feature"),
        ("beta(close, hl2, 20, 3) > 0", "has 1 parameters, found 2"),
    ],
)
def test_what_an_indicator_of_two_sources_cannot_read_is_said(text: str, message: str) -> None:
    card = f"name: x\nsymbol: AAAUSDT\ntf: 1m\nblocks:\n  - {{ id: a, cases: [{{ when: '{text}', emit: [no_action] }}] }}\n"
    found = check(Source("x", card), lints=False).diagnostics
    assert any(message in d.message for d in found), [d.message for d in found]


def test_the_first_value_is_known_when_its_warm_up_ends() -> None:
    program = compile_card(Source("x", CARD))
    columns = staged(
        program,
        MarketData(
            exec=made(1, "AAAUSDT", 200), frames={("BBBUSDT", "1m"): made(2, "BBBUSDT", 200)}
        ),
        [200],
    )
    for feature in program.graph.features:
        if "round" in feature.id:
            continue  # unknown on bars that did not move, too
        first = next(row for row, v in enumerate(columns[feature.id]) if v == v)
        assert first >= feature.warmup_bars - 1, feature.id
        if feature.type in ("sma", "highest", "ema", "rsi"):
            assert first == feature.warmup_bars - 1, feature.id


def test_the_code_as_machine_code_gives_the_same_bits() -> None:
    program = compile_card(Source("x", CARD))
    native = native_kernels([KERNEL])["expression"]
    rng = Random(5)
    columns = [
        array("d", [rng.choice((math.nan, -3.0, 0.0, 2.5, 1e308)) for _ in range(80)])
        for _ in range(16)
    ]
    seen = 0
    for feature in program.graph.features:
        if feature.type != "expression":
            continue
        code = array("d", dict(feature.params)["code"])  # type: ignore[arg-type]
        results = []
        for kernel in (KERNEL, native):
            out, state = array("d", [math.nan] * 80), array("d", bytes(8 * 32))
            for start, stop in ((0, 33), (33, 80)):
                kernel.run(*columns, code, out, state, start, stop)
            results.append(repr(list(out)))
        assert results[0] == results[1]
        seen += 1
    assert seen >= 5


QQE = """\
name: x
symbol: AAAUSDT
tf: 1m
features:
  - { type: trailing_bands, id: q, source: fast, depends_on: { distance: away } }
  - { type: sma, id: read_fast, source: fast, params: { length: 1 } }
  - { type: sma, id: read_away, source: away, params: { length: 1 } }
variables:
  fast: ema(rsi(14), 5)
  away: 1.5 * ema(ema(abs(fast - fast[1]), 27), 27)
blocks:
  - { id: a, cases: [{ when: q > 0 and read_fast > 0 and read_away > 0, emit: [no_action] }] }
"""


def qqe_script(fast: list[float], away: list[float]) -> dict[str, list[float]]:
    """Return the bands of the public script `QQE`, statement by statement; its turns as pandas-ta reads them."""
    found: dict[str, list[float]] = {"long_band": [], "short_band": [], "direction": [], "line": []}
    long = short = math.nan
    turn, before = 1, math.nan
    for x, d in zip(fast, away, strict=True):
        new_long, new_short = x - d, x + d
        turn = 1 if x > short else -1 if x < long else turn
        long = max(long, new_long) if before > long and x > long else new_long
        short = min(short, new_short) if before < short and x < short else new_short
        before = x
        row = (long, short, float(turn), long if turn == 1 else short)
        for column, value in zip(found.values(), row, strict=True):
            column.append(value if not math.isnan(long) else math.nan)
    return found


def test_bands_that_follow_an_oscillator_are_those_of_the_public_script() -> None:
    stage = MarketStage(compile_card(Source("x", QQE)), MarketData(made(5, "AAAUSDT", 900)))
    stage.advance(900)
    columns = {runner.feature.id: runner.outputs for runner in stage.runners}
    fast, away = (list(columns[name]["value"]) for name in ("read_fast", "read_away"))
    ours, theirs = columns["q"], qqe_script(fast, away)
    assert {name: repr(list(ours[name])) for name in theirs} == {
        name: repr(column) for name, column in theirs.items()
    }
    turns = np.diff(np.array(theirs["direction"])[100:])
    assert (turns != 0).sum() > 10


def test_bands_pass_over_a_bar_on_which_they_read_nothing() -> None:
    def run(source: list[float], distance: list[float]) -> list[list[float]]:
        columns = [array("d", [math.nan]) * len(source) for _ in range(4)]
        state = array("d", [0.0]) * 4
        trailing_bands(array("d", source), array("d", distance), *columns, state, 0, len(source))
        return [list(column) for column in columns]

    known = run([10, 12, 11, 5, 6], [2, 2, 3, 1, 1])
    assert known == [[8, 10, 10, 6, 7], [8, 10, 10, 4, 5], [12, 14, 14, 6, 7], [1, 1, 1, -1, -1]]
    patchy = run([10, 12, math.nan, 11, 5, 6], [2, 2, 9, 3, 1, 1])
    assert [[*column[:2], *column[3:]] for column in patchy] == known
    assert all(math.isnan(column[2]) for column in patchy)
