"""Days, weeks (from Monday) and months of UTC as numbers; in the kernel subset."""

from __future__ import annotations

DAY_MS = 86_400_000


def month_number(day: int) -> int:
    """Return a number that grows by one with each month; `day` counts from 1970-01-01.

    Years begin in March here, so the leap day is a year's last (Hinnant, "days from civil").
    """
    shifted = day + 719_468
    era = shifted // 146_097
    in_era = shifted - era * 146_097
    year = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year + year // 4 - year // 100)
    return (era * 400 + year) * 12 + (5 * in_year + 2) // 153


def number_of_day(day: int, anchor: int) -> int:
    """Return the session of a day: 0 the day, 1 its week, 2 its month."""
    if anchor == 0:
        return day
    if anchor == 1:
        # The epoch was a Thursday.
        return (day + 3) // 7
    return month_number(day)


def session_number(ts: int, anchor: int) -> int:
    """Return the session in which a bar opens; `ts` in ms."""
    return number_of_day(ts // DAY_MS, anchor)


def begins_session(ts: int, anchor: int) -> bool:
    """Return whether a session begins exactly at `ts`."""
    day = ts // DAY_MS
    return ts % DAY_MS == 0 and number_of_day(day, anchor) != number_of_day(day - 1, anchor)
