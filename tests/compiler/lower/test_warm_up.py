"""From which bar on what a card reads can be known: output by output."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.graph.serde import graph_hash
from compiler.lints.warmup_exceeds_data import warmup_exceeds
from compiler.pipeline import compile_card
from tools.live.warm_up import bars_wanted

CARD = """
name: x
version: "3.2"
symbol: BTCUSDT
tf: 15m
features: [{features}]
{more}blocks:
  - id: a
    cases:
      - when: {when}
        emit: [no_action]
"""
KUMO = "{ type: ichimoku, id: kumo }"
MACD = "{ type: macd, id: macd }"


def program_of(when: str, *features: str, more: str = "") -> Program:
    return compile_card(
        Source("x", CARD.format(features=", ".join(features), when=when, more=more))
    )


def waited_for(program: Program) -> dict[str, int]:
    return {feature.id: feature.warmup_bars for feature in program.graph.features}


@pytest.mark.parametrize(
    ("when", "feature", "bars"),
    [
        ("close > kumo", KUMO, 9),
        ("close > kumo.base", KUMO, 26),
        ("close > kumo.top", KUMO, 77),
        ("kumo.lead_b > kumo.conversion", KUMO, 52),
        ("macd.macd > 0", MACD, 26),
        ("macd.histogram > 0", MACD, 34),
        ("adx.dmp > adx.dmn", "{ type: adx, id: adx }", 15),
        ("adx.adxr > 20", "{ type: adx, id: adx }", 41),
        ("close > box.lower", "{ type: donchian, id: box, params: { lower_length: 5 } }", 5),
    ],
)
def test_a_card_waits_for_the_outputs_it_reads(when: str, feature: str, bars: int) -> None:
    program = program_of(when, feature)
    assert [*waited_for(program).values()] == [bars]
    assert program.warmup_bars == bars


def test_a_reader_of_an_output_begins_with_it() -> None:
    program = program_of("sma(kumo.top, 5) > close", KUMO)
    # The reader's first value is the one that is waited for; the expression between has none of its own.
    assert waited_for(program)["kumo"] == 77
    assert program.warmup_bars == 77 + 5 - 1


def test_bars_that_end_before_an_output_is_known_are_told_of_that_output() -> None:
    graph = program_of("close crosses above kumo.top", KUMO).graph
    (found,) = warmup_exceeds(graph, lambda _symbol, _timeframe: 76)
    assert "`kumo` is known from bar 77 of 15m on" in found.message
    assert not warmup_exceeds(graph, lambda _symbol, _timeframe: 77)
    # Its conversion line alone needs nine of them.
    assert not warmup_exceeds(program_of("close > kumo", KUMO).graph, lambda _s, _t: 9)


def test_what_no_rule_reads_is_not_waited_for() -> None:
    plain = program_of("close > kumo", KUMO)
    for more in ("variables: { cloud: kumo.top }\n", "variables: { cloud: 'sma(kumo.top, 5)' }\n"):
        program = program_of("close > kumo", KUMO, more=more)
        assert waited_for(program) == {"kumo": 9}
        assert graph_hash(program.graph) == graph_hash(plain.graph)


def test_a_session_asks_for_bars_until_every_slow_clock_has_its_whole_ones() -> None:
    program = program_of("close > sma(close, 20)@1w", MACD)
    week = 7 * 24 * 4
    # The first week is whole only if its beginning is among the bars.
    assert bars_wanted(program) >= 20 * week + week - 1
    quick = program_of("close > sma(close, 20)", MACD)
    assert bars_wanted(quick) == quick.warmup_bars + 100
