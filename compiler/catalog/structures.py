"""Signatures of the market structures: swings and what is measured from them.

Algorithms: `runtime/structures/`. All of them confirm with closed bars only; nothing repaints.
"""

from __future__ import annotations

from compiler.catalog.shapes import (
    below,
    counter,
    factor,
    flag,
    length,
    level,
    number,
    price,
    reaches,
    token,
    whole,
)
from compiler.catalog.structure_breaks import BREAKS
from compiler.catalog.structure_shapes import (
    SWING_VERSIONS,
    atr_length,
    choice,
    direction,
    in_atr,
    on_swing,
    slots,
    structure,
    whole_int,
)
from compiler.catalog.types import (
    Entry,
    OutputFacts,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    Unit,
)

BAR_FIELDS = ("open", "high", "low", "close", "volume")


def _swing_warmup(params: Params) -> int:
    if params["mode"] == "atr_zigzag":
        # The first bar has no true range; the average is known after `atr_length` more.
        return whole_int(params, "atr_length") + 1
    return whole_int(params, "left") + whole_int(params, "right") + 1


def _one(_params: Params) -> int:
    return 1


def _levels(params: Params) -> tuple[float, ...]:
    levels = params["levels"]
    assert isinstance(levels, tuple)
    return levels


def _zone_slots(params: Params) -> tuple[OutputSpec, ...]:
    outputs: list[OutputSpec] = []
    for slot in range(whole_int(params, "max_active")):
        name = f"zone{slot}_"
        outputs += [
            price(f"{name}lower"),
            price(f"{name}upper"),
            token(f"{name}state", "none", "active", "broken"),
            whole(f"{name}age_bars", Unit.BARS, low=-1, doc="since it was made"),
            whole(f"{name}touch_count", low=-1, doc="bars after the first that traded in it"),
            flag(f"{name}touched_this_bar"),
            flag(f"{name}inside", doc="the close is in it"),
            whole(f"{name}anchor_idx", Unit.INDEX, low=-1, doc="the bar that made it"),
            whole(f"{name}last_touch_age", Unit.BARS, low=-1),
        ]
    return tuple(outputs)


def _zone_edge(output: OutputSpec, params: Params) -> OutputFacts:
    """A zone inside its swing has a lower and an upper edge; one beyond it may lie below zero."""
    inside = params["mode"] == "retracement" and all(0 <= x <= 1 for x in _levels(params))
    if not inside or not output.name.endswith("lower"):
        return output.facts
    return below(output.name.removesuffix("lower") + "upper", signed=True)


def _fib_levels(params: Params) -> tuple[OutputSpec, ...]:
    return tuple(
        number(f"level_{value:g}", Unit.PRICE, aliases=(f"level[{value:g}]",))
        for value in _levels(params)
    )


SWING = structure(
    "swing", "Swing highs and lows", ("high", "low", "close"),
    (
        length(5, name="left", doc="bars before the pivot"),
        length(5, name="right", doc="bars after the pivot"),
        choice("mode", "fractal", "atr_zigzag"),
        in_atr("atr_mult", 2.0, "atr_zigzag: how far a close must turn"), atr_length(),
    ),
    (
        level("high_level", primary=True, doc="the last confirmed high"), level("low_level"),
        whole("high_idx", Unit.INDEX, low=-1, doc="the bar of the pivot, on the feature's own clock"),
        whole("low_idx", Unit.INDEX, low=-1),
        counter("version", doc="pivots so far"), token("last_type", "none", "high", "low"),
        level("pair_high_level", doc="the high of the last two neighbouring pivots"),
        level("pair_low_level"),
        direction("pair_direction", "1 low then high, -1 high then low, 0 none yet"),
        counter("pair_version"), counter("high_version"), counter("low_version"),
    ),
    _swing_warmup,
    "fractal: a bar whose high is strictly above every other high of the `left` bars before and "
    "the `right` bars after it is a high pivot; lows mirrored, ties give none. It becomes visible "
    "`right` bars later. atr_zigzag: the highest high of a rising leg is a pivot once a later "
    "close is `atr_mult` average true ranges below it; lows mirrored, so pivots alternate. "
    "`version` counts pivots.",
    "- { type: swing, key: swing, params: { left: 5, right: 5 } }",
)  # fmt: skip

DERIVED_ZONE = structure(
    "derived_zone", "Zones at retracements of the last swing", ("high", "low", "close", "mark"),
    (
        ParamSpec(
            "levels", ParamKind.FLOAT_LIST, (0.5, 0.618, 0.786), 0.0, 10.0,
            doc="parts of the swing's range",
        ),
        slots(3, "slots"),
        choice("mode", "retracement", "extension"), choice("zone_type", "demand", "supply", "both"),
        factor("width_pct", 0.002, doc="width as a fraction of the centre"),
        factor("break_tolerance", 0.001, doc="fraction beyond the edge"),
        choice("price_source", "last_close", "mark_close", doc="the price that breaks a zone"),
    ),
    (
        whole("active_count", low=0), flag("any_active", primary=True),
        flag("any_touched"), flag("any_inside"), price("closest_active_lower"),
        price("closest_active_upper"),
        whole("closest_active_idx", low=-1, doc="its slot"),
        whole("newest_active_idx", low=-1, doc="its slot"),
    ),
    _one,
    "On every new swing with high H above low L, a zone is centred at H - level * (H - L) for demand, "
    "L + level * (H - L) for supply; extension puts demand below L and supply above H. `both` makes "
    "zones without a side: they lie where demand would (beyond both ends for extension) and break on "
    "the far side of where price came from. A demand zone breaks when the close falls below "
    "lower * (1 - break_tolerance), a supply zone above upper * (1 + break_tolerance), and never on "
    "the bar that made it. A new zone whose centre is within half a width of an active one replaces "
    "it and keeps its touches; otherwise it takes the place of the oldest broken zone, then of the "
    "oldest. Slots are ordered by distance from the close, nearest first, active before broken.",
    "- type: derived_zone\n  key: demand\n  depends_on: { swing: swing }\n"
    "  params: { levels: [0.618, 0.786], zone_type: demand, max_active: 3 }",
    depends=on_swing("high_level", "low_level", "version"), more=_zone_slots,
    facts_of=_zone_edge,
)  # fmt: skip

TREND = structure(
    "trend", "Trend of swing highs and lows", (), (),
    (
        OutputSpec("direction", whole("x", low=-1, high=1).value, True),
        whole("strength", low=0, high=2), whole("bars_in_trend", Unit.BARS, low=0),
        counter("version", doc="changes of direction so far"),
        flag("last_hh", doc="the last high is a higher high"), flag("last_hl"), flag("last_lh"),
        flag("last_ll"),
    ),
    _one,
    "Direction is 1 while the last two confirmed highs and the last two confirmed lows both rise, -1 "
    "while both fall, else 0. `strength` is 1 on the bar that gives the direction and 2 once a further "
    "pivot agrees; `bars_in_trend` counts bars since the direction changed.",
    "- { type: trend, key: trend, depends_on: { swing: swing } }",
    depends=on_swing(*SWING_VERSIONS),
)  # fmt: skip

FIBONACCI = structure(
    "fibonacci", "Fibonacci levels of the last swing", (),
    (
        ParamSpec("levels", ParamKind.FLOAT_LIST, (0.236, 0.382, 0.5, 0.618, 0.786), 0.0, 10.0),
        choice("mode", "retracement", "extension", "extension_up", "extension_down"),
    ),
    (level("anchor_high", primary=True), level("anchor_low"), number("range", Unit.PRICE)),
    _one,
    "Retracement: H - level * (H - L). extension_up: H + level * (H - L); extension_down: "
    "L - level * (H - L); extension follows the direction of the last pair of pivots. A field is "
    "`level_0.618`, also written `level[0.618]`.",
    "- type: fibonacci\n  key: fib\n  depends_on: { swing: swing }\n  params: { levels: [0.5, 0.618] }",
    depends=on_swing("high_level", "low_level", "pair_direction"), more=_fib_levels,
)  # fmt: skip

ZONE = structure(
    "zone", "Zone at the last swing", ("high", "low", "close"),
    (choice("zone_type", "demand", "supply"), in_atr("width_atr", 1.5, "width"), atr_length()),
    (
        OutputSpec("state", token("x", "none", "active", "broken").value, True),
        price("upper"), price("lower", below("upper", signed=True)),
        whole("anchor_idx", Unit.INDEX, low=-1, doc="the bar of the pivot, on the swing's clock"),
        counter("version", doc="zones so far"),
    ),
    _one,
    "demand: [low - width, low] at every new swing low; supply: [high, high + width] at every new "
    "swing high, the width taken from the average true range of the bar that confirms the pivot (no "
    "zone while that is unknown). It breaks when a later close is beyond its far edge, and stays "
    "readable as broken until the next pivot replaces it.",
    "- { type: zone, key: base, depends_on: { swing: swing }, params: { zone_type: demand } }",
    depends=on_swing(
        "high_level", "low_level", "high_idx", "low_idx", "high_version", "low_version"
    ),
)  # fmt: skip

ROLLING_WINDOW = structure(
    "rolling_window", "Extreme of the last bars", BAR_FIELDS,
    (
        length(20, name="size"),
        ParamSpec("field", ParamKind.ENUM, "high", choices=BAR_FIELDS, aliases=("source",)),
        ParamSpec("mode", ParamKind.ENUM, "max", choices=("min", "max")),
    ),
    (price("value", primary=True),),
    lambda p: whole_int(p, "size"),
    "The smallest or largest value of a bar column over the last `size` bars, this one included; "
    "compare with `value[1]` to ask for a break.",
    "- { type: rolling_window, key: top, params: { size: 20, field: high, mode: max } }",
    facts_of=lambda output, params: reaches(str(params["mode"]), str(params["field"])),
)  # fmt: skip

STRUCTURES: tuple[Entry, ...] = (
    SWING, DERIVED_ZONE, TREND, FIBONACCI, ZONE, ROLLING_WINDOW, *BREAKS,
)  # fmt: skip
