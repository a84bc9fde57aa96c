"""`ideacard check` end to end: what it prints, its exit codes, and that back-tests show the same."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.tools.cli import Ran, run

ROOT = Path(__file__).resolve().parents[2]
Capture = pytest.CaptureFixture[str]
CARD = """\
name: faulty
symbol: BTCUSDT
tf: 15m
execution: { fill_model: touch }
account: { slippage_bps: 0, fee_model: { taker_bps: 0, maker_bps: 0 } }
invariants:
  - PROMISE
blocks:
  - id: buy
    cases:
      - when: close > 1010 and position_side == flat
        emit:
          - { action: entry_long, metadata: { size_usdt: 500 } }
  - id: keep
    cases:
      - when: close < 100 and position_side == flat
        emit:
          - { action: entry_long, metadata: { size_usdt: 500, stop_loss: close * 0.9 } }
"""
FEW = ["--examples", "150", "--bars", "6"]


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "faulty.card.yaml"


def checked(capsys: Capture, card: Path, promise: str, *more: str) -> Ran:
    card.write_text(CARD.replace("PROMISE", promise), encoding="utf-8")
    return run(capsys, ["check", str(card), *FEW, *more])


def test_a_broken_promise_is_told_with_lines_bars_decisions_and_a_file(
    capsys: Capture, card: Path
) -> None:
    ran = checked(capsys, card, "always_protected")
    assert ran.code == 1
    assert ran.out.startswith("broken: `always_protected` (line 7) had to refuse")
    assert "asked for on line 13" in ran.out
    assert "promise `always_protected` (line 7) refuted: the rules of the card ask" in ran.out
    assert re.search(r"bar +time +open +high +low +close +volume\n +0  2026-01-01 00:00", ran.out)
    assert "bar 0: flat, equity 10000.00 USDT" in ran.out
    assert "entry_long (block `buy`, line 13): refused, invariant:always_protected" in ran.out
    saved = list((card.parent / "checks").glob("*.parquet"))
    assert len(saved) == 1
    assert f"replay: ideacard backtest {card} --data checks/{saved[0].name}" in ran.out


def test_the_saved_path_shows_the_same_refusal_in_a_backtest(capsys: Capture, card: Path) -> None:
    made = json.loads(checked(capsys, card, "always_protected", "--json").out)
    path, broken = made["reproducer"], made["broken"]
    ran = run(capsys, ["backtest", str(card), "--data", path, "--no-report"])
    assert ran.code == 0
    folder = next((card.parent / "runs").iterdir())
    rows = pq.read_table(folder / "refusals.parquet").to_pylist()
    assert rows[0]["code"] == "invariant:always_protected"
    assert rows[0]["bar"] == broken["bar"]
    assert rows[0]["line"] == broken["intent_line"] == 13
    notes = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
    assert notes["broken"]["line"] == 7
    assert notes["bars"] == len(made["path"])


def test_a_promise_that_fills_break_shows_the_same_fills_in_a_backtest(
    capsys: Capture, card: Path
) -> None:
    made = json.loads(checked(capsys, card, "max_notional_usdt: 502", "--json").out)
    assert made["broken"]["how"] == "state"
    ran = run(capsys, ["backtest", str(card), "--data", made["reproducer"], "--no-report"])
    assert ran.code == 0
    folder = next((card.parent / "runs").iterdir())
    fills = pq.read_table(folder / "fills.parquet").to_pylist()
    bought = sum(fill["price"] * fill["quantity"] for fill in fills)
    assert f"entered for {bought:.2f} USDT of 502" in made["broken"]["text"]
    again = run(capsys, ["check", str(card), "--data", made["reproducer"], "--json"])
    assert again.code == 1
    assert json.loads(again.out)["broken"] == made["broken"]


def test_a_kept_promise_ends_with_zero_and_claims_no_proof(capsys: Capture, card: Path) -> None:
    # A market order that waits for a bar that trades is a working order: the rule must see it.
    idle = CARD.replace("side == flat", "side == flat and pending_order_count == 0")
    card.write_text(idle.replace("PROMISE", "max_layers: 1"), encoding="utf-8")
    ran = run(capsys, ["check", str(card), *FEW, "--seed", "3"])
    assert ran.code == 0
    assert "examples of <= 6 bars (this is not a proof)" in ran.out
    assert re.search(r"\nentries: placed in [1-9]\d* of \d+ examples\n", ran.out)
    assert "promises watched: 1 of the card and 11 built in" in ran.out
    assert not (card.parent / "checks").exists()


def test_promises_out_of_reach_are_named(capsys: Capture, card: Path) -> None:
    ran = checked(capsys, card, "flat_after_bars: 200")
    assert ran.code == 0
    assert "`flat_after_bars: 200` cannot break within 6 bars: raise --bars" in ran.out


def test_the_same_seed_prints_the_same(capsys: Capture, card: Path) -> None:
    promise = "position_unrealized_pct > -2 or position_side == flat"
    one = checked(capsys, card, promise, "--seed", "11")
    two = checked(capsys, card, promise, "--seed", "11")
    assert one.code == 1
    assert one.out == two.out


def test_a_card_with_mistakes_is_not_searched(capsys: Capture, card: Path) -> None:
    ran = checked(capsys, card, "max_layer: 1")
    assert ran.code == 1
    assert "nothing was run" in ran.err


def test_interrupting_tells_what_was_tried(card: Path) -> None:
    card.write_text(CARD.replace("PROMISE", "max_layers: 1"), encoding="utf-8")
    arguments = ["check", str(card), "--examples", "1000000"]
    # Standard error of a terminal would show the progress bar; here the first answer is awaited.
    code = (
        "import sys\nfrom runtime.testing import search\nfirst = search.first_broken\n"
        "def told(*args, **more):\n    print('begun', file=sys.stderr, flush=True)\n"
        "    search.first_broken = first\n    return first(*args, **more)\n"
        "search.first_broken = told\n"
        f"sys.argv = ['ideacard', *{arguments!r}]\nfrom tools.cli import main\nmain()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as started:  # fmt: skip
        assert started.stderr is not None
        assert started.stderr.readline() == "begun\n"
        started.send_signal(signal.SIGINT)
        try:
            out, err = started.communicate(timeout=60)
        finally:
            started.kill()
    assert started.returncode == 130, err
    assert re.search(r"interrupted: no (path found|entry was placed) in", out)


def test_help_loads_no_search_library() -> None:
    code = (
        "import sys\nsys.argv = ['ideacard', '--help']\nfrom tools.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit('hypothesis' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_card_of_two_symbols_is_told_how_it_is_checked(capsys: Capture, card: Path) -> None:
    text = CARD.replace("PROMISE", "always_protected").replace(
        "close < 100", "close < ETHUSDT.close"
    )
    card.write_text(text, encoding="utf-8")
    ran = run(capsys, ["check", str(card), *FEW])
    assert ran.code == 1
    assert "the card reads ETHUSDT: made-up paths are of one symbol; --data FOLDER" in ran.err


def test_a_search_in_which_nothing_was_asked_is_no_clean_bill(capsys: Capture, card: Path) -> None:
    never = CARD.replace("close > 1010", "close > 1000000").replace("close < 100 ", "close < 1 ")
    card.write_text(never.replace("PROMISE", "position_layers == 0"), encoding="utf-8")
    ran = run(capsys, ["check", str(card), *FEW])
    assert "no path found" not in ran.out
    assert re.match(r"no entry was placed in \d+ examples of <= 6 bars: what a promise", ran.out)
    assert "promise `position_layers == 0` (line 7) not tried" in ran.out
    made = json.loads(run(capsys, ["check", str(card), *FEW, "--json"]).out)
    assert (made["entered"], made["promises"][0]["judged"]) == (0, "not tried")


def test_recorded_bars_without_an_entry_are_no_clean_bill(capsys: Capture, card: Path) -> None:
    found = json.loads(checked(capsys, card, "max_notional_usdt: 502", "--json").out)
    data = ["--data", found["reproducer"]]
    never = CARD.replace("close > 1010", "close > 1000000").replace("close < 100 ", "close < 1 ")
    card.write_text(never.replace("PROMISE", "position_layers == 0"), encoding="utf-8")
    ran = run(capsys, ["check", str(card), *data])
    assert "no entry was placed on" in ran.out
    assert "not tried" in ran.out
    ran = checked(capsys, card, "max_layers: 1", *data)
    assert re.search(r"every promise is kept on \d+ bars of .*; entries placed: 1", ran.out)
