"""The loops of a mirror as machine code, loaded once in a process; as Python where there is no compiler."""

from __future__ import annotations

from functools import cache

from runtime.native import Compiled, NativeMissing, at_hand
from runtime.native.cache import folder
from tools.search import kernels

_TURN, _TIMING, _TURN_MARK, _RATIOS = range(4)


@cache
def _compiled() -> Compiled | None:
    """Return the loops as machine code, None where none can be made."""
    try:
        runs = (kernels.turn, kernels.timing, kernels.turn_mark, kernels.ratios)
        return at_hand.compiled(runs, where=folder())
    except NativeMissing:
        return None


def call_turn(*arguments: object) -> None:
    """Call `kernels.turn`."""
    code = _compiled()
    if code is None:
        kernels.turn(*arguments)  # type: ignore[arg-type]
    else:
        code.call_whole(_TURN, *arguments)


def call_ratios(*arguments: object) -> None:
    """Call `kernels.ratios`."""
    code = _compiled()
    if code is None:
        kernels.ratios(*arguments)  # type: ignore[arg-type]
    else:
        code.call_whole(_RATIOS, *arguments)


def call_timing(*arguments: object) -> None:
    """Call `kernels.timing`."""
    code = _compiled()
    if code is None:
        kernels.timing(*arguments)  # type: ignore[arg-type]
    else:
        code.call_whole(_TIMING, *arguments)


def call_turn_mark(*arguments: object) -> None:
    """Call `kernels.turn_mark`."""
    code = _compiled()
    if code is None:
        kernels.turn_mark(*arguments)  # type: ignore[arg-type]
    else:
        code.call_whole(_TURN_MARK, *arguments)
