"""A card as a state machine: a sound card passes, a planted fault is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.market.instrument_table import instrument_for
from runtime.testing.machines import CardMachine, card_machine
from tests.strategies.runs import SMALL, at_bar, card_text, emit

ROOT = Path(__file__).resolve().parents[3]
QUICK = settings(
    max_examples=15,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),
)
TWO = at_bar(0, emit("entry_long", size_usdt=100, stop_loss_offset_pct=-5)) + at_bar(
    1, emit("entry_long", size_usdt=100)
)


def machine(text: str) -> type[CardMachine]:
    return card_machine(compile_card(Source("card.yaml", text)), SMALL)


@pytest.mark.parametrize("name", ["ema_cross", "breakout_stops"])
def test_a_gallery_card_keeps_its_promises_bar_by_bar(name: str) -> None:
    path = ROOT / "cards" / "gallery" / f"{name}.yaml"
    program = compile_card(Source(path.name, path.read_text(encoding="utf-8")))
    made = card_machine(program, instrument_for(program.graph.symbols[0]))
    run_state_machine_as_test(made, settings=QUICK)


def test_a_broken_promise_fails_and_says_where() -> None:
    made = machine(card_text(TWO, more="invariants: [{ max_layers: 1 }]"))
    with pytest.raises(AssertionError, match=r"max_layers at bar 1"):
        run_state_machine_as_test(made, settings=QUICK)


def test_own_laws_are_added_by_subclassing() -> None:
    class Mine(machine(card_text(TWO))):  # type: ignore[misc]
        @invariant()
        def never_two_layers(self) -> None:
            position = self.ledger.position if hasattr(self, "ledger") else None
            assert position is None or len(position.layers) < 2, "two layers"

    with pytest.raises(AssertionError, match="two layers"):
        run_state_machine_as_test(Mine, settings=QUICK)
