"""Changes of working orders: totals, times to live, requests without an answer."""

from __future__ import annotations

import pytest

from runtime.orders.commands import AmendOrder, CancelOrder
from runtime.orders.events import RequestSent
from runtime.orders.order import Order
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat, live

ROWS = flat(100.0, 12)
TOUCHED: Row = (99, 99, 99, 99)  # one price level at the limit: 5 % of the volume


def placed(ref: str = "r", price: float = 99, **more: object) -> str:
    return emit("place_limit_long", price=price, order_ref=ref, **more)


def partly(*blocks: str, volume: float = 80.0) -> Run:
    """Live through ten bars; on bar 2 a limit at 99 is filled by 5 % of the volume."""
    rows: list[Row] = [*flat(100.0, 2), TOUCHED, *flat(100.0, 7)]
    text = card_text("".join(blocks)).replace("fill_model: touch", "fill_model: volume_weighted")
    run = Run(text, rows)
    run.data.exec.volume[2] = volume
    return run.live()


def order(run: Run, ref: str = "r") -> Order:
    return run.ledger.orders[run.ledger.newest_by_ref[ref]]


def test_a_replacement_asks_for_a_total_what_is_filled_included() -> None:
    """4 of 10 filled, placed again with size 10: 6 more, not 10."""
    again = at_bar(4, placed(size="10 base", on_live_ref="replace"))
    run = partly(at_bar(0, placed(size="10 base")), again)
    assert order(run).filled == 4_000
    assert (order(run).quantity, order(run).remaining) == (10_000, 6_000)


def test_an_amendment_asks_for_a_total_too() -> None:
    run = partly(
        at_bar(0, placed(size="10 base")),
        at_bar(4, emit("amend_order", order_ref="r", size="7 base")),
    )
    assert run.commands[4] == [AmendOrder(order_id="o1", quantity=7_000)]
    assert order(run).remaining == 3_000


@pytest.mark.parametrize("total", ["4 base", "2 base"])
def test_a_total_that_is_filled_already_cancels_the_rest(total: str) -> None:
    run = partly(
        at_bar(0, placed(size="10 base")), at_bar(4, emit("amend_order", order_ref="r", size=total))
    )
    assert run.refused == []
    assert run.commands[4] == [CancelOrder(order_id="o1", reason="amend_order")]
    assert (order(run).filled, order(run).status.value) == (4_000, "cancelled")


def test_an_order_placed_anew_at_each_close_lives() -> None:
    """Re-placed each close with ttl 3 it never expires; left alone it expires after three bars."""
    blocks = f"""
- id: keep
  cases:
    - when: bar_index >= 1
      emit: [{placed(size="1 base", ttl_bars=3, on_live_ref="replace")}]
"""
    kept = Run(card_text(blocks), ROWS).live(11)
    assert [o.status.value for o in kept.ledger.orders.values()] == ["pending"]
    assert order(kept).bars_pending == 0  # its age starts anew as well
    alone = live(at_bar(1, placed(size="1 base", ttl_bars=3)), ROWS)
    assert (order(alone).status.value, order(alone).end_bar) == ("expired", 4)


def test_a_replacement_without_a_time_to_live_has_none() -> None:
    blocks = at_bar(1, placed(size="1 base", ttl_bars=3))
    blocks += at_bar(2, placed(size="1 base", on_live_ref="replace"))
    assert order(live(blocks, ROWS)).status.value == "pending"


def test_an_amendment_keeps_the_time_to_live_and_the_age() -> None:
    blocks = at_bar(1, placed(size="1 base", ttl_bars=5))
    run = live(blocks + at_bar(3, emit("amend_order", order_ref="r", price=98)), ROWS)
    assert (order(run).status.value, order(run).end_bar) == ("expired", 6)
    assert order(run).bars_pending == 5


def test_an_order_placed_anew_stands_behind_the_others_at_its_price() -> None:
    blocks = at_bar(0, placed("first", size="1 base"), placed("second", size="1 base"))
    again = at_bar(1, placed("first", size="1 base", on_live_ref="replace"))
    book = live(blocks + again, ROWS).ledger.book
    assert [book.orders[entry[2]].spec.order_ref for entry in book.limit_buys] == [
        "second",
        "first",
    ]


@pytest.mark.parametrize(("size", "first"), [("2 base", "b"), ("0.5 base", "a")])
def test_an_order_that_grows_loses_its_place_one_that_shrinks_keeps_it(
    size: str, first: str
) -> None:
    blocks = at_bar(0, placed("a", size="1 base"), placed("b", size="1 base"))
    run = live(blocks + at_bar(2, emit("amend_order", order_ref="a", size=size)), ROWS)
    book = run.ledger.book
    assert book.orders[book.limit_buys[0][2]].spec.order_ref == first


def test_the_same_amendment_is_not_asked_twice_another_waits_for_the_answer() -> None:
    blocks = at_bar(0, placed(size="1 base")) + at_bar(
        2, emit("amend_order", order_ref="r", price=98)
    )
    for price, refused in ((98, []), (97, ["in_flight"])):
        run = Run(
            card_text(blocks + at_bar(3, emit("amend_order", order_ref="r", price=price))), ROWS
        )
        run.live(2)
        asked = AmendOrder(order_id="o1", limit_price=98.0)
        run.engine.apply(RequestSent(asked=asked, bar=2, ts=0))
        run.live(1)
        commands = run.engine.close_bar(3)
        assert commands == []
        assert run.refused[-1:] == refused


def test_a_computed_total_is_cut_a_stated_one_refused_for_what_it_adds() -> None:
    blocks = at_bar(0, placed(size="1 base"))
    computed = live(
        blocks + at_bar(2, emit("amend_order", order_ref="r", size="300% of equity")), ROWS
    )
    assert order(computed).quantity == int(10_000 / 99 * 1000)
    stated = live(blocks + at_bar(2, emit("amend_order", order_ref="r", size="200 base")), ROWS)
    assert stated.refused == ["over_max_position"]
    assert order(stated).quantity == 1_000
