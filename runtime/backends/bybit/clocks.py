"""How far our clocks are from the venue's: the one that signs, and the one that the session lives by.

The law: they are measured now and then, at once where one steps against the other or a stamp was refused. What
the way there and back may explain is no offset. Requests are signed by the venue's clock, whatever ours says.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.backends.base import Loudness, Notice, Tell
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.rest import Rest, certain_offset
from runtime.backends.bybit.worker import Worker

MOST_OFFSET_MS = 500  # VENUE: a stamp more than a second ahead is always refused (10002)
_Found = tuple[int | None, int | None, int | None]


class Clocks:
    """The clocks of one session. `now`: the session's, ms UTC.

    `correct` takes how far that one is ahead (ms, negative: behind); None where it is the venue's own.
    """

    def __init__(
        self, rest: Rest, now: Callable[[], int], correct: Callable[[int], None] | None, tell: Tell
    ) -> None:
        self._rest = rest
        self._now = now
        self._correct = correct
        self._tell = tell
        self._due = 0
        self._apart: int | None = None  # what the clock that signs was ahead of the session's
        self._is_out = False

    def look(self, now: int, asking: Worker, pace: Pace) -> None:
        """Measure where that is due."""
        apart = self._rest.clock() - now
        has_stepped = (
            self._correct is not None
            and self._apart is not None
            and abs(apart - self._apart) > MOST_OFFSET_MS
        )
        if self._is_out or not (now >= self._due or has_stepped or self._rest.is_off):
            return
        self._is_out, self._apart, self._rest.is_off = True, apart, False
        self._due = now + pace.clock_ms

        def then(found: _Found) -> None:
            self._is_out = False
            self._told(found, pace, now)

        asking.do(self._measured, then)

    def _measured(self) -> _Found:
        rest, signed = self._rest, self._rest.signed_ahead
        ours = certain_offset(rest, iter(rest.clock, None))
        left = None
        if ours is not None and (signed or abs(ours) > MOST_OFFSET_MS):
            left = certain_offset(rest, iter(lambda: rest.clock() - signed, None))
        lived = None if self._correct is None else certain_offset(rest, iter(self._now, None))
        return ours, left, lived

    def _told(self, found: _Found, pace: Pace, asked_at: int) -> None:
        ours, left, lived = found
        if left is not None and abs(left) > MOST_OFFSET_MS:
            self._rest.sign_ahead(self._rest.signed_ahead + left)
        if lived is not None and self._correct is not None:
            self._correct(lived)
        for whose, offset in (("our clock", ours), ("the session's clock", lived)):
            if offset is not None and abs(offset) > MOST_OFFSET_MS:
                self._due = self._now() + pace.reconcile_ms
                text = f"{whose} is {offset:+d} ms at least from the venue's"
                notice = Notice(kind="clock", loudness=Loudness.ENTRIES, text=text, ts=asked_at)
                self._tell(notice)
