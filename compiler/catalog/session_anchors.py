"""The signatures behind `vwap` and `vwap_bands` where their `anchor` is a session of the card.

They are no entries of the catalogue: a card writes `vwap(ny)`, and this is what it reads then.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.indicators_levels import LEVELS
from compiler.catalog.indicators_volume import VOLUME
from compiler.catalog.session import SESSION
from compiler.catalog.types import DependencySpec, Entry

ROLE = "session"
ANCHOR = "anchor"  # the parameter whose place the session takes


def _of_a_session(entry: Entry) -> Entry:
    """Return an entry that begins anew with a session instead of the day, week or month."""
    return replace(
        entry,
        type=f"session_{entry.type}",
        inputs=tuple(name for name in entry.inputs if name != "ts"),
        params=tuple(spec for spec in entry.params if spec.name != ANCHOR),
        depends=(DependencySpec(ROLE, (SESSION.type,), ("version", "active")),),
    )


def anchor_names(entry: Entry) -> frozenset[str]:
    """Return what the parameter of an entry may be called whose value may be a session, none where it has none."""
    specs = entry.params if entry.type in BY_SESSION else ()
    return frozenset(
        name for spec in specs if spec.name == ANCHOR for name in (ANCHOR, *spec.aliases)
    )


# By the type that a card writes.
BY_SESSION: dict[str, Entry] = {
    entry.type: _of_a_session(entry)
    for entry in (*VOLUME, *LEVELS)
    if entry.type in ("vwap", "vwap_bands")
}
