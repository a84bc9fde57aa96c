"""The bars an exec bar is gone through by: itself, or under `magnify` the finer ones inside it."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.backends.sim.marks import Marks, marks_for
from runtime.market.data import MarketData
from runtime.market.frame import Bar


@dataclass(frozen=True, slots=True)
class Part:
    """One (finer) bar of an exec bar, or a mark bar of the hole before it; times in ms UTC."""

    bar: Bar
    mark: Bar
    ts: int
    interval_ms: int
    number: int = 0  # among the parts of its exec bar
    is_hole: bool = False

    @property
    def is_first(self) -> bool:
        return self.number == 0 and not self.is_hole


class Parts:
    """Cuts exec bars into parts, in the order of time. `fallbacks` counts bars without finer ones."""

    def __init__(self, data: MarketData, *, magnify: bool) -> None:
        self.data = data
        self.marks: Marks = marks_for(data.exec, data.mark)
        self.fallbacks = 0
        self._magnifies = magnify
        self._fine_marks = None
        if magnify and data.fine is not None:
            self._fine_marks = marks_for(data.fine, data.mark)
        self._fine_row = 0

    def of(self, t: int) -> list[Part]:
        """Return the parts of exec bar t."""
        if not self._magnifies:
            return [self.whole(t)]
        parts = self._finer(t)
        if not parts:
            self.fallbacks += 1
            return [self.whole(t)]
        return parts

    def whole(self, t: int) -> Part:
        frame = self.data.exec
        return Part(frame.bar(t), self.marks.bar(t), frame.ts[t], frame.interval_ms)

    def _finer(self, t: int) -> list[Part]:
        fine, marks, frame = self.data.fine, self._fine_marks, self.data.exec
        if fine is None or marks is None:
            return []
        start, end = frame.ts[t], frame.close_time(t)
        row = self._fine_row
        while row < len(fine) and fine.ts[row] < start:
            row += 1
        self._fine_row = row
        parts: list[Part] = []
        while row < len(fine) and fine.ts[row] < end:
            part = Part(fine.bar(row), marks.bar(row), fine.ts[row], fine.interval_ms, len(parts))
            parts.append(part)
            row += 1
        # A hole among the finer bars would hide what happened in it: the coarse bar knows.
        return parts if len(parts) * fine.interval_ms == end - start else []
