"""Zones of the world as moments and offsets, so that a session is the same wherever its card runs.

The law: read once, when a card is compiled; the graph holds the numbers, and its hash covers them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

_FIRST, _LAST = datetime(2009, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def zone_offsets(name: str) -> tuple[float, ...] | None:
    """Return (moment in ms UTC, minutes east of UTC from then on) pairs, flat; None: no such zone.

    The first pair holds for all earlier moments, too.
    """
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    found = [0.0, _minutes(zone, _FIRST)]
    day = _FIRST
    while day < _LAST:
        following = day + timedelta(days=1)
        if _minutes(zone, following) != found[-1]:
            moment = _change(zone, day, following)
            found += [moment.timestamp() * 1000.0, _minutes(zone, moment)]
        day = following
    return tuple(found)


def _minutes(zone: ZoneInfo, moment: datetime) -> float:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset.total_seconds() / 60.0


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first minute on which the offset is that of `after`."""
    new = _minutes(zone, after)
    low, high = 0, int((after - before).total_seconds()) // 60
    while high - low > 1:
        middle = (low + high) // 2
        if _minutes(zone, before + timedelta(minutes=middle)) == new:
            high = middle
        else:
            low = middle
    return before + timedelta(minutes=high)


def zone_names() -> tuple[str, ...]:
    """Return the names of all zones, for suggestions."""
    return tuple(sorted(available_timezones()))


# What people call a zone whose name says something else.
_CALLED = {
    "et": "America/New_York", "edt": "America/New_York", "ny": "America/New_York", "nyc": "America/New_York",
    "nyse": "America/New_York", "eastern": "America/New_York", "ct": "America/Chicago", "cdt": "America/Chicago",
    "cme": "America/Chicago", "pt": "America/Los_Angeles", "pdt": "America/Los_Angeles", "bst": "Europe/London",
    "uk": "Europe/London", "lse": "Europe/London", "frankfurt": "Europe/Berlin", "germany": "Europe/Berlin",
    "cest": "Europe/Berlin", "jst": "Asia/Tokyo", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore",
    "beijing": "Asia/Shanghai", "india": "Asia/Kolkata", "ist": "Asia/Kolkata", "sydney": "Australia/Sydney",
    "aest": "Australia/Sydney",
}  # fmt: skip


def zone_called(word: str) -> str | None:
    """Return the zone that people mean by a city, an exchange or an abbreviation; None where nobody can tell."""
    plain = word.strip().lower().replace(" ", "_").replace("-", "_")
    cities = [name for name in zone_names() if name.lower().rpartition("/")[2] == plain]
    return _CALLED.get(plain) or (cities[0] if len(cities) == 1 else None)
