"""`python -m tools.fakebybit`: its help, its mistakes, and a start that answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from tools.fakebybit.__main__ import main, prepare
from tools.fakebybit.feed import made_up
from tools.fakebybit.instrument import BTCUSDT, D
from tools.fakebybit.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


def test_help_shows_examples() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "--fault kind=drop_answer" in result.output


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--symbol", "XUSDT"], "no facts for XUSDT; known: BTCUSDT, ETHUSDT"),
        (["--fault", "kind=nothing"], "no such fault: nothing"),
        (["--count", "50"], "--warmup must be below the 50 bars there are"),
    ],
)
def test_mistakes_are_told(arguments: list[str], text: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert text in result.output


def test_a_recording_is_moved_to_the_start_and_warm() -> None:
    start = 1_700_000_123_456
    bars = list(made_up(BTCUSDT, seed=1, start=0, count=300, length=60_000, price=D(50_000)))
    venue = prepare(BTCUSDT, Settings(start_ms=start), bars, 60_000, 200)
    book = venue.state.candles["BTCUSDT"]
    assert venue.now == start
    assert book.closed["1"][-1].start + 60_000 == start // 60_000 * 60_000
    venue.advance(start + 60_000)
    assert book.closed["1"][-1].close == bars[200].close
    assert len(book.closed["1"]) == 201


def test_the_started_venue_answers() -> None:
    command = [
        sys.executable,
        "-m",
        "tools.fakebybit",
        "--port",
        "0",
        "--speed",
        "60",
        "--count",
        "200",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[0]
            query = {"category": "linear", "symbol": "BTCUSDT", "interval": "1", "limit": "50"}
            http = requests.Session()
            http.trust_env = False
            answer = http.get(f"{address}/v5/market/kline", params=query, timeout=5).json()
            assert len(answer["result"]["list"]) == 50
        finally:
            process.terminate()
