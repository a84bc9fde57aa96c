"""The venue as one plain class: markets, account, faults, under virtual time. No I/O, no wall clock.

Law: the same settings, feed, switches and calls give the same answers, messages and ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from tools.fakebybit import candles, conditionals, settlement
from tools.fakebybit.auth import Request
from tools.fakebybit.candles import Bar
from tools.fakebybit.faults import Fault, Faults, Switch
from tools.fakebybit.feed import Tick
from tools.fakebybit.gate import Gate
from tools.fakebybit.instrument import BTCUSDT, Instrument
from tools.fakebybit.links import Channel, Connection, Hub
from tools.fakebybit.market import opened
from tools.fakebybit.market_api import ticker_data
from tools.fakebybit.matching import Print
from tools.fakebybit.numbers import ZERO, text
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import Settings
from tools.fakebybit.state import State
from tools.fakebybit.wire import Reply, Row


class Venue:
    """One venue with one account.

    `request` answers, `advance` lets time pass, `connect` opens a stream. Effects of a request are
    due at once but happen only when time is told to go on (`settle`), so an answer is always an
    acknowledgement first.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        instruments: Iterable[Instrument] = (BTCUSDT,),
        prices: dict[str, Decimal] | None = None,
        feed: Iterable[Tick] = (),
        faults: Iterable[Switch] = (),
    ) -> None:
        self.settings = settings or Settings()
        first = prices or {}
        rules = self.settings
        markets = {
            i.symbol: opened(
                i,
                first.get(i.symbol, Decimal(50_000)),
                rules.spread_ticks,
                rules.depth,
                rules.levels,
            )
            for i in instruments
        }
        self.state = State(rules, markets, Faults(rules.seed, faults))
        self.gate = Gate(self.state)
        self.hub = Hub(self.state, self.gate)
        self.state.emit = self.hub.push
        self._feed: Iterator[Tick] = iter(feed)
        self._next: Tick | None = next(self._feed, None)
        self._base = min(rules.intervals.values())
        self._start_timers()

    @property
    def now(self) -> int:
        """The venue's time in ms."""
        return self.state.now

    @property
    def faults(self) -> Faults:
        return self.state.faults

    # -- the two things a client does ---------------------------------------------------------

    def request(self, request: Request) -> Reply:
        """Answer one HTTP request."""
        reply = self.gate.call(request)
        path = request.path.removeprefix("/v5/")
        if self.state.fault(Fault.STREAM_FIRST, path):
            self.settle()
        return reply

    def connect(self, channel: Channel) -> Connection | None:
        """Open a stream connection; None while the venue refuses."""
        return self.hub.connect(channel)

    # -- time ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let happen what is due at this instant."""
        self.state.clock.run(self.now)

    def advance(self, until: int) -> None:
        """Let time pass up to `until` (ms): prints of the feed and everything due, in order."""
        while self._next is not None and self._next.ts <= until:
            tick = self._next
            self._next = next(self._feed, None)
            self.state.clock.run(max(tick.ts, self.now))
            self._print(tick)
        self.state.clock.run(until)

    def next_due(self) -> int | None:
        """Return when something happens next (ms), None where nothing is left to happen."""
        due = self.state.clock.next_due()
        return due if self._next is None else min(self._next.ts, due or self._next.ts)

    def feed(self, ticks: Iterable[Tick]) -> None:
        """Take a feed; it replaces what is left of the one before."""
        self._feed = iter(ticks)
        self._next = next(self._feed, None)

    def trade(
        self,
        price: Decimal,
        qty: Decimal = Decimal(1),
        *,
        symbol: str = "BTCUSDT",
        side: Side = Side.SELL,
        gap: bool = False,
    ) -> None:
        """Print one trade of others at this instant."""
        self.settle()
        self._print(Tick(self.now, symbol, price, qty, side, gap))

    def preload(self, symbol: str, bars: Iterable[Bar], length: int) -> None:
        """Give a symbol bars of the past, for warm-up; they trade nothing."""
        for bar in bars:
            self.state.candles[symbol].preload(bar, length)
            self.state.mark_candles[symbol].preload(bar, length)

    def _print(self, tick: Tick) -> None:
        state, market = self.state, self.state.markets[tick.symbol]
        if tick.mark is not None:
            market.mark_follows, market.mark, market.index = False, tick.mark, tick.mark
        conditionals.move(state, tick.symbol, Print(tick.price, tick.qty, tick.side), gap=tick.gap)
        state.candles[tick.symbol].trade(self.now, tick.price, tick.qty)
        state.mark_candles[tick.symbol].trade(self.now, market.mark, ZERO)
        if tick.qty:
            self.hub.push(f"publicTrade.{tick.symbol}", self._trade_message(tick))

    def _trade_message(self, tick: Tick) -> Row:
        state = self.state
        row: Row = {
            "T": self.now,
            "s": tick.symbol,
            "S": tick.side.value,
            "v": text(tick.qty),
            "p": text(tick.price),
            "L": state.markets[tick.symbol].tick_direction,
            "i": state.uuid(),
            "BT": False,
            "RPI": False,
            "seq": state.next_seq(),
        }
        topic = f"publicTrade.{tick.symbol}"
        return {"topic": topic, "type": "snapshot", "ts": self.now, "data": [row]}

    # -- timers -------------------------------------------------------------------------------

    def _start_timers(self) -> None:
        clock, rules = self.state.clock, self.settings
        clock.at((self.now // self._base + 1) * self._base, self._boundary)
        clock.after(rules.kline_push_ms, self._push_candles)
        clock.after(rules.ticker_push_ms, self._push_tickers)
        for symbol in self.state.markets:
            span = self.state.facts(symbol).funding_minutes * 60_000
            clock.at((self.now // span + 1) * span, lambda s=symbol: self._funding(s))  # type: ignore[misc]

    def _funding(self, symbol: str) -> None:
        settlement.fund(self.state, symbol)
        span = self.state.facts(symbol).funding_minutes * 60_000
        self.state.clock.after(span, lambda: self._funding(symbol))

    def _boundary(self) -> None:
        """Close the candles that end now and say so."""
        for symbol, book in self.state.candles.items():
            for interval, candle in book.roll(self.now, self.state.markets[symbol].last):
                self._say_candle(symbol, interval, candle, confirm=True)
            book.changed -= {n for n, length in book.intervals.items() if not self.now % length}
            self.state.mark_candles[symbol].roll(self.now, self.state.markets[symbol].mark)
        self.state.clock.after(self._base, self._boundary)

    def _push_candles(self) -> None:
        for symbol, book in self.state.candles.items():
            for interval in book.intervals:
                if interval in book.changed and interval in book.open:
                    self._say_candle(symbol, interval, book.open[interval], confirm=False)
            book.changed.clear()
        self.state.clock.after(self.settings.kline_push_ms, self._push_candles)

    def _say_candle(
        self, symbol: str, interval: str, candle: candles.Candle, *, confirm: bool
    ) -> None:
        length = self.settings.intervals[interval]
        message = candles.message(symbol, interval, length, candle, self.now, confirm=confirm)
        self.hub.push(f"kline.{interval}.{symbol}", message)

    def _push_tickers(self) -> None:
        for symbol in self.state.markets:
            topic = f"tickers.{symbol}"
            if any(topic in connection.topics for connection in self.hub.connections):
                self.hub.push(topic, self._delta(symbol, topic))
        self.state.clock.after(self.settings.ticker_push_ms, self._push_tickers)

    def _delta(self, symbol: str, topic: str) -> Row:
        """Return a `tickers` delta: only what moves."""
        data = ticker_data(self.state, symbol)
        moving = (
            "symbol",
            "lastPrice",
            "markPrice",
            "indexPrice",
            "bid1Price",
            "ask1Price",
            "volume24h",
        )
        row = {name: data[name] for name in moving}
        return {
            "topic": topic,
            "type": "delta",
            "data": row,
            "cs": self.state.next_seq(),
            "ts": self.now,
        }
