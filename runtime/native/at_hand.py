"""Functions of the packages as machine code, found again without their source being read.

COST: reading the thousand functions of the account kernel takes longer than running it over 100,000 bars.
INVARIANT: a note is believed where every file of the packages is what it was by name, size and times of change, as Python
believes its own compiled modules: a kernel's constants may come from any of them. Anything else is read again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FunctionType

from runtime.native import cache as kept
from runtime.native.cache import Artefact
from runtime.native.compile import (
    Compiled,
    checks_bounds,
    compile_kernels,
    is_stored,
    key_of,
    loaded,
)
from runtime.native.source import TYPES, Entry, Function, Scalar, read

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("compiler", "runtime", "tools")
_NAMES = {kind: name for name, kind in TYPES.items()}


def compiled(
    runs: Sequence[Callable[..., object]],
    *,
    where: Path | None,
    has_bounds: bool | None = None,
    inlines: bool = True,
) -> Compiled:
    """Return what `compile_kernels(read(*runs))` returns; errors as there."""
    how = _How(where, checks_bounds() if has_bounds is None else has_bounds, inlines)
    noted = _noted(runs, how)
    if noted is not None:
        return loaded(*noted, how.has_bounds, was_cached=True)
    functions = read(*runs)
    made = compile_kernels(functions, where=where, has_bounds=how.has_bounds, inlines=inlines)
    _note(runs, functions, how)
    return made


def is_compiled(
    runs: Sequence[Callable[..., object]], *, where: Path | None, inlines: bool = True
) -> bool:
    """Return whether `compiled` would find its code in the cache."""
    how = _How(where, checks_bounds(), inlines)
    if _noted(runs, how) is not None:
        return True
    functions = read(*runs)
    there = is_stored(functions, where=where, inlines=inlines)
    if there:
        _note(runs, functions, how)
    return there


@dataclass(frozen=True, slots=True)
class _How:
    where: Path | None
    has_bounds: bool
    inlines: bool


def _noted(
    runs: Sequence[Callable[..., object]], how: _How
) -> tuple[Artefact, tuple[Entry, ...]] | None:
    found = kept.load(how.where, _key(runs, how)) if _is_noted(runs) else None
    if found is None:
        return None
    said = json.loads(found.code)
    artefact = kept.load(how.where, said["key"])
    return None if artefact is None else (artefact, tuple(map(_entry, said["entries"])))


def _note(
    runs: Sequence[Callable[..., object]],
    functions: Sequence[Function],
    how: _How,
) -> None:
    if not _is_noted(runs):
        return
    entries = [
        [f.name, [[name, _NAMES[kind]] for name, kind in f.params], f.returns] for f in functions
    ]
    said = {"key": key_of(functions, how.has_bounds, how.inlines), "entries": entries}
    kept.store(how.where, _key(runs, how), Artefact(json.dumps(said).encode(), (), ()))


def _is_noted(runs: Sequence[Callable[..., object]]) -> bool:
    """Return whether all come from files of the packages: what else they may call stands in no stamp."""
    homes = tuple(f"{_ROOT / package}{os.sep}" for package in _PACKAGES)
    files = (run.__code__.co_filename for run in runs if isinstance(run, FunctionType))
    return stamp() is not None and all(file.startswith(homes) for file in files)


def _entry(said: list[object]) -> Entry:
    name, params, returns = said
    assert isinstance(params, list)
    kinds = tuple((one, TYPES[kind]) for one, kind in params)
    return Entry(str(name), kinds, Scalar(str(returns)))


def _key(runs: Sequence[Callable[..., object]], how: _How) -> str:
    from runtime.native import machine

    names = [(run.__module__, run.__qualname__) for run in runs]
    facts = ("note", stamp(), names, how.has_bounds, how.inlines, machine.signature())
    return hashlib.sha256(repr(facts).encode()).hexdigest()


@cache
def stamp() -> str | None:
    """Return a hash of what stands on disk of the packages; None where they are no files."""
    files = sorted(_files())
    return hashlib.sha256(repr((str(_ROOT), files)).encode()).hexdigest() if files else None


def _files() -> Iterator[tuple[str, int, int, int]]:
    for package in _PACKAGES:
        for folder, _, names in os.walk(_ROOT / package):
            for name in names:
                if name.endswith(".py"):
                    file = os.path.join(folder, name)
                    facts = os.stat(file)
                    # The time of the entry, too: what unpacks a release may set the other to what it likes.
                    yield file, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
