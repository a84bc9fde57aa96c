"""Signatures of the market structures. Algorithms: `runtime/structures/`.

All of them confirm with closed bars only; nothing repaints.
"""

from __future__ import annotations

from collections.abc import Callable

from compiler.catalog.shapes import factor, flag, length, number, price, token, whole
from compiler.catalog.types import (
    DependencySpec,
    Entry,
    EntryKind,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    Unit,
)

SWING_COLUMNS = ("high_level", "low_level", "version")
BAR_FIELDS = ("open", "high", "low", "close", "volume")


def _structure(
    type_: str, title: str, inputs: tuple[str, ...], params: tuple[ParamSpec, ...],
    outputs: tuple[OutputSpec, ...], warmup: Callable[[Params], int], doc: str, snippet: str,
    *, depends: tuple[DependencySpec, ...] = (),
    more: Callable[[Params], tuple[OutputSpec, ...]] | None = None,
) -> Entry:  # fmt: skip
    entry = Entry(
        type_, EntryKind.STRUCTURE, title, inputs, params, outputs, warmup, depends, doc=doc,
        snippet=snippet,
    )  # fmt: skip
    if more is None:
        return entry
    from dataclasses import replace

    return replace(entry, more_outputs=more)


def _on_swing(*columns: str) -> tuple[DependencySpec, ...]:
    return (DependencySpec("swing", ("swing",), columns),)


def _one(_params: Params) -> int:
    return 1


def _levels(params: Params) -> tuple[float, ...]:
    levels = params["levels"]
    assert isinstance(levels, tuple)
    return levels


def _zone_slots(params: Params) -> tuple[OutputSpec, ...]:
    outputs: list[OutputSpec] = []
    for slot in range(int(params["max_active"])):  # type: ignore[arg-type]
        name = f"zone{slot}_"
        outputs += [
            price(f"{name}lower"), price(f"{name}upper"),
            token(f"{name}state", "none", "active", "broken"),
            whole(f"{name}age_bars", Unit.BARS, low=-1),
            whole(f"{name}touch_count", low=-1), flag(f"{name}touched_this_bar"),
            flag(f"{name}inside"), whole(f"{name}anchor_idx", Unit.INDEX, low=-1),
            whole(f"{name}last_touch_age", Unit.BARS, low=-1),
        ]  # fmt: skip
    return tuple(outputs)


def _fib_levels(params: Params) -> tuple[OutputSpec, ...]:
    return tuple(
        number(f"level_{value:g}", Unit.PRICE, aliases=(f"level[{value:g}]",))
        for value in _levels(params)
    )


SWING = _structure(
    "swing", "Swing highs and lows", ("high", "low"),
    (length(5, name="left"), length(5, name="right")),
    (
        price("high_level", primary=True), price("low_level"),
        whole("high_idx", Unit.INDEX, low=-1), whole("low_idx", Unit.INDEX, low=-1),
        whole("version", low=0), token("last_type", "none", "high", "low"),
        price("pair_high_level"), price("pair_low_level"), whole("pair_direction", low=-1, high=1),
        whole("pair_version", low=0), whole("high_version", low=0), whole("low_version", low=0),
    ),
    lambda p: int(p["left"]) + int(p["right"]) + 1,  # type: ignore[arg-type]
    "A bar whose high is strictly above every other high of the `left` bars before and the `right` "
    "bars after it is a high pivot; lows mirrored, ties give none. It becomes visible `right` bars "
    "later. `version` counts pivots. A low followed by a high makes a bullish pair (direction 1).",
    "- { type: swing, key: swing, params: { left: 5, right: 5 } }",
)  # fmt: skip

DERIVED_ZONE = _structure(
    "derived_zone", "Zones at retracements of the last swing", ("high", "low", "close", "mark"),
    (
        ParamSpec("levels", ParamKind.FLOAT_LIST, (0.5, 0.618, 0.786), 0.0, 10.0, doc="of the swing's range"),
        length(3, name="max_active", doc="slots"),
        ParamSpec("mode", ParamKind.ENUM, "retracement", choices=("retracement", "extension")),
        ParamSpec("zone_type", ParamKind.ENUM, "demand", choices=("demand", "supply", "both")),
        factor("width_pct", 0.002, doc="width as a fraction of the centre"),
        factor("break_tolerance", 0.001, doc="fraction beyond the edge"),
        ParamSpec("price_source", ParamKind.ENUM, "last_close", choices=("last_close", "mark_close")),
    ),
    (
        whole("active_count", low=0), OutputSpec("any_active", flag("x").value, True),
        flag("any_touched"), flag("any_inside"), price("closest_active_lower"),
        price("closest_active_upper"), whole("closest_active_idx", low=-1),
        whole("newest_active_idx", low=-1),
    ),
    _one,
    "On every new swing with high H above low L, a zone is centred at H - level * (H - L) for demand, "
    "L + level * (H - L) for supply (extension: beyond the range). A demand zone breaks when the "
    "close falls below its lower edge by more than the tolerance, a supply zone above its upper "
    "edge. Slots are ordered by distance from the close, nearest first; active before broken.",
    "- type: derived_zone\n  key: demand\n  depends_on: { swing: swing }\n"
    "  params: { levels: [0.618, 0.786], zone_type: demand, max_active: 3 }",
    depends=_on_swing(*SWING_COLUMNS), more=_zone_slots,
)  # fmt: skip

TREND = _structure(
    "trend", "Trend of swing highs and lows", (), (),
    (
        OutputSpec("direction", whole("x", low=-1, high=1).value, True),
        whole("strength", low=0, high=2), whole("bars_in_trend", Unit.BARS, low=0),
        whole("version", low=0), flag("last_hh"), flag("last_hl"), flag("last_lh"),
        flag("last_ll"),
    ),
    _one,
    "Direction is 1 while the last two confirmed highs and the last two confirmed lows both rise, -1 "
    "while both fall, else 0. `strength` counts consecutive pivots that agree, up to 2.",
    "- { type: trend, key: trend, depends_on: { swing: swing } }",
    depends=_on_swing("high_level", "low_level", "high_version", "low_version"),
)  # fmt: skip

FIBONACCI = _structure(
    "fibonacci", "Fibonacci levels of the last swing", (),
    (
        ParamSpec("levels", ParamKind.FLOAT_LIST, (0.236, 0.382, 0.5, 0.618, 0.786), 0.0, 10.0),
        ParamSpec(
            "mode", ParamKind.ENUM, "retracement",
            choices=("retracement", "extension", "extension_up", "extension_down"),
        ),
    ),
    (price("anchor_high", primary=True), price("anchor_low"), number("range", Unit.PRICE)),
    _one,
    "Retracement: H - level * (H - L). extension_up: H + level * (H - L); extension_down: "
    "L - level * (H - L); extension follows the direction of the last pair of pivots. A field is "
    "`level_0.618`, also written `level[0.618]`.",
    "- type: fibonacci\n  key: fib\n  depends_on: { swing: swing }\n  params: { levels: [0.5, 0.618] }",
    depends=_on_swing("high_level", "low_level", "pair_direction"), more=_fib_levels,
)  # fmt: skip

ROLLING_WINDOW = _structure(
    "rolling_window", "Extreme of the last bars", BAR_FIELDS,
    (
        length(20, name="size"),
        ParamSpec("field", ParamKind.ENUM, "high", choices=BAR_FIELDS, aliases=("source",)),
        ParamSpec("mode", ParamKind.ENUM, "max", choices=("min", "max")),
    ),
    (price("value", primary=True),),
    lambda p: int(p["size"]),  # type: ignore[arg-type]
    "The smallest or largest value of a bar column over the last `size` bars, this one included; "
    "compare with `value[1]` to ask for a break.",
    "- { type: rolling_window, key: top, params: { size: 20, field: high, mode: max } }",
)  # fmt: skip

STRUCTURES: tuple[Entry, ...] = (SWING, DERIVED_ZONE, TREND, FIBONACCI, ROLLING_WINDOW)
