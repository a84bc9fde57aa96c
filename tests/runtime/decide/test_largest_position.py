"""What bounds the largest position is named: the card's own maximum, what its equity carries, or the instrument."""

from __future__ import annotations

import pytest

from runtime.decide.refusals import RefusalCode, over_maximum, setting_of
from tests.strategies.runs import Run, at_bar, card_text, emit, flat

ROWS = flat(100.0, 6)


@pytest.mark.parametrize("how", ["", "max_leverage: 2"])
def test_a_maximum_that_the_card_does_not_set_is_told_as_what_its_leverage_carries(
    how: str,
) -> None:
    card = card_text(at_bar(1, emit("entry_long", size="500% of equity")), account=how)
    run = Run(card, ROWS)
    (cut,) = run.live().engine.cuts
    assert "max_position_usdt" not in cut.cut.text
    assert f"`account.max_leverage` {2 if how else 1}, " in cut.cut.text
    assert setting_of(cut.cut.code, cut.cut.text) == "account.max_leverage"


def test_a_largest_order_of_the_instrument_is_let_pass_by_no_setting() -> None:
    code = RefusalCode.OVER_MAX_POSITION
    assert setting_of(code, "the instrument's largest order is 100") == ""
    assert setting_of(code, over_maximum(500.0, 1.0, 500.0, 0.0)) == "account.max_position_usdt"
