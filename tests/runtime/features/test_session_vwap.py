"""The vwap of a session and its bands: what the zone's calendar and pandas say, in any chunks, as machine code."""

from __future__ import annotations

import math
from array import array
from datetime import UTC, datetime
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest

from compiler.catalog.zones import zone_offsets
from runtime.features.session import KERNEL as SESSION
from runtime.features.session_vwap import KERNELS
from runtime.native.kernels import native_kernels
from tests.runtime.features.test_session import BAR, OUTPUTS, computed, market

ZONE, BEGIN, END = "America/New_York", 570, 960
VWAP, BANDS = KERNELS


def news_and_active(ts: array[int], prices: list[array[float]]) -> list[array[float]]:
    zone = zone_offsets(ZONE)
    assert zone is not None
    params = (BEGIN, END, BAR, array("d", range(5)), array("d", [-1]), array("d", zone))
    columns = list(zip(*computed(SESSION, ts, prices, params, []), strict=True))
    return [array("d", columns[OUTPUTS.index(name)]) for name in ("version", "active")]


def run(
    kernel: Any, inputs: list[array[float]], params: tuple[float, ...], count: int, cuts: list[int]
) -> list[array[float]]:
    rows = len(inputs[0])
    outputs = [array("d", [math.nan] * rows) for _ in range(count)]
    state = array("d", bytes(8 * 5))
    for start, stop in zip([0, *cuts], [*cuts, rows], strict=True):
        kernel.run(*inputs, *params, *outputs, state, start, stop)
    return outputs


def by_pandas(ts: array[int], prices: list[array[float]], volume: array[float]) -> Any:
    """Return middle and deviation, bar by bar of the zone's calendar, held outside of the session."""
    local = pd.to_datetime(ts, unit="ms", utc=True).tz_convert(ZONE)
    minute = local.hour * 60 + local.minute
    inside = (minute >= BEGIN) & (minute < END) & (local.day_of_week < 5)
    frame = pd.DataFrame({"day": local.date, "v": np.array(volume)})
    frame["tp"] = (np.array(prices[1]) + np.array(prices[2]) + np.array(prices[3])) / 3
    frame = frame[inside]
    if inside[0] and minute[0] >= BEGIN + BAR:  # its beginning is not among the bars
        frame = frame[frame["day"] != local.date[0]]
    by_day = frame.assign(p=frame["tp"] * frame["v"]).groupby("day")
    middle = by_day["p"].cumsum() / by_day["v"].cumsum()
    deviation = [
        math.sqrt(np.average((b["tp"] - m) ** 2, weights=b["v"]))
        for row, m in middle.items()
        for b in (frame[(frame["day"] == frame["day"][row]) & (frame.index <= row)],)
    ]
    held = pd.DataFrame({"m": middle, "d": pd.Series(deviation, middle.index)})
    return held.reindex(range(len(ts))).ffill().to_numpy()


@pytest.mark.parametrize(
    "start",
    [
        datetime(2025, 3, 5, 3, tzinfo=UTC),  # before an open
        datetime(2025, 10, 31, 14, tzinfo=UTC),  # in the middle of a session: that one is unknown
        datetime(2025, 3, 10, 13, 30, tzinfo=UTC),  # exactly at an open
    ],
)
def test_the_vwap_of_a_session_is_what_its_bars_say_and_stays_after_them(start: datetime) -> None:
    rng = Random(start.day)
    ts, prices = market(start, 500, seed=start.day)
    volume = array("d", [float(rng.randint(1, 9)) for _ in ts])
    truth = by_pandas(ts, prices, volume)
    middle, deviation = truth[:, 0], truth[:, 1]
    inputs = [*prices[1:], volume, *news_and_active(ts, prices)]
    (ours,) = run(VWAP, inputs, (), 1, [])
    assert np.allclose(ours, middle, rtol=1e-12, equal_nan=True)
    lower, centre, upper = run(BANDS, inputs, (2.5,), 3, [])
    assert repr(centre) == repr(ours)
    assert np.allclose(upper, middle + 2.5 * deviation, rtol=1e-9, equal_nan=True)
    assert np.allclose(lower, middle - 2.5 * deviation, rtol=1e-9, equal_nan=True)
    assert not np.isnan(np.array(ours)[-100:]).any()
    native = native_kernels(list(KERNELS))
    cuts = sorted(rng.sample(range(1, len(ts)), 7))
    for kernel in (VWAP, native["session_vwap"]):
        assert repr(run(kernel, inputs, (), 1, cuts)) == repr([ours])
    for kernel in (BANDS, native["session_vwap_bands"]):
        assert repr(run(kernel, inputs, (2.5,), 3, cuts)) == repr([lower, centre, upper])


def test_a_session_that_trades_nothing_yet_is_unknown() -> None:
    ones, version = array("d", [9.0, 9.0, 9.0]), array("d", [0.0, 1.0, 1.0])
    inputs = [ones, ones, ones, array("d", [5.0, 0.0, 2.0]), version, version]
    (ours,) = run(VWAP, inputs, (), 1, [])
    assert repr(ours) == repr(array("d", [math.nan, math.nan, 9.0]))
