"""Laws of the simulator: random orders on random bars, every fill model and path policy."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.catalog.orders import OnFlat, OnPartial, Protect, TakeProfitType
from compiler.catalog.settings import Attached, FillModel, Intrabar, RestingGap
from runtime.account.ledger import Ledger
from runtime.orders.commands import AmendOrder, CancelOrder, SetProtection
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Effect, Level, LevelKind, RemovalMethod, Role, TimeInForce
from runtime.testing import markets
from tests.runtime.backends.sim.bench import TEST, Bench, level


def at_least(examples: int) -> settings:
    """Return settings with so many examples, more where the profile asks for more."""
    profile = settings.default
    return settings(max_examples=max(examples, profile.max_examples if profile else 0))


POLICIES = [path for path in Intrabar if path is not Intrabar.MAGNIFY]


@st.composite
def bars(draw: st.DrawFn) -> list[tuple[float, float, float, float, float]]:
    rows = draw(
        markets.bars(
            draw(st.integers(3, 25)), tick=1.0, gap_ticks=4, body_ticks=6, wick_ticks=5, floor=20.0
        )
    )
    return [(*row, float(draw(st.integers(0, 400)))) for row in rows]


def prices() -> st.SearchStrategy[float]:
    return st.integers(80, 120).map(float)


def levels() -> st.SearchStrategy[Level | None]:
    fixed = st.one_of(
        prices().map(level),
        st.integers(1, 10).map(lambda v: Level(LevelKind.PERCENT, float(v))),
        st.integers(1, 10).map(lambda v: Level(LevelKind.DISTANCE, float(v))),
    )
    return st.none() | fixed


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, str, int, dict[str, Any]]:
    kind = draw(st.sampled_from(["market", "limit", "stop_market", "stop_limit"]))
    more: dict[str, Any] = {}
    if kind in ("limit", "stop_limit"):
        more["limit_price"] = draw(prices())
    if kind.startswith("stop"):
        more["trigger_price"] = draw(prices())
    if draw(st.integers(0, 3)) == 0:
        more["effect"] = Effect.REDUCE
        more["method"] = draw(st.sampled_from(list(RemovalMethod)))
    else:
        more["stop_loss"], more["take_profit"] = draw(levels()), draw(levels())
        more["protect"] = draw(st.sampled_from(Protect))
        more["take_profit_type"] = draw(st.sampled_from(TakeProfitType))
        more["on_flat"] = draw(st.sampled_from(OnFlat))
    if kind == "limit":
        more["time_in_force"] = draw(st.sampled_from(list(TimeInForce)))
        more["post_only"] = draw(st.booleans()) and more["time_in_force"] is TimeInForce.GTC
    more["ttl_bars"] = draw(st.none() | st.integers(1, 6))
    more["on_partial"] = draw(st.sampled_from(OnPartial))
    if draw(st.booleans()):
        more["order_group"], more["oco"] = "g", draw(st.booleans())
    return draw(st.sampled_from(["buy", "sell"])), kind, draw(st.integers(1, 60)), more


def settings_() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "fill_model": st.sampled_from(FillModel),
            "intrabar": st.sampled_from(POLICIES),
            "resting_gap": st.sampled_from(RestingGap),
            "attached": st.sampled_from(Attached),
        }
    )


def accounts() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "max_leverage": st.sampled_from([1.0, 3.0, 10.0]),
            "slippage_bps": st.sampled_from([0.0, 25.0]),
            "taker_bps": st.just(5.5),
            "maker_bps": st.just(2.0),
            "starting_equity_usdt": st.sampled_from([3_000.0, 20_000.0]),
        }
    )


def play(data: st.DataObject, check: Any = None) -> Bench:
    rows = data.draw(bars())
    bench = Bench(rows, execution=data.draw(settings_()), account=data.draw(accounts()))  # type: ignore[arg-type]
    placed: list[str] = []
    for _ in rows:
        for side, kind, lots, more in data.draw(st.lists(orders(), max_size=2)):
            placed.append(bench.place(side, kind, lots, **more))
        if placed and data.draw(st.integers(0, 4)) == 0:
            target = data.draw(st.sampled_from(placed))
            bench.send(
                data.draw(
                    st.sampled_from(
                        [
                            CancelOrder(order_id=target, reason="test"),
                            AmendOrder(order_id=target, quantity=30),
                            SetProtection(stop_loss=level(95.0)),
                        ]
                    )
                )
            )
        bench.bar()
        if check is not None:
            check(bench)
    bench.exchange.end_of_data(bench.t - 1)
    return bench


def consistent(bench: Bench) -> None:
    ledger = bench.ledger
    start = ledger.account.starting_equity
    account = ledger.account
    identity = start + account.realized + ledger.unrealized - account.fees - account.funding
    assert abs(ledger.equity - identity) < 1e-6
    position = ledger.position
    entered = sum(
        0 if position is None else layer.quantity for layer in (position.layers if position else ())
    )
    assert entered == (position.quantity if position else 0)
    for order in ledger.orders.values():
        assert order.filled <= order.quantity
        assert order.filled >= 0
        assert (order.order_id in ledger.book) == (not order.is_terminal)


@at_least(150)
@given(st.data())
def test_money_layers_and_orders_add_up_on_every_bar(data: st.DataObject) -> None:
    play(data, consistent)


def covered_at_most_once(bench: Bench) -> None:
    """The position's own and those of its layers together, each kind for itself."""
    ledger, position = bench.ledger, bench.ledger.position
    for role in (Role.STOP_LOSS, Role.TAKE_PROFIT):
        covered = sum(o.remaining for o in ledger.book if o.spec.role is role)
        assert covered <= (position.quantity if position else 0)


@at_least(150)
@given(st.data())
def test_stops_never_cover_more_than_is_held_nor_do_targets(data: st.DataObject) -> None:
    play(data, covered_at_most_once)


@at_least(100)
@given(st.data())
def test_position_is_the_signed_sum_of_fills(data: st.DataObject) -> None:
    bench = play(data)
    total = sum(
        bench.ledger.orders[e.order_id].side.sign * e.quantity
        for e in bench.events if isinstance(e, OrderFilled)
    )  # fmt: skip
    position = bench.ledger.position
    assert total == (0 if position is None else position.side.sign * position.quantity)


@at_least(100)
@given(st.data())
def test_every_fill_is_inside_its_bar_and_no_better_than_its_price(data: st.DataObject) -> None:
    bench = play(data)
    frame = bench.exchange.data.exec
    replay = Ledger(TEST, bench.ledger.settings)  # a target's limit may move after it was filled
    for event in bench.events:
        limits = {key: order.limit_price for key, order in replay.orders.items()}
        replay.apply(event)
        if not isinstance(event, OrderFilled) or event.reason == "liquidation":
            continue
        sign = bench.ledger.orders[event.order_id].side.sign
        reference = event.price - sign * event.slippage
        low, high, open_ = (getattr(frame, n)[event.bar] for n in ("low", "high", "open"))
        assert low <= reference <= high or (event.path == 0.0 and event.is_maker)
        assert event.slippage >= -1e-9
        limit = limits[event.order_id]
        if limit is not None:
            assert sign * (event.price - limit) <= 1e-9 or event.slippage > 0
            if sign * (limit - event.price) > 1e-9:  # better than its price
                assert event.price == open_ or not event.is_maker


@at_least(100)
@given(st.data())
def test_replaying_the_events_restores_the_state(data: st.DataObject) -> None:
    bench = play(data)
    again = Ledger(TEST, bench.ledger.settings)
    for event in bench.events:
        again.apply(event)
    assert again.state() == bench.ledger.state()


@at_least(100)
@given(st.data())
def test_reductions_never_enlarge_or_flip_and_every_order_ends(data: st.DataObject) -> None:
    bench = play(data)
    replay = Ledger(TEST, bench.ledger.settings)
    for event in bench.events:
        before = replay.position
        side = None if before is None else before.side
        held = 0 if before is None else before.quantity
        replay.apply(event)
        if isinstance(event, OrderFilled):
            order = replay.orders[event.order_id]
            if order.spec.effect is Effect.REDUCE:
                after = replay.position
                assert side is not None
                assert order.side is not side
                assert (0 if after is None else after.quantity) == held - event.quantity
    assert all(order.is_terminal for order in bench.ledger.orders.values())


@at_least(60)
@given(st.data())
def test_a_clone_equals_its_original(data: st.DataObject) -> None:
    bench = play(data)
    clone = bench.ledger.clone()
    assert clone.state() == bench.ledger.state()
