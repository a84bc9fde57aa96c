"""Liquidation against everything else on the way: by fraction of the segment, mark beside last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runtime.market.instrument_facts import RiskTier
from runtime.orders.order_spec import Effect, Role
from tests.runtime.backends.sim.bench import FINE, Bench, Row, frame, level

AT_100: Row = (100.0, 100.2, 99.8, 100.0)
SOL = replace(FINE, tiers=(RiskTier(1e12, 0.01, 100.0),))
# Long at 98 under 20x and 1 %: liquidation at 98 · (1 − 0.05 + 0.01) = 94.08, bankruptcy at 93.1.
TWENTY = {"max_leverage": 20.0, "starting_equity_usdt": 100_000.0}
TEN = {"max_leverage": 10.0}  # 0.5 %: liquidation at 90.5, bankruptcy at 90


def made_of(*rows: Row, **more: Any) -> Bench:
    return Bench(rows, instrument=FINE, **({"account": TEN} | more))


@pytest.mark.parametrize(("low", "reason"), [(94.0, "stop_loss"), (90.0, "liquidation")])
def test_mark_is_matched_by_the_fraction_of_each_segment(low: float, reason: str) -> None:
    """Bar 100 100.2 94.5 95, stop 95, level 94.08. The stop is at 0.912 of the way down; mark at the
    level at 6.12/6.2 = 0.987 with a low of 94, at 6.12/10.2 = 0.600 with a low of 90."""
    rows: list[Row] = [(98, 98, 98, 98), (100, 100.2, 94.5, 95)]
    mark = frame([(98, 98, 98, 98), (100, 100.2, low, 95)])
    made = Bench(rows, instrument=SOL, account=TWENTY, mark=mark)
    made.place("buy", "market", 100, stop_loss=level(95))
    made.bar()
    assert made.ledger.liquidation_mark == pytest.approx(94.08)
    made.bar()
    assert made.reasons[1:] == [reason]


def test_liquidation_cancels_everything_first_what_is_on_its_way_too() -> None:
    made = made_of(AT_100, AT_100, (80, 81, 79, 80), AT_100)
    made.place("buy", "market", 100, stop_loss=level(70))
    made.bar()
    bid = made.place("buy", "limit", 10, limit_price=75)
    far = made.place("sell", "limit", 10, limit_price=120, effect=Effect.REDUCE)
    made.bar()
    entry = made.place("buy", "market", 10)
    made.bar()
    for order in (bid, far, entry, "v1"):
        assert made.status(order) == ("cancelled", "liquidation")
    assert made.held == 0
    after = made.place("buy", "market", 10)
    made.bar()
    assert made.status(after)[0] == "filled"


def test_what_the_fund_bears_of_an_exit_beyond_bankruptcy_is_counted() -> None:
    """100 at 100 under 10x, stop 95, the jump ends at 80: bankruptcy at 90 bounds it, the fund bears 10 each."""
    made = made_of(AT_100, AT_100, (80, 81, 79, 80))
    made.place("buy", "market", 100, stop_loss=level(95))
    made.bar()
    made.bar()
    assert (made.exchange.tally.bounded, made.exchange.tally.borne) == (0, 0.0)
    made.bar()
    tally, base = made.exchange.tally, made.ledger.instrument.base(100)
    assert (tally.bounded, tally.borne) == (1, pytest.approx(10 * base))


def test_a_liquidation_costs_the_margin_and_the_fee_of_the_take_over() -> None:
    """100 at 100 under 10x: 1,000 of margin and 100 · 90 · 5.5 bp = 4.95."""
    made = made_of(AT_100, (95, 96, 90, 91), account=TEN | {"taker_bps": 5.5})
    made.place("buy", "market", 1000)
    made.bar()
    before = made.ledger.account.balance
    made.bar()
    assert made.ledger.account.balance - before == pytest.approx(-1_000 - 4.95)
    assert [o.spec.role for o in made.ledger.orders.values()][-1] is Role.LIQUIDATION


def test_at_one_place_the_position_is_liquidated_before_its_stop_acts() -> None:
    made = made_of(AT_100, (100, 100, 90, 91))
    made.place("buy", "market", 100, stop_loss=level(90.5))
    made.bar(2)
    assert made.reasons[1:] == ["liquidation"]


def test_on_the_jump_too() -> None:
    made = made_of(AT_100, (90, 91, 89, 90))
    made.place("buy", "market", 100, stop_loss=level(90.5))
    made.bar(2)
    assert made.reasons[1:] == ["liquidation"]


def test_the_position_that_opens_beyond_its_level_is_liquidated_before_its_stop() -> None:
    """Bought at 95 where mark stands at 85 already: level 85.975."""
    mark = frame([AT_100, (85, 85, 84, 85)])
    made = made_of(AT_100, (95, 96, 94, 95), mark=mark)
    made.bar()
    made.place("buy", "market", 100, stop_loss=level(95))
    made.bar()
    assert made.reasons[1] == "sl_on_entry"  # breached when it came: it acts with its entry
    made = made_of(AT_100, (95, 96, 94, 95), mark=mark)
    made.bar()
    made.place("buy", "market", 100, stop_loss=level(94.9))
    made.bar()
    assert made.reasons[1:] == ["liquidation"]


def test_a_bid_exactly_at_the_level_is_filled_before_the_position_goes() -> None:
    """20x, 1 %: 100 at 100 has its level at 96. The bid at 96 is in the book: average 98, level 94.08."""
    made = Bench([AT_100, (100, 100.1, 95.9, 97)], instrument=SOL, account=TWENTY)
    made.place("buy", "market", 1000)
    made.bar()
    assert made.ledger.liquidation_mark == 96.0
    made.place("buy", "limit", 1000, limit_price=96)
    made.bar()
    assert [fill[1:3] for fill in made.told] == [(100, 100), (100, 96)]
    assert made.ledger.liquidation_mark == pytest.approx(94.08)


def test_on_the_jump_mark_goes_by_the_fraction_of_the_jump() -> None:
    """Last 100 to 92, mark 100 to 84: the level 90.5 at 9.5/16 = 0.594, a stop at 96 at 0.5, at 95 not."""
    for stop, reason in ((96.0, "stop_loss"), (95.0, "liquidation")):
        mark = frame([(100, 100, 100, 100), (84, 84, 84, 84)])
        made = made_of(AT_100, (92, 92, 92, 92), mark=mark)
        made.place("buy", "market", 100, stop_loss=level(stop))
        made.bar(2)
        assert made.reasons[1:] == [reason]


def test_a_coarser_mark_bar_lends_its_difference_at_open_close_and_extremes() -> None:
    """Mark of two bars: 3 below at the open, 6 at the low, 1 at the close; the low is in the second."""
    rows: list[Row] = [AT_100, AT_100, (100, 100.2, 99.8, 100), (100, 100.2, 96, 99)]
    mark = frame([AT_100, (97, 100.2, 90, 98)], at=[0, 2], minutes=2)
    made = made_of(*rows, mark=mark)
    made.place("buy", "market", 100)
    made.bar(3)
    marks = made.exchange.marks
    assert (marks.open[2], marks.low[3], marks.close[3]) == (97, 90, 98)
    made.bar()
    assert made.reasons[1:] == ["liquidation"]


def test_under_magnify_the_marks_of_the_finer_bars_decide() -> None:
    """The finer bars say that the stop at 95 came first; mark fell only afterwards."""
    fine = frame([AT_100, AT_100, (100, 100, 94, 96), (96, 97, 95.5, 96)], minutes=0.5)
    mark = frame([AT_100, AT_100, (100, 100, 94, 96), (96, 97, 80, 96)], minutes=0.5)
    made = made_of(
        AT_100, (100, 100, 94, 96), mark=mark, fine=fine, execution={"intrabar": "magnify"}
    )
    made.place("buy", "market", 100, stop_loss=level(95))
    made.bar(2)
    assert made.reasons[1:] == ["stop_loss"]


# ------------------------------------------------------------ which of two series was where first


def two_series(low: float, mark_low: float, flipped: frozenset[int] = frozenset()) -> Bench:
    """Long at 98, stop 95, level 94.08: a bar 100 100.2 `low` 95 and mark 100 100.2 `mark_low` 95."""
    rows: list[Row] = [(98, 98, 98, 98), (100, 100.2, low, 95.1)]
    mark = frame([(98, 98, 98, 98), (100, 100.2, mark_low, 95.1)])
    made = Bench(rows, instrument=SOL, account=TWENTY, mark=mark)
    made.exchange.flipped = flipped
    made.place("buy", "market", 100, stop_loss=level(95))
    return made.bar(2)


@pytest.mark.parametrize(
    ("mark_low", "reason", "other"),
    [(94.0, "stop_loss", "liquidation"), (90.0, "liquidation", "stop_loss")],
)
def test_a_stop_by_last_against_a_liquidation_by_mark_is_ambiguous(
    mark_low: float, reason: str, other: str
) -> None:
    made = two_series(94.5, mark_low)
    assert made.reasons[1:] == [reason]
    assert made.exchange.tally.ambiguous_bars == [1]
    assert two_series(94.5, mark_low, frozenset({1})).reasons[1:] == [other]


@pytest.mark.parametrize(
    ("low", "mark_low"),
    [(94.5, 94.5), (95.05, 90.0), (94.5, 94.1)],
    ids=["mark is last", "no stop in reach", "no liquidation in reach"],
)
def test_where_only_one_of_the_two_is_in_reach_nothing_is_ambiguous(
    low: float, mark_low: float
) -> None:
    assert two_series(low, mark_low).exchange.tally.ambiguous_bars == []


def test_an_entry_that_mark_may_liquidate_in_its_own_bar_is_ambiguous() -> None:
    """Bid 96, stop 95: mark is at 90 in that bar, before the stop or after it."""
    mark = frame([(98, 98, 98, 98), (98, 98, 90, 97)])
    made = Bench([(98, 98, 98, 98), (98, 98, 94.8, 97)], instrument=SOL, account=TWENTY, mark=mark)
    made.bar()
    made.place("buy", "limit", 100, limit_price=96, stop_loss=level(95))
    made.bar()
    assert made.exchange.tally.ambiguous_bars == [1]


def test_on_a_jump_too_it_is_ambiguous_what_came_first() -> None:
    """Last jumps from 98 to 94.5 past the stop at 95 (0.86 of the way), mark to 93.5 (level at 0.87)."""

    def made(flipped: frozenset[int] = frozenset()) -> Bench:
        mark = frame([(98, 98, 98, 98), (93.5, 95, 93.5, 95)])
        rows: list[Row] = [(98, 98, 98, 98), (94.5, 95.5, 94.5, 95)]
        made = Bench(rows, instrument=SOL, account=TWENTY, mark=mark)
        made.exchange.flipped = flipped
        made.place("buy", "market", 100, stop_loss=level(95))
        return made.bar(2)

    assert made().reasons[1:] == ["stop_loss"]
    assert made().exchange.tally.ambiguous_bars == [1]
    assert made(frozenset({1})).reasons[1:] == ["liquidation"]
