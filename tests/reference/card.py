"""A script as a card of the product: one block per close, fired by `bar_index`, emits its commands.

Law: the card says what the script says and nothing else. `sayable` takes out of a script what no
card can say, before both engines are given it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction

from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Attached,
    Cancel,
    CancelAll,
    Command,
    Effect,
    ExitAll,
    Method,
    OnFlat,
    OnPartial,
    OrderType,
    Percent,
    Place,
    Points,
    Protect,
    RewardRisk,
    Script,
    Side,
    SlippageRounding,
    TargetType,
    TimeInForce,
    Trail,
)

LAYERS = Sequence[Sequence[str]]
_NO_LAYER = 99


def sayable(script: Script) -> Script:
    """The script without what a card cannot say.

    A layer's trail, and one that loosens, are not in both; slippage is a rate, rounded to the dearer tick; the method
    is said per exit, the default is fifo.
    """
    settings = script.settings
    rate = settings.slippage_bps + 2 * settings.slippage_ticks
    return replace(
        script,
        settings=replace(
            settings, slippage_ticks=0, slippage_bps=rate, method=Method.FIFO,
            slippage_rounding=SlippageRounding.ADVERSE,
        ),
        commands=tuple(
            tuple(_with_sayable_trail(c) for c in close)
            for close in script.commands
        ),
    )  # fmt: skip


def _with_sayable_trail(command: Command) -> Command:
    if not isinstance(command, Place | AdjustTrail) or command.trail is None:
        return command
    if isinstance(command, Place) and command.protect is Protect.LAYER:
        return replace(command, trail=None)
    return replace(command, trail=replace(command.trail, only_tighten=True))


def card(script: Script, symbol: str, timeframe: str, layers: LAYERS) -> str:
    """The YAML text. `layers[t]` are the refs of the layers held at close t, oldest first."""
    writer = _Writer(script.instrument.tick, script.instrument.lot)
    blocks = [
        _block(t, [writer.action(c, layers[t]) for c in script.at(t)])
        for t in range(len(script.bars))
        if script.at(t)
    ]
    if not blocks:
        blocks = [_block(0, ["no_action"])]
    head = [f"name: script\nsymbol: {symbol}\ntf: {timeframe}", *_settings(script)]
    return "\n".join([*head, "blocks:", *blocks]) + "\n"


def _block(t: int, actions: list[str]) -> str:
    listed = "".join(f"\n        - {action}" for action in actions)
    return f"  - id: at{t}\n    cases:\n    - when: bar_index == {t}\n      emit:{listed}"


# --- settings ------------------------------------------------------------------------------------


def _settings(script: Script) -> Iterator[str]:
    s = script.settings
    yield "account: " + _flow(
        starting_equity_usdt=s.start_balance, max_leverage=s.leverage,
        fee_model=_flow(taker_bps=s.taker_bps, maker_bps=s.maker_bps),
        slippage_bps=s.slippage_bps, min_trade_notional_usdt=script.instrument.min_notional,
        max_position_usdt=s.max_position,
    )  # fmt: skip
    yield "position_policy: " + _flow(
        mode=str(s.mode), max_layers=s.max_layers, allow_flip=s.allow_flip
    )
    yield "execution: " + _flow(
        fill_model=str(s.fill_model), through_ticks=s.through_ticks,
        through_threshold_pct=s.through_threshold_pct,
        volume_participation_max=s.volume_participation_max,
        assume_queue_position=s.assume_queue_position,
        require_close_through=s.require_close_through, intrabar=str(s.intrabar),
        resting_gap=str(s.resting_gap), price_band_pct=s.price_band_pct,
        attached="next_bar" if s.attached is Attached.NEXT_BAR else "same_bar",
    )  # fmt: skip
    tick = script.instrument.tick
    rules = {
        name: _rule(rule, tick)
        for name, rule in (("stop_loss", s.risk_stop), ("take_profit", s.risk_target))
        if rule is not None
    }
    if rules:
        yield "risk_model: " + _flow(**rules)


def _rule(rule: Percent | Points | RewardRisk, tick: Fraction) -> str:
    match rule:
        case Percent(value):
            return _flow(type="percent", value=value)
        case Points(ticks):
            return _flow(type="fixed_points", value=ticks * tick)
        case RewardRisk(value):
            return _flow(type="rr_ratio", value=value)


# --- actions -------------------------------------------------------------------------------------


class _Writer:
    """Writes commands as actions; ticks become prices, lots base units."""

    def __init__(self, tick: Fraction, lot: Fraction) -> None:
        self.tick, self.lot = tick, lot

    def price(self, ticks: int | None) -> Fraction | None:
        return None if ticks is None else ticks * self.tick

    def size(self, lots: int | None) -> str | None:
        return None if lots is None else f'"{_text(lots * self.lot)} base"'

    def action(self, command: Command, layers: Sequence[str]) -> str:
        match command:
            case Place():
                return (
                    self._entry(command) if command.effect is Effect.OPEN else self._exit(command)
                )
            case ExitAll(ref):
                return _emit("exit_all", order_ref=ref)
            case Cancel(ref):
                return _emit("cancel_order", order_ref=ref)
            case CancelAll(group, side):
                return _emit("cancel_all_orders", order_group=group, side=side and str(side))
            case Amend():
                return _emit(
                    "amend_order", order_ref=command.ref, limit_price=self.price(command.limit),
                    trigger=self.price(command.trigger), size=self.size(command.lots),
                    stop_loss=self.price(command.stop_loss),
                    take_profit=self.price(command.take_profit),
                )  # fmt: skip
            case AdjustStop() | AdjustTarget():
                name = "adjust_stop" if isinstance(command, AdjustStop) else "adjust_target"
                layer = None if command.layer is None else _index(command.layer, layers)
                return _emit(
                    name, price=self.price(command.level), layer=layer,
                    only_tighten=command.only_tighten or None,
                )  # fmt: skip
            case AdjustTrail(trail):
                if trail is None:
                    return _emit("adjust_trail", remove=True)
                return _emit("adjust_trail", **self.trail(trail))

    def trail(self, trail: Trail) -> dict[str, object]:
        return {
            "distance": self.price(trail.distance),
            "distance_pct": trail.distance_pct,
            "activate": self.price(trail.activate),
        }

    def _entry(self, place: Place) -> str:
        word = "long" if place.side is Side.BUY else "short"
        common = {
            "size": self.size(place.lots),
            "order_ref": place.ref,
            "stop_loss": self.price(place.stop_loss),
            "take_profit": self.price(place.take_profit),
            "trail": None if place.trail is None else _flow(**self.trail(place.trail)),
            "protect": _unless(place.protect, Protect.POSITION),
            "take_profit_type": _unless(place.take_profit_type, TargetType.MARKET),
        }
        match place.type:
            case OrderType.MARKET:
                return _emit(f"entry_{word}", **common)
            case OrderType.LIMIT:
                name, prices = f"place_limit_{word}", {"price": self.price(place.limit)}
            case OrderType.STOP_MARKET | OrderType.STOP_LIMIT:
                name = f"place_stop_{word}"
                prices = {
                    "trigger": self.price(place.trigger), "limit_price": self.price(place.limit)
                }  # fmt: skip
        return _emit(name, **prices, **common, **_life(place))

    def _exit(self, place: Place) -> str:
        word = "long" if place.side is Side.SELL else "short"
        size = self.size(place.lots)
        if size is None and place.fraction is not None:
            size = f'"{_text(place.fraction * 100)}% of position"'
        method = place.method and str(place.method)
        common = {"size": size, "order_ref": place.ref, "method": method}
        if place.type is OrderType.MARKET:
            return _emit(f"exit_{word}", **common)
        if place.type is not OrderType.LIMIT:
            raise ValueError("the language has no stops that only reduce")
        price = self.price(place.limit)
        return _emit(f"place_limit_exit_{word}", price=price, **common, **_life(place))


def _life(place: Place) -> dict[str, object]:
    force = None if place.tif is TimeInForce.GTC else str(place.tif)
    return {
        "ttl_bars": place.ttl_bars, "ttl_type": force, "post_only": place.post_only or None,
        "on_partial": _unless(place.on_partial, OnPartial.CONTINUE),
        "on_flat": _unless(place.on_flat, OnFlat.KEEP),
        "order_group": place.oco, "oco": True if place.oco else None,
        "on_live_ref": "replace" if place.replace else None,
    }  # fmt: skip


def _unless(word: StrEnum, standard: StrEnum) -> str | None:
    return None if word == standard else str(word)


def _index(ref: str, layers: Sequence[str]) -> int:
    return layers.index(ref) if ref in layers else _NO_LAYER


def _emit(action: str, **metadata: object) -> str:
    said = _flow(**metadata)
    return action if said == "{  }" else f"{{ action: {action}, metadata: {said} }}"


def _flow(**values: object) -> str:
    pairs = ", ".join(f"{k}: {_text(v)}" for k, v in values.items() if v is not None)
    return f"{{ {pairs} }}"


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Fraction():
            return str(value.numerator) if value.denominator == 1 else repr(float(value))
        case _:
            return str(value)
