"""Working orders are changed in the account kernel as in the readable engine: by `amend_order` and by a placement
under the ref of a live order."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from runtime.records.rows import OrderRow
from tests.batch_equal.busy_cards import busy_card
from tests.batch_equal.runs import by_kernel, compare, data_of
from tests.strategies.made_cards import instrument

_HEAD = (
    "name: changed\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
    "execution: { fill_model: touch }\n"
    "position_policy: { mode: long_short }\n"
    "blocks:\n"
)
_BID = (
    "  - { id: in, cases: [{ when: not order_pending(bid), emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.6, size: 100 usdt, order_ref: bid,\n"
    "          stop_loss: close - 3, ttl_bars: 9 }}]}]}\n"
)
_OUT = (
    "  - { id: out, cases: [{ when: position_side == long and bars_since_entry >= 4, emit: [\n"
    "      { action: exit_long }]}]}\n"
)


def _amended(said: str) -> str:
    return (
        "  - { id: move, cases: [{ when: order_pending(bid) and close > open, emit: [\n"
        f"      {{ action: amend_order, metadata: {{ order_ref: bid, {said} }}}}]}}]}}\n"
    )


_FOLLOWED = (
    "  - { id: in, cases: [{ when: position_side == flat, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.2, size: 100 usdt, order_ref: bid,\n"
    "          stop_loss: close - 3, on_live_ref: replace }}]}]}\n"
    "  - { id: out, cases: [{ when: position_side == long, emit: [\n"
    "      { action: place_limit_exit_long, metadata: { price: close + 0.4, size_pct: 0.5, order_ref: out,\n"
    "          on_live_ref: replace }}]}]}\n"
)
_OF_ANOTHER_KIND = (
    "  - { id: in, cases: [{ when: close > open, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.5, size: 100 usdt, order_ref: one,\n"
    "          on_live_ref: replace }}]},\n"
    "      { when: close < open, emit: [\n"
    "      { action: place_stop_long, metadata: { trigger: close + 0.5, size: 80 usdt, order_ref: one,\n"
    "          on_live_ref: replace }}]}]}\n"
)
_NOT_IN_ITS_PLACE = (
    "  - { id: off, cases: [{ when: order_pending(bid) and close < open, emit: [\n"
    "      { action: place_stop_long, metadata: { trigger: close + 0.5, size: 80 usdt, order_ref: bid,\n"
    "          stop_loss: close + 9, on_live_ref: replace }}]}]}\n"
)
_CARDS = {
    "price": _BID + _amended("price: close - 0.2") + _OUT,
    "size": _BID + _amended("size: 150 usdt") + _OUT,
    "time": _BID + _amended("ttl_bars: 3") + _OUT,
    "stop": _BID + _amended("stop_loss: close - 1") + _OUT,
    "less": _BID + _amended("size: 0.001 usdt") + _OUT,
    "no_trigger": _BID + _amended("trigger: close + 1") + _OUT,
    "followed": _FOLLOWED,
    "not_in_its_place": _BID + _NOT_IN_ITS_PLACE + _OUT,
    "another_kind": _OF_ANOTHER_KIND + _OUT,
}


@pytest.mark.parametrize("name", _CARDS)
def test_a_working_order_is_changed_in_the_kernel_as_in_the_engine(
    name: str, kernels: Kernels
) -> None:
    for seed in range(3):
        outcome = compare(seed, 200, kernels, text=_HEAD + _CARDS[name])
        assert (outcome.difference, outcome.given_up) == ("", "")


@pytest.mark.parametrize("name", ["price", "followed"])
def test_a_working_order_is_changed_in_the_loop_in_python_too(name: str) -> None:
    outcome = compare(1, 120, InPython(), text=_HEAD + _CARDS[name])
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 3


@pytest.mark.parametrize("seed", range(8))
def test_cards_that_draw_from_all_words_come_to_the_same(seed: int, kernels: Kernels) -> None:
    assert not compare(seed, 200, kernels, text=busy_card(seed, is_full=True)).difference


def _bids(name: str, kernels: Kernels) -> tuple[list[OrderRow], list[OrderRow]]:
    """Return the bids of a card, and of the same card whose block changes nothing."""
    changed, as_it_was = _HEAD + _CARDS[name], _HEAD + _BID + _OUT
    made = (by_kernel(text, 1, kernels).orders for text in (changed, as_it_was))
    first, second = ([one for one in orders if one.order_ref == "bid"] for orders in made)
    return first, second


def test_a_change_of_price_size_or_time_is_one(kernels: Kernels) -> None:
    for name, field in (("price", "limit_price"), ("size", "quantity"), ("time", "end_bar")):
        changed, as_it_was = _bids(name, kernels)
        assert [getattr(one, field) for one in changed] != [
            getattr(one, field) for one in as_it_was
        ]


def test_what_cannot_be_changed_is_refused_in_the_words_of_the_engine(kernels: Kernels) -> None:
    text = _HEAD + _CARDS["no_trigger"]
    made = by_kernel(text, 1, kernels)
    assert {row.text for row in made.refusals if row.code == "not_amendable"} == {
        "the order has no trigger, or it was triggered"
    }
    program = compile_card(Source("card.yaml", text))
    record = run_backtest(program, data_of(program.graph, 1, 300), instrument(program.graph))
    assert len(record.refusals) == len(made.refusals) > 0


def test_a_placement_that_is_refused_leaves_the_order_of_its_ref(kernels: Kernels) -> None:
    made = by_kernel(_HEAD + _CARDS["not_in_its_place"], 1, kernels)
    assert "stop_on_wrong_side" in {row.code for row in made.refusals}
    assert "replaced" not in {one.reason for one in made.orders}


def test_of_a_changed_entry_only_what_it_grows_by_is_added(kernels: Kernels) -> None:
    text = (_HEAD + _CARDS["size"]).replace("max_leverage: 3", "max_position_usdt: 160")
    assert not compare(1, 200, kernels, text=text).difference
    sizes = [
        one.quantity * one.limit_price
        for one in by_kernel(text, 1, kernels).orders
        if one.limit_price
    ]
    assert max(sizes) > 140


def test_an_order_of_another_kind_takes_the_place_of_the_one_of_its_ref(kernels: Kernels) -> None:
    orders = by_kernel(_HEAD + _CARDS["another_kind"], 1, kernels).orders
    assert "replaced" in {one.reason for one in orders}
