"""`--open`: a page in the browser of the person who asked."""

from __future__ import annotations

from pathlib import Path

import click

open_option = click.option("--open", "opened", is_flag=True, help="Open the page in a browser.")


def open_page(path: Path) -> None:
    """Open a file in the browser; where there is none, say where the page lies."""
    import webbrowser

    address = path.resolve().as_uri()
    if not webbrowser.open(address):
        click.echo(f"no browser could be opened: {address}", err=True)
