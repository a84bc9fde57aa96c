"""Faults of the live rooms that are seeded on purpose."""

from __future__ import annotations

from tools.fault import Fault

LIVE_FAULTS: tuple[Fault, ...] = (
    Fault(
        "lost-stop-waits", "a stop that may not have arrived is there as soon as the session is",
        "runtime/backends/bybit/backend.py", "        self.router.protect_again(self._now())\n", "",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "absence-blamed", "the time without a session is no failure to protect",
        "runtime/live/coverage.py", "max(self.since, self.counted_from)", "self.since",
        ("tests/runtime/live/test_process.py",),
    ),
    Fault(
        "two-writers", "one process writes a journal", "runtime/live/lock.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB",
        ("tests/runtime/live/test_lock.py",),
    ),
)  # fmt: skip
