"""Random cards that place, change and cancel orders of every kind, and bars to live through."""

from __future__ import annotations

from enum import StrEnum

from hypothesis import strategies as st

from compiler.catalog.orders import (
    OnLiveRef,
    OnPartial,
    PositionSide,
    Protect,
    RemovalMethod,
    TakeProfitType,
    TimeInForce,
)
from compiler.catalog.settings import Attached, FillModel, Intrabar
from runtime.testing import markets
from tests.strategies.runs import Row, at_bar, card_text, emit

BARS = 14
REFS = ("a", "b")
_near = st.sampled_from([95.2, 97.0, 98.0, 98.53, 99.0, 99.5, 100.0, 100.5, 101.0, 102.47, 103.0])
_sizes = st.sampled_from(
    [
        {"size_usdt": 4}, {"size_usdt": 40}, {"size_usdt": 2500}, {"size_usdt": 9000},
        {"size_pct": 0.3}, {"size_of_max_pct": 0.4}, {"size": "0.5 base"},
    ]
)  # fmt: skip


def words(closed: type[StrEnum]) -> st.SearchStrategy[str]:
    """Draw a word of a closed set, as a card spells it."""
    return st.sampled_from([word.value for word in closed])


_sides = words(PositionSide)
# Bars alone have nothing finer to look into.
paths = words(Intrabar).filter(lambda word: word != Intrabar.MAGNIFY)


@st.composite
def _attached(draw: st.DrawFn) -> dict[str, object]:
    given: dict[str, object] = {}
    if draw(st.booleans()):
        given["stop_loss"] = draw(_near)
    if draw(st.booleans()):
        given["take_profit"] = draw(_near)
    if given and draw(st.booleans()):
        given["protect"] = draw(words(Protect))
    if "take_profit" in given and draw(st.booleans()):
        given["take_profit_type"] = draw(words(TakeProfitType))
    return given


@st.composite
def _identity(draw: st.DrawFn) -> dict[str, object]:
    given: dict[str, object] = {}
    if draw(st.booleans()):
        given["order_ref"] = draw(st.sampled_from(REFS))
        given["on_live_ref"] = draw(words(OnLiveRef))
    if draw(st.booleans()):
        given["order_group"] = "g"
        given["oco"] = draw(st.booleans())
    if draw(st.booleans()):
        given["ttl_bars"] = draw(st.integers(1, 4))
    force = draw(
        st.sampled_from([None, "post", *(f.value for f in TimeInForce if f is not TimeInForce.GTD)])
    )
    if force == "post":
        given["post_only"] = True
    elif force is not None:
        given["ttl_type"] = force
    given["on_partial"] = draw(words(OnPartial))
    return given


@st.composite
def actions(draw: st.DrawFn) -> str:
    """Return one action in flow style, of any kind."""
    side = draw(_sides)
    match draw(st.integers(0, 11)):
        case 0 | 1:
            return emit(f"entry_{side}", **draw(_sizes), **draw(_attached()))
        case 2 | 3:
            where = {"price": draw(_near)}
            more = {**draw(_attached()), **draw(_identity())}
            return emit(f"place_limit_{side}", **where, **draw(_sizes), **more)
        case 4:
            where = {"trigger": draw(_near)}
            more = {**draw(_attached()), **draw(_identity())}
            more.pop("post_only", None)
            more.pop("ttl_type", None)
            if draw(st.booleans()):
                where["limit_price"] = draw(_near)
            return emit(f"place_stop_{side}", **where, **draw(_sizes), **more)
        case 5 | 6:
            part = draw(st.sampled_from([0.2, 0.5, 0.99, 1.0]))
            method = draw(words(RemovalMethod))
            return emit(draw(st.sampled_from([f"exit_{side}", "exit_all"])), size_pct=part,
                        method=method)  # fmt: skip
        case 7:
            part = draw(st.sampled_from([0.3, 1.0]))
            return emit(f"place_limit_exit_{side}", price=draw(_near), size_pct=part,
                        **draw(_identity()))  # fmt: skip
        case 8:
            return emit("cancel_order", order_ref=draw(st.sampled_from(REFS)))
        case 9:
            return "cancel_all_orders"
        case 10:
            change = draw(
                st.sampled_from([{"price": 98.7}, {"size_usdt": 700}, {"stop_loss": 97.2}])
            )
            return emit("amend_order", order_ref=draw(st.sampled_from(REFS)), **change)
        case _:
            kind = draw(st.sampled_from(["adjust_stop", "adjust_target", "adjust_size"]))
            if kind == "adjust_size":
                opens = draw(
                    st.sampled_from([{}, {"side": "long"}, {"side": "short", "stop_loss": 104}])
                )
                return emit(kind, size_usdt=draw(st.sampled_from([3, 500, 3000])), **opens)
            return emit(kind, price=draw(_near), only_tighten=draw(st.booleans()))


@st.composite
def busy_cards(draw: st.DrawFn) -> str:
    """Return a card that does something on most of its bars."""
    blocks = "".join(
        at_bar(bar, *draw(st.lists(actions(), min_size=1, max_size=3))) for bar in range(BARS - 2)
    )
    layers = draw(st.sampled_from([None, 1, 2]))
    policy = [f"allow_flip: {str(draw(st.booleans())).lower()}"]
    if layers is not None:
        policy.append(f"max_layers: {layers}")
    how = ", ".join(
        (
            f"intrabar: {draw(paths)}",
            f"attached: {draw(words(Attached))}",
        )
    )
    model = draw(words(FillModel))
    account = f"max_leverage: {draw(st.sampled_from([1, 3]))}"
    more = f"position_policy: {{ {', '.join(policy)} }}"
    text = card_text(blocks, account=account, execution=how, more=more)
    fees = "taker_bps: 5.5, maker_bps: 2.0"
    text = text.replace("taker_bps: 0, maker_bps: 0", fees)
    return text.replace("fill_model: touch", f"fill_model: {model}")


def bars() -> st.SearchStrategy[list[Row]]:
    """Return bars around 100, on the tick grid."""
    return markets.bars(BARS)
