"""`anchor: ny`: an indicator that begins anew with a session of the card.

The law: it reads the session on its own bars, its own timeframe and symbol, whatever the card's are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from compiler.catalog.session import SESSION, on_bars_of
from compiler.catalog.session_anchors import BY_SESSION, ROLE, anchor_names
from compiler.catalog.types import Entry
from compiler.resolve.scope import Instance
from compiler.syntax import tree as s


def anchored(
    feature: s.Feature, entry: Entry, sessions: Collection[str]
) -> tuple[s.Feature, Entry]:
    """Return a feature whose anchor is a session as one that depends on it; any other as it is."""
    twin = BY_SESSION.get(entry.type)
    if twin is None:
        return feature, entry
    names = anchor_names(entry)
    found = next((a for a in feature.params if a.name in names and _named(a) in sessions), None)
    if found is not None:
        dependency = s.Dependency(ROLE, _named(found) or "", span=found.span)
        rest = tuple(argument for argument in feature.params if argument is not found)
        feature = replace(feature, params=rest, depends_on=(*feature.depends_on, dependency))
    is_anchored = any(dependency.role == ROLE for dependency in feature.depends_on)
    return feature, twin if is_anchored else entry


def _named(argument: s.Argument) -> str | None:
    value = argument.value
    if isinstance(value, s.Name):
        return value.head if value.field is None and value.timeframe is None else None
    return value if isinstance(value, str) else None


def session_on(session: Instance, timeframe: str, symbol: str | None) -> Instance:
    """Return a session as it is on other bars; itself where they are its own."""
    if (session.timeframe, session.symbol) == (timeframe, symbol):
        return session
    of = "" if symbol is None else f" of {symbol}"
    return replace(
        session,
        id=f"{session.id}@{timeframe}{of}",
        timeframe=timeframe,
        symbol=symbol,
        params=on_bars_of(session.params, timeframe),
        implicit=True,
    )


def is_session(instance: Instance) -> bool:
    return instance.entry is SESSION
