"""Signatures of the structures that tell of breaks, imbalances and resting liquidity.

The vocabulary is that of the trade (break of structure, fair value gap, order block); each entry's
doc fixes one exact meaning. Algorithms: `runtime/structures/`.
"""

from __future__ import annotations

from compiler.catalog.shapes import (
    below,
    counter,
    event,
    factor,
    length,
    level,
    number,
    price,
    token,
    whole,
)
from compiler.catalog.structure_shapes import (
    SWING_VERSIONS,
    atr_length,
    direction,
    in_atr,
    on_swing,
    slots,
    structure,
    switch,
    two_sided,
    whole_int,
)
from compiler.catalog.types import DependencySpec, Entry, Params, Unit

_EACH_SIDE = "kept of each side; the oldest leaves"


def _one(_params: Params) -> int:
    return 1


def _gap_warmup(params: Params) -> int:
    if params["min_gap_atr"] == 0.0:
        return 3
    return max(3, whole_int(params, "atr_length") + 1)


MARKET_STRUCTURE = structure(
    "market_structure", "Break of structure and change of character", ("high", "low", "close"),
    (switch("confirmation_close", True, "the close must be beyond a level, not only a wick"),),
    (
        whole("bias", low=-1, high=1, primary=True, doc="1 bullish, -1 bearish, 0 before any break"),
        event("bos_this_bar"), event("choch_this_bar"),
        direction("bos_direction", "of the last break of structure, 0 before"),
        direction("choch_direction", "of the last change of character, 0 before"),
        level("break_level_high", doc="the armed swing high, unknown while disarmed"),
        level("break_level_low"), counter("version", doc="events so far"),
    ),
    _one,
    "Every confirmed swing arms its level. Break of structure (BOS): price passes the armed high "
    "while the bias is not bearish (the armed low while it is not bullish); the bias takes that "
    "direction, the level is disarmed until the next swing, and the last opposite swing becomes the "
    "anchor. Change of character (CHoCH), tested first: price passes the anchor against the bias; "
    "the bias turns, the last swing of the old direction becomes the new anchor, and a level that "
    "the same bar passed is disarmed. A bar has at most one event. Without a bias, a bar whose wicks "
    "pass both levels disarms both and is no event.",
    "- { type: market_structure, key: ms, depends_on: { swing: swing } }",
    depends=on_swing(*SWING_VERSIONS),
)  # fmt: skip

DISPLACEMENT = structure(
    "displacement", "Displacement candle", ("open", "high", "low", "close"),
    (
        atr_length(), in_atr("body_atr_min", 1.5, "smallest body"),
        factor("wick_ratio_max", 0.4, doc="largest part of the range that is wicks"),
    ),
    (
        event("is_displacement", primary=True),
        direction("direction", "of this bar's displacement, 0 if it is none"),
        number("body_atr_ratio", low=0.0), number("wick_ratio", low=0.0, high=1.0),
        counter("version", doc="displacements so far"),
    ),
    lambda p: whole_int(p, "atr_length") + 1,
    "A candle with a body of at least `body_atr_min` average true ranges (its own range is part of "
    "the average) and wicks that are at most `wick_ratio_max` of its range. `wick_ratio` is unknown "
    "for a bar without range.",
    "- { type: displacement, key: push, params: { body_atr_min: 1.5, wick_ratio_max: 0.4 } }",
)  # fmt: skip

FAIR_VALUE_GAP = structure(
    "fair_value_gap", "Fair value gaps", ("high", "low", "close"),
    (
        in_atr("min_gap_atr", 0.0, "smallest gap"), atr_length(),
        slots(5, _EACH_SIDE),
    ),
    (
        event("new_this_bar", primary=True), direction("new_direction", "of this bar's gap, 0 without one"),
        *two_sided("gap"),
        event("mitigated_this_bar", doc="wicks filled half of an active gap"),
        event("invalidated_this_bar", doc="a close left an active gap by its far edge"),
        counter("version", doc="gaps so far"),
    ),
    _gap_warmup,
    "Bullish: the low is above the high of two bars ago, and the gap lies between them; bearish: "
    "the high is below the low of two bars ago. From the next bar on a gap stops being active when "
    "wicks have filled half of it: invalidated if that bar also closes beyond the far edge, else "
    "mitigated. With `min_gap_atr` above 0 nothing is known until the average true range is.",
    "- { type: fair_value_gap, key: fvg, params: { min_gap_atr: 0.25 } }",
)  # fmt: skip

ORDER_BLOCK = structure(
    "order_block", "Order blocks", ("open", "high", "low", "close"),
    (
        length(3, name="lookback", doc="bars before the break that are searched"),
        switch("use_body", False, "the block is the candle's body, not its range"),
        slots(5, _EACH_SIDE),
    ),
    (
        event("new_this_bar", primary=True),
        direction("new_direction", "of this bar's block, 0 without one"),
        *two_sided("block"),
        event("invalidated_this_bar", doc="a close left an active block by its far edge"),
        direction("broken_direction", "of the last invalidated block, 0 before"),
        price("broken_lower", below("broken_upper")), level("broken_upper"),
        counter("broken_version", doc="bars that invalidated a block"),
        counter("version", doc="blocks so far"),
    ),
    _one,
    "When a close breaks the last confirmed swing high (each once), the last falling candle of the "
    "`lookback` bars before it is a bullish order block; bearish mirrored: a close below the swing "
    "low, the last rising candle. No such candle, no block. With a displacement to depend on, a bar "
    "after the candle, up to the break, must be a displacement in the direction of the break (not "
    "asked while a displacement on a slower timeframe has no closed bar). A block is active until a "
    "later close is beyond its far edge; of several that one bar invalidates, `broken_*` tells of "
    "the newest, a bearish one rather than a bullish one.",
    "- { type: order_block, key: ob, depends_on: { swing: swing }, params: { lookback: 3 } }",
    depends=(
        *on_swing(*SWING_VERSIONS),
        DependencySpec("displacement", ("displacement",), ("direction", "version"), False),
    ),
)  # fmt: skip

BREAKER_BLOCK = structure(
    "breaker_block", "Breaker blocks", ("close",),
    (slots(5, _EACH_SIDE),),
    (
        event("new_this_bar", primary=True),
        direction("new_direction", "of this bar's breaker, 0 without one"),
        *two_sided("breaker"),
        event("invalidated_this_bar", doc="a close left an active breaker by its far edge"),
        counter("version", doc="breakers so far"),
    ),
    _one,
    "An order block that a close invalidates becomes a breaker of the other direction with the same "
    "edges: a failed bullish block is resistance (bearish). With a market structure to depend on, "
    "its bias must have the breaker's direction on the bar of the failure. A breaker is active until "
    "a later close is beyond its far edge.",
    "- { type: breaker_block, key: breaker, depends_on: { order_block: ob } }",
    depends=(
        DependencySpec(
            "order_block", ("order_block",),
            ("broken_direction", "broken_lower", "broken_upper", "broken_version"),
        ),
        DependencySpec("market_structure", ("market_structure",), ("bias",), False),
    ),
)  # fmt: skip

LIQUIDITY_ZONES = structure(
    "liquidity_zones", "Equal highs and lows, and their sweeps", ("high", "low", "close"),
    (
        in_atr("tolerance_atr", 0.3, "how far equal pivots may differ"),
        in_atr("sweep_atr", 0.1, "how far beyond the level a wick must go"),
        length(2, name="min_touches", doc="pivots that make a zone"), atr_length(),
        slots(10, "pools of pivots kept of each side; the oldest leaves"),
    ),
    (
        event("new_this_bar", doc="a pool of pivots became a zone"),
        direction("new_direction", "of this bar's zone: 1 highs, -1 lows, 0 without one"),
        event("sweep_this_bar", primary=True),
        direction("sweep_direction", "of the last sweep: 1 above highs, -1 below lows, 0 before"),
        level("swept_level", doc="of the last sweep"),
        event("broken_this_bar", doc="a close went beyond a zone"),
        level("nearest_high_level", doc="of the zone of equal highs nearest to the close"),
        whole("nearest_high_touches", low=-1),
        level("nearest_low_level"), whole("nearest_low_touches", low=-1),
        whole("active_high_count", low=0), whole("active_low_count", low=0),
        counter("version", doc="zones so far"),
    ),
    lambda p: whole_int(p, "atr_length") + 1,
    "Confirmed swing highs within `tolerance_atr` of each other form a pool at the highest of them "
    "(lows mirrored, the lowest); from `min_touches` pivots on it is a zone. Pivots that are no zone "
    "yet are forgotten when a wick goes more than `tolerance_atr` beyond them. When a wick goes more "
    "than `sweep_atr` beyond a zone's level the zone is gone: swept if the bar closes back at or inside "
    "the level, broken if it closes beyond. Of several zones swept at once `swept_level` is "
    "that of the newest, a low rather than a high. Pivots confirmed while the average true range is "
    "unknown are not counted.",
    "- { type: liquidity_zones, key: liq, depends_on: { swing: swing } }",
    depends=on_swing(*SWING_VERSIONS),
)  # fmt: skip

PREMIUM_DISCOUNT = structure(
    "premium_discount", "Premium and discount of the last range", ("close",), (),
    (
        token("zone", "none", "discount", "equilibrium", "premium", primary=True),
        level("equilibrium", doc="the middle of the range"),
        level("premium_level", doc="three quarters up"), level("discount_level", doc="one quarter up"),
        number("depth_pct", Unit.PCT, doc="where the close stands: 0 at the low, 100 at the high"),
    ),
    _one,
    "The range is that of the last pair of neighbouring pivots. The close is at a premium from three "
    "quarters of the range upwards, at a discount from one quarter downwards, else at equilibrium.",
    "- { type: premium_discount, key: pd, depends_on: { swing: swing } }",
    depends=on_swing("pair_high_level", "pair_low_level"),
)  # fmt: skip

BREAKS: tuple[Entry, ...] = (
    MARKET_STRUCTURE, DISPLACEMENT, FAIR_VALUE_GAP, ORDER_BLOCK, BREAKER_BLOCK, LIQUIDITY_ZONES,
    PREMIUM_DISCOUNT,
)  # fmt: skip
