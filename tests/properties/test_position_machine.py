"""Laws of a layered position, whatever is bought, sold and in whichever way layers are closed."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from runtime.account.layers import PositionLayer, ScaledPosition, Slice
from runtime.account.protection import Protection
from runtime.orders.order_spec import RemovalMethod, Side
from tests.runtime.backends.sim.bench import TEST, level

PRICES = st.integers(1, 1_000).map(lambda n: n / 4)


class PositionMachine(RuleBasedStateMachine):
    """A position beside an exact model: lots and price of every layer, and the venue's average.

    The lots of one layer are alike: what leaves takes the layer's average along.
    """

    def __init__(self) -> None:
        super().__init__()
        self.position = ScaledPosition("X", Side.BUY, TEST, 0, 0)
        self.model: dict[str, tuple[int, Fraction]] = {}  # layer -> lots, price
        self.average = Fraction(0)  # the venue's: entries move it, reductions do not
        self.paid = self.returned = Fraction(0)  # entry value of all that came in, of all that left
        self.by_average = Fraction(0)  # what left, at the average

    @initialize(side=st.sampled_from(list(Side)))
    def opened(self, side: Side) -> None:
        self.position.side = side

    @rule(name=st.sampled_from("abcde"), lots=st.integers(1, 50), price=PRICES)
    def enter(self, name: str, lots: int, price: float) -> None:
        before = sum(held for held, _ in self.model.values())
        value = before * self.average + lots * Fraction(price)
        self.average = value / (before + lots)
        self.position.add_layer(
            PositionLayer(layer_id=name, order_id=name, quantity=lots, entry_price=price)
        )
        held, average = self.model.get(name, (0, Fraction(0)))
        value = held * average + lots * Fraction(price)
        self.model[name] = (held + lots, value / (held + lots))
        self.paid += lots * Fraction(price)

    def left(self, slices: list[Slice], gone: int) -> None:
        assert sum(s.quantity for s in slices) == gone
        assert len({s.layer_id for s in slices}) == len(slices)
        for taken in slices:
            held, average = self.model[taken.layer_id]
            assert 0 < taken.quantity <= held
            assert taken.is_last == (taken.quantity == held)
            assert abs(Fraction(taken.entry_price) - average) <= Fraction(1, 10**9)
            self.returned += taken.quantity * average
            self.model[taken.layer_id] = (held - taken.quantity, average)
        self.by_average += gone * self.average
        self.model = {name: held for name, held in self.model.items() if held[0]}

    @precondition(lambda self: self.model)
    @rule(lots=st.integers(0, 120), method=st.sampled_from(list(RemovalMethod)), data=st.data())
    def leave(self, lots: int, method: RemovalMethod, data: st.DataObject) -> None:
        named = data.draw(st.sets(st.sampled_from(sorted(self.model))))
        before = {x.layer_id: x.quantity for x in self.position.layers}
        gone = min(lots, sum(before.values()))
        self.left(self.position.remove(lots, method, named), gone)
        self.in_order(before, gone, method, named)

    @precondition(lambda self: self.model)
    @rule(percent=st.integers(1, 100), method=st.sampled_from(list(RemovalMethod)))
    def leave_a_part(self, percent: int, method: RemovalMethod) -> None:
        held = self.position.quantity
        self.left(self.position.remove_pct(percent / 100, method.value), held * percent // 100)

    @rule(fraction=st.sampled_from([-0.5, 0.0, -1e-9, 1.0001, math.nan, math.inf]))
    def no_fraction(self, fraction: float) -> None:
        with pytest.raises(ValueError, match="not a fraction"):
            self.position.remove_pct(fraction)

    @rule(size=st.sampled_from([-1.0, 0.0, math.nan]))
    def no_size(self, size: float) -> None:
        with pytest.raises(ValueError, match="cannot leave"):
            self.position.remove_size(size)
        with pytest.raises(ValueError, match="cannot leave"):
            self.position.remove(-1, RemovalMethod.FIFO)

    def in_order(
        self, before: dict[str, int], gone: int, method: RemovalMethod, named: set[str]
    ) -> None:
        """The named layers first; within a group the oldest, the newest, or all alike to the lot."""
        left = {x.layer_id: x.quantity for x in self.position.layers}
        took = {name: lots - left.get(name, 0) for name, lots in before.items()}
        for group in ([n for n in before if n in named], [n for n in before if n not in named]):
            total = sum(before[n] for n in group)
            part = min(gone, total)
            gone -= part
            assert sum(took[n] for n in group) == part
            if method is RemovalMethod.PROPORTIONAL:
                assert all(abs(took[n] - Fraction(before[n] * part, total)) < 1 for n in group)
                continue
            for name in group[::-1] if method is RemovalMethod.LIFO else group:
                assert took[name] == min(before[name], part)
                part -= took[name]

    @invariant()
    def layers_are_the_position(self) -> None:
        layers = {x.layer_id: x.quantity for x in self.position.layers}
        assert layers == {name: lots for name, (lots, _) in self.model.items()}
        assert self.position.quantity == sum(layers.values())
        assert self.position.layer_count == len(layers)
        assert list(layers) == list(self.model)  # oldest first

    @invariant()
    def what_came_in_left_or_is_held(self) -> None:
        lots = sum(held for held, _ in self.model.values())
        held = sum((lots * price for lots, price in self.model.values()), Fraction(0))
        assert self.paid == self.returned + held
        # The average tells the same story of the whole: when flat, both have returned all.
        assert self.paid == self.by_average + lots * self.average
        if lots:
            assert abs(Fraction(self.position.avg_entry_price) - self.average) <= Fraction(1, 10**9)
        else:
            assert math.isnan(self.position.avg_entry_price)

    @invariant()
    def an_empty_position_answers(self) -> None:
        if not self.model:
            position = self.position
            assert (position.layer_count, position.quantity, position.total_size_usdt) == (
                0,
                0,
                0.0,
            )
            assert position.unrealized(100.0) == 0.0
            assert position.remove_pct(0.5) == position.remove_size(10.0) == []

    @invariant()
    def unrealized_is_what_closing_would_bring(self) -> None:
        lots = sum(held for held, _ in self.model.values())
        expected = self.position.side.sign * (100 - self.average) * lots
        assert abs(Fraction(self.position.unrealized(100.0)) - expected) <= Fraction(1, 10**6)

    @invariant()
    def a_copy_is_its_own(self) -> None:
        copy = self.position.clone()
        copy.remove(1, RemovalMethod.FIFO)
        copy.protection = Protection(level(90.0))
        assert copy.quantity == max(0, self.position.quantity - 1)
        assert not self.position.protection


TestPosition = PositionMachine.TestCase
