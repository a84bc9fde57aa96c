"""The money and execution settings of a card: which exist, what they may be, the words they take.

Every closed word of a setting is a member of a `StrEnum` here; the schema, the choices of the command,
defaults, trust notes, the envelope and the generators read the members. Who must tell them apart
matches on them to the last (`assert_never`), so a new one is missed by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from compiler.catalog.limits import OnBreach
from compiler.catalog.orders import PositionSide

SettingValue = str | bool | float | int


# ---------------------------------------------------------------- words


class MarginMode(StrEnum):
    ISOLATED_USDT = "isolated_usdt"


class PositionMode(StrEnum):
    """Which sides a card may hold."""

    LONG_ONLY = "long_only"
    SHORT_ONLY = "short_only"
    LONG_SHORT = "long_short"

    @property
    def sides(self) -> tuple[PositionSide, ...]:
        match self:
            case PositionMode.LONG_ONLY:
                return (PositionSide.LONG,)
            case PositionMode.SHORT_ONLY:
                return (PositionSide.SHORT,)
            case PositionMode.LONG_SHORT:
                return (PositionSide.LONG, PositionSide.SHORT)
            case _:
                assert_never(self)


class StopType(StrEnum):
    """How `risk_model.stop_loss` finds its price."""

    PERCENT = "percent"  # of the average entry
    ATR_MULTIPLE = "atr_multiple"
    FIXED_POINTS = "fixed_points"  # price units
    STRUCTURE = "structure"  # a level of a structure


class TargetType(StrEnum):
    """How `risk_model.take_profit` finds its price."""

    RR_RATIO = "rr_ratio"  # a multiple of the stop's distance
    PERCENT = "percent"
    ATR_MULTIPLE = "atr_multiple"
    FIXED_POINTS = "fixed_points"
    STRUCTURE = "structure"


class SizingModel(StrEnum):
    """What `risk_model.sizing.value` is."""

    PERCENT_EQUITY = "percent_equity"  # margin, times leverage
    RISK_BASED = "risk_based"  # percent of equity lost at the stop
    FIXED_USDT = "fixed_usdt"  # notional


class FillModel(StrEnum):
    """How much of a resting limit a bar fills."""

    TOUCH = "touch"  # optimistic
    THROUGH = "through"  # slightly optimistic
    VOLUME_WEIGHTED = "volume_weighted"  # too little of what truly fills in thin markets
    QUEUE = "queue"  # nearest to price-time priority
    CONSERVATIVE = "conservative"  # stress: keeps the losing fills

    @property
    def needs_volume(self) -> bool:
        """Return whether it asks for the volume of a bar."""
        match self:
            case FillModel.VOLUME_WEIGHTED | FillModel.QUEUE:
                return True
            case FillModel.TOUCH | FillModel.THROUGH | FillModel.CONSERVATIVE:
                return False
            case _:
                assert_never(self)


VOLUME_MODELS = frozenset(model for model in FillModel if model.needs_volume)


class Intrabar(StrEnum):
    """The path price takes inside a bar."""

    DIRECTION = "direction"  # green: open low high close; red: open high low close
    NEAREST = "nearest"  # the extreme nearer to the open first
    ADVERSE = "adverse"  # the path with less equity at the close
    FAVOURABLE = "favourable"  # the path with more
    MAGNIFY = "magnify"  # through finer recorded bars


class RestingGap(StrEnum):
    """The price of a limit that the open jumps over, working or given at the close before."""

    LIMIT = "limit"
    OPEN = "open"

    @property
    def improves(self) -> bool:
        """Return whether it gets the open, which is better (session markets)."""
        match self:
            case RestingGap.OPEN:
                return True
            case RestingGap.LIMIT:
                return False
            case _:
                assert_never(self)


class Attached(StrEnum):
    """From when on the stop and target that a fill brings can act."""

    SAME_BAR = "same_bar"
    NEXT_BAR = "next_bar"

    @property
    def waits(self) -> bool:
        """Return whether they wait for the bar to end."""
        match self:
            case Attached.NEXT_BAR:
                return True
            case Attached.SAME_BAR:
                return False
            case _:
                assert_never(self)


class ImpactModel(StrEnum):
    """How the price of a market order grows with its share of the bar's volume."""

    NONE = "none"
    SQRT = "sqrt"
    LINEAR = "linear"


# ---------------------------------------------------------------- the table


class SettingKind(StrEnum):
    NUMBER = "a number"
    INT = "a whole number"
    BOOL = "`true` or `false`"
    CHOICE = "one of its words"
    NAME = "the name of a feature or field"
    TIMEFRAME = "a timeframe"
    CLOCK = "a time of day like `08:00`"  # as minutes since 00:00


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """One setting: `field` is its name in the section of `compiler.graph.rule_graph.Settings`."""

    path: str
    field: str
    kind: SettingKind = SettingKind.NUMBER
    low: float | None = None
    high: float | None = None
    words: type[StrEnum] | None = None

    @property
    def choices(self) -> tuple[str, ...]:
        return () if self.words is None else tuple(word.value for word in self.words)


# More than all money there is; beyond it sums of a run would overflow.
_MOST = 1e15
_ALL_BPS = 10_000.0


def _field(path: str) -> str:
    return path.rpartition(".")[2]


def _number(path: str, low: float | None = 0.0, high: float | None = _MOST) -> SettingSpec:
    return SettingSpec(path, _field(path), SettingKind.NUMBER, low, high)


def _int(path: str, low: float, high: float | None = None) -> SettingSpec:
    return SettingSpec(path, _field(path), SettingKind.INT, low, high)


def _bool(path: str) -> SettingSpec:
    return SettingSpec(path, _field(path), SettingKind.BOOL)


def _choice(path: str, words: type[StrEnum], field: str = "") -> SettingSpec:
    return SettingSpec(path, field or _field(path), SettingKind.CHOICE, words=words)


def _name(path: str) -> SettingSpec:
    return SettingSpec(path, _field(path), SettingKind.NAME)


_ACCOUNT = (
    _number("account.starting_equity_usdt", 1e-9),
    _number("account.max_leverage", 1.0, 200.0),
    _choice("account.margin_mode", MarginMode),
    _number("account.fee_model.taker_bps", -_ALL_BPS, _ALL_BPS),
    _number("account.fee_model.maker_bps", -_ALL_BPS, _ALL_BPS),
    _number("account.slippage_bps", 0.0, _ALL_BPS),
    _number("account.min_trade_notional_usdt"),
    _number("account.max_position_usdt"),
    _number("account.maintenance_margin_rate", 0.0, 1.0),
)
_POLICY = (
    _choice("position_policy.mode", PositionMode),
    _int("position_policy.max_layers", 1),
    _bool("position_policy.allow_flip"),
    _bool("position_policy.allow_scale_in"),
    _bool("position_policy.allow_scale_out"),
    _int("position_policy.max_positions_per_symbol", 1, 1),
)


def _rule(path: str, types: type[StrEnum]) -> tuple[SettingSpec, ...]:
    return (
        _choice(f"{path}.type", types),
        _number(f"{path}.value"),
        _name(f"{path}.atr_feature_id"),
        _name(f"{path}.feature_id"),
        _name(f"{path}.field"),
        _number(f"{path}.buffer_pct"),
    )


_RISK = (
    *_rule("risk_model.stop_loss", StopType),
    *_rule("risk_model.take_profit", TargetType),
    _choice("risk_model.sizing.model", SizingModel),
    _number("risk_model.sizing.value"),
    _number("risk_model.sizing.max_leverage", 1.0, 200.0),
)
_EXECUTION = (
    _choice("execution.fill_model", FillModel),
    _int("execution.through_ticks", 0),
    _number("execution.through_threshold_pct"),
    _number("execution.volume_participation_max", 0.0, 1.0),
    _number("execution.assume_queue_position", 0.0, 1.0),
    _bool("execution.require_close_through"),
    _choice("execution.intrabar", Intrabar),
    SettingSpec("execution.magnify_tf", "magnify_tf", SettingKind.TIMEFRAME),
    _choice("execution.resting_gap", RestingGap),
    _choice("execution.attached", Attached),
    _choice("execution.impact_model", ImpactModel),
    _number("execution.impact_coefficient"),
    _choice("execution.impact.model", ImpactModel, "impact_model"),
    SettingSpec("execution.impact.coefficient", "impact_coefficient", low=0.0, high=_MOST),
    _number("execution.price_band_pct"),
    _bool("execution.close_at_end"),
)
_LIMITS = (
    _number("limits.max_daily_loss_pct", 1e-9, 100.0),
    _number("limits.max_drawdown_pct", 1e-9, 100.0),
    _int("limits.max_trades_per_day", 1),
    _int("limits.max_losses_per_day", 1),
    _int("limits.max_consecutive_losses", 1),
    _int("limits.cooldown_bars", 1),
    _choice("limits.on_breach", OnBreach),
    SettingSpec("limits.day_starts", "day_starts", SettingKind.CLOCK),
)
SPECS: dict[str, SettingSpec] = {
    spec.path: spec for spec in (*_ACCOUNT, *_POLICY, *_RISK, *_LIMITS, *_EXECUTION)
}
