"""Which of several mark series beside the bars is taken: one of these bars, that covers them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.rule_graph import RuleGraph
from compiler.pipeline import compile_card
from runtime.errors import DataError
from runtime.market.assemble import Wanted, assemble
from runtime.market.bar_files import write_bars
from runtime.market.data import MarketData
from runtime.market.identity import DataOrigin, Identity, Market, PriceKind
from runtime.market.store import StoredSeries, mark_files, store_path
from runtime.market.synthetic import SyntheticSpec
from tools.made_market import made_market

CARD = """
name: x
version: "3.2"
symbol: BTCUSDT
tf: {tf}
blocks:
  - id: enter
    cases:
      - when: close > open and position_side == flat
        emit: [{{ action: entry_long, metadata: {{ size: 1000 usdt }} }}]
"""


def graph_of(tf: str) -> RuleGraph:
    return compile_card(Source("x", CARD.format(tf=tf))).graph


def known(tf: str) -> Identity:
    return Identity(
        venue="bybit", market=Market.LINEAR, symbol="BTCUSDT", timeframe=tf,
        origin=DataOrigin.DOWNLOADED, detail="public klines",
    )  # fmt: skip


def market(tf: str, bars: int, seed: int = 3) -> MarketData:
    return made_market(SyntheticSpec(timeframe=tf, bars=bars, seed=seed))


def store_bars(store: Path, tf: str, bars: int) -> Path:
    path = store_path(store, "bybit", "BTCUSDT", tf)
    write_bars(market(tf, bars).exec, path, known(tf))
    return path


def store_marks(beside: Path, tf: str, bars: int, seed: int = 3) -> None:
    mark = market(tf, bars, seed).mark
    assert mark is not None
    identity = replace(known(tf), price=PriceKind.MARK)
    write_bars(mark, beside.with_name(f"mark_{tf}.parquet"), identity)


def taken(store: Path, tf: str) -> tuple[str, tuple[str, ...]]:
    data = assemble(graph_of(tf), Wanted(data=store))
    return data.sides["mark prices"].file, data.notes


def test_marks_of_the_own_timeframe_come_first_then_finer_then_coarser_ones(tmp_path: Path) -> None:
    bars = tmp_path / "1h.parquet"
    for tf in ("1d", "4h", "30m", "1h", "15m"):
        (tmp_path / f"mark_{tf}.parquet").write_bytes(b"")
    names = [p.stem for p in mark_files(StoredSeries(bars, known("1h")), "1h")]
    assert names == ["mark_1h", "mark_15m", "mark_30m", "mark_4h", "mark_1d"]


def test_finer_marks_that_cover_less_are_not_taken_for_those_of_the_bars(tmp_path: Path) -> None:
    bars = store_bars(tmp_path, "1h", 300)
    store_marks(bars, "1h", 300)
    store_marks(bars, "15m", 200)
    name, notes = taken(tmp_path, "1h")
    assert name == "mark_1h.parquet"
    assert not any("mark prices cover" in note for note in notes)


def test_finer_marks_that_cover_all_stand_in_for_short_ones_of_the_bars(tmp_path: Path) -> None:
    bars = store_bars(tmp_path, "1h", 300)
    store_marks(bars, "1h", 40)
    store_marks(bars, "15m", 1_200)
    assert taken(tmp_path, "1h")[0] == "mark_15m.parquet"
    store_marks(bars, "15m", 400)  # neither covers all: the one that covers more
    name, notes = taken(tmp_path, "1h")
    assert name == "mark_15m.parquet"
    assert any("200 of 300 bars have none" in note for note in notes)


def test_marks_of_other_bars_are_passed_over_where_others_fit(tmp_path: Path) -> None:
    bars = store_bars(tmp_path, "1h", 300)
    store_marks(bars, "1h", 300, seed=8)
    with pytest.raises(DataError, match="these mark prices are not of these bars"):
        taken(tmp_path, "1h")
    store_marks(bars, "4h", 75)
    name, notes = taken(tmp_path, "1h")
    assert name == "mark_4h.parquet"
    assert any("mark_1h.parquet was passed over for mark_4h.parquet: " in note for note in notes)


def test_marks_that_a_person_names_are_not_passed_over(tmp_path: Path) -> None:
    bars = store_bars(tmp_path, "1h", 300)
    store_marks(bars, "1h", 300)
    store_marks(bars, "4h", 75, seed=8)
    named = Wanted(data=tmp_path, mark=bars.with_name("mark_4h.parquet"))
    with pytest.raises(DataError, match="these mark prices are not of these bars"):
        assemble(graph_of("1h"), named)
