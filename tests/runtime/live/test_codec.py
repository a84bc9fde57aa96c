"""Lines of a journal: whatever can be written comes back equal; what nobody knows is refused with its place."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.live.codec import BadRecord, Journaled, decode, encode, kinds
from runtime.live.items import Told
from runtime.orders.commands import AmendOrder, RenewOrder, SubmitOrder
from runtime.orders.events import OrderFilled, OrderRenewed, RequestSent
from runtime.orders.order_spec import Effect, Level, LevelKind, OrderSpec, OrderType, Side

_PLAIN: dict[object, st.SearchStrategy[object]] = {
    # Not a number equals nothing, not even itself; a price is none.
    float: st.floats(allow_nan=False) | st.integers(-(2**60), 2**60),
    int: st.integers(),
    str: st.text(),
    bool: st.booleans(),
    NoneType: st.none(),
}


@cache
def made(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a type, every field drawn."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is tuple and get_args(hint)[-1] is not Ellipsis:
        return st.tuples(*(made(one) for one in get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(made(get_args(hint)[0]), max_size=2).map(tuple)
    if get_args(hint):
        return st.one_of(*(made(one) for one in get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    assert is_dataclass(hint), hint
    hints = get_type_hints(hint)
    return st.builds(hint, **{one.name: made(hints[one.name]) for one in fields(hint)})


def same_types(one: object, other: object) -> bool:
    """Return whether two equal values are of the same types all the way down: a word is no mere text."""
    if type(one) is not type(other):
        return False
    if not is_dataclass(one):
        return repr(one) == repr(other)  # 0.0 is not -0.0
    return all(same_types(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


@pytest.mark.parametrize("kind", get_args(Journaled), ids=lambda kind: kind.__name__)
def test_what_is_written_is_read_back_bit_for_bit(kind: type) -> None:
    @given(made(kind))
    def check(value: Any) -> None:
        text = encode(value)
        again = decode(text)
        assert again == value
        assert same_types(again, value)
        assert encode(again) == text
        assert "\n" not in text

    check()


def fill() -> OrderFilled:
    return OrderFilled(
        order_id="o1", execution_id="x", quantity=1, price=1 / 3, fee=-0.0, is_maker=True, bar=1,
        ts=2,
    )  # fmt: skip


def submitted() -> SubmitOrder:
    spec = OrderSpec(
        order_id="o1", symbol="B", side=Side.BUY, effect=Effect.OPEN, quantity=3,
        order_type=OrderType.LIMIT, limit_price=0.1 + 0.2, stop_loss=Level(LevelKind.LEVEL, 1e-17),
    )  # fmt: skip
    return SubmitOrder(spec=spec)


@pytest.mark.parametrize(
    ("value", "before", "after", "said"),
    [
        (Told(event=fill()), "OrderFilled", "OrderFold", "nobody knows the kind 'OrderFold' @ $.event"),
        (Told(event=fill()), '"bar":1', '"bar":"1"', "expected int, found str @ $.event.bar"),
        (Told(event=fill()), '"is_maker":true', '"is_maker":1', "expected bool, found int"),
        (Told(event=fill()), '"fee":-0.0', '"fee":null', "expected float, found NoneType"),
        (Told(event=fill()), '"bar":1', '"bar":1,"bart":1', "extra fields found (bart) @ $.event"),
        (Told(event=fill()), '"bar":1,', "", "required field missing @ $.event.bar"),
        (Told(event=fill()), encode(fill()), "5", "expected an object @ $.event"),
        (submitted(), '"buy"', '"bye"', "expected Side @ $.spec.side"),
        (submitted(), '"level"', '"lvl"', "expected LevelKind @ $.spec.stop_loss.kind"),
        (fill(), "OrderFilled", "Nobody", "nobody knows the kind 'Nobody'"),
        (fill(), '"_"', '"__"', "says not what it is"),
        (fill(), "}", "", "Expecting"),
        (fill(), encode(fill()), "[]", "says not what it is"),
        (
            RequestSent(asked=AmendOrder(order_id="o"), bar=1, ts=2),
            "AmendOrder", "SubmitOrder", "nobody knows the kind 'SubmitOrder' @ $.asked",
        ),
    ],
)  # fmt: skip
def test_a_line_of_another_version_is_refused_with_its_place(
    value: Journaled, before: str, after: str, said: str
) -> None:
    line = encode(value).replace(before, after, 1)
    with pytest.raises(BadRecord, match=re.escape(said)):
        decode(line)


def test_what_is_no_record_is_not_written() -> None:
    # A renewal is done here and told as an event; no backend hears of it.
    for value in (object(), {"_": "TimerFired"}, RenewOrder(order_id="o", expires_bar=None)):
        with pytest.raises(BadRecord, match="has no place in a journal"):
            encode(value)  # type: ignore[arg-type]


def test_every_kind_inside_a_record_counts_for_the_shape_of_a_journal() -> None:
    assert {OrderRenewed, OrderSpec, Level, Told, AmendOrder} <= set(kinds())
    assert len(list(kinds())) == len(set(kinds()))


def test_a_process_that_writes_no_journal_does_not_load_the_library() -> None:
    code = "import sys, runtime.live.session; print('cattrs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
