"""A million made-up inputs through the compiler: none may crash it, hang it, or get past it unsaid.

Five kinds: right cards (which must have no error), cards of the reference's examples, cards with one fault,
random bytes, hostile YAML.
Input number i of a seed is always the same, whatever the number of processes. Each failure is saved in
the output folder with what went wrong; a run that was stopped goes on with `--resume`.

    python -m tools.made_inputs.run --count 1000000 --seed 1 --jobs 2 --out FOLDER
    python -m tools.made_inputs.run --again FOLDER/failures/*.yaml
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import click

from compiler.findings.render import render
from compiler.findings.source import Source
from compiler.pipeline import Checked, check, compile_graph
from tools.cards import read_source
from tools.made_inputs.cards import valid_card
from tools.made_inputs.damage import damaged_card, hostile_yaml, random_bytes
from tools.made_inputs.told import told_card
from tools.progress import progress_bar

CHUNK = 500
SECONDS = 2.0
_REPORT_EVERY = 10.0
KINDS = {"valid": 15, "told": 15, "damaged": 35, "bytes": 15, "hostile": 20}  # percent
_RENDER_EVERY = 10


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that did what no input may do."""

    index: int
    kind: str
    problem: str
    data: bytes


@dataclass(slots=True)
class Tally:
    """What one stretch of inputs came to; `accepted` counts cards that check found no error in."""

    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    accepted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for kind in KINDS:
            self.made[kind] += other.made[kind]
            self.accepted[kind] += other.accepted[kind]
        self.failures += other.failures

    def text(self) -> str:
        """Return how many of each kind there were, and how many of them were accepted."""
        return ", ".join(f"{k} {self.made[k]:,} ({self.accepted[k]:,} accepted)" for k in KINDS)


class _TooSlow(BaseException):
    """Not an Exception, so that nothing on the way can swallow it."""


def make(seed: int, index: int) -> tuple[str, str | bytes]:
    """Return the kind and the content of one input."""
    rng = Random(f"{seed}/{index}")
    kind = rng.choices(list(KINDS), weights=list(KINDS.values()))[0]
    makers: dict[str, Callable[[Random], str | bytes]] = {
        "valid": valid_card,
        "told": told_card,
        "damaged": damaged_card,
        "bytes": random_bytes,
        "hostile": hostile_yaml,
    }
    return kind, makers[kind](rng)


def problem_with(
    kind: str, data: str | bytes, scratch: Path, *, rendered: bool = True
) -> tuple[str | None, bool]:
    """Return what an input did that no input may do (None: nothing), and whether it was accepted.

    Bytes take the way of a file on disk, by way of `scratch`; text goes to the compiler as it is.
    """
    accepted = False
    try:
        with _limit(SECONDS):
            source = _source(data, scratch)
            if source is None:
                return None, False
            checked = check(source)
            accepted = not checked.has_errors
            wrong = _wrong(kind, checked)
            if wrong is None and rendered:
                for form in ("text", "json"):
                    render(form, [(source, checked.diagnostics)])
    except _TooSlow:
        wrong = f"took more than {SECONDS:g} s\n{traceback.format_exc()}"
    except Exception:  # whatever it is: it is what we look for
        wrong = traceback.format_exc()
    return wrong, accepted


def _source(data: str | bytes, scratch: Path) -> Source | None:
    """Read an input as a card; None where it is refused with a message before the compiler."""
    if isinstance(data, str):
        return Source("card.yaml", data)
    scratch.write_bytes(data)
    try:
        return read_source(scratch)
    except click.ClickException:
        return None


def _wrong(kind: str, checked: Checked) -> str | None:
    """Return which promise of the compiler an answer breaks."""
    length = len(checked.source.text)
    for d in checked.diagnostics:
        if not 0 <= d.span.start <= d.span.end <= length:
            return f"{d.code} points outside the text: {d.span}"
    errors = [f"{d.code} {d.message}" for d in checked.diagnostics if d.is_error]
    if kind == "valid" and errors:
        return "a right card has errors: " + "; ".join(errors)
    if checked.graph is None:
        return None if errors else "no graph and no error"
    compile_graph(checked.graph)
    return None


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Stop what is inside after so much time of this process (a busy machine does not count)."""

    def stop(_signal: int, _frame: object) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    # Foreign code hears no signal until it is done.
    if time.process_time() - start > seconds:
        raise _TooSlow


def run_chunk(seed: int, start: int, stop: int, out: Path) -> Tally:
    """Try inputs [start, stop); the number of the current one is kept on disk, for crashes."""
    tally = Tally()
    scratch = out / f"scratch_{os.getpid()}.yaml"
    with open(out / f"at_{os.getpid()}", "wb", buffering=0) as at:
        for index in range(start, stop):
            os.pwrite(at.fileno(), b"%12d" % index, 0)
            kind, data = make(seed, index)
            wrong, accepted = problem_with(kind, data, scratch, rendered=index % _RENDER_EVERY == 0)
            tally.made[kind] += 1
            tally.accepted[kind] += accepted
            if wrong is not None:
                tally.failures.append(Failure(index, kind, wrong, as_bytes(data)))
    Path(at.name).unlink()
    scratch.unlink(missing_ok=True)
    return tally


def as_bytes(data: str | bytes) -> bytes:
    """Return an input as a file holds it; lone surrogates too."""
    return data if isinstance(data, bytes) else data.encode("utf-8", errors="surrogatepass")


def _save(failure: Failure, out: Path) -> None:
    folder = out / "failures"
    folder.mkdir(exist_ok=True)
    (folder / f"{failure.kind}_{failure.index}.yaml").write_bytes(failure.data)
    (folder / f"{failure.kind}_{failure.index}.txt").write_text(failure.problem, encoding="utf-8")


def run(seed: int, count: int, jobs: int, out: Path, *, resume: bool = False) -> Tally:
    """Try inputs [0, count) in `jobs` processes; print the rate; return what came of them."""
    out.mkdir(parents=True, exist_ok=True)
    journal = out / f"done_{seed}.txt"
    done = (
        set(map(int, journal.read_text(encoding="utf-8").split()))
        if resume and journal.exists()
        else set()
    )
    for left in out.glob("at_*"):
        left.unlink()
    starts = [start for start in range(0, count, CHUNK) if start not in done]
    total, begun, shown = Tally(), time.monotonic(), time.monotonic()
    with (
        progress_bar("inputs") as tick,
        open(journal, "a" if resume else "w", encoding="utf-8") as log,
        ProcessPoolExecutor(jobs) as pool,
    ):
        waiting: dict[Future[Tally], int] = {
            pool.submit(run_chunk, seed, start, min(start + CHUNK, count), out): start
            for start in starts
        }
        for future in as_completed(waiting):
            try:
                tally = future.result()
            except BrokenProcessPool:
                tally = _crashed(seed, out)
            total.add(tally)
            for failure in tally.failures:
                _save(failure, out)
                click.echo(f"FOUND {failure.kind} {failure.index}: {_last_line(failure.problem)}")
            if sum(tally.made.values()):
                print(waiting[future], file=log, flush=True)
            made = sum(total.made.values())
            tick(made, len(starts) * CHUNK)
            if time.monotonic() - shown > _REPORT_EVERY:
                shown = time.monotonic()
                rate = made / (shown - begun)
                click.echo(f"{made:,} inputs, {rate:,.0f}/s, {len(total.failures)} found")
    seconds = time.monotonic() - begun
    made = sum(total.made.values())
    click.echo(f"{made:,} inputs in {seconds:,.0f} s ({made / max(seconds, 1e-9):,.0f}/s)")
    click.echo(total.text())
    return total


def _crashed(seed: int, out: Path) -> Tally:
    """Return the inputs that a dead process may have died of."""
    tally = Tally()
    for left in out.glob("at_*"):
        with suppress(ValueError):
            index = int(left.read_text(encoding="utf-8"))
            kind, data = make(seed, index)
            problem = "the process died while this was checked (or next to one that did)"
            tally.failures.append(Failure(index, kind, problem, as_bytes(data)))
        left.unlink()
    return tally


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2][:160]


def _again(files: tuple[Path, ...]) -> int:
    """Try saved inputs again; return how many still fail."""
    failed = 0
    for path in files:
        kind, data = path.name.partition("_")[0], path.read_bytes()
        text: str | bytes = data
        if kind != "bytes":
            text = data.decode("utf-8", errors="surrogatepass")
        wrong, _ = problem_with(kind, text, path.with_suffix(".again"))
        path.with_suffix(".again").unlink(missing_ok=True)
        failed += wrong is not None
        click.echo(f"{path}: {'fine' if wrong is None else _last_line(wrong)}")
    return failed


@click.command()
@click.option("--count", default=10_000, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True)
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--resume", is_flag=True, help="Go on where a stopped run was.")
@click.option("--out", default="generated_inputs", type=click.Path(path_type=Path, file_okay=False))
@click.option("--again", is_flag=True, help="Try FILES (saved failures) again instead.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(
    count: int, seed: int, jobs: int, resume: bool, out: Path, again: bool, files: tuple[Path, ...]
) -> None:
    """Try made-up inputs on the compiler; exit code 1 if any fails."""
    failed = _again(files) if again else len(run(seed, count, jobs, out, resume=resume).failures)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
