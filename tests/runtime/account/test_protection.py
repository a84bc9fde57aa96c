"""Who owns a stop or target, who sets it, what moves it. Each decision with the numbers that tell readings
apart; cards without fees, everything touched fills."""

from __future__ import annotations

import pytest

from runtime.account.protection import Protection, stop_price, target_price
from runtime.orders.events import OrderFilled
from runtime.orders.order_spec import Effect, Level, LevelKind, Role
from runtime.records.recorder import Recorder
from runtime.records.rows import RunRecord, TradeRow
from tests.runtime.account.told import Told
from tests.runtime.backends.sim.bench import level
from tests.strategies.runs import Row, Run, at_bar, card_text, emit, flat, live

Fill = tuple[int, str, float, float]


def risk(stop: str = "", target: str = "") -> str:
    """Return a risk model of `type value` texts."""
    lines = [
        f"  {key}: {{ type: {kind}, value: {value} }}\n"
        for key, text in (("stop_loss", stop), ("take_profit", target))
        if text
        for kind, value in [text.split()]
    ]
    return "risk_model:\n" + "".join(lines)


def fills(run: Run) -> list[Fill]:
    """Return (bar, role or ref, base, price) of every execution."""
    found = []
    for event in run.events:
        if isinstance(event, OrderFilled):
            spec = run.ledger.orders[event.order_id].spec
            name = spec.order_ref or spec.role.value
            found.append((event.bar, name, run.ledger.instrument.base(event.quantity), event.price))
    return found


def buy(lots: float, ref: str, **more: object) -> str:
    return emit("entry_long", size=f"{lots} base", order_ref=ref, **more)


# ---------------------------------------------------------------- who owns what


def test_per_kind_the_position_covers_layers_without_their_own() -> None:
    """core 6 @ 50 (own stop 44, no target), scalp 4 @ 50 (stop 47, target 53). At 53 the position's target
    takes all 10: +30. With any-protection-excludes it would take 4, and the rest lose 36."""
    blocks = at_bar(0, buy(6, "core", stop_loss=44.0, protect="layer"))
    blocks += at_bar(1, buy(4, "scalp", stop_loss=47.0, take_profit=53.0))
    run = live(blocks, [*flat(50.0, 3), (50.0, 53.0, 50.0, 53.0), (53.0, 53.0, 44.0, 44.0)])
    assert fills(run)[2:] == [(3, "take_profit", 10.0, 53.0)]
    assert run.ledger.account.balance == 10_030.0


def test_the_positions_stop_sells_the_lots_that_have_no_stop_of_their_own() -> None:
    """The older layer owns its stop at 44: the position's stop at 47 leaves it alone, then 44 is hit."""
    blocks = at_bar(0, buy(6, "core", stop_loss=44.0, protect="layer"))
    blocks += at_bar(1, buy(4, "scalp", stop_loss=47.0))
    run = live(blocks, [*flat(50.0, 3), (50.0, 50.0, 46.5, 48.0)])
    assert fills(run)[2:] == [(3, "stop_loss", 4.0, 47.0)]
    position = run.ledger.position
    assert position is not None
    assert [(layer.order_ref, layer.quantity) for layer in position.layers] == [("core", 6_000)]
    assert [(o.spec.role, o.remaining, o.trigger_price) for o in run.ledger.book] == [
        (Role.STOP_LOSS, 6_000, 44.0)
    ]


@pytest.mark.parametrize(
    ("method", "equity", "lots"), [("fifo", 9_940.0, 6_000), ("lifo", 9_946.0, 0)]
)
def test_where_layers_own_their_stops_the_method_chooses_which_stop_stays(
    method: str, equity: float, lots: int
) -> None:
    """a 6 @ 50 (own stop 41), b 6 @ 46 (own stop 39), 6 leave at 46, low 40: fifo leaves b, which lives;
    lifo leaves a, which is stopped at 41."""
    blocks = at_bar(0, buy(6, "a", stop_loss=41.0, protect="layer"))
    blocks += at_bar(1, buy(6, "b", stop_loss=39.0, protect="layer"))
    blocks += at_bar(2, emit("exit_long", size_pct=0.5, method=method))
    run = live(blocks, [*flat(50.0, 2), *flat(46.0, 2), (46.0, 46.0, 40.0, 40.0)])
    held = run.ledger.position
    assert (run.ledger.equity, 0 if held is None else held.quantity) == (equity, lots)


def test_layers_anchor_on_their_own_entry() -> None:
    """4 % under 50 and under 45: 48 is passed at once, so 10 %: 45 and 40.5; the second stays at 40.5."""
    blocks = at_bar(0, buy(6, "a", protect="layer")) + at_bar(1, buy(6, "b", protect="layer"))
    rows = [*flat(50.0, 2), *flat(46.0, 1), (46.0, 46.0, 44.0, 44.5), (44.5, 44.5, 41.5, 42.0),
            (42.0, 42.0, 41.3, 41.4)]  # fmt: skip
    run = live(blocks, rows, more=risk(stop="percent 10"))
    assert fills(run)[2:] == [(3, "stop_loss", 6.0, 45.0), (5, "stop_loss", 6.0, 41.4)]


# ---------------------------------------------------------------- what was planned stays


def test_the_target_by_reward_to_risk_is_measured_from_the_planned_stop() -> None:
    """4 % under 50 is 48, reward 3: 56. The stop moves to 50 and to 52, the target stays."""
    blocks = at_bar(0, buy(6, "a")) + at_bar(2, emit("adjust_stop", price=50.0))
    blocks += at_bar(3, emit("adjust_stop", price=52.0))
    rows = [*flat(50.0, 2), *flat(53.0, 3), (53.0, 56.0, 53.0, 55.0)]
    run = live(blocks, rows, more=risk("percent 4", "rr_ratio 3"))
    assert fills(run)[1:] == [(5, "take_profit", 6.0, 56.0)]


def test_a_level_of_the_risk_model_follows_the_average_until_the_card_moves_that_kind() -> None:
    """5 @ 50, stop 10 %: 45, reward 2: 60. The stop is moved to 44, then 5 @ 46: average 48. The stop stays
    at 44; the target follows with the planned 10 %: 48 + 2 * 4.8 = 57.6."""
    blocks = at_bar(0, buy(5, "a")) + at_bar(1, emit("adjust_stop", price=44.0))
    blocks += at_bar(2, buy(5, "b"))
    run = live(blocks, [*flat(50.0, 2), *flat(46.0, 3)], more=risk("percent 10", "rr_ratio 2"))
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (44.0, 57.6)


def test_an_untouched_percent_target_follows_an_entry_that_names_none() -> None:
    """5 @ 50 (target 10 %: 55), 5 @ 46: 52.8."""
    run = live(at_bar(0, buy(5, "a")) + at_bar(1, buy(5, "b")), [*flat(50.0, 2), *flat(46.0, 2)],
               more=risk(target="percent 10"))  # fmt: skip
    assert run.ledger.target_price() == 52.8


def test_distances_are_those_of_the_entry_that_fills() -> None:
    """Twice the range: 4 below 50; the range of the second decision is 4: 8 below the average of 48.5."""
    more = """
    features: [{ type: atr, id: atr, params: { length: 1 } }]
    risk_model: { stop_loss: { type: atr_multiple, value: 2, atr_feature_id: atr } }
    """
    rows = [(50.0, 51.0, 49.0, 50.0)] * 3 + [(50.0, 52.0, 48.0, 48.0), (47.0, 47.0, 47.0, 47.0)]
    run = Run(card_text(at_bar(1, buy(5, "a")) + at_bar(3, buy(5, "b")), more=more), rows)
    assert run.live(4).ledger.stop_price() == 46.0
    assert run.live().ledger.stop_price() == 40.5


def test_an_entry_that_names_its_own_stop_replaces_and_one_that_names_none_leaves_it() -> None:
    blocks = at_bar(0, buy(5, "a", stop_loss=45.0)) + at_bar(1, buy(5, "b"))
    blocks += at_bar(2, buy(5, "c", stop_loss=43.0)) + at_bar(3, buy(5, "d"))
    run = Run(card_text(blocks), flat(50.0, 6))
    assert [run.live(1).ledger.stop_price() for _ in range(6)] == [
        None,
        45.0,
        45.0,
        43.0,
        43.0,
        43.0,
    ]


def test_the_risk_models_stop_does_not_replace_one_the_card_named_or_moved() -> None:
    """The scale-in is planned with 10 %, which would be 45; named 47 stays, moved 48 stays."""
    named = at_bar(0, buy(5, "a", stop_loss=47.0)) + at_bar(1, buy(1, "b"))
    moved = (
        at_bar(0, buy(5, "a")) + at_bar(1, emit("adjust_stop", price=48.0)) + at_bar(2, buy(1, "b"))
    )
    for blocks, stop in ((named, 47.0), (moved, 48.0)):
        run = live(blocks, flat(50.0, 5), more=risk(stop="percent 10"))
        assert run.ledger.stop_price() == stop


# ---------------------------------------------------------------- the rest of an entry


def partly(stop: float | None, **more: object) -> Told:
    """Return a ledger in which 4 of 10 of order `a` are filled at 100, with a stop of its own."""
    told = Told()
    told.place("a", "buy", 10, stop_loss=None if stop is None else level(stop), **more)
    told.fill("a", 4, 100.0)
    return told


def test_an_entry_sets_its_stop_at_its_first_fill_only() -> None:
    """a (own stop 96) partly filled, b (own stop 91) fills, then the rest of a: 91."""
    told = partly(96.0)
    told.place("b", "buy", 3, stop_loss=level(91.0))
    told.fill("b", 3, 99.0)
    assert told.ledger.stop_price() == 91.0
    told.fill("a", 6, 100.0)
    assert told.ledger.stop_price() == 91.0


def test_the_rest_of_an_entry_does_not_undo_a_moved_stop() -> None:
    told = partly(94.0)
    position = told.ledger.position
    assert position is not None
    position.protection = position.protection.moved(level(97.0), None)
    told.fill("a", 6, 100.0)
    assert told.ledger.stop_price() == 97.0


def test_a_position_that_was_closed_meanwhile_gets_the_stop_again() -> None:
    told = partly(96.0)
    told.place("out", "sell", 4, effect=Effect.REDUCE)
    told.fill("out", 4, 101.0)
    assert told.ledger.stop_price() is None
    told.fill("a", 2, 100.0)
    assert told.ledger.stop_price() == 96.0


def test_later_fills_move_the_anchor_of_a_percent_level() -> None:
    """5 % under 100; the rest fills at 95: the average is 97, the stop 92.15, on whole ticks 92."""
    told = Told()
    model = Level(LevelKind.PERCENT, 5.0, by_model=True)
    told.place("a", "buy", 10, stop_loss=model)
    told.fill("a", 4, 100.0)
    assert told.ledger.stop_price() == 95.0
    told.fill("a", 6, 95.0)
    assert told.ledger.stop_price() == 92.0


# ---------------------------------------------------------------- moving, rounding


def test_levels_round_by_side_wherever_the_entry_is() -> None:
    """Long @ 50, tick 0.1; the stop moves to 52.17, above the entry: 52.1. A target at 55.01: 55.1."""
    blocks = at_bar(0, buy(5, "a")) + at_bar(2, emit("adjust_stop", price=52.17))
    blocks += at_bar(2, emit("adjust_target", price=55.01), block="t")
    run = live(blocks, [*flat(50.0, 2), *flat(53.0, 3)])
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (52.1, 55.1)
    assert stop_price(Level(LevelKind.DISTANCE, 1.03), -1, 50.0, 0.1) == 51.1
    assert target_price(Level(LevelKind.PERCENT, 1.1), -1, 50.0, 0.1) == 49.4


@pytest.mark.parametrize(
    ("tighten", "stop", "target"), [("", 44.0, 61.0), (", only_tighten: true", 46.0, 58.0)]
)
def test_only_tighten_is_false_unless_it_is_said(tighten: str, stop: float, target: float) -> None:
    """Long, stop 46, target 58, moved to 44 and 61: away from the price, which only_tighten never does."""
    blocks = at_bar(0, buy(5, "a", stop_loss=46.0, take_profit=58.0))
    blocks += at_bar(1, f"{{ action: adjust_stop, metadata: {{ price: 44.0{tighten} }} }}",
                     f"{{ action: adjust_target, metadata: {{ price: 61.0{tighten} }} }}")  # fmt: skip
    run = live(blocks, flat(50.0, 4))
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (stop, target)


def test_only_tighten_moves_towards_the_price() -> None:
    blocks = at_bar(0, buy(5, "a", stop_loss=46.0, take_profit=58.0))
    blocks += at_bar(1, emit("adjust_stop", price=47.5, only_tighten=True),
                     emit("adjust_target", price=55.0, only_tighten=True))  # fmt: skip
    run = live(blocks, flat(50.0, 4))
    assert (run.ledger.stop_price(), run.ledger.target_price()) == (47.5, 55.0)


# ---------------------------------------------------------------- what was at risk


def trade_of(blocks: str, rows: list[Row], **settings: str) -> TradeRow:
    run = Run(card_text(blocks, **settings), rows)
    recorder = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(recorder)
    record: RunRecord = (run.live(), recorder.finish([]))[1]
    (trade,) = record.trades
    return trade


def test_the_planned_risk_of_a_trade_is_that_of_its_whole_order() -> None:
    """10 ordered at 49 with a stop at 45, a part of it filled: 40 at risk, not 4 times that part."""
    blocks = at_bar(0, emit("place_limit_long", price=49, size="10 base", stop_loss=45.0))
    rows = [*flat(50.0, 1), (50.0, 50.0, 49.0, 50.0), *flat(50.0, 2)]
    text = card_text(blocks).replace(
        "fill_model: touch", "fill_model: volume_weighted, volume_participation_max: 0.0001"
    )
    run = Run(text, rows)
    recorder = Recorder(run.ledger, run.data.exec, run.exchange.paths_of)
    run.engine.listeners.append(recorder)
    run.live()
    (trade,) = recorder.finish([]).trades
    assert 0 < trade.quantity < 10
    assert trade.initial_risk_usdt == pytest.approx(40.0)


def test_a_trade_stopped_on_entry_has_its_planned_risk() -> None:
    """Decided at 50 with a stop at 48, opened at 47 and stopped at once: 5 * 2 were at risk."""
    trade = trade_of(at_bar(0, buy(5, "a", stop_loss=48.0)), [*flat(50.0, 1), *flat(47.0, 2)])
    assert (trade.exit_reason, trade.exit_price) == ("sl_on_entry", 47.0)
    assert trade.initial_risk_usdt == pytest.approx(10.0)


def test_protection_is_true_where_it_protects() -> None:
    assert not Protection()
    assert Protection(level(1.0))


def test_a_level_that_has_fired_is_spent() -> None:
    """core owns its stop at 44; the position's stop at 47 sold the rest. A new entry without a stop has none,
    and is not sold at once by the old one."""
    blocks = at_bar(0, buy(6, "core", stop_loss=44.0, protect="layer"))
    blocks += at_bar(1, buy(4, "scalp", stop_loss=47.0)) + at_bar(3, buy(2, "late"))
    run = live(blocks, [*flat(50.0, 3), (50.0, 50.0, 46.0, 46.0), *flat(46.0, 2)])
    assert fills(run)[2:] == [(3, "stop_loss", 4.0, 47.0), (4, "late", 2.0, 46.0)]
    assert run.ledger.stop_price() is None


def test_the_rest_of_an_entry_whose_stop_is_spent_is_not_naked() -> None:
    told = Told()
    told.place("core", "buy", 5, stop_loss=level(80.0), protect="layer")
    told.fill("core", 5, 100.0)
    told.place("a", "buy", 10, stop_loss=level(96.0))
    told.fill("a", 4, 100.0)
    told.place("v1", "sell", 4, effect=Effect.REDUCE, role=Role.STOP_LOSS)
    told.fill("v1", 4, 96.0)
    assert told.ledger.stop_price() is None
    told.fill("a", 6, 97.0)
    assert told.ledger.stop_price() == 96.0
    assert told.layers == [("core", 5, 100.0), ("a.2", 6, 97.0)]


def test_the_multiple_is_one_of_the_distance_at_the_close_that_decided() -> None:
    """Decided at 50 with a stop at 48, reward 2; opened at 51: the target is 51 + 2 * 2 = 55."""
    run = live(at_bar(0, buy(5, "a", stop_loss=48.0)), [*flat(50.0, 1), *flat(51.0, 2)],
               more=risk(target="rr_ratio 2"))  # fmt: skip
    assert run.ledger.target_price() == 55.0
