"""Object code on disk: found again, never trusted when damaged, safe between processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runtime.features import elementary
from runtime.native import Compiled, KernelFailed, cache, compile_kernels, read
from runtime.native.source import define
from runtime.native.types import check

HALF = "def half(x: float, n: int) -> float:\n    return x / n\n"


def made(where: Path, text: str = HALF, **more: object) -> Compiled:
    run = define(text, "half", more)
    return compile_kernels(read(run), has_bounds=False, where=where)


def files(where: Path) -> list[Path]:
    return sorted(where.iterdir())


def test_what_was_compiled_once_is_loaded_and_says_the_same(tmp_path: Path) -> None:
    first, second = made(tmp_path), made(tmp_path)
    assert (first.was_cached, second.was_cached) == (False, True)
    assert second.call(0, 1.0, 4) == 0.25
    assert second.signatures[0].sites == first.signatures[0].sites
    with pytest.raises(KernelFailed, match=":3: half: division by zero"):
        second.call(0, 1.0, 0)


def test_another_source_or_constant_or_line_is_compiled_anew(tmp_path: Path) -> None:
    made(tmp_path)
    assert not made(tmp_path, HALF.replace("/", "*")).was_cached
    assert not made(tmp_path, "\n" + HALF).was_cached
    scaled = HALF.replace("x / n", "x / n * S")
    assert made(tmp_path, scaled, S=2.0).call(0, 1.0, 4) == 0.5
    assert made(tmp_path, scaled, S=4.0).call(0, 1.0, 4) == 1.0
    assert made(tmp_path, scaled, S=4.0).was_cached


def test_a_callee_that_changes_changes_the_key(tmp_path: Path) -> None:
    results = []
    for body in ("x + 1.0", "x + 2.0"):
        text = f"def inner(x: float) -> float:\n    return {body}\n"
        inner = define(text, "inner", {})
        inner.__module__ = "always_the_same"
        results.append(
            made(tmp_path, HALF.replace("x / n", "inner(x)"), inner=inner).call(0, 0.0, 1)
        )
    assert results == [1.0, 2.0]


@pytest.mark.parametrize("damage", [
    lambda data: b"", lambda data: data[:20], lambda data: data[:-1], lambda data: data + b"x",
    lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:], lambda data: b"\0" * len(data),
])  # fmt: skip
def test_a_damaged_file_is_no_file(tmp_path: Path, damage: object) -> None:
    made(tmp_path)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    again = made(tmp_path)
    assert not again.was_cached
    assert again.call(0, 1.0, 4) == 0.25
    assert made(tmp_path).was_cached


def test_a_file_under_another_key_is_no_file(tmp_path: Path) -> None:
    made(tmp_path)
    (file,) = files(tmp_path)
    made(tmp_path, HALF.replace("/", "*"))
    (other,) = set(files(tmp_path)) - {file}
    file.write_bytes(other.read_bytes())
    again = made(tmp_path)
    assert not again.was_cached
    assert again.call(0, 1.0, 4) == 0.25


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert made(blocked / "kernels").call(0, 1.0, 4) == 0.25


def test_old_files_leave_a_full_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 3)
    for number in range(6):
        made(tmp_path, HALF, unused=number).call(0, 1.0, 4)
        made(tmp_path, HALF.replace("n\n", f"n + {number}.0\n"))
    assert len(files(tmp_path)) == 3


def test_the_folder_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cache.FOLDER, "/some/where")
    assert cache.folder() == Path("/some/where")
    monkeypatch.setenv(cache.FOLDER, "")
    assert cache.folder() is None
    monkeypatch.delenv(cache.FOLDER)
    monkeypatch.setenv("XDG_CACHE_HOME", "/home/x/cache")
    assert cache.folder() == Path("/home/x/cache/ideacard/kernels")


SCRIPT = """\
import sys
from pathlib import Path
from runtime.features import elementary
from runtime.native import compile_kernels, read
code = compile_kernels(read(elementary.pow), has_bounds=False, where=Path(sys.argv[1]))
print(code.call(0, 2.0, 10.0))
"""


def test_processes_that_compile_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]  # fmt: skip
    assert [process.communicate()[0] for process in running] == ["1024.0\n"] * 3
    assert len(files(tmp_path)) == 1
    assert compile_kernels(read(elementary.pow), has_bounds=False, where=tmp_path).was_cached


def test_llvmlite_is_imported_only_to_compile() -> None:
    script = (
        "import sys, runtime.native, runtime.features\n"
        "from runtime.native.types import check\n"
        "assert not [m for m in sys.modules if m.startswith('llvmlite')], 'too early'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert check is not None
