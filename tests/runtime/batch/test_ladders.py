"""Ladders are orders like any other: the account kernel and the engine tell them alike."""

from __future__ import annotations

from random import Random

from runtime.batch.machine_code import in_machine_code
from tests.batch_equal.runs import by_kernel, compare

CARD = """\
name: made
symbol: AAAUSDT
tf: 15m
account: {{ max_leverage: 3 }}
execution: {{ fill_model: {model} }}
blocks:
  - id: enter
    cases:
      - when: bar_index >= 3 and not order_pending(dca) and position_side == flat
        emit:
          - action: place_{kind}_{side}
            metadata:
              {key}: close {sign} 0.1%
              size: {size}
              stop_loss: close {behind} 9%
              order_ref: dca
              ttl_bars: {ttl}
              ladder: {{ orders: {orders}, step: 0.{step}%, step_scale: {grows}, size_scale: {scale}, size_of: total }}
  - id: leave
    cases:
      - when: bars_since_entry > {held}
        emit: [exit_all, {{ action: cancel_order, metadata: {{ order_ref: dca }} }}]
"""


CHANGED = """\
name: made
symbol: AAAUSDT
tf: 15m
account: {{ max_leverage: 3 }}
execution: {{ fill_model: touch }}
blocks:
  - id: enter
    cases:
      - when: bar_index >= 3 and not order_pending(dca) and not order_pending(out)
        emit:
          - action: place_limit_{side}
            metadata:
              price: close {behind} 0.1%
              size: 200 usdt
              order_ref: dca
              ttl_bars: 20
              ladder: {{ orders: 3, step: 0.2%, size_scale: 1.5 }}
              on_fill:
                - {{ action: place_limit_exit_{side}, metadata: {{ price: rung_price {ahead} 0.5%, size: fill, order_ref: out }} }}
  - id: change
    cases:
      - when: order_pending(dca) and close > close[1]
        emit: [{{ action: amend_order, metadata: {{ order_ref: dca, price: close {behind} 0.05%, size: {size}, stop_loss: rung_price {behind} 5% }} }}]
      - when: order_pending(out) and close < close[2]
        emit: [{{ action: amend_order, metadata: {{ order_ref: out, price: close {ahead} 0.1% }} }}]
      - when: order_pending(out) and bars_since_entry > 8
        emit: [exit_all, {{ action: cancel_order, metadata: {{ order_ref: out }} }}, {{ action: cancel_order, metadata: {{ order_ref: dca }} }}]
"""


def changed_card(seed: int) -> str:
    rng = Random(f"changed/{seed}")
    side = rng.choice(("long", "short"))
    behind, ahead = ("-", "+") if side == "long" else ("+", "-")
    size = rng.choice(("150 usdt", "300 usdt"))
    return CHANGED.format(side=side, behind=behind, ahead=ahead, size=size)


def test_the_account_kernel_changes_ladders_and_their_exits_as_the_engine_does() -> None:
    kernels = in_machine_code()
    outcomes = [compare(seed, 300, kernels, text=changed_card(seed)) for seed in range(8)]
    assert [o.difference for o in outcomes if o.difference] == []
    assert [o.given_up for o in outcomes if o.given_up] == []
    assert sum(o.fills > 0 for o in outcomes) > 5


def test_of_a_ladder_that_is_changed_what_no_longer_works_is_no_refusal() -> None:
    for seed in range(4):
        refused = by_kernel(changed_card(seed), seed, in_machine_code()).refusals
        assert not [row for row in refused if row.text.startswith("no working order")]


def made_card(seed: int) -> str:
    rng = Random(f"ladder/{seed}")
    side, kind = rng.choice(("long", "short")), rng.choice(("limit", "stop"))
    behind, ahead = ("-", "+") if side == "long" else ("+", "-")
    return CARD.format(
        model=rng.choice(("touch", "volume_weighted", "queue")),
        side=side,
        kind=kind,
        key="price" if kind == "limit" else "trigger",
        sign=behind if kind == "limit" else ahead,
        behind=behind,
        size=rng.choice(("20% of equity", "900 usdt", "risk 1%")),
        ttl=rng.randint(2, 20),
        orders=rng.randint(2, 6),
        step=rng.randint(1, 5),
        grows=rng.choice((0.8, 1, 1.4)),
        scale=rng.choice((0.7, 1, 1.5)),
        held=rng.randint(1, 9),
    )


def test_the_account_kernel_runs_ladders_as_the_engine_does() -> None:
    kernels = in_machine_code()
    outcomes = [compare(seed, 300, kernels, text=made_card(seed)) for seed in range(12)]
    assert [o.difference for o in outcomes if o.difference] == []
    assert [o.given_up for o in outcomes if o.given_up] == []
    assert sum(o.fills > 0 for o in outcomes) > 8
