"""Percentages in a choice: a unit beside them makes them what they are; without one all are told."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check

CARD = """\
name: x
symbol: AAAUSDT
tf: 15m
version: "3.2"
variables: {{ roi: "{roi}" }}
blocks:
  - id: a
    cases:
      - when: position_unrealized_pct >= roi
        emit: [exit_all]
"""


@pytest.mark.parametrize(
    ("roi", "told"),
    [
        ("1% if close > open else 5%", ["1%", "5%"]),
        ("1% if close > open else 3% if close > high[1] else 4%", ["1%", "3%", "4%"]),
        ("(1% if close > low else 2%) if close > open else 4%", ["1%", "2%", "4%"]),
        ("1% if close > open else 3% if close > high[1] else position_unrealized_pct", []),
        ("1 if close > open else 3 if close > high[1] else 4", []),
    ],
)
def test_every_branch_of_percentages_of_nothing_is_told_with_what_to_write(
    roi: str, told: list[str]
) -> None:
    source = Source("x", CARD.format(roi=roi))
    found = [d for d in check(source, lints=False).diagnostics if d.is_error]
    assert [source.slice(d.span) for d in found] == told
    assert all(
        f"write `{text[:-1]}`, with `/ 100`" in (d.help or "")
        for d, text in zip(found, told, strict=True)
    )


@pytest.mark.parametrize(
    ("share", "write"),
    [
        ("15% / stdev(roc(close, 1), 60)", "in percent, so write `15 / …`"),
        ("15% / stdev(close / close[1] - 1, 60)", "no percentage, so write `0.15 / …`"),
        ("=most% / stdev(close / close[1] - 1, 60)", "no percentage, so write `=most / 100 / …`"),
        ("15% / close", "`0.5% of x`"),
    ],
)
def test_a_percentage_that_is_divided_is_told_as_the_number_it_is(share: str, write: str) -> None:
    text = CARD.format(roi=share) + "params: { most: { default: 15 } }\n"
    [found] = [d for d in check(Source("x", text), lints=False).diagnostics if d.is_error]
    assert (found.code, write in (found.help or "")) == ("IC301", True), found.help


@pytest.mark.parametrize(
    ("roi", "said"),
    [
        ("0.5%", "`params: { roi: { default: 0.5 } }`, read as `close + =roi%`"),
        ("natr(14) * 5%", "write `0.05`, or `5% of x`"),
        ("natr(14) / 5%", "write `0.05`, or `5% of x`"),
        ("20% of equity / natr(14)", "a plain part: `natr(14) / 100`"),
        ("(natr(14) + 1) * equity", "a plain part: `(natr(14) + 1) / 100`"),
    ],
)
def test_a_percentage_in_a_wrong_place_is_told_how_it_is_written_there(roi: str, said: str) -> None:
    (found,) = [
        d for d in check(Source("x", CARD.format(roi=roi)), lints=False).diagnostics if d.is_error
    ]
    assert found.code == "IC301"
    assert said in str(found.help)


def test_a_percentage_is_named_as_the_help_says() -> None:
    text = CARD.format(roi="position_unrealized_pct").replace(
        "variables:", "params: { step: { default: 0.5 } }\nvariables:"
    )
    assert not check(
        Source("x", text.replace(">= roi", ">= roi and close > open + =step%")), lints=False
    ).diagnostics
