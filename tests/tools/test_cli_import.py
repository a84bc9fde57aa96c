"""`ideacard data import`: files joined, appended and compared; nothing is written half."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tools.cli import run

Capture = pytest.CaptureFixture[str]

HOUR = 3_600_000
T0 = 1_709_510_400_000
HEAD = "ts,open,high,low,close,volume\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bars(path: Path, first: int, count: int, close: float = 100.0) -> str:
    path.write_text(
        HEAD
        + "".join(
            f"{T0 + i * HOUR},100,{close + 5},95,{close},{i + 1}\n"
            for i in range(first, first + count)
        )
    )
    return str(path)


def test_months_of_one_series_become_one(folder: Path, capsys: Capture) -> None:
    one = bars(folder / "BTCUSDT-1h-2024-03a.csv", 0, 30)
    two = bars(folder / "BTCUSDT-1h-2024-03b.csv", 20, 30)
    ran = run(capsys, ["data", "import", two, one, "--json"])
    (series,) = json.loads(ran.out)
    assert (ran.code, series["rows"], series["holes"]) == (0, 50, 0)
    assert any("10 bars were there already, equal" in note for note in series["notes"])


def test_an_overlap_that_differs_is_refused_with_both_bars(folder: Path, capsys: Capture) -> None:
    one = bars(folder / "BTCUSDT-a.csv", 0, 30)
    two = bars(folder / "BTCUSDT-b.csv", 20, 30, close=101.0)
    ran = run(capsys, ["data", "import", one, two])
    assert ran.code == 1
    assert "2024-03-04 20:00:00 UTC differs from" in ran.err
    assert not (folder / "data").exists()


def test_a_stored_series_is_added_to_or_replaced_only_when_told(
    folder: Path, capsys: Capture
) -> None:
    one, two = bars(folder / "BTCUSDT-a.csv", 0, 30), bars(folder / "BTCUSDT-b.csv", 28, 30)
    assert run(capsys, ["data", "import", one]).code == 0
    refused = run(capsys, ["data", "import", two])
    assert refused.code == 1
    assert "--append adds what is new, --force replaces it" in refused.err
    assert run(capsys, ["data", "import", two, "--append"]).code == 0
    assert "58 bars" in run(capsys, ["data", "list"]).out
    assert run(capsys, ["data", "import", two, "--force"]).code == 0
    assert "30 bars" in run(capsys, ["data", "list"]).out
    assert run(capsys, ["data", "import", two, "--force", "--append"]).code == 2


def test_a_dry_run_shows_the_bars_and_writes_nothing(folder: Path, capsys: Capture) -> None:
    ran = run(capsys, ["data", "import", bars(folder / "BTCUSDT.csv", 0, 30), "--dry-run"])
    assert ran.code == 0
    assert "would be written" in ran.out
    assert "2024-03-04 00:00:00" in ran.out
    assert "2024-03-05 05:00:00" in ran.out
    assert not (folder / "data").exists()


def test_one_bad_file_among_many_is_named_and_nothing_is_written(
    folder: Path, capsys: Capture
) -> None:
    bars(folder / "BTCUSDT.csv", 0, 30)
    (folder / "ETHUSDT.csv").write_text("hello\n")
    (folder / "SOLUSDT.csv").write_text("a,b\n1,2\n3,4\n")
    ran = run(capsys, ["data", "import", str(folder)])
    assert ran.code == 1
    assert "ETHUSDT.csv" in ran.err
    assert "SOLUSDT.csv" in ran.err
    assert "BTCUSDT.csv" not in ran.err
    assert not (folder / "data").exists()


def test_funding_and_marks_go_beside_their_bars(folder: Path, capsys: Capture) -> None:
    (folder / "f.csv").write_text(
        "calc_time,funding_interval_hours,last_funding_rate\n"
        + "".join(f"{T0 + i * 8 * HOUR},8,0.000{i + 1}\n" for i in range(5))
    )
    mark = bars(folder / "m.csv", 0, 30)
    for words in (["f.csv"], [mark, "--mark"], [mark]):
        ran = run(capsys, ["data", "import", *words, "--symbol", "BTCUSDT", "--venue", "bybit"])
        assert ran.code == 0, ran.err
    there = sorted(p.name for p in (folder / "data" / "bybit" / "BTCUSDT").iterdir())
    assert there == ["1h.parquet", "funding.csv", "mark_1h.parquet"]


def test_funding_in_percent_is_not_imported(folder: Path, capsys: Capture) -> None:
    (folder / "f.csv").write_text(
        "ts,funding_rate\n" + "".join(f"{T0 + i * 8 * HOUR},0.0{i % 9 + 1}\n" for i in range(30))
    )
    ran = run(capsys, ["data", "import", "f.csv", "--symbol", "BTCUSDT"])
    assert ran.code == 1
    assert "divide percentages by 100" in ran.err
