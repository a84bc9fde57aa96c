"""What the card alone proves of its promises, no market breaks; what it refutes, one can."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.lints import judge_promises
from compiler.lints.promises import Verdict
from compiler.pipeline import check, compile_graph
from runtime.market.instrument_table import instrument_for
from runtime.testing.search import SearchLimits, search

HEAD = """\
name: promising
symbol: BTCUSDT
tf: 15m
execution: { fill_model: touch }
invariants: [PROMISE]
"""
STOP = "stop_loss: close * 0.97"
ENTRY = "{action: entry_long, metadata: {size_usdt: 1000, STOP}}".replace("STOP", STOP)
BARE = "{action: entry_long, metadata: {size_usdt: 1000}}"
TRAIL = BARE.replace("1000", "1000, trail: {distance: close * 0.03}")
WAITS = BARE.replace("1000", "1000, trail: {distance: close * 0.03, activate_pct: 1}")
SHORT = "{action: entry_short, metadata: {size_usdt: 1000, stop_loss: close * 1.03}}"
REST = (
    "{action: place_limit_long, metadata: {price: close - 1, size_usdt: 1000, stop_loss: close * 0.9, "
    "ttl_bars: 5}}"
)
ALONE = "close > open and pending_order_count == 0 and"
ONE_LAYER = "position_policy: {max_layers: 1}\n"
REST_SHORT = REST.replace("limit_long", "limit_short").replace("- 1", "+ 1").replace("0.9", "1.1")
HALF = "{action: entry_long, metadata: {size: 50% of equity, STOP}}".replace("STOP", STOP)
GROW = ("position_side == long", "{action: adjust_size, metadata: {size_usdt: 2000}}")
NAMED = REST.replace("ttl_bars: 5", "ttl_bars: 5, order_ref: a")
DEARER = ("close < open", "{action: amend_order, metadata: {order_ref: a, price: close}}")
LATE = ("position_side == long and bars_since_entry >= 4", "exit_all")
AGAIN = [
    ("position_side == flat", ENTRY),
    ("position_side == long and close < open", f"exit_long, {ENTRY}"),
]
# promise, more of the card, cases as (when, action), what the card alone says
CARDS = [
    ("always_protected", "", [("close > open", ENTRY)], Verdict.PROVEN),
    ("always_protected", "", [("close > open", ENTRY), ("close < open", BARE)], Verdict.OPEN),
    ("always_protected", "", [("close > open", BARE)], Verdict.OPEN),
    ("always_protected", "", [("position_side == flat", BARE)], Verdict.REFUTED),
    ("always_protected", "", [("position_side == flat", TRAIL)], Verdict.PROVEN),
    ("always_protected", "", [("position_side == flat", WAITS)], Verdict.REFUTED),
    ("max_layers: 1", ONE_LAYER, [("close > open", ENTRY)], Verdict.PROVEN),
    ("max_layers: 1", "", [(f"{ALONE} position_side == flat", ENTRY)], Verdict.PROVEN),
    ("max_layers: 1", "", [("close > open and position_side == flat", REST)], Verdict.OPEN),
    ("max_layers: 1", "", [("close > open and position_layers < 2", ENTRY)], Verdict.REFUTED),
    ("max_layers: 3", "", [(f"{ALONE} position_layers < 3", ENTRY)], Verdict.PROVEN),
    ("max_layers: 2", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("max_layers: 1", "", AGAIN, Verdict.OPEN),
    ("max_notional_usdt: 100", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("max_notional_usdt: 2500", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("max_notional_usdt: 1000", ONE_LAYER, [("close > open", ENTRY)], Verdict.OPEN),
    ("max_notional_usdt: 1000", ONE_LAYER, [("close > open", REST)], Verdict.PROVEN),
    ("max_notional_usdt: 2000", "position_policy: {max_layers: 2}\n", [("close > open", REST)],
     Verdict.PROVEN),
    ("max_notional_usdt: 1000", ONE_LAYER, [("close > open", REST), GROW], Verdict.OPEN),
    ("max_notional_usdt: 1000", ONE_LAYER, [("close > open", REST_SHORT)], Verdict.OPEN),
    ("max_notional_usdt: 1000", ONE_LAYER, [("close > open", NAMED), DEARER], Verdict.OPEN),
    ("max_notional_usdt: 4000", "", [("close > open", HALF)], Verdict.REFUTED),
    ("max_notional_usdt: 5000", "", [("close > open", HALF)], Verdict.OPEN),
    ("max_notional_usdt: 9900", "", [("close > open", HALF.replace("50%", "200%"))], Verdict.OPEN),
    ("never_average_up", ONE_LAYER, [("close > open", ENTRY)], Verdict.PROVEN),
    ("never_average_up", "", [(f"{ALONE} position_side == flat", ENTRY)], Verdict.PROVEN),
    (
        "never_average_up",
        "",
        [("position_side == flat or close < position_avg_entry", ENTRY)],
        Verdict.OPEN,
    ),
    (
        "never_average_up",
        "",
        [("position_side == flat", ENTRY), ("close > position_avg_entry", ENTRY)],
        Verdict.REFUTED,
    ),
    ("max_open_orders: 1", "", [("close > open", REST)], Verdict.REFUTED),
    ("position_layers >= 0", "", [("close > open", ENTRY)], Verdict.PROVEN),
    ("position_layers < 2", "", [("close > open", ENTRY), ("close < open", SHORT)], Verdict.OPEN),
    ("position_side == long", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("flat_after_bars: 2", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("flat_after_bars: 2", "", [("close > open", ENTRY), ("close < open", SHORT)], Verdict.OPEN),
    ("flat_after_bars: 5", "", [("close > open", ENTRY), LATE], Verdict.OPEN),
    ("flat_after_bars: 5", "", [LATE], Verdict.PROVEN),
    ("no_entry_while: close > 105", "", [("close > open", ENTRY)], Verdict.REFUTED),
    ("no_entry_while: position_layers > 0", "", [("close > open", ENTRY)], Verdict.OPEN),
    ("no_entry_while: position_layers > 0", "",
     [(f"{ALONE} position_side == flat", ENTRY)], Verdict.PROVEN),
    ("no_entry_while: position_layers > 0", "",
     [(f"{ALONE} position_side == flat", REST)], Verdict.OPEN),
    ("no_entry_while: close < open", "", [(f"{ALONE} position_side == flat", ENTRY)], Verdict.OPEN),
    ("no_entry_while: close < open", "", [LATE], Verdict.PROVEN),
]  # fmt: skip


def card(promise: str, more: str, cases: list[tuple[str, str]]) -> Source:
    text = HEAD.replace("PROMISE", promise if ":" not in promise else f"{{{promise}}}") + more
    text += "blocks:\n"
    for number, (when, action) in enumerate(cases):
        text += f"  - id: b{number}\n    cases:\n      - when: {when}\n        emit: [{action}]\n"
    return Source("promising.card.yaml", text)


@pytest.mark.parametrize(("promise", "more", "cases", "wanted"), CARDS)
def test_a_promise_is_judged_by_the_card_and_no_market_says_otherwise(
    promise: str, more: str, cases: list[tuple[str, str]], wanted: Verdict
) -> None:
    source = card(promise, more, cases)
    checked = check(source, lints=False)
    assert checked.graph is not None, checked.diagnostics
    assert checked.card is not None
    (found,) = judge_promises(source, checked.card, checked.graph)
    assert found.verdict is wanted
    program = compile_graph(checked.graph)
    # The first that breaks a promise ends the search; hypothesis draws by what is imported, too.
    most = 1_000 if wanted is Verdict.REFUTED else 80
    limits = SearchLimits(examples=most, bars=8, seed=1)
    done = search(program, instrument_for("BTCUSDT"), limits)
    if wanted is Verdict.PROVEN:
        assert done.found is None, done.found
    if wanted is Verdict.REFUTED:
        assert done.found is not None
        assert done.found.broken.number == 0


@pytest.mark.parametrize(
    ("promise", "how", "entry"),
    [
        ("always_protected", "fill_model: touch, attached: next_bar", ENTRY),
        ("never_average_up", "fill_model: volume_weighted", REST),
    ],
)
def test_how_orders_fill_may_leave_a_promise_open(promise: str, how: str, entry: str) -> None:
    """A stop that waits leaves a bar bare; parts of one order may be filled at several prices."""
    source = card(promise, ONE_LAYER, [("position_side == flat", entry)])
    text = source.text.replace("fill_model: touch", how)
    checked = check(Source("promising.card.yaml", text), lints=False)
    assert checked.graph is not None
    assert checked.card is not None
    (found,) = judge_promises(source, checked.card, checked.graph)
    assert found.verdict is Verdict.OPEN


def gallery() -> list[Path]:
    folder = Path(__file__).parents[2] / "cards"
    where = ("gallery/*.yaml", "cookbook/*.yaml", "broken/near_misses/IC609*.yaml")
    texts = [path for pattern in where for path in folder.glob(pattern)]
    said = {path: path.read_text(encoding="utf-8") for path in texts}
    # Paths are made up for one symbol: a card that reads another (`BTCUSDT.close`) has none.
    return sorted(p for p in texts if "invariants" in said[p] and "USDT." not in said[p])


@pytest.mark.parametrize("path", gallery(), ids=lambda path: path.stem)
def test_no_market_breaks_what_a_card_of_the_house_proves(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    checked = check(source, lints=False)
    assert checked.graph is not None
    assert checked.card is not None
    judged = judge_promises(source, checked.card, checked.graph)
    proven = [n for n, one in enumerate(judged) if one.verdict is Verdict.PROVEN]
    symbol = checked.graph.symbols[0]
    done = search(
        compile_graph(checked.graph),
        instrument_for(symbol),
        SearchLimits(examples=30, bars=8, seed=2),
    )
    assert done.found is None or done.found.broken.number not in proven
