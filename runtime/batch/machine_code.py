"""The kernel as machine code, loaded once in a process, or as Python runs it.

The law: what machine code could not do as exactly is no result; the readable engine makes that run.
"""

from __future__ import annotations

from functools import cache

from runtime.batch import ends, loop
from runtime.batch.account_run import GivenUp
from runtime.native import Compiled, KernelFailed, at_hand
from runtime.native.cache import folder

_RUN, _FINISH, _MEASURE = range(3)
_ENTRIES = (loop.run, loop.finish, ends.measure)


class InPython:
    """The kernel as Python runs it: slow, and what machine code is held to."""

    def run(self, *arguments: object) -> int:
        return loop.run(*arguments)  # type: ignore[arg-type]

    def finish(self, *arguments: object) -> None:
        loop.finish(*arguments)  # type: ignore[arg-type]

    def measure(self, *arguments: object) -> None:
        ends.measure(*arguments)  # type: ignore[arg-type]


class InMachineCode:
    """The kernel compiled, or taken from the cache."""

    def __init__(self) -> None:
        # COST: inlined everywhere it takes four times as long to compile, and runs no faster.
        self._code: Compiled = at_hand.compiled(_ENTRIES, where=folder(), inlines=False)

    def run(self, *arguments: object) -> int:
        stopped = self._call(_RUN, arguments)
        assert isinstance(stopped, int)
        return stopped

    def finish(self, *arguments: object) -> None:
        self._call(_FINISH, arguments)

    def measure(self, *arguments: object) -> None:
        self._call(_MEASURE, arguments)

    def _call(self, entry: int, arguments: tuple[object, ...]) -> object:
        # The memories are as long as they are: the tables in them are measured by what stands there.
        try:
            return self._code.call_whole(entry, *arguments)
        except KernelFailed as failed:
            raise GivenUp(f"machine code stopped: {failed}") from failed


@cache
def in_machine_code() -> InMachineCode:
    """Return the kernel as machine code; `NativeMissing` where none can be made."""
    return InMachineCode()


def is_compiled() -> bool:
    """Return whether the kernel has been compiled on this machine before."""
    return at_hand.is_compiled(_ENTRIES, where=folder(), inlines=False)
