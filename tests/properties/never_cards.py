"""Random cards of entries, exits and guards that often exclude each other: much of them never happens."""

from __future__ import annotations

from random import Random

HEAD = """\
name: never
symbol: BTCUSDT
tf: 15m
features:
  - {type: rsi, id: rsi}
  - {type: ema, id: fast, params: {length: 9}}
  - {type: atr, id: atr}
"""
FIRST = """\
  - id: first
    cases:
      - when: close > open and position_side == flat and pending_order_count == 0
        emit: [{action: entry_SIDE, metadata: {size: 10% of equity}}]
"""
_GUARDS = (
    "position_side == flat", "position_side == long", "position_side != long",
    "position_side == short", "position_layers < 2", "position_layers == 0", "position_layers >= 1",
    "pending_order_count == 0", "pending_order_count > 0", "bars_since_exit > 3",
    "bars_since_entry >= 2", "entries_since_flat < 2", "exits_since_entry == 0", "close > open",
    "close < open", "close > position_avg_entry", "position_unrealized_pct > 0.2",
    "position_stop is missing", "position_avg_entry is missing", "order_pending(a)",
    "not order_pending(a)", "order_filled_pct(a) > 0.1", "order_price(a) > low", "order_price(a) is missing", "oldest_pending_age_bars >= 2",
    "hour_utc < 12", "close crosses above fast", "rsi < 50", "equity > 9000", "position_qty > 0",
    "position_layer_1_entry > 5", "position_layer_0_ref == a",
)  # fmt: skip
_PRICES = (
    "close", "close * 0.99", "close * 1.01", "low", "close - atr", "close + atr", "close * 0.93",
    "position_avg_entry * 0.99", "position_avg_entry * 1.02", "close * 1.07", "min(close, low)",
    "(position_avg_entry ?? close) * 0.98", "close + 2%",
)  # fmt: skip
_SIZES = (
    "size: 10% of equity", "size_usdt: 500", "size_usdt: 20000", "size_usdt: 4", "size: 0.01 base",
    "size: 150% of max", "size: 0.02% of equity",
)  # fmt: skip
_STOPS = ("close * 0.9", "close * 1.1", "position_avg_entry * 0.9")
_MORE = (
    "", "position_policy: {max_layers: 1}\n", "position_policy: {max_layers: 2, allow_flip: true}\n",
    "position_policy: {mode: long_only}\n", "invariants: [{max_layers: 1}]\n",
    "invariants: [always_protected]\n", "invariants: [{max_notional_usdt: 800}]\n",
    "account: {max_leverage: 5}\n", "invariants: [{no_entry_while: rsi > 50}]\n",
)  # fmt: skip
_ACTIONS = (
    "entry_long", "entry_short", "place_limit_long", "place_limit_short", "place_stop_long",
    "place_stop_short", "place_limit_exit_long", "exit_long", "exit_all", "adjust_size",
    "cancel_all_orders",
)  # fmt: skip


def never_card(rng: Random) -> tuple[str, dict[int, range]]:
    """Return a card, and per line of a condition the lines of what it emits."""
    # A position to begin with, so that what needs one is asked for.
    first = FIRST.replace("SIDE", rng.choice(("long", "short"))) if rng.random() < 0.7 else ""
    lines = (HEAD + rng.choice(_MORE) + "blocks:\n" + first).splitlines()
    emits: dict[int, range] = {}
    for block in range(rng.randint(1, 3)):
        lines += [f"  - id: b{block}", "    cases:"]
        for _ in range(rng.randint(1, 2)):
            when = " and ".join(rng.sample(_GUARDS, rng.randint(1, 3)))
            if rng.random() < 0.2:
                when = when.replace(" and ", " or ", 1)
            lines += [f'      - when: "{when}"', "        emit:"]
            asked = len(lines) - 1
            lines += [f"          - {_action(rng)}" for _ in range(rng.randint(1, 2))]
            emits[asked] = range(asked + 2, len(lines) + 1)
    return "\n".join(lines) + "\n", emits


def _action(rng: Random) -> str:
    kind = rng.choice(_ACTIONS)
    if kind in ("exit_long", "exit_all", "cancel_all_orders"):
        return kind
    said = []
    if kind == "adjust_size":
        opens = rng.choice(("", "side: long, ", "side: short, "))
        brings = f'stop_loss: "{rng.choice(_STOPS)}", ' if opens and rng.random() < 0.7 else ""
        return f"{{action: adjust_size, metadata: {{{opens}{brings}size: 20% of equity}}}}"
    if "limit" in kind:
        said.append(f'price: "{rng.choice(_PRICES)}"')
    if "stop" in kind:
        said.append(f'trigger: "{rng.choice(_PRICES)}"')
    said.append("size_pct: 1" if "exit" in kind else rng.choice(_SIZES))
    if "exit" not in kind and rng.random() < 0.7:
        said.append(f'stop_loss: "{rng.choice(_STOPS)}"')
    if kind.startswith("place"):
        said += [f"ttl_bars: {rng.choice((2, 5, 20))}", f"order_ref: {rng.choice('ab')}"]
    return f"{{action: {kind}, metadata: {{{', '.join(said)}}}}}"
