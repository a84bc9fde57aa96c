"""Decision 41: volume that is not known is not a volume of zero."""

from __future__ import annotations

from array import array
from math import nan

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.errors import DataError
from runtime.market.data import FundingSeries, MarketData
from runtime.rules.data_fit import beside_bars, check_fit, lacking_series
from tests.strategies.runs import SMALL, Run, at_bar, card_text, emit, flat, frame


def run(fill_model: str, *volumes: float) -> Run:
    action = emit("place_limit_long", price=99.0, size_usdt=100)
    text = card_text(at_bar(0, action)).replace("fill_model: touch", f"fill_model: {fill_model}")
    made = Run(text, flat(100.0, 4))
    for row, volume in enumerate(volumes):
        made.data.exec.volume[row] = volume
    return made


@pytest.mark.parametrize("model", ["volume_weighted", "queue"])
def test_a_volume_model_refuses_bars_that_do_not_know_their_volume(model: str) -> None:
    made = run(model, 5.0, nan, nan, 0.0)
    with pytest.raises(DataError, match=f"2 of 4 bars .* `fill_model: {model}` .* `touch`"):
        check_fit(made.program, made.data, SMALL)


def test_models_without_volume_run_on_them_and_a_volume_of_zero_is_known() -> None:
    made = run("touch", nan, nan, nan, nan)
    check_fit(made.program, made.data, SMALL)
    made = run("volume_weighted", 0.0, 0.0, 0.0, 0.0)
    check_fit(made.program, made.data, SMALL)


@pytest.mark.parametrize(
    ("read", "series"),
    [
        ("funding_rate", ["funding_rate"]),
        ("percentile(funding_rate, 3)", ["funding_rate"]),
        ("sma(mark_price / close - 1, 3) + funding_rate", ["funding_rate", "mark_price"]),
        ("close", []),
    ],
)
def test_a_series_that_a_card_reads_and_the_data_lack_is_told(read: str, series: list[str]) -> None:
    text = f"name: x\nsymbol: SOLUSDT\ntf: 1h\nblocks: [{{id: a, cases: [{{when: '{read} > 1', emit: [exit_all]}}]}}]\n"
    graph = compile_card(Source("x", text)).graph
    assert beside_bars(graph) == series
    bars = frame(flat(100.0, 4))
    data = MarketData(exec=bars, funding=FundingSeries())
    assert [said.split("`")[1] for said in lacking_series(graph, data)] == series
    there = FundingSeries(array("q", [0]), array("d", [0.1]))
    assert not list(lacking_series(graph, MarketData(exec=bars, mark=bars, funding=there)))
