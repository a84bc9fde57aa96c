"""Sessions: what the zone's own calendar says of every bar, in any chunks and as machine code."""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from compiler.catalog.zones import zone_offsets
from runtime.features.session import KERNEL
from runtime.native.kernels import native_kernels

BAR = 30
OUTPUTS = ("active", "first", "last", "bars", "open", "high", "low", "close", "version", "over")
Rows = list[tuple[float, ...]]


def market(start: datetime, count: int, seed: int) -> tuple[array[int], list[array[float]]]:
    """Return opens of bars of half an hour, some missing, and their prices."""
    rng, ts, prices = Random(seed), array("q"), [array("d") for _ in range(4)]
    for place in range(count):
        if rng.random() < 0.05:
            continue
        ts.append(int((start + timedelta(minutes=BAR * place)).timestamp() * 1000))
        low, high = rng.randint(90, 99), rng.randint(101, 110)
        for column, value in zip(prices, (100, high, low, rng.randint(low, high)), strict=True):
            column.append(float(value))
    return ts, prices


def computed(
    kernel: object,
    ts: array[int],
    prices: list[array[float]],
    params: tuple[object, ...],
    cuts: list[int],
) -> Rows:
    outputs = [array("d", [math.nan] * len(ts)) for _ in OUTPUTS]
    state = array("d", bytes(72))
    for start, stop in zip([0, *cuts], [*cuts, len(ts)], strict=True):
        kernel.run(ts, *prices, *params, *outputs, state, start, stop)  # type: ignore[attr-defined]
    return list(zip(*outputs, strict=True))


def by_the_calendar(
    ts: array[int],
    prices: list[array[float]],
    zone: str,
    begin: int,
    end: int,
    days: set[int],
    closed: set[int],
) -> Rows:
    """Ask the zone itself, bar by bar."""
    rows, running, day, begun = [], [], None, 0
    seen = (math.nan,) * 4
    for row, ms in enumerate(ts):
        local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))
        minute, own = local.hour * 60 + local.minute, local.date()
        over = end < begin
        inside = minute >= begin or minute < end if over else begin <= minute < end
        if over and minute < end:
            own -= timedelta(days=1)
        number = own.toordinal() - datetime(1970, 1, 1).toordinal()
        inside = inside and own.weekday() in days and number not in closed
        first = inside and (not running or day != own)
        if first:
            running, day = [], own
            begun += row > 0 or (minute - begin) % (24 * 60) < BAR
        if inside:
            running.append(row)
            o, h, low, c = prices
            seen = (o[running[0]], max(h[r] for r in running), min(low[r] for r in running), c[row])
        left = (end - minute) % (24 * 60) or 24 * 60
        rows.append((
            float(inside), float(first), float(inside and left <= BAR),
            float(len(running)) if inside else 0.0, *seen, float(begun), float(not inside or left <= BAR),
        ))  # fmt: skip
        running = running if inside else []
    return rows


@pytest.mark.parametrize(
    ("zone", "begin", "end", "days", "closed"),
    [
        ("America/New_York", 570, 960, {0, 1, 2, 3, 4}, set()),
        ("Europe/London", 480, 990, {0, 2, 4}, {20_172}),
        ("Asia/Tokyo", 1320, 120, {0, 1, 2, 3, 4, 5, 6}, set()),
        ("Australia/Sydney", 0, 1440, {5, 6}, set()),
        ("UTC", 1110, 690, {6, 0, 1}, set()),
    ],
)
def test_a_session_is_what_the_zone_s_calendar_says(
    zone: str, begin: int, end: int, days: set[int], closed: set[int]
) -> None:
    offsets = zone_offsets(zone)
    assert offsets is not None
    params = (
        begin, end, BAR, array("d", sorted(map(float, days))),
        array("d", map(float, closed or {-1})), array("d", offsets),
    )  # fmt: skip
    native = native_kernels([KERNEL])["session"]
    # Both changes of the clock: in spring and in autumn.
    for start in (datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 10, 20, tzinfo=UTC)):
        ts, prices = market(start, 1_500, seed=begin)
        truth = by_the_calendar(ts, prices, zone, begin, end, days, closed)
        cuts = sorted(Random(end).sample(range(1, len(ts)), 6))
        for kernel, pieces in ((KERNEL, []), (KERNEL, cuts), (native, cuts)):
            assert repr(computed(kernel, ts, prices, params, pieces)) == repr(truth)


def test_a_zone_is_its_changes_and_an_unknown_one_is_none() -> None:
    assert zone_offsets("UTC") == (0.0, 0.0)
    new_york = zone_offsets("America/New_York")
    assert new_york is not None
    pairs = list(zip(new_york[::2], new_york[1::2], strict=True))
    spring = datetime(2025, 3, 9, 7, tzinfo=UTC).timestamp() * 1000
    assert (spring, -240.0) in pairs
    assert pairs[0] == (0.0, -300.0)
    assert zone_offsets("Mars/Olympus") is None
