"""Features over expressions: declared or in place they are one instance, and what cannot be read is said."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.normal_form import feature_forms
from compiler.pipeline import check, compile_card

CARD = """\
name: x
symbol: AAAUSDT
tf: 15m
features:
  - {{ type: rsi, id: rsi_14, params: {{ length: 14 }} }}
  - {{ type: sma, id: slow, {more}, params: {{ length: 3 }} }}
blocks:
  - id: a
    cases:
      - when: rsi_14 > 50 and {when}
        emit: [no_action]
"""


def card(more: str, when: str = "slow > 0") -> Source:
    return Source("x", CARD.format(more=more, when=when))


@pytest.mark.parametrize(
    ("more", "when"),
    [
        ('source: "close - open"', "slow > sma(close - open, 3)[1]"),
        ('source: "close - open", tf: 4h', "slow > sma(close - open, 3)@4h[1]"),
        ("source: rsi_14", "slow > sma(rsi(14), 3)[1]"),
        ("source: funding_rate", "slow > sma(funding_rate, 3)[1]"),
        ("source: mark_price", "slow > sma(mark_price, 3)[1]"),
        ('source: "funding_rate * 3", tf: 4h', "slow > sma(funding_rate * 3, 3)@4h[1]"),
        ('source: "close / BBBUSDT.close"', "slow > sma(close / BBBUSDT.close, 3)[1]"),
    ],
)
def test_a_declared_source_is_the_one_in_place(more: str, when: str) -> None:
    graph = compile_card(card(more, when)).graph
    assert len([f for f in graph.features if f.type == "sma"]) == 1


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ("source: clsoe", "IC304", "not a column"),
        ('source: "close -"', "IC111", "expected a value"),
        ('source: "equity / close"', "IC309", "no price and no feature"),
        ('source: "slow + 1"', "IC309", "not computed before"),
        ('source: "rsi_14@1h + 1"', "IC309", "is of 1h bars"),
        ('source: "rsi_14 * close", symbol: BBBUSDT', "IC309", "own bars alone"),
        ("source: funding_rate, symbol: BBBUSDT", "IC304", "of the traded market alone"),
        ('source: "BBBUSDT.mark_price / close"', "IC201", "of the traded market alone"),
        ('source: "nothing_here + 1"', "IC309", "no price and no feature"),
    ],
)
def test_what_cannot_be_read_is_said_once(more: str, code: str, words: str) -> None:
    found = [d for d in check(card(more), lints=False).diagnostics if d.is_error]
    assert [d.code for d in found] == [code]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("source", "said"),
    [("of_b", "leave `symbol` away: `of_b` is of BBBUSDT already"), ("rsi_14", "take its columns")],
)
def test_the_symbol_of_a_source_that_has_it_already_is_to_be_left_away(
    source: str, said: str
) -> None:
    own = "features:\n  - { type: roc, id: of_b, symbol: BBBUSDT, params: { length: 2 } }"
    text = card(f"source: {source}, symbol: BBBUSDT").text.replace("features:", own, 1)
    [found] = [d for d in check(Source("x", text), lints=False).diagnostics if d.is_error]
    assert (found.code, said in (found.help or "")) == ("IC309", True)
    if source == "of_b":
        compile_card(Source("x", text.replace("source: of_b, symbol: BBBUSDT", "source: of_b")))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("value_when(rsi_14 > 50, close)", "`mean_when(c, x, 10)`, `median_when`"),
        ("highest_when(rsi_14 > 50, close, 3)", "`highest_when` and `lowest_when`"),
        ("bars_since(rsi_14 > 50)", "reads prices and other features"),
        ("close if rsi_14 > 50 else open", "reads prices and other features"),
        ("round(close, 5)", "`round(x / step) * step`"),
        ("sqrt(close, 2)", "takes one argument, found 2"),
        ("max(close)", "takes two arguments or more, found 1"),
    ],
)
@pytest.mark.parametrize("place", ["in place", "declared", "of a pair"])
def test_a_call_that_no_indicator_can_read_is_said(source: str, said: str, place: str) -> None:
    """It went on unsaid, and building the graph broke on it."""
    more, when = "length: 3", f'"sma({source}, 3) > slow"'
    if place == "declared":
        more, when = f'source: "{source}"', "slow > 0"
    elif place == "of a pair":
        when = f'"correlation(close, {source}, 3) > 0"'
    text = card(more, "PLACE").text.replace("rsi_14 > 50 and PLACE", when)
    text = text.replace("length: 3, params", "params")
    [found] = [d for d in check(Source("x", text), lints=False).diagnostics if d.is_error]
    assert (found.code, said in (found.help or "")) == ("IC309", True)


def named(source: str, when: str = "slow > 0", **variables: str) -> Source:
    told = "".join(f'  {name}: "{value}"\n' for name, value in variables.items())
    return Source("x", card(f'source: "{source}"', f'"{when}"').text.replace(
        'rsi_14 > 50 and "', '"rsi_14 > 50 and '
    ) + (f"variables:\n{told}" if told else ""))  # fmt: skip


def forms(text: Source) -> list[str]:
    """Return what the features of a card compute, in whatever order they are read."""
    return sorted(feature_forms(compile_card(text).graph.features))


NAMED = {"mean": "sma(close, 20)", "away": "close - mean", "twice": "2"}


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (("mean", "slow > 0"), ("sma(close, 20)", "slow > 0")),
        (("away[2] * twice", "slow > 0"), ("(close - sma(close, 20))[2] * 2", "slow > 0")),
        (("close", "slow > linreg(away, 5)"), ("close", "slow > linreg(close - sma(close, 20), 5)")),
        (("close", "slow > ema(mean, 5)@1h"), ("close", "slow > ema(sma(close, 20), 5)@1h")),
        (("close", "correlation(away, close, 9) > 0"), ("close", "correlation(close - sma(close, 20), close, 9) > 0")),
    ],
)  # fmt: skip
def test_an_indicator_reads_a_variable_as_its_text(
    short: tuple[str, str], long: tuple[str, str]
) -> None:
    assert not check(named(*short, **NAMED), lints=False).has_errors
    assert forms(named(*short, **NAMED)) == forms(named(*long))


def test_a_look_back_at_a_variable_is_one_at_all_that_it_says() -> None:
    assert forms(named("away[2]", **NAMED)) == forms(named("close[2] - sma(close, 20)[2]"))
    assert forms(named("away[2]", **NAMED)) != forms(named("close[2] - sma(close, 20)"))


@pytest.mark.parametrize(
    ("source", "variables", "place", "said"),
    [
        ("rich * 2", {"rich": "equity / close"}, "rich", "`rich` says `equity / close`"),
        ("more", {"rich": "equity / close", "more": "rich + 1"}, "more", "`more` says `rich + 1`"),
        ("up", {"up": "close > open"}, "up", "`up` says `close > open`"),
        ("ten", {"ten": "10"}, "ten", "it is one of `params`, `=ten`"),
        ("z9", {"z0": "close"} | {f"z{n}": f"z{n - 1} + z{n - 1}" for n in range(1, 10)}, "z9", "more than 200 parts"),
    ],
)  # fmt: skip
def test_a_variable_that_no_indicator_can_read_is_told_where_it_is_read(
    source: str, variables: dict[str, str], place: str, said: str
) -> None:
    text = named(source, **variables)
    [found] = [d for d in check(text, lints=False).diagnostics if d.is_error]
    assert (found.code, place in text.slice(found.span)) == ("IC309", True)
    assert said in (found.help or "")


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"a": "b + 1", "b": "sma(a, 5)"}, "IC205"),
        ({"a": "clsoe + 1"}, "IC201"),
        ({"a": "smaa(close, 5)"}, "IC111"),
    ],
)
def test_what_is_wrong_with_a_variable_by_itself_is_told_once(
    variables: dict[str, str], code: str
) -> None:
    found = check(named("a", **variables), lints=False).diagnostics
    assert [d.code for d in found if d.is_error] == [code]


def test_a_chain_of_variables_of_any_length_is_looked_at() -> None:
    chain = {"z0": "close"} | {f"z{n}": f"z{n - 1}" for n in range(1, 2000)}
    assert not check(named("z40", **chain), lints=False).has_errors
    assert [
        d.code for d in check(named("z1999", **chain), lints=False).diagnostics if d.is_error
    ] == ["IC309"]


def test_what_reads_the_funding_rate_may_be_below_zero_and_is_a_fraction() -> None:
    found = check(card("source: funding_rate", "slow < 0 and funding_rate@4h < 0.0001"))
    assert [d.code for d in found.diagnostics if d.code != "IC507"] == []
    mixed = check(card("source: funding_rate", "slow > close")).diagnostics
    assert [d.code for d in mixed if d.is_error] == ["IC301"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("candles(heikin_ashi().close).doji", "abs(heikin_ashi().close - heikin_ashi().open)"),
        ("atr(rsi_14, 14) > 1", "it always reads high, low, close of the bar"),
    ],
)
def test_an_indicator_without_a_choice_of_source_says_what_it_reads(when: str, said: str) -> None:
    found = [d for d in check(card("source: close", when), lints=False).diagnostics if d.is_error]
    assert [d.code for d in found] == ["IC309"]
    assert said in str(found[0].help)
