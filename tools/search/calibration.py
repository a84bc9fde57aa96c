"""Is p what it says? Cards without an edge on markets without one, thousands of them, and how often p is small.

    python -m tools.search.calibration FOLDER                what is missing is drawn; Ctrl-C keeps what there is
    python -m tools.search.calibration FOLDER --table        the tables of what is there, as Markdown

The law: a p of at most 0.05 may come on about five of a hundred such markets. A market's family and number decide its
figures, so a run that was stopped goes on where it was. Drawing stops after ten mirrors that do as well (Besag & Clifford
1991), which leaves the law of p as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from pathlib import Path

import click

from compiler.findings.source import Source
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from tools.progress import interruptible, progress_bar
from tools.running import compile_for
from tools.search.mirrors import Mirrors, mirrors_of
from tools.search.nulls import FAMILIES, cards, null_market, searched_cards
from tools.search.runs import Runs
from tools.search.timing import Timing, compare

LEVEL = 0.05
ENOUGH = 10
SEARCH = "the whole search"
OWN = "the winner alone"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is drawn: mirrors a market, bars of a market."""

    mirrors: int = 99
    bars: int = 2_000


class Market:
    """One market without an edge and its mirrors, each made once for all cards."""

    def __init__(self, data: MarketData) -> None:
        self.instrument = instrument_for("BTCUSDT")
        self._mirrors: Mirrors = mirrors_of(data, self.instrument)
        self.data = self._mirrors.data
        self._made: list[MarketData] = []

    def mirror(self, number: int) -> MarketData:
        while len(self._made) <= number:
            self._made.append(self._mirrors.mirror(len(self._made), 1))
        return self._made[number]

    def runs(self, text: str) -> Runs:
        return Runs(compile_for(Source("null.card.yaml", text)), self.data, self.instrument)


def p_of_cards(data: MarketData, texts: Mapping[str, str], sizes: Sizes) -> dict[str, float]:
    """Return p of each card on a market; a card that held nothing is left out."""
    market, made = Market(data), {}
    for name, text in texts.items():
        p = _p([market.runs(text)], market, sizes)
        if p is not None:
            made[name] = p[0]
    return made


def p_of_search(data: MarketData, texts: Sequence[str], sizes: Sizes) -> dict[str, float]:
    """Return p of the best of all variants with the search run again, and p of it as if it stood alone."""
    market = Market(data)
    runs = [market.runs(text) for text in texts]
    made = _p(runs, market, sizes)
    return {} if made is None else {SEARCH: made[0], OWN: made[1]}


def _p(runs: Sequence[Runs], market: Market, sizes: Sizes) -> tuple[float, float] | None:
    """Return p of the best of some cards against the best of all on each mirror, and against itself alone."""
    own = [_t(one.timing(market.data)) for one in runs]
    best = max(range(len(runs)), key=lambda number: own[number])
    if runs[best].timing(market.data).t is None:
        return None

    def drawn(pick: Callable[[MarketData], float]) -> Iterator[Timing]:
        for number in range(sizes.mirrors):
            yield Timing(pick(market.mirror(number)), 0.0, 0, 0.0)

    alone = compare(own[best], drawn(lambda data: _t(runs[best].timing(data))), ENOUGH).p
    if len(runs) == 1:
        return alone, alone
    every = drawn(lambda data: max(_t(one.timing(data)) for one in runs))
    return compare(own[best], every, ENOUGH).p, alone


def _t(made: Timing) -> float:
    return 0.0 if made.t is None else made.t


def share_small(ps: Sequence[float]) -> float:
    """Return how often p was at most `LEVEL`."""
    return sum(1 for p in ps if p <= LEVEL) / len(ps)


def uniformity(ps: Sequence[float]) -> float:
    """Return the p of Kolmogorov and Smirnov that p is no smaller than uniform (one side; conservative in steps)."""
    ordered, count = sorted(ps), len(ps)
    above = max((row + 1) / count - p for row, p in enumerate(ordered))
    return exp(-2.0 * count * max(above, 0.0) ** 2)


def tables(kept: Path) -> str:
    """Return what is kept as Markdown."""
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    names = list(cards())
    lines = [
        "| card | " + " | ".join(FAMILIES) + " | all |",
        "|---|" + "---|" * (len(FAMILIES) + 1),
    ]
    by_cell = {
        (name, family): [r["p"][name] for r in rows if r["family"] == family and name in r["p"]]
        for name in names
        for family in FAMILIES
    }
    for name in names:
        each = [by_cell[name, family] for family in FAMILIES]
        lines.append(f"| {name} | " + " | ".join(map(_cell, [*each, _flat(each)])) + " |")
    down = [_flat([by_cell[name, family] for name in names]) for family in FAMILIES]
    lines.append("| **all cards** | " + " | ".join(map(_cell, [*down, _flat(down)])) + " |")
    found = [r["p"] for r in rows if SEARCH in r["p"]]
    if found:
        lines += ["", "| best of 48 | markets | p ≤ 0.05 |", "|---|---|---|"]
        for name in (SEARCH, OWN):
            ps = [one[name] for one in found]
            lines.append(f"| {name} | {len(ps)} | {share_small(ps):.3f} ± {_error(ps):.3f} |")
    return "\n".join(lines)


def _flat(parts: Sequence[Sequence[float]]) -> list[float]:
    return [p for part in parts for p in part]


def _cell(ps: Sequence[float]) -> str:
    return f"{share_small(ps):.3f} of {len(ps):,} [{uniformity(ps):.3f}]" if ps else "–"


def _error(ps: Sequence[float]) -> float:
    """Return the standard error that a share of 5 % has with so many markets."""
    return sqrt(LEVEL * (1.0 - LEVEL) / len(ps))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--markets", default=400, show_default=True, help="Markets of each family.")
@click.option("--searches", default=400, show_default=True, help="Markets that 48 are tried on.")
@click.option("--first", default=0, show_default=True, help="Number of the first market.")
@click.option("--table", is_flag=True, help="Only show what is kept.")
def main(folder: Path, markets: int, searches: int, first: int, table: bool) -> None:
    """Draw what is missing in FOLDER and show the tables."""
    kept = folder / "calibration.jsonl"
    folder.mkdir(parents=True, exist_ok=True)
    kept.touch()
    if not table:
        _draw(kept, range(first, first + markets), range(first, first + searches))
    click.echo(tables(kept))


def _draw(kept: Path, markets: range, searches: range) -> None:
    done = {
        (row["family"], row["number"])
        for row in map(json.loads, kept.read_text(encoding="utf-8").splitlines())
    }
    work = [(family, number) for number in markets for family in FAMILIES]
    work += [(SEARCH, number) for number in searches]
    work = [one for one in work if one not in done]
    sizes, texts, variants = Sizes(), cards(), searched_cards()
    with interruptible() as stops, progress_bar("markets") as tick, kept.open("a") as file:
        for place, (family, number) in enumerate(work):
            if stops():
                break
            if family == SEARCH:
                data = null_market("clustered volatility", 1_000_000 + number, sizes.bars)
                p = p_of_search(data, variants, sizes)
            else:
                p = p_of_cards(null_market(family, number, sizes.bars), texts, sizes)
            file.write(json.dumps({"family": family, "number": number, "p": p}) + "\n")
            file.flush()
            tick(place + 1, len(work))


if __name__ == "__main__":
    main()
