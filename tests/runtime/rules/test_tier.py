"""Which tier computes the columns cannot be seen in them."""

from __future__ import annotations

from array import array
from dataclasses import replace
from random import Random

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.features import FEATURES
from runtime.kernel import Column, State
from runtime.native.kernels import native_kernels
from runtime.rules import tier
from runtime.rules.market_stage import MarketStage
from runtime.rules.tier import Tier, kernels_of
from tests.strategies.made_cards import market
from tools.made_inputs.cards import text_of, valid_data

SEEDS = range(12)


def columns(seed: int, how: Tier) -> list[bytes]:
    """Return every column of a made-up card, NaN for NaN."""
    rng = Random(seed)
    program = compile_card(Source("card.yaml", text_of(valid_data(rng, symbol="TESTUSDT"), rng)))
    stage = MarketStage(program, market(program.graph, seed, 200), tier=how)
    for stop in (1, 2, 57, 200):
        stage.advance(stop)
    made = [column for runner in stage.runners for column in runner.outputs.values()]
    made += [stage.column(slot) for slot in range(len(program.columns))]
    return [array("d", [v if v == v else 0.5 for v in column]).tobytes() for column in made]


@pytest.mark.parametrize("seed", SEEDS)
def test_machine_code_and_python_give_the_same_columns(seed: int) -> None:
    assert columns(seed, Tier.NATIVE) == columns(seed, Tier.PLAIN)


def sums_of_halves(  # a kernel that stops: whole numbers grow beyond 64 bits
    source: Column, out: Column, state: State, start: int, stop: int
) -> None:
    big = 4611686018427387904
    for i in range(start, stop):
        state[0] = state[0] + source[i]
        out[i] = state[0]
        if i == 3:
            out[i] = float((big + big) % 1000)


def test_what_machine_code_cannot_do_python_does() -> None:
    plain = replace(FEATURES[0], type="halves", run=sums_of_halves, state_size=lambda _: 1)
    native = native_kernels([plain])["halves"]
    found = []
    for kernel in (plain, native):
        out, state = array("d", [float("nan")] * 6), array("d", [0.0])
        for start, stop in ((0, 2), (2, 6)):
            kernel.run(array("d", [0.5] * 6), out, state, start, stop)
        found.append((list(out), list(state)))
    assert found[0] == found[1]
    assert found[0][0] == [0.5, 1.0, 1.5, float(2**63 % 1000), 2.5, 3.0]


def test_little_work_is_not_worth_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(FEATURES[:2])
    assert kernels_of(Tier.AUTO, few, 10) == {kernel.type: kernel for kernel in few}
    monkeypatch.setattr(tier, "_WORTH_IT", 5)
    made = kernels_of(Tier.AUTO, few, 10)
    assert all(made[kernel.type].run is not kernel.run for kernel in few)
    monkeypatch.setattr(tier, "find_spec", lambda _: None)
    assert kernels_of(Tier.AUTO, few, 10) == {kernel.type: kernel for kernel in few}
