"""Figures of the last trades: how many of them, as text and as a tree, and what is said of a wrong number."""

from __future__ import annotations

import pytest

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.graph.rule_graph import Op
from compiler.pipeline import check, compile_card

CARD = (
    "name: x\nsymbol: BTCUSDT\ntf: 15m\nparams: { n: { default: 7 } }\n"
    "blocks: [{ id: a, cases: [{ when: WHEN, emit: [exit_all] }] }]\n"
)


def told(when: str) -> tuple[Diagnostic, ...]:
    return tuple(check(Source("x", CARD.replace("WHEN", when)), lints=False).diagnostics)


@pytest.mark.parametrize("name", OF_LAST_TRADES)
@pytest.mark.parametrize(("count", "trades"), [("20", "20"), ("=n", "7")])
def test_a_figure_is_one_leaf_in_either_form(name: str, count: str, trades: str) -> None:
    texts = (f"{name}({count}) > 0", f'{{ lhs: {{ {name}: "{count}" }}, op: gt, rhs: 0 }}')
    for when in (f"'{texts[0]}'", texts[1].replace('"20"', "20")):
        graph = compile_card(Source("x", CARD.replace("WHEN", when))).graph
        assert [n.attr for n in graph.nodes if n.op is Op.ACCOUNT] == [(name, trades)]


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("win_rate > 0", "IC109"),
        ("win_rate(0) > 0", "IC310"),
        ("win_rate(501) > 0", "IC310"),
        ("win_rate(close) > 0", "IC310"),
        ("win_rate(2.5) > 0", "IC310"),
        ("win_rate(2, 3) > 0", "IC309"),
        ("win_rate() > 0", "IC309"),
        ("win_rate(3).value > 0", "IC310"),
        ("win_rate(=m) > 0", "IC201"),
    ],
)
def test_what_is_no_number_of_trades_is_one_finding(when: str, code: str) -> None:
    (found,) = (d for d in told(f"'{when}'") if d.code != "IC208")  # of the tunable
    assert found.code == code


def test_the_number_of_trades_is_no_ref_of_an_order() -> None:
    """Conditions that ask for an order nobody places are not told to be never true; this one is."""
    text = CARD.replace("WHEN", "win_rate(20) > 60% and win_rate(20) < 40%")
    codes = {d.code for d in check(Source("x", text)).diagnostics}
    assert "IC401" in codes
    assert "IC501" not in codes


def test_an_average_of_the_last_trade_is_told_the_average_of_the_last_ones() -> None:
    (found,) = (d for d in told("'sma(last_trade_pnl, 20) > 0'") if d.code != "IC208")
    assert found.code == "IC309"
    assert "`avg_trade(20)`" in (found.help or "")
