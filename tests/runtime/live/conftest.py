"""Folders in memory, where there is some: these tests judge what is written, the kills what a disk keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.live.scenarios import fast


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A fresh folder that costs no flush of a disk; it is gone after the test."""
    with tempfile.TemporaryDirectory(dir=fast()) as folder:
        yield Path(folder)
