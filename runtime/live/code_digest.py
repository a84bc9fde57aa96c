"""Which code a desk's state, and what a search has found, come from.

The law: what was kept by one code is taken up by no other. It imports nothing, so that who only asks loads no session.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

_ROOMS = (
    "account", "backends/sim", "decide", "formulas", "live", "orders", "rules", "features",
    "structures",
)  # fmt: skip
_FILES = (
    "consequences.py", "engine.py", "kernel.py", "records/kept_promises.py", "records/promises.py", "records/rows.py",
)  # fmt: skip


@cache
def code_digest() -> str:
    """Return a digest of the code that a desk's state depends on."""
    runtime = Path(__file__).resolve().parents[1]
    files = [runtime / name for name in _FILES]
    for room in _ROOMS:
        files += sorted((runtime / room).rglob("*.py"))
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
