"""The settings of a run as the simulator uses them, and the numbering of what it makes."""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.catalog.settings import ImpactModel
from compiler.graph.rule_graph import Settings
from runtime.formulas.fills import FillModelConfig
from runtime.market.instrument_facts import Instrument


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that does not change during a run."""

    instrument: Instrument
    settings: Settings
    fills: FillModelConfig

    @classmethod
    def of(cls, instrument: Instrument, settings: Settings) -> Rules:
        execution = settings.execution
        config = FillModelConfig(
            model=execution.fill_model,
            through_ticks=execution.through_ticks,
            through_threshold_pct=execution.through_threshold_pct,
            volume_participation_max=execution.volume_participation_max,
            assume_queue_position=execution.assume_queue_position,
            require_close_through=execution.require_close_through,
        )
        return cls(instrument, settings, config)

    @property
    def taker(self) -> float:
        return self.settings.account.taker_bps / 10_000

    @property
    def maker(self) -> float:
        return self.settings.account.maker_bps / 10_000

    @property
    def impact(self) -> tuple[ImpactModel, float]:
        execution = self.settings.execution
        return execution.impact_model, execution.impact_coefficient


@dataclass(slots=True)
class Numbering:
    """Deterministic ids of executions."""

    executions: int = 0

    def execution(self) -> str:
        self.executions += 1
        return f"x{self.executions}"


@dataclass(slots=True)
class Used:
    """What has happened on this (finer) bar: fills of limits, and orders that had their turn.

    `fills` are (side, limit, arrival, lots): better limits, then earlier ones, use the volume first.
    """

    fills: list[tuple[str, float, int, int]] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    since: dict[str, float] = field(default_factory=dict)  # order -> path position it is live from
    breached: set[str] = field(default_factory=set)  # stops that were breached when they were made
    postponed: set[str] = field(default_factory=set)  # protection that waits for the next exec bar

    def clone(self) -> Used:
        return Used(
            list(self.fills), set(self.done), dict(self.since), set(self.breached),
            set(self.postponed),
        )  # fmt: skip

    def next_part(self) -> Used:
        """Return what the next finer bar of the same exec bar starts with."""
        return Used(done=set(self.postponed), postponed=set(self.postponed))
