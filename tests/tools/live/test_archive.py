"""A session that is over is put away whole, or not at all; a halt leaves its bundle, on every venue."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from runtime.errors import DataError
from runtime.live.guard import SessionLimits
from runtime.live.journal import JournalError
from tests.tools.cli import run as cli
from tests.tools.live.made import LADDER, lived
from tools.live import archive as room
from tools.live.archive import archive
from tools.live.folders import JOURNAL
from tools.live.local import LocalRun
from tools.live.reading import ReadJournal, live_again


def over(tmp_path: Path) -> tuple[LocalRun, Path]:
    """A session that has traded and is flat."""
    run, folder = lived(LADDER, tmp_path, seed=11)
    run.session.said("flatten", "test")
    for _ in range(20):
        run.steps.step(1_000)
    assert run.desk.ledger.position is None
    return run, folder


def test_a_session_that_is_over_is_put_away_and_replays_from_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, folder = over(tmp_path)
    state, records = run.desk.state_hash(), len(run.journal)
    run.close()
    said = cli(capsys, ("live", "archive", str(folder)))
    assert said.code == 0, said.err
    (put,) = (folder / "archive").glob("*.zip")
    assert f"{records:,} records" in said.out
    assert not list(folder.glob("session.journal*[!k]"))
    with zipfile.ZipFile(put) as zipped:
        zipped.extract(JOURNAL, tmp_path / "back")
    assert live_again(ReadJournal(tmp_path / "back")).desk.state_hash() == state


def test_a_session_that_runs_or_holds_something_is_not_put_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, folder = lived(LADDER, tmp_path, seed=11, bars=60)
    assert run.desk.ledger.position is not None or list(run.desk.ledger.book)
    with pytest.raises(JournalError, match="is locked by process"):
        archive(folder)
    run.close()
    with pytest.raises(DataError, match="live stop --close"):
        archive(folder)
    assert (folder / JOURNAL).exists()
    assert cli(capsys, ("live", "archive", str(tmp_path))).code == 1


def test_a_journal_that_does_not_come_back_the_same_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, folder = over(tmp_path)
    run.close()
    monkeypatch.setattr(
        room, "_over", lambda journal, facts: lived(LADDER, tmp_path, bars=1)[0].desk
    )
    with pytest.raises(DataError, match="the journal stays"):
        archive(folder)
    assert (folder / JOURNAL).exists()
    assert not list((folder / "archive").glob("*.zip"))


def test_a_halt_of_a_local_session_leaves_its_bundle(tmp_path: Path) -> None:
    """One for each halt, not one for each look at it."""
    limits = SessionLimits(max_cost_per_day_usdt=0.01)
    run, folder = lived(LADDER, tmp_path, seed=11, limits=limits)
    assert "max_cost_per_day_usdt" in run.desk.guard.halted
    run.close()
    (bundle,) = folder.glob("post-mortem-*.zip")
    with zipfile.ZipFile(bundle) as zipped:
        zipped.extract(JOURNAL, tmp_path / "back")
        assert "max_cost_per_day_usdt" in zipped.read("state.txt").decode()
    assert live_again(ReadJournal(tmp_path / "back")).desk.guard.halted
