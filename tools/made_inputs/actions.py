"""What made-up cards do: actions whose prices, refs and sizes make sense, and the money sections."""

from __future__ import annotations

from random import Random
from typing import Any, assert_never

from compiler.catalog.actions import ACTIONS, ActionSpec, Verb
from compiler.catalog.settings import FillModel, PositionMode, SizingModel

Data = Any
_MODES = tuple(mode.value for mode in PositionMode)
_FILL_MODELS = tuple(model.value for model in FillModel)
_SIZES: tuple[tuple[str, str | float], ...] = (
    ("size", "10% of equity"), ("size", "500 usdt"), ("size", "25% of max"), ("size", "0.01 base"),
    ("size", "risk 1%"), ("size_usdt", 400), ("size_pct", 0.2), ("size_of_max_pct", 0.1),
    ("risk_pct", 0.5), ("size", "min(risk 1%, 5% of equity)"), ("size", "2% of equity * (1 + position_layers)"),
)  # fmt: skip


class Moves:
    """Deals out (guard, actions) for cases. The first opens a position; later ones also manage it."""

    def __init__(self, rng: Random, *, is_old: bool) -> None:
        self.rng, self.is_old = rng, is_old
        self.mode = rng.choice(_MODES)
        self.side = "short" if self.mode == PositionMode.SHORT_ONLY else "long"
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
            fill = self.rng.choice(_FILL_MODELS)
            made["execution"] = {"fill_model": fill}
        return made

    def _risk_model(self) -> Data:
        sizing = self.rng.choice(tuple(SizingModel))
        value = _sizing_value(sizing)
        stop: Data = {"type": "percent", "value": self.rng.choice((1, 2.5))}
        if self.rng.random() < 0.3:
            stop = {"type": "fixed_points", "value": 5}
        kind, far = self.rng.choice((("rr_ratio", 2.0), ("percent", 3), ("fixed_points", 9)))
        target: Data = {"type": kind, "value": far}
        return {
            "stop_loss": stop,
            "take_profit": target,
            "sizing": {"model": sizing.value, "value": value},
        }

    # ------------------------------------------------------------ actions

    def _enter(self) -> tuple[tuple[str, str] | None, list[Data]]:
        sides = PositionMode(self.mode).sides
        side = self.side if len(sides) == 1 else self.rng.choice(("long", "short"))
        guard = ("position_side == flat", "flat") if self.rng.random() < 0.8 else None
        # An old card sizes and protects in its risk model alone, which resting orders outlive.
        market = _entries(side, rests=False)
        if self.is_old:
            return guard, [{"action": self.rng.choice(market)}]
        name = self.rng.choice((*market, *market, *_entries(side, rests=True)))
        return guard, [{"action": name, "metadata": self._entry(ACTIONS[name], side)}]

    def _entry(self, spec: ActionSpec, side: str) -> dict[str, Data]:
        """Return the metadata of an entry whose stop loses and whose target wins."""
        behind, ahead = ("-", "+") if side == "long" else ("+", "-")
        metadata: dict[str, Data] = {}
        for slot in spec.price_required:
            where = ahead if slot == "trigger" else behind
            metadata[slot] = f"close {where} {self.rng.choice(('0.1%', '1', '0.5%'))}"
        key, value = self.rng.choice(_SIZES)
        metadata[key] = value
        metadata["stop_loss"] = f"close {behind} {self.rng.choice(('2%', '3.5%'))}"
        if self.rng.random() < 0.6:
            metadata["take_profit"] = f"close {ahead} {self.rng.choice(('2%', '6%'))}"
        if self.rng.random() < 0.5:
            ref = f"ref_{len(self.refs)}"
            self.refs.append(ref)
            metadata["order_ref"] = ref
        if spec.rests:
            metadata["ttl_bars"] = self.rng.randint(1, 30)
            metadata["order_group"] = "group"
            self.has_group = True
        if self.rng.random() < 0.1:
            metadata["on_fill"] = [{"action": "adjust_target", "metadata": {"price": "close * 1"}}]
        elif spec.rests and "order_ref" in metadata and self.rng.random() < 0.3:
            metadata["rearm"] = self.rng.choice((True, 1, 40))
            metadata["on_fill"] = [_exit_that_lets_it_come_again(side, metadata["order_ref"])]
        return metadata

    def _old_leave(self) -> tuple[tuple[str, str] | None, list[Data]]:
        names = [name for name, spec in ACTIONS.items() if _leaves(spec, self.side)]
        return None, [{"action": self.rng.choice([n for n in names if not ACTIONS[n].rests])}]

    def _manage(self) -> tuple[tuple[str, str] | None, list[Data]]:
        guard = (f"position_side == {self.side}", self.side)
        choices = [
            (name, metadata)
            for name, spec in ACTIONS.items()
            if spec.side in (None, self.side)
            for metadata in self._managing(spec)
        ]
        action, metadata = self.rng.choice(choices)
        if metadata:
            return guard, [{"action": action, "metadata": metadata}]
        return guard, [action if self.rng.random() < 0.5 else {"action": action}]

    def _managing(self, spec: ActionSpec) -> list[dict[str, Data]]:
        """Return ways to use an action while a position of the side is open."""
        behind, ahead = ("-", "+") if self.side == "long" else ("+", "-")
        match spec.verb:
            case Verb.EXIT if spec.rests:
                return [{"price": f"close {ahead} 1%", "size_pct": 0.3, "ttl_bars": 3}]
            case Verb.EXIT if spec.side is None:
                return [{"reason": "made up"}]
            case Verb.EXIT:
                return [{}, {"size_pct": 0.5, "method": "lifo"}]
            case Verb.ADJUST_STOP:
                return [{"price": f"close {behind} 1%", "only_tighten": True}]
            case Verb.ADJUST_TARGET:
                return [{"price": f"close {ahead} 4%"}]
            case Verb.ADJUST_TRAIL:
                far = {"distance_pct": 2, "activate_pct": 1}
                return [{"distance": "close * 0.01"}, dict(far), {"remove": True}]
            case Verb.ADJUST_SIZE:
                opens = {"side": self.side, "stop_loss": f"close {behind} 3%"}
                return [{"size": "5% of equity"}, {"size": "500 usdt", **opens}]
            case Verb.CANCEL_ALL:
                return [{"order_group": "group"} if self.has_group else {}]
            case Verb.CANCEL:
                return [{"order_ref": ref} for ref in self.refs[-1:]]
            case Verb.NOTHING:
                return [{}]
            case Verb.ENTER | Verb.AMEND:
                return []  # entries are dealt elsewhere; what an amend may say depends on its order
            case _:
                assert_never(spec.verb)


def _exit_that_lets_it_come_again(side: str, ref: str) -> Data:
    price = f"position_avg_entry {'+' if side == 'long' else '-'} 1%"
    metadata = {"price": price, "size": "fill", "order_ref": f"{ref}_out"}
    return {"action": f"place_limit_exit_{side}", "metadata": metadata}


def _entries(side: str, *, rests: bool) -> tuple[str, ...]:
    return tuple(
        name
        for name, spec in ACTIONS.items()
        if spec.verb is Verb.ENTER and spec.side == side and spec.rests is rests
    )


def _leaves(spec: ActionSpec, side: str) -> bool:
    return spec.verb is Verb.EXIT and spec.side in (None, side)


def _sizing_value(model: SizingModel) -> float:
    match model:
        case SizingModel.PERCENT_EQUITY:
            return 10.0
        case SizingModel.RISK_BASED:
            return 1.0
        case SizingModel.FIXED_USDT:
            return 500
        case _:
            assert_never(model)
