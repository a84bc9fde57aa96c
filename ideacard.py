"""IdeaCard: the one name to import or to run (`python -m ideacard`).

    import ideacard as ic

    card = ic.load("strategy.card.yaml")     # card.check(), card.set({...}), card.hash
    run = card.backtest(ic.bars("data/"))    # run.metrics, run.trust, run.summary
    run.trades.pandas()                      # also .polars(), .rows(); orders fills equity refusals
    run.plot()                               # the report, inside a notebook
    found = ic.sweep(card, ic.bars("data/"), {"fast": "5:60:5"})   # also ic.walk; found.pandas()

INVARIANT: the packages behind it have short names (`compiler`, `runtime`, …); they are found beside
this file, whatever folder of that name the user's own path holds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from compiler.findings.errors import IdeaCardError
    from runtime.errors import DataError
    from tools.face import (
        Bars,
        Card,
        CardError,
        Findings,
        bars,
        card,
        gallery,
        load,
        synthetic,
    )
    from tools.face_run import Plot, Run, Table
    from tools.face_search import Search, sweep, walk

__all__ = [
    "Bars", "Card", "CardError", "DataError", "Findings", "IdeaCardError", "Plot", "Run", "Search",
    "Table", "bars", "card", "gallery", "load", "sweep", "synthetic", "walk",
]  # fmt: skip
_ELSEWHERE = {
    "DataError": "runtime.errors", "IdeaCardError": "compiler.findings.errors",
    "Plot": "tools.face_run", "Run": "tools.face_run", "Table": "tools.face_run",
    "Search": "tools.face_search", "sweep": "tools.face_search", "walk": "tools.face_search",
}  # fmt: skip

_OWN = frozenset({"cards", "compiler", "runtime", "schemas", "tools"})
_FOLDER = str(Path(__file__).resolve().parent)


class _OwnPackages:
    """Finds our packages in our folder, before anybody else is asked."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, [_FOLDER], target) if name in _OWN else None


if _OwnPackages not in sys.meta_path:
    sys.meta_path.insert(0, _OwnPackages)


def __getattr__(name: str) -> Any:
    """Return one of `__all__`. COST: a command starts without what only a notebook needs."""
    if name not in __all__:
        raise AttributeError(f"ideacard has no `{name}`; it has: {', '.join(__all__)}")
    import importlib

    return getattr(importlib.import_module(_ELSEWHERE.get(name, "tools.face")), name)


def __dir__() -> list[str]:
    return [*__all__, "main"]


def main() -> NoReturn:
    """Run the `ideacard` command."""
    try:
        from tools.cli import main as run

        run()
    except KeyboardInterrupt:  # before the command had begun
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
