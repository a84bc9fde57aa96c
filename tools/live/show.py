"""Everything a person has at hand while a session runs: control socket, page, screen.

The law: they come up before the session trades and go down after it; none of them can stop it. What is
written where nobody may be looking, a log, has no secret in it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tools.live.cockpit import Cockpit
from tools.live.control import Control
from tools.live.folders import CONTROL
from tools.live.page import Page
from tools.live.plan import Shown
from tools.live.screen import Draw, screen


def _told(page: Page, folder: Path) -> str:
    """Return what is written of the page's address: the token for eyes at a terminal, never for a log."""
    if sys.stderr.isatty():
        return page.url
    return f"{page.place} (its token: `page` in {folder / CONTROL}, which its owner can read)"


@contextmanager
def at_hand(cockpit: Cockpit, folder: Path, how: Shown) -> Iterator[Draw]:
    """Open socket, page and screen around a session; yield what draws it."""
    with contextlib.ExitStack() as open_:
        page = None if how.port is None else Page(cockpit.show, how.port)
        if page is not None:
            open_.callback(page.close)
        url = "" if page is None else page.url
        control = Control(folder, cockpit.ask, url)
        open_.callback(control.close)
        if page is not None:
            click.echo(f"page:    {_told(page, folder)}", err=True)
        if not how.draws:
            yield lambda _now: None
            return
        yield open_.enter_context(screen(cockpit.picture, url, is_plain=how.is_plain))
