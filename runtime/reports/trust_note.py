"""A sentence of the trust panel: its grade, and how numbers stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LARGE_SHARE = 0.25  # of the net profit: an amount that changes what a result says


class Grade(StrEnum):
    GOOD = "good"
    NOTE = "note"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class TrustNote:
    grade: Grade
    title: str
    text: str


def signed(value: float) -> str:
    """Return an amount with its sign and a true minus."""
    return f"{value:+,.2f}".replace("-", "−")


def plural(count: Any, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
