"""The money and execution settings of a card: which exist and what they may be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SettingValue = str | bool | float | int


class SettingKind(StrEnum):
    NUMBER = "a number"
    INT = "a whole number"
    BOOL = "`true` or `false`"
    CHOICE = "one of its words"
    NAME = "the name of a feature or field"
    TIMEFRAME = "a timeframe"


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting: `field` is its name in the section of `compiler.graph.rule_graph.Settings`."""

    path: str
    field: str
    kind: SettingKind = SettingKind.NUMBER
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


# More than all money there is; beyond it sums of a run would overflow.
_MOST = 1e15
_ALL_BPS = 10_000.0


def _number(path: str, low: float | None = 0.0, high: float | None = _MOST) -> SettingSpec:
    return SettingSpec(path, path.rpartition(".")[2], SettingKind.NUMBER, low, high)


def _int(path: str, low: float, high: float | None = None) -> SettingSpec:
    return SettingSpec(path, path.rpartition(".")[2], SettingKind.INT, low, high)


def _bool(path: str) -> SettingSpec:
    return SettingSpec(path, path.rpartition(".")[2], SettingKind.BOOL)


def _choice(path: str, *choices: str) -> SettingSpec:
    return SettingSpec(path, path.rpartition(".")[2], SettingKind.CHOICE, choices=choices)


def _name(path: str) -> SettingSpec:
    return SettingSpec(path, path.rpartition(".")[2], SettingKind.NAME)


_ACCOUNT = (
    _number("account.starting_equity_usdt", 1e-9),
    _number("account.max_leverage", 1.0, 200.0),
    _choice("account.margin_mode", "isolated_usdt"),
    _number("account.fee_model.taker_bps", -_ALL_BPS, _ALL_BPS),
    _number("account.fee_model.maker_bps", -_ALL_BPS, _ALL_BPS),
    _number("account.slippage_bps", 0.0, _ALL_BPS),
    _number("account.min_trade_notional_usdt"),
    _number("account.max_position_usdt"),
    _number("account.maintenance_margin_rate", 0.0, 1.0),
)
_POLICY = (
    _choice("position_policy.mode", "long_short", "long_only", "short_only"),
    _int("position_policy.max_layers", 1),
    _bool("position_policy.allow_flip"),
    _bool("position_policy.allow_scale_in"),
    _bool("position_policy.allow_scale_out"),
    _int("position_policy.max_positions_per_symbol", 1, 1),
)
_STOPS = ("percent", "atr_multiple", "fixed_points", "structure")


def _rule(path: str, *types: str) -> tuple[SettingSpec, ...]:
    return (
        _choice(f"{path}.type", *types),
        _number(f"{path}.value"),
        _name(f"{path}.atr_feature_id"),
        _name(f"{path}.feature_id"),
        _name(f"{path}.field"),
        _number(f"{path}.buffer_pct"),
    )


_RISK = (
    *_rule("risk_model.stop_loss", *_STOPS),
    *_rule("risk_model.take_profit", "rr_ratio", *_STOPS),
    _choice("risk_model.sizing.model", "percent_equity", "risk_based", "fixed_usdt"),
    _number("risk_model.sizing.value"),
    _number("risk_model.sizing.max_leverage", 1.0, 200.0),
)
_EXECUTION = (
    _choice("execution.fill_model", "volume_weighted", "touch", "through", "queue", "conservative"),
    _int("execution.through_ticks", 0),
    _number("execution.through_threshold_pct"),
    _number("execution.volume_participation_max", 0.0, 1.0),
    _number("execution.assume_queue_position", 0.0, 1.0),
    _bool("execution.require_close_through"),
    _choice("execution.intrabar", "direction", "nearest", "adverse", "favourable", "magnify"),
    SettingSpec("execution.magnify_tf", "magnify_tf", SettingKind.TIMEFRAME),
    _choice("execution.resting_gap", "limit", "open"),
    _choice("execution.attached", "same_bar", "next_bar"),
    _choice("execution.impact_model", "none", "sqrt", "linear"),
    _number("execution.impact_coefficient"),
    SettingSpec(
        "execution.impact.model",
        "impact_model",
        SettingKind.CHOICE,
        choices=("none", "sqrt", "linear"),
    ),
    SettingSpec("execution.impact.coefficient", "impact_coefficient", low=0.0, high=_MOST),
    _number("execution.price_band_pct"),
    _bool("execution.close_at_end"),
)
SPECS: dict[str, SettingSpec] = {
    spec.path: spec for spec in (*_ACCOUNT, *_POLICY, *_RISK, *_EXECUTION)
}
