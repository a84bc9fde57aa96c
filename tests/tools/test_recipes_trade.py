"""What the reference gives as an entry or as a guard of one trades: from the first trade on, with none before it."""

from __future__ import annotations

import re

import pytest

from compiler.catalog.builtins import BUILTINS
from compiler.catalog.types import Stage
from compiler.findings.source import Source
from compiler.pipeline import check, compile_graph
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from runtime.rules.tier import Tier
from tests.made_bars import walk
from tools.language_words import Word, formulas

CARD = """name: example
symbol: BTCUSDT
tf: 15m
features: [{ type: atr, id: atr }]
structures: { exec: [{ type: swing, key: swing }] }
blocks:
  - id: leave
    cases:
      - { when: position_side != flat and bars_since_entry >= 3, emit: [exit_all] }
  - id: enter
    cases:
      - when: WHEN
        emit: [ENTRY]
"""
ENTRY = "{ action: entry_long, metadata: { size: 5% of equity, stop_loss: close - 2% } }"
OPENS = re.compile(r"\{ action: (entry|place_(limit|stop))_(long|short)")
OF_THE_ACCOUNT = re.compile(
    rf"\b({'|'.join(b.name for b in BUILTINS.values() if b.stage is Stage.ACCOUNT)})\b"
)
# A guard of an exit, of an addition, or of what is asked for a while after an entry.
OF_A_POSITION = re.compile(
    r"position_side (!=|== long)|position_[rhl]|position_stop|bars_since_entry"
)


def cards() -> dict[str, str]:
    """Return the cards of recipes that open a position, or that ask the account before one."""
    made = {}
    for way in formulas():
        example = way.example
        if OPENS.match(example):
            made[way.name] = CARD.replace("WHEN", "position_side == flat").replace("ENTRY", example)
        elif is_guard(way):
            when = f'"({example}) and position_side == flat"'
            made[way.name] = CARD.replace("WHEN", when).replace("ENTRY", ENTRY)
    return made


def is_guard(way: Word) -> bool:
    is_condition = not re.match(r"\{|[a-z_]+:\s", way.example)
    reads = OF_THE_ACCOUNT.search(way.example) and not OF_A_POSITION.search(way.example)
    return bool(is_condition and reads)


# An `ioc` at the close fills where the next bar opens below it; these bars open where the last one closed.
CARDS = {name: card for name, card in cards().items() if name != "gtc"}


def test_sizes_and_guards_by_the_last_trades_are_among_them() -> None:
    assert {"kelly", "equity_curve", "martingale", "fraction"} <= set(CARDS)
    assert len(CARDS) > 20


@pytest.mark.parametrize("name", CARDS)
def test_an_entry_or_a_guard_of_the_reference_trades(name: str) -> None:
    checked = check(Source(name, CARDS[name]))
    assert checked.graph is not None, [str(d) for d in checked.diagnostics if d.is_error]
    assert [d.message for d in checked.diagnostics if d.code == "IC512"] == []
    bars = walk("BTCUSDT", 60_000.0, count=600)
    record = run_backtest(
        compile_graph(checked.graph),
        MarketData(exec=bars),
        instrument_for("BTCUSDT"),
        tier=Tier.AUTO,
    )
    assert record.fills
