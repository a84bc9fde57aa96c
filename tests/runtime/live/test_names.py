"""Whose order is it: runs, processes of a run, and orders that a journal lacks."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from runtime.backends.bybit.names import fresh_mark, fresh_run, names_of, run_of
from runtime.orders.naming import Naming, number_of
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import SYMBOL, Live
from tests.runtime.live.looped import Looped
from tests.runtime.live.scenarios import without_a_disk
from tests.runtime.live.test_placing import MARKET
from tests.strategies.runs import at_bar, emit

RESTS = at_bar(
    1, emit("place_limit_long", size="0.1 base", price=49900.0, stop_loss=48000.0, order_ref="in")
)


def stops(live: Live) -> list[tuple[str, Decimal]]:
    """The conditional orders at the venue: what covers the position."""
    return [
        (o.link, o.qty) for o in live.venue.state.open_orders(SYMBOL) if o.trigger and o.reduce_only
    ]


# ---------------------------------------------------------------- runs


def test_no_two_runs_have_one_name_whatever_became_of_their_files() -> None:
    runs = {fresh_run() for _ in range(2_000)}
    assert len(runs) == 2_000
    assert all(names_of(run, "abcdef") for run in runs)


def test_the_longest_name_of_a_run_fits_the_venue_and_leads_back() -> None:
    names, naming = names_of(fresh_run(), "abcdef"), Naming(("",))
    naming.begin(fresh_mark())
    link = names.link(naming.of("o", 9_999_999) + "p9r9")
    assert len(link) <= 36
    assert run_of(link) == names.prefix[2:10]
    assert number_of(str(names.order_id(link)), "o") == 9_999_999
    assert naming.is_known(str(names.order_id(link)))


def test_a_session_whose_files_are_lost_takes_no_order_of_the_account_for_its_own(
    tmp_path: Path,
) -> None:
    """The same card on the same account from an empty folder: its `o1` and `v1` are others than those there."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Live(tmp_path / "a", MARKET, run=fresh_run())
    first.bar(bars=2)
    before = {o.link: o for o in first.venue.state.orders.values()}
    first.kill()
    shutil.rmtree(tmp_path / "a")
    second = Live(tmp_path / "b", MARKET, venue=first.venue, run=fresh_run())
    second.bar(bars=3)
    assert second.desk.guard.halted.startswith("foreign_run")
    run = first.names.prefix[2:10]
    assert any(n.kind == "foreign_run" and run in n.text for n in second.session.notices)
    assert {o.link: o for o in first.venue.state.orders.values()} == before, "touched, or doubled"
    assert second.posted == []
    second.replayed()


# ---------------------------------------------------------------- processes of a run


@pytest.mark.parametrize("door", [Live, Looped])
def test_019_a_stop_sent_without_a_journal_line_is_found_at_the_restart_and_adopted(
    tmp_path: Path, door: type[Live]
) -> None:
    live = door(tmp_path, MARKET)
    live.bar(bars=2)
    (before,) = stops(live)
    without_a_disk(live)
    live.act("drop_stop")
    live.run(8_000)
    (sent,) = stops(live)
    assert sent != before
    count = len(live.posted)
    live.restart()
    live.run(20_000)
    name = str(live.names.order_id(sent[0]))
    assert name in live.ledger.orders
    assert live.ledger.orders[name].spec.role is Role.STOP_LOSS
    assert live.desk.guard.halted.startswith("lost_order")
    assert stops(live) == [sent], "the very order that was there, never gone and never a second"
    assert live.posted[count:] == []
    live.laws()
    live.replayed()
    live.end()


def test_019_a_fill_and_its_stop_that_no_journal_knows_are_found_and_not_doubled(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, RESTS)
    live.bar(bars=2)
    without_a_disk(live)
    live.trade("48900", 3_000)
    (sent,) = stops(live)
    live.restart()
    live.run(20_000)
    assert live.held == live.venue_held == 100
    assert [qty for _, qty in stops(live)] == [Decimal("0.1")]
    assert str(live.names.order_id(sent[0])) in live.ledger.orders
    live.laws()
    live.replayed()


def test_019_it_is_found_by_a_clock_that_is_behind_the_venue_too(tmp_path: Path) -> None:
    """The venue says that the order came after the session began; it stood there when both first agreed."""
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    without_a_disk(live)
    live.act("drop_stop")
    live.run(8_000)
    (sent,) = stops(live)
    live.kill()
    live.late_ms = 60_000
    live._boot()
    live.run(20_000)
    assert live.venue.now - live.session._now() == 60_000
    assert live.ledger.orders[str(live.names.order_id(sent[0]))].spec.role is Role.STOP_LOSS
    assert stops(live) == [sent]


def test_019_an_order_of_the_past_that_comes_later_is_another_process_and_is_left(
    tmp_path: Path,
) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    live.restart()
    live.run(15_000)
    link = live.names.link("v7")
    answer = live.road.client.post(
        "order/create", category="linear", symbol=SYMBOL, side="Sell", orderType="Market", qty="0.02",
        triggerPrice="48900", triggerDirection=2, triggerBy="LastPrice", positionIdx=0, reduceOnly=True,
        orderLinkId=link,
    )  # fmt: skip
    assert answer["retCode"] == 0
    live.run(15_000)
    assert live.desk.guard.halted.startswith("lost_order")
    assert "v7" not in live.ledger.orders
    assert link in {o.link for o in live.venue.state.open_orders(SYMBOL)}


def test_019_a_stop_of_such_a_process_whose_position_is_gone_is_cancelled(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    without_a_disk(live)
    live.act("drop_stop")
    live.run(8_000)
    live.kill()
    live.act_on_venue("manual", amount="-0.1")
    live._boot()
    live.run(40_000)
    assert live.held == live.venue_held == 0
    assert stops(live) == []
    live.laws()


def test_names_given_without_a_journal_are_never_given_again(tmp_path: Path) -> None:
    """An exit left without a line; the next entry of the card must not be taken for it."""
    card = (
        MARKET
        + at_bar(3, emit("exit_long"))
        + at_bar(7, emit("entry_long", size="0.05 base", stop_loss=40000.0, order_ref="next"))
    )
    live = Live(tmp_path, card)
    live.bar(bars=2)
    without_a_disk(live)
    live.bar(bars=2)
    assert live.venue_held == 0
    sent = {o.link for o in live.venue.state.orders.values()}
    live.restart()
    live.run(20_000)
    assert live.held == live.venue_held == 0
    live.session.said("resume", "test")
    live.bar(bars=4)
    assert live.held == live.venue_held == 50
    assert live.names.link(live.order("next").order_id) not in sent
    live.laws()
    live.replayed()


def test_two_processes_on_copies_of_one_journal_never_share_a_name_and_both_halt(
    tmp_path: Path,
) -> None:
    later = at_bar(5, emit("place_limit_long", size="0.05 base", price=48500.0, order_ref="b"))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Live(tmp_path / "a", MARKET + later)
    first.bar(bars=2)
    first.kill()
    shutil.copy(tmp_path / "a" / "session.journal", tmp_path / "b")
    first._boot()
    second = Live(tmp_path / "b", MARKET + later, venue=first.venue, seed=9)
    before = stops(first)
    for _ in range(4):
        first.bar()
        second.bar()
    links = [o.link for o in first.venue.state.orders.values() if o.link]
    assert len(links) == len(set(links))
    assert stops(first) == before, "a stop of one is never the other's to cancel"
    assert second.desk.guard.halted or first.desk.guard.halted
    others = {n.kind for live in (first, second) for n in live.session.notices}
    assert "foreign_run" in others
