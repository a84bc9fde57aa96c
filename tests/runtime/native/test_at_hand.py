"""Machine code found again without its source: only where no file of the packages has changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import FunctionType

import pytest

from runtime.features import elementary
from runtime.native import KernelFailed, at_hand, read
from runtime.native.source import define

KERNEL = "from runtime_numbers import SCALE\n\ndef scaled(x: float, n: int) -> float:\n    return x * SCALE / n\n"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages of its own: one kernel, whose constant stands in another file."""
    (tmp_path / "runtime").mkdir()
    (tmp_path / "runtime" / "runtime_numbers.py").write_text("SCALE = 2.0\n")
    (tmp_path / "runtime" / "kernel_of_test.py").write_text(KERNEL)
    monkeypatch.setattr(at_hand, "_ROOT", tmp_path)
    yield tmp_path
    at_hand.stamp.cache_clear()


def scaled(packages: Path) -> FunctionType:
    """Return the kernel as a new process would import it."""
    at_hand.stamp.cache_clear()
    for name in ("runtime_numbers", "kernel_of_test"):
        spec = spec_from_file_location(name, packages / "runtime" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = module_from_spec(spec)
        text = Path(str(spec.origin)).read_text()
        exec(compile(text, str(spec.origin), "exec"), module.__dict__)
    run = vars(sys.modules["kernel_of_test"])["scaled"]
    assert isinstance(run, FunctionType)
    return run


def never(*runs: Callable[..., object]) -> object:
    raise AssertionError("the source is read")


def test_what_was_compiled_is_found_without_reading_its_source(
    packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = packages / "kernels"
    first = at_hand.compiled([scaled(packages)], where=where)
    monkeypatch.setattr(at_hand, "read", never)
    second = at_hand.compiled([scaled(packages)], where=where)
    assert (first.was_cached, second.was_cached) == (False, True)
    assert at_hand.is_compiled([scaled(packages)], where=where)
    assert second.signatures == first.signatures
    assert second.call(0, 3.0, 4) == 1.5
    with pytest.raises(KernelFailed, match=":4: scaled: division by zero"):
        second.call(0, 1.0, 0)


def test_a_constant_that_changes_in_another_file_is_seen(packages: Path) -> None:
    where = packages / "kernels"
    at_hand.compiled([scaled(packages)], where=where)
    (packages / "runtime" / "runtime_numbers.py").write_text("SCALE = 4.0\n")  # as long as before
    again = at_hand.compiled([scaled(packages)], where=where)
    assert not again.was_cached
    assert again.call(0, 3.0, 4) == 3.0


def test_another_place_or_way_of_compiling_has_its_own_code(packages: Path) -> None:
    where, run = packages / "kernels", scaled(packages)
    at_hand.compiled([run], where=where)
    assert not at_hand.is_compiled([run], where=packages / "elsewhere")
    assert not at_hand.is_compiled([run], where=where, inlines=False)
    assert (
        not at_hand.compiled([run], where=where, has_bounds=True).was_cached
        or at_hand.checks_bounds()
    )
    assert not at_hand.compiled([run], where=None).was_cached


def test_a_damaged_note_is_no_note(packages: Path) -> None:
    where = packages / "kernels"
    at_hand.compiled([scaled(packages)], where=where)
    for file in where.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    again = at_hand.compiled([scaled(packages)], where=where)
    assert not again.was_cached
    assert again.call(0, 3.0, 4) == 1.5


def test_a_function_of_a_users_own_file_is_read_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = define("def half(x: float) -> float:\n    return x / 2.0\n", "half", {})
    at_hand.compiled([own], where=tmp_path)
    monkeypatch.setattr(at_hand, "read", never)
    with pytest.raises(AssertionError, match="source is read"):
        at_hand.compiled([own], where=tmp_path)


def test_entries_are_kept_with_all_that_a_call_is_checked_against(tmp_path: Path) -> None:
    runs = (elementary.exp, elementary.log, elementary.pow)
    at_hand.compiled(runs, where=tmp_path)
    again = at_hand.compiled(runs, where=tmp_path)
    assert [one.function for one in again.signatures] == [one.entry for one in read(*runs)]
