"""Do the tests notice? Break one law on purpose, run the tests that hold it, and see who speaks.

Each fault is a small text patch on a copy of the repository. A fault that no test notices is a law
that nobody holds. A patch whose text is not found exactly once is stale and says so.

    python -m tools.seeded_faults                 # all of them, some minutes
    python -m tools.seeded_faults --workers 2
    python -m tools.seeded_faults --only ttl-off-by-one
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

import click

from tools.fault_list import FAULTS, Fault
from tools.progress import progress_bar

ROOT = Path(__file__).resolve().parents[1]
_COPIED = ("compiler", "runtime", "tools", "tests", "cards", "schemas", "docs")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one fault: `noticed_by` is the first failing test, empty if none failed."""

    name: str
    law: str
    caught: bool
    noticed_by: str
    seconds: float


class StalePatch(Exception):
    """The text a fault replaces does not stand in its file exactly once."""


def patched(fault: Fault, root: Path = ROOT) -> str:
    """Return the file's text with the fault in it; StalePatch when its text is not there once."""
    text = (root / fault.file).read_text(encoding="utf-8")
    found = text.count(fault.old)
    if found != 1:
        raise StalePatch(f"{fault.name}: its text stands {found} times in {fault.file}, not once")
    return text.replace(fault.old, fault.new)


@contextmanager
def copy_of_the_house() -> Iterator[Path]:
    """Yield a temporary copy of the packages and tests, recorded data beside it."""
    with tempfile.TemporaryDirectory(prefix="seeded_faults_") as folder:
        copy = Path(folder) / "house"
        copy.mkdir()
        skip = shutil.ignore_patterns("__pycache__", "golden")
        for name in _COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=skip)
        for name in ("pyproject.toml", "ideacard.py"):
            shutil.copy(ROOT / name, copy)
        data = ROOT.parent / "shared"
        if data.is_dir():
            (Path(folder) / "shared").symlink_to(data)
        yield copy


def _compiled(house: Path) -> Path:
    """Return where the interpreter keeps what it compiled of a copy, beside it: once for all faults."""
    return house.parent / "compiled"


def _forget(place: Path, house: Path) -> None:
    """Remove what was compiled of a file: a text of one size and one second would be taken for another."""
    kept = _compiled(house) / place.parent.relative_to("/")
    for file in kept.glob(f"{place.stem}.*.pyc"):
        file.unlink()


def run_tests(house: Path, tests: tuple[str, ...], seconds: float) -> str:
    """Return the first failing test, "" when all pass; a run beyond its time failed too."""
    env = os.environ | {"PYTHONPYCACHEPREFIX": str(_compiled(house)), "PYTHONPATH": str(house)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        done = subprocess.run(
            command,
            cwd=house,
            env=env,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {seconds:g} s"
    if done.returncode == 0:
        return ""
    named = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or named is None:
        raise click.ClickException(f"the tests did not run:\n{done.stdout}{done.stderr}")
    return named.group(1)


def judge(fault: Fault, house: Path, seconds: float) -> Verdict:
    """Break the copy by one fault, run its tests, mend the copy."""
    place = house / fault.file
    whole = place.read_text(encoding="utf-8")
    started = time.monotonic()
    place.write_text(patched(fault, house), encoding="utf-8")
    _forget(place, house)
    try:
        noticed = run_tests(house, fault.tests, seconds)
    finally:
        place.write_text(whole, encoding="utf-8")
        _forget(place, house)
    spent = round(time.monotonic() - started, 1)
    return Verdict(fault.name, fault.law, bool(noticed), noticed, spent)


def _judged(fault: Fault, houses: SimpleQueue[Path], seconds: float) -> Verdict:
    """Judge a fault in a copy that nobody else breaks meanwhile."""
    house = houses.get()
    try:
        return judge(fault, house, seconds)
    finally:
        houses.put(house)


def _chosen(only: tuple[str, ...]) -> list[Fault]:
    known = {fault.name: fault for fault in FAULTS}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise click.UsageError(f"no fault is called {unknown[0]}; --list shows them")
    return [known[name] for name in only] or list(FAULTS)


@click.command()
@click.option("--list", "is_list", is_flag=True, help="Show the faults and stop.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this fault (may be repeated).")
@click.option("--json", "is_json", is_flag=True, help="Say it as JSON.")
@click.option("--seconds", default=180.0, show_default=True, help="Time limit of one fault.")
@click.option(
    "--workers", default=1, show_default=True, help="Faults judged at once, each in its copy."
)
def main(is_list: bool, only: tuple[str, ...], is_json: bool, seconds: float, workers: int) -> None:
    """Break laws on purpose; exit 1 if a broken one goes unnoticed or a patch is stale."""
    faults = _chosen(only)
    if is_list:
        for fault in faults:
            click.echo(f"{fault.name:30} {fault.law}  [{fault.file}]")
        return
    verdicts: list[Verdict] = []
    stale: list[str] = []
    with ExitStack() as open_, progress_bar("faults") as tick:
        houses: SimpleQueue[Path] = SimpleQueue()
        for _ in range(workers):
            houses.put(open_.enter_context(copy_of_the_house()))
        pool = open_.enter_context(ThreadPoolExecutor(workers))
        asked = [pool.submit(_judged, fault, houses, seconds) for fault in faults]
        for number, done in enumerate(as_completed(asked), 1):
            try:
                verdict = done.result()
            except StalePatch as problem:
                stale.append(str(problem))
            else:
                verdicts.append(verdict)
                if not is_json:
                    said = verdict.noticed_by if verdict.caught else "NOBODY NOTICED"
                    click.echo(f"{verdict.name:30} {verdict.seconds:6.1f} s  {said}")
            tick(number, len(faults))
    survivors = [verdict.name for verdict in verdicts if not verdict.caught]
    if is_json:
        found = {"verdicts": [asdict(v) for v in verdicts], "survivors": survivors, "stale": stale}
        click.echo(json.dumps(found, indent=2))
    else:
        for line in stale:
            click.echo(f"STALE {line}")
        click.echo(f"{len(verdicts) - len(survivors)} of {len(faults)} faults noticed")
    sys.exit(1 if survivors or stale else 0)


if __name__ == "__main__":
    main()
