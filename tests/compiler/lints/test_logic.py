"""The reasoner agrees with trying every value, unknown ones included."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from compiler.findings.source import Source
from compiler.lints.reasoning.branches import Claim, TooMany, Truth
from compiler.lints.reasoning.logic import Reasoner
from compiler.pipeline import check
from tests.compiler.lints.questions import (
    Condition,
    account_conditions,
    account_worlds,
    asked,
    conditions,
    conjunctions,
    outcomes,
    solver_of,
)


@given(conjunctions())
@settings(max_examples=120, deadline=None)
def test_a_conjunction_can_be_true_exactly_when_some_values_make_it_true(given: Condition) -> None:
    reasoner, node = asked(given)
    assert reasoner.can_be_true(node) is (True in outcomes(given))


@given(conditions())
@settings(max_examples=150, deadline=None)
def test_true_and_false_agree_with_trying_all_values(given: Condition) -> None:
    reasoner, node = asked(given)
    found = outcomes(given)
    assert reasoner.can_be_true(node) is (True in found)
    assert reasoner.can_be_false(node) is (False in found)


@given(conditions())
@settings(max_examples=100, deadline=None)
def test_nothing_that_some_values_make_so_is_called_impossible(given: Condition) -> None:
    reasoner, node = asked(given)
    found = outcomes(given)
    if None in found:
        assert reasoner.possible([Claim(node, Truth.UNKNOWN)])
    if found != {True}:
        assert reasoner.possible([Claim(node, Truth.NOT_TRUE)])


def _is_left_open(reasoner: Reasoner, node: int) -> bool:
    """Return whether a question has too many branches: `!=` doubles them."""
    try:
        for truth in Truth:
            reasoner._branches.of(Claim(node, truth))
    except TooMany:
        return True
    return False


@given(account_conditions())
@settings(max_examples=150, deadline=None)
def test_questions_about_the_account_agree_with_trying_all_its_states(given: Condition) -> None:
    reasoner, node = asked(given)
    assume(not _is_left_open(reasoner, node))
    found = outcomes(given, account_worlds())
    assert reasoner.can_be_true(node) is (True in found)
    assert reasoner.can_be_false(node) is (False in found)
    if None in found:
        assert reasoner.possible([Claim(node, Truth.UNKNOWN)])
    if found != {True}:
        assert reasoner.possible([Claim(node, Truth.NOT_TRUE)])


@given(account_conditions())
@settings(max_examples=60, deadline=None)
def test_z3_knows_the_states_of_the_account(given: Condition) -> None:
    pytest.importorskip("z3", reason="the solver extra is not installed")
    reasoner, node = asked(given)
    solver, found = solver_of(reasoner), outcomes(given, account_worlds())
    assert solver.possible([Claim(node, Truth.TRUE)], ()) is (True in found)
    assert solver.possible([Claim(node, Truth.FALSE)], ()) is (False in found)
    assert solver.possible([Claim(node, Truth.UNKNOWN)], ()) is (None in found)


@given(conditions())
@settings(max_examples=60, deadline=None)
def test_z3_gives_the_same_answers(given: Condition) -> None:
    pytest.importorskip("z3", reason="the solver extra is not installed")
    reasoner, node = asked(given)
    solver = solver_of(reasoner)
    for truth in (Truth.TRUE, Truth.FALSE):
        claims = [Claim(node, truth)]
        assert solver.possible(claims, ()) is reasoner.possible(claims)
    # Where a claim is about unknown values z3 is exact and the branches may be too generous.
    found = outcomes(given)
    assert solver.possible([Claim(node, Truth.UNKNOWN)], ()) is (None in found)
    assert solver.possible([Claim(node, Truth.NOT_TRUE)], ()) is (found != {True})


# ---------------------------------------------------------------- what is always so

_CARD = """\
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: bbands, id: bb}
  - {type: highest, id: top, params: {length: 20}, source: high}
  - {type: lowest, id: bottom, params: {length: 20}, source: low}
  - {type: ema, id: slow, params: {length: 50}}
  - {type: macd, id: macd}
  - {type: squeeze, id: sqz}
blocks:
  - id: ask
    cases:
      - when: %s
        emit: [no_action]
"""


def reasoner_of(when: str) -> tuple[Reasoner, int]:
    checked = check(Source("card.yaml", _CARD % when), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return Reasoner(checked.graph), checked.graph.blocks[0].cases[0].when


@pytest.mark.parametrize(
    "when",
    [
        "close > high",
        "low > hl2",
        "bb.lower > bb.upper",
        "close > top",
        "bottom > ohlc4",
        "bottom > top",
        "close > high * 1.01",
        "slow * 1.02 < slow",
        "position_layers > 0 and position_layers < 1",
        "hour_utc > 23",
        "close < 0",
        "close > open and not close > open",
        "slow is missing and close > slow",
        "position_side == long and position_side == flat",
        "sqz.on and sqz.on is missing",
        "sqz.on is missing and not sqz.on",
        "position_avg_entry is missing and position_side == long",
        "position_unrealized_pct > 2 and position_side == flat",
        "position_side == flat and position_layers > 0",
        "position_qty <= 0 and position_side != flat",
        "position_layers == 0 and position_layers != 0",
        "position_layers > 0 and position_layers < 3 and position_layers != 1 and position_layers != 2",
        "position_layers > entries_since_flat",
        "position_layer_1_entry > close and position_layers < 2",
        "pending_order_count == 0 and oldest_pending_age_bars > 3",
        "pending_limit_buy_count > pending_order_count",
        "order_pending(dip) and pending_order_count == 0",
        "bar_index == 5 and bar_index != 5",
    ],
)
def test_what_the_market_rules_out_is_impossible(when: str) -> None:
    reasoner, node = reasoner_of(when)
    assert not reasoner.can_be_true(node)


@pytest.mark.parametrize(
    "when",
    [
        "close > bb.upper",
        "bb.lower < 0",
        "close[1] > high",
        "close > top[1]",
        "macd.histogram * 2 < macd.histogram",
        "(close - open) * 2 < close - open",
        "close >= high",
        "slow * 0.98 > low",
        "slow > close and slow < open",
        "position_stop is missing and position_side == long",
        "pending_order_count != 1 and oldest_pending_age_bars > 3",
        "position_layers == 2 and entries_since_flat == 3",
        "position_layer_1_entry > close and position_layers == 2",
    ],
)
def test_what_may_happen_is_possible(when: str) -> None:
    reasoner, node = reasoner_of(when)
    assert reasoner.can_be_true(node)


def test_a_conclusion_needs_its_values_known() -> None:
    reasoner, node = reasoner_of("close > slow or close <= slow")
    assert not reasoner.can_be_false(node)
    assert reasoner.possible([Claim(node, Truth.NOT_TRUE)])


def _many_alternatives() -> str:
    pairs = [f"(close > {n} or volume > {n})" for n in range(100, 110)]
    return " and ".join([*pairs, "close < 50", "volume < 50"])


def test_too_many_branches_are_possible_without_a_solver_and_decided_with_one() -> None:
    reasoner, node = reasoner_of(_many_alternatives())
    with pytest.raises(TooMany):
        reasoner._branches.of(Claim(node, Truth.TRUE))
    assert reasoner.can_be_true(node)
    pytest.importorskip("z3", reason="the solver extra is not installed")
    assert not Reasoner(reasoner.graph, solver_of(reasoner)).can_be_true(node)


@pytest.mark.parametrize("solver", [None, "z3"])
def test_never_is_not_below_never_and_one_more(solver: str | None) -> None:
    """Before anything has happened both sides are infinite: the comparison is false, not always true."""
    if solver:
        pytest.importorskip("z3")
    text = (
        'name: x\nversion: "3.2"\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n      - when: {}\n'
        "        emit: [no_action]\n"
    )
    for when in (
        "bars_since_exit < bars_since_exit + 1 and close > open",
        "bars_since(close > open) + 1 <= bars_since_exit and bars_since_exit <= bars_since(close > open)",
    ):
        found = check(Source("x", text.format(when)), solver=solver).diagnostics
        assert {"IC401", "IC402"}.isdisjoint(d.code for d in found), when
    sure = check(Source("x", text.format("bars_since_exit > 5 and bars_since_exit < 3")))
    assert "IC401" in {d.code for d in sure.diagnostics}
