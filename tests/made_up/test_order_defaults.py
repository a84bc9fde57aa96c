"""One home for what holds where an action says nothing: another default there is another order everywhere."""

from __future__ import annotations

import dataclasses
import inspect
from enum import StrEnum

import pytest

from compiler.catalog.orders import OPTION_CHOICES, OPTION_DEFAULTS, OptionName
from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.graph.rule_graph import ExecutionSettings
from compiler.pipeline import check
from runtime.account.layers import ScaledPosition
from runtime.backends.sim.fill_models import FillModelConfig
from runtime.orders.order_spec import OrderSpec
from tests.strategies.runs import at_bar, card_text, emit, flat, live

FIELDS = {
    name: "time_in_force" if name is OptionName.TTL_TYPE else name.value
    for name in OPTION_DEFAULTS
    if name is not OptionName.ON_LIVE_REF  # no part of an order: what its placement does
}
ENTRY: dict[str, object] = {"price": 90, "size": "1 base", "stop_loss": 80, "take_profit": 120}
BLOCKS = at_bar(0, emit("place_limit_long", order_ref="in", **ENTRY)) + at_bar(
    2, emit("exit_long", order_ref="out", size_pct=0.5)
)


def said() -> str:
    """Return the card read back, on one line."""
    graph = check(Source("card.yaml", card_text(BLOCKS))).graph
    assert graph is not None
    return " ".join(read_back(graph).split())


def another(name: OptionName) -> StrEnum:
    """Return a word of an option that is not its default."""
    word = OPTION_DEFAULTS[name]
    return next(type(word)(other) for other in OPTION_CHOICES[name] if other != word)


@pytest.mark.parametrize("name", FIELDS, ids=str)
def test_the_order_of_an_action_that_says_nothing_has_the_word_of_the_table(
    name: OptionName, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = another(name)
    monkeypatch.setitem(OPTION_DEFAULTS, name, word)
    specs = live(
        BLOCKS + at_bar(0, emit("entry_long", size="1 base"), block="m"), flat(100.0, 5)
    ).specs
    asked = [s for s in specs if s.order_ref == ("out" if name is OptionName.METHOD else "in")]
    assert [getattr(spec, FIELDS[name]) for spec in asked] == [word]


@pytest.mark.parametrize("name", OPTION_DEFAULTS, ids=str)
def test_a_card_read_back_says_the_word_of_the_table(
    name: OptionName, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said()
    monkeypatch.setitem(OPTION_DEFAULTS, name, another(name))
    assert said() != before


@pytest.mark.parametrize("name", FIELDS, ids=str)
def test_an_order_built_by_hand_has_the_word_of_the_table(name: OptionName) -> None:
    defaults = {one.name: one.default for one in dataclasses.fields(OrderSpec)}
    assert defaults[FIELDS[name]] is OPTION_DEFAULTS[name]


def test_a_second_order_under_a_working_ref_does_what_the_table_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    again = BLOCKS + at_bar(1, emit("place_limit_long", order_ref="in", **ENTRY | {"price": 91}))
    assert live(again, flat(100.0, 4)).ledger.orders["o1"].spec.limit_price == 90
    monkeypatch.setitem(OPTION_DEFAULTS, OptionName.ON_LIVE_REF, another(OptionName.ON_LIVE_REF))
    orders = live(again, flat(100.0, 4)).ledger.orders.values()
    assert 91 in [order.limit_price for order in orders]


def test_layers_leave_a_position_as_the_table_says() -> None:
    for method in (ScaledPosition.remove_size, ScaledPosition.remove_pct):
        default = inspect.signature(method).parameters["method"].default
        assert default is OPTION_DEFAULTS[OptionName.METHOD]


def test_fill_models_without_a_card_have_the_settings_of_a_card_that_says_nothing() -> None:
    unsaid = dataclasses.asdict(ExecutionSettings())
    config = dataclasses.asdict(FillModelConfig())
    assert config.pop("model") is unsaid["fill_model"]
    assert config == {name: unsaid[name] for name in config}
