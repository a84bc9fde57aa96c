"""Download of public bars, mark prices and funding from the venue, through pybit.

Every page is appended to a side file as soon as it arrives, so an interrupted download (Ctrl-C, a
dropped line, a crash) continues where it stopped; the series itself is only ever replaced whole.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runtime.errors import DataError, NotSent
from runtime.formulas.rounding import steps_above
from runtime.market.bar_files import identity_of, load_bars, write_bars
from runtime.market.checks import utc
from runtime.market.frame import Frame
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind
from runtime.market.imports.claims import refuse_other_store
from runtime.market.instrument_facts import Instrument, impossible
from runtime.market.instrument_table import tiers
from runtime.market.rates import FUNDING_FILE, StoredRate, source_of, stored_rates, write_rates
from runtime.market.store import store_path
from runtime.market.timeframe import TIMEFRAMES

# VENUE: docs/v5/market/kline — intervals the venue knows; 8h is not one of them.
INTERVALS = {
    "1m": "1",
    "3m": "3",
    "5m": "5",
    "15m": "15",
    "30m": "30",
    "1h": "60",
    "2h": "120",
    "4h": "240",
    "6h": "360",
    "12h": "720",
    "1d": "D",
    "1w": "W",
}
VENUE = "bybit"
TEST_VENUE = "bybit-testnet"  # its prices and rates are no market's: never stored as the venue's
PAGE = 1000  # VENUE: docs/v5/market/kline — limit 1..1000
FUNDING_PAGE = 200  # VENUE: docs/v5/market/history-fund-rate — limit 1..200
# VENUE: docs/v5/error — too many visits, server time-out, server error, overload
RETRYABLE_CODES = frozenset({10000, 10006, 10016, 10429, 429})
ATTEMPTS = 6
FIRST_ATTEMPTS = 3  # of the first question: without a network there is nothing to wait for
Progress = Callable[[int, int], None]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Download:
    """One series to fetch: bars that open in [start, end), ms UTC. kind: klines | mark."""

    symbol: str
    timeframe: str
    start: int
    end: int
    kind: str = "klines"
    venue: str = VENUE


def public_session(endpoint: str | None = None, testnet: bool = False) -> Any:
    """Return a pybit HTTP session without keys; `endpoint` replaces the venue's address."""
    import logging

    # pybit adds its own handler to a root logger that has none.
    logging.getLogger().addHandler(logging.NullHandler())
    from pybit.unified_trading import HTTP

    # One attempt inside pybit: its own retries sleep unseen and hide the venue's code.
    session = HTTP(testnet=testnet, max_retries=1, retry_codes={-1}, force_retry=False, timeout=20)
    if endpoint:
        session.endpoint = endpoint.rstrip("/")
        session.client.trust_env = False
    return session


def call(
    method: Callable[..., Any],
    sleep: Callable[[float], None] | None = None,
    *,
    attempts: int = ATTEMPTS,
    tell: Tell | None = None,
    **kwargs: Any,
) -> Any:
    """Call a public endpoint; wait and try again on rate limits and network faults.

    Returns the answer's `result`. `tell` hears of every attempt that failed and is made again. Raises
    DataError on a definite refusal, NotSent when every attempt failed.
    """
    import requests
    from pybit.exceptions import FailedRequestError, InvalidRequestError

    last: Exception | None = None
    for attempt in range(attempts):
        if last is not None:
            pause = min(30.0, 0.5 * 2 ** (attempt - 1))
            if tell is not None:
                tell(f"{_why(last)}; again in {pause:g} s (attempt {attempt + 1} of {attempts})")
            (sleep or time.sleep)(pause)
        try:
            return method(**kwargs)["result"]
        except InvalidRequestError as error:
            if error.status_code not in RETRYABLE_CODES:
                raise DataError(
                    f"the venue refused: {error.message} (code {error.status_code})"
                ) from error
            last = error
        except FailedRequestError as error:
            if error.status_code == 403:
                raise DataError(
                    "the venue answered 403: this address is rate-limited or not served there; "
                    "wait ten minutes before trying again"
                ) from error
            last = error
        except (requests.exceptions.RequestException, ValueError) as error:
            last = error
    raise NotSent(
        f"no answer from the venue after {attempts} attempts: {'' if last is None else _why(last)}"
    ) from last


def _why(error: Exception) -> str:
    import requests

    match error:
        case requests.exceptions.Timeout():
            return "no answer in time"
        case requests.exceptions.ConnectionError():
            return "no connection"
        case _:
            return str(error)


def venue_time(session: Any, tell: Tell | None = None) -> int:
    """Return the venue's time, ms UTC: the first question, which is soon given up.

    NotSent without a connection.
    """
    told = call(session.get_server_time, attempts=FIRST_ATTEMPTS, tell=tell)
    return int(told["timeSecond"]) * 1000


@contextmanager
def _sidecar(path: Path) -> Iterator[Any]:
    with path.open("a", newline="", encoding="utf-8") as handle:
        yield handle


def _series_path(store: Path, job: Download) -> Path:
    name = job.timeframe if job.kind == "klines" else f"mark_{job.timeframe}"
    return store_path(store, job.venue, job.symbol, name)


def _identity(job: Download) -> Identity:
    price = PriceKind.LAST if job.kind == "klines" else PriceKind.MARK
    return Identity(
        venue=job.venue,
        market=Market.LINEAR,
        symbol=job.symbol,
        timeframe=job.timeframe,
        price=price,
        origin=DataOrigin.DOWNLOADED,
        detail="public klines",
    )


def _known_rows(path: Path, side: Path, job: Download) -> dict[int, tuple[float, ...]]:
    rows: dict[int, tuple[float, ...]] = {}
    if path.exists():
        refuse_other_store(path, identity_of(path), _identity(job))
        frame = load_bars(path, job.symbol, job.timeframe).frame
        rows = {
            frame.ts[i]: (
                frame.open[i],
                frame.high[i],
                frame.low[i],
                frame.close[i],
                frame.volume[i],
            )
            for i in range(len(frame))
        }
    if side.exists():
        with side.open(newline="", encoding="utf-8") as handle:
            for line in csv.reader(handle):
                if len(line) == 6:  # a line cut by a crash is fetched again
                    rows[int(line[0])] = tuple(float(v) for v in line[1:])
    return rows


def _refuse_other_bars(
    path: Path, rows: Mapping[int, tuple[float, ...]], fresh: Mapping[int, tuple[float, ...]]
) -> None:
    """Raise DataError where the venue tells a stored bar otherwise: what is stored is not its."""
    for ts in sorted(fresh.keys() & rows.keys()):
        if rows[ts] != fresh[ts]:
            here, there = (" ".join(f"{v:g}" for v in bar) for bar in (rows[ts], fresh[ts]))
            raise DataError(
                f"{path}: {utc(ts)} is stored as {here}, the venue says {there}: what is stored is of another "
                "market or was imported otherwise. Move it away to download it anew"
            )


def _merge(path: Path, side: Path, job: Download, rows: dict[int, tuple[float, ...]]) -> Frame:
    """Write all rows as the series; one that was imported in part stays so called."""
    frame = Frame(job.symbol, job.timeframe, TIMEFRAMES[job.timeframe])
    for ts in sorted(rows):
        open_, high, low, close, volume = rows[ts]
        frame.append(ts, open_, high, low, close, volume)
    if len(frame):
        before = identity_of(path) if path.exists() else None
        was_imported = before is not None and before.origin is DataOrigin.IMPORTED
        write_bars(frame, path, before if was_imported else _identity(job))
    side.unlink(missing_ok=True)
    return frame


def download_bars(
    session: Any,
    store: Path,
    job: Download,
    progress: Progress | None = None,
    *,
    tell: Tell | None = None,
) -> Frame:
    """Fetch closed bars into the store and return the whole stored series.

    Only pages that hold a missing bar are asked for, so a second call continues or does nothing.
    `tell` hears of attempts that failed.
    """
    if job.timeframe not in INTERVALS:
        raise DataError(f"the venue has no `{job.timeframe}` bars; it has: {' '.join(INTERVALS)}")
    now = venue_time(session, tell)
    path = _series_path(store, job)
    path.parent.mkdir(parents=True, exist_ok=True)
    side = path.with_suffix(".part.csv")
    rows = _known_rows(path, side, job)
    method = session.get_kline if job.kind == "klines" else session.get_mark_price_kline
    interval = TIMEFRAMES[job.timeframe]
    start = -(-job.start // interval) * interval
    # The venue returns the bar that is still open; a bar counts only when it has closed.
    end = min(job.end, now // interval * interval)
    total = max(0, (end - start) // interval)
    try:
        for low in range(start, end, PAGE * interval):
            high = min(end, low + PAGE * interval)
            if any(ts not in rows for ts in range(low, high, interval)):
                page = call(
                    method,
                    tell=tell,
                    category="linear",
                    symbol=job.symbol,
                    interval=INTERVALS[job.timeframe],
                    start=low,
                    end=high - 1,
                    limit=PAGE,
                )["list"]
                fresh = _page_rows(page, low, high)
                _refuse_other_bars(path, rows, fresh)
                with _sidecar(side) as handle:
                    csv.writer(handle).writerows([ts, *bar] for ts, bar in sorted(fresh.items()))
                rows.update(fresh)
            if progress:
                progress((high - start) // interval, total)
    finally:
        frame = _merge(path, side, job, rows)
    if not len(frame):
        raise DataError(f"the venue has no {job.timeframe} bars of {job.symbol} in that period")
    return frame


def _page_rows(page: list[list[str]], low: int, high: int) -> dict[int, tuple[float, ...]]:
    rows: dict[int, tuple[float, ...]] = {}
    for row in page:
        ts = int(row[0])
        if low <= ts < high:
            volume = float(row[5]) if len(row) > 5 else 0.0
            rows[ts] = (float(row[1]), float(row[2]), float(row[3]), float(row[4]), volume)
    return rows


def download_funding(
    session: Any,
    store: Path,
    symbol: str,
    start: int,
    end: int,
    progress: Progress | None = None,
    *,
    tell: Tell | None = None,
    venue: str = VENUE,
) -> int:
    """Fetch funding settlements in [start, end) as `funding.csv`; returns the stored row count.

    What was imported before stays so in its rows, but for those that the venue tells itself.
    """
    path = store / venue / symbol / FUNDING_FILE
    mine = replace(_identity(Download(symbol, "", start, end, venue=venue)), detail="")
    if path.exists():
        refuse_other_store(path, identity_of(path), mine)
    rates = stored_rates(path)
    cursor = end
    try:
        while cursor > start:
            page = call(
                session.get_funding_rate_history,
                tell=tell,
                category="linear",
                symbol=symbol,
                startTime=start,
                endTime=cursor - 1,
                limit=FUNDING_PAGE,
            )["list"]
            if not page:
                break
            for row in page:
                fresh = StoredRate(row["fundingRate"], source_of(mine))
                rates[int(row["fundingRateTimestamp"])] = fresh
            cursor = min(int(row["fundingRateTimestamp"]) for row in page)
            if progress:
                progress(end - cursor, end - start)
    finally:
        write_rates(path, sorted(rates.items(), key=lambda item: item[0]), mine)
    return len(rates)


def download_instrument(session: Any, symbol: str, today: str) -> Instrument:
    """Fetch the facts of a symbol and its risk tiers; `today` is the date they are read (ISO).

    VENUE: docs/v5/market/instrument and …/risk-limit.
    """
    rows = call(session.get_instruments_info, category="linear", symbol=symbol)["list"]
    if len(rows) != 1:
        raise DataError(f"the venue has no linear instrument `{symbol}`")
    limits = call(session.get_risk_limit, category="linear", symbol=symbol)["list"]
    return instrument_of(rows[0], limits, today)


def instrument_of(
    row: Mapping[str, Any], limits: Sequence[Mapping[str, Any]], today: str
) -> Instrument:
    """Return the facts in a row of `instruments-info` and the rows of `risk-limit`.

    DataError for facts that no contract can have: orders are cut, sized and bounded by them.
    """
    size, price = row["lotSizeFilter"], row["priceFilter"]
    lot = float(size["qtyStep"])
    rates = sorted(
        (float(r["riskLimitValue"]), float(r["maintenanceMargin"]), float(r["maxLeverage"]))
        for r in limits
    )
    found = Instrument(
        symbol=row["symbol"],
        tick=float(price["tickSize"]),
        lot=lot,
        min_lots=_fewest(size["minOrderQty"], lot),
        max_lots=_lots(size["maxOrderQty"], lot),
        max_market_lots=_lots(size["maxMktOrderQty"], lot),
        min_notional_usdt=float(size["minNotionalValue"]),
        max_leverage=float(row["leverageFilter"]["maxLeverage"]),
        funding_interval_minutes=int(row["fundingInterval"]),
        tiers=tiers(tuple(rates)),
        as_of=today,
        source=f"{VENUE} instruments-info and risk-limit",
        venue=VENUE,
        market="linear",
    )
    wrong = impossible(found)
    if wrong:
        raise DataError(f"the venue's facts of {found.symbol} cannot be true: {wrong}")
    return found


def _fewest(quantity: str, lot: float) -> int:
    """Return the whole lots that are a quantity at least, 0 where there is no lot to count in."""
    return steps_above(float(quantity), lot) if lot > 0 else 0


def _lots(quantity: str, lot: float) -> int:
    """Return a quantity in lots, 0 where there is no lot to count in."""
    return round(float(quantity) / lot) if lot > 0 else 0
