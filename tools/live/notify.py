"""Notices of a session to people elsewhere, by a process of its own that reads the journal.

The law: a session never waits for it and never knows of it; one kind is told at most once a minute, and what
it sends holds no secret.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runtime.backends.base import Loudness, Notice
from runtime.backends.bybit.keys import without_keys
from runtime.live.codec import decode
from runtime.live.items import LinkSaid, Ordered
from runtime.live.journal import Record, RecordKind
from runtime.live.pulse import read_heartbeat
from runtime.live.watchdog import held_of
from runtime.orders.commands import CancelOrder
from runtime.orders.events import OrderFilled
from tools.live.folders import HEARTBEAT
from tools.live.reading import ReadJournal
from tools.live.redact import redacted

_EVERY_S = 60.0
_TIMEOUT_S = 10.0
_SILENT_MS = 30_000
TELEGRAM = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_LONGEST = 4_096  # of a text, by the bot API
_LOUD = (Loudness.ALARM, Loudness.ENTRIES, Loudness.HALT)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell. `ts` ms UTC of the session."""

    kind: str
    loudness: str
    text: str
    ts: int


class Tail:
    """What a journal has brought since the last look."""

    def __init__(self, folder: Path, *, fills: bool = False) -> None:
        self._folder = folder
        self._journal = ReadJournal(folder)
        self._next = len(self._journal) + 1
        self._fills = fills
        self._was_halted = ""
        self._over_at = 0  # the beat of an end that was told

    def look(self, now_ms: int) -> Iterator[Note]:
        """Yield what is new; `now_ms` is the wall clock, for a heart that stands still."""
        for record in self._journal.records(self._next):
            self._next = record.seq + 1
            note = self._note(record)
            if note is not None:
                yield note
        beat = read_heartbeat(self._folder / HEARTBEAT)
        if beat is None:
            return
        if beat.halted and beat.halted != self._was_halted:
            yield Note("halted", "halt", beat.halted, beat.at)
        self._was_halted = beat.halted
        if beat.ended:
            if self._over_at != beat.at:
                yield Note("ended", "note", f"ended by {beat.ended}; {held_of(beat)}", beat.at)
            self._over_at = beat.at
        elif now_ms - beat.at > _SILENT_MS:
            text = (
                f"no heartbeat for {(now_ms - beat.at) // 1_000} s; {beat.held_lots} lots are held"
            )
            yield Note("silent", "halt", text, now_ms)

    def _note(self, record: Record) -> Note | None:
        if record.kind is RecordKind.COMMAND:
            command = decode(record.body)
            if isinstance(command, CancelOrder) and command.reason == "halted":
                return Note(
                    "halted", "halt", "the session halted and cancels its entries", record.ts
                )
            return None
        if record.kind is not RecordKind.ITEM and not self._fills:
            return None
        match decode(record.body) if record.kind is not RecordKind.HASH else None:
            case Notice(kind=kind, loudness=loudness, text=text) if loudness in _LOUD:
                return Note(kind, loudness.value, text, record.ts)
            case LinkSaid(link=link, is_up=False, why=why) if why != "start":
                return Note(f"link_{link}", "alarm", f"the {link} stream is down: {why}", record.ts)
            case Ordered(word=word, by=by) if word in ("halt", "flatten", "resume"):
                return Note(word, "note", f"{word} by {by}", record.ts)
            case OrderFilled() as fill if self._fills:
                text = f"{fill.order_id}: {fill.quantity} lots at {fill.price:.10g}"
                return Note(f"fill_{fill.execution_id}", "note", text, record.ts)
            case _:
                return None


@dataclass(slots=True)
class Throttle:
    """Lets one of a kind through in a minute. Times in seconds of a clock that only goes forward."""

    last: dict[str, float] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    def passes(self, kind: str, now: float) -> bool:
        """Return whether a note may be sent now; those held back are counted."""
        if now - self.last.get(kind, -_EVERY_S) < _EVERY_S:
            self.held[kind] = self.held.get(kind, 0) + 1
            return False
        self.last[kind] = now
        return True


Sink = Callable[[Note], str]  # why it could not be sent, "" where it was


def by_command(words: str) -> Sink:
    """Return a sink that runs a command with the note as JSON on its standard input, and without keys."""

    def send(note: Note) -> str:
        told = redacted(json.dumps(asdict(note)))
        try:
            done = subprocess.run(
                words,
                shell=True,
                input=told,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
                capture_output=True,
                env=without_keys(os.environ),
            )
        except subprocess.TimeoutExpired:
            return f"the command took longer than {_TIMEOUT_S:g} s and was ended"
        return "" if done.returncode == 0 else f"the command ended with {done.returncode}"

    return send


def by_webhook(url: str) -> Sink:
    """Return a sink that posts the note as JSON (`text` for chats, and the fields)."""

    def send(note: Note) -> str:
        return _posted(url, asdict(note) | {"text": _line(note)}, "the webhook")

    return send


def is_token(text: str) -> bool:
    """Return whether a text is of the form that the bot API gives tokens in."""
    return _TOKEN.fullmatch(text) is not None


def by_telegram(token: str, chat: str, base: str = TELEGRAM) -> Sink:
    """Return a sink that writes to a chat of a bot (bot API, `sendMessage`).

    `chat`: its number, or `@name` of a channel; `base`: where the bot API is served.
    """
    url = f"{base.rstrip('/')}/bot{token}/sendMessage"

    def send(note: Note) -> str:
        return _posted(url, {"chat_id": chat, "text": _line(note)[:_LONGEST]}, "Telegram")

    return send


def _line(note: Note) -> str:
    return f"{note.kind}: {note.text}"


def _posted(url: str, told: dict[str, object], who: str) -> str:
    """Post JSON; return why it was not taken. The address may hold a token: it is not repeated."""
    head = {"Content-Type": "application/json", "User-Agent": "ideacard"}
    try:
        body = redacted(json.dumps(told)).encode()
        request = urllib.request.Request(url, data=body, headers=head)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S):
            return ""
    except urllib.error.HTTPError as error:
        return f"{who} did not take it: {error.code}{_described(error)}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"{who} did not take it: {type(error).__name__}"


def _described(error: urllib.error.HTTPError) -> str:
    """Return what the bot API says of a refusal, "" where an answer says nothing."""
    try:
        said = json.loads(error.read(_LONGEST))["description"]
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return ""
    return f" {redacted(str(said))}"


def watch(
    tail: Tail,
    sinks: list[Sink],
    say: Callable[[str], None],
    stops: Callable[[], bool],
    *,
    pause_s: float = 0.5,
) -> None:
    """Send what comes until told to stop; what could not be sent is said and not tried again."""
    throttle = Throttle()
    while not stops():
        for note in tail.look(time.time_ns() // 1_000_000):
            if not throttle.passes(note.kind, time.monotonic()):
                continue
            say(f"{note.loudness} {note.kind}: {redacted(note.text)}")
            for sink in sinks:
                why = sink(note)
                if why:
                    say(why)
        time.sleep(pause_s)
