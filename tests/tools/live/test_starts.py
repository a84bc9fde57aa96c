"""What a start that is refused leaves, and what the summary of one that goes on counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.live.lock import AlreadyHeld
from tests.tools.live.over_sockets import door, plan, served
from tools.live.plan import Place
from tools.live.screen_text import summary_text
from tools.live.start import wire_ready


def test_a_start_beside_another_leaves_no_folder_and_one_that_goes_on_says_since_when_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(speed=1) as one:
        where = door(one, Place.TESTNET)
        first = wire_ready(plan(tmp_path / "runs", Place.TESTNET, prepares=True), where).make()
        second = wire_ready(plan(tmp_path / "others", Place.TESTNET), where)
        with pytest.raises(AlreadyHeld):
            second.make()
        assert not second.folder.exists()
        assert "since this start" not in summary_text(first.cockpit.picture())
        first.close()
        again = wire_ready(plan(tmp_path / "runs", Place.TESTNET), where).make()
        assert "decisions since this start\n" in summary_text(again.cockpit.picture())
        again.close()
