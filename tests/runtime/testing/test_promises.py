"""A promise is judged by the state alone: watched on engines whose own card does not make it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.catalog.promises import Promise
from compiler.graph.rule_graph import InvariantNode
from runtime.records.promises import unprotected_lots
from runtime.testing.promises import Broken, Watch
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat

BUY = emit("entry_long", size_usdt=300)
REST = emit("place_limit_long", price=99.0, size_usdt=100)
TWO = at_bar(0, BUY) + at_bar(1, BUY)


def watched(blocks: str, promise: InvariantNode, rows: list[Row] | None = None) -> list[Broken]:
    """Live through bars and return what is broken at each close."""
    run = Run(card_text(blocks), flat(100.0, 6) if rows is None else rows)
    graph = replace(run.program.graph, invariants=(promise,))
    watch = Watch(replace(run.program, graph=graph), run.engine)
    found = []
    for bar in range(len(run.data.exec)):
        run.exchange.step(bar)
        run.engine.observe(bar)
        broken = watch.at_close(bar)
        if broken is not None:
            found.append(broken)
        run.exchange.submit(run.engine.close_bar(bar, ticked=True))
    return found


@pytest.mark.parametrize(
    ("name", "most", "blocks", "bars"),
    [
        ("always_protected", None, at_bar(0, BUY) + at_bar(2, "exit_all"), [1, 2]),
        ("max_layers", 1.0, TWO, [2, 3, 4, 5]),
        ("max_notional_usdt", 500.0, TWO + at_bar(3, "exit_all"), [2, 3]),
        ("max_open_orders", 1.0, at_bar(0, REST, REST) + at_bar(2, "cancel_all_orders"), [1, 2]),
        ("flat_after_bars", 2.0, at_bar(0, BUY) + at_bar(4, "exit_all"), [4]),
    ],
)
def test_a_promise_is_broken_exactly_while_it_is_false(
    name: str, most: float | None, blocks: str, bars: list[int]
) -> None:
    found = watched(blocks, InvariantNode(Promise(name), argument=most))
    assert [broken.bar for broken in found] == bars
    assert {(broken.promise, broken.how, broken.number) for broken in found} == {(name, "state", 0)}


@pytest.mark.parametrize(
    ("name", "most", "blocks"),
    [
        ("always_protected", None, at_bar(0, emit("entry_long", size_usdt=300, stop_loss=95))),
        ("max_layers", 2.0, TWO),
        ("max_notional_usdt", 600.0, TWO),
        ("max_open_orders", 2.0, at_bar(0, REST, REST)),
        ("flat_after_bars", 5.0, at_bar(0, BUY)),
        ("never_average_up", None, TWO),
    ],
)
def test_a_promise_is_kept_up_to_its_limit(name: str, most: float | None, blocks: str) -> None:
    assert watched(blocks, InvariantNode(Promise(name), argument=most)) == []


def test_joining_above_the_average_breaks_never_average_up_on_the_bar_of_the_fill() -> None:
    rows = [*flat(100.0, 2), *flat(101.0, 2)]
    found = watched(TWO, InvariantNode(Promise.NEVER_AVERAGE_UP), rows)
    assert [(broken.bar, broken.text) for broken in found] == [
        (2, "filled at 101, worse than the average entry 100")
    ]


def test_the_stop_of_a_layer_protects_that_layer_alone() -> None:
    stop = emit("entry_long", size_usdt=200, stop_loss=95, protect="layer")
    bare = emit("entry_long", size_usdt=300)
    run = Run(card_text(at_bar(0, stop) + at_bar(1, bare)), flat(100.0, 4))
    run.live(2)
    assert unprotected_lots(run.ledger) == 0
    run.live()
    assert unprotected_lots(run.ledger) == 3_000
