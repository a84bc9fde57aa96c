"""Two orders under one ref at one close: by `on_live_ref: replace` the newer word takes the place of the other."""

from __future__ import annotations

import pytest

from runtime.orders.order_spec import OrderSpec, OrderType, Side
from tests.runtime.decide.test_rearm import again, dip
from tests.strategies.runs import Row, Run, at_bar, emit, flat, live

_LIMIT = "place_limit_long"
REFUSED = ["duplicate_ref"]
OPEN = at_bar(0, emit("entry_long", size="2 base"), block="open")


def named(action: str, ref: str = "x", **more: object) -> str:
    return emit(action, order_ref=ref, on_live_ref="replace", **more)


def left(run: Run) -> list[tuple[int, float | None, int]]:
    """Return (bar of the close, price, lots) of each order that left."""
    return [(s.created_bar, _price(s), s.quantity) for s in run.specs]


def _price(spec: OrderSpec) -> float | None:
    return spec.limit_price if spec.trigger_price is None else spec.trigger_price


def test_of_two_blocks_the_later_places_the_order() -> None:
    blocks = at_bar(0, named(_LIMIT, price=99, size="1 base")) + at_bar(
        0, named(_LIMIT, price=98, size="2 base", ttl_bars=3), block="later"
    )
    run = live(blocks, flat(100.0, 3))
    assert (left(run), run.refused) == ([(0, 98.0, 2_000)], [])
    assert [(o.spec.order_ref, o.spec.ttl_bars) for o in run.ledger.orders.values()] == [("x", 3)]


@pytest.mark.parametrize(
    ("later", "side", "kind"),
    [
        (named("place_stop_long", trigger=102, size="1 base"), Side.BUY, OrderType.STOP_MARKET),
        (named("place_limit_short", price=101, size="1 base"), Side.SELL, OrderType.LIMIT),
    ],
)
def test_one_of_another_side_or_type_takes_its_place_too(
    later: str, side: Side, kind: OrderType
) -> None:
    run = live(at_bar(0, named(_LIMIT, price=99, size="1 base"), later), flat(100.0, 3))
    assert [(s.side, s.order_type) for s in run.specs] == [(side, kind)]
    assert run.refused == []


def test_an_entry_laid_anew_at_the_close_at_which_it_comes_again_stands_at_the_new_price() -> None:
    """Its exit fills in bar 2; at that close it comes again at 99, and a block lays it at 101.5 - 1.

    That one's exit fills in bar 4, and it comes again at its own first price.
    """
    anew = dip(on_live_ref="replace", price="close - 1").replace("price: 102", "price: 103")
    rows: list[Row] = [
        *flat(100.0, 1), (100, 100, 98, 100), (100, 103, 100, 101.5),
        (101.5, 101.5, 100, 101), (101, 103, 101, 102), *flat(102.0, 2),
    ]  # fmt: skip
    run = live(at_bar(0, dip()) + at_bar(2, anew, block="anew"), rows)
    assert again(run) == [(0, 99.0), (2, 100.5), (4, 100.5)]
    assert run.refused == []


def test_an_exit_that_takes_the_place_of_the_one_a_fill_asked_for_brings_its_entry_again() -> None:
    """The lot fills in bar 1 and asks for its exit at 102; a block puts that at 101, where it fills in bar 2."""
    out = named("place_limit_exit_long", "out", price=101, size="100% of position")
    rows: list[Row] = [*flat(100.0, 1), (100, 100, 98, 100), (100, 101, 100, 100), *flat(100.0, 2)]
    run = live(at_bar(0, dip()) + at_bar(1, out), rows)
    sold = [(s.created_bar, s.limit_price) for s in run.specs if s.side is Side.SELL]
    assert (sold, run.refused) == ([(1, 101.0)], [])
    assert again(run) == [(0, 99.0), (2, 99.0)]


def test_without_the_word_the_later_one_is_refused() -> None:
    twice = [
        named(_LIMIT, price=99, size="1 base"),
        emit(_LIMIT, price=98, size="1 base", order_ref="x"),
    ]
    run = live(at_bar(0, *twice), flat(100.0, 2))
    assert (left(run), run.refused) == ([(0, 99.0, 1_000)], REFUSED)
    assert "`on_live_ref: replace` would change it" in run.engine.refusals[0].text


def test_one_at_market_counts_as_done() -> None:
    orders = [
        emit("entry_long", size="1 base", order_ref="x"),
        named(_LIMIT, price=98, size="1 base"),
    ]
    run = live(at_bar(0, *orders), flat(100.0, 2))
    assert ([s.order_type for s in run.specs], run.refused) == ([OrderType.MARKET], REFUSED)
    assert "on_live_ref" not in run.engine.refusals[0].text


def test_one_that_is_refused_leaves_the_other_as_it_was() -> None:
    orders = [named(_LIMIT, price=99, size="1 base"), named(_LIMIT, price=98, size="9 base")]
    third = named(_LIMIT, "y", price=97, size="3 base")
    run = live(at_bar(0, *orders, third), flat(100.0, 2), account="max_position_usdt: 400")
    assert left(run) == [(0, 99.0, 1_000), (0, 97.0, 3_000)]
    assert run.refused == ["over_max_position"]


@pytest.mark.parametrize(
    "settings",
    [
        {"account": "max_position_usdt: 500"},
        {"account": "starting_equity_usdt: 500, max_leverage: 1"},
        {"more": "position_policy: { max_layers: 1 }"},
        {"more": "invariants: [{ max_open_orders: 1 }]"},
    ],
)
def test_what_the_first_held_is_free_for_the_second(settings: dict[str, str]) -> None:
    orders = [named(_LIMIT, price=99, size="5 base"), named(_LIMIT, price=98, size="5 base")]
    run = live(at_bar(0, *orders), flat(100.0, 2), **settings)
    assert (left(run), run.refused) == ([(0, 98.0, 5_000)], [])


def test_lots_that_the_first_exit_took_are_free_for_the_second() -> None:
    exits = [named("place_limit_exit_long", price=price, size="2 base") for price in (103, 102)]
    run = live(OPEN + at_bar(1, *exits), flat(100.0, 3))
    assert (left(run)[1:], run.refused) == ([(1, 102.0, 2_000)], [])


def test_an_entry_that_turns_the_position_may_take_the_place_of_one_that_would() -> None:
    orders = [named("place_limit_short", price=price, size="1 base") for price in (103, 102)]
    run = live(
        OPEN + at_bar(1, *orders), flat(100.0, 3), more="position_policy: { allow_flip: true }"
    )
    assert (left(run)[1:], run.refused) == ([(1, 102.0, 3_000)], [])


def test_a_size_that_did_not_fit_of_an_order_that_does_not_leave_is_not_told() -> None:
    orders = [named(_LIMIT, price=99, size="200% of max"), named(_LIMIT, price=98, size="1 base")]
    run = live(at_bar(0, *orders), flat(100.0, 2))
    assert (left(run), run.engine.cuts) == ([(0, 98.0, 1_000)], [])
