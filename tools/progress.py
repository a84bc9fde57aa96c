"""One progress bar for all long work: on standard error, and only on a terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tick = Callable[[int, int], None]


@contextmanager
def progress_bar(title: str) -> Iterator[Tick]:
    """Yield a function (done, total) that draws progress; silent when nobody is watching."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


ENDS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
)  # Ctrl-C; kill, a service that stops; a closed terminal


@contextmanager
def interruptible(
    *signals: signal.Signals,
) -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed; pressed again it interrupts as usual.

    For long work that can stop between two steps and tell what it has. An exception raised at any
    instant may be lost in a callback of a library; a flag is not. `signals`: which count, in place of Ctrl-C
    alone. A closed terminal that the process was started to ignore (`nohup`) stays ignored; Ctrl-C, which a
    script's shell has its jobs ignore, counts.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    pressed = False
    counted = signals or (signal.SIGINT,)
    before = {one: signal.getsignal(one) for one in counted}
    if before.get(signal.SIGHUP) == signal.SIG_IGN:
        del before[signal.SIGHUP]

    def restore() -> None:
        for one, how in before.items():
            signal.signal(one, how)

    def note(_number: int, _frame: object) -> None:
        nonlocal pressed
        pressed = True
        restore()

    for one in before:
        signal.signal(one, note)
    try:
        yield lambda: pressed
    finally:
        restore()
