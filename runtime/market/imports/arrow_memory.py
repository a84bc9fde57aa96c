"""Bytes for Arrow's readers, in memory that is Arrow's own.

INVARIANT: no thread of Arrow holds a Python object. Its readers let go of what they read from on a thread of their own, at
times after they have answered; one that does so while the interpreter ends aborts the process (`terminate called`,
status 134), whatever had been written by then.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any


def arrow_file(data: bytes | mmap.mmap, path: Path | None = None) -> Any:
    """Return bytes, or a mapped file that lies at `path`, as a file of Arrow."""
    import pyarrow as pa

    if isinstance(data, mmap.mmap) and path is not None:
        return pa.memory_map(str(path))
    copy = pa.BufferOutputStream()
    copy.write(data)
    return pa.BufferReader(copy.getvalue())
