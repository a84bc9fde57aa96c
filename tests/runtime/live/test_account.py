"""The account around the position: modes, money that comes and goes, positions of others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from runtime.backends.bybit.reconcile import OnMismatch
from runtime.backends.bybit.rest import Rest
from runtime.errors import DataError
from runtime.live.guard import SessionLimits
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import BTC, START, SYMBOL, Live, Road, program
from tests.runtime.live.test_placing import LIMIT, MARKET, creates, started
from tests.strategies.runs import at_bar, emit
from tools.fakebybit import rows
from tools.fakebybit.acts import manual
from tools.fakebybit.control import perform
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.instrument import BTCUSDT
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue
from tools.live.facts import SessionFacts, same_session
from tools.live.venue_facts import prepare, read_account, refused


def test_051_a_hedged_position_halts(tmp_path: Path) -> None:
    """Hedge mode was left on or turned on: a row of one side is not the position."""
    live = started(tmp_path, MARKET)
    live.act("position_mode", value=3)
    live.run(15_000)
    assert live.warned("hedge_mode")
    assert "one-way" in live.desk.guard.halted


def test_054_what_is_free_is_counted_here_and_half_a_wallet_row_stops_nothing(
    tmp_path: Path,
) -> None:
    """The wallet tells cash alone, or a figure for another margin mode: orders are sized by our own."""
    big = at_bar(2, emit("place_limit_long", size="50 base", price=49900.0, order_ref="big"))
    live = Live(tmp_path, LIMIT + big)
    live.bar(bars=2)
    row = {"accountType": "UNIFIED", "coin": [{"coin": "USDT", "walletBalance": "99999999"}]}
    live.session.frame({"topic": "wallet", "data": [row]})
    assert live.backend.seen.wallet is not None
    assert live.backend.seen.wallet.equity == 99_999_999
    live.bar()
    assert not live.backend.intake.quarantine
    assert len(creates(live)) == 1
    assert live.desk.engine.refusals or live.order("big").quantity < 50_000
    live.laws()


@pytest.mark.parametrize("amount", ["-500", "700"])
def test_055_a_transfer_is_no_profit_and_no_loss(tmp_path: Path, amount: str) -> None:
    """Money was put in or taken out while a position was open: no limit takes it for trading."""
    live = started(
        tmp_path, MARKET, limits=SessionLimits(max_daily_loss_usdt=50, max_drawdown_pct=1)
    )
    live.bar()
    live.act("transfer", amount=amount)
    live.run(40_000)
    account = live.ledger.account
    assert account.adjusted == pytest.approx(float(amount))
    assert account.realized == 0.0
    assert live.ledger.equity == pytest.approx(10_000 + float(amount) - account.fees, abs=20)
    assert not live.desk.guard.halted
    live.run(40_000)
    assert account.adjusted == pytest.approx(float(amount))
    live.restart()
    live.run(40_000)
    assert live.ledger.account.adjusted == pytest.approx(float(amount))
    live.laws()
    live.replayed()


def test_055_a_transfer_while_the_session_was_away_is_told_after_it(tmp_path: Path) -> None:
    """Nobody listened when the money came: the venue's log says so at the start."""
    live = started(tmp_path, MARKET)
    live.run(15_000)
    live.kill()
    live.venue.advance(live.venue.now + 3_000)
    live.act_on_venue("transfer", amount="250")
    live._boot()
    live.run(40_000)
    assert live.ledger.account.adjusted == pytest.approx(250)
    live.laws()


def test_055_a_transfer_before_the_first_look_is_told_like_others(tmp_path: Path) -> None:
    """Money came between the start and the first comparison: it was not there before."""
    venue = Venue(Settings(start_ms=START))
    perform(venue, "transfer", {"amount": "100"})
    live = Live(tmp_path, MARKET, venue=venue)
    live.bar(bars=2)
    live.run(40_000)
    assert live.ledger.account.adjusted == pytest.approx(100)
    live.wait(60_000)
    assert not live.warned("money_differs")
    live.laws()


def test_money_that_nothing_explains_is_an_alarm(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.run(15_000)
    live.venue.state.wallet.balance -= Decimal(3)
    live.run(60_000)
    assert live.warned("money_differs")
    assert live.held == live.venue_held == 100
    assert not live.desk.guard.halted


def test_057_among_many_positions_ours_is_found(tmp_path: Path) -> None:
    """Lists come in pages of twenty: the position is asked for by its symbol."""
    many = [replace(BTCUSDT, symbol=f"A{n:02d}USDT", base=f"A{n:02d}") for n in range(30)]
    venue = Venue(Settings(start_ms=START, balance=Decimal(10_000_000)),
                  instruments=[*many, BTCUSDT])  # fmt: skip
    for one in many:
        manual(venue.state, one.symbol, Decimal("0.01"))
    live = Live(tmp_path, MARKET, venue=venue)
    live.bar(bars=2)
    live.run(15_000)
    assert live.held == live.venue_held == 100
    assert not live.warned("outside_order")
    live.laws()


def test_075_two_sessions_on_one_contract_halt(tmp_path: Path) -> None:
    """A second writer would fight for the same position: the names of its orders give it away."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = Live(tmp_path / "a", LIMIT)
    first.bar(bars=2)
    second = Live(tmp_path / "b", LIMIT, venue=first.venue, run="2")
    second.run(2_000)
    assert second.warned("foreign_run")
    assert second.desk.guard.halted
    second.bar(bars=2)
    assert second.posted == []
    assert first.at_venue() == ["o1"]


def test_092_one_wrong_word_about_the_money_closes_nothing(tmp_path: Path) -> None:
    """The wallet once says zero: limits look at the ledger, and missing money closes no position."""
    live = started(
        tmp_path, MARKET, limits=SessionLimits(max_drawdown_pct=5, max_daily_loss_usdt=100)
    )
    row = rows.wallet_row(live.venue.state)
    (coin,) = cast(list[dict[str, object]], row["coin"])
    none = {"equity": "0", "walletBalance": "0", "totalPositionIM": "0", "totalOrderIM": "0"}
    live.session.frame({"topic": "wallet", "data": [row | {"coin": [coin | none]}]})
    live.run(30_000)
    assert not live.desk.guard.halted
    assert live.held == live.venue_held == 100
    assert live.ledger.account.adjusted == 0.0
    live.laws()


def test_093_a_close_that_races_the_stop_ends_flat_and_leaves_nothing(tmp_path: Path) -> None:
    """The stop fires while the close is on its way: both reduce only, and what is left goes."""
    card = MARKET + at_bar(
        1, emit("place_limit_long", size="0.05 base", price=48000.0, order_ref="b"), block="r"
    )
    live = Live(tmp_path, card)
    live.bar(bars=3)
    raced: list[str] = []

    def race(path: str, body: dict[str, object]) -> None:
        if body.get("orderType") == "Market" and not raced:
            raced.append(path)
            live.venue.trade(Decimal("48900"))

    live.road.before = race
    live.session.said("flatten", "test")
    live.run(10_000)
    assert raced
    assert live.held == live.venue_held == 0
    assert live.at_venue() == []
    live.laws()


@pytest.mark.parametrize("word", ["Delivery", "Settle"])
def test_095_a_settlement_is_booked_and_halts(tmp_path: Path, word: str) -> None:
    """The contract is gone and the position with it: what closed it is booked, nothing goes on."""
    live = started(tmp_path, MARKET)
    live.act("exec_type", text=word)
    live.act("close_by_hand")
    live.run(10_000)
    assert live.warned("settled")
    assert live.desk.guard.halted
    assert live.held == live.venue_held == 0


def test_100_an_order_that_would_meet_our_own_says_so_and_rests_after_three(tmp_path: Path) -> None:
    """Self-match prevention cancels it each time: asking again and again is a loop."""
    every = (
        "- id: b\n  cases:\n    - when: bar_index >= 1 and pending_order_count == 0\n      emit:\n"
        "        - " + emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in")
        + "\n"
    )  # fmt: skip
    live = Live(tmp_path, every)
    live.backend.router.breaker._within = 600_000
    for _ in range(8):
        live.bar()
        live.act("self_match")
    assert live.warned("breaker")
    assert len(creates(live)) == 3
    ended = {o.reason for o in live.ledger.orders.values()}
    assert ended == {"self_match", "suspended"}


# ---------------------------------------------------------------- a difference nothing explains


def unexplained(tmp_path: Path, on: OnMismatch) -> Live:
    """A position that shrank, of which no execution can ever be found."""
    live = started(tmp_path, MARKET, on_mismatch=on)
    live.run(12_000)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="*"))
    live.act("manual", amount="-0.04")
    live.venue.state.executions.pop()
    live.venue.faults.clear()
    live.run(20_000)
    return live


def test_a_difference_that_nothing_explains_halts_by_default(tmp_path: Path) -> None:
    live = unexplained(tmp_path, OnMismatch.HALT)
    assert (live.held, live.venue_held) == (100, 60)
    assert live.desk.guard.halted


def test_041_a_difference_may_be_adopted_and_the_stop_follows(tmp_path: Path) -> None:
    live = unexplained(tmp_path, OnMismatch.ADOPT)
    assert live.held == live.venue_held == 60
    assert not live.desk.guard.halted
    (stop,) = [o for o in live.ledger.book if o.spec.role is Role.STOP_LOSS]
    assert stop.remaining == 60
    live.laws()
    live.replayed()


def test_041_a_difference_may_be_closed(tmp_path: Path) -> None:
    live = unexplained(tmp_path, OnMismatch.FLATTEN)
    live.run(5_000)
    assert live.held == live.venue_held == 0
    assert live.desk.guard.halted
    live.laws()
    live.replayed()


# ---------------------------------------------------------------- what is read before a start


def asked(venue: Venue) -> Rest:
    road = Road(Client(venue))
    return Rest(road, road)


def test_052_cross_margin_is_read_and_told_and_set_before_there_is_a_position() -> None:
    """The account is on cross margin: it is what the venue says that counts, not what was asked."""
    venue = Venue(Settings(start_ms=START))
    venue.state.flags.margin_mode = "REGULAR_MARGIN"
    rest, settings = asked(venue), program(LIMIT).graph.settings
    assert read_account(rest, SYMBOL).margin_mode == "REGULAR_MARGIN"
    assert refused(prepare(rest, SYMBOL, settings, venue.now)) == []
    assert read_account(rest, SYMBOL).margin_mode == "ISOLATED_MARGIN"


def test_053_a_leverage_that_could_not_be_set_is_told_not_swallowed() -> None:
    """Setting the leverage failed: what could not be set is said in words, and it stays what it was."""
    bad = Switch(kind=Fault.CODE, on="position/set-leverage", value=110013)
    venue = Venue(Settings(start_ms=START), faults=[bad])
    settings = program(LIMIT, account="max_leverage: 25").graph.settings
    (told,) = refused(prepare(asked(venue), SYMBOL, settings, venue.now))
    assert told.startswith("leverage 25")
    assert venue.state.positions[SYMBOL].leverage == 10


def test_098_a_journal_is_not_taken_up_with_another_card() -> None:
    """The card was changed between two starts: its old orders would belong to other rules."""
    facts = SessionFacts(card="a", path="a.yaml", symbol=SYMBOL, venue="local", instrument=BTC)
    same_session(facts, replace(facts, run="7"))
    for other in ({"card": "b"}, {"symbol": "ETHUSDT"}, {"venue": "demo"}):
        with pytest.raises(DataError, match="begun with another"):
            same_session(facts, replace(facts, **other))
