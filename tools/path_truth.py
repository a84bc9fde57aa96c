"""How often each path rule decides right: coarse bars against the finer ones inside them.

At every bar that reaches both a stop below and a target above its open, the finer bars say which came
first. Bars whose finer bar reaches both too are left out and counted.

    python -m tools.path_truth FOLDER
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from runtime.backends.sim.path import Path as BarPath
from runtime.backends.sim.path import by_direction, by_nearest, high_first, low_first
from runtime.market.frame import Bar, Frame

DISTANCES_PCT = (0.1, 0.2, 0.4, 0.8)
RULES: dict[str, Callable[[Bar], BarPath]] = {
    "direction": by_direction,
    "nearest": by_nearest,
    "adverse": low_first,  # seen by a long: the stop first
    "favourable": high_first,
}


@dataclass(slots=True)
class Scores:
    contested: int = 0
    undecided: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*RULES, "magnify"), 0))

    def share(self, rule: str) -> float | None:
        decided = self.contested - self.undecided
        return self.right[rule] / decided if decided else None


def first_hit(path: BarPath, stop: float, target: float) -> str | None:
    """Return which of two levels a path reaches first, None if neither."""
    for start, end in itertools.pairwise(path):
        if start <= stop or end <= stop:
            return "stop"
        if start >= target or end >= target:
            return "target"
    return None


def truth(fine: Frame, rows: range, stop: float, target: float) -> str | None:
    """Return which level the finer bars reach first; None when one of them reaches both at once."""
    for row in rows:
        low, high = fine.low[row] <= stop, fine.high[row] >= target
        if low and high:
            return None
        if low or high:
            return "stop" if low else "target"
    return None


def magnified(fine: Frame, rows: range, stop: float, target: float) -> str | None:
    """Return which level is reached first when each finer bar is walked by its direction."""
    for row in rows:
        hit = first_hit(by_direction(fine.bar(row)), stop, target)
        if hit is not None:
            return hit
    return None


def contested(coarse: Frame, fine: Frame) -> Iterator[tuple[int, range, float, float]]:
    """Yield (bar, finer rows, stop, target) of every bar that reaches both levels."""
    row = 0
    for bar in range(len(coarse)):
        while row < len(fine) and fine.ts[row] < coarse.ts[bar]:
            row += 1
        end = row
        while end < len(fine) and fine.ts[end] < coarse.close_time(bar):
            end += 1
        for distance in DISTANCES_PCT:
            stop = coarse.open[bar] * (1 - distance / 100)
            target = coarse.open[bar] * (1 + distance / 100)
            if coarse.low[bar] <= stop and coarse.high[bar] >= target and end > row:
                yield bar, range(row, end), stop, target


def compare(coarse: Frame, fine: Frame) -> Scores:
    """Score every rule on the contested bars."""
    scores = Scores()
    for bar, rows, stop, target in contested(coarse, fine):
        scores.contested += 1
        true = truth(fine, rows, stop, target)
        if true is None:
            scores.undecided += 1
            continue
        for name, rule in RULES.items():
            scores.right[name] += first_hit(rule(coarse.bar(bar)), stop, target) == true
        scores.right["magnify"] += magnified(fine, rows, stop, target) == true
    return scores


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    """Compare the path rules on WIF 15m bars in FOLDER with the 1m bars inside them."""
    from runtime.market.bar_files import load_bars

    name = "bybit_perp_WIFUSDT_{}_20250423_20250524.parquet"
    coarse = load_bars(folder / name.format("15m"), "WIFUSDT").frame
    fine = load_bars(folder / name.format("1m"), "WIFUSDT").frame
    scores = compare(coarse, fine)
    click.echo(
        f"{scores.contested} contested decisions, {scores.undecided} left open by the 1m bars too\n"
    )
    click.echo("| rule | right |\n|---|---|")
    for rule in scores.right:
        share = scores.share(rule)
        click.echo(f"| {rule} | {'–' if share is None else f'{share * 100:.1f} %'} |")


if __name__ == "__main__":
    main()
