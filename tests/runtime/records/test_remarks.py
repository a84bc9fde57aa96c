"""What a run did to the card's wishes without refusing them is said, with the orders it was done to."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import FundingSeries, MarketData
from runtime.records.remarks import Remark
from runtime.reports import Extra
from runtime.reports.result import result
from runtime.rules.tier import Tier
from tests.strategies.runs import SMALL, Row, at_bar, card_text, emit, flat, frame


def remarks(blocks: str, rows: list[Row], **settings: str) -> dict[str, dict[str, Any]]:
    """Return the result's remarks by kind."""
    text = card_text(blocks, **settings)
    program = compile_card(Source("card.yaml", text))
    data = MarketData(exec=frame(rows))
    record = run_backtest(program, data, SMALL, source=Source("card.yaml", text))
    made = result(program, data, SMALL, record, Extra())
    return {remark["kind"]: remark for remark in made["remarks"]}


def test_a_run_in_which_everything_went_as_the_card_wished_has_none() -> None:
    assert remarks(at_bar(0, emit("entry_long", size="1 base")), flat(100, 4)) == {}


def test_a_size_that_was_cut_names_its_order_the_amounts_and_the_setting() -> None:
    found = remarks(
        at_bar(1, emit("entry_long", size="300% of equity", order_ref="a")), flat(100, 4)
    )
    cut = found["size_cut"]
    assert (cut["count"], cut["orders"]) == (1, ["o1"])
    assert cut["first"][0]["text"].startswith("300 to 100: equity carries 10000.00 USDT")
    assert cut["first"][0]["line"] > 0


@pytest.mark.parametrize("side", ["long", "short"])
def test_a_stop_that_finds_no_margin_when_it_is_reached_is_said(side: str) -> None:
    """Both stops are armed at once; the first takes all there is, the second is reached on the same bar."""
    sign = 1 if side == "long" else -1
    stops = [
        emit(f"place_stop_{side}", trigger=100 + sign * away, size="90 base", order_ref=f"s{away}")
        for away in (1, 2)
    ]
    rows: list[Row] = [*flat(100, 2), (100, 103, 97, 100 + 2 * sign), *flat(100, 1)]
    found = remarks(
        at_bar(0, *stops), rows, account="max_position_usdt: 100000", execution="intrabar: nearest"
    )
    assert found["stop_without_margin"]["first"][0]["order_ref"] == "s2"
    assert found["stop_without_margin"]["count"] == 1


def test_an_entry_that_nets_without_the_policy_says_how_much_it_closed() -> None:
    orders = (
        emit("place_limit_short", price=104, size="5 base", order_ref="s"),
        emit("entry_long", size="3 base"),
    )
    found = remarks(at_bar(0, *orders), [*flat(100, 2), (100, 105, 100, 105), *flat(105, 1)])
    assert found["netted"]["first"][0]["text"] == "3 closed what was held"
    assert found["netted"]["orders"] == ["o1"]


def test_a_stop_moved_above_layers_that_own_theirs_says_whom_it_moved() -> None:
    core = emit("entry_long", size="1 base", stop_loss=90, protect="layer", order_ref="core")
    scalp = emit("entry_long", size="1 base", stop_loss=95, order_ref="scalp")
    blocks = at_bar(0, core) + at_bar(1, scalp) + at_bar(2, emit("adjust_stop", price=97))
    found = remarks(blocks, flat(100, 5))
    text = found["level_of_some_layers"]["first"][0]["text"]
    assert text == "stop_loss to 97 for scalp; the others keep their own"


def test_a_stop_moved_for_layers_that_the_jump_took_before_is_moved_for_nobody() -> None:
    """The open is beyond the exit of the layer whose stop was to move; the other one has its own."""
    shared = emit("entry_long", size="1 base")
    own = emit("entry_long", size="1 base", stop_loss=80, protect="layer")
    leave = emit("place_limit_exit_long", price=103, size="1 base")
    moves = at_bar(0, shared, own) + at_bar(1, leave) + at_bar(2, emit("adjust_stop", price=97))
    rows: list[Row] = [*flat(100, 3), (105, 106, 104, 105), *flat(105, 2)]
    assert "level_of_some_layers" not in remarks(moves, rows)


@pytest.mark.parametrize(
    ("method", "said"),
    [("fifo", "fifo took from core; scalp stay"), ("lifo", "lifo took from scalp; core stay")],
)
def test_an_exit_that_chose_which_layers_stop_stays_says_so(method: str, said: str) -> None:
    core = emit("entry_long", size="1 base", stop_loss=90, protect="layer", order_ref="core")
    scalp = emit("entry_long", size="1 base", stop_loss=95, protect="layer", order_ref="scalp")
    leave = emit("exit_long", size_pct=0.5, method=method, order_ref="half")
    found = remarks(at_bar(0, core) + at_bar(1, scalp) + at_bar(2, leave), flat(100, 5))
    assert found["stop_chosen_by_method"]["first"][0]["text"] == said
    assert found["stop_chosen_by_method"]["orders"] == ["o3"]


def test_an_exit_of_layers_under_one_stop_chooses_none() -> None:
    entry = emit("entry_long", size="1 base", stop_loss=90)
    leave = emit("exit_long", size_pct=0.5)
    found = remarks(at_bar(0, entry) + at_bar(1, entry) + at_bar(2, leave), flat(100, 5))
    assert "stop_chosen_by_method" not in found


def test_a_fill_at_a_worse_open_than_it_was_sized_for_may_tie_up_more_than_there_is() -> None:
    entry = emit("entry_long", size="500% of equity")
    rows: list[Row] = [*flat(100, 2), (104, 104, 104, 104), *flat(104, 1)]
    found = remarks(at_bar(1, entry), rows, account="max_leverage: 5")
    assert found["margin_beyond_balance"]["count"] == 1


def test_a_loss_above_all_that_the_account_had_is_said() -> None:
    """Margin of a fill at a much worse open exceeds the balance; liquidation takes all of that margin."""
    entry = emit("entry_short", size="200% of equity")
    rows: list[Row] = [*flat(100, 2), (150, 150, 150, 150), (190, 230, 190, 230), *flat(230, 1)]
    found = remarks(at_bar(1, entry), rows, account="max_leverage: 2")
    assert found["balance_below_zero"]["count"] == 1
    assert found["balance_below_zero"]["first"][0]["text"].endswith(" after a fill")


@pytest.mark.parametrize("tier", [Tier.PLAIN, Tier.NATIVE])
def test_funding_that_eats_the_balance_below_an_open_profit_is_no_loss(tier: Tier) -> None:
    """A long that has doubled pays more funding than money was left beside it: equity stands far above zero."""
    text = card_text(at_bar(1, emit("entry_long", size="95% of equity")))
    program = compile_card(Source("card.yaml", text))
    bars = frame([*flat(100, 3), (100, 200, 100, 200), *flat(200, 4)])
    series = FundingSeries(array("q", [bars.ts[5]]), array("d", [0.9]))
    data = MarketData(exec=bars, funding=series)
    (found,) = [
        row
        for row in run_backtest(program, data, SMALL, tier=tier).remarks
        if row.kind == Remark.BALANCE_BELOW_ZERO
    ]
    assert found.text.startswith("balance -")
    assert found.text.endswith(" after funding")


def test_every_remark_has_a_sentence() -> None:
    from runtime.records.remarks import meaning

    assert len({meaning(remark) for remark in Remark}) == len(Remark)


def test_a_cut_size_names_its_own_order_of_several_that_one_action_asks_for_at_a_close() -> None:
    exits = emit("place_limit_exit_long", price=104, size_pct=0.7)
    entry = emit("place_limit_long", price=99, size="1 base", on_fill=f"[{exits}]")
    twice = at_bar(1, entry).replace("== 1", "< 2")
    cut = remarks(twice, [*flat(100, 2), (100, 100, 98, 100), *flat(100, 2)])["size_cut"]
    assert (cut["count"], cut["orders"]) == (1, ["o4"])
