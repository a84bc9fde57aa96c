"""The words of the first design: each is the engine's own thing, named in the README, and behaves."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runtime
from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.settings import FillModel
from runtime.account.layers import PositionLayer, ScaledPosition
from runtime.backends.sim.fill_models import FillModelConfig, LimitFillSimulator, fillable
from runtime.market.frame import Bar
from runtime.orders.book import PendingOrderBook
from runtime.orders.order import Order
from runtime.orders.order_spec import Effect, OrderSpec, OrderType, Side
from tests.strategies.runs import SMALL
from tools.goldens import ROOT

NAMES = sorted(runtime._HOMES)


def table() -> str:
    text = (ROOT / "runtime/README.md").read_text(encoding="utf-8")
    return text.split("## The words of the first design")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_word_is_the_thing_itself_and_stands_in_the_table(name: str) -> None:
    home = import_module(runtime._HOMES[name])
    assert getattr(runtime, name) is getattr(home, name)
    assert name in dir(runtime)
    ours = [row.split("|")[2] for row in table().splitlines() if row.startswith("| `")]
    assert any(f"`{name}`" in cell for cell in ours)


def test_every_word_of_ours_in_the_table_exists() -> None:
    for row in table().splitlines():
        if not row.startswith("| `"):
            continue
        for word in re.findall(r"`([\w.]+)`", row.split("|")[2]):
            if word in NAMES or word.startswith("."):
                continue
            module, _, name = f"runtime.{word}".rpartition(".")
            if name.isupper():  # a member
                module, _, name = module.rpartition(".")
            try:
                assert hasattr(import_module(module), name)
            except (ModuleNotFoundError, AssertionError):
                import_module(f"{module}.{name}")


def test_nobody_else_answers_to_a_word() -> None:
    with pytest.raises(AttributeError, match="`runtime` has no `Broker`"):
        _ = runtime.Broker
    code = "import sys, runtime; print(sum(name.startswith('runtime.') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


def test_valid_actions_are_those_of_the_catalogue() -> None:
    assert set(ACTIONS) == runtime.VALID_ACTIONS
    assert {"place_limit_long", "amend_order", "no_action"} <= runtime.VALID_ACTIONS
    assert all(isinstance(ACTIONS[name].verb, Verb) for name in runtime.VALID_ACTIONS)


# ---------------------------------------------------------------- positions


def held(lots: int = 10) -> ScaledPosition:
    position = ScaledPosition("X", Side.BUY, SMALL, 0, 0)
    for number, part in enumerate((lots - lots // 2, lots // 2)):
        if part:
            position.add_layer(
                PositionLayer(layer_id=f"l{number}", order_id=f"o{number}", quantity=part, entry_price=50.0)
            )  # fmt: skip
    return position


@pytest.mark.parametrize("fraction", [-0.5, 0.0, 1.5, float("nan")])
def test_a_part_that_is_none_is_refused(fraction: float) -> None:
    position = held()
    with pytest.raises(ValueError, match="not a fraction of a position"):
        position.remove_pct(fraction)
    with pytest.raises(ValueError, match="cannot leave a position"):
        position.remove_size(-abs(fraction))
    assert position.quantity == 10


def test_an_empty_position_answers() -> None:
    empty = ScaledPosition("X", Side.BUY, SMALL, 0, 0)
    assert (empty.total_size_usdt, empty.layer_count, empty.unrealized(50.0)) == (0.0, 0, 0.0)
    assert isnan(empty.avg_entry_price)
    assert empty.remove_pct(0.5) == empty.remove_size(10.0) == []


@given(
    st.integers(1, 10**6), st.integers(1, 100), st.sampled_from(["fifo", "lifo", "proportional"])
)
def test_a_part_of_a_position_is_a_part_of_its_lots(lots: int, percent: int, method: str) -> None:
    position = held(lots)
    left = position.remove_pct(percent / 100, method)
    assert sum(part.quantity for part in left) == lots * percent // 100
    assert position.quantity == lots - lots * percent // 100


# ---------------------------------------------------------------- orders that wait


def test_orders_are_taken_out_by_ref_and_by_group() -> None:
    book = PendingOrderBook()
    for name, group in (("a", "g"), ("b", "g"), ("c", "h")):
        book.add_order(
            Order(
                OrderSpec(
                    order_id=f"o-{name}", symbol="X", side=Side.BUY, effect=Effect.OPEN,
                    order_type=OrderType.LIMIT, quantity=1, limit_price=50.0, order_ref=name,
                    order_group=group,
                )
            )
        )  # fmt: skip
    taken = book.cancel_by_ref("a")
    assert taken is not None
    assert (taken.order_id, book.cancel_by_ref("a")) == ("o-a", None)
    assert [order.order_id for order in book.cancel_by_group("g")] == ["o-b"]
    assert [order.order_id for order in book] == ["o-c"]
    assert book.cancel_by_group("g") == []


# ---------------------------------------------------------------- fills

PRICES = st.integers(90, 110).map(float)


@given(
    st.sampled_from(FillModel), st.sampled_from(Side), PRICES, st.integers(1, 2000),
    st.lists(PRICES, min_size=4, max_size=4), st.integers(0, 50),
)  # fmt: skip
def test_the_simulator_of_fills_says_what_a_run_gives(
    model: FillModel, side: Side, price: float, lots: int, prices: list[float], volume: int
) -> None:
    bar = Bar(prices[0], max(prices), min(prices), prices[3], float(volume))
    config = FillModelConfig(model=model)
    found = LimitFillSimulator(config, SMALL).check_fill(side, price, lots, bar)
    assert found.filled_lots == fillable(side, price, lots, bar, SMALL, config)
    assert found.filled_lots + found.remaining_lots == lots
    assert found.filled == (found.filled_lots > 0) == (found.fill_price == price)
    assert found.partial == (0 < found.filled_lots < lots)
    is_reached = bar.low <= price if side is Side.BUY else bar.high >= price
    assert is_reached or not found.filled
