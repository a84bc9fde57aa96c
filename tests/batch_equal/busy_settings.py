"""Settings of cards that trade all the time: account, policy, risk, execution, promises and limits."""

from __future__ import annotations

from random import Random

from tests.batch_equal.busy_words import PROMISED

FILL_MODELS = ("touch", "through", "conservative", "volume_weighted", "queue")
PATHS = ("direction", "nearest", "adverse", "favourable")


class Settings:
    """Draws the settings of a card: from `rng`, the newer ones from `more`."""

    rng: Random
    more: Random | None
    promised: Random | None

    def account(self) -> str:
        rng = self.rng
        most = f", max_position_usdt: {rng.choice((500, 2000))}" if rng.random() < 0.2 else ""
        fees = rng.choice(("", ", fee_model: { taker_bps: 6, maker_bps: -1 }"))
        return (
            f"account: {{ starting_equity_usdt: {rng.choice((60, 1000, 20000))}, "
            f"max_leverage: {rng.choice((1, 1, 2, 5, 20, 50))}, slippage_bps: {rng.choice((0, 2, 20))}{most}{fees} }}"
        )

    def policy(self) -> str:
        rng = self.rng
        parts = [f"mode: {rng.choice(('long_only', 'short_only', 'long_short', 'long_short'))}"]
        if rng.random() < 0.3:
            parts.append(f"max_layers: {rng.randint(1, 4)}")
        if rng.random() < 0.15:
            parts.append("allow_scale_out: false")
        if rng.random() < 0.15:
            parts.append("allow_scale_in: false")
        if self.more and self.more.random() < 0.5:
            parts.append("allow_flip: true")
        return f"position_policy: {{ {', '.join(parts)} }}"

    def risk(self) -> str:
        rng, parts = self.rng, []
        if rng.random() < 0.7:
            parts.append(
                "stop_loss: "
                + rng.choice(
                    (
                        "{ type: percent, value: 1 }", "{ type: percent, value: 0.2 }", "{ type: fixed_points, value: 1.5 }",
                        "{ type: atr_multiple, value: 1.5, atr_feature_id: wide }",
                    )
                )
            )  # fmt: skip
        if rng.random() < 0.7:
            targets = ["{ type: percent, value: 0.6 }", "{ type: fixed_points, value: 2 }"]
            if parts:
                targets += ["{ type: rr_ratio, value: 1.5 }"] * 2
            parts.append("take_profit: " + rng.choice(targets))
        if rng.random() < 0.5:
            model = rng.choice(
                ("{ model: percent_equity, value: 30 }", "{ model: fixed_usdt, value: 300 }",
                 "{ model: risk_based, value: 2, max_leverage: 3 }")
            )  # fmt: skip
            parts.append(f"sizing: {model}")
        return f"risk_model: {{ {', '.join(parts)} }}" if parts else ""

    def execution(self) -> str:
        rng = self.rng
        model = rng.choice((*FILL_MODELS, "queue"))  # the queue has most to go wrong
        parts = [
            f"fill_model: {model}",
            f"intrabar: {rng.choice(PATHS)}",
        ]
        if rng.random() < 0.2:
            parts.append("resting_gap: open")
        if rng.random() < 0.2:
            parts.append(f"impact: {{ model: {rng.choice(('sqrt', 'linear'))}, coefficient: 0.1 }}")
        if rng.random() < 0.3:
            parts.append("close_at_end: true")
        return f"execution: {{ {', '.join(parts)} }}"

    def promises(self) -> str:
        rng = self.rng
        said = []
        if self.promised and self.promised.random() < 0.7:
            picked = self.promised.sample(PROMISED, self.promised.randint(1, 2))
            said = [f'"{condition}"' for condition in picked]
        if rng.random() < 0.6:
            return f"invariants: [{', '.join(said)}]" if said else ""
        named = (
            "always_protected", "never_average_up", "max_layers: 2", "max_notional_usdt: 900",
            "max_open_orders: 3", "flat_after_bars: 9", 'no_entry_while: "close > slow"',
        )  # fmt: skip
        said += [f"{{ {p} }}" if ":" in p else p for p in rng.sample(named, 2)]
        return f"invariants: [{', '.join(said)}]"

    def limits(self) -> str:
        more = self.more
        if more is None or more.random() < 0.3:
            return ""
        named = (
            f"max_daily_loss_pct: {more.choice((0.5, 2, 5))}", f"max_drawdown_pct: {more.choice((5, 20))}",
            _of_a_day(more.randint(1, 9)), f"max_consecutive_losses: {more.randint(1, 4)}",
            f"cooldown_bars: {more.randint(1, 8)}",
        )  # fmt: skip
        said = more.sample(named, more.randint(1, 3))
        if any("pct" in one for one in said) and more.random() < 0.6:
            said.append("on_breach: flatten")
        if more.random() < 0.3:
            said.append('day_starts: "07:30"')
        return f"limits: {{ {', '.join(said)} }}"


def _of_a_day(most: int) -> str:
    """Return a limit of a day: of its trades, of its losses where the number is large."""
    return f"max_losses_per_day: {most - 6}" if most > 6 else f"max_trades_per_day: {most}"
