"""Faults seeded in what a writer is told of the language, and in series that stand beside the bars."""

from __future__ import annotations

from tools.fault import Fault

LOOK_UP_FAULTS: tuple[Fault, ...] = (
    Fault(
        "no-version-is-an-old-one", "a card without a version is of the newest, and is called so",
        "compiler/parse/card.py",
        "VERSION if written == VERSION else NEWEST", "NEWEST if written == NEWEST else VERSION",
        ("tests/compiler/check/test_clock_words.py",),
    ),
    Fault(
        "funding-before-it-is-settled", "an indicator reads no funding rate before the close that settles it",
        "runtime/rules/clocks.py",
        "bisect_right(series.ts, frame.close_time(row))",
        "bisect_right(series.ts, frame.close_time(row) + frame.interval_ms)",
        ("tests/runtime/rules/test_market_stage.py", "tests/validation/test_validation_cards.py"),
    ),
    Fault(
        "funding-never-negative", "an average of funding rates may be below zero",
        "compiler/lints/reasoning/signs.py", 'feature.source == "funding_rate" or ', "",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "a-session-reads-funding", "a card whose indicator reads funding rates is not started live",
        "tools/live/preflight.py", "    reads |= {feature.source for feature in graph.features}\n", "",
        ("tests/tools/live/test_preflight.py",),
    ),
)  # fmt: skip
