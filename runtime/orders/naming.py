"""Names of orders: a kind, a number that counts up, and the mark of the process that gave it.

The law: no two processes give one name, also where one of them goes on with a copy of the other's journal, or
with a journal that lacks what the other has sent. The marks are in the journal, so a replay gives the same names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MARK = 4  # letters and digits of a mark
# Kind, number, mark; then what a turn's surplus, or a second one of a close (s), parts (p) and repetitions (r) of an exit add.
_NAME = re.compile(rf"[a-z](\d+)(?:-([0-9a-z]{{{MARK}}}))?(?:[prs]\d+)*")


@dataclass(slots=True)
class Naming:
    """`marks` of the processes that have named orders of this ledger, oldest first; the first needs none ("")."""

    marks: tuple[str, ...] = ()

    def begin(self, mark: str) -> None:
        """Take word of a process that names orders from here on."""
        self.marks = (*self.marks, mark)

    def of(self, kind: str, number: int) -> str:
        """Return the name of an order."""
        mark = self.marks[-1] if self.marks else ""
        return f"{kind}{number}-{mark}" if mark else f"{kind}{number}"

    def is_of_the_past(self, name: str) -> bool:
        """Return whether a process before this one has given a name."""
        found = _NAME.fullmatch(name)
        return found is not None and (found[2] or "") in self.marks[:-1]

    def is_known(self, name: str) -> bool:
        """Return whether this process or one before it has given a name."""
        found = _NAME.fullmatch(name)
        return found is not None and (found[2] or "") in (self.marks or ("",))


def number_of(name: str, kind: str) -> int | None:
    """Return the number in a name of a kind, None in any other."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found is not None and name.startswith(kind) else None
