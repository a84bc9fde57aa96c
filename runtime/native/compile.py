"""From kernels to callables: read, check, emit, compile or take from the cache, load, bind."""

from __future__ import annotations

import ctypes
import hashlib
import os
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.native import cache
from runtime.native.bind import Bound, Signature
from runtime.native.cache import Artefact
from runtime.native.emit import emit
from runtime.native.source import Entry, Function, closure, digest
from runtime.native.types import check

# 1: indices are checked in the code; 0: they are not. Unset: on continuous integration they are.
BOUNDS = "IDEACARD_KERNEL_BOUNDS"
_PROTOTYPE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Kernels that are loaded and may be called. A thread needs its own `Bound`, not its own code."""

    signatures: tuple[Signature, ...]
    was_cached: bool
    _runs: tuple[Callable[..., int], ...]
    _loaded: object  # the code lives as long as this

    def bind(
        self, entry: int, arguments: Sequence[object], lengths: Mapping[str, int] | None = None
    ) -> Bound:
        """Return an entry with all its arguments but `start` and `stop`, which each call gives."""
        return self._bound(entry, [*arguments, 0, 0], lengths)

    def call(
        self, entry: int, *arguments: object, lengths: Mapping[str, int] | None = None
    ) -> object:
        """Call an entry once with all its arguments; `BadArguments`, `KernelFailed`."""
        return self._bound(entry, arguments, lengths).execute()

    def call_whole(self, entry: int, *arguments: object) -> object:
        """Call an entry whose arrays are as long as they are: each states its own length."""
        params = self.signatures[entry].function.params
        lengths = {
            name: len(value)
            for (name, _), value in zip(params, arguments, strict=True)
            if isinstance(value, array)
        }
        return self.call(entry, *arguments, lengths=lengths)

    def _bound(
        self, entry: int, arguments: Sequence[object], lengths: Mapping[str, int] | None
    ) -> Bound:
        keep = (self._runs[entry], self._loaded)
        return Bound(self.signatures[entry], keep[0], tuple(arguments), lengths or {}, keep)


def checks_bounds() -> bool:
    """Return whether code checks its indices where nobody says."""
    fallback = "1" if os.environ.get("CI") == "true" else "0"
    return os.environ.get(BOUNDS, fallback) == "1"


def compile_kernels(
    entries: Sequence[Function],
    *,
    has_bounds: bool | None = None,
    where: Path | None = None,
    inlines: bool = True,
) -> Compiled:
    """Return entries as machine code; `KernelRefused`, or `NativeMissing` without llvmlite.

    `where` is the folder of the cache (`cache.folder()`); None compiles anew and keeps nothing.
    `inlines` False is for large kernels whose functions are called from many places.
    """
    bounds = checks_bounds() if has_bounds is None else has_bounds
    key = key_of(entries, bounds, inlines)
    artefact = cache.load(where, key)
    was_cached = artefact is not None
    if artefact is None:
        artefact = _compile(entries, bounds, inlines)
        cache.store(where, key, artefact)
    return loaded(artefact, [entry.entry for entry in entries], bounds, was_cached=was_cached)


def loaded(
    artefact: Artefact, entries: Sequence[Entry], bounds: bool, *, was_cached: bool
) -> Compiled:
    """Return what a compilation left as callables, its entries in their order."""
    from runtime.native import machine

    code = machine.Loaded(artefact.code)
    signatures = tuple(
        Signature(entry, writes, artefact.sites, bounds)
        for entry, writes in zip(entries, artefact.writes, strict=True)
    )
    addresses = [code.address(f"kernel.{number}") for number in range(len(entries))]
    runs = tuple(_PROTOTYPE(address) for address in addresses)
    return Compiled(signatures, was_cached, runs, code)


def is_stored(entries: Sequence[Function], *, where: Path | None, inlines: bool = True) -> bool:
    """Return whether `compile_kernels` would find its code in the cache."""
    return cache.load(where, key_of(entries, checks_bounds(), inlines)) is not None


def key_of(entries: Sequence[Function], bounds: bool, inlines: bool) -> str:
    """Return the name of the object code in the cache: a hash of all that decides it."""
    from runtime.native import machine

    facts = (digest(entries), [e.symbol for e in entries], bounds, inlines)
    return hashlib.sha256(
        repr((facts, cache.compiler_digest(), machine.signature())).encode()
    ).hexdigest()


def _compile(entries: Sequence[Function], has_bounds: bool, inlines: bool) -> Artefact:
    from runtime.native import machine

    typed = check(closure(*entries))
    text, module = emit(typed, entries, has_bounds=has_bounds)
    writes = tuple(typed[entry].writes for entry in entries)
    return Artefact(machine.object_code(text, inlines=inlines), tuple(module.sites), writes)
