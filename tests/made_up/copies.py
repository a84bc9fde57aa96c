"""A copy of the product with lines changed, to see who takes a made-up member and who refuses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("compiler", "runtime", "schemas", "tools")
Change = tuple[str, str, str]  # (file, a line of it that is there once, what stands there instead)


def copy_with(changes: list[Change], folder: Path) -> Path:
    """Return a copy of the product in which every change was made."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    for name in ("pyproject.toml", "ideacard.py"):
        shutil.copy2(ROOT / name, folder / name)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} says `{old}` {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a copy, so that the copy's packages are the ones imported."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def answers(folder: Path) -> dict[str, Any]:
    """Write the copy's schema anew and return what `questions.py` finds in it."""
    made = run(folder, "-m", "tools.schema.make")
    assert made.returncode == 0, made.stderr
    done = run(folder, str(Path(__file__).with_name("questions.py")))
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusals(folder: Path) -> set[tuple[str, str]]:
    """Return (file, word) of every place where mypy says that a word is not handled.

    COST: what mypy knows of the product is taken over, so that only the changed lines and what hangs
    on them is looked at.
    """
    cache = ROOT / ".mypy_cache"
    if cache.is_dir():
        shutil.copytree(cache, folder / ".mypy_cache", dirs_exist_ok=True)
    found = set()
    for line in run(folder, "-m", "mypy").stdout.splitlines():
        if '"assert_never" has incompatible type' in line:
            for word in line.split("Literal[")[1].split("]")[0].split(", "):
                found.add((line.split(":")[0], word))
    return found
