"""The recording script against the venue that is not there: it asks, records, and leaves the account flat."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from tools.fakebybit.server import serving
from tools.fakebybit.settings import Environment, Settings
from tools.fakebybit.venue import Venue
from tools.live.record import main


def test_it_answers_what_it_asks_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BYBIT_DEMO_API_KEY", "key-of-ann-7")
    monkeypatch.setenv("BYBIT_DEMO_API_SECRET", "secret-of-ann-7")
    settings = Settings(
        environment=Environment.DEMO, key="key-of-ann-7", secret="secret-of-ann-7",
        start_ms=1_700_000_058_000,
    )  # fmt: skip
    venue = Venue(settings)
    with serving(venue, speed=1.0) as served:
        words = ["--venue", "demo", "--url", served.http, "--out", str(tmp_path / "r")]
        done = CliRunner().invoke(main, [*words, "--minutes", "0.05"], catch_exceptions=False)
        size = served.do(lambda v: v.state.positions["BTCUSDT"].size)
        left = served.do(lambda v: len(v.state.open_orders("BTCUSDT")))
    assert done.exit_code == 0
    assert (size, left) == (Decimal(0), 0)
    told = json.loads((tmp_path / "r" / "answers.json").read_text())
    assert told["ends_flat"]
    assert told["account/fee-rate"]["retCode"] != 0
    assert all(isinstance(lag, int) for lag in told["list_lag_ms"])
    assert told["topics_of_a_fill"][-1] == "position"
    assert told["qty_0_closes"]["retCode"] == 0
    whole = (tmp_path / "r" / "recorded.jsonl").read_text()
    assert "of-ann-7" not in whole
    assert settings.uid not in whole
