"""Everything a person has at hand while a session runs: control socket, page, screen.

The law: they come up before the session trades and go down after it; none of them can stop it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tools.live.cockpit import Cockpit
from tools.live.control import Control
from tools.live.page import Page
from tools.live.plan import Shown
from tools.live.screen import Draw, screen


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
        if url:
            click.echo(f"page:    {url}", err=True)
        if not how.draws:
            yield lambda _now: None
            return
        yield open_.enter_context(screen(cockpit.picture, url, is_plain=how.is_plain))
