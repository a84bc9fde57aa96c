"""A hole of the trade bars is told as bars of no volume: mark, funding and liquidation go on in it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from runtime.market.data import FundingSeries
from runtime.market.frame import Frame
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Effect
from tests.runtime.backends.sim.bench import FINE, MINUTE, Bench, Row, frame, fundings, level

AT_100: Row = (100.0, 100.5, 99.5, 100.0, 1000.0)
STILL: Row = (100.0, 100.0, 100.0, 100.0, 0.0)
TEN = {"max_leverage": 10.0}  # 0.5 %: a long of 100 goes at mark 90.5, a short at 109.5
AT = (0, 1, 5, 6)  # the minutes of the bars: 2, 3 and 4 are missing


def bench(mark: Sequence[Row], at: Sequence[float] = range(7), **more: Any) -> Bench:
    """Return a bench of four bars around a hole; `mark` as rows at their minutes."""
    bars = frame([AT_100] * 4, at=AT)
    return Bench(bars, instrument=FINE, account=TEN, mark=frame(mark, at=at), **more)


def test_mark_beyond_the_liquidation_price_in_a_hole_liquidates() -> None:
    mark = [STILL, STILL, STILL, (100, 130, 99, 100), STILL, STILL, STILL]
    made = bench(mark)
    made.place("sell", "market", 1000, stop_loss=level(120))
    made.bar(2)
    assert made.held == -1000
    made.bar()
    assert made.reasons[1:] == ["liquidation"]
    assert made.ledger.account.balance == pytest.approx(1_000_000 - 1_000)
    assert made.status("v1") == ("cancelled", "liquidation")


def test_the_time_of_a_liquidation_in_a_hole_is_that_of_its_mark() -> None:
    """The mark bar of minute 3 goes up first: 9.5 of the 28.5 to its top are a third of a third."""
    mark = [STILL, STILL, STILL, (100, 128.5, 70, 95), STILL, STILL, STILL]
    made = bench(mark)
    made.place("sell", "market", 100)
    made.bar(3)
    fill = [event for event in made.events if isinstance(event, OrderFilled)][-1]
    assert fill.ts == pytest.approx(3 * MINUTE + MINUTE / 9, abs=1.0)
    # For the exec bar it came before the open.
    assert (fill.bar, fill.path) == (2, 0.0)


def test_who_is_liquidated_in_a_hole_pays_no_funding_after_it() -> None:
    mark = [STILL, STILL, (100, 130, 100, 120), (120, 120, 99, 100), STILL, STILL, STILL]
    made = bench(mark, funding=fundings((2, 0.01), (3, 0.01), (4, 0.01)))
    made.place("sell", "market", 100)
    made.bar(3)
    # 2: held, before the mark bar that ends it.
    assert made.funding == [(2, 100, -10)]
    assert made.held == 0


def test_mark_that_stays_short_of_the_level_in_a_hole_liquidates_nobody() -> None:
    mark = [STILL, STILL, STILL, (100, 109, 91, 100), STILL, STILL, STILL]
    made = bench(mark)
    made.place("sell", "market", 100)
    made.bar(4)
    assert made.held == -100


def test_nobody_trades_in_a_hole_wherever_mark_goes() -> None:
    """Mark goes through the stop at 95, the bid at 96 and the target at 105; last is not there."""
    mark = [STILL, STILL, (100, 108, 92, 100), STILL, STILL, STILL, STILL]
    made = bench(mark)
    made.place("buy", "market", 100, stop_loss=level(95), take_profit=level(105))
    made.place("buy", "limit", 10, limit_price=96)
    made.bar(4)
    assert len(made.told) == 1


def test_what_was_sent_at_the_close_before_a_hole_goes_with_a_liquidation_in_it() -> None:
    mark = [STILL, STILL, (100, 100, 80, 100), STILL, STILL, STILL, STILL]
    made = bench(mark)
    made.place("buy", "market", 100)
    made.bar(2)
    sent = made.place("buy", "market", 100)
    made.bar()
    assert made.status(sent) == ("cancelled", "liquidation")
    assert made.held == 0


def test_the_first_order_of_a_run_may_be_sent_before_a_hole() -> None:
    made = bench([STILL, STILL, (100, 101, 99, 100), STILL, STILL, STILL, STILL])
    made.bar(2)
    bid = made.place("buy", "limit", 100, limit_price=99.5)
    made.bar()
    assert made.status(bid)[0] == "filled"


def test_the_jump_out_of_a_hole_begins_at_the_mark_that_was_known_last() -> None:
    """Last jumps from 100 to 90 past the stop at 95, half of the way; mark from 91 to 88: the level 90.5
    is a sixth of that. From the mark before the hole (100) it would be at 0.79, after the stop."""
    bars = frame([AT_100, AT_100, (90, 90, 90, 90, 1000)], at=(0, 1, 3))
    mark = frame([STILL, STILL, (100, 100, 91, 91), (88, 90, 88, 90)], at=(0, 1, 2, 3))
    made = Bench(bars, instrument=FINE, account=TEN, mark=mark)
    made.place("buy", "market", 100, stop_loss=level(95))
    made.bar(3)
    assert made.reasons[1:] == ["liquidation"]


def of_four_minutes(at: Sequence[float], *fours: Row) -> Bench:
    """Return a bench of bars at some minutes, with a short of 100 and mark bars of four minutes."""
    mark = Frame("TEST", "4m", 4 * MINUTE)
    for index, row in enumerate(fours):
        mark.append(4 * index * MINUTE, *row[:4], 0.0)
    bars = frame([AT_100] * len(at), at=at)
    made = Bench(bars, instrument=FINE, account=TEN, mark=mark)
    made.place("sell", "market", 100)
    return made.bar(len(at))


def test_a_coarser_mark_bar_inside_a_hole_is_walked() -> None:
    made = of_four_minutes((0, 1, 8, 9), STILL, (100, 130, 99, 100), STILL)
    assert made.reasons[1:] == ["liquidation"]


def test_a_coarser_mark_bar_with_bars_in_it_lends_them_its_extremes_alone() -> None:
    """The second four minutes begin in the hole and hold the bars 6 and 7."""
    made = of_four_minutes((0, 1, 6, 7), STILL, (100, 130, 99, 100))
    fill = [event for event in made.events if isinstance(event, OrderFilled)][-1]
    assert fill.reason == "liquidation"
    assert fill.ts > 6 * MINUTE


def test_funding_inside_a_mark_bar_of_a_hole_is_paid_at_the_mark_of_then() -> None:
    """A mark bar of 12 minutes, 100 112 100 106 (O-L-H-C): two thirds of it are at its top."""
    bars = frame([AT_100] * 3, at=(0, 12, 36), minutes=12)
    mark = frame([STILL, STILL, (100, 112, 100, 106), STILL], at=(0, 12, 24, 36), minutes=12)
    made = Bench(bars, instrument=FINE, mark=mark, funding=fundings((32, 0.01)))
    made.place("buy", "market", 100)
    made.bar(3)
    assert made.funding == [(32, 112, 11.2)]


def test_a_way_through_a_hole_that_decides_who_pays_is_counted() -> None:
    """A short of 100, level 109.5: mark is there before minute 28 on one way, after it on the other."""
    bars = frame([AT_100] * 3, at=(0, 12, 36), minutes=12)
    mark = frame([STILL, STILL, (100, 112, 90, 101), STILL], at=(0, 12, 24, 36), minutes=12)
    made = Bench(bars, instrument=FINE, account=TEN, mark=mark, funding=fundings((28, 0.01)))
    made.place("sell", "market", 100)
    made.bar(3)
    assert made.funding == [(28, 90, -9)]
    assert made.held == 0
    assert made.exchange.tally.ambiguous_bars == [2]


# ------------------------------------------------------------ the law, on made-up markets


def money(bars: Frame, mark: Frame, funding: FundingSeries, side: str) -> tuple[object, ...]:
    made = Bench(bars, instrument=FINE, account=TEN, mark=mark, funding=funding)
    made.place(side, "market", 100)
    made.place(side, "limit", 50, limit_price=98 if side == "buy" else 102)
    made.bar(2)
    made.place(
        "sell" if side == "buy" else "buy", "limit", 30, limit_price=100, effect=Effect.REDUCE
    )
    made.bar(len(bars) - 2)
    return made.told, made.funding, made.held, made.reasons, made.ledger.account.balance


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_hole_leaves_what_bars_of_no_volume_in_its_place_leave(side: str) -> None:
    ends = set()
    for seed in range(150):
        r = Random(seed)
        missing = set(range(3, r.randint(4, 9)))
        rows, mark = [AT_100, AT_100, (100, 103, 97, 100, 1000.0)], [AT_100] * 3
        for minute in range(3, 12):
            wild = r.choice((1, 5, 15))
            mark.append((100, 100 + r.random() * wild, 100 - r.random() * wild, 100, 0.0))
            rows.append(STILL if minute in missing else AT_100)
        due = fundings(*((minute, 0.01) for minute in range(2, 12)))
        there = [minute for minute in range(12) if minute not in missing]
        full = money(frame(rows), frame(mark), due, side)
        holed = money(frame([rows[m] for m in there], at=there), frame(mark), due, side)
        assert holed == full, seed
        ends.add(full[2])
    assert len(ends) > 1, "some were liquidated, some were not"
