"""One writer: the second is told who the first is, and no lock outlives its process."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.live.journal import Journal, JournalError
from runtime.live.lock import AlreadyHeld, Lock, PanicMark, lock_account
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import MARKET

HOLDER = """
import sys
from pathlib import Path
from runtime.live.journal import Journal
from runtime.live.lock import lock_account
folder = Path(sys.argv[1])
held = lock_account("testnet", "a key", "BTCUSDT", folder), Journal(folder / "a.journal")
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    made = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert made.stdout is not None
    assert made.stdout.readline() == "held\n"
    return made


def test_a_second_process_is_refused_with_pid_and_what_to_do_until_the_first_was_killed(
    tmp_path: Path,
) -> None:
    first = holder(tmp_path)
    try:
        said = f"process {first.pid} since .*: stop that one first .*kill {first.pid}"
        with pytest.raises(AlreadyHeld, match=said) as told:
            lock_account("testnet", "a key", "BTCUSDT", tmp_path)
        assert told.value.pid == first.pid
        with pytest.raises(JournalError, match=f"a.journal is locked by {said}"):
            Journal(tmp_path / "a.journal")
        lock_account("testnet", "a key", "ETHUSDT", tmp_path).release()
        lock_account("testnet", "another key", "BTCUSDT", tmp_path).release()
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=10)
    lock_account("testnet", "a key", "BTCUSDT", tmp_path).release()
    Journal(tmp_path / "a.journal").close()


def test_a_lock_says_nothing_of_the_key_and_is_for_its_owner(tmp_path: Path) -> None:
    os.umask(0o022)
    lock_account("mainnet", "SECRETKEY", "BTCUSDT", tmp_path).release()
    PanicMark("mainnet", "SECRETKEY", "BTCUSDT", tmp_path).put("why")
    for path in tmp_path.iterdir():
        assert "SECRET" not in path.name + path.read_text()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert re.fullmatch(r"mainnet-BTCUSDT-[0-9a-f]{16}\.(lock|panic)", path.name)


def test_a_lock_is_free_after_its_release_and_only_then(tmp_path: Path) -> None:
    held = Lock(tmp_path / "x", "x")
    with pytest.raises(AlreadyHeld):
        Lock(tmp_path / "x", "x")
    held.release()
    held.release()
    Lock(tmp_path / "x", "x").release()


def test_a_journal_is_read_while_it_is_written(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    code = (
        "import sqlite3, sys; db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True);"
        "print(db.execute('select count(*) from records').fetchone()[0])"
    )
    path = str(tmp_path / "session.journal")
    told = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert int(told.stdout) == len(live.journal) > 10


def test_075_an_order_of_another_run_of_this_program_halts(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET)
    live.bar()
    live.act("foreign_order", amount="0.02", price="48000", link="ic7-abcdef-o1")
    assert live.warned("foreign_run")
    assert live.desk.guard.halted
    live.bar(bars=2)
    assert live.held == live.venue_held == 0
    assert [o.link for o in live.venue.state.open_orders("BTCUSDT")] == ["ic7-abcdef-o1"]
