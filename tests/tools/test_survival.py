"""Every command survives its surroundings: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tools.cli import COMMANDS
from tools.goldens import ROOT

CARD = ROOT / "cards" / "gallery" / "ema_cross.yaml"


def _ideacard(
    *words: str, cwd: Path = ROOT, limit: int | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command; `limit` bounds the size of any file it writes, as a full disk would."""

    def small_disk() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "ideacard", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
        preexec_fn=small_disk,
    )


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    text = (done.stdout + done.stderr).decode("utf-8", errors="replace")
    assert "Traceback" not in text, text
    return text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_prints_in_an_encoding_without_our_signs(command: str) -> None:
    done = _ideacard(command, "--help", PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert done.returncode == 0, _said(done)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_a_run_is_told_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    done = _ideacard(
        "demo", "--bars", "400", "--out", str(tmp_path), PYTHONIOENCODING=encoding, PYTHONUTF8="0"
    )
    assert done.returncode == 0, _said(done)
    assert list(tmp_path.glob("*/result.json"))


@pytest.mark.parametrize("command", [("demo", "--bars", "300"), ("new", "card")])
def test_a_folder_nobody_may_write_to_is_a_sentence(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    folder = Path("/sys/kernel")  # not even root makes files there
    if command[0] == "demo":
        done = _ideacard(*command, "--out", str(folder / "runs"))
    else:
        done = _ideacard(*command, cwd=folder)
    said = _said(done)
    assert done.returncode == 1, said
    assert "permission" in said or "permitted" in said
    assert "--out" in said or "permissions" in said


def test_a_disk_that_fills_leaves_no_half_run(tmp_path: Path) -> None:
    done = _ideacard("demo", "--bars", "2000", "--out", str(tmp_path), limit=20_000)
    assert done.returncode == 1, _said(done)
    assert "error:" in _said(done)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_standard_output_is_a_sentence() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ideacard", "schema"],
            cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert b"no space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_foreign_packages_of_our_names_are_not_taken_for_ours(tmp_path: Path) -> None:
    for name in ("tools", "compiler", "runtime", "schemas", "cards"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('foreign')\n")
    done = _ideacard("lint", str(CARD), cwd=tmp_path, PYTHONPATH=f".{os.pathsep}{ROOT}")
    assert done.returncode == 0, _said(done)
    assert "foreign" not in _said(done)


def test_the_demo_works_from_a_wheel_in_an_empty_folder(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    source = tmp_path / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    wheels, home, empty = (tmp_path / name for name in ("wheels", "home", "empty"))
    empty.mkdir()
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels)]
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    install = [*pip, "install", "--no-deps", "--target", str(home), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    done = _ideacard("demo", "--bars", "400", cwd=empty, PYTHONPATH=str(home))
    assert done.returncode == 0, _said(done)
    assert str(home) in _said(done)  # the card came from the wheel, not from a checkout
    assert list(empty.glob("runs/*/report.html"))
