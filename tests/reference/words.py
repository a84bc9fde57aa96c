"""Short words for scripts written by hand: prices as people say them, bars as lines of text.

Law: a price that does not lie on the tick grid is an error, never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from tests.reference.exchange import run
from tests.reference.outcome import End, Fill, Outcome
from tests.reference.script import (
    Bar,
    Command,
    Effect,
    Funding,
    Instrument,
    Ohlc,
    OrderType,
    Place,
    Script,
    Settings,
    Side,
)

TICK = Fraction(1, 100)
CALM = "100 100.5 99.5 100"


def px(price: str | float, tick: Fraction = TICK) -> int:
    """A price in ticks."""
    ticks = Fraction(str(price)) / tick
    if ticks.denominator != 1:
        raise ValueError(f"{price} is not on the grid")
    return int(ticks)


def bar_of(line: str, ts: int, tick: Fraction = TICK) -> Bar:
    """`open high low close [volume [ts]]`, volume 1000 unless said, then `| mark o h l c`."""
    last, _, mark = line.partition("|")
    words = last.split()
    o, h, low, c = (px(w, tick) for w in words[:4])
    volume = int(words[4]) if len(words) > 4 else 1000
    ts = int(words[5]) if len(words) > 5 else ts
    marks = [px(w, tick) for w in mark.split()]
    return Bar(ts, o, h, low, c, volume, Ohlc(*marks) if marks else None)


def mark_of(line: str, ts: int, tick: Fraction = TICK) -> Bar:
    """A mark bar of a hole: `open high low close`."""
    o, h, low, c = (px(w, tick) for w in line.split())
    return Bar(ts, o, h, low, c, 0, Ohlc(o, h, low, c))


def play(
    lines: Sequence[str],
    commands: Mapping[int, Sequence[Command]],
    settings: Settings | None = None,
    *,
    instrument: Instrument | None = None,
    funding: Sequence[Funding] = (),
    hole_marks: Sequence[Bar] = (),
    bar_length: int = 60,
    tick: Fraction = TICK,
) -> Outcome:
    """Run bars given as lines (hourly unless said) with the commands of some closes."""
    bars = tuple(bar_of(line, i * bar_length, tick) for i, line in enumerate(lines))
    return run(
        Script(
            bars=bars,
            commands=tuple(tuple(commands.get(t, ())) for t in range(len(bars))),
            settings=settings or Settings(),
            instrument=instrument or Instrument(tick=tick),
            funding=tuple(funding),
            hole_marks=tuple(hole_marks),
            bar_length=bar_length,
        )
    )


def buy(ref: str, lots: int, **more: object) -> Place:
    """A market entry."""
    return Place(ref=ref, side=Side.BUY, lots=lots, **more)  # type: ignore[arg-type]


def sell(ref: str, lots: int, **more: object) -> Place:
    """A market entry."""
    return Place(ref=ref, side=Side.SELL, lots=lots, **more)  # type: ignore[arg-type]


def bid(ref: str, price: str | float, lots: int, **more: object) -> Place:
    """A limit entry."""
    return buy(ref, lots, type=OrderType.LIMIT, limit=px(price), **more)


def ask(ref: str, price: str | float, lots: int, **more: object) -> Place:
    """A limit entry."""
    return sell(ref, lots, type=OrderType.LIMIT, limit=px(price), **more)


def buy_stop(ref: str, at: str | float, lots: int, **more: object) -> Place:
    """A stop entry."""
    return buy(ref, lots, type=OrderType.STOP_MARKET, trigger=px(at), **more)


def sell_stop(ref: str, at: str | float, lots: int, **more: object) -> Place:
    """A stop entry."""
    return sell(ref, lots, type=OrderType.STOP_MARKET, trigger=px(at), **more)


def leave(ref: str = "exit", **more: object) -> Place:
    """A market exit of a long."""
    return Place(ref=ref, side=Side.SELL, effect=Effect.REDUCE, **more)  # type: ignore[arg-type]


def offer(ref: str, price: str | float, **more: object) -> Place:
    """A limit exit of a long."""
    return leave(ref, type=OrderType.LIMIT, limit=px(price), **more)


def trades(outcome: Outcome) -> list[tuple[int, str, str, int, float]]:
    """Fills as bar, ref, side, lots, price."""
    return [_trade(fill) for fill in outcome.fills]


def _trade(fill: Fill) -> tuple[int, str, str, int, float]:
    return fill.bar, fill.ref, str(fill.side), fill.lots, float(fill.price * TICK)


def end_of(outcome: Outcome, ref: str) -> tuple[str, str]:
    """How the last order under that ref ended: kind and reason."""
    ends: list[End] = [e for e in outcome.ends if e.ref == ref]
    return str(ends[-1].kind), ends[-1].reason


def balance(outcome: Outcome) -> float:
    """At the last close."""
    return float(outcome.closes[-1].balance)


def equity(outcome: Outcome) -> float:
    """At the last close."""
    return float(outcome.closes[-1].equity)
