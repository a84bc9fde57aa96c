"""Cards of the 3.0.0 era run unchanged: no error, and orders on recorded bars."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compiler.findings.source import Source
from compiler.pipeline import check, compile_card
from runtime.backtest import run_backtest
from runtime.market.assemble import Wanted, assemble
from runtime.market.instrument_table import instrument_for
from tests.compiler.parsing import OLD_CARDS
from tests.data_files import shared
from tests.strategies.made_cards import broken_laws
from tools.fixes import fix_until_stable

BTC_15M = "data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet"
UNTIL = 1_768_435_200_000  # 2026-01-15: sixteen weeks
CARDS = sorted(OLD_CARDS.glob("*.yaml"))


def source(path: Path) -> Source:
    return Source(path.name, path.read_text(encoding="utf-8"))


def risk_model(path: Path, rule: str, key: str) -> str:
    return str(yaml.safe_load(source(path).text)["risk_model"].get(rule, {}).get(key))


def test_there_is_a_card_for_every_kind_of_stop_target_and_sizing() -> None:
    assert len(CARDS) >= 10
    stops = {risk_model(path, "stop_loss", "type") for path in CARDS}
    targets = {risk_model(path, "take_profit", "type") for path in CARDS}
    sizings = {risk_model(path, "sizing", "model") for path in CARDS}
    assert {"percent", "atr_multiple", "fixed_points", "structure"} <= stops
    assert {"rr_ratio", "percent", "atr_multiple", "fixed_points", "structure"} <= targets
    assert sizings == {"percent_equity", "risk_based", "fixed_usdt"}


@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.stem)
def test_an_old_card_has_no_error(path: Path) -> None:
    assert [d.message for d in check(source(path)).diagnostics if d.is_error] == []


@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.stem)
def test_an_old_card_trades_on_recorded_bars_and_its_money_adds_up(path: Path) -> None:
    program = compile_card(source(path))
    data = assemble(program.graph, Wanted(data=shared(BTC_15M), end=UNTIL), "BTCUSDT")
    record = run_backtest(program, data, instrument_for("BTCUSDT"), flip=False)
    assert [order for order in record.orders if order.role == "entry"]
    assert record.fills
    equity = program.graph.settings.account.starting_equity_usdt
    assert broken_laws(record, equity) == []


@pytest.mark.parametrize("universe", ["BTCUSDT", '"BTCUSDT"', "[BTCUSDT]", "\n  - BTCUSDT"])
def test_one_symbol_may_stand_alone_or_in_a_list(universe: str) -> None:
    text = source(OLD_CARDS / "supply_short.yaml").text
    written = text.replace("symbol_universe:\n- BTCUSDT", f"symbol_universe: {universe}")
    assert written != text
    checked = check(Source("card.yaml", written))
    assert not checked.has_errors
    assert checked.graph is not None
    assert checked.graph.symbols == ("BTCUSDT",)


def test_words_in_capitals_are_mended_by_the_fixes() -> None:
    path = OLD_CARDS / "band_reversal.yaml"
    loud = source(path).text
    for word in ("isolated_usdt", "long_only", "near_pct", "lt", "entry_long", "percent", "close"):
        loud = loud.replace(f'"{word}"', f'"{word.upper()}"')
    before = check(Source(path.name, loud))
    assert before.has_errors
    fixed, left, _ = fix_until_stable(
        before.source, before.diagnostics, lambda s: check(s).diagnostics, unsafe=False
    )
    assert [d.message for d in left if d.is_error] == []
    again = check(fixed)
    written = check(source(path))
    assert again.graph is not None
    assert written.graph is not None
    assert again.graph.features == written.graph.features
