"""Many runs without reports: parameter sets of a sweep, shuffled paths of a test.

The law: every run is the one that a record would tell of; memory does not grow with their number.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from runtime.batch import ends
from runtime.batch.account_run import Feed, Kept, Kernels, run_account
from runtime.batch.tables import Lowered


def _doubles() -> array[float]:
    return array("d")


@dataclass(frozen=True, slots=True)
class Ends:
    """One number for each run, in the order in which they were given.

    Money in quote; `drawdown` is the deepest, a fraction of the peak; `trades` are those closed by the card
    or the market, of which `won` and `lost` had a net profit or loss, together `gains` and `losses`.
    `bars_held` are the bars of all trades together.
    """

    equity: array[float] = field(default_factory=_doubles)
    drawdown: array[float] = field(default_factory=_doubles)
    drawdown_usdt: array[float] = field(default_factory=_doubles)
    trades: array[float] = field(default_factory=_doubles)
    won: array[float] = field(default_factory=_doubles)
    lost: array[float] = field(default_factory=_doubles)
    gains: array[float] = field(default_factory=_doubles)
    losses: array[float] = field(default_factory=_doubles)
    fees: array[float] = field(default_factory=_doubles)
    fills: array[float] = field(default_factory=_doubles)
    liquidations: array[float] = field(default_factory=_doubles)
    bars_held: array[float] = field(default_factory=_doubles)

    def add(self, row: array[float]) -> None:
        for column, number in zip(self.columns(), row, strict=True):
            column.append(number)

    def columns(self) -> tuple[array[float], ...]:
        """Return the columns in the order of `ends`."""
        return (
            self.equity, self.drawdown, self.drawdown_usdt, self.trades, self.won, self.lost, self.gains,
            self.losses, self.fees, self.fills, self.liquidations, self.bars_held,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.equity)


def run_many(runs: Iterable[tuple[Lowered, Feed]], kernels: Kernels) -> Ends:
    """Run each account over its feed and return what they come to.

    A sweep gives one feed's columns to many cards (`lower` of each set), a test of robustness one card to
    many feeds. `supported.reasons` has nothing against any of them; `GivenUp` where a run shows otherwise.
    """
    made, row = Ends(), array("d", bytes(8 * ends.WIDTH))
    for lowered, feed in runs:
        run = run_account(lowered, feed, kernels, kept=Kept.EQUITY)
        kernels.measure(
            run.f, run.z, run.rows_f, run.rows_z, run.columns, row, feed.first, len(feed.frame)
        )
        made.add(row)
    return made
