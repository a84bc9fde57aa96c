"""Cards that trade all the time: made up of plain conditions, so that orders meet each other.

The law: everything comes from the one `Random` given; a card that the compiler refuses is made anew.
"""

from __future__ import annotations

from random import Random

from compiler.findings.source import Source
from compiler.pipeline import check
from tests.batch_equal.busy_words import (
    ACCOUNT,
    BY_RISK,
    COURSE,
    DISTANCES,
    FILLED,
    SIZES,
    STARTS,
    TRAILED,
    WHEN,
)


def busy_card(seed: int) -> str:
    """Return a card that trades often, accepted by the compiler."""
    for attempt in range(60):
        drawn = (Random(f"{name}/{seed}/{attempt}") for name in ("busy", "more", "newest", "again"))
        text = _Maker(*drawn).card()
        if not check(Source("card.yaml", text), lints=False).has_errors:
            return text
    raise AssertionError(f"no card for seed {seed}")


class _Maker:
    """`more` draws the newer words, `newest` and `again` those that came after: a seed that draws none stays as it was."""

    def __init__(self, rng: Random, more: Random, newest: Random, again: Random) -> None:
        self.rng = rng
        self.more = more if more.random() < 0.4 else None
        self.newest = newest if newest.random() < 0.4 else None
        self.again = again if again.random() < 0.3 else None
        self.refs = 0

    def card(self) -> str:
        rng = self.rng
        lines = [
            "name: busy", "symbol: TESTUSDT", f"tf: {rng.choice(('5m', '15m', '1h'))}", "features:",
            f"  - {{ type: ema, id: fast, params: {{ length: {rng.randint(2, 6)} }} }}",
            f"  - {{ type: ema, id: slow, params: {{ length: {rng.randint(7, 15)} }} }}",
            f"  - {{ type: atr, id: wide, params: {{ length: {rng.randint(2, 8)} }} }}",
            self.account(), self.policy(), self.risk(), self.execution(), self.promises(), self.limits(), "blocks:",
        ]  # fmt: skip
        for block in range(rng.randint(2, 5)):
            lines += [f"  - id: b{block}", "    cases:"]
            for _ in range(rng.randint(1, 2)):
                lines += [f"      - when: {self.condition()}", "        emit:"]
                lines += [f"          - {self.action()}" for _ in range(rng.randint(1, 3))]
        return "\n".join(line for line in lines if line) + "\n"

    def condition(self) -> str:
        rng = self.rng
        parts = rng.sample(WHEN, rng.randint(1, 2)) + rng.sample(ACCOUNT, rng.randint(0, 2))
        if self.more and self.more.random() < 0.4:
            parts.append(self.more.choice(COURSE))
        if self.newest and self.newest.random() < 0.15:
            parts.append(self.newest.choice(TRAILED))
        if self.newest and self.refs and self.newest.random() < 0.1:
            due = f"order_due(r{self.newest.randint(1, self.refs)})"
            parts.append(self.newest.choice((due, f"not {due}")))
        return " and ".join(parts)

    # ------------------------------------------------------------ settings

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
        model = rng.choice(
            ("touch", "through", "conservative", "volume_weighted", "queue", "queue")
        )
        parts = [
            f"fill_model: {model}",
            f"intrabar: {rng.choice(('direction', 'nearest', 'adverse', 'favourable'))}",
        ]
        if rng.random() < 0.2:
            parts.append("resting_gap: open")
        if rng.random() < 0.2:
            parts.append(f"impact: {{ model: {rng.choice(('sqrt', 'linear'))}, coefficient: 0.1 }}")
        if rng.random() < 0.3:
            parts.append("close_at_end: true")
        return f"execution: {{ {', '.join(parts)} }}"

    # ------------------------------------------------------------ actions

    def action(self) -> str:
        rng = self.rng
        kind = rng.choice(
            ("entry", "entry", "limit", "limit", "limit", "limit", "stop", "stop", "exit", "exit", "limit_exit",
             "limit_exit", "exit_all", "adjust", "adjust", "cancel", "cancel_all")
        )  # fmt: skip
        side, said = rng.choice(("long", "short")), {}
        if self.newest and self.newest.random() < 0.12:
            return self.adjust_trail()
        if self.newest and self.newest.random() < 0.06:
            return self.ladder(side)
        if self.again and self.again.random() < 0.25:
            return self.rearmed(side)
        match kind:
            case "entry":
                self.entry(said)
                return self.written(f"entry_{side}", said)
            case "limit":
                said["price_offset_pct"] = f"{rng.choice((-2, -0.5, -0.1, 0, 0.2))}"
                self.entry(said)
                self.lifecycle(said)
                return self.written(f"place_limit_{side}", said)
            case "stop":
                return self.stop(side, said)
            case "exit":
                self.part(said)
                return self.written(f"exit_{side}", said)
            case "exit_all":
                return self.written("exit_all", said)
            case "limit_exit":
                said["price_offset_pct"] = f"{rng.choice((-0.2, 0.1, 0.5, 1))}"
                self.part(said)
                self.lifecycle(said)
                return self.written(f"place_limit_exit_{side}", said)
            case "adjust":
                return self.adjust(said)
            case "cancel":
                if self.refs == 0:
                    return self.written("exit_all", said)
                said["order_ref"] = f"r{rng.randint(1, self.refs)}"
                return self.written("cancel_order", said)
            case _:
                if rng.random() < 0.4:
                    said["side"] = rng.choice(("buy", "sell"))
                return self.written("cancel_all_orders", said)

    def adjust(self, said: dict[str, str]) -> str:
        rng = self.rng
        what = rng.choice(("adjust_stop", "adjust_target"))
        sign = rng.choice(("+", "-"))
        said["price"] = f"close {sign} {rng.choice((0.1, 0.4, 1.5))}"
        if rng.random() < 0.4:
            said["only_tighten"] = "true"
        return self.written(what, said)

    def trail(self) -> str:
        assert self.newest is not None
        start = self.newest.choice(STARTS)
        return self.newest.choice(DISTANCES) + (f", {start}" if start else "")

    def adjust_trail(self) -> str:
        assert self.newest is not None
        said = "remove: true" if self.newest.random() < 0.2 else self.trail()
        return f"{{ action: adjust_trail, metadata: {{ {said} }} }}"

    def ladder(self, side: str) -> str:
        """Return a grid: each rung is taken up again where it was placed."""
        assert self.newest is not None
        self.refs += 1
        sign, other = ("-", "+") if side == "long" else ("+", "-")
        away = self.newest.choice((0.3, 0.8))
        taken = f"{{ price: rung_price {other} {away}, size: fill, order_ref: out{self.refs} }}"
        said = {
            "price": f"close {sign} 0.2",
            "size": self.newest.choice(("40 usdt", "3% of equity")),
            "order_ref": f"r{self.refs}",
            "ladder": f"{{ orders: {self.newest.randint(2, 3)}, step: 0.4 }}",
            "on_fill": f"[{{ action: place_limit_exit_{side}, metadata: {taken} }}]",
        }
        if self.again and self.again.random() < 0.7:
            said["rearm"] = self.again.choice(("true", "1", "3"))
        inner = ", ".join(f"{name}: {value}" for name, value in said.items())
        return f"{{ action: place_limit_{side}, metadata: {{ {inner} }} }}"

    def rearmed(self, side: str) -> str:
        """Return an entry that comes again: its exits are near, the cancels of its ref seldom."""
        again, said = self.again, dict[str, str]()
        assert again is not None
        self.refs += 1
        out = {
            "order_ref": f"out{self.refs}",
            "price_offset_pct": again.choice(("0.1", "0.4", "-0.2")),
        }
        if again.random() < 0.7:
            out["size"] = again.choice(("fill", "fill", "rest of position"))
        if again.random() < 0.3:
            out["ttl_bars"] = f"{again.randint(2, 9)}"
        follows = [self.written(f"place_limit_exit_{side}", out)]
        if again.random() < 0.3:
            follows.append(
                self.written(f"place_limit_{side}", {"price_offset_pct": "-0.3", "size": "70 usdt"})
            )
        said["order_ref"] = f"r{self.refs}"
        said["size"] = again.choice(("40 usdt", "8% of equity", "0.4 base", "risk 0.5%"))
        if again.random() < 0.3:
            said["order_group"] = "one"
        if again.random() < 0.3:
            said["ttl_bars"] = f"{again.randint(2, 9)}"
        if again.random() < 0.3:
            said["take_profit_offset_pct"] = "1"
        said["rearm"] = again.choice(("true", "true", "1", "2", "5"))
        said["on_fill"] = f"[{', '.join(follows)}]"
        sign = "+" if side == "long" else "-"
        if again.random() < 0.7:
            said["price_offset_pct"] = again.choice(("-0.4", "-0.1", "0"))
            return self.written(f"place_limit_{side}", said)
        said["trigger"] = f"close {sign} {again.choice((0.1, 0.5))}"
        if again.random() < 0.5:
            said["limit_price"] = f"close {sign} 0.6"
        return self.written(f"place_stop_{side}", said)

    def on_fill(self) -> str:
        """Return actions of a fill: exits at a price as a rule, some of the lots that were filled."""
        assert self.newest is not None
        rows = []
        for _ in range(self.newest.randint(1, 2)):
            if self.newest.random() < 0.4:
                rows.append(self.action())
                continue
            side, said = self.newest.choice(("long", "short")), dict[str, str]()
            said["price_offset_pct"] = f"{self.newest.choice((-0.3, 0.2, 0.6, 1.5))}"
            if self.newest.random() < 0.6:
                said["size"] = "fill"
            kind = self.newest.choice(("place_limit_exit", "place_limit_exit", "place_limit"))
            if "size" not in said and kind == "place_limit":
                said["size"] = "80 usdt"
            self.reference(said)
            rows.append(self.written(f"{kind}_{side}", said))
        return f"[{', '.join(rows)}]"

    def promises(self) -> str:
        rng = self.rng
        if rng.random() < 0.6:
            return ""
        named = (
            "always_protected", "never_average_up", "max_layers: 2", "max_notional_usdt: 900",
            "max_open_orders: 3", "flat_after_bars: 9", 'no_entry_while: "close > slow"',
        )  # fmt: skip
        chosen = ", ".join(f"{{ {p} }}" if ":" in p else p for p in rng.sample(named, 2))
        return f"invariants: [{chosen}]"

    def limits(self) -> str:
        more = self.more
        if more is None or more.random() < 0.3:
            return ""
        named = (
            f"max_daily_loss_pct: {more.choice((0.5, 2, 5))}", f"max_drawdown_pct: {more.choice((5, 20))}",
            f"max_trades_per_day: {more.randint(1, 9)}", f"max_consecutive_losses: {more.randint(1, 4)}",
            f"cooldown_bars: {more.randint(1, 8)}",
        )  # fmt: skip
        said = more.sample(named, more.randint(1, 3))
        if any("pct" in one for one in said) and more.random() < 0.6:
            said.append("on_breach: flatten")
        if more.random() < 0.3:
            said.append('day_starts: "07:30"')
        return f"limits: {{ {', '.join(said)} }}"

    def stop(self, side: str, said: dict[str, str]) -> str:
        rng = self.rng
        sign = "+" if side == "long" else "-"
        said["trigger"] = f"close {sign} {rng.choice((0.1, 0.5, 2))}"
        if rng.random() < 0.5:
            said["limit_price"] = f"close {sign} {rng.choice((0, 0.1, 0.6, 2.5))}"
        self.entry(said)
        self.lifecycle(said)
        return self.written(f"place_stop_{side}", said)

    def entry(self, said: dict[str, str]) -> None:
        rng = self.rng
        if rng.random() < 0.85:
            said["size"] = rng.choice(SIZES)
            if self.more and self.more.random() < 0.3:
                said["size"] = f'"{self.more.choice(BY_RISK)}"'
        if rng.random() < 0.25:
            said["stop_loss_offset_pct"] = f"{rng.choice((-2, -0.5, 0.5, 2))}"
        if rng.random() < 0.25:
            said["take_profit_offset_pct"] = f"{rng.choice((-2, -0.5, 0.5, 2))}"
        if rng.random() < 0.5:
            said["take_profit_type"] = rng.choice(("limit", "market"))
        if self.newest and self.newest.random() < 0.5:
            said["trail"] = f"{{ {self.trail()} }}"
        self.reference(said)

    def part(self, said: dict[str, str]) -> None:
        if self.more and self.more.random() < 0.2:
            said["size"] = "rest of position"
        elif self.rng.random() < 0.6:
            said["size_pct"] = f"{self.rng.choice((0.3, 0.5, 1.0))}"
        if self.rng.random() < 0.5:
            said["method"] = self.rng.choice(("fifo", "lifo", "proportional"))
        self.reference(said)

    def group(self, said: dict[str, str]) -> None:
        if self.rng.random() < 0.3:
            said["order_group"] = self.rng.choice(("one", "two"))
            if self.rng.random() < 0.7:
                said["oco"] = "true"

    def reference(self, said: dict[str, str]) -> None:
        if self.rng.random() < 0.35:
            self.refs += 1
            said["order_ref"] = f"r{self.rng.randint(1, self.refs)}"

    def lifecycle(self, said: dict[str, str]) -> None:
        rng = self.rng
        self.group(said)
        if rng.random() < 0.6:
            said["ttl_bars"] = f"{rng.randint(1, 12)}"
        elif rng.random() < 0.4:
            said["ttl_type"] = rng.choice(("ioc", "fok", "gtc"))
        if rng.random() < 0.2 and said.get("ttl_type") not in ("ioc", "fok"):
            said["post_only"] = "true"
        if rng.random() < 0.3:
            said["on_partial"] = "cancel"
        if rng.random() < 0.4:
            said["on_flat"] = rng.choice(("cancel", "keep"))

    def written(self, action: str, said: dict[str, str]) -> str:
        is_drawn = self.newest is not None and action in FILLED and "rearm" not in said
        if is_drawn and self.newest and self.newest.random() < 0.35:
            said["on_fill"] = self.on_fill()
        if not said:
            return f"{{ action: {action} }}"
        inner = ", ".join(f"{name}: {value}" for name, value in said.items())
        return f"{{ action: {action}, metadata: {{ {inner} }} }}"
