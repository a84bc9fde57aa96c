"""A witness makes its claims so by the meaning of the conditions, not only by the bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.graph.rule_graph import Op
from compiler.lints.context import LintContext
from compiler.lints.reasoning.branches import Claim, Truth
from compiler.pipeline import check
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


KNOWN = """\
name: known
symbol: BTCUSDT
tf: 15m
features: [{ type: supertrend, id: st }]
structures:
  exec:
    - { type: swing, key: swing }
    - { type: fair_value_gap, key: fvg }
    - { type: market_structure, key: ms, depends_on: { swing: swing } }
blocks:
  - id: enter
    cases:
      - when: WHAT is not missing
        emit: [no_action]
"""


@pytest.mark.parametrize(
    ("what", "value"),
    [("fvg.new_this_bar", "false"), ("ms.bias", "1"), ("swing.last_type", "none"), ("position_stop", "100"),
     ("position_layer_0_age_bars", "100"), ("rsi(9) - 2 * rsi(9)[1]", "100")],
)  # fmt: skip
def test_what_must_be_known_and_may_be_anything_is_something_that_it_can_be(
    what: str, value: str
) -> None:
    checked = check(Source("card.yaml", KNOWN.replace("WHAT", what)), lints=False)
    assert checked.card is not None
    assert checked.graph is not None
    context = LintContext(checked.source, checked.card, checked.graph)
    claims = [Claim(i, Truth.TRUE) for i, n in enumerate(checked.graph.nodes) if n.op is Op.KNOWN]
    assert claims
    assert (context.example(claims) or "").endswith(f" {value}")
