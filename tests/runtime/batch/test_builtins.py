"""What a card reads of its day and of its market is in the account kernel what the readable engine says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler.catalog.builtins import BUILTINS, MOST_TRADES
from compiler.catalog.limits import Limit
from compiler.catalog.types import Stage
from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.batch import layout
from runtime.batch.account_run import Kernels
from runtime.batch.machine_code import InPython
from runtime.batch.supported import reasons
from runtime.batch.words import ACCOUNTS
from tests.batch_equal.runs import by_kernel, compare
from tests.strategies.made_cards import market

README = Path(__file__).parents[3] / "runtime" / "batch" / "README.md"
CARD = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000 }\n"
    "execution: { fill_model: touch }\n"
    "limits: { day_starts: 05:00 }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: position_side == flat and losses_today < 2, emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt, stop_loss: low - 2 ticks }}]}]}\n"
    "  - { id: out, cases: [{ when: 'position_side == long and close > high[1] + tick', emit: [exit_all] }]}\n"
)


FUNDED = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000 }\n"
    "execution: { fill_model: touch }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: position_side == flat and fundings_since_entry == 0, emit: [\n"
    "      { action: entry_long, metadata: { size: 100 usdt }}]}]}\n"
    "  - { id: out, cases: [{ when: position_side == long and fundings_since_entry >= 2, emit: [exit_all] }]}\n"
)
IN_RISK = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 20000 }\n"
    "execution: { fill_model: volume_weighted }\n"
    "blocks:\n"
    "  - { id: in, cases: [\n"
    "      { when: position_side == flat and pending_order_count == 0 and (last_trade_r is missing or last_trade_r > -0.8),\n"
    "      emit: [{ action: place_limit_long, metadata: { price: close - 0.1, size: 9000 usdt, ttl_bars: 2,\n"
    "          stop_loss: close - 1 }}]},\n"
    "      { when: 'position_side == flat and last_trade_r <= -0.8', emit: [\n"
    "      { action: entry_long, metadata: { size: 300 usdt, stop_loss: close - 2 }}]}]}\n"
    "  - { id: out, cases: [{ when: 'position_side == long and close > high[1] + tick', emit: [exit_all] }]}\n"
)


@pytest.mark.parametrize("seed", range(3))
def test_a_trade_in_units_of_its_risk_is_in_the_kernel_what_it_is_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=IN_RISK)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert "place_limit_long" in outcome.reasons


@pytest.mark.parametrize("seed", range(3))
def test_losses_of_the_day_stop_entries_in_the_kernel_as_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=CARD)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 20  # on some days: the losses of all days stop for good after two


@pytest.mark.parametrize("seed", [3, 17])
def test_fundings_since_the_entry_are_in_the_kernel_what_they_are_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=FUNDED)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.reasons.count("exit_all") >= 4


def test_losses_of_the_day_are_counted_by_the_loop_in_python_too() -> None:
    outcome = compare(1, 150, InPython(), text=CARD)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 10


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("times", [4, 5])
def test_numbers_of_the_last_times_are_in_the_kernel_what_they_are_in_the_engine(
    seed: int, times: int, kernels: Kernels
) -> None:
    flat = "position_side == flat"
    mean, median = (f"{word}_when({flat}, equity, {times})" for word in ("mean", "median"))
    high, low = (f"{word}_when({flat}, close, {times})" for word in ("highest", "lowest"))
    asked = f"({mean} >= {median} or {mean} is missing) and ({high} > {low} or {high} is missing)"
    text = CARD.replace(f"{flat} and losses_today < 2", f'"{flat} and {asked}"')
    outcome = compare(seed, 200, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 5


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "figure",
    [
        "20 usdt + 100 usdt * (win_rate(3) ?? 0.1)",
        "40 usdt + (avg_win(2) ?? 9 usdt) * 20",
        "40 usdt + (avg_loss(4) ?? 8 usdt) * 20",
        "90 usdt + (avg_trade(3) ?? 2 usdt) * 20",
    ],
)
def test_figures_of_the_last_trades_are_in_the_kernel_what_they_are_in_the_engine(
    figure: str, seed: int, kernels: Kernels
) -> None:
    text = CARD.replace("losses_today < 2", "close > low").replace(
        "size: 100 usdt", f"size: {figure}"
    )
    outcome = compare(seed, 200, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 20


LAYERED = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000 }\n"
    "execution: { fill_model: touch }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: position_layers < 3 and pending_order_count == 0, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.3, size: 50 usdt, order_group: a, order_ref: deep }},\n"
    "      { action: place_limit_long, metadata: { price: close - 0.1, size: 40 usdt, order_ref: high_one, ttl_bars: 2 }},\n"
    "      { action: entry_long, metadata: { size: 30 usdt } }]}]}\n"
    "  - { id: first, cases: [\n"
    "      { when: position_layer_0_ref == high_one and close > position_layer_0_entry, emit: [\n"
    "      { action: exit_long, metadata: { size_pct: 0.4 } }]},\n"
    "      { when: position_layer_0_ref == deep, emit: [exit_all] },\n"
    "      { when: position_layer_0_ref is missing and position_layers > 1, emit: [\n"
    "      { action: exit_long, metadata: { size_pct: 0.5, method: fifo } }]}]}\n"
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_the_ref_of_a_layer_is_in_the_kernel_what_it_is_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 200, kernels, text=LAYERED)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert {"exit_long", "exit_all"} <= set(outcome.reasons)


IN_PARTS = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 90000, max_leverage: 5 }\n"
    "execution: { fill_model: volume_weighted }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: not order_pending(dip) and position_layers < 4, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.3, size: 9000 usdt, order_ref: dip, ttl_bars: 4 }}]}]}\n"
    "  - { id: more, cases: [{ when: order_filled_pct(dip) > 0 and order_filled_pct(dip) < 0.6, emit: [\n"
    "      { action: amend_order, metadata: { order_ref: dip, price: close - 0.1, size: 7000 usdt }}]}]}\n"
    "  - { id: out, cases: [\n"
    "      { when: not order_pending(dip) and order_filled_pct(dip) >= 1, emit: [\n"
    "      { action: exit_long, metadata: { size_pct: 0.5 }}]},\n"
    "      { when: not order_pending(dip) and order_filled_pct(dip) > 0.02, emit: [exit_all] },\n"
    "      { when: order_filled_pct(dip) is missing, emit: [\n"
    "      { action: entry_long, metadata: { size: 30 usdt }}]}]}\n"
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_filled_part_of_an_order_is_in_the_kernel_what_it_is_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=IN_PARTS)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert {"entry_long", "exit_long", "exit_all", "place_limit_long"} <= set(outcome.reasons)


CENTRED = (
    "name: read\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 90000, max_leverage: 5 }\n"
    "execution: { fill_model: volume_weighted }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: order_price(dip) is missing and position_layers < 3, emit: [\n"
    "      { action: place_limit_long, metadata: { price: close - 0.3, size: 4000 usdt, order_ref: dip }}]},\n"
    "      { when: close > order_price(dip) + 0.6, emit: [\n"
    "      { action: amend_order, metadata: { order_ref: dip, price: order_price(dip) + 0.4 }}]}]}\n"
    "  - { id: up, cases: [{ when: order_price(up) is missing and position_layers < 5, emit: [\n"
    "      { action: place_stop_long, metadata: { trigger: close + 0.3, limit_price: close, size: 900 usdt, order_ref: up }}]},\n"
    "      { when: close > order_price(up) + 0.05, emit: [{ action: cancel_order, metadata: { order_ref: up }}]}]}\n"
    "  - { id: out, cases: [{ when: position_layers > 2, emit: [exit_all] }]}\n"
)  # fmt: skip


@pytest.mark.parametrize("seed", [0, 1, 3])
def test_the_price_of_an_order_is_in_the_kernel_what_it_is_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    outcome = compare(seed, 300, kernels, text=CENTRED)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert {"place_limit_long", "place_stop_long", "exit_all"} <= set(outcome.reasons)


def test_as_many_trades_are_kept_as_a_card_may_ask_for_and_a_tried_way_may_end() -> None:
    assert layout.MOST_NETS >= MOST_TRADES + 2 * layout.MOST_ORDERS


def test_the_builtins_that_fall_back_are_the_ones_the_readme_names() -> None:
    told = README.read_text().split("## What falls back")[1].split("During a run")[0]
    ours = {name for name, row in BUILTINS.items() if row.stage is Stage.ACCOUNT}
    missing = {name for name in ours - set(ACCOUNTS) if not name.startswith("position_layer_")}
    assert missing == set(re.findall(r"`([a-z_]+)`", told)) & ours


def test_an_expression_of_which_too_much_waits_at_once_falls_back_and_that_is_said() -> None:
    nested = "median_when(position_side == flat, equity, 50)"
    for _ in range(51):
        nested = f"(equity - {nested})"
    text = CARD.replace("position_side == flat and losses_today < 2", f'"{nested} > 0 usdt"')
    program = compile_card(Source("x", text))
    found = reasons(program, market(program.graph, 1, 20))
    assert found == ["an expression of which more than 100 operands wait at once"]


def test_each_limit_of_a_card_has_its_place_before_the_working_orders() -> None:
    assert len(Limit) + layout.HITS <= layout.WORK


TOO_LITTLE = (
    "name: little\nsymbol: TESTUSDT\ntf: 1h\n"
    "account: { starting_equity_usdt: 1000 }\n"
    "blocks:\n"
    "  - { id: in, cases: [{ when: close > open, emit: [\n"
    "      { action: entry_long, metadata: { size: 'max(0, close / open - 1.005) * 0.00001 * equity' }}]}]}\n"
)


def test_a_size_of_nothing_is_told_in_the_kernel_as_in_the_engine(kernels: Kernels) -> None:
    """Both say what was asked for, before it was rounded down to whole lots."""
    outcome = compare(1, 120, kernels, text=TOO_LITTLE)
    assert (outcome.difference, outcome.given_up) == ("", "")
    texts = {row.text for row in by_kernel(TOO_LITTLE, 1, kernels).refusals}
    assert any(text.startswith("the size is 0, ") for text in texts)
    assert any(text.endswith(" is below the minimum of 0.001") for text in texts)
