"""One made-up run by both engines, and the first thing in which its records differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import GivenUp, Kernels
from runtime.batch.backtest import attempt
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.records.rows import RunRecord, renumber
from runtime.rules.machine import Columns
from tests.batch_equal.busy_cards import busy_card
from tests.batch_equal.busy_settings import FILL_MODELS, PATHS
from tests.strategies.made_cards import instrument, market, odd_card, right_card


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a seed came to: `difference` is empty where both records are the same.

    `given_up` says why the kernel did not make the run; `reasons` are those of its fills.
    """

    seed: int
    difference: str = ""
    given_up: str = ""
    fills: int = 0
    reasons: tuple[str, ...] = ()


def card_of(seed: int, *, is_full: bool = False) -> str:
    """Return one of three kinds of made-up cards, or a busy one that draws from all words."""
    if is_full:
        return busy_card(seed, is_full=True)
    match seed % 6:
        case 0:
            return odd_card(seed)
        case 1:
            return right_card(seed)
        case _:
            return busy_card(seed)


def crossed(text: str, seed: int, times: int) -> Iterator[tuple[int, str]]:
    """Yield a card so many times, each with a market (its seed), a fill model and a path of its own.

    The first is the card as it is on the market of its own seed; one that names neither has other markets alone.
    """
    yield seed, text
    pairs = [(model, path) for model in FILL_MODELS for path in PATHS]
    Random(f"crossed/{seed}").shuffle(pairs)
    for turn, (model, path) in enumerate((pairs * times)[: times - 1], start=1):
        other = re.sub(
            r"fill_model: \w+, intrabar: \w+", f"fill_model: {model}, intrabar: {path}", text
        )
        yield seed + turn * 10_000_019, other


def data_of(graph: Any, seed: int, bars: int) -> MarketData:
    """Return a made-up market; some have marks of their own, some start after their first bar."""
    data, rng = market(graph, seed, bars), Random(f"sides/{seed}")
    if rng.random() < 0.25:
        data.mark = _marks(data.exec, rng)
    if rng.random() < 0.2:
        data.first = rng.randint(1, 40)
    return data


def by_kernel(text: str, seed: int, kernels: Kernels, bars: int = 300) -> RunRecord:
    """Return what the account kernel records of a card on a made-up market; `GivenUp` where it cannot."""
    program = compile_card(Source("card.yaml", text))
    data = data_of(program.graph, seed, bars)
    return attempt(program, data, instrument(program.graph), market_stage(program, data), kernels)


def _marks(frame: Frame, rng: Random) -> Frame:
    """Return marks beside last: a little higher or lower, some bars missing."""
    made = Frame(frame.symbol, frame.timeframe, frame.interval_ms)
    for row, ts in enumerate(frame.ts):
        if rng.random() < 0.05:
            continue
        beside = rng.choice((0.0, 0.3, -0.3, 1.1))
        corners = (frame.open[row], frame.high[row], frame.low[row], frame.close[row])
        made.append(ts, *(round(max(0.1, price + beside), 1) for price in corners), 0.0)
    return made


def compare(
    seed: int, bars: int, kernels: Kernels, *, text: str | None = None, largest: int | None = None
) -> Outcome:
    """Run a made-up card by both engines; `largest`: the lots of the largest market order."""
    source = Source("card.yaml", card_of(seed) if text is None else text)
    program = compile_card(source)
    data, facts = data_of(program.graph, seed, bars), instrument(program.graph)
    facts = facts if largest is None else replace(facts, max_market_lots=largest)
    columns = market_stage(program, data)
    try:
        made = kernel_record(program, data, facts, columns, kernels, source)
    except GivenUp as given_up:
        return Outcome(seed, given_up=str(given_up))
    record = run_backtest(program, data, facts, source=source, market=columns)
    record.warnings = []
    why = tuple(fill.reason for fill in record.fills)
    return Outcome(seed, next(differences(record, made), ""), fills=len(why), reasons=why)


def kernel_record(
    program: Program,
    data: MarketData,
    facts: Instrument,
    columns: Columns,
    kernels: Kernels,
    source: Source,
) -> RunRecord:
    """Return what the account kernel records, numbered as by the readable engine; `GivenUp` where it cannot."""
    made = attempt(program, data, facts, columns, kernels, source=source)
    renumber(made, data.first)
    return made


def differences(one: RunRecord, two: RunRecord) -> Iterator[str]:
    """Yield where two records differ, digits and all."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(two, field.name)
        if repr(a) == repr(b):
            continue
        if isinstance(a, list):
            yield from _rows(field.name, a, b)
        elif field.name == "equity":
            for column in fields(a):
                yield from _rows(
                    f"equity.{column.name}", getattr(a, column.name), getattr(b, column.name)
                )
        else:
            yield f"{field.name}: {a} is not {b}"


def _rows(name: str, one: Any, two: Any) -> Iterator[str]:
    for index, (a, b) in enumerate(zip(one, two, strict=False)):
        if repr(a) != repr(b):
            yield f"{name}[{index}]:\n  {a}\n  {b}"
            return
    if len(one) != len(two):
        longer = one if len(one) > len(two) else two
        yield f"{name}: {len(one)} rows and {len(two)}: {longer[min(len(one), len(two))]}"
