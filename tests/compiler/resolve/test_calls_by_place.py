"""Parameters that a call gives by their place: each is the one that a trader means there."""

from __future__ import annotations

import pytest

from compiler.catalog.indicators import INDICATORS
from compiler.catalog.types import Entry, ParamKind, ParamSpec
from compiler.findings.source import Source
from compiler.pipeline import check, compile_card

CARD = """
name: x
version: "3.2"
symbol: BTCUSDT
tf: 15m
blocks:
  - id: a
    cases:
      - when: {when}
        emit: [no_action]
"""
TREE = "{{ lhs: {{ type: {type}, params: {{ {params} }} }}, op: gt, rhs: 50 }}"
# What a call begins with where that is neither a number of bars nor the fast one of two.
FIRST = {"psar": "af0", **dict.fromkeys(("pivots", "vwap", "vwap_bands", "session_open"), "anchor")}

WITH_PARAMS = [entry for entry in INDICATORS if entry.params]


def params_of(when: str) -> dict[str, object]:
    (feature,) = compile_card(Source("x", CARD.format(when=when))).graph.features
    return dict(feature.params)


def said_of(when: str) -> list[tuple[str, str | None]]:
    found = check(Source("x", CARD.format(when=when)), lints=False).diagnostics
    return [(one.message, one.help) for one in found]


@pytest.mark.parametrize(
    ("call", "lengths"),
    [
        ("donchian(55).upper[1]", {"lower_length": 55, "upper_length": 55}),
        ("donchian(20, 55).upper[1]", {"lower_length": 20, "upper_length": 55}),
        ("chandelier(10).long", {"length": 10, "atr_length": 10}),
        ("stochrsi(21)", {"length": 21, "rsi_length": 21}),
        ("stochrsi(21, 14)", {"length": 21, "rsi_length": 14}),
        ("squeeze(10, 1.5)", {"bb_length": 10, "kc_length": 10}),
    ],
)
def test_one_length_is_that_of_all_that_are_alike(call: str, lengths: dict[str, int]) -> None:
    found = params_of(f"{call} > 50")
    assert {name: found[name] for name in lengths} == lengths


@pytest.mark.parametrize(
    ("type_", "params", "lengths"),
    [
        ("donchian", "lower_length: 55", {"lower_length": 55, "upper_length": 20}),
        ("chandelier", "atr_length: 5", {"length": 22, "atr_length": 5}),
        ("stochrsi", "length: 21", {"length": 21, "rsi_length": 14}),
    ],
)
def test_a_length_by_its_name_is_its_own(type_: str, params: str, lengths: dict[str, int]) -> None:
    found = params_of(TREE.format(type=type_, params=params))
    assert {name: found[name] for name in lengths} == lengths


@pytest.mark.parametrize(
    ("call", "whole"),
    [
        ("chandelier(22, 3)", "chandelier(22, 22, 3)"),
        ("psar(0.02, 0.2)", "psar(0.02, 0.02, 0.2)"),
        ("alma(close, 9, 0.85)", "alma(close, 9, 6.0, 0.85)"),
    ],
)
def test_a_number_that_is_another_parameter_elsewhere_is_refused_with_the_whole_call(
    call: str, whole: str
) -> None:
    ((message, help),) = said_of(f"close > {call}")
    assert "the last is the" in message
    assert help is not None
    assert help.endswith(f"`{whole}`")
    assert said_of(f"close > {whole}") == []


@pytest.mark.parametrize("entry", WITH_PARAMS, ids=lambda entry: entry.type)
def test_every_length_with_the_default_of_the_first_follows_it(entry: Entry) -> None:
    def is_length(spec: ParamSpec) -> bool:
        return spec.kind is ParamKind.INT and spec.doc.startswith("bars") and spec.name != "signal"

    first, rest = entry.params[0], entry.params[1:]
    alike = [p.like for p in rest if is_length(p) and p.default == first.default]
    assert alike == [first.name] * len(alike)


@pytest.mark.parametrize("entry", WITH_PARAMS, ids=lambda entry: entry.type)
def test_a_call_begins_with_what_a_trader_gives_first(entry: Entry) -> None:
    first = entry.params[0]
    if entry.type in FIRST:
        assert first.name == FIRST[entry.type]
    else:
        assert first.kind is ParamKind.INT
        assert first.low is not None
