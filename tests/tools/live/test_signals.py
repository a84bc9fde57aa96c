"""A session that a service, a container or a terminal ends: the whole command, in a process of its own."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from runtime.live.pulse import read_heartbeat
from tests.tools.live import killed
from tools.fakebybit.server import serving
from tools.live.folders import HEARTBEAT

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_session_that_is_told_to_go_by_a_signal_ends_as_by_a_word(
    tmp_path: Path, how: signal.Signals
) -> None:
    """A service or a container that stops, `kill PID`, a terminal that is closed."""
    with serving(killed.venue()) as one, killed.started(tmp_path, one.http) as command:
        made = command.start()
        command.speaks("pause", made)
        made.send_signal(how)
        said = made.communicate(timeout=60)[0]
    assert made.returncode == 0, said
    assert "start again there: the session goes on" in said
    beat = read_heartbeat(command.folder / HEARTBEAT)
    assert beat is not None
    assert beat.ended == "a signal"  # to a watchdog it is none that died
