"""Random cards whose fills demand much: protection of layers, groups, partial fills, turning entries."""

from __future__ import annotations

from hypothesis import strategies as st

from compiler.catalog.orders import OnPartial, Protect, TakeProfitType
from compiler.catalog.settings import Attached, FillModel
from tests.strategies.actions import BARS, words
from tests.strategies.runs import at_bar, card_text, emit

REFS = ("a", "b", "c")
_below = st.sampled_from([94.0, 96.0, 97.5, 98.5, 99.4])
_above = st.sampled_from([100.6, 101.5, 102.5, 104.0, 106.0])
_near = st.sampled_from([98.5, 99.2, 99.7, 100.0, 100.3, 100.8, 101.5])
_lots = st.sampled_from(["0.5 base", "2 base", "5 base", "12 base"])
_models = st.sampled_from([FillModel.TOUCH, FillModel.VOLUME_WEIGHTED, FillModel.QUEUE])


@st.composite
def _protection(draw: st.DrawFn, side: str) -> dict[str, object]:
    loss, gain = (_below, _above) if side == "long" else (_above, _below)
    given: dict[str, object] = {}
    if draw(st.integers(0, 3)):
        given["stop_loss"] = draw(loss)
    if draw(st.booleans()):
        given["take_profit"] = draw(gain)
        given["take_profit_type"] = draw(words(TakeProfitType))
    if given:
        given["protect"] = draw(words(Protect))
    return given


@st.composite
def _life(draw: st.DrawFn) -> dict[str, object]:
    given: dict[str, object] = {"order_ref": draw(st.sampled_from(REFS))}
    given["on_live_ref"] = draw(st.sampled_from(["refuse", "replace"]))
    if draw(st.booleans()):
        given |= {"order_group": draw(st.sampled_from(["g", "h"])), "oco": True}
    if draw(st.booleans()):
        given["ttl_bars"] = draw(st.integers(1, 4))
    given["on_partial"] = draw(words(OnPartial))
    given["on_flat"] = draw(st.sampled_from(["keep", "cancel"]))
    return given


@st.composite
def _actions(draw: st.DrawFn, bias: str) -> str:
    other = "short" if bias == "long" else "long"
    side = bias if draw(st.integers(0, 5)) else other
    match draw(st.integers(0, 11)):
        case 0 | 1:
            return emit(f"entry_{side}", size=draw(_lots), **draw(_protection(side)))
        case 2 | 3 | 4:
            more = {**draw(_protection(side)), **draw(_life())}
            return emit(f"place_limit_{side}", price=draw(_near), size=draw(_lots), **more)
        case 5:
            return emit(
                f"place_stop_{side}", trigger=draw(_near), size=draw(_lots), **draw(_life())
            )
        case 6 | 7:
            more = {k: v for k, v in draw(_life()).items() if k != "on_flat"}
            return emit(f"place_limit_exit_{side}", price=draw(_near), size=draw(_lots), **more)
        case 8:
            return emit("exit_all", size_pct=draw(st.sampled_from([0.3, 0.6, 1.0])))
        case 9:
            return emit("cancel_order", order_ref=draw(st.sampled_from(REFS)))
        case 10:
            change = draw(st.sampled_from([{"price": 99.5}, {"size": "4 base"}, {"price": 100.4}]))
            return emit("amend_order", order_ref=draw(st.sampled_from(REFS)), **change)
        case _:
            kind = draw(st.sampled_from(["adjust_stop", "adjust_target"]))
            return emit(kind, price=draw(st.one_of(_below, _above)))


@st.composite
def demanding_cards(draw: st.DrawFn) -> str:
    """Return a card that places, protects and changes orders on most of its bars."""
    bias = draw(st.sampled_from(["long", "long", "short"]))
    blocks = "".join(
        at_bar(bar, *draw(st.lists(_actions(bias), min_size=1, max_size=3)))
        for bar in range(BARS - 2)
    )
    flips = str(draw(st.booleans())).lower()
    text = card_text(
        blocks,
        account="starting_equity_usdt: 100000, max_leverage: 3",
        execution=f"attached: {Attached.SAME_BAR.value}",
        more=f"position_policy: {{ allow_flip: {flips} }}",
    )
    text = text.replace("taker_bps: 0, maker_bps: 0", "taker_bps: 5.5, maker_bps: 2.0")
    return text.replace("fill_model: touch", f"fill_model: {draw(_models).value}")


def volumes() -> st.SearchStrategy[list[float]]:
    """Return volumes that fill limits in part, whole, or not at all."""
    return st.lists(st.sampled_from([30.0, 120.0, 400.0, 1e6]), min_size=BARS, max_size=BARS)
