"""A result has the same bytes on every Python: each interpreter found here runs the same cards."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data_files import shared
from tools.goldens import ROOT

VERSIONS = tuple(
    v for v in ("3.11", "3.12", "3.13") if v != f"{sys.version_info[0]}.{sys.version_info[1]}"
)
LAYERS = """
name: many_layers
symbol: BTCUSDT
tf: 15m
account: { starting_equity_usdt: 10000, max_leverage: 3 }
position_policy: { mode: long_only, max_layers: 11 }
features:
  - { type: rsi, id: rsi, params: { length: 13 } }
blocks:
  - id: add
    cases:
      - when: rsi < 46 and position_layers < 11
        emit: [{ action: entry_long, metadata: { size: 3.3% of equity, stop_loss: close * 0.9 } }]
  - id: out
    cases:
      - when: rsi > 61 and position_side == long
        emit: [{ action: exit_long, metadata: { size: 31% of position, method: proportional } }]
"""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)


def _interpreter(version: str) -> str | None:
    """Return a Python of this version that starts: from the path, else one that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(kept.glob(f"{version}.*/bin/python"))]
    asks = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in candidates:
        if candidate is not None and _run(str(candidate), "-c", asks).stdout.strip() == version:
            return str(candidate)
    return None


def _environment(version: str) -> Path:
    """Return the Python of an environment with the locked versions, made once per lock."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    found = _interpreter(version)
    if uv is None or found is None:
        pytest.skip(f"no Python {version} on this machine, or no uv to furnish it")
    lock = ROOT / "requirements.lock"
    name = f"py{version}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:8]}"
    folder = ROOT / ".venvs" / name
    python = folder / "bin" / "python"
    if not (folder / ".ready").exists():
        made = _run(uv, "venv", "--clear", "--python", found, str(folder))
        installed = _run(uv, "pip", "install", "--python", str(python), "-r", str(lock))
        if made.returncode or installed.returncode:
            pytest.skip(f"the lock cannot be installed for {version}: {installed.stderr[-200:]}")
        (folder / ".ready").touch()
    return python


def _says(python: Path | str, *words: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [str(python), *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_the_gallery_has_the_same_results_on_every_python(version: str) -> None:
    python = _environment(version)
    assert _says(python, "-m", "tools.result_digests") == _says(
        sys.executable, "-m", "tools.result_digests"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_many_layers_on_recorded_bars_are_the_same_on_every_python(
    version: str, tmp_path: Path
) -> None:
    python = _environment(version)
    card = tmp_path / "many_layers.card.yaml"
    card.write_text(LAYERS, encoding="utf-8")
    bars = shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet")
    results = []
    for interpreter in (sys.executable, python):
        out = tmp_path / f"runs{len(results)}"
        _says(
            interpreter, "-m", "tools.cli", "backtest", str(card), "--data", str(bars), "--no-report",
            "--from", "2025-10-01", "--to", "2025-12-01", "--out", str(out),
        )  # fmt: skip
        (result,) = out.glob("*/result.json")
        results.append(result.read_bytes())
    assert results[0] == results[1]
