"""The watchdog: another process that reads a session's heartbeat and looks at the venue when it is silent.

The law: silence is told, with what stands at the venue and what nobody knows. It touches nothing but where it
was asked to close, and then only by a panic. A session that was ended in order is told of once: who ended it has
left its position there. What was on its way then may still come: that it is more than was told is told, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from runtime.backends.bybit.rest import Rest
from runtime.formulas.sums import total
from runtime.live.pulse import Heartbeat, read_heartbeat

SETTLE_MS = 5_000  # a second look comes so long after the first
_AGAIN_MS = 60_000  # between two alarms of one silence
_LOOK_MS = 10_000  # between two looks at what comes after an end in order
_LATE_MS = 600_000  # so long after its end what a session had on its way is looked for


class Close(StrEnum):
    """When a silent session's position is closed."""

    NEVER = "never"
    UNCOVERED = "uncovered"  # where the venue says that a part of it has no stop
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """What the venue says, base units signed; None where it did not answer."""

    size: float | None
    uncovered: float | None

    @property
    def text(self) -> str:
        if self.size is None:
            return "the venue does not answer: position unknown"
        if not self.size:
            return "no position at the venue"
        if self.uncovered is None:
            return f"position {self.size:g} at the venue, its stops unknown"
        if self.uncovered:
            return f"position {self.size:g} at the venue, {self.uncovered:g} of it WITHOUT A STOP"
        return f"position {self.size:g} at the venue, all of it has a stop there"

    def is_more_than(self, told: VenuePosition) -> bool:
        """Return whether more is held, or without a stop, than was told; what nobody knows is not."""
        is_larger = self.size is not None and abs(self.size) > abs(told.size or 0.0)
        is_barer = self.uncovered is not None and self.uncovered > (told.uncovered or 0.0)
        return is_larger or is_barer


@dataclass(frozen=True, slots=True)
class Alarm:
    """A silence. `closes`: whether the position is to be closed; `is_over`: it was ended in order."""

    text: str
    closes: bool = False
    is_over: bool = False


class Watchdog:
    """Looks at one heartbeat file. `look` is called every few seconds, with ms UTC on the wall."""

    def __init__(
        self,
        path: Path,
        rest: Rest | None,
        *,
        silent_ms: int = 30_000,
        close: Close = Close.NEVER,
        settle_ms: int = SETTLE_MS,
        lives: Callable[[int], bool] | None = None,
    ) -> None:
        self._path = path
        self._rest = rest
        self._silent_ms = silent_ms
        self._close = close
        self._settle_ms = settle_ms
        self._lives = lives or process_lives
        self._told_at: int | None = None
        self._silent_since: tuple[int, int] | None = (
            None  # the first look that missed a beat, and of which
        )
        self._started: int | None = None
        self._over_at: int | None = None  # the last beat of one that was ended, once it was told of
        self._over = VenuePosition(None, None)  # what was told to be at the venue then
        self._looked_at = 0  # when that was asked for last

    def look(self, now: int) -> Alarm | None:
        """Return an alarm, at most once a minute; None while the session speaks."""
        if self._started is None:
            self._started = now
        beat = read_heartbeat(self._path)
        if beat is not None and beat.ended:
            return self._end_of(beat, now)
        since = self._started if beat is None else beat.at
        if now - since < self._silent_ms:
            self._told_at = self._silent_since = None
            return None
        # After a sleep of the machine, or a step of its clock, an old beat says nothing: the session has had no
        # moment to write another. Silence is what a later look still finds.
        if self._silent_since is None or self._silent_since[1] != since:
            self._silent_since = (now, since)
        if now - self._silent_since[0] < self._settle_ms:
            return None
        if self._told_at is not None and now - self._told_at < _AGAIN_MS:
            return None
        self._told_at = now
        return self._alarm(beat, (now - since) // 1_000)

    def _alarm(self, beat: Heartbeat | None, seconds: int) -> Alarm:
        if beat is None:
            return Alarm(self._without_a_beat())
        state = "hangs" if self._lives(beat.pid) else "is gone"
        text = f"{beat.symbol} on {beat.venue}: silent for {seconds} s, process {beat.pid} {state}"
        if self._rest is None:
            return Alarm(f"{text}; {held_of(beat)}")
        position = position_at_venue(self._rest, beat.symbol)
        return Alarm(f"{text}; {position.text}", self._is_to_close(position))

    def _end_of(self, beat: Heartbeat, now: int) -> Alarm | None:
        """Return the word of an end in order, once, and of what came after it; what has no stop may be closed then, too."""
        is_told = self._over_at == beat.at
        text = f"{beat.symbol} on {beat.venue}: ended by {beat.ended}"
        if is_told and (
            self._rest is None or now - beat.at > _LATE_MS or now - self._looked_at < _LOOK_MS
        ):
            return None
        self._over_at, self._looked_at = beat.at, now
        if self._rest is None:
            return Alarm(f"{text}; {held_of(beat)}", is_over=True)
        position = position_at_venue(self._rest, beat.symbol)
        if is_told and not position.is_more_than(self._over):
            return None
        self._over = position
        closes = self._close is not Close.NEVER and bool(position.size and position.uncovered)
        since = ", and there is more than was told" if is_told else ""
        return Alarm(f"{text}{since}; {position.text}", closes, is_over=True)

    def _without_a_beat(self) -> str:
        """Return why there is no beat: a file that never was has been silent for no number of seconds."""
        if self._path.is_dir():
            return f"{self._path} is a folder: name the heartbeat.json in a session's folder"
        if self._path.exists():
            return f"{self._path} holds no heartbeat: name the heartbeat.json of a session"
        return f"there is no file {self._path}: no session has written it yet, or its folder is another"

    def _is_to_close(self, position: VenuePosition) -> bool:
        if not position.size:  # missing data never closes a position
            return False
        match self._close:
            case Close.NEVER:
                return False
            case Close.UNCOVERED:
                return bool(position.uncovered)
            case Close.ALWAYS:
                return True


def held_of(beat: Heartbeat) -> str:
    """Return what a session said last that it holds."""
    return f"it held {beat.held_lots} lots, {beat.open_lots} without a stop"


def position_at_venue(rest: Rest, symbol: str) -> VenuePosition:
    """Ask the venue for the position and how much of it has no stop."""
    positions, orders = rest.position(symbol), rest.open_orders(symbol)
    if positions is None:
        return VenuePosition(None, None)
    size = total(_signed(row) for row in positions)
    if orders is None:
        return VenuePosition(size, None)
    side = "Sell" if size > 0 else "Buy"
    stops = total(float(row.get("qty") or 0) for row in orders if _protects(row, side, size))
    full = any(float(row.get("stopLoss") or 0) for row in positions)
    return VenuePosition(size, 0.0 if full else max(0.0, round(abs(size) - stops, 12)))


def _signed(row: Mapping[str, Any]) -> float:
    size = float(row.get("size") or 0)
    return -size if row.get("side") == "Sell" else size


def _protects(row: Mapping[str, Any], side: str, size: float) -> bool:
    """Return whether an order is a stop of the position: reduces it, and waits on the losing side."""
    falls = str(row.get("triggerDirection")) == "2"
    is_stop = bool(float(row.get("triggerPrice") or 0)) and falls == (size > 0)
    return is_stop and row.get("side") == side and bool(row.get("reduceOnly"))


def process_lives(pid: int) -> bool:
    """Return whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
