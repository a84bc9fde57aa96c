"""A witness makes its claims so by the meaning of the conditions, not only by the bounds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.lints.reasoning.branches import Claim, Truth
from tests.compiler.lints.questions import (
    Condition,
    account_conditions,
    asked,
    conditions,
    outcomes,
)

_FEATURES = {"one": ("feature", 0, "value", 0), "two": ("feature", 1, "value", 0)}
_NAMES = (
    "position_layers", "entries_since_flat", "pending_order_count", "pending_limit_buy_count",
    "position_unrealized_pct", "oldest_pending_age_bars",
)  # fmt: skip


@given(st.one_of(conditions(), account_conditions()))
@settings(max_examples=150, deadline=None)
def test_a_witness_satisfies_the_condition_as_it_is_meant(given: Condition) -> None:
    reasoner, node = asked(given)
    for truth, value in ((Truth.TRUE, True), (Truth.FALSE, False)):
        found = reasoner.witness([Claim(node, truth)])
        if found is None:
            continue
        values = {name: found.get(key) for name, key in _FEATURES.items()}
        values |= {name: found.get(("account", name, "")) for name in _NAMES}
        values["side"] = found.get(("account", "position_side", ""))
        # What the witness does not name is not asked; any value would do, so unknown must.
        for name in _NAMES:
            if values[name] is None and not name.startswith(("position_un", "oldest")):
                return
        if values["side"] is None:
            return
        assert given.meaning(values) is value


def test_most_conditions_that_can_be_true_have_one() -> None:
    found: list[bool] = []

    @given(conditions())
    @settings(max_examples=100, deadline=None, database=None)
    def count(given: Condition) -> None:
        if True in outcomes(given):
            reasoner, node = asked(given)
            found.append(reasoner.witness([Claim(node, Truth.TRUE)]) is not None)

    count()
    assert sum(found) > 0.9 * len(found) > 0
