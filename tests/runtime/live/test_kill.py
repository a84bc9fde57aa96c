"""A real process, really killed; some hundreds more by `python -m tests.runtime.live.kills`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.runtime.live.kills import ROOT, lives, nursery, story
from tools.fakebybit.server import serving
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

ORPHANS = """
import os, signal, sys
from tests.runtime.live.kills import Nursery, fresh
from tests.runtime.live.process import Given
given = Given(folder=sys.argv[1], http=sys.argv[2], streams=sys.argv[3], speed=40.0)
if sys.argv[4] == "fork":
    born = Nursery()
    print(born._process.pid, born.start(given).pid, flush=True)
else:
    print(fresh(given).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_session_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with nursery() as born:
        told = story(tmp_path, 5, 1, born)
    assert told.executions > 0
    assert max(told.cover_s, default=0.0) <= 5.0


@pytest.mark.parametrize("how", ["fork", "fresh"])
def test_no_session_outlives_the_test_that_has_started_it(tmp_path: Path, how: str) -> None:
    """However that ends: a session that nobody waits for would trade, and take a core, for ever."""
    with serving(Venue(Settings(start_ms=1_700_000_040_000)), speed=40.0) as served:
        told = subprocess.run(
            [sys.executable, "-c", ORPHANS, str(tmp_path), served.http, served.streams, how],
            cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        assert told.returncode == -9
        left = [int(pid) for pid in told.stdout.split()]
        assert left
        until = time.monotonic() + 10
        while any(map(lives, left)):
            assert time.monotonic() < until, f"{left} live on"
            time.sleep(0.05)
