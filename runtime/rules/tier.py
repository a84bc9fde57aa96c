"""What computes the columns of features: Python, or the same source as machine code.

The law: which one it was cannot be seen in a result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from importlib.util import find_spec

from runtime.kernel import Kernel

# COST: rows of features below which loading machine code takes longer than it saves.
_WORTH_IT = 200_000


class Tier(StrEnum):
    """How the columns of a history are computed."""

    PLAIN = "plain"
    NATIVE = "native"  # needs llvmlite
    AUTO = "auto"  # native where it is installed and there is enough to do


def kernels_of(tier: Tier, kernels: Sequence[Kernel], rows: int) -> Mapping[str, Kernel]:
    """Return kernels by type for features of `rows` rows in all; `NativeMissing` where it is asked for."""
    plain = {kernel.type: kernel for kernel in kernels}
    if tier is Tier.PLAIN or not plain:
        return plain
    if tier is Tier.AUTO and (rows < _WORTH_IT or find_spec("llvmlite") is None):
        return plain
    from runtime.native import NativeMissing
    from runtime.native.cache import folder
    from runtime.native.kernels import native_kernels

    try:
        return native_kernels(kernels, folder())
    except NativeMissing:
        if tier is Tier.AUTO:
            return plain
        raise
