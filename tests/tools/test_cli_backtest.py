"""`ideacard backtest`, `demo` and `data` end to end, through files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ideacard as ic
from compiler.pipeline import check
from runtime.market.instrument_table import INSTRUMENTS
from tests.tools.cli import run
from tools.cards import read_source
from tools.commands import demo, live_run
from tools.symbol_table import EVERY_SYMBOL_MAY

ROOT = Path(__file__).resolve().parents[2]
EMA = str(ROOT / "cards" / "gallery" / "ema_cross.yaml")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, ["data", "synth", "--bars", "3000"]).code == 0
    return tmp_path / "data"


def test_a_backtest_on_a_store_uses_its_mark_and_funding_series(
    capsys: Capture, store: Path
) -> None:
    ran = run(capsys, ["backtest", EMA, "--data", str(store), "--json", "--no-report"])
    assert ran.code == 0
    made = json.loads(ran.out)
    said = " ".join(made["warnings"])
    assert "no mark" not in said
    assert "no funding" not in said
    assert made["data"]["synthetic"]
    folder = next(p for p in (store.parent / "runs").iterdir())
    names = {p.name for p in folder.iterdir()}
    assert names == {
        "result.json", "orders.parquet", "fills.parquet", "layers.parquet", "trades.parquet",
        "equity.parquet", "refusals.parquet", "remarks.parquet", "card.yaml",
    }  # fmt: skip
    assert not [p for p in (store.parent / "runs").iterdir() if p.name.startswith(".")]


def test_data_that_end_before_the_card_knows_anything_are_refused_per_clock(
    capsys: Capture, store: Path
) -> None:
    multi = str(ROOT / "cards" / "gallery" / "multi_timeframe.yaml")
    for command in ("backtest", "envelope"):
        ran = run(capsys, [command, multi, "--data", str(store), "--to", "2024-01-03"])
        assert ran.code == 1
        assert "error[IC702] warmup-exceeds-data: `slow` is known from bar 30 of 4h on" in ran.err
        assert "the data of BTCUSDT have 12" in ran.err
        assert "`rsi`" not in ran.err  # 15 of the 192 bars of 15m are enough
        assert "nothing was run" in ran.err


LEVERAGE = """\
name: high
symbol: BTCUSDT
tf: 15m
account: { max_leverage: MOST }
blocks:
  - id: entry
    cases:
      - when: close > open and position_side == flat
        emit: [{ action: entry_long, metadata: { size_usdt: 500, stop_loss: close * 0.995 } }]
"""


@pytest.mark.parametrize(
    "command", ["backtest", "envelope", "explain --why-not entry", "check", "lint"]
)
def test_more_leverage_than_the_instrument_allows_is_a_finding_wherever_it_is_known(
    command: str, capsys: Capture, store: Path
) -> None:
    name, *more = command.split()
    card = store.parent / "high.card.yaml"
    for most, code in (("101", 1), ("100", 0)):
        card.write_text(LEVERAGE.replace("MOST", most), encoding="utf-8")
        ran = run(capsys, [name, str(card), "--data", str(store), *more])
        said = "error[IC706]" in ran.out + ran.err
        assert said is (code == 1)
        if said:
            assert "`max_leverage` 101 is more than the 100 that BTCUSDT may stand at" in (
                ran.out + ran.err
            )
            assert ":4:26: error" in ran.out + ran.err
            assert ran.code == 1


@pytest.mark.parametrize(
    ("most", "symbol", "code"),
    [("101", "BTCUSDT", 1), ("100", "BTCUSDT", 0), ("101", "ABCUSDT", 0)],
)
def test_the_built_in_table_says_by_itself_that_a_symbol_may_not_stand_at_the_leverage(
    most: str, symbol: str, code: int, capsys: Capture, tmp_path: Path
) -> None:
    card = tmp_path / "high.card.yaml"
    text = LEVERAGE.replace("MOST", most).replace("BTCUSDT", symbol)
    card.write_text(text, encoding="utf-8")
    ran = run(capsys, ["lint", str(card)])
    assert ran.code == code
    assert (f":4:26: error[IC706] leverage-over-instrument: `max_leverage` {most}" in ran.out) is (
        code == 1
    )
    facts = tmp_path / "facts.yaml"  # given facts stand above the table's
    data = [f"symbol: {symbol}", "tick: 0.1", "lot: 0.001", "max_leverage: 125"]
    facts.write_text("\n".join(data), encoding="utf-8")
    given = run(capsys, ["lint", str(card), "--instrument", str(facts)])
    assert given.code == 0, given.out + given.err
    assert ic.card(text).check().ok is (code == 0)


def test_every_symbol_of_the_table_may_stand_at_what_needs_no_look_at_it() -> None:
    assert min(facts.max_leverage for facts in INSTRUMENTS.values()) >= EVERY_SYMBOL_MAY


def test_a_grid_is_suggested_from_the_bars_own_decimals(capsys: Capture, tmp_path: Path) -> None:
    head = "ts,open,high,low,close,volume\n"
    rows = [
        f"{1_700_000_100_000 + n * 900_000},0.58{n % 7}1,0.5999,0.57,0.58{(n + 1) % 7}1,20\n"
        for n in range(60)
    ]
    bars, card = tmp_path / "APEUSDT_15m.csv", tmp_path / "ape.card.yaml"
    bars.write_text(head + "".join(rows), encoding="utf-8")
    card.write_text(LEVERAGE.replace("MOST", "1").replace("BTCUSDT", "APEUSDT"), encoding="utf-8")
    given = ["backtest", str(card), "--data", str(bars), "--no-report", "--out", str(tmp_path)]
    ran = run(capsys, given)
    assert ran.code == 1
    assert "no instrument facts for APEUSDT" in ran.err
    assert "--tick 0.0001 --lot 1 (the lot" in ran.err
    ran = run(capsys, [*given, "--tick", "0.01", "--lot", "1"])
    assert ran.code == 1
    assert "give --tick 0.0001 --lot 1 (the lot" in ran.err
    assert " as of " not in ran.err
    ran = run(capsys, [*given, "--tick", "0.0001", "--lot", "1"])
    assert ran.code == 0
    assert "✓ Instrument" not in ran.out


def test_an_instrument_given_to_lint_is_enough_to_know_its_leverage(
    capsys: Capture, tmp_path: Path
) -> None:
    card, facts = tmp_path / "high.card.yaml", tmp_path / "facts.yaml"
    card.write_text(LEVERAGE.replace("MOST", "30"), encoding="utf-8")
    facts.write_text("instrument: { tick: 0.1, lot: 0.001, max_leverage: 25 }\n", encoding="utf-8")
    ran = run(capsys, ["lint", str(card), "--instrument", str(facts)])
    assert ran.code == 1
    assert "30 is more than the 25" in ran.out
    assert run(capsys, ["lint", str(card)]).code == 0


def test_settings_of_the_command_line_reach_the_run(capsys: Capture, store: Path) -> None:
    ran = run(
        capsys,
        ["backtest", EMA, "--data", str(store), "--json", "--no-report", "--fill-model", "touch",
         "--intrabar", "adverse", "--set", "account.starting_equity_usdt=500",
         "--set", "params.fast=8"],
    )  # fmt: skip
    made = json.loads(ran.out)
    assert made["settings"]["execution"]["fill_model"] == "touch"
    assert made["settings"]["execution"]["intrabar"] == "adverse"
    assert made["settings"]["account"]["starting_equity_usdt"] == 500
    assert made["card"]["params"]["fast"] == 8


def test_the_summary_is_readable_and_names_the_report(capsys: Capture, store: Path) -> None:
    ran = run(capsys, ["backtest", EMA, "--data", str(store)])
    assert ran.code == 0
    assert "ema_cross" in ran.out
    report = next(line for line in ran.out.splitlines() if line.startswith("report:"))
    assert Path(report.split()[1]).exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--data", "nowhere"], "nowhere: no such file or store"),
        (["--data", "data", "--from", "2030-01-01"], "no bars in the chosen period"),
        (["--data", "data", "--from", "soon"], "is not a time"),
        (["--data", "data", "--set", "account.nothing=1"], "nothing"),
        (["--data", "data", "--set", "nonsense"], "expected PATH=VALUE"),
        (["--data", "data", "--symbol", "ABCUSDT"], "ABCUSDT"),
    ],
)
def test_what_cannot_run_says_why_and_writes_nothing(
    capsys: Capture, store: Path, args: list[str], words: str
) -> None:
    ran = run(capsys, ["backtest", EMA, *args])
    assert ran.code in (1, 2)
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert not (store.parent / "runs").exists()


def test_a_broken_data_file_names_row_and_time(capsys: Capture, store: Path) -> None:
    bad = store.parent / "bad.csv"
    bad.write_text(
        "ts,open,high,low,close,volume\n1700000100000,10,12,9,11,5\n1700001000000,11,9,10,12,5\n",
        encoding="utf-8",
    )
    ran = run(capsys, ["backtest", EMA, "--data", str(bad)])
    assert ran.code == 1
    assert "row 1 (2023-11-14 22:30:00 UTC): high 9.0 is below low 10.0" in ran.err


def test_bars_of_another_timeframe_are_resampled_or_refused(capsys: Capture, store: Path) -> None:
    assert (
        run(capsys, ["data", "synth", "--tf", "5m", "--bars", "3000", "--store", "fine"]).code == 0
    )
    ran = run(capsys, ["backtest", EMA, "--data", "fine", "--json", "--no-report"])
    made = json.loads(ran.out)
    assert made["data"]["bars"] == 1_000
    assert any("built from 5m bars" in w for w in made["warnings"])
    assert (
        run(capsys, ["data", "synth", "--tf", "1h", "--bars", "300", "--store", "coarse"]).code == 0
    )
    ran = run(capsys, ["backtest", EMA, "--data", "coarse"])
    assert (ran.code, "no BTCUSDT bars of 15m or finer" in ran.err) == (1, True)


def test_demo_lints_runs_and_says_where_the_report_is(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    ran = run(capsys, ["demo", "--bars", "2000", "--out", str(tmp_path / "runs")])
    assert ran.code == 0
    assert "no findings" in ran.out
    assert "made up" in ran.out
    assert list((tmp_path / "runs").glob("mean_reversion_partials-*/report.html"))


def test_demo_shows_what_lint_finds_in_a_card(capsys: Capture, tmp_path: Path) -> None:
    card = str(ROOT / "cards" / "gallery" / "zone_scalper_v1.yaml")
    out = str(tmp_path / "runs")
    ran = run(capsys, ["demo", "--card", card, "--bars", "300", "--out", out])
    assert (ran.code, "IC505" in ran.out, "no findings" in ran.out) == (0, True, False)


def test_the_cards_of_the_demos_have_no_findings_and_no_refusals(
    capsys: Capture, tmp_path: Path
) -> None:
    for name in (demo.CARD, live_run.DEMO):
        source = read_source(ROOT / "cards" / "gallery" / name)
        assert check(source).diagnostics == ()
    run(capsys, ["demo", "--out", str(tmp_path)])
    (told,) = tmp_path.glob("*/result.json")
    result = json.loads(told.read_text(encoding="utf-8"))
    assert result["refusals"] == []
    assert result["metrics"]["total_trades"] > 100


def test_import_checks_everything_before_it_writes_anything(capsys: Capture, store: Path) -> None:
    good, bad = store.parent / "AAAUSDT_good.csv", store.parent / "BBBUSDT_bad.csv"
    head = "ts,open,high,low,close,volume\n"
    good.write_text(
        head + "1700000100000,10,12,9,11,5\n1700001000000,11,12,10,12,5\n", encoding="utf-8"
    )
    bad.write_text(
        head + "1700000100000,10,12,9,11,5\n1700000100000,11,12,10,12,5\n", encoding="utf-8"
    )
    ran = run(capsys, ["data", "import", str(good), str(bad)])
    assert ran.code == 1
    assert "occurs twice with different bars" in ran.err
    assert not (store / "imported").exists()
    assert run(capsys, ["data", "import", str(good)]).code == 0
    assert "AAAUSDT" in run(capsys, ["data", "list"]).out
    assert run(capsys, ["data", "import", str(good)]).code == 1  # exists already
    assert run(capsys, ["data", "check"]).code == 0
    assert run(capsys, ["data", "check", str(bad)]).code == 1


def test_an_unknown_symbol_runs_on_facts_given_by_hand(capsys: Capture, store: Path) -> None:
    assert run(capsys, ["data", "synth", "--symbol", "ABCUSDT", "--bars", "1500"]).code == 0
    args = ["backtest", EMA, "--data", str(store), "--symbol", "ABCUSDT", "--json", "--no-report"]
    ran = run(capsys, args)
    assert (ran.code, "These bars are on the grid --tick 0." in ran.err) == (1, True)
    ran = run(capsys, [*args, "--tick", "0.1", "--lot", "0.001"])
    assert ran.code == 0, ran.err
    made = json.loads(ran.out)
    assert made["instrument"]["source"] == "given on the command line"
    assert run(capsys, [*args, "--tick", "0.1"]).code == 2


def test_a_demo_of_an_unknown_symbol_runs_on_the_grid_it_is_given(
    capsys: Capture, tmp_path: Path
) -> None:
    """The made-up market is of that grid: an order of the account buys some lots of it."""
    card = tmp_path / "pound.card.yaml"
    card.write_text(Path(EMA).read_text("utf-8").replace("BTCUSDT", "GBPUSD"), "utf-8")
    args = ["demo", "--card", str(card), "--bars", "600", "--out", str(tmp_path / "runs")]
    assert "Give them with --tick and --lot" in run(capsys, args).err
    ran = run(capsys, [*args, "--tick", "0.00001", "--lot", "1"])
    assert ran.code == 0, ran.err
    (made,) = (tmp_path / "runs").glob("*/result.json")
    result = json.loads(made.read_text("utf-8"))
    assert result["instrument"]["tick"] == 0.00001
    assert result["counts"]["fills"] > 0
    assert run(capsys, [*args, "--tick", "0.00001"]).code == 2


@pytest.mark.parametrize(("volume", "lot"), [("2300", "1"), ("2.5", "0.5")])
def test_round_lots_of_a_volume_are_no_smallest_order(
    capsys: Capture, tmp_path: Path, volume: str, lot: str
) -> None:
    """Volumes of shares step by a hundred; one share can be bought."""
    bars = tmp_path / "ABC_1d.csv"
    days = [f"2024-01-{day:02d},100,101.25,99.5,100.5,{volume}\n" for day in range(1, 29)]
    bars.write_text("ts,open,high,low,close,volume\n" + "".join(days), "utf-8")
    ran = run(capsys, ["backtest", EMA, "--data", str(bars), "--symbol", "ABC", "--set", "tf=1d"])
    assert f"--lot {lot} (the lot is read off the volumes: a smaller one may be right)" in ran.err


NEVER = """\
name: never
symbol: BTCUSDT
tf: 15m
blocks:
  - id: entry
    cases:
      - when: close > open and close < open and position_side == flat
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss_offset_pct: -2}}]
"""


def test_what_lint_calls_an_error_stops_whatever_runs_a_card(capsys: Capture, store: Path) -> None:
    card = store.parent / "never.card.yaml"
    card.write_text(NEVER, encoding="utf-8")
    commands = [
        ["backtest", str(card), "--data", str(store)],
        ["envelope", str(card), "--data", str(store)],
        ["explain", str(card), "--data", str(store), "--why-not", "entry"],
        ["check", str(card)],
    ]
    for command in commands:
        ran = run(capsys, command)
        assert ran.code == 1, command
        assert "error[IC401] never-true: this condition can never be true" in ran.err
        assert "nothing was run" in ran.err
        assert ("--despite-lint" in ran.err) is (command[0] == "backtest")
    assert not (store.parent / "runs").exists()
    ran = run(capsys, [*commands[0], "--despite-lint", "--no-report"])
    assert ran.code == 0
    assert "IC401" in ran.err
    assert "run despite what lint calls errors" in ran.err


def test_a_card_that_does_not_compile_is_not_run_despite_anything(
    capsys: Capture, store: Path
) -> None:
    card = store.parent / "wrong.card.yaml"
    card.write_text(NEVER.replace("close < open", "clsoe < open"), encoding="utf-8")
    ran = run(capsys, ["backtest", str(card), "--data", str(store), "--despite-lint"])
    assert ran.code == 1
    assert "IC201" in ran.err
    assert "runs it all the same" not in ran.err
