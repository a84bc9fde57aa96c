"""The post-mortem bundle: one zip with all that is needed to understand a session elsewhere.

The law: it is made from the journal alone, while the session runs or after; what holds a secret does not go in.
"""

from __future__ import annotations

import json
import platform
import tempfile
import zipfile
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from runtime.live.replay import Differs
from runtime.market.whole_files import whole
from tools.live.folders import JOURNAL
from tools.live.reading import ReadJournal, live_again
from tools.live.redact import holds_secret, redacted
from tools.live.screen_text import status_text
from tools.live.view import Around, view_of
from tools.live.watch import Watch
from tools.running import compile_for

_PACKAGES = ("ideacard", "pybit", "websocket-client", "requests", "cattrs", "aiohttp")


class LeftOut(Exception):
    """A secret stands in something that was to go into a bundle."""


def write_bundle(journal: Path, out: Path) -> Path:
    """Write the bundle of a session and return its path; JournalError for what is no journal.

    LeftOut where the journal holds a secret: then nothing is written.
    """
    read = ReadJournal(journal)
    facts = read.facts()
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home) / JOURNAL
        read.copy(copy)
        data = copy.read_bytes()
    if holds_secret(data):
        raise LeftOut("the journal holds the text of a secret: look at it before anyone else does")
    parts = {
        JOURNAL: data,
        "card.yaml": redacted(facts.card).encode(),
        "facts.json": redacted(json.dumps(asdict(facts), indent=2)).encode(),
        "state.txt": redacted(_state(read)).encode(),
        "versions.json": json.dumps(_versions(), indent=2).encode(),
    }
    read.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        whole(out, private=True) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as zipped,
    ):
        for name, body in parts.items():
            zipped.writestr(name, body)
    return out


def _state(read: ReadJournal) -> str:
    """Return what the session had become, lived through again."""
    facts = read.facts()
    watches: list[Watch] = []
    program = compile_for(facts.source, facts.overrides, symbol=facts.symbol)
    try:
        lived = live_again(read, lambda desk: watches.append(Watch(desk, program, facts.source)))
    except Differs as error:
        return f"the replay differs: {error}\n"
    last = max((record.ts for record in read.records(max(1, len(read) - 1))), default=0)
    text = status_text(view_of(watches[0], Around(facts=facts, now=last)))
    return f"{text}\nstate hash {lived.desk.state_hash()}\n"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
