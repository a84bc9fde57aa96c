"""IdeaCard: the one name to import or to run (`python -m ideacard`).

INVARIANT: the packages behind it have short names (`compiler`, `runtime`, …); they are found beside
this file, whatever folder of that name the user's own path holds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import NoReturn

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


def main() -> NoReturn:
    """Run the `ideacard` command."""
    from tools.cli import main as run

    run()


if __name__ == "__main__":
    main()
