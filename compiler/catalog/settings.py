"""The money and execution settings of a card: which exist, what they may be, how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from compiler.catalog.timeframes import TIMEFRAMES, normalise
from compiler.findings.collected import Findings
from compiler.findings.suggest import closest
from compiler.syntax import tree as s
from compiler.syntax.constants import constant

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


def read_settings(
    card: s.Card, params: Mapping[str, s.ParamDecl], findings: Findings
) -> dict[str, SettingValue]:
    """Return the settings a card gives, by path; what is wrong is reported and left out."""
    values: dict[str, SettingValue] = {}
    for setting in card.settings:
        spec = SPECS.get(setting.path)
        if spec is None:
            _unknown(setting, findings)
            continue
        value = _read(setting, spec, params)
        if isinstance(value, _Wrong):
            code = "IC304" if spec.kind is SettingKind.CHOICE else "IC110"
            name = setting.path.rpartition(".")[2]
            findings.add(code, f"`{name}` is {value.wanted}", setting.span, help=value.help)
        else:
            values[setting.path] = value
    return values


@dataclass(frozen=True, slots=True)
class _Wrong:
    wanted: str
    help: str | None = None


def _unknown(setting: s.Setting, findings: Findings) -> None:
    head, _, name = setting.path.rpartition(".")
    siblings = [path.rpartition(".")[2] for path in SPECS if path.rpartition(".")[0] == head]
    findings.unknown_word(
        "IC107", f"`{head}` has no setting `{name}`", setting.key_span, name, siblings
    )


def _read(
    setting: s.Setting, spec: SettingSpec, params: Mapping[str, s.ParamDecl]
) -> SettingValue | _Wrong:
    match spec.kind:
        case SettingKind.NUMBER | SettingKind.INT:
            return _read_number(setting.value, spec, params)
        case SettingKind.BOOL:
            return _read_bool(setting.value)
        case _:
            return _read_word(setting.value, spec)


def _read_number(
    written: str | bool | s.Expr, spec: SettingSpec, params: Mapping[str, s.ParamDecl]
) -> SettingValue | _Wrong:
    value = None if isinstance(written, str | bool) else constant(written, params)
    if value is None or isinstance(value, bool):
        return _Wrong(spec.kind.value, "it cannot depend on the market or the account")
    if spec.low is not None and value < spec.low:
        return _Wrong(f"at least {spec.low:g}, found {value:g}")
    if spec.high is not None and value > spec.high:
        return _Wrong(f"at most {spec.high:g}, found {value:g}")
    if spec.kind is SettingKind.NUMBER:
        return float(value)
    return int(value) if float(value).is_integer() else _Wrong(spec.kind.value)


def _read_bool(written: str | bool | s.Expr) -> SettingValue | _Wrong:
    if isinstance(written, s.Bool):
        return written.value
    return written if isinstance(written, bool) else _Wrong(SettingKind.BOOL.value)


def _read_word(written: str | bool | s.Expr, spec: SettingSpec) -> SettingValue | _Wrong:
    word = written.head if isinstance(written, s.Name) and written.field is None else written
    if not isinstance(word, str):
        return _Wrong(spec.kind.value)
    if spec.kind is SettingKind.NAME:
        return word
    if spec.kind is SettingKind.TIMEFRAME:
        return normalise(word) or _Wrong("one of " + ", ".join(TIMEFRAMES))
    if word.lower() in spec.choices:
        return word.lower()
    near = closest(word, spec.choices)
    choices = ", ".join(f"`{choice}`" for choice in spec.choices)
    return _Wrong(f"one of {choices}", f"did you mean `{near}`?" if near else None)
