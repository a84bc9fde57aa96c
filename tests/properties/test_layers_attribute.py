"""Which layers an exit takes from is bookkeeping: money, stops and liquidations do not depend on it.

The law holds where no layer owns protection (then the method chooses which stop stays) and no condition
reads a layer.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection
from runtime.orders.events import Event, OrderFilled
from runtime.orders.order_spec import Effect, RemovalMethod, Role
from tests.properties.test_equity_identity import Recorded
from tests.properties.test_exchange_laws import at_least, bars, levels, orders, settings_
from tests.runtime.backends.sim.bench import level

Placement = tuple[str, str, int, dict[str, Any]]


@st.composite
def entries_and_exits(draw: st.DrawFn) -> Placement:
    side, kind, lots, more = draw(orders())
    choice = draw(st.integers(0, 3))
    if choice == 0:  # more layers, and more partial exits, at market
        return "sell", "market", draw(st.integers(1, 8)), {"effect": Effect.REDUCE}
    if choice == 1:
        return "buy", "market", draw(st.integers(1, 12)), {"stop_loss": draw(levels())}
    more.pop("method", None)
    if more.get("effect") is not Effect.REDUCE:
        more["protect"] = "position"
    return side, kind, lots, more


def placed(story: list[list[Placement]], moves: list[Command | None], bench: Recorded,
           method: RemovalMethod) -> tuple[list[tuple[object, ...]], list[object]]:  # fmt: skip
    """Live through a story with one method; return what decides at every close, and the layers."""
    seen: list[tuple[object, ...]] = []
    layers: list[object] = []
    for orders_, move in zip(story, moves, strict=True):
        for side, kind, lots, more in orders_:
            bench.place(side, kind, lots, **(more | {"method": method}))
        named = getattr(move, "order_id", None)
        if move is not None and (named is None or named in bench.ledger.orders):
            bench.send(move)
        bench.bar()
        ledger = bench.ledger
        position = ledger.position
        average = math.nan if position is None else position.avg_entry_price
        held = () if position is None else position.layers
        layers.append([(layer.layer_id, layer.quantity) for layer in held])
        seen.append(
            (
                ledger.equity, ledger.account.balance, repr(average), ledger.liquidation_mark,
                ledger.stop_price(), ledger.target_price(),
                [(o.order_id, o.remaining, o.trigger_price, o.limit_price) for o in ledger.book],
            )
        )  # fmt: skip
    return seen, layers


def fills_of(events: list[Event]) -> list[OrderFilled]:
    return [event for event in events if isinstance(event, OrderFilled)]


def test_equity_stops_and_liquidations_do_not_depend_on_the_method() -> None:
    seen: Counter[str] = Counter()

    @at_least(100)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        rows = data.draw(bars())
        story = [data.draw(st.lists(entries_and_exits(), max_size=3)) for _ in rows]
        moves: list[Command | None] = [
            data.draw(
                st.sampled_from(
                    [None, None, None, SetProtection(stop_loss=level(96.0)),
                     SetProtection(take_profit=level(104.0)),
                     AmendOrder(order_id="o2", quantity=30), CancelOrder(order_id="o1", reason="t")]
                )
            )
            for _ in rows
        ]  # fmt: skip
        execution = data.draw(settings_())
        account = {
            "starting_equity_usdt": 3_000.0, "taker_bps": 5.5, "maker_bps": 2.0,
            "slippage_bps": 10.0, "max_leverage": data.draw(st.sampled_from([1.0, 5.0, 20.0])),
        }  # fmt: skip
        told, layers = {}, {}
        for method in RemovalMethod:
            bench = Recorded(rows, execution=execution, account=account)  # type: ignore[arg-type]
            decided, layers[method] = placed(story, moves, bench, method)
            told[method] = (decided, fills_of(bench.events))
        fifo = told[RemovalMethod.FIFO]
        assert told[RemovalMethod.LIFO] == fifo
        assert told[RemovalMethod.PROPORTIONAL] == fifo
        for event in fifo[1]:
            role = bench.ledger.orders[event.order_id].spec.role
            seen["stopped"] += role is Role.STOP_LOSS
            seen["liquidated"] += role is Role.LIQUIDATION
        fifo_layers, lifo_layers = layers[RemovalMethod.FIFO], layers[RemovalMethod.LIFO]
        seen["layers differ"] += fifo_layers != lifo_layers

    law()
    # The law is worth nothing where nothing happens.
    assert min(seen["stopped"], seen["liquidated"], seen["layers differ"]) > 2, seen
