"""Order prices: rounded to the passive side, held to the band only where they could execute at once."""

from __future__ import annotations

import pytest

from tests.strategies.runs import Row, at_bar, emit, flat, live

ROWS = flat(100.0, 6)


@pytest.mark.parametrize(
    ("action", "trigger", "rounded"),
    [
        ("place_stop_long", 102.05, 102.1), ("place_stop_long", 102.1, 102.1),
        ("place_stop_short", 97.95, 97.9), ("place_stop_short", 97.9, 97.9),
    ],
)  # fmt: skip
def test_a_trigger_rounds_to_the_side_that_triggers_later(
    action: str, trigger: float, rounded: float
) -> None:
    (spec,) = live(at_bar(1, emit(action, trigger=trigger, size_usdt=100)), ROWS).specs
    assert spec.trigger_price == rounded


def test_an_amended_price_rounds_like_a_new_one() -> None:
    placed = at_bar(0, emit("place_stop_long", trigger=103, size_usdt=103, order_ref="s"))
    run = live(placed + at_bar(2, emit("amend_order", order_ref="s", price=102.05)), ROWS)
    assert next(iter(run.ledger.book)).trigger_price == 102.1


@pytest.mark.parametrize("side", ["long", "short"])
def test_the_buffer_of_a_structure_level_lies_beyond_it_seen_from_the_entry(side: str) -> None:
    """Low 98, high 104, entry 100. 1 % beyond 98 is 97.02, beyond 104 is 105.04; a stop and a target
    round to where they act later: 97.0 and 105.1."""
    below, above = ("stop_loss", "take_profit") if side == "long" else ("take_profit", "stop_loss")
    more = f"""
    features: [{{ type: lowest, id: under, params: {{ length: 3 }} }},
               {{ type: highest, id: over, params: {{ length: 3 }} }}]
    risk_model:
      {below}: {{ type: structure, feature_id: under, buffer_pct: 1 }}
      {above}: {{ type: structure, feature_id: over, buffer_pct: 1 }}
    """
    rows: list[Row] = [*flat(100.0, 3), (100, 104, 98, 100), *flat(100.0, 2)]
    run = live(at_bar(4, emit(f"entry_{side}", size_usdt=100)), rows, more=more)
    assert run.refused == []
    levels = {run.ledger.stop_price(), run.ledger.target_price()}
    assert levels == {97.0, 105.1}
    assert run.ledger.stop_price() == (97.0 if side == "long" else 105.1)


def test_a_limit_far_on_the_passive_side_only_rests() -> None:
    far = [
        emit("place_limit_long", price=50, size_usdt=100),
        emit("place_limit_short", price=200, size_usdt=100),
    ]
    run = live(at_bar(1, *far), ROWS)
    assert run.refused == []
    assert len(run.ledger.book) == 2


def test_triggers_and_protection_are_not_banded() -> None:
    actions = [
        emit("place_stop_long", trigger=120, size_usdt=120, stop_loss=50, take_profit=300),
        emit("place_stop_short", trigger=80, size_usdt=80),
    ]
    assert live(at_bar(1, *actions), ROWS).refused == []


def test_the_limit_of_a_stop_limit_is_banded_from_its_trigger() -> None:
    fits = emit("place_stop_long", trigger=120, limit_price=126, size_usdt=126)
    beyond = emit("place_stop_long", trigger=120, limit_price=126.1, size_usdt=126)
    run = live(at_bar(1, fits, beyond), ROWS)
    assert run.refused == ["price_outside_band"]
    assert "trigger 120" in run.engine.refusals[0].text
    assert "`execution.price_band_pct`" in run.engine.refusals[0].text


def test_a_stop_entry_passed_between_close_and_arrival_acts_at_once() -> None:
    """Trigger 102 at a close of 101: the jump to 103 passes it, bought at 103."""
    rows: list[Row] = [*flat(101.0, 3), *flat(103.0, 3)]
    run = live(at_bar(2, emit("place_stop_long", trigger=102, size_usdt=102)), rows)
    assert run.refused == []
    position = run.ledger.position
    assert position is not None
    assert position.avg_entry_price == 103.0


def test_only_tighten_is_asked_for_and_then_holds_for_targets_too() -> None:
    """Long, stop 98: `adjust_stop 95` moves it; with only_tighten it stays."""
    held = at_bar(0, emit("entry_long", size_usdt=1000, stop_loss=98, take_profit=110))
    loose = live(held + at_bar(2, emit("adjust_stop", price=95)), ROWS)
    assert loose.ledger.stop_price() == 95.0
    tight = {"only_tighten": True}
    kept = live(held + at_bar(2, emit("adjust_stop", price=95, **tight)), ROWS)
    assert kept.ledger.stop_price() == 98.0
    away = live(held + at_bar(2, emit("adjust_target", price=115, **tight)), ROWS)
    assert away.ledger.target_price() == 110.0
    nearer = live(held + at_bar(2, emit("adjust_target", price=105, **tight)), ROWS)
    assert nearer.ledger.target_price() == 105.0


def test_what_is_asked_on_fill_is_an_ordinary_placement_of_its_close() -> None:
    """The exit at 99 is marketable at the close of 100 that asks for it: taker at the open, 100."""
    fills = (
        "{ action: place_limit_long, metadata: { price: 98, size: 1 base, order_ref: in, on_fill: "
        "[{ action: place_limit_exit_long, metadata: { price: 99, order_ref: out }}] }}"
    )
    rows: list[Row] = [*flat(100.0, 2), (100, 100, 97.5, 100), *flat(100.0, 3)]
    run = live(at_bar(0, fills), rows)
    out = run.ledger.orders[run.specs[1].order_id]
    (fill,) = out.fills
    assert (fill.price, fill.is_maker, fill.bar) == (100.0, False, 3)
