"""The venue of `--venue local`: the fake one, with the instrument, the fees and the money of a run.

The law: what the simulator and this venue can agree on by construction, they agree on: grid, tiers, fees,
starting equity, no spread. The rest (its own matching, its latency) is what a local session is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from compiler.catalog.settings import Intrabar
from compiler.graph.program import Program
from compiler.graph.rule_graph import Settings as CardSettings
from runtime.backends.sim.path import goes_low_first
from runtime.errors import DataError
from runtime.market.data import FundingSeries, MarketData
from runtime.market.frame import Bar as RuntimeBar
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from tools.fakebybit import instrument as fake
from tools.fakebybit.candles import Bar
from tools.fakebybit.faults import Switch
from tools.fakebybit.feed import Tick, walk
from tools.fakebybit.settings import PathRule, Settings
from tools.fakebybit.venue import Venue
from tools.live.warm_up import bars_wanted, interval_word

EFFECT_MS = 20  # from an acknowledgement to its effect
_BPS = Decimal(10_000)
_RATE = 0.005  # maintenance where the facts have no tiers
_NO_LIMIT = 1e12
_STEP = Decimal("0.0003")  # of the price, between two prints
_MOST_PARTS = 60  # of one segment of a bar


@dataclass(frozen=True, slots=True)
class Feed:
    """The bars of a local session: rows before `start` are history, [start, stop) are lived through."""

    frame: Frame
    start: int
    stop: int
    funding: FundingSeries | None = None

    @property
    def end(self) -> int:
        """Return when the last bar closes, ms UTC."""
        return self.frame.close_time(self.stop - 1)


def cut(program: Program, data: MarketData, count: int | None) -> Feed:
    """Return which rows are history and which are lived through; DataError where too few are given."""
    frame = data.exec
    start = max(data.first, program.warmup_bars - 1, 1)
    if start >= len(frame):
        raise DataError(
            f"{len(frame)} bars of {frame.symbol} {frame.timeframe} are given; the card knows "
            f"everything it reads only after {program.warmup_bars}: give more, or begin later"
        )
    stop = len(frame) if count is None else min(len(frame), start + count)
    lowest = max(0, start - bars_wanted(program))
    return Feed(frame.rows(lowest, stop), start - lowest, stop - lowest, data.funding)


def make_venue(
    instrument: Instrument,
    card: CardSettings,
    feed: Feed,
    seed: int = 0,
    *,
    faults: Sequence[Switch] = (),
) -> Venue:
    """Return a venue that has seen the bars of a feed before its start and is driven by the rest."""
    frame, start = feed.frame, feed.start
    facts = contract(instrument, card)
    length, word = frame.interval_ms, interval_word(frame.timeframe)
    settings = Settings(
        balance=Decimal(str(card.account.starting_equity_usdt)),
        seed=seed,
        start_ms=frame.ts[start],
        spread_ticks=0,
        effect_ms=EFFECT_MS,
        kline_push_ms=max(1_000, length // 4),
        ticker_push_ms=86_400_000,
        intervals={word: length},
        funding_rate=Decimal(0),
        funding_rates=_rates(feed.funding),
    )
    rows = bars(frame, instrument, 0, feed.stop)
    venue = Venue(
        settings,
        instruments=[facts],
        prices={facts.symbol: rows[start].open},
        feed=prints(rows[start:], facts, length, card.execution.intrabar),
        faults=faults,
    )
    venue.preload(facts.symbol, rows[:start], length)
    return venue


def prints(
    rows: Sequence[Bar], facts: fake.Instrument, length: int, policy: Intrabar
) -> Iterator[Tick]:
    """Walk bars the way the card's simulator does, in small steps of price, evenly in time.

    A venue moves while a request is under way. On a bar of four prints an extreme would be reached in
    the instant an entry fills, before any stop can stand.
    """
    last: Tick | None = None
    for row in rows:
        is_low_first = goes_low_first(_bar(row), policy)
        path = PathRule.LOW_FIRST if is_low_first else PathRule.HIGH_FIRST
        for number, tick in enumerate(walk([row], facts, length, path)):
            is_gap = number == 0 and last is not None and tick.price != last.price
            if last is not None and number:
                yield from _between(last, tick, facts.tick)
            last = replace(tick, gap=is_gap)
            yield last


def _between(before: Tick, after: Tick, tick: Decimal) -> Iterator[Tick]:
    way, span = after.price - before.price, after.ts - before.ts
    parts = min(_MOST_PARTS, span // 1_000, int(abs(way) / (before.price * _STEP)) + 1)
    for part in range(1, int(parts)):
        price = before.price + (way * part / parts / tick).to_integral_value() * tick
        yield replace(
            after, ts=before.ts + int(span * part / parts), price=price, qty=Decimal(0), gap=False
        )


def _bar(row: Bar) -> RuntimeBar:
    prices = (float(row.open), float(row.high), float(row.low), float(row.close))
    return RuntimeBar(*prices, float(row.volume))


def _rates(funding: FundingSeries | None) -> dict[int, Decimal]:
    if funding is None:
        return {}
    return {ts: decimal(rate) for ts, rate in zip(funding.ts, funding.rate, strict=True)}


def contract(instrument: Instrument, card: CardSettings) -> fake.Instrument:
    """Return an instrument as the fake venue has it, with the fees of the card."""
    lot = decimal(instrument.lot)
    rows = [
        (tier.limit_usdt, tier.maintenance_margin_rate, tier.max_leverage)
        for tier in instrument.tiers
    ] or [(_NO_LIMIT, _RATE, instrument.max_leverage)]
    return fake.Instrument(
        symbol=instrument.symbol,
        base=instrument.symbol.removesuffix("USDT"),
        tick_text=_text(instrument.tick),
        step_text=_text(instrument.lot),
        min_qty=instrument.min_lots * lot,
        max_qty=instrument.max_lots * lot,
        max_market_qty=instrument.max_market_lots * lot,
        max_price=Decimal(10_000_000),
        min_notional=decimal(instrument.min_notional_usdt),
        tiers=fake.tiers(*[(_text(a), _text(b), _text(c)) for a, b, c in rows]),
        max_leverage=decimal(instrument.max_leverage),
        taker=decimal(card.account.taker_bps) / _BPS,
        maker=decimal(card.account.maker_bps) / _BPS,
        funding_minutes=instrument.funding_interval_minutes,
    )


def bars(frame: Frame, instrument: Instrument, start: int, stop: int) -> list[Bar]:
    """Return rows [start, stop) as exact decimals on the grid."""

    def price(value: float) -> Decimal:
        return instrument.ticks(value) * decimal(instrument.tick)

    def volume(value: float) -> Decimal:
        return round(value / instrument.lot) * decimal(instrument.lot)

    return [
        Bar(
            frame.ts[i],
            price(frame.open[i]),
            price(frame.high[i]),
            price(frame.low[i]),
            price(frame.close[i]),
            volume(frame.volume[i]),
        )
        for i in range(start, stop)
    ]


def decimal(value: float) -> Decimal:
    """Return the shortest decimal that reads back as this float."""
    return Decimal(repr(float(value)))


def _text(value: float) -> str:
    return f"{decimal(value):f}"
