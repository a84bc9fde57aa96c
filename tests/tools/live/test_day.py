"""A session that goes on for long holds what works, not what has been."""

from __future__ import annotations

from pathlib import Path

from tools.live_day import Day, count_orders

MINUTE_MS = 60_000


def test_orders_that_are_over_leave_memory_and_no_thread_is_added(tmp_path: Path) -> None:
    before = count_orders()
    day = Day(tmp_path, keep_ms=MINUTE_MS)
    first, second, third = day.hours(3, seconds=300)
    assert first.asked < second.asked < third.asked
    # What ended a minute ago goes at every hundredth bar.
    assert max(first.orders, second.orders, third.orders) - before < first.asked
    assert first.threads == second.threads == third.threads
    assert len(day.session.notices) <= 1_000
    assert len(day.desk.engine.refusals) <= 1_000
    assert not day.desk.guard.halted
