"""Placing, and not knowing: what becomes of orders whose answers are lost, late, odd or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runtime.backends.bybit.names import BadLink, names_of
from tests.runtime.live.bench import Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

LIMIT = at_bar(1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in"))
MARKET = at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="in"))


def started(tmp_path: Path, blocks: str, *faults: Switch, **more: Any) -> Live:
    """A session whose card has just decided at the close of bar 1."""
    live = Live(tmp_path, blocks, faults=faults, **more)
    live.bar(bars=2)
    return live


def creates(live: Live) -> list[str]:
    return [str(body["orderLinkId"]) for path, body in live.posted if path == "order/create"]


def on_create(kind: Fault, **more: Any) -> Switch:
    return Switch(kind=kind, on="order/create", **({"times": 1} | more))


def test_001_an_order_whose_answer_was_lost_is_found_and_placed_once(tmp_path: Path) -> None:
    """The answer to a placement was lost although the order is live: it is asked for by its name."""
    live = started(tmp_path, LIMIT, on_create(Fault.DROP_ANSWER))
    live.run(10_000)
    assert len(creates(live)) == 1
    assert live.order("in").is_accepted
    assert not live.order("in").uncertain
    live.laws()


def test_002_an_order_that_never_arrived_ends_after_two_looks(tmp_path: Path) -> None:
    """The request never arrived: proven absent by two looks, a settle time apart, in both lists."""
    live = started(tmp_path, LIMIT, on_create(Fault.DROP_REQUEST))
    assert live.order("in").uncertain
    live.run(10_000)
    assert (live.order("in").state, live.order("in").reason) == ("rejected", "not_received")
    live.laws()


def test_003_an_order_that_appears_after_it_was_given_up_is_taken_away(tmp_path: Path) -> None:
    """The order appears after it was given up: seen, told and taken away, never doubled."""
    live = started(
        tmp_path, LIMIT, on_create(Fault.DELAY_EFFECT, value=20_000), on_create(Fault.DROP_ANSWER)
    )
    live.run(10_000)
    assert live.order("in").state == "rejected"
    live.run(30_000)
    assert live.warned("came_back")
    assert live.at_venue() == []
    live.laws()


@pytest.mark.parametrize("code", [10000, 10016, 170007, 429, 987654])
def test_004_an_error_after_the_effect_is_no_refusal(tmp_path: Path, code: int) -> None:
    """An error with an unknown fate (10000, 10016 …) after the order was taken."""
    live = started(tmp_path, LIMIT, on_create(Fault.CODE_AFTER, value=code))
    live.run(10_000)
    assert live.order("in").is_accepted
    assert len(creates(live)) == 1
    live.laws()


def test_005_a_duplicate_is_adopted(tmp_path: Path) -> None:
    """The venue says that the name was used before: the order exists and is ours."""
    live = started(tmp_path, LIMIT, on_create(Fault.CODE_AFTER, value=110072))
    live.run(10_000)
    assert live.order("in").is_accepted
    live.laws()


def test_006_two_runs_never_share_a_name() -> None:
    """Names that begin anew with each session would meet those of the last one."""
    assert names_of("1", "abcdef").link("o1") != names_of("2", "abcdef").link("o1")


def test_007_a_name_the_venue_would_refuse_is_refused_at_the_start() -> None:
    """A name too long or of other letters would be refused at the first order: it is at the start."""
    with pytest.raises(BadLink):
        names_of("z" * 25, "abcdef")


def test_008_a_row_before_the_lost_answer_leaves_no_doubt(tmp_path: Path) -> None:
    """The stream said New before the request timed out: nothing is uncertain any more."""
    for seed in range(4):  # in some of them the stream is let in first
        folder = tmp_path / str(seed)
        folder.mkdir()
        live = started(folder, LIMIT, on_create(Fault.DROP_ANSWER), seed=seed)
        live.run(5_000)
        assert not live.order("in").uncertain


def test_009_a_fill_before_the_answer_counts_once(tmp_path: Path) -> None:
    """The fill arrives before the answer and before any row of the order."""
    for seed in range(4):
        folder = tmp_path / str(seed)
        folder.mkdir()
        live = started(folder, MARKET, on_create(Fault.STREAM_FIRST), seed=seed)
        live.run(3_000)
        assert live.held == live.venue_held == 100
        live.laws()


def test_010_an_error_answer_to_an_order_that_was_filled_rejects_nothing(tmp_path: Path) -> None:
    """The answer is an error although executions exist: executions win."""
    live = started(tmp_path, MARKET, on_create(Fault.CODE_AFTER, value=10016))
    live.run(5_000)
    assert live.order("in").state == "filled"
    live.laws()


def test_011_only_the_stream_says_what_became_of_an_acknowledged_order(tmp_path: Path) -> None:
    """Acknowledged, then rejected or cancelled by the stream: an acknowledgement is no verdict."""
    live = started(tmp_path, LIMIT, on_create(Fault.REJECT, text="EC_PostOnlyWillTakeLiquidity"))
    live.run(2_000)
    assert live.order("in").is_terminal
    assert live.at_venue() == []
    live.laws()


def test_012_a_market_order_without_liquidity_ends(tmp_path: Path) -> None:
    """A market order finds no liquidity and ends at once."""
    live = started(tmp_path, MARKET, Switch(kind=Fault.NO_LIQUIDITY, times=1))
    live.run(2_000)
    assert live.order("in").is_terminal
    assert live.held == 0
    live.laws()


def test_013_what_is_refused_again_and_again_is_asked_three_times_only(tmp_path: Path) -> None:
    """The same refusal again and again: three times in a minute, then it rests."""
    every = (
        "- id: b\n  cases:\n    - when: bar_index >= 1\n      emit:\n        - "
        + emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in") + "\n"
    )  # fmt: skip
    live = Live(tmp_path, every, faults=[on_create(Fault.CODE, value=110007, times=None)])
    live.backend.router.breaker._within = 600_000
    live.bar(bars=8)
    assert len(creates(live)) == 3
    assert live.warned("breaker")
    assert live.order("in").reason == "suspended"


def test_015_no_price_leaves_beside_the_grid(tmp_path: Path) -> None:
    """A price that binary numbers cannot hold leaves as the decimal that was meant."""
    price = emit("place_limit_long", size="0.1 base", price=49876.3, order_ref="in")
    live = started(tmp_path, at_bar(1, price))
    live.run(2_000)
    assert live.posted[0][1]["price"] == "49876.3"
    assert live.order("in").is_accepted


def test_016_a_price_that_the_venue_moved_is_taken_over_and_told(tmp_path: Path) -> None:
    """The venue moved a price into its band: the working price is read from the stream."""
    live = started(tmp_path, LIMIT, on_create(Fault.ADJUST_PRICE, value=5))
    live.run(2_000)
    assert live.warned("changed_by_venue")
    (row,) = live.venue.state.open_orders("BTCUSDT")
    assert live.order("in").limit_price == float(row.price)


def test_019_a_stop_that_the_market_has_passed_closes_at_once(tmp_path: Path) -> None:
    """The market ran past a protective stop before it arrived: closing is what it would have done."""
    live = Live(tmp_path, MARKET, faults=[on_create(Fault.CODE, value=110093, at=(2,))])
    live.bar(bars=2)
    live.run(5_000)
    assert live.held == live.venue_held == 0
    assert not live.desk.guard.halted  # it is what the stop would have done
    live.laws()


@pytest.mark.parametrize("kind", [Fault.HTML, Fault.HTTP, Fault.CUT, Fault.JSON_ODD, Fault.HALF])
def test_070_an_odd_answer_to_a_placement_is_unknown_until_asked(
    tmp_path: Path, kind: Fault
) -> None:
    live = started(tmp_path, LIMIT, on_create(kind, value=502))
    live.run(12_000)
    order = live.order("in")
    assert order.is_accepted or order.reason == "not_received"
    assert len(creates(live)) == 1
    live.laws()
