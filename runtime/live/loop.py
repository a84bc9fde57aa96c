"""A session in real time: threads that wait put things in a queue, one thread takes them out.

The law: whatever happens in another thread reaches the session only through the queue, in order of arrival.
"""

from __future__ import annotations

import gc
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from runtime.backends.bybit.streams import LinkChanged, StreamMessage
from runtime.live.session import Session

T = TypeVar("T")
Thing = StreamMessage | LinkChanged | Callable[[], None]
_LOOK_S = 0.05
_SWITCH_S = 0.0005


def be_quick() -> None:
    """Set up this process for a session: call it once, when everything is imported and taken up.

    COST: a collection of rubbish walks through all that is there, tens of ms at a bad moment: what stands for
    good is left out. A thread that holds the interpreter lets go of it after half a ms, not five: the one
    that has a request in its hand waits for it.
    """
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)


class Worker:
    """One thread that carries jobs out one after the other; results come back through the queue."""

    def __init__(self, put: Callable[[Thing], object], name: str) -> None:
        self._put = put
        self._jobs: queue.SimpleQueue[Callable[[], Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)
        self._thread.start()

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Have a job done; `then` is called with its result in the session's loop."""

        def work() -> Callable[[], None]:
            result = job()
            return lambda: then(result)

        self._jobs.put(work)

    def _run(self) -> None:
        while (work := self._jobs.get()) is not None:
            self._put(work())

    def stop(self) -> None:
        """Finish what was given and end."""
        self._jobs.put(None)
        self._thread.join(timeout=10)


class Loop:
    """Feeds one session until it is told to stop."""

    def __init__(self) -> None:
        self._things: queue.SimpleQueue[Thing] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._aside: deque[Thing] = deque()  # what came while only answers were taken

    def put(self, thing: Thing) -> None:
        """Put something in, from any thread."""
        self._things.put(thing)

    def stop(self) -> None:
        self._stopping.set()

    def hear(self, session: Session, until: Callable[[], bool], seconds: float) -> None:
        """Take answers alone until something is so, or for so long: a fill that is told gets its stop.

        What the streams bring waits in its order, and no time passes: no bar is decided on, no entry leaves.
        """
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            with suppress(queue.Empty):
                thing = self._things.get(timeout=_LOOK_S)
                if isinstance(thing, StreamMessage | LinkChanged):
                    self._aside.append(thing)
                else:
                    self._give(session, thing)

    def run(self, session: Session, beat: Callable[[], None] = lambda: None) -> None:
        """Take things out and give them to the session, with a tick in between; `beat` after each."""
        while not self._stopping.is_set():
            with suppress(queue.Empty):
                self._give(session, self._next())
            session.tick()
            beat()

    def _next(self) -> Thing:
        return self._aside.popleft() if self._aside else self._things.get(timeout=_LOOK_S)

    def _give(self, session: Session, thing: Thing) -> None:
        match thing:
            case StreamMessage(message=message):
                session.frame(dict(message))
            case LinkChanged():
                session.link(thing.link, is_up=thing.is_up, why=thing.why)
            case _:
                thing()
                session.flush()
