"""Faults seeded in words that read what has been: windows in order, sessions, the last trades, lines that trail."""

from __future__ import annotations

from tools.fault import Fault

WORD_FAULTS: tuple[Fault, ...] = (
    Fault(
        "median-of-the-upper", "the median of an even number is the mean of the two in the middle",
        "runtime/features/median.py", "upper if length % 2 == 1 else state[half]", "upper",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "nearest-rank", "a level between two ranks lies between them in proportion",
        "runtime/features/percentile_level.py", "lower + (upper - lower) * part", "lower",
        ("tests/runtime/features/test_oracles.py",),
    ),
    Fault(
        "window-that-keeps", "what leaves the window leaves its order", "runtime/features/sorted_window.py",
        "place_of(leaving, count, state)", "0",
        ("tests/runtime/features/test_oracles.py",),
    ),
)  # fmt: skip
