"""Traps that a back-test walks into, planted on purpose: each moves the sentence that is about it, and no other.

A pair of runs of one card, one of them with the trap. Findings are what the sentences come to, not their digits: whether
luck does as well, whether the search takes the rest away, whether it paid, whether it was long enough, whether the result
hangs on one trade.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.backtest import market_stage
from runtime.features.elementary import exp, log
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from runtime.rules.market_stage import MarketStage
from runtime.rules.tier import Tier
from tools.running import compile_for
from tools.search import robust as looked
from tools.search import runs as many
from tools.search.ledger import Ledger
from tools.search.nulls import cards, null_market, searched_cards
from tools.search.robust import Asked, Robust, robust
from tools.search.runs import Runs
from tools.search.words import LEVEL, Conclusion, searched

BTC = instrument_for("BTCUSDT")
INTERVAL = 900_000
Path = Callable[[float, float], list[float]]  # from one price to another, both left out
USUAL_COST_BP = 7.5  # of equity, both sides of a trade that is half of it
FREE = "account: { starting_equity_usdt: 10000, fee_model: { taker_bps: 0, maker_bps: 0 }, slippage_bps: 0 }"
CHEAP = "account: { starting_equity_usdt: 10000, fee_model: { taker_bps: 1, maker_bps: 1 }, slippage_bps: 0 }"
USUAL = "account: { starting_equity_usdt: 10000 }"
MIRRORED = Asked(mirrors=59)
LUCK, SEARCH, PAY, LENGTH, TRADES = "Luck", "Search", "Pay", "Length", "Trades"


def findings(made: Robust) -> dict[str, bool]:
    """Return what each sentence comes to."""
    assert made.luck is not None
    assert made.pieces is not None
    least, left = made.run.detectable_bp(), searched(made.luck, made.search)
    return {
        LUCK: made.luck.p <= LEVEL,
        SEARCH: made.luck.p <= LEVEL < left,
        PAY: made.paid.low_bp is not None and made.paid.low_bp > 0.0,
        LENGTH: least is None or least > 2.0 * USUAL_COST_BP,
        TRADES: made.pieces.net_usdt > 0.0 >= made.pieces.without_best,
    }


def moved(before: Robust, after: Robust) -> set[str]:
    one, other = findings(before), findings(after)
    return {name for name in one if one[name] != other[name]}


def ask(text: str, data: MarketData) -> Robust:
    return robust(compile_for(Source("trap.card.yaml", text)), data, BTC, MIRRORED)


def card(when: str, out: str, entry: str = "", account: str = USUAL) -> str:
    return f"""\
name: trap
symbol: BTCUSDT
tf: 15m
{account}
position_policy: {{ mode: long_only }}
blocks:
  - id: in
    cases:
      - when: position_side == flat and {when}
        emit: [{{ action: entry_long, metadata: {{ size: 50% of equity{entry} }} }}]
  - id: out
    cases:
      - when: position_side == long and {out}
        emit: [exit_long]
"""


def follow(account: str = USUAL) -> str:
    """A card that is long after a bar that rose, flat after one that fell."""
    return card("close > open", "close < open", account=account)


def bars(closes: list[float], path: Path) -> MarketData:
    """Return bars of the given closes; `path` says which prices lie between two of them."""
    frame, before = Frame("BTCUSDT", "15m", INTERVAL), 60_000.0
    for row, close in enumerate(closes):
        seen = [round(price, 1) for price in (before, *path(before, close), close)]
        ts = 1_704_067_200_000 + row * INTERVAL
        frame.append(ts, seen[0], max(seen), min(seen), seen[-1], 1_000.0)
        before = seen[-1]
    return MarketData(exec=frame, content_hash="", source="a trap", synthetic=True)


def walk(seed: int, count: int, sigma: Callable[[int], float] = lambda _row: 0.003) -> list[float]:
    chance, price, made = Random(f"trap:{seed}"), 60_000.0, []
    for row in range(count):
        price *= exp(chance.gauss(0.0, sigma(row)))
        made.append(round(price, 1))
    return made


def risen(data: MarketData, drift: float) -> MarketData:
    """Return the same bars with a drift."""
    frame, made = data.exec, Frame("BTCUSDT", "15m", INTERVAL)
    for row, ts in enumerate(frame.ts):
        before, after = exp(drift * row), exp(drift * (row + 1))
        opened, closed = round(frame.open[row] * before, 1), round(frame.close[row] * after, 1)
        high = max(opened, closed, round(frame.high[row] * before, 1))
        low = min(opened, closed, round(frame.low[row] * before, 1))
        made.append(ts, opened, high, low, closed, frame.volume[row])
    return replace(data, exec=made)


def at_once(_before: float, _close: float) -> list[float]:
    """A bar that jumps from its open to its close."""
    return []


def bridge() -> Path:
    """Return paths of 64 steps between two prices."""
    chance = Random("bridge")

    def path(before: float, close: float) -> list[float]:
        at = [0.0]
        for _ in range(64):
            at.append(at[-1] + chance.gauss(0.0, 0.003 / 8.0))
        whole = log(close / before) - at[-1]
        return [before * exp(at[n] + whole * n / 64.0) for n in range(1, 64)]

    return path


def both_sides(before: float, close: float) -> list[float]:
    return [max(before, close) * 1.0012, min(before, close) * 0.9988]


def test_a_look_ahead_in_the_engine_pays_and_is_luck_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Columns read the bar that comes next. The mirrors are run by the same engine, so they get the same gift."""
    data = null_market("random walk", 7, 2_000)
    before = ask(follow(), data)

    def ahead(
        program: Program, data: MarketData, tier: Tier = Tier.AUTO, **more: Any
    ) -> MarketStage:
        frame, made = data.exec, Frame("BTCUSDT", "15m", INTERVAL)
        made.ts = frame.ts
        for name in ("open", "high", "low", "close", "volume"):
            column: array[float] = getattr(frame, name)
            setattr(made, name, column[1:] + column[-1:])
        return market_stage(program, replace(data, exec=made), tier, **more)

    for module in (looked, many):
        monkeypatch.setattr(module, "market_stage", ahead)
    after = ask(follow(), data)
    assert moved(before, after) == {PAY}
    assert after.conclusion is before.conclusion is Conclusion.NO_EVIDENCE


def test_stops_filled_where_nothing_traded_pay_and_are_luck_all_the_same() -> None:
    """A price that jumps inside its bar fills no stop at the stop; the bar does not say that it jumped."""
    text = card("close > 0", "bars_since_entry >= 1", ", stop_loss: close * 0.9985", CHEAP)
    closes = walk(3, 2_000)
    before, after = ask(text, bars(closes, bridge())), ask(text, bars(closes, at_once))
    assert moved(before, after) == {PAY}
    assert after.conclusion is before.conclusion is Conclusion.NO_EVIDENCE


def test_the_better_way_through_every_bar_pays_and_is_luck_all_the_same() -> None:
    near = ", stop_loss: close * 0.9992, take_profit: close * 1.0008"
    text = card("close > 0", "bars_since_entry >= 3", near, CHEAP)
    data = bars(walk(6, 1_920), both_sides)
    before = ask(f"{text}execution: {{ intrabar: direction }}\n", data)
    after = ask(f"{text}execution: {{ intrabar: favourable }}\n", data)
    assert moved(before, after) == {PAY}
    assert after.conclusion is before.conclusion is Conclusion.NO_EVIDENCE


def test_costs_left_out_move_what_it_paid_and_its_break_even_stays() -> None:
    data = null_market("random walk", 5, 3_000, momentum=0.12)
    before, after = ask(follow(), data), ask(follow(FREE), data)
    assert moved(before, after) == {PAY}
    assert before.conclusion is Conclusion.NO_PROFIT
    assert after.conclusion is Conclusion.SURVIVES
    assert after.break_even == before.break_even
    assert after.assumed_bps == 0.0


def test_funding_left_out_moves_what_it_paid() -> None:
    """Longs pay for the rise they get."""
    data = risen(null_market("random walk", 2, 2_000), 0.0004)
    due = [ts for ts in data.exec.ts if ts % (8 * 3_600_000) == 0]
    funding = FundingSeries(array("q", due), array("d", [0.013] * len(due)))
    text = card("close > 0", "bars_since_entry >= 40")
    before, after = ask(text, replace(data, funding=funding)), ask(text, data)
    assert moved(before, after) == {PAY}
    assert after.conclusion is before.conclusion is Conclusion.TOO_SHORT


def test_a_rise_pays_a_card_that_is_only_long_and_is_no_timing() -> None:
    data = null_market("random walk", 2, 3_000)
    before, after = (ask(cards()["long only"], one) for one in (data, risen(data, 0.0004)))
    assert moved(before, after) == {PAY}
    assert after.conclusion is before.conclusion is Conclusion.TOO_SHORT


def test_one_trade_that_brought_it_all_is_said_to_have() -> None:
    """The price is an eighth higher from one bar on, which the card happened to hold."""
    text = card("high - low > 2 * atr(14)", "bars_since_entry >= 10", account=CHEAP)
    closes = walk(5, 3_000)
    lucky = [close * (1.12 if row >= 1_520 else 1.0) for row, close in enumerate(closes)]
    before, after = ask(text, bars(closes, at_once)), ask(text, bars(lucky, at_once))
    assert moved(before, after) == {TRADES}
    assert before.pieces is not None
    assert before.pieces.net_usdt < 0.0


def test_a_short_history_moves_what_could_have_been_seen() -> None:
    text = card("high - low > 2 * atr(14)", "bars_since_entry >= 10")
    closes = walk(2, 3_000)
    before, after = (ask(text, bars(some, at_once)) for some in (closes, closes[:600]))
    assert moved(before, after) == {LENGTH}
    assert before.conclusion is Conclusion.NO_EVIDENCE
    assert after.conclusion is Conclusion.TOO_SHORT


def test_a_card_that_waits_for_bursts_is_no_luckier_where_there_are_some() -> None:
    """It trades more often there, on the market as on its mirrors: bars shuffled would have no bursts to trade."""
    text = card("high - low > 3 * atr(14)", "bars_since_entry >= 4")

    def bursts(row: int) -> float:
        return 0.009 if row % 25 < 2 else 0.0024

    before, after = (
        ask(text, bars(one, at_once)) for one in (walk(3, 3_000), walk(3, 3_000, bursts))
    )
    assert moved(before, after) == {LENGTH}
    assert after.run.trades > 2 * before.run.trades


def test_one_position_in_two_orders_is_one_trade() -> None:
    """Trades counted twice would look like twice the evidence."""
    text = card("high - low > 2 * atr(14)", "bars_since_entry >= 10")
    half = "{ action: entry_long, metadata: { size: 25% of equity } }"
    twice = text.replace(f"[{half.replace('25', '50')}]", f"[{half}, {half}]")
    twice = twice.replace("{ mode: long_only }", "{ mode: long_only, max_layers: 2 }")
    data = bars(walk(2, 3_000), at_once)
    before, after = ask(text, data), ask(twice, data)
    assert before.luck is not None
    assert after.luck is not None
    assert after.paid != before.paid  # lots are rounded twice
    assert (after.run.trades, after.luck.p) == (before.run.trades, before.luck.p)
    assert moved(before, after) == set()


@dataclass(frozen=True, slots=True)
class Searched:
    """The best of 500 lengths of one idea on a market without direction, and the 499 others."""

    data: MarketData
    best: Program
    others: tuple[Program, ...]
    alone: Robust

    def ask(self, **more: object) -> Robust:
        return robust(self.best, self.data, BTC, replace(MIRRORED, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def of_500() -> Searched:
    data = null_market("random walk", 11, 1_200)
    first = compile_for(Source("trap.card.yaml", searched_cards()[0]))

    def of(*lengths: int) -> Program:
        moved = tuple(
            replace(feature, params=(("length", length),), warmup_bars=length)
            for feature, length in zip(first.graph.features, lengths, strict=True)
        )
        return replace(first, graph=replace(first.graph, features=moved))

    every = [of(fast, slow) for fast in range(2, 27) for slow in range(30, 110, 4)]
    best = max(every, key=lambda one: Runs(one, data, BTC).timing(data).t or 0.0)
    alone = robust(best, data, BTC, MIRRORED)
    return Searched(data, best, tuple(one for one in every if one is not best), alone)


def test_the_best_of_500_does_not_survive_its_search(of_500: Searched) -> None:
    """Alone it would: p is small and it paid."""
    after = of_500.ask(search_mirrors=19, ledger=Ledger(others=of_500.others))
    assert moved(of_500.alone, after) == {SEARCH}
    assert of_500.alone.conclusion is Conclusion.SURVIVES
    assert after.conclusion is Conclusion.NOT_THE_SEARCH


def test_tries_that_nobody_kept_count_when_they_are_said(of_500: Searched) -> None:
    after = of_500.ask(tried=499)
    assert moved(of_500.alone, after) == {SEARCH}
    assert after.conclusion is Conclusion.NOT_THE_SEARCH
