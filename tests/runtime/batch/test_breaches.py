"""What breaks the promises of a card is counted by the account kernel as by the readable engine."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Kernels
from runtime.batch.backtest import attempt
from runtime.batch.supported import reasons
from runtime.market.data import MarketData
from runtime.records.rows import PromiseRow
from tests.batch_equal.runs import by_kernel, compare
from tests.strategies.runs import SMALL, Row, at_bar, card_text, emit, flat, frame

BUY = emit("entry_long", size="1 base")
HELD = at_bar(0, BUY) + at_bar(4, "exit_all")  # bought at the open of bar 1, sold at that of bar 5
REST = emit("place_limit_long", price=99, size="1 base")
TURN = (
    "name: turn\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 20000, max_leverage: 5 }\n"
    "position_policy: { mode: long_short, allow_flip: true }\n"
    "invariants: [never_average_up, { flat_after_bars: 4 }, { no_entry_while: close > open }]\n"
    "blocks:\n"
    "  - { id: up, cases: [{ when: 'close > close[3]', emit: [\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.2, size: 300 usdt } },\n"
    "      { action: place_stop_short, metadata: { trigger: close - 0.6, size: 200 usdt, ttl_bars: 4 } }] }] }\n"
    "  - { id: down, cases: [{ when: 'close < close[2]', emit: [\n"
    "      { action: place_stop_long, metadata: { trigger: close + 0.4, size: 150 usdt, ttl_bars: 5 } },\n"
    "      { action: place_limit_exit_long, metadata: { price_offset_pct: 0.3, size_pct: 0.5 } }] }] }\n"
)


def both(blocks: str, promise: str, rows: list[Row], kernels: Kernels) -> list[PromiseRow]:
    """Return what the kernel counts, which is what the readable engine counts."""
    source = Source("card.yaml", card_text(blocks, more=f"invariants: [{promise}]"))
    program = compile_card(source)
    data = MarketData(exec=frame(rows))
    record = run_backtest(program, data, SMALL, source=source)
    made = attempt(
        program, data, SMALL, market_stage(program, data), kernels, source=source
    ).promises
    assert repr(made) == repr(record.promises)
    return made


@pytest.mark.parametrize(
    ("promise", "blocks", "rows", "found"),
    [
        # at the closes of bars 1 2 3 4 it is 0 1 2 3 bars old
        ("{ flat_after_bars: 1 }", HELD, flat(100, 8), (1, 2, [3])),
        # bought for 100, the next at the open of bar 3, 3 above the close that asked for it
        ("never_average_up", at_bar(0, BUY) + at_bar(2, BUY),
         [*flat(100, 3), (103, 103, 103, 103)], (1, 1, [3])),
        ("{ max_notional_usdt: 100 }", at_bar(0, BUY), [*flat(100, 1), *flat(103, 3)], (1, 3, [1])),
        # true at the close before the fill, after a long rest
        ("{ no_entry_while: close > 101 }", at_bar(0, REST),
         [*flat(100, 40), *flat(102, 1), *flat(98, 2)], (1, 1, [41])),
        ("{ no_entry_while: close > 101 }", at_bar(2, REST),
         [*flat(102, 2), *flat(100, 1), *flat(98, 2)], (0, 0, [])),
        ("always_protected", HELD, flat(100, 6), (0, 0, [])),
        # a condition that the market makes false while the position is open
        ("position_side == flat or close > 101", HELD, [*flat(102, 2), *flat(100, 6)], (1, 3, [2])),
        # long after all is closed, where bars pass by
        ("close > 101", HELD, [*flat(102, 8), *flat(100, 40)], (1, 40, [8])),
    ],
)  # fmt: skip
def test_what_fills_time_and_the_market_break_is_counted_in_the_kernel(
    promise: str, blocks: str, rows: list[Row], found: tuple[int, int, list[int]], kernels: Kernels
) -> None:
    (row,) = both(blocks, promise, rows, kernels)
    assert (row.times, row.closes, [one.bar for one in row.first]) == found


def test_where_nobody_knows_a_condition_is_counted_in_the_kernel(kernels: Kernels) -> None:
    """Flat at the closes of bars 0 and 5 to 9; what is unknown refuses no entry."""
    (row,) = both(HELD, "position_unrealized_pct > -1", flat(100, 10), kernels)
    assert (row.times, row.closes, row.unknown) == (0, 0, 6)


TRIED = (
    "name: tried\nsymbol: TESTUSDT\ntf: 1h\naccount: { starting_equity_usdt: 20000, max_leverage: 5 }\n"
    "position_policy: { mode: long_short, allow_flip: true }\n"
    "execution: { fill_model: touch }\n"
    "invariants: [CONDITION]\n"
    "blocks:\n"
    "  - { id: up, cases: [{ when: 'close > close[3]', emit: [\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.2, size: 300 usdt, order_ref: dip } },\n"
    "      { action: place_limit_long, metadata: { price_offset_pct: -0.3, size: 200 usdt, ttl_bars: 3 } },\n"
    "      { action: place_stop_short, metadata: { trigger: close - 0.6, size: 200 usdt, ttl_bars: 4 } }] }] }\n"
    "  - { id: more, cases: [{ when: 'order_pending(dip) and close < close[1]', emit: [\n"
    "      { action: amend_order, metadata: { order_ref: dip, size: 700 usdt } },\n"
    "      { action: adjust_size, metadata: { side: long, size: 250 usdt } }] }] }\n"
    "  - { id: out, cases: [{ when: bars_since_entry > 6, emit: [exit_all] }] }\n"
)


@pytest.mark.parametrize(
    "condition",
    [
        "pending_limit_buy_count < 2",
        "pending_stop_sell_count == 0 or position_side == flat",
        "pending_order_count <= 3",
        "position_layers <= 1",
        "position_side != short",
        "position_size_usdt <= 520 usdt",
        "position_qty < 6",
        "remaining_position_capacity > 99500 usdt",
    ],
)
def test_what_an_entry_would_make_of_the_account_is_tried_in_the_kernel_as_in_the_engine(
    condition: str, kernels: Kernels
) -> None:
    text = TRIED.replace("CONDITION", f'"{condition}"')
    outcome = compare(3, 200, kernels, text=text)
    assert (outcome.difference, outcome.given_up) == ("", "")
    refused = [row for row in by_kernel(text, 3, kernels, 200).refusals if "condition" in row.code]
    assert refused
    assert outcome.fills > 5


def test_only_the_way_through_a_bar_that_was_taken_breaks_a_promise(kernels: Kernels) -> None:
    """A card whose bars are contested: ways that were only tried leave no breach."""
    outcome = compare(3, 300, kernels, text=TURN)
    assert (outcome.difference, outcome.given_up) == ("", "")
    record = by_kernel(TURN, 3, kernels)
    assert record.ambiguity.bars
    assert [row.name for row in record.promises if row.times] == [
        "never_average_up",
        "flat_after_bars",
        "no_entry_while",
    ]


def test_more_promises_than_a_number_has_bits_fall_back_and_that_is_said() -> None:
    many = ", ".join(f"{{ no_entry_while: close > {100 + i} }}" for i in range(61))
    program = compile_card(Source("card.yaml", card_text(HELD, more=f"invariants: [{many}]")))
    assert reasons(program, MarketData(exec=frame(flat(100, 8)))) == ["more than 60 `invariants`"]


def test_the_rest_of_an_order_averages_nothing_up_in_the_kernel(kernels: Kernels) -> None:
    """Some of 10 at 99, 10 more at 98, then the rest at 98.5: above the average, of a layer that is there."""
    rest, more = (
        emit("place_limit_long", price=99, size="10 base"),
        emit("entry_long", size="10 base"),
    )
    text = card_text(
        at_bar(0, rest) + at_bar(1, more), more="invariants: [never_average_up]"
    ).replace("touch", "volume_weighted")
    program = compile_card(Source("card.yaml", text))
    data = MarketData(exec=frame([*flat(100, 1), *flat(99, 1), *flat(98, 1), *flat(98.5, 2)]))
    data.exec.volume[1:] = array("d", [60.0, 1.0, 10_000.0, 10_000.0])
    record = run_backtest(program, data, SMALL)
    made = attempt(program, data, SMALL, market_stage(program, data), kernels)
    late = [fill for fill in made.fills if fill.price == 98.5]
    assert [fill.order_id for fill in late] == [made.fills[0].order_id]
    assert [(row.times, row.closes) for row in made.promises] == [(0, 0)]
    assert repr(made.fills) == repr(record.fills)
    assert repr(made.promises) == repr([replace(row, line=0) for row in record.promises])
