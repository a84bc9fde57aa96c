"""The lines of a pre-flight report: what was looked at, what was found, what to do.

The law: a line that cannot be answered is never a pass. *Not here* is said where a venue lacks the question,
with what stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """`fail` refuses the start; `warn` does not, on mainnet it does."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_HERE = "not_here"


_SIGNS = {Grade.PASS: "✓", Grade.WARN: "!", Grade.FAIL: "✗", Grade.NOT_HERE: "–"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `fix`: what to do, "" where nothing is to be done."""

    name: str
    grade: Grade
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All lines, in the order in which they were looked at."""

    checks: tuple[Check, ...]
    is_strict: bool = False  # warnings refuse, too

    @property
    def may_start(self) -> bool:
        bad = (Grade.FAIL, Grade.WARN) if self.is_strict else (Grade.FAIL,)
        return not any(check.grade in bad for check in self.checks)


def passed(name: str, found: str) -> Check:
    return Check(name, Grade.PASS, found)


def failed(name: str, found: str, fix: str) -> Check:
    return Check(name, Grade.FAIL, found, fix)


def warned(name: str, found: str, fix: str) -> Check:
    return Check(name, Grade.WARN, found, fix)


def not_here(name: str, found: str) -> Check:
    return Check(name, Grade.NOT_HERE, found)


def judged(name: str, is_good: bool, found: str, fix: str, *, warns: bool = False) -> Check:
    """Return a pass, or a failure (a warning) with what to do."""
    if is_good:
        return passed(name, found)
    return warned(name, found, fix) if warns else failed(name, found, fix)


def check_text(check: Check) -> str:
    """Return one check outside a report as a line."""
    found = f"{_SIGNS[check.grade]} {check.name}: {check.found}"
    return f"{found}; {check.fix}" if check.fix else found


def report_text(report: Report) -> str:
    """Return a report as lines; what is to be done stands under its line."""
    width = max((len(check.name) for check in report.checks), default=0)
    lines: list[str] = []
    for check in report.checks:
        lines.append(f"{_SIGNS[check.grade]} {check.name:<{width}}  {check.found}")
        if check.fix:
            lines.append(f"  {'':<{width}}  -> {check.fix}")
    lines.append(_verdict(report))
    return "\n".join(lines) + "\n"


def _verdict(report: Report) -> str:
    if report.may_start:
        return "pre-flight: may start"
    refusing = (Grade.FAIL, Grade.WARN) if report.is_strict else (Grade.FAIL,)
    count = sum(1 for check in report.checks if check.grade in refusing)
    why = " (with real money a warning refuses, too)" if report.is_strict else ""
    return f"pre-flight: does not start, {count} to mend{why}"


def merged(*parts: Iterable[Check], is_strict: bool = False) -> Report:
    """Return one report of several parts."""
    return Report(tuple(check for part in parts for check in part), is_strict)
