"""Entries that come again after their exit: where, how often, and what ends it."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check
from runtime.orders.order_spec import OrderSpec, Side
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat, live

LOW: Row = (100, 100, 98, 100)
HIGH: Row = (100, 103, 100, 100)
_OUT = "{ action: place_limit_exit_long, metadata: { price: 102, size: fill, order_ref: out } }"


def dip(rearm: str = "true", *, price: str = "close - 1", **more: object) -> str:
    """Return a buy a point below the close, left at 102."""
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return (
        f"{{ action: place_limit_long, metadata: {{ price: {price}, size: 1 base, order_ref: dip{extra}, "
        f"rearm: {rearm}, on_fill: [{_OUT}] }} }}"
    )


def again(run: Run) -> list[tuple[int, float | None]]:
    """Return (bar of the close, price) of each buy that is called `dip`."""
    return [(s.created_bar, s.limit_price) for s in _called(run, "dip")]


def _called(run: Run, ref: str) -> list[OrderSpec]:
    return [spec for spec in run.specs if spec.order_ref == ref]


def rounds(count: int) -> list[Row]:
    """Return a first bar, then so many falls to 98 and rises to 103, then bars that do not move."""
    return [*flat(100.0, 1), *[LOW, HIGH] * count, *flat(100.0, 2)]


def test_an_entry_comes_again_at_its_first_price_at_the_close_of_its_exit() -> None:
    rows = [*flat(100.0, 1), LOW, (100, 103, 100, 102.5), *flat(102.5, 2)]
    assert again(live(at_bar(0, dip()), rows)) == [(0, 99.0), (2, 99.0)]


@pytest.mark.parametrize(("rearm", "placed"), [("true", 5), ("2", 3), ("1", 2), ("false", 1)])
def test_it_comes_again_as_often_as_the_card_says(rearm: str, placed: int) -> None:
    assert len(again(live(at_bar(0, dip(rearm)), rounds(4)))) == placed


def test_its_size_is_calculated_anew() -> None:
    blocks = at_bar(
        0, dip().replace("size: 1 base", 'size: "0.1 base if bar_index == 0 else 0.3 base"')
    )
    assert [s.quantity for s in _called(live(blocks, rounds(2)), "dip")] == [100, 300, 300]


def test_a_stop_that_closes_the_position_ends_it() -> None:
    rows = [*flat(100.0, 1), LOW, (100, 100, 90, 95), *[LOW, HIGH] * 2]
    run = live(at_bar(0, dip(stop_loss=95)), rows)
    assert again(run) == [(0, 99.0)]


def test_an_order_that_waited_while_a_stop_closed_the_position_does_not_come_again() -> None:
    """The second buy is placed before the stop of the first is reached, and fills after it."""
    rows = [*flat(100.0, 1), LOW, (98, 98, 94, 96), (96, 96, 90, 96), *[HIGH] * 2]
    blocks = at_bar(0, emit("place_limit_long", price=99, size="1 base", stop_loss=95))
    run = live(at_bar(0, dip(price="91"), block="late") + blocks, rows)
    assert [(s.order_ref, s.created_bar) for s in run.specs if s.order_ref] == [
        ("dip", 0),
        ("out", 3),
    ]
    assert run.ledger.position is None


@pytest.mark.parametrize(
    "cancel",
    [
        emit("cancel_order", order_ref="dip"),
        emit("cancel_all_orders", order_group="grid"),
        emit("cancel_all_orders", side="buy"),
        emit("cancel_all_orders"),
    ],
)
@pytest.mark.parametrize("bar", [0, 1, 2])
def test_a_cancel_that_names_the_entry_ends_it_while_only_its_exit_works(
    cancel: str, bar: int
) -> None:
    """At bar 0 the entry has just filled and asks for its exit, at bar 1 that works, at bar 2 it has just filled."""
    blocks = at_bar(0, dip(order_group="grid")) + at_bar(bar + 1, cancel, block="stop")
    rows = [*flat(100.0, 1), LOW, *flat(100.0, 1), HIGH, *[LOW, HIGH] * 2]
    run = live(blocks, rows)
    assert again(run) == [(0, 99.0)]
    assert len(_called(run, "out")) == 1  # what was bought is sold all the same
    assert run.refused == []


def test_a_cancel_of_another_ref_ends_nothing() -> None:
    blocks = at_bar(0, dip()) + at_bar(2, emit("cancel_order", order_ref="other"), block="stop")
    blocks += at_bar(9, emit("place_limit_long", price=50, size="1 base", order_ref="other"))
    rows = [*flat(100.0, 1), LOW, *flat(100.0, 1), HIGH, *flat(100.0, 2)]
    assert len(again(live(blocks, rows))) == 2


def test_a_limit_that_stood_meanwhile_ends_it_though_it_is_lifted() -> None:
    """The one trade of the day is made in bar 1; the next day begins with bar 3, the exit fills in bar 5."""
    limits = "limits: { max_trades_per_day: 1, day_starts: 00:03 }"
    rows = [*flat(100.0, 1), LOW, *flat(100.0, 3), HIGH, LOW, *flat(100.0, 1)]
    assert again(live(at_bar(0, dip()), rows, more=limits)) == [(0, 99.0)]


def test_an_entry_that_did_not_fill_whole_does_not_come_again() -> None:
    rows: list[Row] = [*flat(100.0, 1), (99, 99, 99, 99), *flat(100.0, 2), HIGH, *flat(100.0, 2)]
    text = card_text(at_bar(0, dip(ttl_bars=2).replace("1 base", "10 base")))
    run = Run(text.replace("fill_model: touch", "fill_model: volume_weighted"), rows)
    run.data.exec.volume[1] = 60.0
    run.live()
    assert run.ledger.position is None
    assert [s.order_ref for s in run.specs] == ["dip", "out"]


def test_each_order_of_a_ladder_comes_again_at_its_own_price() -> None:
    exit_ = _OUT.replace("price: 102", "price: rung_price + 2")
    ladder = dip(ladder="{ orders: 2, step: 1 }", stop_loss="rung_price - 10").replace(_OUT, exit_)
    rows = [*flat(100.0, 1), (100, 100, 97.5, 98), (98, 102, 98, 101.5), *flat(101.5, 2)]
    run = live(at_bar(0, ladder), rows)
    placed = [(s.order_ref, s.limit_price, s.created_bar) for s in run.specs]
    assert placed == [
        ("dip_1", 99.0, 0),
        ("dip_2", 98.0, 0),
        ("out_1", 101.0, 1),
        ("out_2", 100.0, 1),
        ("dip_1", 99.0, 2),
        ("dip_2", 98.0, 2),
    ]
    stops = [s.stop_loss.value for s in run.specs if s.stop_loss is not None]
    assert stops == [89.0, 88.0, 89.0, 88.0]


def test_the_blocks_of_that_close_know_that_it_is_due() -> None:
    asked = emit("place_limit_long", price=50, size="1 base", order_ref="asked")
    blocks = at_bar(0, dip()) + at_bar(2, asked).replace("== 2", "== 2 and order_due(dip)")
    assert [s.created_bar for s in _called(live(blocks, rounds(1)), "asked")] == [2]


@pytest.mark.parametrize("replayed", [1, 2, 3])
def test_a_replay_knows_what_comes_again(replayed: int) -> None:
    blocks = at_bar(0, dip("2"))
    whole = live(blocks, rounds(3))
    resumed = Run(card_text(blocks), rounds(3))
    for event in whole.events:
        if event.bar <= replayed:
            resumed.engine.apply(event)
    resumed.commands = [[]] * (replayed + 1)
    resumed.exchange.submit(whole.commands[replayed])
    resumed.live()
    later = [bar_price for bar_price in again(whole) if bar_price[0] > replayed]
    assert again(resumed) == later


def test_an_exit_without_a_ref_lets_its_entry_come_again_too() -> None:
    nameless = dip().replace(", order_ref: out", "")
    assert again(live(at_bar(0, nameless), rounds(2))) == [(0, 99.0), (2, 99.0), (4, 99.0)]


def test_of_several_exits_the_one_with_a_ref_lets_its_entry_come_again() -> None:
    """The first half leaves in bar 2 and brings nothing; the other, which has a ref, in bar 3."""
    half = _OUT.replace("size: fill", "size: 0.5 base")
    first = half.replace(", order_ref: out", "").replace("102", "101")
    blocks = at_bar(0, dip().replace(_OUT, f"{first}, {half}"))
    rows = [*flat(100.0, 1), LOW, (100, 101.5, 100, 101), (101, 103, 101, 102), *flat(102.0, 2)]
    assert again(live(blocks, rows)) == [(0, 99.0), (3, 99.0)]


@pytest.mark.parametrize(("ref", "refused"), [("", []), (", order_ref: out", ["duplicate_ref"])])
def test_a_grid_laid_anew_while_lots_are_held_gives_each_its_exit_where_that_has_no_ref(
    ref: str, refused: list[str]
) -> None:
    """A lot of the first laying waits at 102 while the first order of the second one fills and asks for its own exit."""
    out = _OUT.replace("price: 102", "price: rung_price + 3").replace(", order_ref: out", ref)
    laid = dip(ladder="{ orders: 2, step: 3 }").replace(_OUT, out)
    blocks = at_bar(0, laid) + at_bar(2, emit("cancel_order", order_ref="dip"), block="off")
    blocks += at_bar(3, laid, block="anew")
    lower: list[Row] = [(97, 97, 97, 97), (97, 97, 95.5, 96), *flat(96.0, 2)]
    run = live(blocks, [*flat(100.0, 1), LOW, *flat(97.0, 1), *lower])
    exits = [s.limit_price for s in run.specs if s.side is Side.SELL]
    assert exits == [102.0, 99.0][: 2 - len(refused)]
    assert run.refused == refused


@pytest.mark.parametrize(
    ("rearm", "code"), [("0", "IC110"), ("1001", "IC110"), ("bar_index", "IC110"), ("1000", "")]
)
def test_how_often_is_a_whole_constant(rearm: str, code: str) -> None:
    found = check(Source("c", card_text(at_bar(0, dip(rearm)))), lints=False)
    assert [d.code for d in found.diagnostics if d.code in ("IC110", "IC107")] == [code] * bool(
        code
    )
