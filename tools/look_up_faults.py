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
        "unknown-counts-as-none", "an indicator of what the data do not have is unknown",
        "runtime/rules/feature_runner.py", 'and feature.source in _MAY_BE_UNKNOWN', "and False",
        ("tests/runtime/rules/test_market_stage.py",),
    ),
    Fault(
        "funding-never-negative", "an average of funding rates may be below zero",
        "compiler/lints/reasoning/signs.py", 'feature.source == "funding_rate" or ', "",
        ("tests/compiler/resolve/test_sources.py",),
    ),
    Fault(
        "a-session-reads-funding", "a card whose indicator reads funding rates is not started live",
        "runtime/rules/data_fit.py", "    reads |= {feature.source for feature in graph.features}\n", "",
        ("tests/tools/live/test_preflight.py", "tests/runtime/rules/test_data_fit.py"),
    ),    Fault(
        "every-rung-tells-its-exit", "what follows the fill of each rung of a ladder is told once",
        "compiler/graph/read_back.py", "is_alike and _all(graph, action) == _all(graph, before)", "False",
        ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "timeframe-before-the-field", "a field of a higher timeframe is told as a card reads it",
        "compiler/graph/describe.py", "if at and timeframe in TIMEFRAMES else", "if not at else",
        ("tests/compiler/graph/test_read_back_3_2.py",),
    ),
    Fault(
        "a-path-of-every-timeframe", "two timeframes of one made-up market are bars of one path",
        "tools/made_market.py", "if times == 1:", "if True:", ("tests/tools/test_made_market.py",),
    ),
    Fault(
        "words-of-ladders-elsewhere", "keys of a ladder have the names that others give them",
        "compiler/parse/first_attempts.py", '"ladder": Place.LADDER, ', "",
        ("tests/compiler/findings/test_words_of_sections.py",),
    ),
    Fault(
        "no-dotted-look-up", "a field of a name is looked up by itself",
        "tools/reference_text.py", "return instead(field, among) if of_something else None", "return None",
        ("tests/tools/test_looked_up.py",),
    ),
)  # fmt: skip
