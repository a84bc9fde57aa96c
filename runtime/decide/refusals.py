"""Why something a card asked for did not come about: one closed list, each code with its meaning.

The law: an intent that does not become an order has exactly one of these codes, said with the setting
that would let it pass where there is one; never an exception outside, never silence. The answers of a
simulated venue use the same words. `invariant` and `limit` name what was broken: `invariant:max_layers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

UNCERTAIN = "the fate of a request is unknown"  # said of what is refused as `venue_uncertain`


class RefusalCode(StrEnum):
    UNKNOWN_PRICE = "unknown_price"
    UNKNOWN_VALUE = "unknown_value"
    PRICE_OUTSIDE_BAND = "price_outside_band"
    TRIGGER_PASSED = "trigger_passed"
    STOP_ON_WRONG_SIDE = "stop_on_wrong_side"
    TARGET_ON_WRONG_SIDE = "target_on_wrong_side"
    BEYOND_LIQUIDATION = "beyond_liquidation"
    BELOW_MIN_QTY = "below_min_qty"
    BELOW_MIN_NOTIONAL = "below_min_notional"
    STRANDS_DUST = "strands_dust"
    OVER_MAX_LEVERAGE = "over_max_leverage"
    OVER_RISK_TIER = "over_risk_tier"
    OVER_MAX_POSITION = "over_max_position"
    NO_MARGIN = "no_margin"
    MAX_LAYERS = "max_layers"
    POLICY_SIDE = "policy_side"
    POLICY_SCALE_OUT = "policy_scale_out"
    WOULD_FLIP = "would_flip"
    DUPLICATE_REF = "duplicate_ref"
    UNKNOWN_REF = "unknown_ref"
    NOTHING_TO_REDUCE = "nothing_to_reduce"
    NOTHING_TO_PROTECT = "nothing_to_protect"
    NOTHING_TO_ADJUST = "nothing_to_adjust"
    LAYER_OWNED = "layer_owned"
    TOO_MANY_ORDERS = "too_many_orders"
    NOT_AMENDABLE = "not_amendable"
    IN_FLIGHT = "in_flight"
    FILL_ALREADY_CLOSED = "fill_already_closed"
    VENUE_UNCERTAIN = "venue_uncertain"
    HELD_BACK = "held_back"
    INVARIANT = "invariant"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code says; `setting` is what of the card would let the same intent pass."""

    text: str
    setting: str = ""


# What may bound the largest position: a maximum of the card, or else what its equity carries.
_MAXIMA = ("account.max_position_usdt", "account.max_leverage")
_C = RefusalCode
REFUSALS: dict[RefusalCode, Meaning] = {
    _C.UNKNOWN_PRICE: Meaning("a price, stop or target is unknown or is no price"),
    _C.UNKNOWN_VALUE: Meaning("a size or a number of bars is unknown"),
    _C.PRICE_OUTSIDE_BAND: Meaning(
        "a limit that could execute at once is too far on the costly side of the market",
        "execution.price_band_pct",
    ),
    _C.TRIGGER_PASSED: Meaning("the market is at or beyond the trigger of the stop entry"),
    _C.STOP_ON_WRONG_SIDE: Meaning(
        "the stop is not on the losing side of the entry; of one to be moved: the market has passed it, and the old one stands"
    ),
    _C.TARGET_ON_WRONG_SIDE: Meaning(
        "the target is not on the winning side of the entry; of one to be moved: the market has passed it, and the old one stands"
    ),
    _C.BEYOND_LIQUIDATION: Meaning(
        "the position would be liquidated before the entry is reached", "account.max_leverage"
    ),
    _C.BELOW_MIN_QTY: Meaning("the quantity is below the instrument's minimum"),
    _C.BELOW_MIN_NOTIONAL: Meaning(
        "the notional is below the minimum", "account.min_trade_notional_usdt"
    ),
    _C.STRANDS_DUST: Meaning("what would remain is below the minimum"),
    _C.OVER_MAX_LEVERAGE: Meaning(
        "the leverage of the account is above the instrument's largest", "account.max_leverage"
    ),
    _C.OVER_RISK_TIER: Meaning(
        "no risk tier of the instrument allows a position of this value at this leverage",
        "account.max_leverage",
    ),
    _C.OVER_MAX_POSITION: Meaning(
        "the position would exceed its maximum, or the order the instrument's largest", _MAXIMA[0]
    ),
    _C.NO_MARGIN: Meaning("free margin does not carry the order", "account.max_leverage"),
    _C.MAX_LAYERS: Meaning(
        "the position would have more layers than allowed", "position_policy.max_layers"
    ),
    _C.POLICY_SIDE: Meaning("the policy does not trade this side", "position_policy.mode"),
    _C.POLICY_SCALE_OUT: Meaning(
        "the policy does not allow partial exits", "position_policy.allow_scale_out"
    ),
    _C.WOULD_FLIP: Meaning("a position of the other side is open", "position_policy.allow_flip"),
    _C.DUPLICATE_REF: Meaning("an order with this ref is working", "on_live_ref: replace"),
    _C.UNKNOWN_REF: Meaning("no working order (or layer) has this name"),
    _C.NOTHING_TO_REDUCE: Meaning("nothing of this side is open that other exits do not take"),
    _C.NOTHING_TO_PROTECT: Meaning("no position is open whose stop or target could move"),
    _C.NOTHING_TO_ADJUST: Meaning("no position is open to adjust"),
    _C.LAYER_OWNED: Meaning("every layer has a stop or target of its own", "layer"),
    _C.TOO_MANY_ORDERS: Meaning("the venue takes no more orders of this kind of a contract"),
    _C.NOT_AMENDABLE: Meaning("the order cannot be changed in this way"),
    _C.IN_FLIGHT: Meaning("an earlier request about the order has no answer yet"),
    _C.FILL_ALREADY_CLOSED: Meaning("what was filled is closed already: `on_fill` has no object"),
    _C.VENUE_UNCERTAIN: Meaning(
        "an order's fate is unknown, or an exit of an older close may still close what an entry would turn: no new risk "
        "until that is known"
    ),
    _C.HELD_BACK: Meaning(
        "a session lets no entry leave just now, so what works under the ref of a new one stays"
    ),
    _C.INVARIANT: Meaning("a promise of the card would have been broken", "invariants"),
    _C.LIMIT: Meaning("a limit of the card has been reached", "limits"),
}
NAMED = frozenset({RefusalCode.INVARIANT, RefusalCode.LIMIT})


class Refused(Exception):
    """Raised while one intent is resolved; caught at the edge of the processor.

    `is_passing`: what stands against it passes by itself, and no back-test knows it: a request without an answer.
    """

    def __init__(
        self, code: RefusalCode, text: str, name: str = "", *, is_passing: bool = False
    ) -> None:
        assert code in REFUSALS, code
        assert (code in NAMED) == bool(name), code
        self.kind = code
        self.is_passing = is_passing or code is RefusalCode.VENUE_UNCERTAIN
        self.code = f"{code.value}:{name}" if name else code.value
        self.text = text
        super().__init__(f"{self.code}: {text}")


def below_minimum(base: float, least: float) -> str:
    """Return what is said of base units that are less than the instrument's least."""
    return (
        f"the size is 0, and {least:g} the least"
        if base == 0.0
        else f"{base:g} is below the minimum of {least:g}"
    )


def over_maximum(limit: float | None, leverage: float, most: float, left: float) -> str:
    """Return what is said of the largest position: the card's, or without one what equity carries."""
    free = max(0.0, left)
    if limit is not None:
        return f"`account.max_position_usdt` is {most:.2f}, {free:.2f} of it are free"
    return f"equity carries {most:.2f} USDT at `account.max_leverage` {leverage:g}, {free:.2f} of them are free"


def setting_of(code: str, text: str) -> str:
    """Return what of the card would let an intent pass that was refused with a text; "" for what no setting does.

    Of the largest position the text says what bounds it: the card's own maximum, its leverage, or the instrument.
    """
    known = meaning(code)
    if known is None:
        return ""
    if known is not REFUSALS[RefusalCode.OVER_MAX_POSITION]:
        return known.setting
    return next((one for one in _MAXIMA if f"`{one}`" in text), "")


def meaning(code: str) -> Meaning | None:
    """Return what a code means, with or without the name behind it; None for another venue's code."""
    head = code.partition(":")[0]
    return REFUSALS[RefusalCode(head)] if head in REFUSALS else None


def promise_of(code: str) -> str | None:
    """Return the promise a refusal kept, None for any other refusal."""
    head, _, name = code.partition(":")
    return name if head == RefusalCode.INVARIANT else None
