"""What random scripts may contain.

Law: a knob that is off leaves its feature out altogether, so that two engines can be compared
feature by feature.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.script import FillModel, Intrabar


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """Which features may appear. All on is the widest comparison."""

    models: tuple[FillModel, ...] = tuple(FillModel)
    intrabar: tuple[Intrabar, ...] = (Intrabar.DIRECTION, Intrabar.DIRECTION, Intrabar.NEAREST)
    both_paths: bool = True  # adverse and favourable
    bars: tuple[int, int] = (5, 14)
    jumps: bool = True
    holes: bool = True
    hole_marks: bool = True  # mark goes on in holes
    empty_bars: bool = True
    dojis: bool = True
    marks: bool = True
    funding: bool = True
    shorts: bool = True
    stop_entries: bool = True
    stop_limits: bool = True
    stop_exits: bool = False  # reduce-only stops of the card: the card language has none
    limit_exits: bool = True
    ioc_fok: bool = True
    post_only: bool = True
    ttl: bool = True
    oco: bool = True
    cancels: bool = True
    amends: bool = True
    replaces: bool = True
    reuse_refs: bool = False
    protection: bool = True
    limit_targets: bool = True
    layer_protection: bool = True
    adjusts: bool = True
    risk_model: bool = True
    trails: bool = True
    flips: bool = True
    max_layers: bool = True
    leverage: bool = True
    tight_margin: bool = False
    costs: bool = True
    slippage: bool = True
    next_bar: bool = True
    gap_open: bool = True
    on_partial: bool = True
    on_flat: bool = True


ALL = Knobs()
