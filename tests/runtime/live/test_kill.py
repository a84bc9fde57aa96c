"""A real process, really killed; some hundreds more by `python -m tests.runtime.live.kills`."""

from __future__ import annotations

from pathlib import Path

from tests.runtime.live.kills import nursery, story


def test_a_killed_session_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with nursery() as born:
        told = story(tmp_path, 5, 1, born)
    assert told.executions > 0
    assert max(told.cover_s, default=0.0) <= 5.0
