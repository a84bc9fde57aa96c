"""Signals that end long work: they count as a wish, and what was to be ignored stays ignored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = """
import os, signal
one, was_ignored = getattr(signal, "{name}"), {ignored}
if was_ignored:
    signal.signal(one, signal.SIG_IGN)
from tools.progress import ENDS, interruptible
with interruptible(*ENDS) as stops:
    os.kill(os.getpid(), one)
    print(stops())
"""


@pytest.mark.parametrize(
    ("name", "ignored", "stops"),
    [
        ("SIGINT", False, True), ("SIGTERM", False, True), ("SIGHUP", False, True),
        ("SIGINT", True, True),  # a job that a script has put into the background
        ("SIGHUP", True, False),  # nohup
    ],
)  # fmt: skip
def test_a_signal_is_a_wish_to_end_but_for_a_terminal_that_was_to_be_ignored(
    name: str, ignored: bool, stops: bool
) -> None:
    code = CODE.format(name=name, ignored=ignored)
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, cwd=ROOT
    )
    assert told.stdout.strip() == str(stops), told.stderr
