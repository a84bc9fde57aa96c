"""What is wrong inside a variable is told there, and where the case uses it is told beside."""

from __future__ import annotations

from typing import Any

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.lints import context
from compiler.pipeline import check

HEAD = "name: x\nsymbol: BTCUSDT\ntf: 15m\nfeatures: [{ type: rsi, id: rsi }]\nvariables:\n"
IDLE = "  idle: position_side == flat and pending_order_count == 0\n"
EMIT = "{ action: entry_long, metadata: { size: risk 1%, stop_loss: close - 2% } }"


def card(variables: str, when: str) -> Source:
    rules = f"blocks:\n  - id: a\n    cases:\n      - when: {when}\n        emit: [{EMIT}]\n"
    return Source("x", f"{HEAD}{variables}{IDLE}{rules}")


def one(source: Source, code: str) -> Diagnostic:
    (found,) = [d for d in check(source).diagnostics if d.code == code]
    return found


def test_a_condition_that_says_nothing_is_told_in_the_variable_that_says_it() -> None:
    source = card("  up: (rsi < 70 or rsi > 30) and close > open\n", "up and idle")
    found = one(source, "IC402")
    assert source.slice(found.span).strip("()") == "rsi < 70 or rsi > 30"
    assert [(source.slice(label.span), label.message) for label in found.labels] == [
        ("up", "used here")
    ]


def test_a_variable_that_says_nothing_is_told_at_its_own_line() -> None:
    source = card("  any_rsi: rsi < 70 or rsi > 30\n", "any_rsi and close > open and idle")
    found = one(source, "IC402")
    assert source.slice(found.span) == "rsi < 70 or rsi > 30"
    assert [source.slice(label.span) for label in found.labels] == ["any_rsi"]


def test_a_condition_of_the_case_itself_is_told_where_it_stands() -> None:
    source = card("  up: close > open\n", "(rsi < 70 or rsi > 30) and up and idle")
    found = one(source, "IC402")
    assert source.slice(found.span).strip("()") == "rsi < 70 or rsi > 30"
    assert found.labels == ()


def test_variables_that_contradict_each_other_are_shown_by_what_they_say() -> None:
    source = card("  up: rsi > 80 and close > open\n  down: rsi < 20\n", "up and down and idle")
    found = one(source, "IC401")
    assert [source.slice(label.span) for label in found.labels] == ["rsi > 80", "rsi < 20"]


def test_a_variable_whose_every_part_is_implied_is_the_part_to_remove() -> None:
    source = card("  low_rsi: rsi < 40 and rsi < 50\n", "rsi < 30 and low_rsi and idle")
    assert source.slice(one(source, "IC405").span) == "low_rsi"
    source = card("  low_rsi: rsi < 40 and close > open\n", "rsi < 30 and low_rsi and idle")
    assert [d for d in check(source).diagnostics if d.code == "IC405"] == []


@pytest.mark.parametrize(
    ("when", "way"),
    [
        ("close > highest(high, 20)", "highest(high, 20)[1]"),
        ("low < chandelier(22).long_stop and close < lowest(low, 9)", "lowest(low, 9)[1]"),
        ("close > highest_since(position_side == flat, high) + 1", "highest_since(position_side == flat, high)[1]"),
        ("close > open and close < open", None),
        ("highest(high, 20)[1] < 40 and close > 60 and close < 50", None),
    ],
)  # fmt: skip
def test_of_a_price_that_has_this_bar_in_it_the_bars_before_are_named(
    when: str, way: str | None
) -> None:
    found = one(card("", f"{when} and idle"), "IC401")
    assert found.help is not None
    assert (f"`{way}`" in found.help) if way else ("[1]" not in found.help)


@pytest.mark.parametrize(
    ("when", "code", "help"),
    [
        ("close <= highest(high, 20) and idle", "IC402", "`highest(high, 20)[1]`"),
        ("not (low < lowest(low, 9)) and idle", "IC402", "`lowest(low, 9)[1]`"),
        (
            "close >= highest(high, 20) and high >= highest(high, 20) and idle",
            "IC405",
            "`highest(high, 20)[1]`",
        ),
        ("rsi < 70 and rsi < 80 and idle", "IC405", "remove it"),
        ("close > ema(close, 20) and high >= ema(close, 20) and idle", "IC405", "remove it"),
    ],
)
def test_what_says_nothing_as_it_has_this_bar_in_it_names_the_bars_before(
    when: str, code: str, help: str
) -> None:
    assert help in (one(card("  up: close > open\n", when), code).help or "")


def test_a_condition_of_many_parts_is_gone_through_once_for_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked for each of its parts anew, 700 of them took seconds."""
    asked: list[int] = []
    places = context.places

    def counted(*given: Any) -> dict[int, Span]:
        asked.append(given[2])
        return places(*given)

    monkeypatch.setattr(context, "places", counted)
    parts = " and ".join(f"close > open[{back}]" for back in range(1, 200))
    check(card("  up: close > open\n", f"up and {parts} and idle"))
    assert 0 < len(asked) < 5
