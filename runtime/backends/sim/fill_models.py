"""The fill models of the card: which formula each word stands for, and what a result under it is worth.

A word is told apart here and nowhere else; `runtime/formulas` (fills, shares) does the arithmetic. `fillable` says how
much of a resting limit a bar fills, from the bar that the order sees; the path says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from compiler.catalog.settings import FillModel, ImpactModel
from compiler.graph.rule_graph import ExecutionSettings
from runtime.formulas import fills, shares
from runtime.market.frame import Bar
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Side

UNLIMITED = 2**62
_UNSAID = ExecutionSettings()  # what holds where a card says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class FillModelConfig:
    """Settings of the fill models; the names are the card's `execution` keys."""

    model: FillModel = _UNSAID.fill_model
    through_ticks: int = _UNSAID.through_ticks
    through_threshold_pct: float = _UNSAID.through_threshold_pct
    volume_participation_max: float = _UNSAID.volume_participation_max
    assume_queue_position: float = _UNSAID.assume_queue_position
    require_close_through: bool = _UNSAID.require_close_through

    @property
    def uses_volume(self) -> bool:
        return self.model.needs_volume


@dataclass(frozen=True, slots=True)
class Bias:
    """What a result under a fill model is worth; `flatters`: it fills what a market would not."""

    text: str
    flatters: bool = False


def bias_of(model: FillModel) -> Bias:
    match model:
        case FillModel.TOUCH:
            text = "optimistic: a limit fills whole as soon as price touches it"
            return Bias(text, flatters=True)
        case FillModel.THROUGH:
            return Bias("slightly optimistic: a limit fills whole once price went through it")
        case FillModel.VOLUME_WEIGHTED:
            return Bias(
                "a limit gets its share of the volume traded at its price or better; against every "
                "trade of a thin market (XRPETH, not this one) it filled 50 % too little"
            )
        case FillModel.QUEUE:
            return Bias(
                "a limit waits behind the queue at its price; against every trade of a thin market "
                "(XRPETH, not this one) it filled 16 to 23 % too little"
            )
        case FillModel.CONSERVATIVE:
            return Bias("a stress test, not a bound: only limits that price closed beyond fill")
        case _:
            assert_never(model)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillResult:
    """What one bar gives one order, in lots."""

    filled: bool
    fill_price: float | None = None
    filled_lots: int = 0
    remaining_lots: int = 0

    @property
    def partial(self) -> bool:
        return self.filled and self.remaining_lots > 0


def fillable(
    side: Side,
    price: float,
    quantity: int,
    bar: Bar,
    instrument: Instrument,
    config: FillModelConfig,
) -> int:
    """Return the lots of a resting limit that the bar fills, before other orders take their share."""
    sign, tick = side.sign, instrument.tick
    far = fills.far_side(sign, bar.low, bar.high)
    if not fills.is_touched(sign, price, far):
        return 0
    match config.model:
        case FillModel.TOUCH:
            return quantity
        case FillModel.THROUGH:
            ticks, percent = config.through_ticks, config.through_threshold_pct
            return quantity if fills.is_far_through(sign, price, far, ticks, percent, tick) else 0
        case FillModel.CONSERVATIVE:
            is_through = fills.is_through(sign, price, far)
            closes = fills.is_through(sign, price, bar.close)
            return quantity if is_through and (closes or not config.require_close_through) else 0
        case FillModel.VOLUME_WEIGHTED | FillModel.QUEUE:
            base = _share(side, price, bar, instrument, config)
            return min(quantity, shares.whole_lots(base, instrument.lot))
        case _:
            assert_never(config.model)


def _share(
    side: Side, price: float, bar: Bar, instrument: Instrument, config: FillModelConfig
) -> float:
    """Return what a volume model gives a limit, base units."""
    most, ahead = config.volume_participation_max, config.assume_queue_position
    n = shares.levels_in(bar.low, bar.high, instrument.tick)
    k = shares.levels_reached(side.sign, price, bar.low, bar.high, instrument.tick)
    if config.model is FillModel.VOLUME_WEIGHTED:
        return shares.weighted(k, n, bar.volume, most, ahead)
    if is_left_behind(side, price, bar, config):
        return shares.passed(k, n, bar.volume)
    return shares.queued(k, n, bar.volume, most, ahead)


def is_left_behind(side: Side, price: float, bar: Bar, config: FillModelConfig) -> bool:
    """Return whether a bar that closes beyond a limit has filled it, queue and all (`queue` only)."""
    return config.model is FillModel.QUEUE and fills.is_through(side.sign, price, bar.close)


def takeable(bar: Bar, instrument: Instrument, config: FillModelConfig) -> int:
    """Return the lots that limits of one side may take of a bar together; volume models only."""
    return shares.whole_lots(bar.volume * config.volume_participation_max, instrument.lot)


def slipped(
    side: Side,
    price: float,
    quantity: int,
    bar: Bar,
    instrument: Instrument,
    slippage_bps: float,
    impact: tuple[ImpactModel, float],
) -> float:
    """Return the price of a market execution: reference plus slippage and impact, never better.

    `impact` is (model, coefficient): the coefficient is the relative move for taking
    a whole bar's volume. The result is rounded to the tick against us.
    """
    model, coefficient = impact
    relative, base = slippage_bps / 10_000, instrument.base(quantity)
    match model:
        case ImpactModel.NONE:
            pass
        case ImpactModel.SQRT:
            relative += fills.square_root_impact(coefficient, base, bar.volume)
        case ImpactModel.LINEAR:
            relative += fills.linear_impact(coefficient, base, bar.volume)
        case _:
            assert_never(model)
    return fills.slipped(side.sign, price, relative, instrument.tick)


class LimitFillSimulator:
    """The fill model of a run as an object: what one bar gives one limit."""

    def __init__(self, config: FillModelConfig, instrument: Instrument) -> None:
        self.config = config
        self.instrument = instrument

    def check_fill(self, side: Side, price: float, quantity: int, bar: Bar) -> FillResult:
        """Return what one bar gives a resting limit that has it to itself."""
        lots = fillable(side, price, quantity, bar, self.instrument, self.config)
        return FillResult(
            filled=lots > 0,
            fill_price=price if lots else None,
            filled_lots=lots,
            remaining_lots=quantity - lots,
        )
