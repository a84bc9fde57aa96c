"""What a session's backend knows and its desk does not, for the picture.

The law: reads only; whatever is asked of the venue for it has been asked already.
"""

from __future__ import annotations

from runtime.backends.base import CAME_BACK, Notice
from runtime.backends.bybit.backend import BybitBackend
from runtime.live.session import Session
from tools.live.facts import SessionFacts
from tools.live.view import Around, NoticeRow

_OLD_MS = 1_000  # what is on its way for less is nothing to speak of


def rows_of(notices: list[Notice]) -> tuple[NoticeRow, ...]:
    """Return notices as the picture shows them, oldest first."""
    return tuple(NoticeRow(n.ts, n.kind, n.loudness.value, n.text) for n in notices)


def around(facts: SessionFacts, session: Session, now: int) -> Around:
    """Return what surrounds a session's desk."""
    notices = rows_of(session.notices[-50:])
    if not isinstance(session.side, BybitBackend):
        return Around(facts=facts, now=now, notices=notices, has_account=False)
    backend = session.side
    seen = backend.seen
    flying = [
        (f"{request} of {order}", now - at)
        for (order, request), at in backend.questions.flying().items()
    ]
    asked = [(f"what became of {order}", 0) for order in backend.sync.wanted]
    return Around(
        facts=facts,
        now=now,
        notices=notices,
        reconciled_ago_ms=None if seen.reconciled_at is None else now - seen.reconciled_at,
        differs=0 if seen.differs is None else seen.differs[1],
        sought=tuple(backend.sync.wanted),
        came_back=tuple(x for x, why in backend.sync.wanted.items() if why == CAME_BACK),
        flying_ms=tuple(x for x in flying if x[1] >= _OLD_MS) or tuple(asked),
    )
