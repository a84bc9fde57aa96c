"""Rows off the wire: those of our symbol parsed, those nobody understands put aside.

The law: a row that cannot be read stops nothing. It is kept, told, and the position is asked for, since it
may have been a fill.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from runtime.backends.base import Loudness, Notice, Tell
from runtime.backends.bybit.messages import (
    Execution,
    KlineUpdate,
    MalformedMessage,
    OrderUpdate,
    PositionUpdate,
    WalletUpdate,
    concerns,
    parse_execution,
    parse_funding,
    parse_kline,
    parse_kline_row,
    parse_order,
    parse_position,
    parse_wallet,
)
from runtime.backends.bybit.rest import Dated
from runtime.backends.bybit.vocabulary import UnknownWord
from runtime.errors import DataError
from runtime.market.checks import utc
from runtime.market.download import instrument_of
from runtime.market.instrument_facts import Instrument

T = TypeVar("T")
Parse = Callable[[Mapping[str, Any], Instrument], T]
_KEPT = 100
_MOST_AHEAD_MS = 5_000


@dataclass(frozen=True, slots=True)
class Klines:
    """Klines of a query, oldest first, the open one included. `at`: the venue's time when it told them, ms UTC."""

    rows: tuple[KlineUpdate, ...]
    at: int


class Intake:
    """Parses the rows of one symbol. `quarantine` holds what could not be read, newest last."""

    def __init__(self, instrument: Instrument, tell: Tell, now: Callable[[], int]) -> None:
        self.instrument = instrument
        self.quarantine: deque[str] = deque(maxlen=_KEPT)
        self._tell = tell
        self._now = now

    def orders(self, rows: object) -> list[OrderUpdate]:
        return self._rows("order", rows, parse_order)

    def executions(self, rows: object) -> list[Execution]:
        return self._rows("execution", rows, parse_execution)

    def positions(self, rows: object) -> list[PositionUpdate]:
        return self._rows("position", rows, parse_position)

    def whole_position(self, rows: object) -> tuple[PositionUpdate, ...] | None:
        """Return the rows that say what we hold; None where one cannot be read or none is there: no answer.

        VENUE: docs/v5/position: asked by symbol, a flat position has its row, too.
        """
        told = [row for row in _mappings(rows) if concerns(row, self.instrument.symbol)]
        read = self._rows("position", told, parse_position)
        return tuple(read) if read and len(read) == len(told) else None

    def wallets(self, rows: object) -> list[WalletUpdate]:
        found = (self._guarded("wallet", row, parse_wallet) for row in _mappings(rows))
        return [one for one in found if one is not None]

    def klines(self, message: Mapping[str, Any]) -> list[KlineUpdate]:
        return self._guarded("kline", message, lambda m: list(parse_kline(m))) or []

    def bars(self, told: Dated, interval: str) -> Klines:
        found = (
            self._guarded("kline", {"row": row}, lambda one: parse_kline_row(one["row"], interval))
            for row in told.rows
        )
        return Klines(tuple(one for one in found if one is not None), told.at)

    def funding(self, rows: list[Any]) -> dict[int, float]:
        """Return the rates of a funding history by their times (ms UTC)."""
        found = (self._guarded("funding", row, parse_funding) for row in _mappings(rows))
        return dict(one for one in found if one is not None)

    def facts(self, rows: tuple[list[Any], list[Any]], now: int) -> tuple[Instrument, str] | None:
        """Return the facts of our contract and why nothing may be opened ("" if it may).

        None for facts that nobody can read or that cannot be true: the old ones hold, and entries wait.
        """
        info, tiers = rows
        row = next(
            (one for one in _mappings(info) if one.get("symbol") == self.instrument.symbol), {}
        )
        found = self._guarded("instruments-info", row, lambda one: instrument_of(one, tiers, ""))
        if found is None:
            text = "the venue's facts of the contract cannot be read or cannot be true: the old ones hold"
            self._tell(Notice(kind="facts_unread", loudness=Loudness.ENTRIES, text=text, ts=now))
            return None
        held = self.instrument
        dated = replace(found, as_of=held.as_of, source=held.source, is_typed_in=held.is_typed_in)
        return (dated if held.tiers else replace(dated, tiers=())), closed_market(row)

    def _rows(self, topic: str, rows: object, parse: Parse[T]) -> list[T]:
        found: list[T] = []
        for row in _mappings(rows):
            if not concerns(row, self.instrument.symbol):
                continue
            parsed = self._guarded(topic, row, lambda one: parse(one, self.instrument))
            if parsed is not None:
                found.append(self._bounded(parsed))
        return found

    def _bounded(self, row: T) -> T:
        """Return a row that is not of the future: what comes later would be older than it, for ever.

        A few seconds are borne: our clock may be behind the venue's.
        """
        now = self._now()
        if isinstance(row, Execution) and row.ts > now + _MOST_AHEAD_MS:
            return cast(T, replace(row, ts=now))
        if isinstance(row, OrderUpdate | PositionUpdate) and row.updated_at > now + _MOST_AHEAD_MS:
            return cast(T, replace(row, updated_at=now))
        return row

    def _guarded(
        self, topic: str, row: Mapping[str, Any], parse: Callable[[Mapping[str, Any]], T]
    ) -> T | None:
        try:
            return parse(row)
        # A shape nobody has seen may break the parser anywhere; the loop lives.
        except (
            UnknownWord,
            MalformedMessage,
            DataError,
            ArithmeticError,
            TypeError,
            ValueError,
            KeyError,
        ) as error:
            self.put_aside(topic, row, str(error))
            return None

    def put_aside(self, topic: str, row: object, why: str) -> None:
        """Keep what cannot be read and tell a person."""
        self.quarantine.append(json.dumps(row, default=repr)[:4_000])
        self._tell(Notice(kind="quarantine", loudness=Loudness.ALARM, text=f"{topic}: {why}"))


def closed_market(row: Mapping[str, Any]) -> str:
    """Return why nothing new may be opened in a contract, "" where it may."""
    status, end = str(row.get("status", "")), str(row.get("deliveryTime", "0") or "0")
    if status != "Trading":
        return f"the venue says `{status}` of the contract"
    if end == "0":
        return ""
    return f"the contract ends at {utc(int(end)) if end.isdecimal() else end}"


def _mappings(rows: object) -> Iterable[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
