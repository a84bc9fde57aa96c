"""A card that does not compile ends every command alike: findings on standard error, exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from compiler.findings.diagnostics import CompileFailed
from tools.cards import use_colour


@contextmanager
def show_compile_failure() -> Iterator[None]:
    """Show the errors of a `CompileFailed` raised inside and leave with exit code 1."""
    try:
        yield
    except CompileFailed as failure:
        from compiler.findings.render import render

        errors = [d for d in failure.diagnostics if d.is_error]
        click.echo(render("text", [(failure.source, errors)], colour=use_colour()), err=True)
        number = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
        click.echo(f"{failure.source.path}: {number}; nothing was run", err=True)
        raise click.exceptions.Exit(1) from None
