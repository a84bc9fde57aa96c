"""What the catalogue says is always so holds at every close of random runs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.catalog.builtins import (
    BUILTINS,
    OF_LAST_TRADES,
    SCALING_BUILTINS,
    Tells,
    While,
    tells,
)
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import EntryKind, Type
from compiler.findings.source import Source
from compiler.lints.reasoning.facts import Facts
from compiler.pipeline import check, compile_card
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.rules.market_stage import MarketStage
from tests.strategies.made_cards import instrument, market, right_card
from tests.test_catalog_snippets import card

SEEDS = st.integers(0, 2**40)


def _broken(ledger: Ledger, name: str, ref: str, told: Tells) -> str | None:
    """Return what is not as the catalogue says, None if all is."""
    value = read(ledger, name, ref)
    states = {While.POSITION: ledger.position is not None, While.ORDERS: False}
    states[While.ORDERS] = read(ledger, "pending_order_count") > 0
    known = not math.isnan(value)
    if told.needs is not None:
        if known and not states[told.needs]:
            return "is known without what it needs"
        if told.certain and states[told.needs] and not known:
            return "is unknown with what it needs"
    if told.layers and known is not (read(ledger, "position_layers") >= told.layers):
        return "is known without its layer, or unknown with it"
    if told.nothing_without is not None:
        if not states[told.nothing_without] and value != 0.0:
            return "is something without what it needs"
        is_bool = BUILTINS[name].value.type is Type.BOOL
        if states[told.nothing_without] and not is_bool:
            if value < told.least or (told.more and value <= told.least):
                return f"is {value}, less than it can be"
    if told.never_above and value > read(ledger, told.never_above):
        return f"is above {told.never_above}"
    return None


@given(SEEDS, st.integers(1, 200))
def test_account_builtins_are_what_the_catalogue_says(seed: int, bars: int) -> None:
    program = compile_card(Source("made.yaml", right_card(seed)))
    graph = program.graph
    data, traded = market(graph, seed, bars), instrument(graph)
    stage = MarketStage(program, data)
    stage.advance(bars)
    ledger = Ledger(traded, graph.settings)
    ledger.follow(data.exec.interval_ms)
    engine = Engine(program, ledger, stage, traded)
    exchange = SimulatedExchange(ledger, data, traded, graph.settings, engine.apply)
    for bar in range(bars):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
        for name in SCALING_BUILTINS:
            ref = "anything" if BUILTINS[name].takes_ref else "3" if name in OF_LAST_TRADES else ""
            assert _broken(ledger, name, ref, tells(name)) is None, (name, bar)


@pytest.mark.parametrize("type_", CATALOGUE)
@settings(max_examples=8)
@given(seed=SEEDS)
def test_outputs_are_what_the_catalogue_says(type_: str, seed: int) -> None:
    entry = CATALOGUE[type_]
    text, name = card(entry)
    program = compile_card(Source("snippet.card.yaml", text))
    index = next(i for i, f in enumerate(program.graph.features) if f.id == name)
    feature = program.graph.features[index]
    data = market(program.graph, seed, 400)
    stage = MarketStage(program, data)
    stage.advance(len(data.exec))
    params = dict(feature.params)
    columns = {spec.name: stage.feature(index, spec.name) for spec in entry.outputs_for(params)}
    bars = {column: data.exec.column(column) for column in ("open", "high", "low", "close")}
    sides = [columns[spec.name] for spec in entry.outputs_for(params) if spec.facts.one_side]
    for values in zip(*sides, strict=True):
        assert len(sides) == 2, "a side and the other one"
        assert sum(not math.isnan(value) for value in values) <= 1, f"{type_}: both sides are known"
    assert all(any(map(math.isnan, column)) for column in sides)
    for spec in entry.outputs_for(params):
        told = spec.facts
        for bar, value in enumerate(columns[spec.name]):
            where = f"{type_}.{spec.name} at {bar}"
            if math.isnan(value):
                continue
            assert spec.value.low is None or value >= spec.value.low, where
            assert spec.value.high is None or value <= spec.value.high, where
            assert not told.never_negative or value >= 0, where
            for other in told.below:
                assert not value > columns[other][bar], f"{where}: above {other}"
            if told.one_of:
                of = {at for other in told.one_of for at in columns[other][: bar + 1]}
                assert value in of, f"{where}: none of {told.one_of}"
            if told.reaches is not None:
                mode, column = told.reaches
                there = bars[feature.source if column == "source" else column][bar]
                assert value >= there if mode == "max" else value <= there, where


_OF_A_SOURCE = [
    entry.type for entry in CATALOGUE.values()
    if entry.kind is EntryKind.INDICATOR and "source" in entry.inputs and not entry.depends
]  # fmt: skip
_SIGNED = """\
name: signed
symbol: BTCUSDT
tf: 15m
features:
  - {{ type: sma, id: smooth, source: close - open, params: {{ length: 3 }} }}
  - {{ type: {type_}, id: {name}, source: "{source}" }}
blocks:
  - id: entry
    cases:
      - when: {name} is not missing and smooth is not missing and position_side == flat
        emit: [{{ action: entry_long, metadata: {{ size: 1% of equity, stop_loss_offset_pct: -2 }} }}]
"""


@pytest.mark.parametrize(
    "source", ["close - open", "smooth", "abs(smooth) - 1", "min(open - close, smooth)"]
)
@pytest.mark.parametrize("type_", _OF_A_SOURCE)
def test_of_what_may_be_below_zero_is_said_only_what_holds(type_: str, source: str) -> None:
    program = compile_card(
        Source("x.card.yaml", _SIGNED.format(type_=type_, name="tried", source=source))
    )
    graph = program.graph
    index = next(i for i, f in enumerate(graph.features) if f.id == "tried")
    data = market(graph, 7, 300)
    stage = MarketStage(program, data)
    stage.advance(len(data.exec))
    facts = Facts(graph)
    for spec in CATALOGUE[type_].outputs_for(dict(graph.features[index].params)):
        low, high = facts._range(("feature", index, spec.name, 0))
        for value in stage.feature(index, spec.name):
            assert math.isnan(value) or low is None or value >= low, spec.name
            assert math.isnan(value) or high is None or value <= high, spec.name


@pytest.mark.parametrize("source", ["high", "abs(smooth)", "max(smooth, high)"])
def test_an_average_of_what_is_never_below_zero_is_not_either(source: str) -> None:
    text = _SIGNED.format(type_="wma", name="tried", source=source)
    checked = check(
        Source("x.card.yaml", text.replace("tried is not", "tried < 0 and tried is not"))
    )
    assert "IC401" in {d.code for d in checked.diagnostics}
    text = text.replace(f'"{source}"', "smooth")
    checked = check(
        Source(
            "x.card.yaml",
            text.replace("tried is not", "tried < 0 and tried > tried[1] and tried is not"),
        )
    )
    assert "IC401" not in {d.code for d in checked.diagnostics}
