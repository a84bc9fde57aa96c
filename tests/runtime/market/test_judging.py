"""`data check`: what a run would refuse is a fault, what is odd is said with its numbers."""

from __future__ import annotations

import json
import os
from array import array
from pathlib import Path

import pytest

from runtime.market.bar_files import load_bars, write_bars
from runtime.market.frame import Frame
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind
from runtime.market.instrument_table import instrument_for
from runtime.market.judging import Judged, judge, stored_files
from tests.tools.cli import run

MINUTE = 60_000
START = 1_735_689_600_000  # 2025-01-01
NOW = START + 10**12
BTC = instrument_for("BTCUSDT")


def series(
    closes: list[float],
    *,
    timeframe: str = "1m",
    volume: float = 5.0,
    missing: tuple[int, ...] = (),
) -> Frame:
    """Bars that open at the close before; rows in `missing` are left out."""
    step = {"1m": MINUTE, "5m": 5 * MINUTE}[timeframe]
    rows = []
    before = closes[0]
    for index, close in enumerate(closes):
        bar = (before, max(before, close), min(before, close), close, volume)
        if index not in missing:
            rows.append((START + index * step, *bar))
        before = close
    columns = list(zip(*rows, strict=True))
    return Frame(
        "BTCUSDT", timeframe, step, array("q", columns[0]), *(array("d", c) for c in columns[1:])
    )


def stored(
    store: Path, frame: Frame, *, price: PriceKind = PriceKind.LAST, venue: str = "bybit",
    says: str = "BTCUSDT",
) -> Path:  # fmt: skip
    stem = f"mark_{frame.timeframe}" if price is PriceKind.MARK else frame.timeframe
    path = store / "bybit" / "BTCUSDT" / f"{stem}.parquet"
    identity = Identity(
        venue=venue, market=Market.LINEAR, symbol=says, timeframe=frame.timeframe, price=price,
        origin=DataOrigin.DOWNLOADED,
    )  # fmt: skip
    write_bars(frame, path, identity)
    return path


def judged(path: Path) -> Judged:
    return judge(path, BTC, NOW)


CALM = [50_000.0 + 0.5 * (i % 7) for i in range(60)]


def test_a_calm_series_has_nothing_to_say(tmp_path: Path) -> None:
    found = judged(stored(tmp_path, series(CALM)))
    assert (found.errors, found.notes) == ((), ())
    assert (found.what, found.rows, found.symbol) == ("1m bars", 60, "BTCUSDT")


def test_holes_and_quiet_bars_are_said_with_their_share(tmp_path: Path) -> None:
    frame = series(CALM, missing=(10, 11, 30))
    frame.volume[3] = frame.volume[4] = 0.0
    found = judged(stored(tmp_path, frame))
    assert found.errors == ()
    assert found.notes == (
        "3 of 60 bars are missing (5.00%), in 2 holes",
        "2 of 57 bars have no volume (3.5%)",
    )


def test_a_series_without_any_volume_says_what_to_type(tmp_path: Path) -> None:
    (note,) = judged(stored(tmp_path, series(CALM, volume=0.0))).notes
    assert "no bar has a volume" in note
    assert "--no-volume" in note


@pytest.mark.parametrize(("to", "said"), [(65_000.0, "+30%"), (37_500.0, "-25%")])
def test_a_jump_is_shown_with_its_row_and_time_up_and_down_alike(
    tmp_path: Path, to: float, said: str
) -> None:
    closes = [*CALM[:20], *([to] * 2), *CALM[:3]]
    notes = judged(stored(tmp_path, series(closes))).notes
    assert any(
        note.startswith("row 20 (2025-01-01 00:20:00 UTC)") and said in note for note in notes
    )
    assert judged(stored(tmp_path, series([50_000.0, 59_000.0, 50_000.0]))).notes == ()


def test_prices_that_stand_still_are_counted(tmp_path: Path) -> None:
    (note,) = judged(stored(tmp_path, series([*CALM, *([CALM[-1]] * 25)]))).notes
    assert note.startswith("25 bars in a row stand at one price")


def test_a_bar_that_has_not_ended_yet_is_said(tmp_path: Path) -> None:
    path = stored(tmp_path, series(CALM))
    assert judge(path, BTC, START + 60 * MINUTE).notes == ()
    (note,) = judge(path, BTC, START + 60 * MINUTE - 1).notes
    assert "ends in the future" in note


def test_prices_off_the_tick_are_a_fault_and_unknown_facts_a_note(tmp_path: Path) -> None:
    path = stored(tmp_path, series([50_000.05, 50_000.15]))
    (error,) = judged(path).errors
    assert "do not lie on the tick 0.1" in error
    found = judge(path, None, NOW)
    assert found.errors == ()
    assert any("nobody knows tick and lot" in note for note in found.notes)


def test_a_file_that_lies_where_another_belongs_is_a_fault(tmp_path: Path) -> None:
    wrong = judged(stored(tmp_path, series(CALM), says="ETHUSDT", venue="okx"))
    assert [e.partition(": ")[2] for e in wrong.errors] == [
        "lies where symbol BTCUSDT belongs, its metadata say ETHUSDT",
        "lies where venue bybit belongs, its metadata say okx",
    ]


def test_rows_that_are_further_apart_than_the_file_says_are_a_fault(tmp_path: Path) -> None:
    path = stored(tmp_path, series(CALM, timeframe="5m"))
    other = path.with_name("1m.parquet")
    os.rename(path, other)
    assert any("metadata say 5m" in error for error in judged(other).errors)


def test_marks_are_held_against_the_finest_bars_beside_them(tmp_path: Path) -> None:
    mark = series([c * 1.0001 for c in CALM[::5]], timeframe="5m")
    path = stored(tmp_path, mark, price=PriceKind.MARK)
    (note,) = judged(path).notes
    assert note.startswith("no bars lie beside them")
    stored(tmp_path, series(CALM))
    assert judged(path).notes == ()
    stored(tmp_path, series([c * 1.2 for c in CALM[::5]], timeframe="5m"), price=PriceKind.MARK)
    (error,) = judged(path).errors
    assert "not of these bars" in error
    stored(tmp_path, series(CALM), price=PriceKind.MARK)
    copy = judged(path.with_name("mark_1m.parquet"))
    assert copy.notes == ("they are the traded prices of 1m.parquet themselves",)


def test_funding_is_judged_by_size_distance_and_sameness(tmp_path: Path) -> None:
    path = tmp_path / "bybit" / "BTCUSDT" / "funding.csv"
    path.parent.mkdir(parents=True)
    hours = [0, 8, 16, 32, 40]
    rows = [f"{START + h * 3_600_000},{1e-4 + h * 1e-6}" for h in hours]
    path.write_text("ts,funding_rate\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert judged(path).notes == ("1 settlements are missing, by the usual distance of 8 h",)
    rows = [f"{START + h * 3_600_000},0.0001" for h in range(5)]
    path.write_text("ts,funding_rate\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert judged(path).notes == (
        "the rates are 1 h apart, the instrument settles every 8 h",
        "all 5 rates are 0.0001: made up, or a default",
    )
    path.write_text(f"ts,funding_rate\n{START},0.5\n", encoding="utf-8")
    assert "above any venue's cap" in judged(path).errors[0]


def test_check_looks_at_marks_and_funding_of_a_store_too_and_ends_with_1_on_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "data"
    assert run(capsys, ["data", "synth", "--bars", "500", "--store", str(store)]).code == 0
    assert len(stored_files(store)) == 3
    done = run(capsys, ["data", "check", "--store", str(store), "--json"])
    assert done.code == 0, done.err
    rows = json.loads(done.out)
    assert [row["what"].partition(" ")[2] for row in rows] == ["bars", "mark prices", "rates"]
    bars = next(store.glob("*/*/15m.parquet"))
    frame = load_bars(bars, "BTCUSDT").frame
    frame.close[7] += 0.03
    frame.high[7] = max(frame.high[7], frame.close[7])
    write_bars(frame, bars)
    done = run(capsys, ["data", "check", "--store", str(store)])
    assert done.code == 1
    assert "do not lie on the tick" in done.out
    assert "funding.csv: fine" in done.out
