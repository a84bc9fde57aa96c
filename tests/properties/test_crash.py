"""A crash between any two steps of a journal costs no demand.

A step is one record: an event told, the protection it brings, one request sent. Whatever was written down
before the power went, replayed and asked, demands what the run that went on did demand from there, no more
and no less; but for what an entry is to carry of another that leaves, which is asked when that has left.
What a close decides is not asked again: its requests are one transaction with the close.
"""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.account.ledger import Ledger
from runtime.consequences import upkeep
from runtime.orders.commands import Command
from tests.properties.wire_twin import CALM, STORM, Batch, Twin, Weather, is_carry
from tests.strategies.actions import bars
from tests.strategies.demands import demanding_cards, volumes
from tests.strategies.runs import Row

WEATHERS = {"calm": CALM, "failing": Weather(fails=0.5), "storm": STORM}


def cut_everywhere(twin: Twin) -> int:
    """Cut the journal of a run after each of its steps; returns how many cuts lost a demand on its way."""
    cuts: defaultdict[int, list[tuple[Batch, int]]] = defaultdict(list)
    for batch in twin.batches:
        begin = batch.start if batch.is_timer else batch.start + 1
        for step in range(begin, batch.first + len(batch.commands) + 1):
            cuts[step].append((batch, max(0, step - batch.first)))
    ledger, lost = Ledger(twin.ledger.instrument, twin.ledger.settings), 0
    for step in range(len(twin.steps) + 1):
        for batch, sent in cuts[step]:
            due = list(batch.commands[sent:])
            found = list(upkeep(ledger, batch.bar, batch.ts, again=batch.is_timer))
            assert _without_carries(found) == _without_carries(due), (step, twin.steps[:step])
            lost += bool(due)
        if step < len(twin.steps):
            ledger.apply(twin.steps[step])
    assert ledger.state() == twin.ledger.state()
    return lost


def _without_carries(commands: list[Command]) -> list[Command]:
    """Leave out what an entry is to carry of another whose cancel has no answer: it is asked when that has."""
    return [command for command in commands if not is_carry(command)]


@pytest.mark.parametrize("weather", WEATHERS)
@settings(max_examples=max(12, settings.default.max_examples // 3))
@given(text=demanding_cards(), rows=bars(), traded=volumes(), seed=st.integers(0, 1_000))
def test_a_crash_between_any_two_steps_loses_no_demand(
    weather: str, text: str, rows: list[Row], traded: list[float], seed: int
) -> None:
    cut_everywhere(Twin(text, rows, WEATHERS[weather], seed=seed, volumes=traded).play())
