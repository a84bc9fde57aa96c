"""What is always so of the outputs of indicators and structures: sign, order, reach, events.

The law: nothing is assumed that is not stated here or as a bound of the output, and everything stated
holds on every bar of every market with prices above zero; `tests/properties/test_facts.py` looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.catalog.types import Params


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputTells:
    """`never_negative`: where its source (or the price) is not. `below`: outputs of the same instance
    and bar that it is never above. `reaches`: ("max" or "min", a column or `source`): never below
    (above) that column of the bar. `is_event`: true on a bar with news, not for as long as a state
    lasts.
    """

    never_negative: bool = False
    below: tuple[str, ...] = ()
    reaches: tuple[str, str] | None = None
    is_event: bool = False


_NOTHING = OutputTells()
_LEVEL = OutputTells(never_negative=True)
_EVENT = OutputTells(is_event=True)


def _below(*outputs: str, signed: bool = False) -> OutputTells:
    return OutputTells(never_negative=not signed, below=outputs)


def _reaches(mode: str, column: str, *below: str) -> OutputTells:
    return OutputTells(never_negative=True, reaches=(mode, column), below=below)


_NEAREST: dict[str, OutputTells] = {
    "nearest_bull_lower": _below("nearest_bull_upper"),
    "nearest_bull_upper": _LEVEL,
    "nearest_bear_lower": _below("nearest_bear_upper"),
    "nearest_bear_upper": _LEVEL,
    "new_this_bar": _EVENT,
    "invalidated_this_bar": _EVENT,
}
# Averages that stay between the smallest and the largest value they average.
_BETWEEN = ("sma", "ema", "rma", "wma", "kama", "trima", "alma", "vwma")
_TELLS: dict[str, dict[str, OutputTells]] = {
    **{type_: {"value": _LEVEL} for type_ in _BETWEEN},
    "bbands": {
        "lower": _below("middle", "upper", signed=True), "middle": _below("upper"), "upper": _LEVEL,
    },
    "kc": {
        "lower": _below("basis", "upper", signed=True), "basis": _below("upper"), "upper": _LEVEL,
    },
    "donchian": {
        "lower": _reaches("min", "low", "middle", "upper"), "middle": _below("upper"),
        "upper": _reaches("max", "high"),
    },
    "highest": {"value": _reaches("max", "source")},
    "lowest": {"value": _reaches("min", "source")},
    "midprice": {"value": _LEVEL},
    "psar": {"value": _LEVEL, "long": _LEVEL, "short": _LEVEL, "reversal": _EVENT},
    "squeeze": {"fired": _EVENT, "fired_up": _EVENT, "fired_down": _EVENT},
    "volume_profile": {"val": _below("poc", "vah"), "poc": _below("vah"), "vah": _LEVEL},
    "session_levels": {
        "day_low": _reaches("min", "low", "day_high"), "day_high": _reaches("max", "high"),
        "prev_day_low": _below("prev_day_high"), "prev_day_high": _LEVEL,
        "prev_week_low": _below("prev_week_high"), "prev_week_high": _LEVEL,
    },
    "swing": dict.fromkeys(("high_level", "low_level", "pair_high_level", "pair_low_level"), _LEVEL),
    "zone": {"lower": _below("upper", signed=True)},
    "fibonacci": {"anchor_low": _LEVEL, "anchor_high": _LEVEL},
    "market_structure": {
        "break_level_high": _LEVEL, "break_level_low": _LEVEL,
        "bos_this_bar": _EVENT, "choch_this_bar": _EVENT,
    },
    "displacement": {"is_displacement": _EVENT},
    "fair_value_gap": {**_NEAREST, "mitigated_this_bar": _EVENT},
    "order_block": {**_NEAREST, "broken_lower": _below("broken_upper"), "broken_upper": _LEVEL},
    "breaker_block": dict(_NEAREST),
    "liquidity_zones": {
        "new_this_bar": _EVENT, "sweep_this_bar": _EVENT, "broken_this_bar": _EVENT,
        "swept_level": _LEVEL, "nearest_high_level": _LEVEL, "nearest_low_level": _LEVEL,
    },
    "premium_discount": {
        "equilibrium": _LEVEL, "premium_level": _LEVEL, "discount_level": _LEVEL,
    },
}  # fmt: skip


def output_tells(type_: str, params: Params, output: str) -> OutputTells:
    """Return what is always so of one output of an entry with these parameters."""
    if type_ == "rolling_window":
        return _reaches(str(params["mode"]), str(params["field"]))
    if type_ == "derived_zone":
        return _zone_edge(params, output)
    return _TELLS.get(type_, {}).get(output, _NOTHING)


def _zone_edge(params: Params, output: str) -> OutputTells:
    """A zone inside its swing has a lower and an upper edge; one beyond it may lie below zero."""
    levels = params["levels"]
    assert isinstance(levels, tuple)
    inside = params["mode"] == "retracement" and all(0 <= float(level) <= 1 for level in levels)
    if not inside or not output.endswith("lower"):
        return _NOTHING
    return _below(output.removesuffix("lower") + "upper", signed=True)
