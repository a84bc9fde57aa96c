"""Times as people write them, as ms UTC: epochs by row, ISO, days first, two columns, zones.

The law: a time is exact or refused. Its unit is told by its size in every row, its order of day and
month by values that allow only one; a time without a zone is UTC unless the caller names one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from runtime.errors import DataError

# Bars of crypto markets: the first exchange opened in 2010; what is far outside is no such time.
FIRST_YEAR: Final = 1990
# Epochs by size: below 4e9 seconds (2096), 4e12 ms, 4e15 µs, 4e18 ns.
_UNITS: Final = ((4_000_000_000, 1000, 1), (4_000_000_000_000, 1, 1),
                 (4_000_000_000_000_000, 1, 1000), (4_000_000_000_000_000_000, 1, 1_000_000))  # fmt: skip
# 1990-01-01 and 2040-01-01 as workbooks count days.
_EXCEL_DAYS: Final = (32_874, 51_136)
_FIRST_MS: Final = int(datetime(FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp() * 1000)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_CLOCK = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,](\d{1,9}))?)?"
_ZONE = r"\s*(Z|UTC|GMT|(?:UTC|GMT)?[-+]\d{2}:?\d{2})?"
CLOCK_ONLY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?(\s*[AaPp]\.?[Mm]\.?)?|\d{6}|\d{4}")
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})" + _CLOCK + _ZONE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]{0,2}(\d{2}):?(\d{2})(?::?(\d{2}))?)?" + _ZONE)
_HALF_DAY = re.compile(
    r"(.*\d)[ T,]+(\d{1,2})(?:-|((?::\d{2}){0,2}(?:\.\d+)?)\s*)([AaPp])\.?[Mm]\.?"
)
_PLACE = re.compile(r" ([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)$")
_TURNED = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})" + _CLOCK + _ZONE)
_NAMED = re.compile(r"(?:[A-Za-z]{3,9},?\s+)??(?:([A-Za-z]{3,9})\.?\s+(\d{1,2})|(\d{1,2})[- ]([A-Za-z]{3,9}))"
                    r"[,\s-]+(\d{4})" + _CLOCK + _ZONE)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRules:
    """What the caller says of times: zone (IANA name or `+02:00`), order of day and month."""

    zone: str | None = None
    dayfirst: bool | None = None


def parse_epochs(column: Any) -> Any:
    """Return an integer Arrow column as ms: s, ms, µs or ns by each row's own size."""
    import pyarrow as pa
    import pyarrow.compute as pc

    value = pc.cast(column, pa.int64())
    low, top = pc.min_max(value).as_py().values()
    if top is None or low is None:
        return value
    floor = 0
    for limit, times, by in _UNITS:
        if floor <= low and top < limit:  # COST: one unit in all rows is the rule
            if by != 1:
                return pc.divide(value, by)
            return value if times == 1 else pc.multiply(value, times)
        floor = limit
    result = pc.divide(value, 1_000_000)
    for limit, times, by in reversed(_UNITS[:3]):
        one = (
            pc.divide(value, by)
            if by != 1
            else pc.multiply(pc.if_else(pc.less(value, limit), value, 0), times)
        )
        result = pc.if_else(pc.less(value, limit), one, result)
    return result


def parse_seconds(column: Any) -> Any:
    """Return epochs with a fraction (1758672000.1234) as whole ms, rounded down."""
    import pyarrow as pa
    import pyarrow.compute as pc

    top = pc.max(column).as_py() or 0.0
    scale = 1000.0 if top < _UNITS[0][0] else 1.0 if top < _UNITS[1][0] else 1e-3
    # A float of seconds is exact to a µs: half a µs keeps 0.123 s from becoming 0.122999 s.
    return pc.cast(pc.floor(pc.add(pc.multiply(column, scale), 5e-4)), pa.int64())


def parse_timestamps(name: str, column: Any, rules: TimeRules) -> Any:
    """Return an Arrow column of dates or timestamps as ms UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(column.type):
        column = pc.cast(column, pa.timestamp("ms"))
    has_zone = getattr(column.type, "tz", None) is not None
    unit = column.type.unit
    whole = (
        pc.cast(column, pa.int64())
        if has_zone
        else pc.cast(pc.cast(column, pa.timestamp(unit)), pa.int64())
    )
    by = {"s": 1, "ms": 1, "us": 1000, "ns": 1_000_000}[unit]
    ms = pc.multiply(whole, 1000) if unit == "s" else pc.divide(whole, by)
    return ms if has_zone else to_utc(name, ms, rules.zone)


def parse_texts(
    name: str, texts: list[str | None], rules: TimeRules
) -> tuple[list[int | None], bool]:
    """Return (ms UTC or local of every text, whether all carried a zone); None where none can be read.

    COST: row by row; a million rows take seconds. Plain epochs and ISO times never come here.
    """
    texts = [text if text is None else _on_24_hours(text.strip()) for text in texts]
    dayfirst = _day_order(name, texts, rules.dayfirst)
    found: list[int | None] = []
    zones = 0
    for text in texts:
        ms, has_zone = (None, False) if text is None else _one(text.strip(), dayfirst)
        found.append(ms)
        zones += has_zone
    readable = sum(1 for ms in found if ms is not None)
    if 0 < zones < readable:
        raise DataError(
            f"{name}: some times carry a zone and some do not; which zone are those of?"
        )
    return found, zones > 0


def _day_order(name: str, texts: list[str | None], asked: bool | None) -> bool:
    """Return whether days stand before months, by the values where they allow only one order."""
    firsts, seconds, shown = 0, 0, ""
    for text in texts:
        match = _TURNED.fullmatch(text.strip()) if text else None
        if match:
            firsts, seconds = max(firsts, int(match[1])), max(seconds, int(match[2]))
            shown = shown or str(text)
    if not shown:
        return bool(asked)
    if firsts > 12 and seconds > 12:
        raise DataError(f"{name}: dates such as `{shown}` have days in both places")
    known = True if firsts > 12 else False if seconds > 12 else None
    if known is not None and asked is not None and known != asked:
        order = "first" if known else "second"
        raise DataError(f"{name}: the days stand {order} in dates such as `{shown}`")
    if known is None and asked is None and "." in shown.split(" ")[0]:
        return True  # with dots nobody writes the month first
    if known is None and asked is None:
        raise DataError(
            f"{name}: `{shown}` can be read day first or month first: give --dayfirst or --monthfirst"
        )
    return bool(asked) if known is None else known


def _on_24_hours(text: str) -> str:
    """Return a time of day with AM or PM (`1:30 PM`, `11-AM`) as one of 24 hours; any other as it is."""
    match = _HALF_DAY.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12:
        return text
    hour = int(match[2]) % 12 + (12 if match[4] in "Pp" else 0)
    return f"{match[1]} {hour:02}{match[3] or ':00'}"


def with_named_zone(
    name: str, texts: list[str | None], rules: TimeRules
) -> tuple[list[str | None], TimeRules]:
    """Return times without the zone that all of them name (`20250102 09:30:00 US/Eastern`), as a rule.

    DataError where the caller says another zone.
    """
    match = _PLACE.search(next((text for text in texts if text), ""))
    if match is None or not all(text and text.endswith(match[0]) for text in texts):
        return texts, rules
    if rules.zone not in (None, match[1]):
        raise DataError(
            f"{name}: its times are of {match[1]} by their own words, not of {rules.zone}"
        )
    bare = [text and text.removesuffix(match[0]) for text in texts]
    return bare, replace(rules, zone=match[1])


def _one(text: str, dayfirst: bool) -> tuple[int | None, bool]:
    if match := _ISO.fullmatch(text):
        year, month, day, *rest = match.groups()
    elif match := _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, zone = match.groups()
        rest = [hour, minute, second, None, zone]
    elif match := _TURNED.fullmatch(text):
        one, two, year, *rest = match.groups()
        day, month = (one, two) if dayfirst else (two, one)
    elif match := _NAMED.fullmatch(text):
        word, day1, day2, word2, year, *rest = match.groups()
        name = str(word or word2)[:3].lower()
        if name not in _MONTHS:
            return None, False
        month, day = str(_MONTHS.index(name) + 1), day1 or day2
    else:
        return None, False
    return _assemble(int(year), int(month), int(day), rest)


def _assemble(year: int, month: int, day: int, rest: list[str | None]) -> tuple[int | None, bool]:
    hour, minute, second, fraction, zone = rest
    year += 2000 if year < 100 else 0
    try:
        moment = datetime(
            year, month, day, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None, False
    ms = int(moment.timestamp()) * 1000 + int((fraction or "").ljust(3, "0")[:3] or 0)
    return ms - offset_ms(zone or ""), bool(zone)


def offset_ms(zone: str) -> int:
    """Return the ms by which a zone written as an offset (`+02:00`, `GMT-0400`) is ahead of UTC."""
    match = re.search(r"([-+])(\d{2}):?(\d{2})$", zone)
    if match is None:
        return 0
    size = (int(match[2]) * 60 + int(match[3])) * 60_000
    return -size if match[1] == "-" else size


def to_utc(name: str, local: Any, zone: str | None) -> Any:
    """Return local wall times (ms as if UTC, Arrow column in the file's order) as ms UTC.

    The hour that a clock change repeats is told apart by its order: the second time a wall time
    occurs it is the later one. DataError for a wall time that never was.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if zone is None or zone.upper() in ("UTC", "GMT", "Z"):
        return local
    if re.fullmatch(r"[-+]\d{2}:?\d{2}", zone):
        return pc.subtract(local, offset_ms(zone))
    wall = pc.cast(local, pa.timestamp("ms"))
    try:
        early, late = (
            pc.cast(
                pc.assume_timezone(wall, zone, ambiguous=which, nonexistent="raise"), pa.int64()
            )
            for which in ("earliest", "latest")
        )
    except pa.ArrowInvalid as error:
        if "locate timezone" in str(error) or "time zone" in str(error):
            raise DataError(
                f"--tz {zone}: no such zone; expected e.g. Europe/Berlin or +02:00"
            ) from None
        raise DataError(f"{name}: a time that did not exist in {zone}: {error}") from None
    if pc.all(pc.equal(early, late)).as_py():
        return early
    return pa.chunked_array(
        [pa.array(_by_order(local.to_pylist(), early.to_pylist(), late.to_pylist()))]
    )


def _by_order(local: list[int], early: list[int], late: list[int]) -> list[int]:
    newest_first = len(local) > 1 and local[0] > local[-1]
    rows = range(len(local) - 1, -1, -1) if newest_first else range(len(local))
    seen: set[int] = set()
    result = list(early)
    for row in rows:
        if early[row] != late[row]:
            if local[row] in seen:
                result[row] = late[row]
            seen.add(local[row])
    return result


def check_years(name: str, ms: Any, now_ms: int) -> None:
    """Raise DataError for times no market has: before 1990 or later than now."""
    import pyarrow.compute as pc

    from runtime.market.checks import utc

    low, top = pc.min_max(ms).as_py().values()
    if low < _FIRST_MS:
        hint = _unit_hint(low)
        raise DataError(f"{name}: a time of {utc(low)}{hint}")
    if top > now_ms:
        raise DataError(
            f"{name}: a bar of {utc(top)} lies in the future (now {utc(now_ms)}): is the year, the "
            "zone (--tz) or the unit of the times what it seems?"
        )


def _unit_hint(ms: int) -> str:
    from runtime.market.checks import utc

    seconds = ms // 1000
    if _EXCEL_DAYS[0] <= seconds < _EXCEL_DAYS[1]:
        as_ms = (seconds - 25_569) * 86_400_000
        return (
            f": {seconds} is {utc(as_ms)} as a workbook counts days (from 1899-12-30): import the workbook itself, "
            "or give its column the format of a date before it is saved as text"
        )
    if ms < 86_400_000:
        return (
            ": are the times s, ms, µs or ns since 1970? Times of day, whose date stands in the name of the file "
            "(QuantConnect's minutes), need the date in a column of their own"
        )
    for unit, factor in (("minutes", 60), ("days", 86_400)):
        as_ms = seconds * factor * 1000
        if _FIRST_MS <= as_ms < 4_000_000_000_000:
            return (
                f": {seconds} would be {utc(as_ms)} as {unit} since 1970; times are s, ms, µs or ns, "
                f"so multiply by {factor}"
            )
    return ": are the times s, ms, µs or ns since 1970?"


def are_compact(column: Any) -> bool:
    """Return whether all cells are dates written as digits: 20250924, 202509241300, 20250924130000."""
    import pyarrow as pa
    import pyarrow.compute as pc

    head = pc.cast(column.slice(0, 1000), pa.string()).to_pylist()
    shape = re.compile(
        r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(([01]\d|2[0-3])[0-5]\d([0-5]\d)?)?"
    )
    return bool(head) and all(cell and shape.fullmatch(cell) for cell in head)


def carries_zone(text: str) -> bool:
    """Return whether a written time says its zone."""
    return bool(
        re.search(r":\d{2}(\.\d+)?\s*(Z|UTC|GMT|(?:UTC|GMT)?[-+]\d{2}:?\d{2})$", text.strip())
        or _PLACE.search(text)
    )


def parse_iso(name: str, text: Any, rules: TimeRules) -> Any:
    """Return ISO times of an Arrow column of text as ms UTC, None where it holds others.

    COST: whole columns; `parse_texts` takes seconds for a million rows.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for zone in ("UTC", None):
        try:
            stamps = pc.cast(text, pa.timestamp("ns", zone))
        except pa.ArrowInvalid:
            continue
        return None if stamps.null_count else parse_timestamps(name, stamps, rules)
    return None
