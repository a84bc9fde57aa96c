"""A back-test and a local session over the same bars, held beside each other order by order.

    python -m tests.tools.live.agreement --first 0 --count 20

The law: where simulator and venue agree by construction (a limit fills whole once price went through it, no
slippage, no spread), every order has the same life in both: asked for alike, filled alike, ended alike.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.account.ledger import Ledger
from runtime.backtest import market_stage, wire
from runtime.market.data import MarketData
from runtime.orders.events import (
    Event,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRenewed,
    OrderSubmitted,
)
from tests.runtime.live.scenarios import fast
from tests.tools.live.made import GALLERY, made
from tools.live.local import LocalRun

Lives = dict[str, list[tuple[Any, ...]]]
_LAST_DIGITS = 1e-12  # of 2e-16 a float holds, some for the sums behind it
_LAST_PLACE = 1e-8  # VENUE: it tells money in eight places, and no grid of prices is as fine
_AGREED = "execution: { fill_model: through, through_ticks: 1, through_threshold_pct: 0 }"


def agreed(card: Path) -> str:
    """Return a card whose fill model is the venue's: through, whole, without slippage."""
    text = card.read_text(encoding="utf-8")
    text, named = re.subn(r"\naccount: \{ ", "\naccount: { slippage_bps: 0, ", text)
    if not named:
        text = text.replace("\nblocks:", "\naccount: { slippage_bps: 0 }\nblocks:", 1)
    return text.replace("\nblocks:", f"\n{_AGREED}\n\nblocks:", 1)


@dataclass(slots=True)
class Told:
    """What became of every order, in the words of its events. `first`: the bar on which it begins."""

    ledger: Ledger
    first: int
    lives: Lives = field(default_factory=lambda: defaultdict(list))

    def hear(self, event: Event) -> None:
        """Take an event of an order."""
        match event:
            case OrderSubmitted(spec=spec):
                asked = (
                    spec.role, spec.order_ref, spec.side, spec.order_type, spec.quantity,
                    spec.limit_price, spec.trigger_price, spec.created_bar - self.first,
                )  # fmt: skip
                self.lives[spec.order_id].append(("asked", *asked))
            case OrderFilled():
                filled = (event.quantity, event.price, event.is_maker, event.fee)
                self.lives[event.order_id].append(("filled", *filled))
            case OrderAmended():
                values = (event.quantity, event.limit_price, event.trigger_price)
                self.lives[event.order_id].append(("amended", *values))
            case OrderRenewed():
                self.lives[event.order_id].append(("renewed", event.expires_bar))
            case OrderCancelled() | OrderExpired() | OrderRejected():
                order = self.ledger.orders[event.order_id]
                self.lives[event.order_id].append((order.state, order.reason))
            case _:
                pass  # requests and acceptances are the wire's


def local(card: Path, folder: Path, bars: int, seed: int) -> tuple[Told, LocalRun]:
    """Return what a local session told, and the session."""
    run, _ = made(card, folder, bars=bars, seed=seed, text=agreed(card))
    told = Told(run.desk.ledger, run.feed.start)
    run.desk.engine.listeners.append(told.hear)
    run.run()
    return told, run


def simulated(run: LocalRun) -> Told:
    """Return what a back-test of the same card tells over the same bars."""
    program, instrument = run.desk.engine.program, run.facts.instrument
    data = MarketData(exec=run.feed.frame, first=run.feed.start, funding=run.feed.funding)
    engine, exchange = wire(program, data, instrument, market_stage(program, data))
    told = Told(engine.ledger, data.first)
    engine.listeners.append(told.hear)
    for bar in range(data.first, len(data.exec)):
        exchange.step(bar)
        exchange.submit(engine.close_bar(bar))
    return told


def parted(one: Lives, other: Lives) -> list[str]:
    """Return the orders whose lives differ, both told."""
    return [
        f"{name}: local {one.get(name)}, simulated {other.get(name)}"
        for name in sorted(one.keys() | other.keys())
        if not _alike(one.get(name), other.get(name))
    ]


def _alike(one: Any, other: Any) -> bool:
    """Return whether two lives, or parts of them, say the same.

    The venue counts money in decimals and tells eight places, the simulator counts in binary: the last place
    of a fee is nobody's. It is never rounded first, for what lies half way between two roundings goes either way.
    """
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_LAST_DIGITS, abs_tol=_LAST_PLACE)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == other)


def main() -> int:
    """Compare many seeds; returns how many runs differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--bars", type=int, default=300)
    given = parser.parse_args()
    began, orders, apart = time.monotonic(), 0, 0
    for seed in range(given.first, given.first + given.count):
        for card in sorted(GALLERY.glob("*.yaml")):
            with tempfile.TemporaryDirectory(dir=fast()) as folder:
                told, run = local(card, Path(folder), given.bars, seed)
                found = parted(told.lives, simulated(run).lives)
            orders += len(told.lives)
            apart += bool(found)
            for line in found[:4]:
                print(f"{card.stem} seed {seed}: {line}", flush=True)
    print(f"{given.count} seeds, {orders} orders, {apart} runs differ, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return apart


if __name__ == "__main__":
    sys.exit(min(main(), 1))
