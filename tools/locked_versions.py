"""What is installed beside what the lock names: which packages moved, in one line each.

python -m tools.locked_versions requirements-dev.lock
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

_PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)")


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def pins(text: str) -> dict[str, set[str]]:
    """Return the versions a lock names per package: several where Pythons differ."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            found.setdefault(_name(match[1]), set()).add(match[2])
    return found


def moved(locked: dict[str, set[str]], installed: dict[str, str]) -> list[str]:
    """Return a sentence per package whose installed version is not one the lock names."""
    lines = []
    for name, version in sorted(installed.items()):
        known = locked.get(name)
        if known is None:
            lines.append(f"{name} {version}: not in the lock")
        elif version not in known:
            lines.append(f"{name} {' or '.join(sorted(known))} -> {version}")
    return lines


def main() -> None:
    """Print what moved; the exit code is 0 either way: a newer version is news, not a fault."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    installed = {_name(d.metadata["Name"]): d.version for d in distributions()}
    lines = moved(pins(Path(sys.argv[1]).read_text(encoding="utf-8")), installed)
    own = {"ideacard", "pip", "wheel"}
    print("\n".join(line for line in lines if line.split()[0] not in own) or "nothing moved")


if __name__ == "__main__":
    main()
