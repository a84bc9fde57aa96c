"""Look for differences between reference and product over many seeds, and tell each small.

    python -m tests.reference.hunt --seeds 0:20000 --workers 2 --out hunt.jsonl
    python -m tests.reference.hunt --seeds 42:43 --off trails,leverage --models touch

Results go to `--out` as they come; the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path

from tests.reference.card import sayable
from tests.reference.compare import Difference, compare, held_layers
from tests.reference.exchange import run
from tests.reference.generate import script
from tests.reference.knobs import Knobs
from tests.reference.script import FillModel, Script
from tests.reference.shrink import shrink
from tests.reference.telling import told

_CHUNK = 20
SWITCHES = tuple(f.name for f in fields(Knobs) if isinstance(f.default, bool))


@dataclass(frozen=True, slots=True)
class Found:
    """One seed's answer: what differs, None where nothing does."""

    seed: int
    what: str | None
    text: str = ""


def knobs_of(
    off: Sequence[str] = (), only: Sequence[str] | None = None, models: Sequence[str] = (),
    on: Sequence[str] = (),
) -> Knobs:  # fmt: skip
    """All on but `off`, or all off but `only`; `on`: what is off by itself. Stops of the card
    stay off."""
    values = {name: getattr(Knobs(), name) if only is None else name in only for name in SWITCHES}
    values |= dict.fromkeys(on, True)
    values |= dict.fromkeys((*off, "stop_exits"), False)
    listed = tuple(FillModel(model) for model in models) or tuple(FillModel)
    return replace(Knobs(models=listed), **values)  # type: ignore[arg-type]


def look(seed: int, knobs: Knobs) -> Found:
    """Compare the script of one seed."""
    found = compare(script(seed, knobs))
    return Found(seed, None) if found is None else Found(seed, found.what, str(found))


def smallest(case: Script, found: Difference) -> Script:
    """The smallest script that still shows a difference of the same kind."""

    def shows(candidate: Script) -> bool:
        again = compare(candidate)
        return again is not None and again.what == found.what

    return shrink(case, shows)


def tell(seed: int, knobs: Knobs) -> str:
    """The difference of a seed, shrunk, as text."""
    case = script(seed, knobs)
    found = compare(case)
    if found is None:
        return f"seed {seed}: no difference"
    small = sayable(smallest(case, found))
    text = told(small, held_layers(run(small)))
    return f"seed {seed}: {compare(small)}\n\n{text}"


# --- the command ---------------------------------------------------------------------------------


def _search(seeds: Sequence[int], knobs: Knobs, workers: int) -> Iterator[Found]:
    if workers < 2:
        yield from (look(seed, knobs) for seed in seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(look, knobs=knobs), seeds, chunksize=_CHUNK)


def _known(path: Path | None) -> dict[int, Found]:
    if path is None or not path.exists():
        return {}
    rows = (json.loads(line) for line in path.read_text().splitlines())
    return {row["seed"]: Found(**row) for row in rows}


def _progress(done: int, total: int, counts: Counter[str | None]) -> None:
    bar = "#" * (30 * done // total)
    different = done - counts[None]
    print(f"\r[{bar:<30}] {done}/{total}, {different} differ", end="", file=sys.stderr, flush=True)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="compare reference and product over seeds")
    parser.add_argument("--seeds", default="0:300", help="first:after last")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--off", default="", help="features left out, by comma")
    parser.add_argument("--on", default="", help="features that are off by themselves, by comma")
    parser.add_argument("--only", default=None, help="the only features that are on")
    parser.add_argument("--models", default="", help="fill models; all by default")
    parser.add_argument("--out", type=Path, default=None, help="file to note results in")
    parser.add_argument("--tell", type=int, default=3, help="how many of a kind are shrunk")
    return parser.parse_args(words)


def _words(text: str | None) -> list[str]:
    return [word for word in (text or "").split(",") if word]


def main(words: Sequence[str] | None = None) -> int:
    """Return 0 where no seed shows a difference."""
    args = _arguments(words)
    first, _, last = args.seeds.partition(":")
    only = None if args.only is None else _words(args.only)
    knobs = knobs_of(_words(args.off), only, _words(args.models), _words(args.on))
    known = _known(args.out)
    seeds = range(int(first), int(last))
    found = [known[seed] for seed in seeds if seed in known]
    counts = Counter(x.what for x in found)
    for new in _search([seed for seed in seeds if seed not in known], knobs, args.workers):
        found.append(new)
        counts[new.what] += 1
        if args.out is not None:
            with args.out.open("a") as file:
                file.write(
                    json.dumps({"seed": new.seed, "what": new.what, "text": new.text}) + "\n"
                )
        _progress(len(found), len(seeds), counts)
    print(file=sys.stderr)
    for what, count in counts.most_common():
        print(f"{what or 'no difference'}: {count}")
        if what is not None:
            for one in [x for x in found if x.what == what][: args.tell]:
                print(tell(one.seed, knobs), flush=True)
    return 0 if set(counts) <= {None} else 1


if __name__ == "__main__":
    sys.exit(main())
