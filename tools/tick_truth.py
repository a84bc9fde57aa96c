"""How often each fill model fills when the market really would have: bars against every trade.

A grid of resting limits (offsets, sizes, both sides, one hour each) is placed at bar closes. The truth
is counted from the trades: what trades beyond the price is ours, of what trades exactly at it half
goes to those who stood before us (price-time priority, middle of the queue). Our own size is assumed
not to change what the others did. Nothing is tuned to these trades.

    python -m tools.tick_truth FOLDER
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from compiler.catalog.settings import FillModel
from runtime.backends.sim.fill_models import FillModelConfig, fillable, takeable
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.order_spec import Side

OFFSETS_PCT = (0.02, 0.05, 0.1, 0.2, 0.4)
SIZES = (10.0, 100.0, 1_000.0, 10_000.0)
LIFE_MS = 3_600_000
QUEUE_SHARE = 0.5
EVERY = 3  # a grid at every third bar
XRPETH = Instrument(
    symbol="XRPETH",
    tick=1e-8,
    lot=1.0,
    min_lots=1,
    max_lots=10**9,
    max_market_lots=10**9,
    min_notional_usdt=0.0,
    max_leverage=1.0,
    funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 1.0),),
    as_of="2019-10-13",
)


@dataclass(frozen=True, slots=True)
class Trades:
    """Every trade in time order: ms UTC, price in ticks, quantity."""

    ts: list[int]
    ticks: list[int]
    quantity: list[float]


@dataclass(slots=True)
class Score:
    """One model against the truth over the whole grid; quantities in base units."""

    orders: int = 0
    truly_filled: int = 0
    both: int = 0
    only_model: int = 0
    model_quantity: float = 0.0
    true_quantity: float = 0.0

    @property
    def recall(self) -> float | None:
        """Return how often the model fills when the market did."""
        return self.both / self.truly_filled if self.truly_filled else None

    @property
    def false_fills(self) -> float | None:
        """Return how often the model fills when the market did not."""
        rest = self.orders - self.truly_filled
        return self.only_model / rest if rest else None

    @property
    def bias(self) -> float | None:
        """Return the model's filled quantity over the true one, less one."""
        return self.model_quantity / self.true_quantity - 1 if self.true_quantity else None


@dataclass(frozen=True, slots=True)
class Resting:
    side: Side
    price: float
    lots: int
    placed_at: int  # ms UTC


def read_trades(path: Path) -> Trades:
    """Read the recorded trades (prices and quantities are text there)."""
    from runtime.market.bar_files import read_columns

    columns = read_columns(path, ("ts", "price", "qty"))
    ticks = [round(float(p) / XRPETH.tick) for p in columns["price"]]
    return Trades([int(t) for t in columns["ts"]], ticks, [float(q) for q in columns["qty"]])


def grid(frame: Frame) -> Iterator[tuple[int, Resting]]:
    """Yield (bar, order): placed at that bar's close, alive for an hour."""
    for bar in range(EVERY, len(frame) - 1, EVERY):
        close = frame.close[bar]
        for offset in OFFSETS_PCT:
            for side in (Side.BUY, Side.SELL):
                raw = close * (1 - side.sign * offset / 100)
                price = XRPETH.floor_price(raw) if side is Side.BUY else XRPETH.ceil_price(raw)
                for size in SIZES:
                    yield bar, Resting(side, price, int(size), frame.close_time(bar))


def truth(trades: Trades, order: Resting) -> float:
    """Return what the market would have given the order, in base units."""
    level = round(order.price / XRPETH.tick)
    first = bisect_left(trades.ts, order.placed_at)
    last = bisect_left(trades.ts, order.placed_at + LIFE_MS)
    got = 0.0
    for i in range(first, last):
        beyond = order.side.sign * (level - trades.ticks[i])
        if beyond > 0:
            got += trades.quantity[i]
        elif beyond == 0:
            got += trades.quantity[i] * QUEUE_SHARE
        if got >= order.lots:
            return float(order.lots)
    return float(int(got))


def simulated(frame: Frame, bar: int, order: Resting, config: FillModelConfig) -> float:
    """Return what a fill model gives the order over its life, in base units.

    As in a run, what the market has left behind by a close takes at the next open.
    """
    left, sign = order.lots, order.side.sign
    for t in range(bar + 1, len(frame)):
        if frame.close_time(t) > order.placed_at + LIFE_MS or not left:
            break
        is_behind = sign * (order.price - frame.close[t - 1]) > 0
        if is_behind and sign * (order.price - frame.open[t]) > 0:
            most = takeable(frame.bar(t), XRPETH, config) if config.uses_volume else left
            left -= min(left, most)
        else:
            left -= fillable(order.side, order.price, left, frame.bar(t), XRPETH, config)
    return float(order.lots - left)


def compare(frame: Frame, trades: Trades) -> dict[str, Score]:
    """Score every fill model on the whole grid."""
    scores = {model.value: Score() for model in FillModel}
    configs = {model.value: FillModelConfig(model=model) for model in FillModel}
    for bar, order in grid(frame):
        if order.placed_at + LIFE_MS > frame.close_time(len(frame) - 1):
            break
        true = truth(trades, order)
        for name, config in configs.items():
            score, made = scores[name], simulated(frame, bar, order, config)
            score.orders += 1
            score.truly_filled += true > 0
            score.both += true > 0 and made > 0
            score.only_model += true == 0 and made > 0
            score.model_quantity += made
            score.true_quantity += true
    return scores


def table(scores: dict[str, Score]) -> str:
    """Return the scores as a Markdown table."""
    lines = [
        "| model | fills when the market did | fills when it did not | filled quantity against the truth |",
        "|---|---|---|---|",
    ]
    for name, score in scores.items():
        parts = [
            "–" if v is None else f"{v * 100:{form}} %"
            for v, form in ((score.recall, ".1f"), (score.false_fills, ".1f"), (score.bias, "+.1f"))
        ]
        lines.append(f"| {name} | " + " | ".join(parts) + " |")
    return "\n".join(lines)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Compare the fill models with the recorded trades in FOLDER, on 1m and on 5m bars."""
    from runtime.market.bar_files import load_bars

    trades = read_trades(folder / "ticks_binance_spot_XRPETH_20191011_20191013.parquet")
    for timeframe in ("1m", "5m"):
        path = folder / f"binance_spot_XRPETH_{timeframe}_20191011_20191013.parquet"
        frame = load_bars(path, "XRPETH", timeframe).frame
        scores = compare(frame, trades)
        first = next(iter(scores.values()))
        click.echo(
            f"{timeframe} bars: {first.orders} orders, {first.truly_filled} of them truly filled\n"
        )
        click.echo(table(scores) + "\n")


if __name__ == "__main__":
    main()
