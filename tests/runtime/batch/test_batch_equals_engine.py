"""The account kernel leaves what the readable engine leaves, digits and all."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.catalog.builtins import PER_LOSS
from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch import bars, booking, budgets
from runtime.batch.account_run import GivenUp, Kernels
from runtime.batch.backtest import attempt
from runtime.batch.machine_code import InPython, in_machine_code
from runtime.batch.supported import reasons
from runtime.batch.words import ACCOUNTS, LAYER_FIELDS
from runtime.market.data import MarketData
from tests.batch_equal import busy_cards, busy_words
from tests.batch_equal.busy_cards import busy_card
from tests.batch_equal.runs import compare, data_of
from tests.strategies.made_cards import instrument, market
from tests.strategies.runs import SMALL, frame

SEEDS = range(18)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_by_machine_code_is_that_of_the_engine(seed: int, kernels: Kernels) -> None:
    outcome = compare(seed, 250, kernels)
    assert not outcome.difference


@pytest.mark.parametrize("seed", [2, 3, 4, 8])
def test_a_run_by_the_loop_in_python_is_that_of_the_engine(seed: int) -> None:
    assert not compare(seed, 120, InPython()).difference


def test_most_busy_cards_are_run_here_and_trade(kernels: Kernels) -> None:
    made = [compare(seed, 120, kernels) for seed in range(2, 22) if seed % 6 > 1]
    run = [outcome for outcome in made if not outcome.given_up]
    assert len(run) > len(made) / 2
    assert sum(outcome.fills for outcome in run) > 10 * len(run)


@pytest.mark.parametrize(
    ("room", "name", "wrong"),
    [
        (bars, "expire", lambda *_: None),
        (booking, "set_liquidation", lambda *_: None),
        (budgets, "see_rest", lambda f, z, s: budgets.see_all(f)),
    ],
)
def test_a_kernel_that_forgets_something_is_seen(
    room: object, name: str, wrong: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runtime.batch import loop

    monkeypatch.setattr(room, name, wrong)
    if name == "expire":
        monkeypatch.setattr(loop, name, wrong)
    seeds = [seed for seed in range(2, 120) if seed % 6 > 1]
    if name == "set_liquidation":
        seeds = [seed for seed in seeds if "max_leverage: 50" in busy_card(seed)]
    assert any(compare(seed, 120, InPython()).difference for seed in seeds)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("max_daily_loss_pct: 0.3, on_breach: flatten, day_starts: '07:30'", "max_daily_loss_pct"),
        ("max_drawdown_pct: 3, on_breach: flatten", "max_drawdown_pct"),
        ("max_trades_per_day: 2", "max_trades_per_day"),
        ("max_losses_per_day: 2", "max_losses_per_day"),
        ("max_consecutive_losses: 2", "max_consecutive_losses"),
        ("cooldown_bars: 3", "cooldown_bars"),
    ],
)
def test_a_limit_stops_in_the_kernel_what_it_stops_in_the_engine(
    limits: str, code: str, kernels: Kernels
) -> None:
    text = (
        "name: limited\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000 }\n"
        f"position_policy: {{ mode: long_only }}\nlimits: {{ {limits} }}\n"
        "blocks:\n"
        "  - { id: in, cases: [{ when: close > open, emit: [\n"
        "      { action: entry_long, metadata: { size: 300 usdt } },\n"
        "      { action: place_limit_long, metadata: { price_offset_pct: -0.5, size: 100 usdt } }] }] }\n"
        "  - { id: out, cases: [{ when: close < position_high - 1 or close < position_low + 0.1,\n"
        "      emit: [exit_all] }] }\n"
    )
    outcome = compare(3, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 3
    program = compile_card(Source("card.yaml", text))
    data = data_of(program.graph, 3, 300)
    made = attempt(program, data, instrument(program.graph), market_stage(program, data), kernels)
    assert f"limit:{code}" in {row.code for row in made.refusals}
    cancelled = {order.reason for order in made.orders}
    assert f"limit:{code}" in cancelled


@pytest.mark.parametrize("seed", range(3))
def test_an_entry_turns_the_position_in_the_kernel_as_in_the_engine(
    seed: int, kernels: Kernels
) -> None:
    text = (
        "name: turned\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000, max_leverage: 3 }\n"
        "position_policy: { mode: long_short, allow_flip: true }\n"
        "risk_model: { stop_loss: { type: percent, value: 1 } }\n"
        "blocks:\n"
        "  - { id: up, cases: [{ when: close > open, emit: [\n"
        "      { action: entry_long, metadata: { size: 300 usdt } },\n"
        "      { action: place_limit_short, metadata: { price_offset_pct: 0.4, size: 200 usdt } }] }] }\n"
        "  - { id: down, cases: [{ when: close < open, emit: [\n"
        "      { action: entry_short, metadata: { size: 50% of equity } },\n"
        "      { action: place_stop_long, metadata: { trigger: close + 0.6, size: 200 usdt, ttl_bars: 4 } },\n"
        "      { action: place_stop_long, metadata: { trigger: close + 0.9, size: 100 usdt, ttl_bars: 9 } }] }] }\n"
    )
    outcome = compare(seed, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    program = compile_card(Source("card.yaml", text))
    data = data_of(program.graph, seed, 300)
    made = attempt(program, data, instrument(program.graph), market_stage(program, data), kernels)
    assert "flip" in {trade.exit_reason for trade in made.trades}
    assert "a resting order turns the position already" in {row.text for row in made.refusals}


def test_the_rest_of_a_position_is_what_no_exit_takes_in_the_kernel_too(kernels: Kernels) -> None:
    text = (
        "name: rest\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000 }\n"
        "blocks: [{ id: a, cases: [{ when: position_side == flat and close > open, emit: [\n"
        "  { action: entry_long, metadata: { size: 300 usdt } }] },\n"
        "  { when: position_side == long and pending_order_count == 0, emit: [\n"
        "  { action: place_limit_exit_long, metadata: { price_offset_pct: 0.3, size: 40% of position } },\n"
        "  { action: place_limit_exit_long, metadata: { price_offset_pct: 0.6, size: rest of position } },\n"
        "  { action: place_limit_exit_long, metadata: { price_offset_pct: 0.9, size: rest of position } }] }] }]\n"
    )
    outcome = compare(3, 300, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 5


def test_a_size_that_holds_a_risk_is_worked_out_in_the_kernel(kernels: Kernels) -> None:
    text = (
        "name: sized\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 1000 }\n"
        "risk_model: { stop_loss: { type: percent, value: 2 } }\n"
        "blocks: [{ id: in, cases: [{ when: position_side == flat and close > open,\n"
        "  emit: [{ action: entry_long, metadata: { size: 'min(risk 1%, 260 usdt)' } }] }] }]\n"
    )
    outcome = compare(3, 200, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    assert outcome.fills > 2


def test_what_is_not_known_is_said_and_not_tried(kernels: Kernels) -> None:
    text = busy_card(7).replace("execution: {", "execution: { magnify_tf: 1m,")
    text = re.sub("intrabar: [a-z]+", "intrabar: magnify", text)
    program = compile_card(Source("card.yaml", text))
    data = market(program.graph, 3, 60)
    data.funding = None
    assert reasons(program, data) == ["`execution.intrabar: magnify`"]
    with pytest.raises(GivenUp, match="magnify"):
        attempt(program, data, instrument(program.graph), market_stage(program, data), kernels)


def test_a_position_is_closed_at_the_end_on_a_bar_that_nobody_traded() -> None:
    text = (
        "name: last\nsymbol: TESTUSDT\ntf: 1m\n"
        "execution: { fill_model: queue, close_at_end: true }\n"
        "blocks: [{ id: a, cases: [{ when: bar_index == 1, "
        "emit: [{ action: entry_long, metadata: { size: 100 usdt } }] }] }]\n"
    )
    program = compile_card(Source("card.yaml", text))
    bars_ = frame([(100.0, 100.0, 100.0, 100.0)] * 4)
    bars_.volume[-1] = 0.0
    data = MarketData(exec=bars_)
    record = run_backtest(program, data, replace(SMALL))
    assert record.trades[0].at_end
    made = attempt(program, data, SMALL, market_stage(program, data), in_machine_code())
    assert repr(made.fills) == repr(record.fills)


def test_an_exit_that_rests_from_an_earlier_bar_leaves_less_to_the_next(kernels: Kernels) -> None:
    text = (
        "name: shared\nsymbol: TESTUSDT\ntf: 1m\n"
        "position_policy: { allow_scale_out: true }\n"
        "blocks:\n"
        "  - { id: in, cases: [{ when: bar_index == 1, emit: [\n"
        "      { action: entry_long, metadata: { size: 100 usdt } }] }] }\n"
        "  - { id: first, cases: [{ when: bar_index == 3, emit: [\n"
        "      { action: place_limit_exit_long, metadata: { price: 105, size: 60% of position } }] }] }\n"
        "  - { id: next, cases: [{ when: bar_index == 4, emit: [\n"
        "      { action: place_limit_exit_long, metadata: { price: 106, size: 60% of position } }] }] }\n"
    )
    program = compile_card(Source("card.yaml", text))
    quiet, jump = (100.0, 101.0, 99.0, 100.0), (100.0, 110.0, 99.0, 109.0)
    data = MarketData(exec=frame([quiet] * 7 + [jump] * 2))
    record = run_backtest(program, data, replace(SMALL))
    entered, first, rest = (fill.quantity for fill in record.fills)
    assert (first, rest) == (entered * 3 / 5, entered * 2 / 5)
    made = attempt(program, data, SMALL, market_stage(program, data), kernels)
    assert repr(made.fills) == repr(record.fills)
    assert repr(made.orders) == repr(record.orders)
    assert [remark.text for remark in record.remarks] == [
        "0.6 to 0.4: other exits leave 0.4 of 0.6"
    ]
    assert repr(made.remarks) == repr([replace(remark, line=0) for remark in record.remarks])


def test_what_the_fund_bears_of_an_exit_beyond_bankruptcy_is_counted_alike(
    kernels: Kernels,
) -> None:
    """10 at 100 under 10x, stop 95, the jump ends at 80: bankruptcy at 90, the fund bears 10 each."""
    text = (
        "name: fund\nsymbol: TESTUSDT\ntf: 1m\n"
        "account: { max_leverage: 10, slippage_bps: 0 }\n"
        "blocks: [{ id: a, cases: [{ when: bar_index == 0, emit: "
        "[{ action: entry_long, metadata: { size: 10 base, stop_loss: 95 } }] }] }]\n"
    )
    program = compile_card(Source("card.yaml", text))
    data = MarketData(exec=frame([(100.0, 100.0, 100.0, 100.0)] * 2 + [(80.0, 80.0, 80.0, 80.0)]))
    record = run_backtest(program, data, replace(SMALL))
    made = attempt(program, data, SMALL, market_stage(program, data), kernels)
    assert (made.matching.bounded_by_bankruptcy, made.matching.borne_by_the_fund_usdt) == (1, 100.0)
    assert repr(made.matching) == repr(record.matching)


def test_the_made_up_cards_ask_for_every_value_of_the_account_that_the_kernel_knows() -> None:
    """A value that no list of words has is compared by nobody, however many cards are run."""
    lists = (Path(busy_cards.__file__), Path(busy_words.__file__))
    drawn = set(re.findall(r"[a-z_]+", " ".join(path.read_text() for path in lists)))
    layers = {f"position_layer__{field}" for field in LAYER_FIELDS}
    assert layers <= {re.sub(r"\d|\{layer\}", "", name) for name in _layers_of(lists)}
    assert set(ACCOUNTS) - {PER_LOSS} <= drawn


def _layers_of(lists: tuple[Path, ...]) -> set[str]:
    found = (
        re.findall(r"position_layer_(?:\d|\{layer\})_[a-z_]+", path.read_text()) for path in lists
    )
    return {name for names in found for name in names}
