"""Every gallery card lints, compiles and trades, and trades the same in another process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backtest import run_backtest
from runtime.market.bar_files import load_bars
from runtime.market.instrument_table import instrument_for
from tests.data_files import shared

ROOT = Path(__file__).resolve().parents[1]
CARDS = sorted((ROOT / "cards" / "gallery").glob("*.yaml"))
BTC_15M = "data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet"


def source(path: Path) -> Source:
    return Source(path.name, path.read_text(encoding="utf-8"))


def test_the_gallery_holds_at_least_six_cards() -> None:
    assert len(CARDS) >= 6


@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.stem)
def test_gallery_card_has_no_errors_and_says_its_idea(path: Path) -> None:
    assert [d for d in check(source(path)).diagnostics if d.is_error] == []
    if path.stem != "zone_scalper_v1":  # the seed's card stands exactly as it was written
        assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_seeds_card_stands_exactly_as_written() -> None:
    seed = shared("seed.md").read_text(encoding="utf-8")
    start = seed.index("```yaml\n", seed.index("### Complete IdeaCard Example")) + len("```yaml\n")
    written = seed[start : seed.index("```", start)]
    assert (ROOT / "cards/gallery/zone_scalper_v1.yaml").read_text(encoding="utf-8") == written


@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.stem)
def test_gallery_card_trades_on_real_bars_and_money_adds_up(path: Path) -> None:
    from runtime.market.bar_files import slice_frame
    from runtime.market.data import MarketData

    frame = load_bars(shared(BTC_15M), "BTCUSDT").frame
    program = compile_card(source(path))
    data = MarketData(exec=slice_frame(frame, frame.ts[0], frame.ts[8_000]))
    record = run_backtest(program, data, instrument_for("BTCUSDT"), flip=False)
    assert record.fills
    bars = data.exec
    for fill in record.fills:
        reference = fill.price - fill.slippage * (1 if fill.side == "buy" else -1)
        gap = fill.price == reference and fill.path == 0.0
        assert bars.low[fill.bar] - 1e-6 <= reference <= bars.high[fill.bar] + 1e-6 or gap
    start = program.graph.settings.account.starting_equity_usdt
    realized = sum(t.gross_pnl for t in record.trades if not t.is_open)
    still_open = [t for t in record.trades if t.is_open]
    total = start + realized - record.fees_paid - record.funding_paid
    total += sum(t.gross_pnl for t in still_open)
    assert abs(record.equity.equity[-1] - total) < 1e-6 * start


def run_in_a_process(tmp_path: Path, seed: str) -> bytes:
    out = tmp_path / seed
    command = [
        sys.executable, "-m", "tools.cli", "backtest", "cards/gallery/zone_scalper_v1.yaml",
        "--data", str(shared(BTC_15M)), "--to", "2025-12-01", "--out", str(out), "--no-report",
    ]  # fmt: skip
    subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )  # fmt: skip
    (result,) = out.glob("*/result.json")
    return result.read_bytes()


def test_result_is_byte_identical_across_processes_and_hash_seeds(tmp_path: Path) -> None:
    assert run_in_a_process(tmp_path, "1") == run_in_a_process(tmp_path, "4242")
