"""What a sweep may change: values as they are written, sets with numbers, and what is missing is said."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check
from compiler.syntax.tree import Card
from tools.search.space import BadSpace, Space, space_of

CARD = """\
name: tunable
symbol: BTCUSDT
tf: 15m
params:
  fast: { default: 10, low: 5, high: 15 }
  width: { default: 1.0, low: 0.5, high: 2.0, step: 0.1 }
  loose: { default: 3 }
  smooth: { default: 0.5, low: 0.1, high: 0.9 }
features:
  - { type: sma, id: mean, params: { length: "=fast" } }
blocks:
  - id: in
    cases:
      - when: close > mean * width + loose + smooth
        emit: [{ action: entry_long, metadata: { size: 10% of equity, stop_loss_offset_pct: -5 } }]
"""


@pytest.fixture(scope="module")
def card() -> Card:
    made = check(Source("c.yaml", CARD), lints=False).card
    assert made is not None
    return made


def values(card: Card, text: str) -> tuple[str, ...]:
    return space_of(card, [text]).axes[0].values


def test_a_range_is_exact_and_reaches_its_end(card: Card) -> None:
    assert values(card, "width=0.1:0.5:0.1") == ("0.1", "0.2", "0.3", "0.4", "0.5")
    assert values(card, "fast=10:100:30") == ("10", "40", "70", "100")
    assert values(card, "fast=5:8") == ("5", "6", "7", "8")
    assert values(card, "width=1e-3:0.002:0.0005") == ("0.001", "0.0015", "0.002")


def test_bounds_of_the_card_serve_where_nothing_is_said(card: Card) -> None:
    assert values(card, "fast") == tuple(str(n) for n in range(5, 16))
    assert values(card, "width")[:2] == ("0.5", "0.6")
    assert len(values(card, "params.width")) == 16


def test_any_path_of_a_setting_is_an_axis(card: Card) -> None:
    space = space_of(card, ["execution.fill_model=touch,conservative", "fast=5,8,13"])
    assert [axis.path for axis in space.axes] == ["execution.fill_model", "params.fast"]
    assert [axis.is_ordered for axis in space.axes] == [False, True]


def test_every_number_is_another_set_and_the_last_axis_changes_first(card: Card) -> None:
    space = space_of(card, ["fast=5:7", "width=1:1.5:0.5"])
    sets = [space.at(number) for number in range(len(space))]
    assert sets[:3] == [
        (("params.fast", "5"), ("params.width", "1")),
        (("params.fast", "5"), ("params.width", "1.5")),
        (("params.fast", "6"), ("params.width", "1")),
    ]
    assert len(set(sets)) == len(space) == 6


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("loose", "no `low` and `high`"),
        ("smooth", "no `step`"),
        ("smooth=0.1:0.5", "which step?"),
        ("fats=1,2", "no param `fats`"),
        ("account.taker_bps", "say its values"),
        ("fast=", "no value"),
        ("fast=9:5:1", "holds no values"),
        ("fast=1:5:0", "holds no values"),
        ("fast=1:5:1:1", "LOW:HIGH:STEP"),
        ("fast=a:5:1", "`a` is no number"),
        ("fast=0:1e9:1", "values; at most"),
    ],
)
def test_axes_that_say_nothing_are_told_what_is_missing(card: Card, asked: str, said: str) -> None:
    with pytest.raises(BadSpace, match=said.replace("?", r"\?")):
        space_of(card, [asked])


def test_an_axis_given_twice_is_refused(card: Card) -> None:
    with pytest.raises(BadSpace, match="twice"):
        space_of(card, ["fast=1,2", "params.fast=3,4"])


def test_an_empty_space_has_one_set() -> None:
    assert len(Space(())) == 1
