"""MAE and MFE take what price did while a trade was held, by the path its bars were gone through.

The figures are worked out by hand: a long held from 100 that sees 98 and 103 has -2 % and +3 %. Every
price is held against the average entry as it stood then.
"""

from __future__ import annotations

from typing import Any

import pytest

from runtime.market.frame import Frame
from runtime.orders.order_spec import Effect
from runtime.records.recorder import Recorder
from tests.runtime.backends.sim.bench import FINE, Bench, Row, frame, level

STILL: Row = (100, 100, 100, 100)
SOLD = {"effect": Effect.REDUCE}


QUARTERS: Row = (100, 110, 90, 97)


def four() -> Frame:
    """Return the four finer bars of `QUARTERS`: O-L-H-C, O-H-L-C, O-H-L-C, O-L-H-C."""
    bars: list[Row] = [
        (100, 110, 100, 104), (104, 105, 98, 103), (103, 103, 94, 96), (96, 99, 90, 97),
    ]  # fmt: skip
    return frame(bars, minutes=0.25)


class Trip(Bench):
    """A bench whose events are recorded."""

    def __init__(self, rows: Any, **more: Any) -> None:
        super().__init__(rows, **more)
        self.recorder = Recorder(self.ledger, self.exchange.data.exec, self.exchange.paths_of)

    def emit(self, event: Any) -> None:
        super().emit(event)
        self.recorder(event)


def excursions(trip: Trip) -> list[tuple[float, float]]:
    """Return (MAE, MFE) of every trade in percent, to six places."""
    record = trip.recorder.finish([])
    return [(round(t.mae_pct, 6), round(t.mfe_pct, 6)) for t in record.trades]


@pytest.mark.parametrize(
    ("bar", "mae", "mfe"),
    [
        # O-L-H-C: bought at 99 on the way down; 98 and then 103 come after it.
        ((100, 103, 98, 102), -1 / 99, 4 / 99),
        # O-H-L-C: 103 was there before anything was held; the close is the best it sees.
        ((100, 103, 98, 99.5), -1 / 99, 0.5 / 99),
    ],
)  # fmt: skip
def test_of_the_bar_of_an_entry_counts_what_came_after_it(bar: Row, mae: float, mfe: float) -> None:
    trip = Trip([bar])
    trip.place("buy", "limit", 5, limit_price=99.0)
    trip.bar()
    assert excursions(trip) == [(round(mae * 100, 6), round(mfe * 100, 6))]


def test_of_the_bar_of_an_exit_at_its_open_nothing_counts() -> None:
    trip = Trip([(100, 103, 99, 102), (102, 106, 101, 104), (104, 120, 50, 98)])
    trip.place("buy", "market", 5)
    trip.bar(2)
    trip.place("sell", "market", 5, **SOLD)
    trip.bar()
    assert excursions(trip) == [(-1.0, 6.0)]


def test_of_the_bar_of_an_exit_counts_what_came_before_it() -> None:
    """Green, O-L-H-C: 97 is seen on the way to the target of 104, 110 is not."""
    trip = Trip([STILL, (100, 110, 97, 109)])
    trip.place("buy", "market", 5, take_profit=level(104.0))
    trip.bar(2)
    assert excursions(trip) == [(-3.0, 4.0)]


def test_an_entry_and_its_exit_in_one_bar_see_the_path_between_them() -> None:
    """Green, O-L-H-C: bought at 99 on the way down, 98 is seen, sold at 101 on the way to 103."""
    trip = Trip([(100, 103, 98, 102)])
    trip.place("buy", "limit", 5, limit_price=99.0, take_profit=level(101.0))
    trip.bar()
    assert excursions(trip) == [(round(-100 / 99, 6), round(200 / 99, 6))]


def test_an_entry_and_its_stop_at_one_place_see_nothing_else() -> None:
    """Bought by a stop at 101; its own stop stands there already: out at the same price."""
    trip = Trip([(100, 103, 98, 102)])
    trip.place("buy", "stop_market", 5, trigger_price=101.0, stop_loss=level(101.0))
    trip.bar()
    assert trip.reasons[-1] == "sl_on_entry"
    assert excursions(trip) == [(0.0, 0.0)]


def test_a_short_is_mirrored() -> None:
    """Red, O-H-L-C: sold at 101 on the way up, 102 is seen, bought at 99 on the way to 97."""
    trip = Trip([(100, 102, 97, 98)])
    trip.place("sell", "limit", 5, limit_price=101.0, take_profit=level(99.0))
    trip.bar()
    assert excursions(trip) == [(round(-100 / 101, 6), round(200 / 101, 6))]


def test_a_flip_parts_the_path_of_its_bar_between_two_trades() -> None:
    """Red, O-H-L-C: the long sees 104 and leaves at 98; the short from 98 sees 95 and the close 97."""
    trip = Trip([STILL, (100, 104, 95, 97)])
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("sell", "stop_market", 10, trigger_price=98.0)
    trip.bar()
    assert trip.held == -5
    assert excursions(trip) == [(-2.0, 4.0), (0.0, round(300 / 98, 6))]


def test_a_partial_exit_ends_no_path() -> None:
    trip = Trip([STILL, (100, 102, 99, 101), (101, 109, 93, 103), (103, 130, 50, 103)])
    trip.place("buy", "market", 6)
    trip.bar()
    trip.place("sell", "limit", 3, limit_price=102.0, **SOLD)
    trip.bar(2)
    trip.place("sell", "market", 3, **SOLD)
    trip.bar()
    assert excursions(trip) == [(-7.0, 9.0)]


def test_an_exit_on_the_jump_over_a_hole_counts_no_more_than_its_own_price() -> None:
    """The hole opens at 110: a target of 105 stood in its way and was sold there."""
    trip = Trip(frame([STILL, (110, 112, 90, 111)], at=[0, 60]))
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("sell", "limit", 5, limit_price=105.0, **SOLD)
    trip.exchange.step(1)  # it is sent into the hole: a limit that only the jump passes
    assert trip.fills[-1][2] == 105.0
    assert excursions(trip) == [(0.0, 5.0)]


def test_an_entry_on_the_jump_sees_the_open_behind_it() -> None:
    """Bought at 98 on the jump to 95; red: 96, then 90, the close 91."""
    trip = Trip(frame([STILL, (95, 96, 90, 91)], at=[0, 60]))
    trip.place("buy", "limit", 5, limit_price=98.0)
    trip.bar(2)
    assert trip.fills == [("o1", 5, 98.0, 1)]
    assert excursions(trip) == [(round(-800 / 98, 6), 0.0)]


def test_a_long_in_a_hole_sees_the_bars_on_both_sides_of_it() -> None:
    trip = Trip(frame([STILL, (100, 101, 99, 100), (95, 96, 94, 95)], at=[0, 1, 60]))
    trip.place("buy", "market", 5)
    trip.bar(3)
    assert excursions(trip) == [(-6.0, 1.0)]


@pytest.mark.parametrize(
    ("way", "seen"),
    [("direction", (-3.0, 0.0)), ("adverse", (-3.0, 0.0)), ("favourable", (0.0, 2.0))],
)
def test_the_path_is_the_one_the_run_took(way: str, seen: tuple[float, float]) -> None:
    """A green bar between a stop of 97 and a target of 102: the way decides which of them it was."""
    trip = Trip([(100, 103, 96, 101)], execution={"intrabar": way})
    trip.place("buy", "market", 5, stop_loss=level(97.0), take_profit=level(102.0))
    trip.bar()
    assert excursions(trip) == [seen]


def test_the_better_of_two_ways_is_the_one_that_counts() -> None:
    """O-L-H-C is better: bought at 98, then 96, sold at 102; the other way round it ends at 101."""
    trip = Trip([(100, 103, 96, 101)], execution={"intrabar": "favourable"})
    trip.place("buy", "limit", 5, limit_price=98.0, take_profit=level(102.0))
    trip.bar()
    assert excursions(trip) == [(round(-200 / 98, 6), round(400 / 98, 6))]


def test_finer_bars_are_gone_through_one_after_the_other() -> None:
    """Bought at 99 in the second finer bar; what the first one saw (110) came before."""
    fine = frame([(100, 110, 100, 104), (104, 105, 98, 103)], minutes=0.5)
    trip = Trip([(100, 110, 98, 103)], execution={"intrabar": "magnify"}, fine=fine)
    trip.place("buy", "limit", 5, limit_price=99.0)
    trip.bar()
    assert trip.fills == [("o1", 5, 99.0, 0)]
    # The second is red, O-H-L-C: 98 comes after the entry, then the close of 103.
    assert excursions(trip) == [(round(-100 / 99, 6), round(400 / 99, 6))]


def test_an_exit_in_a_finer_bar_sees_the_finer_bars_before_it() -> None:
    fine = frame([(100, 104, 96, 99), (99, 120, 90, 119)], minutes=0.5)
    trip = Trip([(100, 120, 90, 119)], execution={"intrabar": "magnify"}, fine=fine)
    trip.place("buy", "market", 5, stop_loss=level(92.0))
    trip.bar()
    assert excursions(trip) == [(-8.0, 4.0)]


def test_of_four_finer_bars_the_one_of_the_entry_is_known_before_the_others_are_gone_through() -> (
    None
):
    """Bought at 99 in the second: the 110 of the first came before, the 90 of the last comes after."""
    trip = Trip([QUARTERS], execution={"intrabar": "magnify"}, fine=four())
    trip.place("buy", "limit", 5, limit_price=99.0)
    trip.bar()
    assert trip.fills == [("o1", 5, 99.0, 0)]
    assert excursions(trip) == [(round(-900 / 99, 6), round(400 / 99, 6))]


def test_the_end_of_the_data_ends_no_path_twice() -> None:
    trip = Trip([(100, 103, 98, 102)], execution={"close_at_end": True})
    trip.place("buy", "limit", 5, limit_price=99.0)
    trip.bar()
    trip.exchange.end_of_data(0)
    assert trip.fills[-1][2] == 102.0
    assert excursions(trip) == [(round(-100 / 99, 6), round(400 / 99, 6))]


# ---------------------------------------------------------------- resized


def test_a_later_entry_far_away_does_not_reach_back() -> None:
    """From 100 to 200, 5 more: 100 was no loss by the average of 150 that came later, 190 is none now."""
    trip = Trip([STILL, (100, 200, 100, 200), (200, 210, 190, 205)])
    trip.place("buy", "market", 5)
    trip.bar(2)
    trip.place("buy", "market", 5)
    trip.bar()
    assert trip.held == 10
    assert excursions(trip) == [(0.0, 100.0)]  # and open to the end


def test_a_later_entry_of_a_short_does_not_reach_back() -> None:
    """Best at 50 by 100; worst at 80 by the 75 that 5 more at 50 make of it; 120 comes after it left."""
    trip = Trip([STILL, (100, 100, 50, 50), (50, 80, 45, 60), (60, 120, 40, 60)])
    trip.place("sell", "market", 5)
    trip.bar(2)
    trip.place("sell", "market", 5)
    trip.bar()
    trip.place("buy", "market", 10, effect=Effect.REDUCE)
    trip.bar()
    assert trip.held == 0
    assert excursions(trip) == [(round(-500 / 75, 6), 50.0)]


def test_an_entry_inside_a_bar_parts_its_path_between_two_averages() -> None:
    """Green, O-L-H-C: 98 by 100, bought at 104 on the way up; 106 and 105 by 102."""
    trip = Trip([STILL, (100, 106, 98, 105)])
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("buy", "stop_market", 5, trigger_price=104.0)
    trip.bar()
    assert trip.fills[-1] == ("o2", 5, 104.0, 1)
    assert excursions(trip) == [(-2.0, 4.0)]


def test_two_entries_of_one_bar_part_its_path_among_three_averages() -> None:
    """Red, O-H-L-C: 101 and 96 by 100, 92 by 98, the close of 99 by 96."""
    trip = Trip([STILL, (100, 101, 92, 99)])
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("buy", "limit", 5, limit_price=96.0)
    trip.place("buy", "limit", 5, limit_price=92.0)
    trip.bar()
    assert [price for _, _, price, _ in trip.fills] == [100.0, 96.0, 92.0]
    assert excursions(trip) == [(round(-600 / 98, 6), 3.125)]


def test_the_bar_after_an_entry_counts_whole_and_by_the_new_average() -> None:
    trip = Trip([STILL, (100, 101, 92, 99), (99, 130, 80, 100)])
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("buy", "limit", 5, limit_price=96.0)
    trip.bar(2)
    assert excursions(trip) == [(round(-1800 / 98, 6), round(3200 / 98, 6))]


def test_a_reduction_leaves_the_average_that_excursions_are_held_against() -> None:
    """10 from 100, 5 sold, 5 more at 90: the average is 95, though all entries together have 96.67."""
    trip = Trip([STILL, (100, 110, 100, 104), (104, 104, 90, 94), (94, 114, 76, 110)])
    trip.place("buy", "market", 10)
    trip.bar()
    trip.place("sell", "limit", 5, limit_price=110.0, **SOLD)
    trip.bar()
    trip.place("buy", "limit", 5, limit_price=90.0)
    trip.bar(2)
    assert excursions(trip) == [(-20.0, 20.0)]


def test_a_part_of_an_order_at_another_price_moves_the_average_as_well() -> None:
    """5 of 10 at the open of 98, the others at their limit: 121 by 98, then 99 by 99.5."""
    rows: list[Row] = [(98, 120, 98, 120, 50), (120, 121, 99, 110, 5_000)]
    trip = Trip(rows, execution={"fill_model": "volume_weighted"})
    trip.place("buy", "limit", 10, limit_price=101.0)
    trip.bar(2)
    assert trip.fills == [("o1", 5, 98.0, 0), ("o1", 5, 101.0, 1)]
    assert excursions(trip) == [(round(-50 / 99.5, 6), round(2300 / 98, 6))]


def test_by_one_average_excursions_are_held_against_the_entry_that_the_row_shows() -> None:
    """Two entries at one price, digits and all: 3 * 90.1 / 3 is not 90.1."""
    trip = Trip([(90.1, 90.1, 90.1, 90.1), (90.1, 95.3, 87.7, 92)], instrument=FINE)
    for _ in range(2):
        trip.place("buy", "market", 3)
    trip.bar(2)
    (trade,) = trip.recorder.finish([]).trades
    assert trade.mae_pct == (87.7 - trade.entry_price) / trade.entry_price * 100
    assert trade.mfe_pct == (95.3 - trade.entry_price) / trade.entry_price * 100


def test_an_entry_in_a_finer_bar_parts_the_path_there() -> None:
    """99 in the second, 95 in the third: 103 by 99, then 90 by 97."""
    trip = Trip([QUARTERS], execution={"intrabar": "magnify"}, fine=four())
    trip.place("buy", "limit", 5, limit_price=99.0)
    trip.place("buy", "limit", 5, limit_price=95.0)
    trip.bar()
    assert [price for _, _, price, _ in trip.fills] == [99.0, 95.0]
    assert excursions(trip) == [(round(-700 / 97, 6), round(400 / 99, 6))]


def test_a_resized_trade_counts_no_more_than_its_own_exit() -> None:
    """5 at 100 and 5 at 110: a target of 126 stood in the way of the open at 150, 20 % by 105."""
    trip = Trip(
        frame(
            [STILL, (100, 110, 100, 110), (110, 111, 108, 110), (150, 160, 90, 111)],
            at=[0, 1, 2, 60],
        )
    )
    trip.place("buy", "market", 5)
    trip.bar(2)
    trip.place("buy", "market", 5)
    trip.bar()
    trip.place("sell", "limit", 10, limit_price=126.0, **SOLD)
    trip.exchange.step(3)
    assert trip.fills[-1][2] == 126.0
    assert excursions(trip) == [(0.0, 20.0)]
