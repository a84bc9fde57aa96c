"""Cards that trade all the time: made up of plain conditions, so that orders meet each other.

The law: everything comes from the one `Random` given; a card that the compiler refuses is made anew.
"""

from __future__ import annotations

from random import Random

from compiler.findings.source import Source
from compiler.pipeline import check
from tests.batch_equal.busy_settings import Settings
from tests.batch_equal.busy_words import (
    ACCOUNT,
    ASKED,
    BY_RISK,
    COURSE,
    DISTANCES,
    FILLED,
    FILLED_PARTS,
    IN_RISK,
    LAYERS,
    OF_LAST_TRADES,
    PRICES,
    SIZES,
    STARTS,
    TRAILED,
    WHEN,
    WORKED_OUT,
)

_STREAMS = (
    "busy", "more", "newest", "again", "changed", "resized", "figures", "layered", "asked", "filled", "promised", "priced",
)  # fmt: skip


def busy_card(seed: int, *, is_full: bool = False) -> str:
    """Return a card that trades often, accepted by the compiler; a full one draws from all words."""
    for attempt in range(60):
        drawn = (Random(f"{name}/{seed}/{attempt}") for name in _STREAMS)
        text = _Maker(*drawn, is_full=is_full).card()
        if not check(Source("card.yaml", text), lints=False).has_errors:
            return text
    raise AssertionError(f"no card for seed {seed}")


class _Maker(Settings):
    """`more` draws the newer words, the others those that came after: a seed that draws none stays as it was."""

    def __init__(
        self, rng: Random, more: Random, newest: Random, again: Random, changed: Random, resized: Random,
        figures: Random, layered: Random, asked: Random, filled: Random, promised: Random, priced: Random, *, is_full: bool,
    ) -> None:  # fmt: skip
        self.rng = rng
        self.more = more if more.random() < 0.4 or is_full else None
        self.newest = newest if newest.random() < 0.4 or is_full else None
        self.again = again if again.random() < 0.3 or is_full else None
        self.changed = changed if changed.random() < 0.3 or is_full else None
        self.resized = resized if resized.random() < 0.3 or is_full else None
        self.figures = figures if figures.random() < 0.3 or is_full else None
        self.layered = layered if layered.random() < 0.3 or is_full else None
        self.asked = asked if asked.random() < 0.3 or is_full else None
        self.filled = filled if filled.random() < 0.3 or is_full else None
        self.promised = promised if promised.random() < 0.25 or is_full else None
        self.priced = priced if priced.random() < 0.3 or is_full else None
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
        if self.resized and self.resized.random() < 0.1:
            parts.append(self.resized.choice(IN_RISK))
        if self.figures and self.figures.random() < 0.2:
            parts.append(self.figures.choice(OF_LAST_TRADES))
        if self.figures and self.refs and self.figures.random() < 0.08:
            layer, ref = self.figures.randint(0, 1), self.figures.randint(1, self.refs)
            parts.append(f"position_layer_{layer}_ref {self.figures.choice(('==', '!='))} r{ref}")
        if self.asked:
            parts += self.asked_for()
        if self.filled and self.refs and self.filled.random() < 0.25:
            part = f"order_filled_pct(r{self.filled.randint(1, self.refs)})"
            parts.append(self.filled.choice(FILLED_PARTS).format(part))
        if self.priced and self.refs and self.priced.random() < 0.15:
            price = f"order_price(r{self.priced.randint(1, self.refs)})"
            parts.append(self.priced.choice(PRICES).format(price))
        return " and ".join(parts)

    def asked_for(self) -> list[str]:
        """Return conditions of what is seldom asked of the account, and of what is worked out of it; few, or none."""
        asked, parts = self.asked, list[str]()
        assert asked is not None
        if asked.random() < 0.3:
            parts.append(asked.choice(ASKED))
        if asked.random() < 0.3:
            parts.append(asked.choice(WORKED_OUT))
        if self.refs and asked.random() < 0.08:
            pending = f"order_pending(r{asked.randint(1, self.refs)})"
            parts.append(asked.choice((pending, f"not {pending}")))
        return parts

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
        if self.changed and self.refs and self.changed.random() < 0.3:
            return self.amend()
        if self.resized and self.resized.random() < 0.2:
            return self.resize()
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
        self.layer(said)
        return self.written(what, said)

    def layer(self, said: dict[str, str]) -> None:
        """Let a change of protection be that of one layer, which may not be there."""
        if self.layered and self.layered.random() < 0.7:
            said["layer"] = self.layered.choice(LAYERS)

    def protect(self, said: dict[str, str]) -> None:
        """Let what an entry brings hold for its own layer, as a rule."""
        if self.layered and self.layered.random() < 0.7:
            said["protect"] = "layer"

    def amend(self) -> str:
        """Return a change of an order that an action before places: price, size, levels, time."""
        rng, said = self.changed, dict[str, str]()
        assert rng is not None
        said["order_ref"] = f"r{rng.randint(1, self.refs)}"
        which = rng.choice(("price", "price", "price", "trigger", "limit_price", "none"))
        if which != "none":
            said[which] = f"close {rng.choice('+-')} {rng.choice((0.1, 0.3, 1.2))}"
        if which == "none" or rng.random() < 0.4:
            said["size"] = rng.choice((*SIZES, "60% of position", "rest of position"))
        if rng.random() < 0.2:
            said["stop_loss"] = f"close {rng.choice('+-')} {rng.choice((0.5, 2))}"
        if rng.random() < 0.2:
            said["take_profit"] = f"close {rng.choice('+-')} {rng.choice((0.5, 2))}"
        if rng.random() < 0.3:
            said["ttl_bars"] = f"{rng.randint(1, 9)}"
        return self.written("amend_order", said)

    def resize(self) -> str:
        """Return a target size, with a side as a rule."""
        rng, said = self.resized, dict[str, str]()
        assert rng is not None
        said["size"] = rng.choice((*SIZES[:7], "0 usdt", "50% of position", "150% of position"))
        if rng.random() < 0.7:
            said["side"] = rng.choice(("long", "short"))
            if rng.random() < 0.4:
                said["stop_loss"] = f"close {rng.choice('+-')} {rng.choice((0.5, 2))}"
            if rng.random() < 0.3:
                said["take_profit"] = f"close {rng.choice('+-')} {rng.choice((0.5, 2))}"
            if rng.random() < 0.2:
                said["take_profit_type"] = "limit"
            self.protect(said)
        if rng.random() < 0.3:
            said["method"] = rng.choice(("fifo", "lifo", "proportional"))
        self.reference(said)
        said.pop("on_live_ref", None)
        return self.written("adjust_size", said)

    def trail(self) -> str:
        assert self.newest is not None
        start = self.newest.choice(STARTS)
        return self.newest.choice(DISTANCES) + (f", {start}" if start else "")

    def adjust_trail(self) -> str:
        assert self.newest is not None
        said = "remove: true" if self.newest.random() < 0.2 else self.trail()
        if self.layered and self.layered.random() < 0.7:
            said += f", layer: {self.layered.choice(LAYERS)}"
        return f"{{ action: adjust_trail, metadata: {{ {said} }} }}"

    def ladder(self, side: str) -> str:
        """Return a grid: each rung is taken up again where it was placed."""
        assert self.newest is not None
        self.refs += 1
        sign, other = ("-", "+") if side == "long" else ("+", "-")
        away = self.newest.choice((0.3, 0.8))
        known = "fill_price" if self.refs % 2 else "rung_price"
        taken = f"{{ price: {known} {other} {away}, size: fill, order_ref: out{self.refs} }}"
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
        self.protect(said)
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
        if self.changed and self.changed.random() < 0.6:
            if "order_ref" not in said:
                self.refs = max(1, self.refs)
                said["order_ref"] = f"r{self.changed.randint(1, self.refs)}"
            if self.changed.random() < 0.7:
                said["on_live_ref"] = "replace"

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
