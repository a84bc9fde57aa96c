"""Limits of a card: judged at closes, they stop entries and nothing else, and are lifted when they say."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.serde import graph_from_json, graph_to_json
from compiler.pipeline import check
from runtime.account.builtins import read
from runtime.account.ledger import Ledger
from runtime.orders.events import BalanceAdjusted
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat, frame, live


def limited(blocks: str, rows: list[Row], limits: str, **settings: str) -> Run:
    return live(blocks, rows, more=f"limits: {{ {limits} }}", **settings)


def falling(*closes: float) -> list[Row]:
    """Return bars that open at the last close and fall to theirs."""
    rows, before = [], 100.0
    for close in closes:
        rows.append((before, max(before, close), min(before, close), close))
        before = close
    return rows


IN = at_bar(0, emit("entry_long", size="10 base", order_ref="in"), block="open")
MORE = emit("entry_long", size="1 base", order_ref="more")


@pytest.mark.parametrize(("close", "refused"), [(70.0, True), (70.1, False)])
def test_a_loss_of_exactly_the_limit_reaches_it(close: float, refused: bool) -> None:
    """10 at 100, equity 10,000: a close at 70 is 300, 3 %; at 70.1 it is less."""
    run = limited(IN + at_bar(1, MORE), falling(100, close, close), "max_daily_loss_pct: 3")
    assert run.refused == (["limit:max_daily_loss_pct"] if refused else [])


def test_what_was_reached_stands_until_the_day_ends_though_the_loss_is_gone() -> None:
    rows = falling(100, 60, 110, 110)
    run = limited(IN + at_bar(2, MORE), rows, "max_daily_loss_pct: 3")
    assert run.refused == ["limit:max_daily_loss_pct"]


def test_a_limit_sends_entries_away_and_lets_stops_targets_and_exits_stay() -> None:
    blocks = at_bar(
        0,
        emit("entry_long", size="10 base", order_ref="in", stop_loss=50.0, take_profit=130.0),
        emit("place_limit_long", price=65.0, size="1 base", order_ref="low"),
    )
    blocks += at_bar(1, emit("place_limit_exit_long", price=120.0, size="4 base", order_ref="out"))
    run = limited(blocks, falling(100, 100, 70, 70, 70), "max_daily_loss_pct: 3")
    assert {o.spec.order_ref or o.spec.role.value for o in run.ledger.book} == {
        "out", "stop_loss", "take_profit",
    }  # fmt: skip
    assert [o.reason for o in run.ledger.orders.values() if o.spec.order_ref == "low"] == [
        "limit:max_daily_loss_pct"
    ]


def test_flatten_also_closes_what_filled_before_its_close_saw_it() -> None:
    """A resting entry fills within the bar whose close reaches the limit: one exit takes all."""
    low = emit("place_limit_long", price=80.0, size="5 base", order_ref="low")
    run = limited(
        IN + at_bar(0, low),
        falling(100, 100, 60, 60, 60),
        "max_daily_loss_pct: 3, on_breach: flatten",
    )
    exits = [o for o in run.ledger.orders.values() if o.filled and o.spec.reduce_only]
    assert [(o.filled, o.spec.reason) for o in exits] == [(15_000, "limit:max_daily_loss_pct")]
    assert run.ledger.position is None


def test_only_daily_loss_and_drawdown_close_a_position() -> None:
    limits = "max_drawdown_pct: 50, max_trades_per_day: 1, on_breach: flatten"
    run = limited(IN, falling(100, 100, 90, 90), limits)
    assert run.ledger.position is not None


def test_a_pause_counts_the_closes_after_that_of_the_exit() -> None:
    """Out within bar 3: none at the closes of 3, 4 and 5, one at that of 6."""
    blocks = IN + at_bar(2, "exit_all")
    blocks += "".join(at_bar(bar, MORE, block="again") for bar in range(3, 7))
    run = limited(blocks, flat(100.0, 9), "cooldown_bars: 2")
    assert run.refused == ["limit:cooldown_bars"] * 3
    assert run.ledger.position is not None


def test_an_addition_by_adjust_size_is_an_entry_too() -> None:
    blocks = IN + at_bar(1, emit("adjust_size", size="12 base"))
    blocks += at_bar(2, emit("adjust_size", size="5 base"))
    run = limited(blocks, flat(100.0, 6), "max_trades_per_day: 1")
    assert run.refused == ["limit:max_trades_per_day"]
    assert run.ledger.position is not None
    assert run.ledger.position.quantity == 5_000


def test_a_drawdown_is_measured_from_the_highest_close_and_never_lifted() -> None:
    """10 at 100: the peak is 12,000 at 300; 2,100 lost of it is 17.5 %."""
    rows = [*falling(100, 300, 90), *flat(90.0, 2), *flat(400.0, 3)]
    run = limited(IN + at_bar(6, MORE), rows, "max_drawdown_pct: 17.5")
    assert run.refused == ["limit:max_drawdown_pct"]
    assert limited(IN + at_bar(6, MORE), rows, "max_drawdown_pct: 17.6").refused == []


def test_a_transfer_is_neither_loss_nor_profit() -> None:
    text = card_text(IN + at_bar(2, MORE), more="limits: { max_daily_loss_pct: 3 }")
    run = Run(text, flat(100.0, 5)).live(2)
    run.engine.apply(
        BalanceAdjusted(amount=-5_000.0, bar=1, ts=60_000, why="transfer", transfer_id="t")
    )
    assert run.live().refused == []


def test_limits_act_on_closes_on_which_no_block_asks_for_anything() -> None:
    """No block is true after the first close: the limit is judged all the same, and quiet bars are seen."""
    rows = [*falling(100, 100), *[(100.0, 100.0, 60.0, 60.0)], *flat(60.0, 40)]
    run = limited(IN, rows, "max_daily_loss_pct: 3, on_breach: flatten")
    assert run.ledger.position is None


def test_events_alone_restore_what_stands() -> None:
    text = card_text(IN + at_bar(1, MORE), more="limits: { max_daily_loss_pct: 3 }")
    run = Run(text, falling(100, 60, 60, 60)).live()
    again = Ledger(run.ledger.instrument, run.ledger.settings)
    again.follow(frame([]).interval_ms)
    for event in run.events:
        again.apply(event)
    assert again.state() == run.ledger.state()
    assert read(again, "limit_hit") == 1.0
    assert read(again, "entries_allowed") == 0.0


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ("on_breach: flatten, cooldown_bars: 4", "IC115"),
        ("max_daily_loss_pct: 0.03", "IC307"),
        ("max_daily_loss_pct: 130", "IC110"),
        ("max_trades_per_day: 1.5", "IC110"),
        ("day_starts: 25:00", "IC110"),
        ("max_daily_loss: 3", "IC107"),
        ("max_daily_loss_pct: close / 100", "IC110"),
    ],
)
def test_limits_that_make_no_sense_are_found(limits: str, code: str) -> None:
    text = card_text(IN, more=f"limits: {{ {limits} }}")
    assert code in [d.code for d in check(Source("t", text)).diagnostics]


def test_a_card_with_limits_has_them_in_its_graph_and_one_without_has_the_hash_it_had() -> None:
    for more in ("", "limits: { cooldown_bars: 3, day_starts: 08:00 }"):
        graph = check(Source("t", card_text(IN, more=more))).graph
        assert graph is not None
        data = graph_to_json(graph)
        assert ("limits" in data["settings"]) is bool(more)
        assert graph_from_json(data).settings == graph.settings
