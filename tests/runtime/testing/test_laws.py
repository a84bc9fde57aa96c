"""The laws of every run notice what they are there for: one forged account per law."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Effect, Role, TimeInForce
from runtime.testing.laws import BUILT_IN, Books, broken_laws
from runtime.testing.promises import Watch
from runtime.testing.tape import LAWS
from runtime.testing.trial import first_broken
from tests.strategies.runs import SMALL, Run, at_bar, card_text, emit, flat

CARD = card_text(
    at_bar(0, emit("entry_long", size_usdt=500, stop_loss=95, take_profit=110))
    + at_bar(1, emit("place_limit_long", price=99.0, size_usdt=100, order_ref="low", ttl_bars=5)),
    account="max_position_usdt: 700",
)


class Watched(Run):
    """A run whose second bookkeeping has seen every event."""

    def __init__(self) -> None:
        super().__init__(CARD, flat(100.0, 6))
        self.books = Books(self.ledger)
        self.engine.listeners.append(self.books.seen)
        self.live(3)

    def broken(self) -> list[str]:
        return [law for law, _ in broken_laws(self.ledger, self.books)]


def lose_a_fee(run: Watched) -> None:
    run.ledger.account.fees += 1.0


def lose_a_lot(run: Watched) -> None:
    assert run.ledger.position is not None
    run.ledger.position.layers[0].quantity -= 1


def overfill(run: Watched) -> None:
    next(iter(run.ledger.book)).filled = 10**9


def stop_of_too_much(run: Watched) -> None:
    stop = run.ledger.protective(Role.STOP_LOSS)
    assert stop is not None
    stop.quantity += 1


def lose_the_stop(run: Watched) -> None:
    stop = run.ledger.protective(Role.STOP_LOSS)
    assert stop is not None
    run.ledger.book.remove(stop.order_id)


def keep_what_ended(run: Watched) -> None:
    order = run.ledger.book.by_ref("low")
    assert order is not None
    order.expires_bar = order.spec.created_bar + 1


def rest_although_at_once(run: Watched) -> None:
    order = run.ledger.book.by_ref("low")
    assert order is not None
    order.spec = dataclasses.replace(order.spec, time_in_force=TimeInForce.IOC)


def lower_the_maximum(run: Watched) -> None:
    account = dataclasses.replace(run.ledger.settings.account, max_position_usdt=400.0)
    run.ledger.settings = dataclasses.replace(run.ledger.settings, account=account)


FORGED: list[tuple[str, Callable[[Watched], None]]] = [
    ("money_adds_up", lose_a_fee),
    ("position_is_its_fills", lose_a_lot),
    ("fills_within_orders", overfill),
    ("exits_within_position", stop_of_too_much),
    ("never_naked", lose_the_stop),
    ("orders_end", keep_what_ended),
    ("orders_end", rest_although_at_once),
    ("within_max_position", lower_the_maximum),
]


def test_an_honest_run_keeps_every_law() -> None:
    assert Watched().broken() == []


@pytest.mark.parametrize(("law", "forge"), FORGED)
def test_a_forged_account_breaks_the_law_it_offends(
    law: str, forge: Callable[[Watched], None]
) -> None:
    run = Watched()
    forge(run)
    assert law in run.broken()


def test_an_exit_that_turns_the_position_around_is_noticed() -> None:
    run = Watched()
    stop = run.ledger.protective(Role.STOP_LOSS)
    assert stop is not None
    assert stop.spec.effect is Effect.REDUCE
    for listener in run.engine.listeners:
        listener(
            OrderFilled(
                order_id=stop.order_id, execution_id="x", quantity=stop.quantity + 1, price=95.0,
                fee=0.0, is_maker=False, bar=2, ts=0,
            )
        )  # fmt: skip
    assert "exits_within_position" in run.broken()


def test_an_order_left_working_after_the_data_is_noticed() -> None:
    run = Watched()
    watch = Watch(run.program, run.engine)
    found = watch.at_end(2)
    assert found is not None
    assert found.promise == "orders_end"
    run.exchange.end_of_data(2)
    assert watch.at_end(2) is None


def test_an_engine_that_raises_is_a_finding_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(CARD, flat(100.0, 3))

    def fails(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("runtime.engine.Engine.observe", fails)
    found = first_broken(run.program, run.data, SMALL)
    assert found is not None
    assert (found.promise, found.how, found.bar) == ("runs_without_error", "error", 0)
    assert "ZeroDivisionError: planted" in found.text


def test_every_built_in_law_has_a_forgery_here() -> None:
    """Those of the tape have theirs beside it."""
    assert {law for law, _ in FORGED} | {"runs_without_error"} == set(BUILT_IN) - set(LAWS)


def test_a_stop_limit_that_must_fill_at_once_may_wait_for_its_trigger() -> None:
    action = emit(
        "place_stop_long", trigger=103.0, limit_price=103.5, size_usdt=100, ttl_type="ioc"
    )
    run = Run(card_text(at_bar(0, action)), flat(100.0, 4))
    assert first_broken(run.program, run.data, SMALL) is None
