"""Every card of the cookbook trades as its statement in pandas does: each bar, side and price."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from compiler.findings.source import Source
from compiler.pipeline import check
from tests.cookbook import breaks, days, sizes, trends
from tests.cookbook.bench import CARDS, TICK, Fill, bars, follower, played
from tools.cookbook import Recipe, recipes, table

Statement = Callable[[pd.DataFrame], list[Fill]]
# The card's number and name, its statement, timeframe and bars of its market.
STATED: tuple[tuple[str, Statement, str, int], ...] = (
    ("01_supertrend_reversal", trends.supertrend_reversal, "1h", 1200),
    ("02_golden_cross", trends.golden_cross, "1d", 2500),
    ("03_rsi2", trends.rsi2, "1d", 1200),
    ("04_turtle", trends.turtle, "1d", 1200),
    ("05_macd_signal", trends.macd_signal, "4h", 1200),
    ("06_squeeze", trends.squeeze, "1h", 3000),
    ("07_ichimoku", trends.ichimoku, "4h", 1500),
    ("08_opening_range", trends.opening_range, "15m", 2800),
    ("09_heikin_ashi", sizes.heikin_ashi, "15m", 2500),
    ("10_rsi_divergence", sizes.rsi_divergence, "1h", 1500),
    ("11_dca_bot", sizes.dca_bot, "15m", 2000),
    ("12_fibonacci_ladder", sizes.fibonacci_ladder, "1h", 4000),
    ("13_chandelier_exit", sizes.chandelier_exit, "4h", 1200),
    ("14_break_even", sizes.break_even, "15m", 3000),
    ("15_win_streak_size", sizes.win_streak_size, "1h", 1200),
    ("16_volatility_target", sizes.volatility_target, "1d", 1500),
    ("17_cool_down", breaks.cool_down, "15m", 2000),
    ("18_daily_loss", breaks.daily_loss, "1h", 3000),
    ("19_pairs_filter", breaks.pairs_filter, "1h", 2000),
    ("20_parabolic_sar", breaks.parabolic_sar, "4h", 600),
    ("21_triple_screen", breaks.triple_screen, "4h", 2000),
    ("22_narrow_range", breaks.narrow_range, "1d", 600),
    ("23_volatility_breakout", breaks.volatility_breakout, "1h", 1500),
    ("24_holy_grail", breaks.holy_grail, "1h", 2500),
    ("25_vwap_reversion", days.vwap_reversion, "15m", 2000),
    ("26_aroon_cross", days.aroon_cross, "4h", 800),
    ("27_pivot_bounce", days.pivot_bounce, "15m", 2000),
    ("28_engulfing", days.engulfing, "1h", 1500),
    ("29_funding_fade", days.funding_fade, "1h", 1500),
    ("30_turtle_soup", days.turtle_soup, "1d", 1500),
    ("31_evening_hours", days.evening_hours, "1h", 1500),
    ("32_grid", days.grid, "15m", 2000),
    ("33_trailing_offset", days.trailing_offset, "1h", 1200),
)
OF_FUNDING = ("29_funding_fade",)
OF_A_PAIR = ("19_pairs_filter",)
FEWEST = 10  # fills: five trades
LONGEST = 20  # lines of a statement


@pytest.mark.parametrize(
    ("name", "statement", "timeframe", "count"), STATED, ids=[s[0] for s in STATED]
)
def test_a_card_trades_as_the_statement_of_its_source(
    name: str, statement: Statement, timeframe: str, count: int
) -> None:
    market, others = bars(timeframe, count), {}
    if name in OF_A_PAIR:
        market, others = follower(market).assign(leader=market.close), {"BTCUSDT": market}
    wanted, made = (
        statement(market),
        played(CARDS / f"{name}.card.yaml", market, others, paid=name in OF_FUNDING),
    )
    assert len(wanted) >= FEWEST
    assert [f[:2] for f in made] == [f[:2] for f in wanted]
    assert [f.price for f in made] == pytest.approx([f.price for f in wanted], abs=TICK["BTCUSDT"])
    known = [
        (f.quantity, w.quantity)
        for f, w in zip(made, wanted, strict=True)
        if w.quantity is not None
    ]
    assert [f for f, _ in known] == pytest.approx([w for _, w in known], abs=0.001)


@pytest.mark.parametrize("statement", [s[1] for s in STATED], ids=lambda one: one.__name__)
def test_a_statement_is_short_enough_to_be_read(statement: Statement) -> None:
    assert len(inspect.getsource(statement).splitlines()) - 1 <= LONGEST


def test_every_card_of_the_cookbook_has_a_statement() -> None:
    assert [s[0] for s in STATED] == [one.name for one in recipes()]


@pytest.mark.parametrize("one", [*recipes()], ids=lambda one: one.name)
def test_a_card_of_the_cookbook_has_no_findings_and_is_named_as_its_file(one: Recipe) -> None:
    assert [d.message for d in check(Source(one.name, one.text)).diagnostics] == []
    _, named, rules = one.text.partition(f"\nname: {one.name[3:]}\n")
    assert named
    assert [word for word in re.findall(r"`(.+?)`", one.shows) if word not in rules] == []


def test_the_table_of_the_cookbook_is_that_of_its_cards() -> None:
    assert (CARDS / "README.md").read_text(encoding="utf-8") == table()


def test_a_card_that_does_not_name_its_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "01_own.card.yaml").write_text(
        "# An idea.\n# Shows: nothing.\nname: own\n", "utf-8"
    )
    with pytest.raises(ValueError, match=r"01_own\.card\.yaml: the first lines say"):
        [*recipes(tmp_path)]
