"""Where recorded market data lies. Tests read it in place; it is never part of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def shared(name: str) -> Path:
    """Return the path of a recorded file (`data/…` or `payloads/…`); skip where it is absent.

    On continuous integration the files are there, so their absence is a failure, never a skip.
    """
    path = SHARED / name
    if path.exists():
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"recorded file missing on CI: {path}")
    pytest.skip(f"recorded file not found: {path}")
