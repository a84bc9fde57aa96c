"""Signatures of the indicators: parameters, outputs, units, warm-up. Kernels: `runtime/features/`."""

from __future__ import annotations

from compiler.catalog.indicators_average import AVERAGES
from compiler.catalog.indicators_direction import DIRECTION
from compiler.catalog.indicators_levels import LEVELS
from compiler.catalog.indicators_momentum import MOMENTUM
from compiler.catalog.indicators_range import RANGE
from compiler.catalog.indicators_volume import VOLUME
from compiler.catalog.types import Entry

INDICATORS: tuple[Entry, ...] = (*AVERAGES, *MOMENTUM, *RANGE, *DIRECTION, *VOLUME, *LEVELS)
