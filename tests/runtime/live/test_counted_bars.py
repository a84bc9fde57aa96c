"""Bars are counted from the first that may be decided on, whatever has warmed a session up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.live.code_digest import code_digest
from runtime.live.items import BarArrived, Item
from runtime.live.journal import Journal
from runtime.live.paper import PaperDesk
from runtime.live.resume import take_up
from runtime.live.snapshot import picture
from tests.runtime.live.test_recent_bars import desk, items, lived
from tests.strategies.runs import card_text, emit

WARM = 40
FOURTH = (
    "- id: b\n  cases:\n    - when: mod(bar_index, 4) == 0 and not (bar_index >= 0 for 9 bars)\n"
    f"      emit:\n        - {emit('entry_long', size='1000 usdt')}\n"
)


def program() -> Program:
    text = card_text(FOURTH, account="starting_equity_usdt: 10000").replace("TESTUSDT", "BTCUSDT")
    return compile_card(Source("card.yaml", text))


def warmed(card: Program, bars: int) -> list[Item]:
    """Return bars of which the first only warm up."""
    agreed, *told = items(card, bars)
    made: list[Item] = [agreed]
    for at, item in enumerate(told):
        assert isinstance(item, BarArrived)
        made.append(replace(item, decides=at >= WARM))
    return made


def test_the_first_bar_that_may_be_decided_on_is_bar_0() -> None:
    card = program()
    one = desk(card)
    lived(one, warmed(card, WARM + 20))
    assert one.first == WARM
    assert [order.spec.created_bar for order in one.ledger.orders.values()] == [WARM, WARM + 4]


@pytest.mark.parametrize("cut", [20, WARM, WARM + 1, WARM + 3])
def test_a_desk_that_was_taken_up_counts_on(cut: int, tmp_path: Path) -> None:
    card = program()
    told = warmed(card, WARM + 20)
    whole, first = desk(card), desk(card)
    lived(whole, told)
    lived(first, told[: cut + 1])
    journal = Journal(tmp_path / "session.journal")
    journal.keep(code_digest(), first.bars, picture(first))
    again = take_up(journal, lambda: desk(card)).desk
    assert isinstance(again, PaperDesk)
    lived(again, told[cut + 1 :])
    assert again.first == whole.first == WARM
    assert again.state_hash() == whole.state_hash()
    assert len(again.ledger.orders) == 2
