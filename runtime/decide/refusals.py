"""Why an intent may not become an order: one code each, always said, never an exception outside.

`REFUSALS` is the whole list; promises of the card are refused as `invariant:<name>`.
"""

from __future__ import annotations

REFUSALS: dict[str, str] = {
    "unknown_price": "a price, stop or target is unknown or is no price",
    "unknown_value": "a size or a number of bars is unknown",
    "below_min_qty": "the quantity is below the instrument's minimum",
    "below_min_notional": "the notional is below the minimum",
    "no_margin": "free margin does not carry the order",
    "over_max_position": "the position would exceed its maximum, or the order the instrument's",
    "max_layers": "the position would have more layers than allowed",
    "policy_side": "the policy does not trade this side",
    "policy_scale_out": "the policy does not allow partial exits",
    "would_flip": "a position of the other side is open",
    "duplicate_ref": "an order with this ref is working",
    "unknown_ref": "no working order (or layer) has this name",
    "stop_on_wrong_side": "the stop is not on the losing side of the entry",
    "target_on_wrong_side": "the target is not on the winning side of the entry",
    "price_outside_band": "the price is too far from the close",
    "nothing_to_reduce": "no position of this side is open",
    "not_amendable": "the order cannot be changed in this way",
    "strands_dust": "what would remain is below the minimum",
    "venue_uncertain": "an order's fate is unknown: no new risk until a query answers",
}
INVARIANT = "invariant:"


class Refused(Exception):
    """Raised while one intent is resolved; caught at the edge of the processor."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        assert code in REFUSALS or code.startswith(INVARIANT), code
        self.code = code
        self.text = text
