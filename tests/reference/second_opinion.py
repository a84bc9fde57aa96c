"""Another tool's matching engine on the same scripts, where both mean the same by them.

Law: nautilus_trader gets the prices of each bar's path, one tick after the other, and the commands the
product took, nothing else, least of all a fill. What the two are known to mean differently is left out of
the script before either sees it (`plain`).

    python -m tests.reference.second_opinion --seeds 0:300      # the extra `second-opinion`
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from math import floor

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, LiquiditySide, OmsType, OrderSide, TimeInForce
from nautilus_trader.model.events import OrderFilled
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from tests.reference import script as said
from tests.reference.compare import compare, held_layers
from tests.reference.exchange import run
from tests.reference.generate import script
from tests.reference.hunt import knobs_of
from tests.reference.path import corners, high_first
from tests.reference.product import play

_FEATURES = (
    "dojis", "shorts", "stop_entries", "stop_limits", "ioc_fok", "post_only", "ttl", "cancels",
    "amends", "costs",
)  # fmt: skip
KNOBS = replace(knobs_of(only=_FEATURES, models=("touch",)), bars=(20, 60))
_ID = InstrumentId.from_str("BTCUSDT.SIM")
_BARS = BarType.from_str("BTCUSDT.SIM-1-HOUR-LAST-EXTERNAL")
_HOUR = 3_600_000_000_000  # ns
_SIDES = {said.Side.BUY: OrderSide.BUY, said.Side.SELL: OrderSide.SELL}
_SLACK = 1e-6  # of the quote currency: theirs rounds money at every fill

Trades = Counter[tuple[int, str, str, int, int, bool]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """Fills by bar, ref, side, lots, price (ticks), maker; the balance at the last close."""

    trades: Trades
    balance: float


def plain(case: said.Script) -> said.Script:
    """The script without what the two are known to take differently.

    A limit at the very close (or trigger) rests here and takes there. Where several are met at one trigger
    theirs looks at a stop-limit a tick later. A post-only order moved across the market ends here and stays
    there; a stop-limit moved there pays its old trigger. Of several changes at one close the first is kept.
    """
    triggers: set[int] = set()
    fixed: set[str] = set()  # refs that no amend may name
    *bars, _ = case.bars
    kept = (_kept(case.at(t), bar.close, triggers, fixed) for t, bar in enumerate(bars))
    return replace(case, commands=tuple(map(tuple, kept)))


def _kept(
    commands: Sequence[said.Command], close: int, triggers: set[int], fixed: set[str]
) -> Iterator[said.Command]:
    refs: set[str] = set()
    for command in commands:
        ref, trigger = _ref(command), getattr(command, "trigger", None)
        limit = getattr(command, "limit", None)
        is_met = limit is not None and limit in (close, trigger)
        is_moved = isinstance(command, said.Amend) and ref in fixed
        if is_met or is_moved or (ref and ref in refs) or trigger in triggers:
            continue
        if isinstance(command, said.Place):
            if command.post_only or command.type is said.OrderType.STOP_LIMIT:
                fixed.add(ref)
        refs.add(ref)
        triggers |= set() if trigger is None else {trigger}
        yield command


def _ref(command: said.Command) -> str:
    return getattr(command, "ref", "")


def ours(case: said.Script) -> tuple[Opinion, frozenset[tuple[int, str]]]:
    """What the product makes of it, the reference with it, and what it refused (bar, ref)."""
    assert compare(case) is None
    seen = play(case, held_layers(run(case)))
    trades: Trades = Counter()
    for x in seen.trades:
        trades[x.bar, x.who, x.side, x.lots, round(x.price), x.maker] += 1
    refused = frozenset((x.bar, x.ref) for x in seen.ends if x.kind == "refused")
    return Opinion(trades, seen.accounts[-1].balance), refused


def theirs(case: said.Script, refused: frozenset[tuple[int, str]]) -> Opinion:
    """What nautilus_trader makes of it; what was `refused` is never sent."""
    settings = case.settings
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),
            run_analysis=False,
        )
    )
    engine.add_venue(
        _ID.venue, OmsType.NETTING, AccountType.MARGIN, [Money(settings.start_balance, USDT)],
        base_currency=USDT, default_leverage=Decimal(100), bar_execution=False,
    )  # fmt: skip
    taker, maker = (Decimal(float(x)) / 10_000 for x in (settings.taker_bps, settings.maker_bps))
    engine.add_instrument(
        CryptoPerpetual(
            instrument_id=_ID, raw_symbol=_ID.symbol, base_currency=BTC, quote_currency=USDT,
            settlement_currency=USDT, is_inverse=False, price_precision=1, size_precision=0,
            price_increment=_price(1), size_increment=Quantity.from_int(1), maker_fee=maker,
            taker_fee=taker, ts_event=0, ts_init=0,
        )
    )  # fmt: skip
    engine.add_data([tick for t in range(len(case.bars)) for tick in _walk(case, t)])
    engine.add_data([_bar(bar, t) for t, bar in enumerate(case.bars)])
    sayer = Sayer(case, refused)
    engine.add_strategy(sayer)
    engine.run()
    balance = engine.cache.account_for_venue(_ID.venue).balance_total(USDT).as_double()
    engine.dispose()
    return Opinion(sayer.trades, balance)


def _price(ticks: int) -> Price:
    return Price.from_str(f"{ticks / 10:.1f}")


def _known(ticks: int | None) -> Price | None:
    return None if ticks is None else _price(ticks)


def _walk(case: said.Script, t: int) -> Iterator[QuoteTick]:
    """Every price of the bar's path, with volume for everybody; the last one twice.

    A stop-limit that takes leaves their market at its limit until the next price is told.
    """
    bar = case.bars[t]
    path = corners(bar, up=high_first(bar, case.settings.intrabar))
    prices = [path[0]]
    for start, end in pairwise(path):
        step = 1 if end > start else -1
        prices += range(start + step, end + step, step)
    prices.append(path[-1])
    size = Quantity.from_int(10**9)
    for at, price in enumerate(map(_price, prices), start=(t + 1) * _HOUR):
        yield QuoteTick(_ID, price, price, size, size, at, at)


def _bar(bar: said.Bar, t: int) -> Bar:
    """It closes after its path and before the next one; nothing trades by it."""
    prices = (_price(x) for x in (bar.open, bar.high, bar.low, bar.close))
    at = (t + 2) * _HOUR - 1
    return Bar(_BARS, *prices, Quantity.from_int(1), at, at)


class Sayer(Strategy):  # type: ignore[misc]
    """Gives a script's commands at the closes of its bars and writes down the fills."""

    def __init__(self, case: said.Script, refused: frozenset[tuple[int, str]]) -> None:
        super().__init__(StrategyConfig())
        self.case, self.refused = case, refused
        self.t, self.held = -1, 0
        self.sent: dict[str, Order] = {}
        self.expires: dict[str, int] = {}
        self.trades: Trades = Counter()

    def on_start(self) -> None:
        self.subscribe_bars(_BARS)

    def on_bar(self, _: Bar) -> None:
        """Expire, then by kind: cancels, amends, exits, entries."""
        self.t += 1
        for ref, last in self.expires.items():
            if last == self.t and not self.sent[ref].is_closed:
                self.cancel_order(self.sent[ref])
        leaving = 0
        commands = (c for c in self.case.at(self.t) if (self.t, _ref(c)) not in self.refused)
        for command in sorted(commands, key=_kind):
            match command:
                case said.Cancel(ref=ref):
                    self.cancel_order(self.sent[ref])
                case said.CancelAll(side=side):
                    for order in self.sent.values():
                        if not order.is_closed and (side is None or order.side == _SIDES[side]):
                            self.cancel_order(order)
                case said.Amend():
                    self._amend(command)
                case said.ExitAll() | said.Place(effect=said.Effect.REDUCE):
                    leaving += self._leave(command, leaving)
                case said.Place():
                    self._enter(command)

    def on_order_filled(self, event: OrderFilled) -> None:
        """What fills after a close, or in the bar behind it, is of that bar."""
        ref = next(r for r, o in self.sent.items() if o.client_order_id == event.client_order_id)
        side = said.Side.BUY if event.order_side == OrderSide.BUY else said.Side.SELL
        lots, price = int(event.last_qty), round(float(event.last_px) * 10)
        self.held += side.sign * lots
        is_maker = event.liquidity_side == LiquiditySide.MAKER
        self.trades[self.t + 1, ref, str(side), lots, price, is_maker] += 1

    def _leave(self, out: said.ExitAll | said.Place, leaving: int) -> int:
        """An exit at market, of what earlier exits of this close leave."""
        lots = abs(self.held)
        if isinstance(out, said.Place):
            lots = lots if out.fraction is None else floor(lots * out.fraction)
            lots = lots if out.lots is None else out.lots
        lots = min(lots, abs(self.held) - leaving)
        side = OrderSide.SELL if self.held > 0 else OrderSide.BUY
        self._send(out.ref, self.order_factory.market(_ID, side, Quantity.from_int(lots)))
        return lots

    def _enter(self, place: said.Place) -> None:
        assert place.lots is not None
        make, side, lots = self.order_factory, _SIDES[place.side], Quantity.from_int(place.lots)
        limit, trigger = _known(place.limit), _known(place.trigger)
        if place.ttl_bars is not None:
            self.expires[place.ref] = self.t + place.ttl_bars
        match place.type:
            case said.OrderType.MARKET:
                order = make.market(_ID, side, lots)
            case said.OrderType.LIMIT:
                force = TimeInForce[place.tif.name]
                order = make.limit(
                    _ID, side, lots, limit, time_in_force=force, post_only=place.post_only
                )
            case said.OrderType.STOP_MARKET:
                order = make.stop_market(_ID, side, lots, trigger)
            case said.OrderType.STOP_LIMIT:
                order = make.stop_limit(_ID, side, lots, limit, trigger)
        self._send(place.ref, order)

    def _send(self, ref: str, order: Order) -> None:
        self.sent[ref] = order
        self.submit_order(order)

    def _amend(self, new: said.Amend) -> None:
        lots = None if new.lots is None else Quantity.from_int(new.lots)
        self.modify_order(self.sent[new.ref], lots, _known(new.limit), _known(new.trigger))


def _kind(command: said.Command) -> int:
    match command:
        case said.Cancel() | said.CancelAll():
            return 0
        case said.Amend():
            return 1
        case said.ExitAll() | said.Place(effect=said.Effect.REDUCE):
            return 2
        case _:
            return 3


def differ(seed: int) -> tuple[int, str | None]:
    """How many fills the script of a seed has, and what the two tell differently, None for nothing."""
    case = plain(script(seed, KNOBS))
    a, refused = ours(case)
    b = theirs(case, refused)
    found = None
    if a.trades != b.trades:
        mine, other = sorted((a.trades - b.trades).items()), sorted((b.trades - a.trades).items())
        found = f"fills of the product {mine}, of nautilus_trader {other}"
    elif abs(a.balance - b.balance) > _SLACK:
        found = f"balance of the product {a.balance:.6f}, of nautilus_trader {b.balance:.6f}"
    return a.trades.total(), found


def main(words: Sequence[str] | None = None) -> int:
    """Return 0 where every seed is told alike."""
    parser = argparse.ArgumentParser(description="the product's fills by another tool")
    parser.add_argument("--seeds", default="0:300", help="first:after last")
    first, _, last = parser.parse_args(words).seeds.partition(":")
    seeds, fills, different = range(int(first), int(last)), 0, 0
    for seed in seeds:
        count, found = differ(seed)
        fills, different = fills + count, different + (found is not None)
        if found is not None:
            print(f"seed {seed}: {found}", flush=True)
    print(f"{len(seeds)} scripts, {fills} fills, {different} scripts told differently")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
