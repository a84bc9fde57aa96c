"""Whether the account kernel runs a card: where it is asked for, or where it repays what it costs to load.

The law: which engine it was cannot be seen in a result.
"""

from __future__ import annotations

from importlib.util import find_spec

from runtime.batch.account_run import Kernels
from runtime.rules.tier import Tier

# COST: bars that the readable engine takes as long for as it takes to load the kernel, and to compile it.
_WORTH_LOADING = 15_000
_WORTH_COMPILING = 600_000


def kernels_for(tier: Tier, bars: int) -> Kernels | None:
    """Return the account kernel for a run of some bars, None where the readable engine makes it.

    `NativeMissing` where it is asked for and cannot be had.
    """
    if tier is Tier.PLAIN:
        return None
    if tier is Tier.AUTO and not _repays_loading(bars):
        return None
    from runtime.batch.machine_code import in_machine_code, is_compiled

    if tier is Tier.AUTO and bars < _WORTH_COMPILING and not is_compiled():
        return None
    return in_machine_code()


def is_at_hand(bars: int) -> bool:
    """Return whether the kernel need not be compiled and repays being loaded for so many bars, over all runs."""
    if not _repays_loading(bars):
        return False
    from runtime.batch.machine_code import is_compiled

    return is_compiled()


def _repays_loading(bars: int) -> bool:
    return bars >= _WORTH_LOADING and find_spec("llvmlite") is not None
