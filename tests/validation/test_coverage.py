"""Every construct of the limit-order language has a validation card: counted from the catalogues."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compiler.catalog.actions import ACTIONS
from compiler.catalog.builtins import SCALING_BUILTINS
from compiler.catalog.orders import OPTION_CHOICES, OptionName, PriceSlot
from compiler.catalog.settings import SPECS

ROOT = Path(__file__).resolve().parents[2]
CARDS = sorted(ROOT.glob("cards/validation/V_*.yaml"))
BODY = "\n".join(
    line
    for path in CARDS
    for line in path.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
SIZES = ("size_usdt", "size_pct", "size_of_max_pct", "risk_pct")
SIZE_WORDS = (
    "% of equity", "% of max", "% of free", "% of position", "rest of position", "base", "usdt", "risk",
)  # fmt: skip


def has(pattern: str) -> bool:
    return re.search(pattern, BODY) is not None


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_has_a_card(action: str) -> None:
    assert has(rf"\b{action}\b")


@pytest.mark.parametrize("slot", list(PriceSlot))
@pytest.mark.parametrize("form", ["", "_ref", "_offset_pct"])
def test_every_price_slot_has_a_card_in_each_form(slot: str, form: str) -> None:
    assert has(rf"\b{slot}{form}:")


@pytest.mark.parametrize("size", SIZES)
def test_every_size_key_has_a_card(size: str) -> None:
    assert has(rf"\b{size}:")


@pytest.mark.parametrize("word", SIZE_WORDS)
def test_every_size_in_words_has_a_card(word: str) -> None:
    assert has(rf"\bsize: [^}}\n]*{word}")


@pytest.mark.parametrize(
    ("option", "choice"), [(o, c) for o, choices in OPTION_CHOICES.items() for c in choices]
)
def test_every_choice_of_an_option_has_a_card(option: str, choice: str) -> None:
    assert has(rf"\b{option}: {choice}\b")


@pytest.mark.parametrize("option", sorted(set(OptionName) - set(OPTION_CHOICES)))
def test_every_other_option_has_a_card(option: str) -> None:
    assert has(rf"\b{option}:")


def test_orders_that_follow_a_fill_have_a_card() -> None:
    assert has(r"\bon_fill:")


@pytest.mark.parametrize(
    ("path", "choice"),
    [
        (path, choice)
        for path in ("execution.fill_model", "execution.intrabar", "execution.resting_gap",
                     "execution.attached", "risk_model.sizing.model")
        for choice in SPECS[path].choices
    ],
)  # fmt: skip
def test_every_way_to_fill_to_walk_and_to_size_has_a_card(path: str, choice: str) -> None:
    assert has(rf"\b{path.split('.')[-1]}: {choice}\b")


@pytest.mark.parametrize("name", sorted(SCALING_BUILTINS))
def test_every_builtin_a_card_scales_by_has_a_card(name: str) -> None:
    layer = re.fullmatch(r"position_layer_(\d+)_(\w+)", name)
    if layer and int(layer[1]) > 1:  # the others are the same, further down
        name = f"position_layer_1_{layer[2]}"
    assert has(rf"\b{name}\b")
