"""Random commands around the price of a close.

Law: most commands make sense (prices near the close, refs that may work); the rest must be refused
alike by every engine.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from tests.reference.knobs import Knobs
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Bar,
    Cancel,
    CancelAll,
    Command,
    Effect,
    ExitAll,
    Method,
    OnFlat,
    OnPartial,
    OrderType,
    Place,
    Protect,
    Side,
    TargetType,
    TimeInForce,
    Trail,
)


class Writer:
    """Writes the commands of one close after the other around that close's price."""

    def __init__(self, r: Random, knobs: Knobs) -> None:
        self.r, self.knobs = r, knobs
        self.refs: list[str] = []
        self.placed: dict[str, Place] = {}
        self.first = True
        # Most orders of a script lean one way, so that exits and levels find a position.
        self.bias = r.choice(tuple(Side)) if knobs.shorts else Side.BUY
        self.busy = r.choice((0.3, 0.6, 0.9))

    def at(self, bar: Bar) -> tuple[Command, ...]:
        r, close = self.r, bar.close
        if r.random() > self.busy:
            return ()
        if self.first:
            self.first = False
            return tuple(self.entry(close) + self.entry(close))
        makers = [self.entry, self.entry, self.entry, self.entry, self.exit]
        if self.knobs.limit_exits:
            makers.append(self.limit_exit)
        if self.knobs.stop_exits:
            makers.append(self.stop_exit)
        if self.knobs.oco:
            makers.append(self.pair)
        if self.knobs.adjusts:
            makers.append(self.adjust)
        if self.placed and self.knobs.amends:
            makers += [self.amend, self.amend]
        if self.refs and self.knobs.cancels:
            makers.append(self.cancel)
        written: list[Command] = []
        for _ in range(r.choice((1, 1, 2, 3))):
            written += r.choice(makers)(close)
        for command in written:
            if isinstance(command, Place) and command.type is not OrderType.MARKET:
                self.placed.setdefault(command.ref, command)
        return tuple(written)

    def ref(self) -> str:
        if self.knobs.reuse_refs and self.refs and self.r.random() < 0.1:
            return self.r.choice(self.refs)
        ref = f"r{len(self.refs)}"
        self.refs.append(ref)
        return ref

    def chance(self, knob: bool, p: float) -> bool:
        return knob and self.r.random() < p

    def side(self, p: float = 0.2) -> Side:
        """The side the script leans to, the other one with probability `p`."""
        return self.bias.opposite if self.chance(self.knobs.shorts, p) else self.bias

    def near(self, close: int, far: int = 12) -> int:
        return close + self.r.randint(-far, far)

    def entry(self, close: int) -> list[Command]:
        return [self.one_entry(close, None)]

    def one_entry(self, close: int, oco: str | None) -> Place:
        r, knobs = self.r, self.knobs
        side = self.side(0.25)
        kinds = [OrderType.MARKET, OrderType.LIMIT, OrderType.LIMIT, OrderType.LIMIT]
        if knobs.stop_entries:
            kinds.append(OrderType.STOP_MARKET)
        if knobs.stop_limits:
            kinds.append(OrderType.STOP_LIMIT)
        kind = r.choice(kinds) if oco is None else r.choice(kinds[1:])
        limit = trigger = None
        if kind is OrderType.LIMIT:
            limit = close - side.sign * r.randint(-3, 14)
        if kind in (OrderType.STOP_MARKET, OrderType.STOP_LIMIT):
            trigger = close + side.sign * r.randint(0 if r.random() < 0.1 else 1, 12)
        if kind is OrderType.STOP_LIMIT and trigger is not None:
            limit = trigger + side.sign * r.randint(-4, 6)
        price = limit if limit is not None else trigger if trigger is not None else close
        is_limit = kind is OrderType.LIMIT
        tif = TimeInForce.GTC
        if is_limit and self.chance(knobs.ioc_fok, 0.1):
            tif = r.choice((TimeInForce.IOC, TimeInForce.FOK))
        rests = tif is TimeInForce.GTC and kind is not OrderType.MARKET
        stop, target = self.levels(price, side)
        return Place(
            ref=self.ref(), side=side, type=kind, lots=r.choice((1, 3, 5, 10, 20)), limit=limit,
            trigger=trigger, tif=tif,
            post_only=is_limit and rests and self.chance(knobs.post_only, 0.15),
            ttl_bars=r.randint(1, 6) if rests and self.chance(knobs.ttl, 0.4) else None,
            oco=oco, stop_loss=stop, take_profit=target, take_profit_type=self.target_type(),
            trail=self.trail(price, side) if self.chance(knobs.trails, 0.1) else None,
            protect=Protect.LAYER if self.chance(knobs.layer_protection, 0.3) else Protect.POSITION,
            on_partial=self.partial(rests), on_flat=self.flat(rests),
        )  # fmt: skip

    def partial(self, rests: bool) -> OnPartial:
        cancel = rests and self.chance(self.knobs.on_partial, 0.1)
        return OnPartial.CANCEL if cancel else OnPartial.CONTINUE

    def flat(self, rests: bool) -> OnFlat:
        cancel = rests and self.chance(self.knobs.on_flat, 0.2)
        return OnFlat.CANCEL if cancel else OnFlat.KEEP

    def levels(self, price: int, side: Side) -> tuple[int | None, int | None]:
        r = self.r
        stop = target = None
        if self.chance(self.knobs.protection, 0.5):
            stop = price - side.sign * r.randint(1, 30)
        if self.chance(self.knobs.protection, 0.4):
            target = price + side.sign * r.randint(1, 25)
        return stop, target

    def target_type(self) -> TargetType:
        return TargetType.LIMIT if self.chance(self.knobs.limit_targets, 0.5) else TargetType.MARKET

    def trail(self, price: int, side: Side) -> Trail:
        r = self.r
        activate = price + side.sign * r.randint(1, 10) if r.random() < 0.4 else None
        if r.random() < 0.5:
            return Trail(distance=r.randint(1, 12), activate=activate)
        return Trail(distance_pct=Fraction(r.randint(2, 12), 10), activate=activate)

    def pair(self, close: int) -> list[Command]:
        group = f"g{len(self.refs)}"
        return [self.one_entry(close, group) for _ in range(self.r.choice((2, 2, 3)))]

    def out(self) -> Place:
        r = self.r
        side = self.side(0.1).opposite
        size = r.randint(0, 2)
        return Place(
            ref=self.ref(), side=side, effect=Effect.REDUCE,
            lots=r.choice((1, 2, 5, 10)) if size == 0 else None,
            fraction=Fraction(r.randint(1, 4), 4) if size == 1 else None,
            method=r.choice((None, None, *Method)),
        )  # fmt: skip

    def exit(self, close: int) -> list[Command]:
        return [ExitAll(self.ref())] if self.r.random() < 0.5 else [self.out()]

    def limit_exit(self, close: int) -> list[Command]:
        return [self.rest_exit(self.out(), close, None) for _ in range(self.r.choice((1, 1, 2)))]

    def rest_exit(self, out: Place, close: int, oco: str | None) -> Place:
        price = close - out.side.sign * self.r.randint(-2, 10)
        return Place(
            ref=out.ref, side=out.side, effect=Effect.REDUCE, type=OrderType.LIMIT, limit=price,
            lots=out.lots, fraction=out.fraction, method=out.method, oco=oco,
            post_only=self.chance(self.knobs.post_only, 0.1),
            ttl_bars=self.r.randint(1, 6) if self.chance(self.knobs.ttl, 0.3) else None,
        )  # fmt: skip

    def stop_exit(self, close: int) -> list[Command]:
        out = self.out()
        trigger = close + out.side.sign * self.r.randint(1, 10)
        return [
            Place(
                ref=out.ref, side=out.side, effect=Effect.REDUCE, type=OrderType.STOP_MARKET,
                trigger=trigger, lots=out.lots, fraction=out.fraction, method=out.method,
            )
        ]  # fmt: skip

    def adjust(self, close: int) -> list[Command]:
        r = self.r
        layer = (
            r.choice(self.refs)
            if self.refs and self.chance(self.knobs.layer_protection, 0.2)
            else None
        )
        tighten = r.random() < 0.3
        kind = r.randint(0, 4)
        if kind == 0 and self.knobs.trails:
            if r.random() < 0.2:
                return [AdjustTrail(None)]
            return [AdjustTrail(self.trail(close, self.side()))]
        if kind <= 2:
            return [AdjustStop(close - self.side(0.1).sign * r.randint(0, 12), tighten, layer)]
        return [AdjustTarget(close + self.side(0.1).sign * r.randint(0, 12), tighten, layer)]

    def amend(self, close: int) -> list[Command]:
        """Of a recent order that can be amended; mostly near its price, sometimes across it."""
        r = self.r
        old = r.choice([*self.placed.values()][-3:])
        limit = trigger = None
        if old.limit is not None and r.random() < 0.6:
            limit = close - old.side.sign * r.randint(-3, 12)
        elif old.trigger is not None and old.limit is None:
            trigger = close + old.side.sign * r.randint(0, 12)
        lots = r.choice((1, 4, 8, 15, 25)) if r.random() < 0.5 else None
        if old.limit is not None and old.trigger is None and self.chance(self.knobs.replaces, 0.2):
            limit = close - old.side.sign * r.randint(-1, 12)
            again = replace(
                old, limit=limit, lots=lots or 5, replace=True, stop_loss=None, take_profit=None
            )
            return [again]
        stop = None
        if old.effect is Effect.OPEN and self.chance(self.knobs.protection, 0.1):
            stop = self.near(close)
        return [Amend(ref=old.ref, limit=limit, trigger=trigger, lots=lots, stop_loss=stop)]

    def cancel(self, close: int) -> list[Command]:
        if self.r.random() < 0.2:
            return [CancelAll(side=self.r.choice((None, *Side)))]
        return [Cancel(self.r.choice(self.refs[-4:]))]
