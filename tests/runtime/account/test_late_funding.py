"""Funding that is told later, or sooner, than the fills around it: it belongs to who held at its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.account.ledger import Ledger
from runtime.account.results import Ended
from runtime.orders.events import BarClosed, Event, FundingPaid, OrderFilled, OrderSubmitted
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Role, Side
from tests.runtime.backends.sim.bench import TEST, Bench

SETTINGS = Bench([(100, 100, 100, 100)]).ledger.settings
FILLS = st.lists(
    st.tuples(st.integers(-3, 3).filter(bool), st.integers(90, 110)), min_size=1, max_size=14
)


def fill(number: int, lots: int, price: float) -> list[Event]:
    """Return the order at market that an execution at `10 * number` fills."""
    side, name = (Side.BUY if lots > 0 else Side.SELL), f"o{number}"
    ts = 10 * number
    spec = OrderSpec(
        order_id=name, symbol="TEST", side=side, role=Role.ENTRY, effect=Effect.OPEN,
        order_type=OrderType.MARKET, quantity=abs(lots),
    )  # fmt: skip
    done = OrderFilled(
        order_id=name, execution_id=name, quantity=abs(lots), price=price, fee=0.0, is_maker=False,
        bar=number, ts=ts,
    )  # fmt: skip
    return [OrderSubmitted(spec=spec, bar=number, ts=ts), done]


def paid(number: int, amount: float, name: str = "f") -> FundingPaid:
    """Return what whoever held after fill `number` has paid."""
    return FundingPaid(
        symbol="TEST", rate=0.001, mark=100.0, amount=amount, bar=number, ts=10 * number + 5,
        execution_id=name and f"{name}{number}",
    )  # fmt: skip


def lived(told: list[list[Event]]) -> Ledger:
    ledger = Ledger(TEST, SETTINGS)
    ledger.apply(BarClosed(bar=0, ts=0, close=100.0, mark=100.0))
    for events in told:
        for event in events:
            ledger.apply(event)
    return ledger


@given(fills=FILLS, data=st.data())
def test_results_are_the_same_in_whatever_order_funding_is_told(
    fills: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Amounts are whole eighths, so sums are exact: streaks, results and counts are equal, not near."""
    in_time, told, held = [], [], 0
    for number, (lots, price) in enumerate(fills):
        events = fill(number, lots, float(price))
        in_time.append((10.0 * number, events))
        told.append((10.0 * number, events))
        held += lots
        if held:
            event: list[Event] = [paid(number, data.draw(st.integers(-80, 80)) / 8)]
            in_time.append((10.0 * number + 5, event))
            told.append((10.0 * number + 5 + 10 * data.draw(st.integers(-2, 6)), event))
    told.sort(key=lambda one: one[0])
    right, found = lived([one for _, one in in_time]), lived([one for _, one in told])
    assert found.counters == right.counters
    for name in ("last_pnl", "last_pnls", "last_r", "wins", "losses", "lost", "net", "ended"):
        assert getattr(found.results, name) == getattr(right.results, name), name
    assert found.account == right.account


def test_funding_told_after_the_exit_makes_of_the_trade_that_paid_it_a_loss() -> None:
    """Won by 2, then 3 of funding are told: lost by 1, and the trade that is open by then pays nothing."""
    trade = [fill(1, 1, 100.0), fill(2, -1, 102.0), fill(3, 1, 100.0)]
    before = lived(trade)
    assert (before.results.wins, before.results.losses, before.results.last_pnl) == (1, 0, 2.0)
    after = lived([*trade, [paid(1, 3.0)]])
    assert (after.results.wins, after.results.losses, after.results.lost) == (0, 1, 1)
    assert (after.results.last_pnl, after.results.net, after.counters.fundings) == (-1.0, 0.0, 0)
    assert after.results.ended == (Ended(began=10, at=20, risk=None, wins=0, losses=0),)


def test_a_simulator_tells_funding_in_its_place_whatever_its_time_says() -> None:
    """It gives no id. Its times are rounded along a bar's path, so the order of telling is what counts."""
    ledger = lived([fill(1, 1, 100.0), fill(2, -1, 102.0), fill(3, 1, 100.0), [paid(1, 3.0, "")]])
    assert (ledger.results.last_pnl, ledger.results.net) == (2.0, -3.0)
    assert ledger.counters.fundings == 1
