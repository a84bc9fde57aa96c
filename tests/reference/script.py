"""A script: everything one back-test of the reference exchange depends on, as plain frozen data.

Law: a script holds no rule. It says what the bars were and which commands were given at which
close; what they mean is `exchange.py` alone, so that another engine can be run on the same script.

Units, everywhere in this folder
    price     integer ticks (fill prices with slippage may be fractions of a tick)
    quantity  integer lots
    money     `Fraction` of the quote currency: ticks * lots * tick * lot
    time      integers in one unit (say minutes); a bar's `ts` is its open
    percent   `Fraction`: 5 means 5 %; `*_bps` hundredths of a percent
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Side(StrEnum):
    """Of an order."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class Effect(StrEnum):
    """`open` may net and flip, `reduce` never enlarges or flips."""

    OPEN = "open"
    REDUCE = "reduce"


class OrderType(StrEnum):
    """`stop_market` and `stop_limit` are entries; with `reduce` they are exits by trigger."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"


class TimeInForce(StrEnum):
    """`gtc` with a `ttl_bars` is what some venues call gtd."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class FillModel(StrEnum):
    """How much of a resting limit a bar fills."""

    TOUCH = "touch"
    THROUGH = "through"
    VOLUME_WEIGHTED = "volume_weighted"
    QUEUE = "queue"
    CONSERVATIVE = "conservative"


class Intrabar(StrEnum):
    """Which of the two paths a bar took."""

    DIRECTION = "direction"
    NEAREST = "nearest"
    ADVERSE = "adverse"
    FAVOURABLE = "favourable"


class Attached(StrEnum):
    """When a stop or target that an entry brings becomes live."""

    NOW = "now"
    NEXT_BAR = "next_bar"


class RestingGap(StrEnum):
    """Price of a limit met on the jump: its own, or the open."""

    LIMIT = "limit"
    OPEN = "open"


class Method(StrEnum):
    """Which layers an explicit exit takes from."""

    FIFO = "fifo"
    LIFO = "lifo"
    PROPORTIONAL = "proportional"


class Mode(StrEnum):
    """Position sides a card may hold."""

    LONG_ONLY = "long_only"
    SHORT_ONLY = "short_only"
    LONG_SHORT = "long_short"


class Protect(StrEnum):
    """Who owns the stop and target of an entry."""

    POSITION = "position"
    LAYER = "layer"


class OnPartial(StrEnum):
    """Fate of the remainder at the close of a bar that filled a part."""

    CONTINUE = "continue"
    CANCEL = "cancel"


class OnFlat(StrEnum):
    """Fate of a resting entry when the position closes."""

    KEEP = "keep"
    CANCEL = "cancel"


class TargetType(StrEnum):
    """A market target is a stop on the other side, a limit target rests in the book."""

    MARKET = "market"
    LIMIT = "limit"


class SlippageRounding(StrEnum):
    """Of a price after slippage: nearest tick (half to even), the dearer tick, or not at all."""

    NEAREST = "nearest"
    ADVERSE = "adverse"
    EXACT = "exact"


# --- the market ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tier:
    """One risk tier: up to `limit` (notional, quote) the rate `maintenance` (0.01 = 1 %) holds."""

    limit: Fraction
    maintenance: Fraction
    max_leverage: Fraction


@dataclass(frozen=True, slots=True)
class Instrument:
    """`tick` in quote per base, `lot` in base; tiers ascending by limit, never empty."""

    tick: Fraction = Fraction(1, 10)
    lot: Fraction = Fraction(1)
    min_lots: int = 1
    min_notional: Fraction = Fraction(0)
    tiers: tuple[Tier, ...] = (Tier(Fraction(10**12), Fraction(1, 100), Fraction(100)),)


@dataclass(frozen=True, slots=True)
class Ohlc:
    """Four prices in ticks."""

    open: int
    high: int
    low: int
    close: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One execution bar. `volume` in lots: 0 = nobody traded, None = unknown.

    A bar whose `ts` is later than the last one's end lies behind a hole.
    """

    ts: int
    open: int
    high: int
    low: int
    close: int
    volume: int | None = 1000
    mark: Ohlc | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """One funding time; `mark` (ticks) only if it is known apart from the bars' mark."""

    ts: int
    rate: Fraction
    mark: int | None = None


# --- settings ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Percent:
    """A distance in percent of the average entry (of the layer's entry for a layer)."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Points:
    """A distance in ticks."""

    ticks: int


@dataclass(frozen=True, slots=True)
class RewardRisk:
    """Targets only: a multiple of the planned stop distance."""

    value: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for the whole run. Defaults are the documented ones, except costs: 0 here."""

    fill_model: FillModel = FillModel.VOLUME_WEIGHTED
    through_ticks: int = 1
    through_threshold_pct: Fraction = Fraction(1, 100)
    volume_participation_max: Fraction = Fraction(1, 10)
    assume_queue_position: Fraction = Fraction(1, 2)
    require_close_through: bool = True
    intrabar: Intrabar = Intrabar.DIRECTION
    attached: Attached = Attached.NOW
    resting_gap: RestingGap = RestingGap.LIMIT
    method: Method = Method.FIFO
    mode: Mode = Mode.LONG_SHORT
    allow_flip: bool = False
    max_layers: int | None = None
    leverage: Fraction = Fraction(1)
    taker_bps: Fraction = Fraction(0)
    maker_bps: Fraction = Fraction(0)
    slippage_bps: Fraction = Fraction(0)
    slippage_ticks: int = 0
    slippage_rounding: SlippageRounding = SlippageRounding.NEAREST
    price_band_pct: Fraction = Fraction(5)
    start_balance: Fraction = Fraction(10_000)
    max_position: Fraction | None = None
    """Largest entry notional; None = equity at the close * leverage."""
    risk_stop: Percent | Points | None = None
    """Stop of every entry that names none (the card's `risk_model`)."""
    risk_target: Percent | Points | RewardRisk | None = None


# --- commands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A trailing stop of the position: `distance` in ticks or `distance_pct` of the average.

    `activate` in ticks; without it the trail is active from the fill. `only_tighten`: the level is
    never looser than the trail it replaces.
    """

    distance: int | None = None
    distance_pct: Fraction | None = None
    activate: int | None = None
    only_tighten: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A new order.

    Entries (`open`): `lots` required; `computed` = the size was worked out by the card, so it is
    cut to what fits instead of refused. `stop_loss`, `take_profit` in ticks are named by the entry;
    what it does not name comes from `Settings.risk_stop|risk_target`.
    Exits (`reduce`): a market exit is `exit_long` (SELL) or `exit_short` (BUY), a limit exit is
    `place_limit_exit_*`; size is `lots`, else `fraction` of the position at that close, else all.
    """

    ref: str
    side: Side
    effect: Effect = Effect.OPEN
    type: OrderType = OrderType.MARKET
    lots: int | None = None
    fraction: Fraction | None = None
    computed: bool = False
    limit: int | None = None
    trigger: int | None = None
    tif: TimeInForce = TimeInForce.GTC
    post_only: bool = False
    ttl_bars: int | None = None
    oco: str | None = None
    """Name of the one-cancels-the-other group."""
    stop_loss: int | None = None
    take_profit: int | None = None
    take_profit_type: TargetType = TargetType.MARKET
    trail: Trail | None = None
    protect: Protect = Protect.POSITION
    on_partial: OnPartial = OnPartial.CONTINUE
    on_flat: OnFlat = OnFlat.KEEP
    method: Method | None = None
    """Of an exit; None = the setting."""
    replace: bool = False
    """If `ref` works already: amend it instead (`on_live_ref: replace`)."""


@dataclass(frozen=True, slots=True)
class ExitAll:
    """Close whatever is held at market."""

    ref: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel the working order under `ref`."""

    ref: str


@dataclass(frozen=True, slots=True)
class CancelAll:
    """Cancel every working order, or those of one oco group or side."""

    group: str | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """Change a working order. `lots` is the new total, filled part included."""

    ref: str
    limit: int | None = None
    trigger: int | None = None
    lots: int | None = None
    stop_loss: int | None = None
    take_profit: int | None = None


@dataclass(frozen=True, slots=True)
class AdjustStop:
    """Move the position's stop (or that of the layer opened under ref `layer`) to `level`."""

    level: int
    only_tighten: bool = False
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustTarget:
    """Move the position's target (or a layer's) to `level`; `only_tighten` = never further away."""

    level: int
    only_tighten: bool = False
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustTrail:
    """Set the position's trail anew at the open, or remove it with None."""

    trail: Trail | None


Command = Place | ExitAll | Cancel | CancelAll | Amend | AdjustStop | AdjustTarget | AdjustTrail


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One run. `commands[t]` were given at the close of `bars[t]` (may be shorter than bars).

    `hole_marks` are mark bars where `bars` has a hole: only `ts` and `mark` of them are known.
    """

    bars: tuple[Bar, ...]
    hole_marks: tuple[Bar, ...] = ()
    commands: tuple[tuple[Command, ...], ...] = ()
    funding: tuple[Funding, ...] = ()
    settings: Settings = Settings()
    instrument: Instrument = Instrument()
    bar_length: int = 60

    def at(self, t: int) -> tuple[Command, ...]:
        """Commands given at the close of bar `t`."""
        return self.commands[t] if t < len(self.commands) else ()
