"""The loop as machine code, loaded once in a process."""

from __future__ import annotations

from array import array
from functools import cache

from runtime.batch import loop
from runtime.native import Compiled, compile_kernels, read
from runtime.native.cache import folder


class InPython:
    """The loop as Python runs it: slow, and what machine code is held to."""

    def run(self, *arguments: object) -> int:
        return loop.run(*arguments)  # type: ignore[arg-type]

    def finish(self, *arguments: object) -> None:
        loop.finish(*arguments)  # type: ignore[arg-type]


class InMachineCode:
    """The loop compiled, or taken from the cache."""

    def __init__(self) -> None:
        # COST: inlined everywhere it takes four times as long to compile, and runs no faster.
        entries = read(loop.run, loop.finish)
        self._code: Compiled = compile_kernels(entries, where=folder(), inlines=False)

    def run(self, *arguments: object) -> int:
        stopped = self._code.call(0, *arguments, lengths=_lengths(0, self._code, arguments))
        assert isinstance(stopped, int)
        return stopped

    def finish(self, *arguments: object) -> None:
        self._code.call(1, *arguments, lengths=_lengths(1, self._code, arguments))


def _lengths(entry: int, code: Compiled, arguments: tuple[object, ...]) -> dict[str, int]:
    """State the lengths of the memories: they are as long as they are."""
    params = code.signatures[entry].function.params
    return {
        name: len(value)
        for (name, _), value in zip(params, arguments, strict=True)
        if isinstance(value, array)
    }


@cache
def in_machine_code() -> InMachineCode:
    """Return the loop as machine code; `NativeMissing` where none can be made."""
    return InMachineCode()
