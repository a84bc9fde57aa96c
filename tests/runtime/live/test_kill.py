"""A real process, really killed; some hundreds more by `python -m tests.runtime.live.kills`."""

from __future__ import annotations

from pathlib import Path

from tests.runtime.live.kills import story


def test_a_killed_session_loses_and_doubles_nothing(tmp_path: Path) -> None:
    told = story(tmp_path, 3, 1)
    assert told["executions"] > 0
    assert told["worst_cover_s"] <= 5.0
