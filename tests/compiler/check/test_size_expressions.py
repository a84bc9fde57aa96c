"""Sizes that are calculated: what they are typed as, and where a risk may stand."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """name: t
symbol: BTCUSDT
tf: 15m
version: "3.2"
variables:
  unit: 2% of equity
  careful: min(risk 1%, 5% of equity)
blocks:
  - id: enter
    cases:
      - when: close > open and position_side == flat
        emit: [{{ action: entry_long, metadata: {{ size: "{size}"{stop} }} }}]
  - id: leave
    cases:
      - when: {when}
        emit: [{{ action: exit_long, metadata: {{ size: "{exit}" }} }}]
"""


def codes(
    size: str = "10% of equity",
    *,
    stop: str = ", stop_loss: low - 10",
    when: str = "close < open and position_side == long",
    leave: str = "50% of position",
) -> list[str]:
    """Return code and message of every error of a card that takes this size or leaves by it."""
    text = CARD.format(size=size, stop=stop, when=when, exit=leave)
    return [f"{d.code} {d.message}" for d in check(Source("t", text)).diagnostics if d.is_error]


@pytest.mark.parametrize(
    "size",
    [
        "min(risk 1%, 50% of equity)",
        "10% of equity * (2 / bar_index)",
        "200 usdt * pow(1.5, position_layers)",
        "unit",
        "unit * 2",
        "careful",
        "risk(0.5)",
        "risk 1% if close > high[1] else unit",
        "50% of free",
        "20% of (equity - 1000)",
        "50% of unit",
        "50% of position",
        "min(50% of position, 0.1 base)",
        "1000 usdt / close",
    ],
)
def test_a_number_of_usdt_or_base_units_is_a_size(size: str) -> None:
    assert codes(size) == []


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ("200 * 2", "IC301 a size is in usdt or in base units, this is a number of no unit"),
        ("2% of close", "IC301 a size is in usdt or in base units, this is a price"),
        ("min(10% of equity, 0.01 base)", "IC301"),
        ("rest of position * 2", "IC309 `rest of position` is the whole size of an exit"),
        ("rest of position", "IC110 `entry_long` takes no rest of the position: exits do"),
        ("risk(1, 2)", "IC309 `risk` takes one argument, found 2"),
        ("risk(close)", "IC301 a risk is in percent of equity, this is in price"),
        ("risk(win_rate(9) ?? 0.1)", "IC301 a risk is in percent of equity, this is in fraction"),
        ("careful[1]", "IC309 `careful` is no value of a close to be remembered"),
        ("value_when(close > open, risk 1%)", "IC309 `risk 1%` is no value of a close"),
        ("min(10% of equity", "IC111"),
    ],
)
def test_what_is_no_size_says_why(size: str, said: str) -> None:
    found = codes(size)
    assert len(found) == 1, found
    assert found[0].startswith(said)


def test_a_fraction_as_a_risk_is_told_in_percent_and_as_a_part_of_one() -> None:
    text = CARD.format(
        size="risk(win_rate(9) ?? 0.1)",
        stop=", stop_loss: low - 10",
        when="close < 0",
        exit="50% of position",
    )
    (help,) = [
        d.help for d in check(Source("t", text), lints=False).diagnostics if d.code == "IC301"
    ]
    for form in ("risk(100 * x)", "risk(100 * x / 2)", "risk(min(2, 100 * x))", "x * risk 50%"):
        assert f"`{form}`" in str(help)
        assert (
            codes(
                form.replace("x)", "(win_rate(9) ?? 0.1))").replace("x ", "(win_rate(9) ?? 0.1) ")
            )
            == []
        ), form


def test_a_risk_stands_in_the_size_of_an_entry_alone() -> None:
    assert codes(when="careful > 100")[0].startswith("IC309 `careful` is known only when an order")
    assert codes(leave="min(risk 1%, 5% of equity)")[0].startswith("IC309 `risk 1%` is known only")


def test_a_risk_among_other_numbers_needs_a_stop_too() -> None:
    assert codes("careful", stop="") == [
        "IC109 a size by risk needs a stop: nothing says what is at risk"
    ]


def test_an_exit_may_be_calculated_and_may_take_the_rest() -> None:
    assert codes(leave="min(50% of position, 0.1 base)") == []
    assert codes(leave="rest of position") == []
    assert codes(leave="10% of equity")[0].startswith("IC110 an exit cannot be")
