"""What every gallery card's `result.json` is, as a digest: the same on every machine and Python.

python -m tools.result_digests
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.cards import read_source
from tools.goldens import ROOT
from tools.running import compile_for, run_program

BARS = 4_000


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def gallery() -> Iterator[tuple[str, str]]:
    """Yield (card, digest of its `result.json`) for every gallery card on the made-up market."""
    from runtime.market.synthetic import SyntheticSpec, synthetic_market

    for path in sorted((ROOT / "cards" / "gallery").glob("*.yaml")):
        source = read_source(path)
        program = compile_for(source)
        graph = program.graph
        spec = SyntheticSpec(symbol=graph.symbols[0], timeframe=graph.timeframe, bars=BARS)
        with tempfile.TemporaryDirectory() as out:
            outcome = run_program(source, program, synthetic_market(spec), Path(out), report=False)
            yield path.stem, _digest(outcome.files.result)


def main() -> None:
    """Print one line per card: name and SHA-256."""
    for name, digest in gallery():
        print(name, digest)


if __name__ == "__main__":
    main()
