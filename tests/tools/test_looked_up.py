"""What traders type leads somewhere: to a word, or to how a card says it."""

from __future__ import annotations

from collections import Counter

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.recipe import plain
from compiler.findings.recipes import RECIPES, recipe
from compiler.findings.source import Source
from compiler.findings.words import Place, meanings, meant
from compiler.pipeline import check
from tests.tools.cli import run
from tools.language_words import Word, card_around, formulas, words
from tools.reference_text import find, instead

TALIB = (
    "bbands dema ema ht_trendline kama ma mama mavp midpoint midprice sar sarext sma t3 tema trima wma adx adxr apo aroon "
    "aroonosc bop cci cmo dx macd macdext macdfix mfi minus_di minus_dm mom plus_di plus_dm ppo roc rocp rocr rocr100 rsi "
    "stoch stochf stochrsi trix ultosc willr ad adosc obv atr natr trange avgprice medprice typprice wclprice ht_dcperiod "
    "ht_dcphase ht_phasor ht_sine ht_trendmode beta correl linearreg linearreg_angle linearreg_intercept linearreg_slope "
    "stddev tsf var avgdev acos asin atan ceil cos cosh exp floor ln log10 sin sinh sqrt tan tanh add sub mult div max "
    "maxindex min minindex minmax minmaxindex sum cdl2crows cdl3blackcrows cdl3inside cdl3linestrike cdl3outside "
    "cdl3starsinsouth cdl3whitesoldiers cdlabandonedbaby cdladvanceblock cdlbelthold cdlbreakaway cdlclosingmarubozu "
    "cdlconcealbabyswall cdlcounterattack cdldarkcloudcover cdldoji cdldojistar cdldragonflydoji cdlengulfing "
    "cdleveningdojistar cdleveningstar cdlgapsidesidewhite cdlgravestonedoji cdlhammer cdlhangingman cdlharami "
    "cdlharamicross cdlhighwave cdlhikkake cdlhikkakemod cdlhomingpigeon cdlidentical3crows cdlinneck cdlinvertedhammer "
    "cdlkicking cdlkickingbylength cdlladderbottom cdllongleggeddoji cdllongline cdlmarubozu cdlmatchinglow cdlmathold "
    "cdlmorningdojistar cdlmorningstar cdlonneck cdlpiercing cdlrickshawman cdlrisefall3methods cdlseparatinglines "
    "cdlshootingstar cdlshortline cdlspinningtop cdlstalledpattern cdlsticksandwich cdltakuri cdltasukigap cdlthrusting "
    "cdltristar cdlunique3river cdlupsidegap2crows cdlxsidegap3methods"
)
PINE = (
    "ta.accdist ta.alma ta.atr ta.barssince ta.bb ta.bbw ta.cci ta.change ta.cmo ta.cog ta.correlation ta.cross "
    "ta.crossover ta.crossunder ta.cum ta.dev ta.dmi ta.ema ta.falling ta.highest ta.highestbars ta.hma ta.iii ta.kc "
    "ta.kcw ta.linreg ta.lowest ta.lowestbars ta.macd ta.max ta.median ta.mfi ta.min ta.mode ta.mom ta.nvi ta.obv "
    "ta.percentile_linear_interpolation ta.percentile_nearest_rank ta.percentrank ta.pivot_point_levels ta.pivothigh "
    "ta.pivotlow ta.pvi ta.pvt ta.range ta.rci ta.rising ta.rma ta.roc ta.rsi ta.sar ta.sma ta.stdev ta.stoch "
    "ta.supertrend ta.swma ta.tr ta.tsi ta.valuewhen ta.variance ta.vwap ta.vwma ta.wad ta.wma ta.wpr ta.wvad math.abs "
    "math.avg math.ceil math.exp math.floor math.log math.log10 math.max math.min math.pow math.random math.round "
    "math.round_to_mintick math.sign math.sqrt math.sum nz na fixnan iff request.security strategy.entry strategy.exit "
    "strategy.close strategy.close_all strategy.cancel strategy.order strategy.position_size strategy.equity "
    "strategy.openprofit strategy.risk.max_drawdown timeframe.period dayofweek dayofmonth weekofyear hour minute month "
    "year time timenow bar_index barstate.isfirst syminfo.mintick session.ismarket hl2 hlc3 ohlc4 hlcc4 plot alertcondition input"
)
SPOKEN = ["week", "per week", "funding time", "force_index", "three_line_strike", "sum", "choppiness", "smma", "trailing", "session", "London session", "kill zone", "bollinger", "keltner", "donchian channel", "moving average", "golden cross", "awesome oscillator", "alligator", "fractal", "zigzag", "ichimoku cloud", "elder ray", "mass index", "wavetrend", "QQE", "connors RSI", "heikin ashi", "renko", "divergence", "double top", "head and shoulders", "trendline", "support", "resistance", "supply demand", "order block", "FVG", "BOS", "liquidity sweep", "pin bar", "inside bar", "outside bar", "NR7", "marubozu", "doji", "engulfing", "three white soldiers", "tweezer top", "gap up", "opening range", "VWAP", "anchored VWAP", "volume spike", "open interest", "CVD", "order flow", "market order", "limit order", "stop order", "stop limit", "trailing stop", "bracket", "OCO", "iceberg", "TWAP", "break-even", "partial exit", "scale out", "pyramiding", "martingale", "DCA", "grid", "hedge", "kelly", "risk per trade", "position sizing", "leverage", "stop loss", "take profit", "stop and reverse", "rebalance", "cooldown", "max daily loss", "max drawdown", "time stop", "end of day", "weekend", "holiday", "new month", "quarter", "seasonality", "R multiple", "MAE", "MFE", "sharpe", "win rate", "profit factor", "pairs trading", "portfolio", "IOC", "GTC", "post only", "reduce only", "expiry", "spread", "slippage", "commission", "news", "higher timeframe", "repaint", "breakout", "pullback", "mean reversion", "uptrend", "overbought", "efficiency ratio", "historical volatility", "z-score", "buy", "sell", "short", "long", "close position", "cancel", "if", "else", "crossover", "crosses", "random", "loop", "array", "average price", "chikou", "lagging span", "kumo.chikou", "last_bar", "ny.last_bar", "trailing buy stop", "opening range breakout", "size halving", "halve", "grid centre", "remember", "funding percentile", "basis", "touches", "virtual position", "paper trade", "half kelly", "equity_ma", "fraction", "best bid", "bid", "triple screen", "kumo twist", "heikin ashi doji"]  # fmt: skip
EVERY = words()
ASKED = (*TALIB.split(), *PINE.split(), *SPOKEN)


@pytest.mark.parametrize("asked", ASKED)
def test_what_traders_type_leads_to_a_word_or_to_how_it_is_said(asked: str) -> None:

    assert find(asked, EVERY) or instead(asked, EVERY), asked


@pytest.mark.parametrize("way", formulas(), ids=lambda way: way.name)
def test_every_way_of_saying_it_compiles(way: Word) -> None:
    checked = check(Source(way.name, card_around(way)), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics if d.is_error]


def test_a_name_stands_in_one_row_and_in_none_where_it_is_a_word_or_another_name() -> None:
    names = Counter(plain(name) for way in RECIPES for name in way.names)
    assert [name for name, times in names.items() if times > 1] == []
    ours = {plain(word.name) for word in words()}
    assert sorted(ours & set(names)) == []
    for way in RECIPES:
        for name in way.names:
            for place in (Place.TYPE, Place.NAME):
                found = meant(place, name)
                assert found is not None
                assert not found.word, name


def test_whatever_is_meant_by_another_word_is_one_of_the_language() -> None:
    """Types of features are of the catalogue; the words of other places have tests of their own."""
    for asked in ASKED:
        for _, theirs in meanings(asked):
            known = meant(Place.TYPE, asked)
            if known == theirs and theirs.word:
                assert theirs.word in CATALOGUE


def diagnosed(when: str, feature: str = "{ type: atr, id: atr }") -> list[Diagnostic]:
    card = (
        "name: x\nsymbol: BTCUSDT\ntf: 15m\n"
        f"features: [{feature}]\n"
        f"blocks:\n  - id: a\n    cases: [{{ when: '{when}', emit: [exit_all] }}]\n"
    )
    return [d for d in check(Source("x", card), lints=False).diagnostics if d.is_error]


def test_another_name_for_the_same_average_is_mended_by_a_safe_fix() -> None:
    (found,) = diagnosed("close > smma(close, 14)")
    assert found.fix is not None
    assert found.fix.safe
    assert [edit.text for edit in found.fix.edits] == ["rma"]
    (found,) = diagnosed("close > slow", "{ type: smma, id: slow, params: { length: 14 } }")
    assert found.fix is not None
    assert found.fix.safe
    assert "rma" in str(found.help)


def test_an_indicator_that_has_no_word_is_told_by_its_formula_in_a_card_too() -> None:
    for found in (
        *diagnosed("choppiness(14) < 38"),
        *diagnosed("choppiness < 38"),
        *diagnosed("x < 38", "{ type: choppiness, id: x }"),
    ):
        assert "100 * log(14 * sma(atr(1), 14)" in str(found.help), found
    (found,) = diagnosed("sum(volume, 20) > 1000")
    assert "20 * sma(volume, 20)" in str(found.help)


def test_a_function_of_a_library_is_written_without_the_library() -> None:
    (found,) = diagnosed("close > ta.sma(close, 14)")
    assert found.fix is not None
    assert [edit.text for edit in found.fix.edits] == ["sma"]


def test_the_name_of_an_indicator_elsewhere_is_told_where_an_id_was_meant() -> None:
    (found,) = diagnosed("close > smma")
    assert "here called `rma`" in found.message


def test_a_look_up_of_what_has_no_word_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, ["reference", "per", "week"])
    assert said.code == 0
    assert "count_since(new_week" in said.out
    said = run(capsys, ["reference", "smma"])
    assert said.code == 0
    assert "it is `rma`" in said.out
    assert "Wilder" in said.out
    assert run(capsys, ["reference", "smma", "--json"]).out.startswith("[")
    assert run(capsys, ["reference", "qwertzu"]).code == 1
    assert recipe("qwertzu") is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("ny.last_bar", "`ny.last_bar` its last"),
        ("kumo.chikou", "close > close[26]"),
        ("average price", "position_avg_entry"),
        ("grid centre", "centre: 'value_when(idle, close)'"),
        ("funding percentile", "percentile(funding_rate"),
    ],
)
def test_a_look_up_says_how_a_card_writes_what_is_asked(
    asked: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, ["reference", *asked.split()])
    assert told.code == 0
    assert said in " ".join(told.out.split())


@pytest.mark.parametrize(
    ("word", "counts"),
    [("anti_martingale", "win_streak"), ("anti-martingale", "win_streak"), ("martingale", "loss_streak")],
)  # fmt: skip
def test_what_grows_after_wins_is_not_told_as_what_grows_after_losses(
    word: str, counts: str
) -> None:
    said = recipe(word)
    assert said is not None
    assert counts in said.example
