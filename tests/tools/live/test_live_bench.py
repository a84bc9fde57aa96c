"""The bench of a session says what is wrong with its options."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tools.live_bench import main


def test_a_folder_that_is_not_there_is_named_before_anything_is_measured(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["wire", "--folder", str(tmp_path / "nowhere")])
    assert told.exit_code == 2
    assert "nowhere" in told.output
