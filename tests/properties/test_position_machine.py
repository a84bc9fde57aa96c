"""Laws of a layered position, whatever is bought, sold and in whichever way layers are closed."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.orders.order_spec import RemovalMethod, Side
from tests.runtime.backends.sim.bench import TEST

PRICES = st.integers(1, 1_000).map(lambda n: n / 4)


class PositionMachine(RuleBasedStateMachine):
    """A position beside a model that keeps every lot with the exact price it came in at.

    The model's lots of one layer are alike: what leaves takes the layer's average along.
    """

    def __init__(self) -> None:
        super().__init__()
        self.position = ScaledPosition("X", Side.BUY, TEST, 0, 0)
        self.model: dict[str, tuple[int, Fraction]] = {}  # layer -> lots, price
        self.paid = self.returned = Fraction(0)  # entry value of all that came in, of all that left

    @initialize(side=st.sampled_from(list(Side)))
    def opened(self, side: Side) -> None:
        self.position.side = side

    @rule(name=st.sampled_from("abcde"), lots=st.integers(1, 50), price=PRICES)
    def enter(self, name: str, lots: int, price: float) -> None:
        layer = PositionLayer(name, name, None, lots, 0, 0, lots, lots * price)
        self.position.add_layer(layer)
        held, average = self.model.get(name, (0, Fraction(0)))
        value = held * average + lots * Fraction(price)
        self.model[name] = (held + lots, value / (held + lots))
        self.paid += lots * Fraction(price)

    @precondition(lambda self: self.model)
    @rule(lots=st.integers(0, 120), method=st.sampled_from(list(RemovalMethod)), data=st.data())
    def leave(self, lots: int, method: RemovalMethod, data: st.DataObject) -> None:
        named = data.draw(st.none() | st.sampled_from(sorted(self.model)))
        before = {x.layer_id: x.quantity for x in self.position.layers}
        slices = self.position.remove(lots, method, named)
        gone = min(lots, sum(before.values()))
        assert sum(s.quantity for s in slices) == gone
        assert len({s.layer_id for s in slices}) == len(slices)
        for taken in slices:
            held, average = self.model[taken.layer_id]
            assert 0 < taken.quantity <= held
            assert abs(Fraction(taken.entry_price) - average) <= Fraction(1, 10**9)
            self.returned += taken.quantity * average
            self.model[taken.layer_id] = (held - taken.quantity, average)
        self.in_order(before, gone, method, named)
        self.model = {name: held for name, held in self.model.items() if held[0]}

    @precondition(lambda self: self.model)
    @rule(percent=st.integers(0, 100))
    def leave_a_part(self, percent: int) -> None:
        held = self.position.quantity
        slices = self.position.remove_pct(percent / 100, "lifo")
        gone = sum(taken.quantity for taken in slices)
        assert gone == held * percent // 100
        for taken in slices:
            lots, average = self.model[taken.layer_id]
            self.returned += taken.quantity * average
            self.model[taken.layer_id] = (lots - taken.quantity, average)
        self.model = {name: x for name, x in self.model.items() if x[0]}

    def in_order(
        self, before: dict[str, int], gone: int, method: RemovalMethod, named: str | None
    ) -> None:
        """The named layer first; then the oldest, the newest, or all alike to the lot."""
        left = {x.layer_id: x.quantity for x in self.position.layers}
        took = {name: lots - left.get(name, 0) for name, lots in before.items()}
        names = list(before)
        if named is not None:
            assert took[named] == min(before[named], gone)
            names.remove(named)
            gone -= took[named]
        if method is RemovalMethod.PROPORTIONAL and named is None:
            total = sum(before.values())
            assert all(abs(took[n] - Fraction(before[n] * gone, total)) < 1 for n in names)
            return
        for name in names[::-1] if method is RemovalMethod.LIFO else names:
            assert took[name] == min(before[name], gone)
            gone -= took[name]

    @invariant()
    def layers_are_the_position(self) -> None:
        layers = {x.layer_id: x.quantity for x in self.position.layers}
        assert layers == {name: lots for name, (lots, _) in self.model.items()}
        assert self.position.quantity == sum(layers.values())
        assert self.position.layer_count == len(layers)
        assert list(layers) == list(self.model)  # oldest first

    @invariant()
    def what_came_in_left_or_is_held(self) -> None:
        held = sum((lots * price for lots, price in self.model.values()), Fraction(0))
        assert self.paid == self.returned + held
        if self.model:
            exact = held / sum(lots for lots, _ in self.model.values())
            average = Fraction(self.position.avg_entry_price)
            assert abs(average - exact) <= Fraction(1, 10**9)
            prices = [price for _, price in self.model.values()]
            assert min(prices) - Fraction(1, 10**9) <= average <= max(prices) + Fraction(1, 10**9)

    @invariant()
    def unrealized_is_what_closing_would_bring(self) -> None:
        gains = ((100 - price) * lots for lots, price in self.model.values())
        expected = self.position.side.sign * sum(gains, Fraction(0))
        assert abs(Fraction(self.position.unrealized(100.0)) - expected) <= Fraction(1, 10**6)

    @invariant()
    def a_copy_is_its_own(self) -> None:
        copy = self.position.clone()
        copy.remove(1, RemovalMethod.FIFO)
        assert copy.quantity == max(0, self.position.quantity - 1)


TestPosition = PositionMachine.TestCase
