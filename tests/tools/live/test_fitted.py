"""What a session's limits show of participation and queue: by hand, and on a session that lived."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.market.frame import Bar
from runtime.market.instrument_table import custom_instrument
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Side
from tests.strategies.runs import card_text, emit
from tests.tools.live.made import LADDER, lived, made
from tools.live.compare import compare, compare_text
from tools.live.fitted import Met, fitted, queue_of
from tools.live.reading import Lived, ReadJournal, live_again, market_of

UNIT = custom_instrument("TESTUSDT", 1.0, 1.0)
TEN_LEVELS = Bar(105.0, 109.0, 100.0, 105.0, 1_000.0)  # a hundred traded at each price
LEFT_BEHIND = replace(TEN_LEVELS, open=108.0, close=100.0)


def met(got: int, bar: Bar = TEN_LEVELS, price: float = 100.0, waiting: int = 100) -> Met:
    return Met(1, Side.BUY, price, bar, waiting, got)


@pytest.mark.parametrize(
    ("rows", "queue", "off"),
    [
        ([met(40)], (0.6, 0.6), 0),  # of the hundred at its level sixty stood before it
        ([met(100)], (0.0, 0.0), 0),
        ([met(0)], (1.0, 1.0), 0),
        ([met(40), met(40), met(90)], (0.6, 0.6), 50),  # what most lots speak for; the rest is said
        (
            [met(100, LEFT_BEHIND, 101.0)],
            (0.0, 1.0),
            0,
        ),  # a market that went on tells nothing of it
        ([], None, 0),
    ],
)
def test_the_queue_is_what_stood_before_the_lots_that_filled(
    rows: list[Met], queue: tuple[float, float] | None, off: int
) -> None:
    assert queue_of(rows, UNIT, 1.0) == (queue, off)


def again(folder: Path) -> Lived:
    return live_again(ReadJournal(folder))


def test_the_share_of_a_bar_s_volume_is_that_of_the_session_s_fills(tmp_path: Path) -> None:
    run, folder = lived(LADDER, tmp_path, seed=3, bars=90)
    run.close()
    found = again(folder)
    data, taken = market_of(found), defaultdict[int, int](int)
    for event in found.done.events:
        if isinstance(event, OrderFilled) and event.is_maker:
            taken[event.bar] += event.quantity
    base = found.desk.ledger.instrument.base
    most = max(base(lots) / data.exec.volume[bar] for bar, lots in taken.items())
    told = fitted(found, data)
    assert told.share is not None
    assert told.share[1] == pytest.approx(most)
    assert 0 < told.share[0] <= told.share[1]
    assert "volume_participation_max  at least" in compare_text(compare(found))


def test_an_order_of_a_person_is_said_to_be_one(tmp_path: Path) -> None:
    run, folder = made(LADDER, tmp_path, seed=3, bars=90)
    run.run()
    run.cockpit.said("reduce", "ann", value=50.0)
    run.hold(lambda: run.steps.is_quiet)
    run.close()
    (pair,) = [one for one in compare(again(folder)).pairs if one.name == "close_at_end"]
    assert pair.backtest is None
    assert pair.why.startswith("said by a person: reduce 50 % by ann, ")


def _when(condition: str, *actions: str) -> str:
    lines = [f"- id: b{len(condition)}", "  cases:", f"    - when: {condition}", "      emit:"]
    return "\n".join([*lines, *(f"        - {action}" for action in actions), ""])


def test_a_turn_that_opened_too_much_is_said_to_be_why_the_orders_differ(tmp_path: Path) -> None:
    """Stop and reverse at one price: what the venue fills whole the back-test has shrunk."""
    card = card_text(
        _when("mod(bar_index, 20) == 2 and position_side == flat", emit("entry_long", size="0.05 base", stop_loss="close * 0.999"),
            emit("place_stop_short", trigger="close * 0.999 - 0.1", size="0.05 base", order_ref="turn"))
        + _when("mod(bar_index, 20) == 18", emit("exit_all"), emit("cancel_all_orders")),
        more="position_policy: { mode: long_short, allow_flip: true }",
    ).replace("TESTUSDT", "BTCUSDT")  # fmt: skip
    run, folder = lived(LADDER, tmp_path, seed=3, bars=90, text=card)
    run.close()
    pairs = compare(again(folder)).pairs
    turned = [one for one in pairs if "`turn`" in one.name and "too much, given back" in one.why]
    back = [one for one in pairs if one.why.startswith("what a turn of the session opened")]
    assert turned
    assert [one.backtest for one in back] == [None] * len(turned)
