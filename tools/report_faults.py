"""Faults of the page: figures that are not those of the result, and what is undefined drawn as zero."""

from __future__ import annotations

from tools.fault import Fault

_RETURNS = "tests/runtime/reports/test_page_returns.py"

REPORT_FAULTS: tuple[Fault, ...] = (
    Fault(
        "drawdown-without-an-end", "a drawdown that lasts is one too",
        "runtime/reports/page_returns.py", "    if is_below:\n        found.append(fell(None",
        "    if False:\n        found.append(fell(None", (_RETURNS,),
    ),
    Fault(
        "undefined-drawn-as-zero", "what is undefined breaks a curve",
        "runtime/reports/page_returns.py", "None if worth is None else worth * scale",
        "(worth or 0.0) * scale", (_RETURNS,),
    ),
    Fault(
        "day-that-lost-nothing-won", "a day that neither won nor lost is in no bar",
        "runtime/reports/page_returns.py", "        if value:  # neither", "        if True:  # neither",
        (_RETURNS,),
    ),
    Fault(
        "days-end-at-any-bar", "a day's return is that of its last bar",
        "runtime/reports/measures.py", "if day != following]", "if day != following + 1]",
        (_RETURNS, "tests/runtime/reports/test_metrics.py"),
    ),
)  # fmt: skip
