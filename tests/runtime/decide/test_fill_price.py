"""`fill_price` in an `on_fill`: what the order before was filled at, not what it was placed at."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check
from runtime.orders.order_spec import Side
from tests.strategies.runs import Row, Run, at_bar, card_text, flat, live

_OUT = "{ action: place_limit_exit_long, metadata: { price: fill_price + 2, size: fill } }"


def buy(price: str, **more: object) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return (
        f"{{ action: place_limit_long, metadata: {{ price: {price}, size: 1 base, order_ref: in{extra}, "
        f"on_fill: [{_OUT}] }} }}"
    )


def _sold_at(run: Run) -> list[float | None]:
    return [spec.limit_price for spec in run.specs if spec.side is Side.SELL]


def test_an_order_that_trades_at_once_is_measured_from_what_it_was_filled_at() -> None:
    """A limit of 103 with the market at 100 buys at the open of 99."""
    run = live(at_bar(0, buy("103")), [*flat(100.0, 1), (99, 100, 99, 100), *flat(100.0, 1)])
    assert [spec.limit_price for spec in run.specs][:1] == [103.0]
    assert _sold_at(run) == [101.0]


def test_each_rung_of_a_ladder_that_trades_at_once_knows_its_own_fill() -> None:
    """Rungs at 101 and 98: the first trades at the open of 99.5, the other where it stands."""
    rows: list[Row] = [*flat(100.0, 1), (99.5, 99.5, 97.5, 98), *flat(98.0, 1)]
    run = live(at_bar(0, buy("101", ladder="{ orders: 2, step: 3 }")), rows)
    assert _sold_at(run) == [101.5, 100.0]


def test_what_filled_at_several_prices_is_known_by_their_average() -> None:
    """A part is bought at 99, the rest at 97: of 97.375 on average, and two more are 99.375, on the grid 99.4."""
    rows: list[Row] = [*flat(100.0, 1), (99, 99, 99, 99), (97, 97, 97, 97), *flat(97.0, 2)]
    text = card_text(at_bar(0, buy("99.5").replace("1 base", "10 base")))
    run = Run(text.replace("fill_model: touch", "fill_model: volume_weighted"), rows)
    run.data.exec.volume[1] = 30.0
    run.live()
    [entry] = [one for one in run.ledger.orders.values() if one.spec.order_ref == "in"]
    average = sum(fill.quantity * fill.price for fill in entry.fills) / entry.filled
    assert average == 97.375
    assert _sold_at(run) == [99.4]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (card_text(at_bar(0, buy("99", stop_loss="fill_price - 9"))), "in an `on_fill` only"),
        (card_text(at_bar(0, buy("99"))).replace("bar_index ==", "fill_price > 1 and bar_index =="), "in an `on_fill` only"),
        (card_text(at_bar(0, buy("99"))), ""),
        (card_text(at_bar(0, buy("99", stop_loss="fill_price - 9"))) + "variables: { fill_price: close - 1 }\n", ""),
    ],
)  # fmt: skip
def test_elsewhere_nothing_has_filled_and_a_name_of_the_card_is_its_own(
    text: str, said: str
) -> None:
    errors = [d.message for d in check(Source("c", text), lints=False).diagnostics if d.is_error]
    assert bool(errors) == bool(said), errors
    assert all(said in message for message in errors)
