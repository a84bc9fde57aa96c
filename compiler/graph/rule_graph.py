"""The rule graph: the narrow waist between the compiler and everything that runs a card.

Nodes are interned, frozen and in evaluation order (an argument's index is always smaller than its
user's). Origin spans live beside the nodes and take no part in identity or in the content hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from compiler.catalog.limits import OnBreach
from compiler.catalog.operations import Op as Op  # the operations are a part of the graph's words
from compiler.catalog.orders import OptionName, PriceSlot, SizeKind
from compiler.catalog.promises import Promise
from compiler.catalog.settings import (
    Attached,
    FillModel,
    ImpactModel,
    Intrabar,
    MarginMode,
    PositionMode,
    RestingGap,
    SizingModel,
    StopType,
    TargetType,
)
from compiler.catalog.types import EntryKind, ParamValue, Stage, ValueType
from compiler.classes import dataclass
from compiler.findings.source import Span

Attr = tuple[int | float | str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    op: Op
    args: tuple[int, ...]
    attr: Attr
    value: ValueType
    stage: Stage
    lookback: int  # exec bars needed before the node can be known, itself included


@dataclass(frozen=True, slots=True)
class FeatureNode:
    """An indicator or structure instance; the tuple of them is in dependency order.

    `params` are complete (defaults filled in), in catalogue order. `depends` are
    (role, index of the feature it reads). `outputs` are all column names in kernel order.
    `timeframe` and `symbol` are always explicit. `warmup_bars` counts bars of its own clock,
    dependencies included, until the latest output that the card reads can be known. `tz` is the name of a
    session's zone, empty where it has none: what it counts by stands in `params`.
    """

    id: str
    kind: EntryKind
    type: str
    symbol: str
    timeframe: str
    source: str
    params: tuple[tuple[str, ParamValue], ...]
    depends: tuple[tuple[str, int], ...]
    outputs: tuple[str, ...]
    warmup_bars: int
    tz: str = ""


@dataclass(frozen=True, slots=True)
class SizeNode:
    kind: SizeKind
    value: int  # node


@dataclass(frozen=True, slots=True)
class ActionNode:
    """One action with its operands as nodes.

    `kind` is the name of a row of `ACTIONS`, which says what it means: nobody tells names apart. `prices`
    are (slot, node), `numbers` (option, node) of options that hold a number; `options` are the
    others, in the order of their names.
    """

    kind: str
    prices: tuple[tuple[PriceSlot, int], ...] = ()
    size: SizeNode | None = None
    numbers: tuple[tuple[OptionName, int], ...] = ()
    options: tuple[tuple[OptionName, str | bool], ...] = ()
    on_fill: tuple[ActionNode, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseNode:
    when: int
    emit: tuple[ActionNode, ...]


@dataclass(frozen=True, slots=True)
class BlockNode:
    id: str
    cases: tuple[CaseNode, ...]
    otherwise: tuple[ActionNode, ...] = ()


@dataclass(frozen=True, slots=True)
class InvariantNode:
    name: Promise
    condition: int | None = None
    argument: float | None = None


# ---------------------------------------------------------------- settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    starting_equity_usdt: float = 10_000.0
    max_leverage: float = 1.0
    margin_mode: MarginMode = MarginMode.ISOLATED_USDT
    taker_bps: float = 5.5
    maker_bps: float = 2.0
    slippage_bps: float = 2.0
    min_trade_notional_usdt: float = 5.0
    max_position_usdt: float | None = None  # None: equity * max_leverage
    maintenance_margin_rate: float = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySettings:
    mode: PositionMode = PositionMode.LONG_SHORT
    max_layers: int | None = None  # None: unlimited
    allow_flip: bool = False
    allow_scale_in: bool = True
    allow_scale_out: bool = True
    max_positions_per_symbol: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRule:
    """`risk_model.stop_loss`."""

    type: StopType
    value: float = 0.0
    node: int | None = None  # atr value or structure level
    buffer_pct: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule:
    """`risk_model.take_profit`."""

    type: TargetType
    value: float = 0.0
    node: int | None = None
    buffer_pct: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingRule:
    """`risk_model.sizing`."""

    model: SizingModel = SizingModel.PERCENT_EQUITY
    value: float = 100.0
    max_leverage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSettings:
    stop_loss: StopRule | None = None
    take_profit: TargetRule | None = None
    sizing: SizingRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSettings:
    """How the simulator decides what bars leave open; see `runtime/README.md`."""

    fill_model: FillModel = FillModel.VOLUME_WEIGHTED
    through_ticks: int = 1
    through_threshold_pct: float = 0.01
    volume_participation_max: float = 0.10
    assume_queue_position: float = 0.5
    require_close_through: bool = True
    intrabar: Intrabar = Intrabar.DIRECTION
    magnify_tf: str | None = None
    resting_gap: RestingGap = RestingGap.LIMIT
    attached: Attached = Attached.SAME_BAR
    impact_model: ImpactModel = ImpactModel.NONE
    impact_coefficient: float = 0.0
    price_band_pct: float = 5.0
    close_at_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """`limits`: percentages are percent; None is no limit. `day_starts` is in minutes since 00:00 UTC."""

    max_daily_loss_pct: float | None = None
    max_drawdown_pct: float | None = None
    max_trades_per_day: int | None = None
    max_losses_per_day: int | None = None
    max_consecutive_losses: int | None = None
    cooldown_bars: int | None = None
    on_breach: OnBreach = OnBreach.STOP_ENTRIES
    day_starts: int = 0


NO_LIMITS = LimitSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    account: AccountSettings = field(default_factory=AccountSettings)
    policy: PolicySettings = field(default_factory=PolicySettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
    execution: ExecutionSettings = field(default_factory=ExecutionSettings)
    limits: LimitSettings = NO_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGraph:
    """A compiled card before it is flattened into a `Program`."""

    card: str
    card_version: str
    symbols: tuple[str, ...]
    timeframe: str
    higher_timeframes: tuple[str, ...]
    params: tuple[tuple[str, float], ...]  # tunables as bound
    features: tuple[FeatureNode, ...]
    nodes: tuple[Node, ...]
    blocks: tuple[BlockNode, ...]
    invariants: tuple[InvariantNode, ...]
    settings: Settings
    # Places in the card, beside the graph: never part of identity or hash.
    origins: tuple[Span, ...] = field(default=(), compare=False)
    feature_origins: tuple[Span, ...] = field(default=(), compare=False)
    # Per block, per case: the span of `when`, then one span per action.
    case_origins: tuple[tuple[tuple[Span, ...], ...], ...] = field(default=(), compare=False)
    promise_origins: tuple[Span, ...] = field(default=(), compare=False)
    # (name, node) of the card's variables that something names, in dependency order: words, no meaning.
    variables: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    # By node: what whoever describes the graph calls it instead of writing it out (`names.py`).
    names: Mapping[int, str] = field(default_factory=dict, compare=False)
