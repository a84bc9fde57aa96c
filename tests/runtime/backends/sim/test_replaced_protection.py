"""Protection that gives way to another is asked for and missed by nobody."""

from __future__ import annotations

from runtime.orders.order_spec import Effect, Protect, RemovalMethod, Role
from tests.runtime.backends.sim.bench import Bench, level


def test_a_stop_that_goes_because_layers_own_theirs_comes_back_with_the_next_entry() -> None:
    """The simulator carries out at once: no request says that the cancel was asked for."""
    bench = Bench([(100, 100, 100, 100)] * 5, account={"max_leverage": 10.0})
    bench.place("buy", "market", 5, stop_loss=level(90.0), protect=Protect.LAYER)
    bench.place("buy", "market", 3, stop_loss=level(80.0))
    bench.bar()
    bench.place("sell", "market", 3, effect=Effect.REDUCE, method=RemovalMethod.LIFO)
    bench.bar()
    bench.place("buy", "market", 2)
    bench.bar()
    stops = [o for o in bench.ledger.book if o.spec.role is Role.STOP_LOSS]
    assert [(o.trigger_price, o.remaining) for o in stops] == [(90.0, 5), (80.0, 2)]
    assert bench.ledger.absences == {}
