"""What cards do on days of a local session: entries, scale-ins, partial exits, cancels, counted.

    python -m tests.tools.live.days --seeds 3
    python -m tests.tools.live.days my.card.yaml --bars 672

plays the gallery and the cards of the 3.0.0 era, or those that are given, on made-up markets. The law: no session
halts, no open lot is left without its stop, and every journal replays to the same state.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.compiler.parsing import OLD_CARDS
from tests.runtime.live.scenarios import fast
from tests.tools.live.made import GALLERY, lived, lived_again

CARDS = (*sorted(GALLERY.glob("*.yaml")), *sorted(OLD_CARDS.glob("*.yaml")))
COUNTED = (
    "placed",
    "fills",
    "entries",
    "scale_ins",
    "partial_exits",
    "closed",
    "cancelled",
    "expired",
)


def day(card: Path, seed: int, bars: int) -> Counter[str]:
    """Live through bars of a made-up market, hold the session to its laws, and return its figures."""
    with tempfile.TemporaryDirectory(dir=fast()) as home:
        run, folder = lived(card, Path(home), bars=bars, seed=seed)
        assert not run.desk.guard.halted, run.desk.guard.halted
        assert run.desk.coverage.open_lots(run.desk.ledger) == 0
        figures, state = run.watch.figures, run.desk.state_hash()
        run.close()
        assert lived_again(folder).desk.state_hash() == state
    counts = {name: getattr(figures, name) for name in COUNTED}
    return Counter(counts | {"refused": figures.refused.total()})


def table(rows: Iterable[tuple[str, Counter[str]]]) -> str:
    """Return counts as a table of text, their sum last."""
    names = (*COUNTED, "refused")
    total: Counter[str] = Counter()
    lines = [f"{'card':32}" + "".join(f"{name.replace('_', ' '):>14}" for name in names)]
    for card, counts in rows:
        total.update(counts)
        lines.append(f"{card:32}" + "".join(f"{counts[name]:14,}" for name in names))
    lines.append(f"{'all':32}" + "".join(f"{total[name]:14,}" for name in names))
    return "\n".join(lines)


def main() -> int:
    """Play days and print what came of them; returns how many broke a law."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cards", nargs="*", type=Path)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--bars", type=int, default=192)
    given = parser.parse_args()
    began, broken, rows = time.monotonic(), 0, list[tuple[str, Counter[str]]]()
    for card in given.cards or CARDS:
        counts: Counter[str] = Counter()
        for seed in range(given.first, given.first + given.seeds):
            try:
                counts.update(day(card, seed, given.bars))
            except AssertionError as error:
                broken += 1
                print(f"{card.name} seed {seed}: {error}", flush=True)
        rows.append((card.name.removesuffix(".yaml").removesuffix(".card"), counts))
    print(table(rows))
    print(f"{given.seeds} x {given.bars} bars each, {broken} broke a law, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return broken


if __name__ == "__main__":
    sys.exit(min(main(), 1))
