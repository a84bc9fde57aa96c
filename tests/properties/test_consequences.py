"""What an event demands: the same above the simulator and above a backend that answers later.

The events of a simulated run are told to a second engine one by one, as a venue would tell them: only
what a venue can say. What the second engine asks for must be what the simulator did of itself.
"""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.account.ledger import Ledger
from runtime.backends.scripted import ScriptedBackend
from runtime.consequences import after, upkeep
from runtime.engine import Engine
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import (
    BarClosed,
    Event,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderSubmitted,
    ProtectionChanged,
    RequestSent,
)
from runtime.rules.market_stage import MarketStage
from tests.properties.test_prefix_stability import PROGRAMS, live, walk

_OWN = frozenset({"ttl", "on_partial", "oco", "on_flat", "position_closed", "replaced"})


class Twin:
    """A second engine, told what a venue would tell; `asked` are demands without an answer yet."""

    def __init__(self, card: str, bars: int, seed: int) -> None:
        program, instrument = PROGRAMS[card], instrument_for("BTCUSDT")
        frame = walk(seed, bars, program.graph.timeframe)
        market = MarketStage(program, MarketData(exec=frame))
        market.advance(bars)
        self.ledger = Ledger(instrument, program.graph.settings)
        self.engine = Engine(program, self.ledger, market, instrument)
        self.backend = ScriptedBackend(self.told)
        self.asked: list[Command] = []
        self.decided: list[list[Command]] = []

    def told(self, event: Event) -> None:
        demanded = self.engine.react(event)
        self.asked += demanded
        # Asked again at once, nothing is asked twice.
        assert list(upkeep(self.ledger, event.bar, event.ts)) == []

    def answered(self, event: Event) -> None:
        """Strike the demand that an event of the simulator carries out."""
        match event:
            case OrderCancelled() | OrderExpired():
                found: Command = CancelOrder(order_id=event.order_id, reason=event.reason)
            case OrderAmended():
                found = AmendOrder(
                    order_id=event.order_id, quantity=event.quantity,
                    limit_price=event.limit_price, trigger_price=event.trigger_price,
                )  # fmt: skip
            case OrderSubmitted(spec=spec):
                found = SubmitOrder(spec=spec)
            case _:
                return
        if found in self.asked:
            self.asked.remove(found)
        else:
            assert not isinstance(event, OrderSubmitted), f"{found} was not asked for"
            assert isinstance(event, OrderAmended) or event.reason not in _OWN, f"{found}"


def played(card: str, seed: int, bars: int, *, late: bool) -> Twin:
    """Tell a simulated run to a twin. `late`: what a close asks for is answered after its decisions."""
    commands, events = live(card, walk(seed, bars, PROGRAMS[card].graph.timeframe), chunk=bars)
    twin, script = Twin(card, bars, seed), deque(events)
    given_protection: deque[SetProtection] = deque()
    card_amends: list[Command] = []
    while script:
        event = script.popleft()
        if isinstance(event, RequestSent) or (
            isinstance(event, OrderSubmitted) and event.spec.role.value in ("entry", "exit")
        ):
            continue  # the twin says so itself
        if isinstance(event, ProtectionChanged) and not given_protection:
            continue  # what a fill brings: the twin knows
        if isinstance(event, ProtectionChanged):
            given_protection.popleft()
        twin.answered(event)
        if not isinstance(event, OrderSubmitted):
            twin.backend.extend([event])
            twin.backend.play()
        if not isinstance(event, BarClosed):
            continue
        over: list[Event] = []
        while script and isinstance(script[0], OrderCancelled | OrderExpired):
            if script[0].reason not in ("ttl", "on_partial"):
                break
            over.append(script.popleft())
        for end in () if late else over:
            twin.answered(end)
            twin.told(end)
        twin.decided.append(twin.engine.close_bar(event.bar))
        for end in over if late else ():
            twin.answered(end)
            twin.told(end)
        given_protection.extend(c for c in twin.decided[-1] if isinstance(c, SetProtection))
        card_amends += [c for c in twin.decided[-1] if isinstance(c, AmendOrder)]
        assert twin.decided[-1] == commands[event.bar]
    assert twin.asked == []
    return twin


@pytest.mark.parametrize("late", [False, True], ids=["at once", "after the decisions"])
@pytest.mark.parametrize("card", sorted(PROGRAMS))
@settings(max_examples=max(3, settings.default.max_examples // 12))
@given(seed=st.integers(0, 10_000))
def test_an_engine_above_any_backend_asks_for_what_the_simulator_does(
    card: str, seed: int, late: bool
) -> None:
    played(card, seed, 600, late=late)


@pytest.mark.parametrize("card", sorted(PROGRAMS))
def test_deciding_changes_nothing(card: str) -> None:
    _, events = live(card, walk(3, 600, PROGRAMS[card].graph.timeframe), chunk=600)
    ledger = Ledger(instrument_for("BTCUSDT"), PROGRAMS[card].graph.settings)
    for event in events:
        ledger.apply(event)
        before = ledger.state()
        if isinstance(event, OrderFilled | BarClosed):
            assert after(event, ledger) == after(event, ledger)
            assert ledger.state() == before


@pytest.mark.parametrize("card", sorted(PROGRAMS))
def test_a_journal_that_ends_with_a_fill_still_gets_its_stops(card: str) -> None:
    """A crash between a fill and what it demands: what the replayed ledger asks for, without the event."""
    _, events = live(card, walk(3, 600, PROGRAMS[card].graph.timeframe), chunk=600)
    ledger = Ledger(instrument_for("BTCUSDT"), PROGRAMS[card].graph.settings)
    for event in events:
        ledger.apply(event)
        if isinstance(event, OrderFilled):
            assert after(event, ledger) == list(upkeep(ledger, event.bar, event.ts))
