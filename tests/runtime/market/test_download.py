"""Downloads through the real pybit client against a server on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from runtime.errors import DataError, NotSent
from runtime.market import download
from runtime.market.bar_files import identity_of, load_bars, write_bars
from runtime.market.download import (
    TEST_VENUE,
    Download,
    call,
    download_bars,
    download_funding,
    public_session,
)
from runtime.market.identity import DataOrigin, Identity, Market
from runtime.market.rates import StoredRate, source_of, write_rates

MIN = 60_000
BASE = 1_700_006_400_000  # 2023-11-15 00:00 UTC
NOW = BASE + 4_000 * MIN + 30_000  # half a minute into bar 4000


class Venue:
    """Answers klines like the venue: newest first, the open bar included, limits respected."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.fail_after: int | None = None
        self.refusals: list[tuple[int, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path.endswith("kline") or "funding" in parts.path:
            self.requests.append(handler.path)
            if self.fail_after is not None and len(self.requests) > self.fail_after:
                handler.send_response(500)
                handler.end_headers()
                return
            if self.refusals:
                code, text = self.refusals.pop(0)
                self.send(handler, {}, code, text)
                return
        if parts.path == "/v5/market/time":
            self.send(handler, {"timeSecond": str(NOW // 1000), "timeNano": str(NOW * 10**6)})
        elif parts.path == "/v5/market/funding/history":
            self.send(handler, {"list": self.funding(query)})
        else:
            self.send(handler, {"list": self.klines(query, "mark" in parts.path)})

    def klines(self, query: dict[str, str], mark: bool) -> list[list[str]]:
        start, end, limit = int(query["start"]), int(query["end"]), int(query["limit"])
        first = -(-start // MIN)
        last = min(end, NOW) // MIN
        rows = []
        for i in range(first, last + 1):
            p = 100 + i % 7
            row = [str(i * MIN), str(p), str(p + 2), str(p - 2), str(p + 1), "5", "500"]
            rows.append(row[:5] if mark else row)
        return rows[::-1][:limit]

    def funding(self, query: dict[str, str]) -> list[dict[str, str]]:
        start, end = int(query["startTime"]), int(query["endTime"])
        step = 480 * MIN
        times = [t for t in range(BASE, NOW, step) if start <= t <= end]
        return [
            {"symbol": "X", "fundingRate": "0.0001", "fundingRateTimestamp": str(t)}
            for t in times[::-1][: int(query["limit"])]
        ]

    def send(
        self, handler: BaseHTTPRequestHandler, result: Any, code: int = 0, text: str = "OK"
    ) -> None:
        body = json.dumps(
            {"retCode": code, "retMsg": text, "result": result, "retExtInfo": {}, "time": NOW}
        ).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Venue]:
    monkeypatch.setattr(download.time, "sleep", lambda _s: None)
    server = Venue()
    yield server
    server.server.shutdown()
    server.server.server_close()


JOB = Download("BTCUSDT", "1m", BASE, BASE + 10_000 * MIN)


def test_download_keeps_closed_bars_only_and_reports_progress(venue: Venue, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    frame = download_bars(
        public_session(venue.url), tmp_path, JOB, lambda done, total: seen.append((done, total))
    )
    assert len(frame) == 4_000
    assert frame.ts[-1] == BASE + 3_999 * MIN
    assert seen[-1] == (4_000, 4_000)
    stored = load_bars(tmp_path / "bybit/BTCUSDT/1m.parquet", "BTCUSDT").frame
    assert stored == frame
    assert len(venue.requests) == 4


def test_an_interrupted_download_continues_where_it_stopped(venue: Venue, tmp_path: Path) -> None:
    venue.fail_after = 2
    with pytest.raises(NotSent):
        download_bars(public_session(venue.url), tmp_path, JOB, None)
    assert len(load_bars(tmp_path / "bybit/BTCUSDT/1m.parquet", "BTCUSDT").frame) == 2_000
    venue.fail_after = None
    venue.requests.clear()
    assert len(download_bars(public_session(venue.url), tmp_path, JOB)) == 4_000
    assert len(venue.requests) == 2
    assert not list(tmp_path.rglob("*.part*"))


def test_rows_of_a_killed_process_are_not_fetched_again(venue: Venue, tmp_path: Path) -> None:
    side = tmp_path / "bybit/BTCUSDT/1m.part.csv"
    side.parent.mkdir(parents=True)
    rows = [f"{BASE + i * MIN},100,102,98,101,5" for i in range(1_000)]
    side.write_text("\n".join(rows) + "\n1700066400000,100,1", encoding="utf-8")
    assert len(download_bars(public_session(venue.url), tmp_path, JOB)) == 4_000
    assert len(venue.requests) == 3
    assert not side.exists()


def test_ctrl_c_keeps_what_arrived(venue: Venue, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done >= 2_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_bars(public_session(venue.url), tmp_path, JOB, stop)
    assert len(load_bars(tmp_path / "bybit/BTCUSDT/1m.parquet", "BTCUSDT").frame) == 2_000


def test_a_rate_limit_is_waited_out_and_a_refusal_is_shown(venue: Venue, tmp_path: Path) -> None:
    venue.refusals = [(10006, "Too many visits!")] * 2
    assert len(download_bars(public_session(venue.url), tmp_path / "a", JOB)) == 4_000
    venue.refusals = [(10001, "Not supported symbols")]
    with pytest.raises(DataError, match="Not supported symbols"):
        download_bars(public_session(venue.url), tmp_path / "b", JOB)


def test_waiting_grows_and_ends() -> None:
    waits: list[float] = []

    def always(**_kwargs: object) -> dict[str, object]:
        raise ValueError("broken answer")

    with pytest.raises(NotSent, match="after 6 attempts"):
        call(always, waits.append)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_without_a_network_it_says_so_and_gives_up_soon(tmp_path: Path) -> None:
    said: list[str] = []
    began = time.monotonic()
    with pytest.raises(NotSent, match="after 3 attempts: no connection"):
        download_bars(public_session("http://127.0.0.1:1"), tmp_path, JOB, tell=said.append)
    assert time.monotonic() - began < 10
    assert said == [
        "no connection; again in 0.5 s (attempt 2 of 3)",
        "no connection; again in 1 s (attempt 3 of 3)",
    ]
    assert list(tmp_path.iterdir()) == []


def test_mark_prices_and_funding_download_too(venue: Venue, tmp_path: Path) -> None:
    session = public_session(venue.url)
    mark = download_bars(
        session, tmp_path, Download("BTCUSDT", "1m", BASE, BASE + 100 * MIN, "mark")
    )
    assert len(mark) == 100
    assert (tmp_path / "bybit/BTCUSDT/mark_1m.parquet").exists()
    assert download_funding(session, tmp_path, "BTCUSDT", BASE, BASE + 4_000 * MIN) == 9
    text = (tmp_path / "bybit/BTCUSDT/funding.csv").read_text(encoding="utf-8")
    assert text.startswith(
        "ts,funding_rate,series,source\n1700006400000,0.0001,bybit:linear:BTCUSDT,downloaded\n"
    )
    assert identity_of(tmp_path / "bybit/BTCUSDT/funding.csv").origin is DataOrigin.DOWNLOADED


def test_a_download_beside_what_was_imported_makes_no_download_of_it(
    venue: Venue, tmp_path: Path
) -> None:
    session = public_session(venue.url)
    job = replace(JOB, end=BASE + 50 * MIN)
    path = tmp_path / "bybit/BTCUSDT/1m.parquet"
    frame = download_bars(session, tmp_path, job)
    write_bars(frame, path, replace(identity_of(path), origin=DataOrigin.IMPORTED))
    download_bars(session, tmp_path, replace(job, end=BASE + 90 * MIN))
    assert identity_of(path).origin is DataOrigin.IMPORTED

    rates = path.with_name("funding.csv")
    identity = Identity(
        venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe="", origin=DataOrigin.IMPORTED,
        detail="mine.csv",
    )  # fmt: skip
    write_rates(rates, [(1_600_000_000_000, StoredRate("0.0007", source_of(identity)))], identity)
    download_funding(session, tmp_path, "BTCUSDT", BASE, BASE + 900 * MIN)
    assert "1600000000000,0.0007,bybit:linear:BTCUSDT,imported from mine.csv" in rates.read_text()
    assert identity_of(rates) == identity
    write_rates(rates, [(1_600_000_000_000, StoredRate("0.0007", ""))], identity)
    download_funding(session, tmp_path, "BTCUSDT", BASE, BASE + 900 * MIN)
    assert identity_of(rates).origin is DataOrigin.FILE
    write_rates(
        rates, [(1_600_000_000_000, StoredRate("0.0007", ""))], replace(identity, symbol="ETHUSDT")
    )
    with pytest.raises(DataError, match="symbol ETHUSDT, what is to be added is BTCUSDT"):
        download_funding(session, tmp_path, "BTCUSDT", BASE, BASE + 900 * MIN)


def test_an_interval_the_venue_lacks_is_refused(venue: Venue, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no `8h` bars"):
        download_bars(
            public_session(venue.url), tmp_path, Download("BTCUSDT", "8h", BASE, BASE + MIN)
        )


def test_a_download_never_goes_on_from_another_series(venue: Venue, tmp_path: Path) -> None:
    """What lies at the place may be another symbol's, made up, or told otherwise by the venue."""
    job = replace(JOB, end=BASE + 50 * MIN)
    session = public_session(venue.url)
    frame = download_bars(session, tmp_path, job)
    path = tmp_path / "bybit" / "BTCUSDT" / "1m.parquet"
    mine = identity_of(path)
    for other, words in (
        (replace(mine, symbol="ETHUSDT"), "symbol ETHUSDT"),
        (replace(mine, market=Market.SPOT), "market spot"),
        (replace(mine, origin=DataOrigin.MADE_UP), "made up"),
    ):
        write_bars(frame, path, other)
        with pytest.raises(DataError, match=words):
            download_bars(session, tmp_path, replace(job, end=BASE + 90 * MIN))
    told = frame.rows(0)
    told.high[7] += 1.0
    write_bars(told, path, mine)
    with pytest.raises(DataError, match=r"stored as 102 105 .* the venue says 102 104"):
        download_bars(session, tmp_path, replace(job, end=BASE + 90 * MIN))


def test_the_test_network_is_a_venue_of_its_own(venue: Venue, tmp_path: Path) -> None:
    session = public_session(venue.url)
    job = replace(JOB, end=BASE + 50 * MIN, venue=TEST_VENUE)
    download_bars(session, tmp_path, job)
    download_funding(session, tmp_path, "BTCUSDT", BASE, BASE + 900 * MIN, venue=TEST_VENUE)
    folder = tmp_path / "bybit-testnet" / "BTCUSDT"
    assert identity_of(folder / "1m.parquet").name == "bybit-testnet:linear:BTCUSDT"
    assert sorted(p.name for p in folder.iterdir()) == ["1m.parquet", "funding.csv"]
    assert not (tmp_path / "bybit").exists()
