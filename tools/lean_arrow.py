"""Keeps pandas out of a command: Arrow loads it, where it is installed, for the first list, scalar or literal it is given.

COST: half a second of every command that reads bars. Arrow is told once, as soon as it is loaded, that there is none: it
looks again where a pandas object is asked of it or given to it by name (`to_pandas`, `Table.from_pandas`). Only our own
commands do this; a notebook that imports `ideacard` keeps an Arrow that knows its pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader
else:  # COST: every command loads this file, and with that module come files, random numbers and archives.
    Loader = object


def keep_pandas_out() -> None:
    """Have Arrow, when it is loaded, take pandas for not installed; nothing where either is there already."""
    if "pyarrow" not in sys.modules and "pandas" not in sys.modules:
        sys.meta_path.insert(0, _AtArrow)


class _AtArrow:
    """Finds Arrow as ever, and has it told when it has been loaded."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "pyarrow":
            return None
        sys.meta_path.remove(_AtArrow)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec.loader)
        return spec


class _Telling(Loader):
    """Loads Arrow by its own loader and then asks it for what makes it look for pandas."""

    def __init__(self, own: Loader) -> None:
        self._own = own

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._own
        if module.__spec__ is not None:
            module.__spec__.loader = self._own
        self._own.exec_module(module)
        if "pandas" in sys.modules:  # who loads Arrow is pandas itself, which is not whole yet
            return
        sys.meta_path.insert(0, _NoPandas)
        try:
            module.array([0])
        finally:
            sys.meta_path.remove(_NoPandas)


class _NoPandas:
    """Says of pandas, and of nothing else, that there is none."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError("no pandas for Arrow", name=name)
        return None
