"""What made-up cards do: actions whose prices, refs and sizes make sense, and the money sections."""

from __future__ import annotations

from random import Random
from typing import Any

Data = Any
_SIZES: tuple[tuple[str, str | float], ...] = (
    ("size", "10% of equity"), ("size", "500 usdt"), ("size", "25% of max"), ("size", "0.01 base"),
    ("size", "risk 1%"), ("size_usdt", 400), ("size_pct", 0.2), ("size_of_max_pct", 0.1),
    ("risk_pct", 0.5),
)  # fmt: skip


class Moves:
    """Deals out (guard, actions) for cases. The first opens a position; later ones also manage it."""

    def __init__(self, rng: Random, *, is_old: bool) -> None:
        self.rng, self.is_old = rng, is_old
        self.mode = rng.choice(("long_only", "short_only", "long_short"))
        self.side = {"long_only": "long", "short_only": "short"}.get(self.mode, "long")
        self.refs: list[str] = []
        self.has_group = False
        self._dealt = 0

    def next(self) -> tuple[tuple[str, str] | None, list[Data]]:
        """Return the guard (text, side it asks for) and the actions of the next case."""
        self._dealt += 1
        if self._dealt == 1 or self.rng.random() < 0.3:
            return self._enter()
        return self._old_leave() if self.is_old else self._manage()

    def money(self) -> dict[str, Data]:
        """Return the sections about money; 3.0.0 cards size and protect there alone."""
        equity = self.rng.choice((1000, 10000, 25000.5))
        account: dict[str, Data] = {"starting_equity_usdt": equity}
        if self.rng.random() < 0.5:
            account["max_leverage"] = self.rng.randint(1, 5)
        if self.rng.random() < 0.3:
            account["fee_model"] = {"taker_bps": 5.5, "maker_bps": 2.0}
        made: dict[str, Data] = {"account": account, "position_policy": {"mode": self.mode}}
        if self.is_old:
            made["risk_model"] = self._risk_model()
        elif self.rng.random() < 0.3:
            fill = self.rng.choice(("touch", "through", "volume_weighted", "queue", "conservative"))
            made["execution"] = {"fill_model": fill}
        return made

    def _risk_model(self) -> Data:
        sizing, value = self.rng.choice(
            (("percent_equity", 10.0), ("risk_based", 1.0), ("fixed_usdt", 500))
        )
        stop: Data = {"type": "percent", "value": self.rng.choice((1, 2.5))}
        if self.rng.random() < 0.3:
            stop = {"type": "fixed_points", "value": 5}
        kind, far = self.rng.choice((("rr_ratio", 2.0), ("percent", 3), ("fixed_points", 9)))
        target: Data = {"type": kind, "value": far}
        return {
            "stop_loss": stop,
            "take_profit": target,
            "sizing": {"model": sizing, "value": value},
        }

    # ------------------------------------------------------------ actions

    def _enter(self) -> tuple[tuple[str, str] | None, list[Data]]:
        side = self.side if self.mode != "long_short" else self.rng.choice(("long", "short"))
        guard = ("position_side == flat", "flat") if self.rng.random() < 0.8 else None
        if self.is_old:
            return guard, [{"action": f"entry_{side}"}]
        kind = self.rng.choice(("entry", "entry", "place_limit", "place_stop"))
        return guard, [self._order(kind, side)]

    def _order(self, kind: str, side: str) -> Data:
        """Return an entry whose stop loses and whose target wins."""
        behind, ahead = ("-", "+") if side == "long" else ("+", "-")
        metadata: dict[str, Data] = {}
        if kind == "place_limit":
            metadata["price"] = f"close {behind} {self.rng.choice(('0.1%', '1', '0.5%'))}"
        elif kind == "place_stop":
            metadata["trigger"] = f"close {ahead} {self.rng.choice(('0.1%', '1', '0.5%'))}"
        key, value = self.rng.choice(_SIZES)
        metadata[key] = value
        metadata["stop_loss"] = f"close {behind} {self.rng.choice(('2%', '3.5%'))}"
        if self.rng.random() < 0.6:
            metadata["take_profit"] = f"close {ahead} {self.rng.choice(('2%', '6%'))}"
        if self.rng.random() < 0.5:
            ref = f"ref_{len(self.refs)}"
            self.refs.append(ref)
            metadata["order_ref"] = ref
        if kind != "entry":
            metadata["ttl_bars"] = self.rng.randint(1, 30)
            metadata["order_group"] = "group"
            self.has_group = True
        if self.rng.random() < 0.1:
            metadata["on_fill"] = [{"action": "adjust_target", "metadata": {"price": "close * 1"}}]
        return {"action": f"{kind}_{side}", "metadata": metadata}

    def _old_leave(self) -> tuple[tuple[str, str] | None, list[Data]]:
        action = self.rng.choice((f"exit_{self.side}", "exit_all"))
        return None, [{"action": action}]

    def _manage(self) -> tuple[tuple[str, str] | None, list[Data]]:
        side = self.side
        behind, ahead = ("-", "+") if side == "long" else ("+", "-")
        guard = (f"position_side == {side}", side)
        choices: list[tuple[str, dict[str, Data]]] = [
            (f"exit_{side}", {}),
            (f"exit_{side}", {"size_pct": 0.5, "method": "lifo"}),
            ("exit_all", {"reason": "made up"}),
            ("adjust_stop", {"price": f"close {behind} 1%", "only_tighten": True}),
            ("adjust_target", {"price": f"close {ahead} 4%"}),
            (f"place_limit_exit_{side}", {"price": f"close {ahead} 1%", "size_pct": 0.3, "ttl_bars": 3}),
            ("adjust_size", {"size": "5% of equity"}),
            ("cancel_all_orders", {"order_group": "group"} if self.has_group else {}),
            ("no_action", {}),
        ]  # fmt: skip
        if self.refs:
            choices.append(("cancel_order", {"order_ref": self.rng.choice(self.refs)}))
        action, metadata = self.rng.choice(choices)
        if metadata:
            return guard, [{"action": action, "metadata": metadata}]
        return guard, [action if self.rng.random() < 0.5 else {"action": action}]
