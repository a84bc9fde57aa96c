"""`on_fill` speaks once, at the close at which its order ends with lots filled."""

from __future__ import annotations

import pytest

from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat, live

TOUCHED: Row = (99, 99, 99, 99)


def asking(size: str = "10 base", **more: object) -> str:
    """Return a limit at 99 whose fill asks for an exit at 103."""
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return (
        f"{{ action: place_limit_long, metadata: {{ price: 99, size: {size}, order_ref: in{extra}, "
        "on_fill: [{ action: place_limit_exit_long, metadata: { price: 103, order_ref: out }}] }}"
    )


def partly(*blocks: str) -> Run:
    """Live through ten bars; bar 2 fills 6 at 99."""
    rows: list[Row] = [*flat(100.0, 2), TOUCHED, *flat(100.0, 7)]
    text = card_text("".join(blocks)).replace("fill_model: touch", "fill_model: volume_weighted")
    run = Run(text, rows)
    run.data.exec.volume[2] = 120.0
    return run.live()


def asked(run: Run) -> list[tuple[int, int]]:
    """Return (bar, lots) of the exits that fills asked for."""
    return [(s.created_bar, s.quantity) for s in run.specs if s.order_ref == "out"]


def test_an_order_that_expires_partly_filled_asks_at_the_close_of_its_end() -> None:
    """Buy 10, ttl 3, 6 filled, expired at the close of bar 3: the exit is asked for there, of 6."""
    run = partly(at_bar(0, asking(ttl_bars=3)))
    order = run.ledger.orders["o1"]
    assert (order.filled, order.status.value, order.end_bar) == (6_000, "expired", 3)
    assert asked(run) == [(3, 6_000)]


def test_a_cancel_that_arrives_asks_at_the_close_after_it() -> None:
    run = partly(at_bar(0, asking()), at_bar(4, emit("cancel_order", order_ref="in")))
    assert run.ledger.orders["o1"].end_bar == 5
    assert asked(run) == [(5, 6_000)]


def test_while_it_works_it_asks_for_nothing() -> None:
    assert asked(partly(at_bar(0, asking()))) == []


def test_an_order_that_ends_without_a_fill_asks_for_nothing() -> None:
    assert asked(live(at_bar(0, asking(ttl_bars=2)), flat(100.0, 6))) == []


def test_an_entry_that_is_stopped_on_the_bar_of_its_fill_asks_for_nothing_and_it_is_said() -> None:
    rows: list[Row] = [*flat(100.0, 2), (100, 100, 94, 95), *flat(95.0, 3)]
    run = live(at_bar(0, asking(stop_loss=96)), rows)
    assert run.ledger.position is None
    assert asked(run) == []
    assert run.refused == ["fill_already_closed"]
    assert run.engine.refusals[0].bar == 2


def test_an_exit_asks_although_nothing_is_held_after_it() -> None:
    follow = (
        "{ action: place_limit_exit_long, metadata: { price: 101, order_ref: tp, on_fill: "
        "[{ action: place_limit_long, metadata: { price: 98, size: 1 base, order_ref: again }}] }}"
    )
    rows: list[Row] = [*flat(100.0, 4), (100, 102, 100, 101), *flat(101.0, 3)]
    run = live(at_bar(0, emit("entry_long", size="1 base")) + at_bar(2, follow), rows)
    assert [(s.order_ref, s.created_bar) for s in run.specs[2:]] == [("again", 4)]


@pytest.mark.parametrize("replayed", [2, 3, 5])
def test_a_replay_asks_for_what_it_has_not_asked_yet(replayed: int) -> None:
    """The order ended on bar 3: a journal that holds that close has asked, a shorter one has not."""
    rows: list[Row] = [*flat(100.0, 2), TOUCHED, *flat(100.0, 7)]
    text = card_text(at_bar(0, asking(ttl_bars=3)))
    text = text.replace("fill_model: touch", "fill_model: volume_weighted")
    whole = partly(at_bar(0, asking(ttl_bars=3)))
    again = Run(text, rows)
    again.data.exec.volume[2] = 120.0
    for event in whole.events:
        if event.bar <= replayed:
            again.engine.apply(event)
    again.commands = [[]] * (replayed + 1)
    again.live()
    expected = [] if replayed >= 3 else [(3, 6_000)]
    assert asked(again) == expected


@pytest.mark.parametrize(
    ("ttl", "cancel", "last"), [(3, None, 100.0), (None, 4, 100.0), (None, None, 100.0), (None, None, 99.0)]
)  # fmt: skip
def test_what_is_due_at_a_close_is_what_that_close_places(
    ttl: int | None, cancel: int | None, last: float
) -> None:
    """However the order ends (time, cancel, fill, never), a block is told at the very close."""
    more = {} if ttl is None else {"ttl_bars": ttl}
    blocks = at_bar(0, asking(**more)) + "".join(
        at_bar(bar, emit("cancel_order", order_ref="in")) for bar in (cancel,) if bar is not None
    )
    rows: list[Row] = [*flat(100.0, 2), TOUCHED, *flat(100.0, 4), *flat(last, 3)]
    run = Run(card_text(blocks).replace("fill_model: touch", "fill_model: volume_weighted"), rows)
    run.data.exec.volume[2] = 120.0
    due = []
    for bar in range(len(rows)):
        run.live(1)
        due += [(bar, ref) for ref in sorted(run.ledger.due)]
    placed = [(s.created_bar, s.order_ref) for s in run.specs if s.order_ref == "out"]
    assert due == placed
    assert bool(due) == (ttl is not None or cancel is not None or last == 99.0)
