"""Equity on every bar is what the executions, fees and funding say, liquidations included.

The sums here are kept apart from the ledger's: cash in and out, and lots at the last close.
"""

from __future__ import annotations

from array import array
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.market.data import FundingSeries
from runtime.orders.events import Event, FundingPaid, OrderFilled
from runtime.orders.order_spec import Role
from runtime.records.recorder import Recorder
from tests.properties.test_exchange_laws import bars, orders, settings_
from tests.runtime.backends.sim.bench import MINUTE, Bench

assert settings.default is not None
many = settings(max_examples=max(150, settings.default.max_examples))


class Recorded(Bench):
    """A bench whose events a recorder hears, as in a run."""

    recorder: Recorder | None = None

    def emit(self, event: Event) -> None:
        super().emit(event)
        if self.recorder is not None:
            self.recorder(event)


class Books:
    """The account again, from events alone: cash, signed lots, fees, funding."""

    def __init__(self, start: float) -> None:
        self.start = start
        self.cash = self.fees = self.funding = 0.0
        self.lots = 0
        self.read = 0

    def take_in(self, bench: Bench, seen: Counter[str]) -> None:
        for event in bench.events[self.read :]:
            if isinstance(event, FundingPaid):
                self.funding += event.amount
                seen["paid" if event.amount > 0 else "received"] += 1
            elif isinstance(event, OrderFilled):
                spec = bench.ledger.orders[event.order_id].spec
                self.lots += spec.side.sign * event.quantity
                self.cash -= spec.side.sign * event.quantity * event.price
                self.fees += event.fee
                seen["liquidated"] += spec.role is Role.LIQUIDATION
        self.read = len(bench.events)

    def equity(self, close: float) -> float:
        return self.start + self.cash + self.lots * close - self.fees - self.funding


def test_equity_is_start_plus_profit_minus_fees_and_funding_on_every_bar() -> None:
    seen: Counter[str] = Counter()

    @many
    @given(st.data())
    def law(data: st.DataObject) -> None:
        rows = data.draw(bars())
        rates = [data.draw(st.sampled_from([-0.004, 0.001, 0.003])) for _ in rows]
        times = array("q", [MINUTE * (number + 1) for number in range(len(rows))])
        account = {
            "starting_equity_usdt": 3_000.0, "taker_bps": 5.5, "maker_bps": 2.0,
            "slippage_bps": 25.0, "max_leverage": data.draw(st.sampled_from([3.0, 10.0, 20.0])),
        }  # fmt: skip
        funding = FundingSeries(times, array("d", rates))
        bench = Recorded(
            rows, execution=data.draw(settings_()), account=account, funding=funding  # type: ignore[arg-type]
        )  # fmt: skip
        books = Books(3_000.0)
        bench.recorder = Recorder(bench.ledger, bench.exchange.data.exec, bench.exchange.paths_of)
        for row in rows:
            for side, kind, lots, more in data.draw(st.lists(orders(), max_size=2)):
                bench.place(side, kind, lots, **more)
            bench.bar()
            books.take_in(bench, seen)
            ledger, ours = bench.ledger, books.equity(row[3])
            held = ledger.account
            identity = (
                held.starting_equity + held.realized + ledger.unrealized - held.fees - held.funding
            )
            assert abs(ledger.equity - ours) < 1e-6
            assert abs(identity - ours) < 1e-6

        trades = bench.recorder.finish([]).trades
        assert abs(sum(t.net_pnl for t in trades) - (bench.ledger.equity - 3_000.0)) < 1e-6

    law()
    # The law is worth nothing where nothing happens.
    assert min(seen["paid"], seen["received"]) > 50, seen
    assert seen["liquidated"] > 10, seen
