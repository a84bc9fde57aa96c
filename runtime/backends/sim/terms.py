"""The settings of a run as the simulator uses them, and the numbering of what it makes."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.catalog.settings import ImpactModel
from compiler.graph.rule_graph import Settings
from runtime.backends.sim.fill_models import FillModelConfig
from runtime.market.instrument_facts import Instrument


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that does not change during a run."""

    instrument: Instrument
    settings: Settings
    fills: FillModelConfig

    @classmethod
    def of(cls, instrument: Instrument, settings: Settings) -> Terms:
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

    @property
    def gap_improves(self) -> bool:
        """Return whether a limit that the jump passed gets the open (session markets), new ones too."""
        return self.settings.execution.resting_gap.improves


@dataclass(slots=True)
class Numbering:
    """Deterministic ids of executions."""

    executions: int = 0

    def execution(self) -> str:
        self.executions += 1
        return f"x{self.executions}"
