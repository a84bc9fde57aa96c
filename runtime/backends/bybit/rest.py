"""Typed calls of the venue's HTTP interface, whatever carries them.

The law: what changes something ends in a `Verdict`, what asks ends in rows or in `None`, which is *no answer*
and never *nothing there*. What protects, what opens, the account's lists and the market's data go each over a
connection of their own: a slow history never delays a stop, nor does an entry, nor do bars the word of a fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.outcomes import (
    NOT_SENT,
    Outcome,
    Remedy,
    Request,
    Verdict,
    banned,
    no_answer,
    of_answer,
)
from runtime.errors import BackendError, NotSent, OutcomeUnknown

Rows = list[dict[str, Any]]
_PAGES = 50  # a list that never ends is no answer
_WINDOW_MS = 7 * 86_400_000
_LIMIT, _LEFT, _RESET = "x-bapi-limit", "x-bapi-limit-status", "x-bapi-limit-reset-timestamp"


class Banned(BackendError):
    """The venue takes nothing from this address for a while."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer, errors included, and the headers it came with."""

    answer: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Carries one request. Raises NotSent, OutcomeUnknown or Banned; never tries again by itself.

    `clock` is what requests are stamped by, ms UTC; stamps are `ahead_ms` earlier than it.
    """

    ahead_ms: int

    def clock(self) -> int: ...

    def send(self, method: str, path: str, fields: Body) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Dated:
    """Rows, and when the venue told them: ms UTC by its own clock."""

    rows: Rows
    at: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the headers of an answer say about the limit of its endpoint; times in ms."""

    path: str
    limit: int
    left: int
    reset: int


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request that changes something."""

    verdict: Verdict
    allowance: Allowance | None = None


def allowance(path: str, headers: Mapping[str, str]) -> Allowance | None:
    """Read the limit headers, whatever their letters; None where the answer has none."""
    found = {name.lower(): value for name, value in headers.items()}
    values = [found.get(name, "") for name in (_LIMIT, _LEFT, _RESET)]
    if not all(value.isdigit() for value in values):
        return None
    limit, left, reset = map(int, values)
    return Allowance(path, limit, left, reset)


class Rest:
    """The venue's HTTP interface. Each transport is for one thread at a time.

    `placing` and `asking` carry the requests; `protecting` those that protect, reduce or cancel, and `market`
    those of the market's data, where they are given.
    """

    def __init__(
        self,
        placing: Transport,
        asking: Transport,
        *,
        protecting: Transport | None = None,
        market: Transport | None = None,
    ) -> None:
        self._placing = placing
        self._asking = asking
        self._protecting = protecting or placing
        self._market = market or asking
        # VENUE: docs/v5/rate-limit: what is asked while an address is banned prolongs that.
        self.is_stopped: Callable[[], bool] = lambda: False
        self.is_banned = False  # a question was answered with a ban
        self.is_off = False  # a stamp was refused

    # ------------------------------------------------------------ what changes something

    def post(
        self, request: Request, path: str, body: Body, now: int, *, protects: bool = False
    ) -> Sent:
        """Send a request that changes something and return its fate; `now` ms UTC."""
        road = self._protecting if protects else self._placing
        try:
            got = road.send("POST", path, body)
        except NotSent as error:
            return Sent(Verdict(outcome=NOT_SENT.outcome, code="not_sent", text=str(error)))
        except Banned as error:
            return Sent(banned(str(error)))
        except OutcomeUnknown as error:
            return Sent(no_answer(request, str(error)))
        told = allowance(path, got.headers)
        wait = 1_000 if told is None else min(60_000, max(50, told.reset - now))
        verdict = of_answer(request, got.answer, wait_ms=wait)
        if verdict.remedy is Remedy.CLOCK:
            self._refused_stamp(road)
        return Sent(verdict, told)

    def _refused_stamp(self, road: Transport) -> None:
        """Measure how far our clock is from the venue's: the next request is signed right."""
        self.is_off = True
        before = road.clock()
        with suppress(NotSent, OutcomeUnknown, Banned):
            theirs = _time_of(road.send("GET", "market/time", {}).answer.get("result"))
            if theirs is not None:
                self.sign_ahead((before + road.clock()) // 2 - theirs)

    @property
    def clock(self) -> Callable[[], int]:
        """Return the clock that signs, ms UTC: nothing is taken off it."""
        return self._asking.clock

    @property
    def signed_ahead(self) -> int:
        """Return what is taken off our clock in stamps, ms."""
        return self._asking.ahead_ms

    def sign_ahead(self, ahead: int) -> None:
        """Have requests signed `ahead` ms earlier than our clock says."""
        for road in (self._placing, self._asking, self._protecting, self._market):
            road.ahead_ms = ahead

    def keep_warm(self, *, protects: bool = False) -> None:
        """Use a connection that requests leave by: one that idles is closed by the other side.

        COST: a request that finds it closed waits for three ways there and back, or its fate is unknown.
        """
        if self.is_stopped():
            return
        with suppress(NotSent, OutcomeUnknown, Banned):
            (self._protecting if protects else self._placing).send("GET", "market/time", {})

    # ------------------------------------------------------------ what asks

    def ask(self, path: str, fields: Body) -> Mapping[str, Any] | None:
        """Return the `result` of a query, None where no good answer came or nothing may be asked."""
        answer = self._ask(path, fields)
        result = None if answer is None else answer.get("result")
        return result if isinstance(result, Mapping) else None

    def _ask(self, path: str, fields: Body) -> Mapping[str, Any] | None:
        if self.is_stopped():
            return None
        carrier = self._market if path.startswith("market/") else self._asking
        try:
            answer = carrier.send("GET", path, fields).answer
        except Banned:
            self.is_banned = True
            return None
        except (NotSent, OutcomeUnknown):
            return None
        verdict = of_answer(Request.QUERY, answer)
        if verdict.remedy is Remedy.CLOCK:
            self._refused_stamp(self._asking)
        if verdict.outcome is not Outcome.RECEIVED:
            return None
        return answer

    def rows(self, path: str, fields: Body) -> Rows | None:
        """Return the rows of all pages, None where one of them did not come.

        A cursor goes back as it came.
        """
        found: Rows = []
        cursor = ""
        for _ in range(_PAGES):
            result = self.ask(path, fields | ({"cursor": cursor} if cursor else {}))
            page = None if result is None else result.get("list")
            if result is None or not isinstance(page, list):
                return None
            found += page
            before, cursor = cursor, str(result.get("nextPageCursor") or "")
            if not cursor or cursor == before or not page:
                return found
        return None

    def server_time(self) -> int | None:
        """Return the venue's clock in ms UTC, None without an answer."""
        return _time_of(self.ask("market/time", {}))

    def open_orders(self, symbol: str) -> Rows | None:
        """Return every working order of a symbol, plain and conditional."""
        return self.rows("order/realtime", _linear(symbol) | {"limit": 50, "openOnly": 0})

    def order(self, symbol: str, link: str) -> Rows | None:
        """Return the rows of one order by link id: the working ones, else the closed ones.

        VENUE: docs/v5/order/open-order: recent closed orders are found by id in realtime too, until a
        restart of the venue; older ones are in the history alone.
        """
        by_link = _linear(symbol) | {"orderLinkId": link}
        now = self.rows("order/realtime", by_link)
        if now is None or now:
            return now
        return self.rows("order/history", by_link)

    def executions(self, symbol: str, start: int, now: int, *, link: str = "") -> Rows | None:
        """Return executions from `start` on (ms UTC), or those of one order, however old."""
        asked = _linear(symbol) | {"limit": 100}
        if link:
            return self.rows("execution/list", asked | {"orderLinkId": link})
        return self._windows("execution/list", asked, start, now)

    def transfers(self, start: int, now: int) -> Rows | None:
        """Return what moved the wallet's USDT from `start` on (ms UTC), trades included."""
        asked = {"accountType": "UNIFIED", "currency": "USDT", "limit": 50}
        return self._windows("account/transaction-log", asked, start, now)

    def _windows(self, path: str, asked: Body, start: int, now: int) -> Rows | None:
        """Return the rows of all windows from a start on, None where one of them did not come.

        VENUE: docs/v5/order/execution: a query reaches over seven days at most.
        """
        found: Rows = []
        while True:
            end = start + _WINDOW_MS
            rows = self.rows(path, asked | {"startTime": start, "endTime": end})
            if rows is None:
                return None
            found += rows
            if end > now:
                return found
            start = end

    def facts(self, symbol: str) -> tuple[Rows, Rows] | None:
        """Return the rows of instruments-info and of risk-limit, None without both."""
        info = self.rows("market/instruments-info", _linear(symbol))
        tiers = None if info is None else self.rows("market/risk-limit", _linear(symbol))
        return None if info is None or tiers is None else (info, tiers)

    def position(self, symbol: str) -> Rows | None:
        """Return the position rows of a symbol: one, or two where hedging is on."""
        return self.rows("position/list", _linear(symbol))

    def wallet(self) -> Rows | None:
        """Return the wallet row of the unified account."""
        return self.rows("account/wallet-balance", {"accountType": "UNIFIED"})

    def margin_mode(self) -> str | None:
        """Return the margin mode of the account, for all of its contracts; None without an answer."""
        found = (self.ask("account/info", {}) or {}).get("marginMode")
        return str(found) if found else None

    def funding(self, symbol: str, start: int, end: int) -> Rows | None:
        """Return the settled funding rates of [start, end], ms UTC, newest first."""
        return self.rows(
            "market/funding/history", _linear(symbol) | {"startTime": start, "endTime": end}
        )

    def bars(self, symbol: str, interval: str, start: int, count: int = 1_000) -> Dated | None:
        """Return klines from `start` (ms UTC) on, oldest first, the open one included.

        VENUE: docs/v5/guide#response: every answer says when it was given. Rows of a query do not say whether
        they have closed: by our own clock, where that is ahead, an open bar would pass for a closed one.
        """
        fields = _linear(symbol) | {"interval": interval, "start": start, "limit": count}
        answer = self._ask("market/kline", fields) or {}
        result, at = answer.get("result"), answer.get("time")
        rows = result.get("list") if isinstance(result, Mapping) else None
        if not isinstance(rows, list) or not isinstance(at, int):
            return None
        return Dated(list(reversed(rows)), at)


def _time_of(result: object) -> int | None:
    nano = result.get("timeNano") if isinstance(result, Mapping) else None
    return int(nano) // 1_000_000 if isinstance(nano, str) and nano.isdigit() else None


def _linear(symbol: str) -> Body:
    return {"category": "linear", "symbol": symbol}


def measured_offset(rest: Rest, clock: Iterator[int]) -> int | None:
    """Return how far our clock is ahead of the venue's, ms: the median of three looks, None without.

    `clock` yields our time in ms, once before and once after each look.
    """
    seen = sorted((before + after) // 2 - theirs for before, theirs, after in _looks(rest, clock))
    return seen[len(seen) // 2] if seen else None


def certain_offset(rest: Rest, clock: Iterator[int]) -> int | None:
    """Return how far our clock is ahead at least, ms (negative: behind), None without an answer.

    Whatever the way there and back took is no offset: on a slow line nothing is certain.
    """
    seen = sorted(
        max(0, before - theirs) + min(0, after - theirs)
        for before, theirs, after in _looks(rest, clock)
    )
    return seen[len(seen) // 2] if seen else None


def _looks(rest: Rest, clock: Iterator[int]) -> Iterator[tuple[int, int, int]]:
    for _ in range(3):
        before = next(clock)
        theirs = rest.server_time()
        after = next(clock)
        if theirs is not None:
            yield before, theirs, after
