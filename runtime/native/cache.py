"""Object code on disk, so that a process compiles only what no process has compiled before.

INVARIANT: a file is read whole and proves by its digest that it is what was written, for the key it
is asked for; anything else is no file. It comes into being under its name by one rename, so two
processes never see each other's half.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from runtime.native.errors import Site

FOLDER = "IDEACARD_KERNEL_CACHE"
# Past so many files the oldest leave.
MOST = 512
_SUFFIX = ".kernel"


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a compilation leaves: object code, the sites its error words name, what entries write."""

    code: bytes
    sites: tuple[Site, ...]
    writes: tuple[frozenset[str], ...]


def folder() -> Path | None:
    """Return where object code is kept; None when `IDEACARD_KERNEL_CACHE` is set and empty."""
    named = os.environ.get(FOLDER)
    if named is not None:
        return Path(named) if named else None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "ideacard" / "kernels"


@cache
def compiler_digest() -> str:
    """Return a hash of this compiler: what it made before it was changed is not asked for."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def load(where: Path | None, key: str) -> Artefact | None:
    """Return what was stored under a key; None if nothing was, or nothing that can be trusted."""
    if where is None:
        return None
    try:
        data = (where / (key + _SUFFIX)).read_bytes()
    except OSError:
        return None
    proof, rest = data[:32], data[32:]
    if hashlib.sha256(key.encode() + rest).digest() != proof:
        return None
    size = int.from_bytes(rest[:8], "little")
    facts = json.loads(rest[8 : 8 + size])
    return Artefact(
        rest[8 + size :],
        tuple(Site(**site) for site in facts["sites"]),
        tuple(frozenset(names) for names in facts["writes"]),
    )


def store(where: Path | None, key: str, artefact: Artefact) -> None:
    """Store under a key; a folder that cannot be written is no fault, only slower."""
    if where is None:
        return
    facts = {
        "sites": [asdict(site) for site in artefact.sites],
        "writes": [sorted(names) for names in artefact.writes],
    }
    text = json.dumps(facts).encode()
    rest = len(text).to_bytes(8, "little") + text + artefact.code
    with suppress(OSError):
        # Code is loaded from here: nobody else may write it.
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=where, suffix=".new")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(hashlib.sha256(key.encode() + rest).digest() + rest)
            os.replace(name, where / (key + _SUFFIX))
        finally:
            Path(name).unlink(missing_ok=True)
        _thin_out(where)


def _thin_out(where: Path) -> None:
    files = list(where.glob("*" + _SUFFIX))
    if len(files) <= MOST:
        return
    ages = sorted((path.stat().st_mtime, path) for path in files)
    for _, path in ages[: len(files) - MOST]:
        path.unlink(missing_ok=True)
