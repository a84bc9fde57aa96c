"""Every tool on the same work, one after the other in turn, as ratios of one run.

    python -m bench.run [--sizes 10000,100000] [--repeats 3] [--peers FOLDER] [--sets 4]

The law: nothing here fails on time. Tools take turns, so what else the machine does meets all of them;
medians and ranges are of the repeats, the load is noted. FOLDER holds an environment per peer
(`FOLDER/<name>/bin/python`); a peer without one runs in this environment, or is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from math import log
from pathlib import Path

from bench.workload import LOT, SYMBOL, TICK

ROOT = Path(__file__).resolve().parents[1]
OURS = "ideacard"
READABLE = "ideacard, readable engine"
_WHOLE = ("whole process", "lint")  # works that are measured from interpreter start to exit
# name -> (module, what must be there to import)
PEERS = {
    "plain loop": ("bench.peers.plain_loop", "numpy"),
    "backtesting": ("bench.peers.backtesting_py", "backtesting"),
    "hftbacktest": ("bench.peers.hft_backtest", "hftbacktest"),
    "vectorbt": ("bench.peers.vectorbt_py", "vectorbt"),
    "raptorbt": ("bench.peers.raptor_bt", "raptorbt"),
    "nautilus_trader": ("bench.peers.nautilus", "nautilus_trader"),
}
# Bars beyond which a tool is left out: minutes for one figure. raptorbt's time grows with their square.
MOST = {
    "raptorbt": 100_000,
    "backtesting": 1_000_000,
    "nautilus_trader": 1_000_000,
    READABLE: 1_000_000,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process took: wall clock and processor seconds, memory, and what it says itself."""

    tool: str
    work: str
    bars: int
    wall: float
    cpu: float
    peak_mb: int
    load: float
    said: dict[str, float] = field(default_factory=dict)


def take(tool: str, work: str, bars: int, command: list[str]) -> Taken:
    """Run a command and measure it; its last line may be JSON."""
    load, begun = os.getloadavg()[0], time.perf_counter()
    # Compiled modules are kept as they are for every user.
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            raise SystemExit(f"{tool}: {' '.join(command)}\n{err.read()[-2000:]}")
        lines = out.read().splitlines()
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    cpu = usage.ru_utime + usage.ru_stime
    return Taken(tool, work, bars, wall, cpu, usage.ru_maxrss // 1024, round(load, 2), said)


def python_of(peer: str, environments: Path | None) -> str | None:
    """Return the interpreter a peer runs with, None where it cannot."""
    own = None if environments is None else environments / peer.replace(" ", "_") / "bin" / "python"
    if own is not None and own.exists():
        return str(own)
    needs = PEERS[peer][1]
    found = subprocess.run([sys.executable, "-c", f"import {needs}"], capture_output=True)
    return None if found.returncode else sys.executable


def measured(args: argparse.Namespace, scratch: Path) -> Iterator[Taken]:
    """Yield every measurement, the tools in turn."""
    data, out = scratch / "data", scratch / "runs"
    command = [str(Path(sys.executable).parent / "ideacard")]
    pythons = {peer: python_of(peer, args.peers) for peer in PEERS}
    ours = [sys.executable, "-m", "bench.ours"]
    card = str(ROOT / "bench" / "w1.card.yaml")
    for size in args.sizes:
        take(OURS, "data", size, [*ours, "data", str(size), str(data)])
    take(OURS, "lint", 0, [*command, "lint", card])  # the first of all writes compiled modules
    for _ in range(args.repeats):
        yield take(OURS, "lint", 0, [*command, "lint", card])
        yield take("bare Python", "lint", 0, [sys.executable, "-c", "pass"])
        for size in args.sizes:
            run = [
                *command, "backtest", card, "--data", str(data / f"bars_{size}.parquet"),
                "--symbol", SYMBOL, "--tick", str(TICK), "--lot", f"{LOT:f}", "--no-report",
                "--no-flip", "--out", str(out),
            ]  # fmt: skip
            yield take(OURS, "whole process", size, run)
            there = {
                peer: [python, "-m", PEERS[peer][0], str(size)]
                for peer, python in pythons.items()
                if python is not None and size <= MOST.get(peer, size)
            }
            for peer, one in there.items():
                yield take(peer, "whole process", size, [*one, "once"])
            yield take(OURS, "engine", size, [*ours, "kernel", str(size), str(data)])
            if size <= MOST[READABLE]:
                yield take(READABLE, "engine", size, [*ours, "engine", str(size), str(data)])
            for peer, one in there.items():
                yield take(peer, "engine", size, one)
        first = str(args.sizes[0])
        yield take(OURS, "a closed bar", args.sizes[0], [*ours, "step", first, str(data)])
        if args.sets:
            rest = ["100000", str(data), str(args.sets)]
            yield take(OURS, "100 sets", 100_000, [*ours, "many", *rest[:2], "100"])
            yield take(READABLE, "100 sets", 100_000, [*ours, "sweep", *rest])


def seconds_of(one: Taken) -> float:
    return one.wall if one.work in _WHOLE else float(one.said["seconds"])


def cpu_of(one: Taken) -> float:
    return one.cpu if one.work in _WHOLE else float(one.said["cpu"])


def table(rows: list[Taken]) -> str:
    """Return medians with their ranges, and how many times the processor time of a tool we take."""
    groups: dict[tuple[str, int, str], list[Taken]] = {}
    for row in rows:
        groups.setdefault((row.work, row.bars, row.tool), []).append(row)
    lines = [
        "| work | bars | tool | processor s (range) | wall s | bars/s | peak MB | we take |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (work, bars, tool), members in groups.items():
        wall = statistics.median(seconds_of(member) for member in members)
        times = [cpu_of(member) for member in members]
        middle = statistics.median(times)
        we = [cpu_of(member) for member in groups.get((work, bars, OURS), members)]
        pairs = sorted(a / b for a, b in zip(we, times, strict=False))
        ratio = f"{statistics.median(pairs):.2g} × ({pairs[0]:.2g}–{pairs[-1]:.2g})"
        count = bars * (100 if work == "100 sets" else 1)
        lines.append(
            f"| {work} | {bars:,} | {tool} | {middle:.3f} ({min(times):.3f}–{max(times):.3f}) | "
            f"{wall:.2f} | {count / middle:,.0f} | {max(m.peak_mb for m in members)} | "
            f"{'' if tool == OURS else ratio} |"
        )
    return "\n".join(lines)


def kept_rows(path: Path) -> list[Taken]:
    """Return the rows of a file of results, none where there is no file."""
    made = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    return [Taken(**row) for row in made]


def works(rows: list[Taken]) -> set[tuple[str, int]]:
    return {(row.work, row.bars) for row in rows}


def write(path: Path, rows: list[Taken]) -> None:
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    made = {"machine": machine, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def growth(rows: list[Taken]) -> str:
    """Return how our time grows with the bars: the exponent between each size and the next."""
    sizes = sorted({row.bars for row in rows if row.work == "engine"})
    middle = {
        size: statistics.median(
            cpu_of(r) for r in rows if (r.tool, r.work, r.bars) == (OURS, "engine", size)
        )
        for size in sizes
    }
    steps = [
        f"{a:,} → {b:,}: {log(middle[b] / middle[a]) / log(b / a):.2f}" for a, b in pairwise(sizes)
    ]
    return "growth of the engine's time (1 is linear): " + (", ".join(steps) or "one size only")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--sets", type=int, default=4, help="parameter sets run of the hundred")
    parser.add_argument("--keep", action="store_true", help="keep rows that are not taken anew")
    parser.add_argument("--out", type=Path, default=ROOT / "bench" / "results.json")
    args = parser.parse_args()
    args.sizes = [int(size) for size in args.sizes.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        rows: list[Taken] = []
        kept = kept_rows(args.out) if args.keep else []
        for row in measured(args, Path(scratch)):
            rows.append(row)
            write(args.out, [*kept, *rows])  # a run that is stopped has lost nothing
            print(f"{row.tool}: {row.work} {row.bars:,} {seconds_of(row):.3f} s", file=sys.stderr)
    rows = [row for row in kept if (row.work, row.bars) not in works(rows)] + rows
    rows.sort(key=lambda row: (row.work, row.bars))
    write(args.out, rows)
    print(table(rows))
    print()
    print(growth(rows))


if __name__ == "__main__":
    main()
