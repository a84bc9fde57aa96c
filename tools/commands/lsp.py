"""`ideacard lsp`: cards in an editor, over the Language Server Protocol."""

from __future__ import annotations

import click


@click.command(
    epilog="\b\nExamples:\n  ideacard lsp\n\nAn editor starts it; it speaks over standard input and output."
)
# Some editors name the way of talking on the command line.
@click.option("--stdio", is_flag=True, hidden=True)
def command(stdio: bool) -> None:
    """Serve an editor: findings while typing, completion, hover, renaming, quick fixes."""
    from tools.lsp.server import serve

    serve()
