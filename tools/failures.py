"""A card that does not compile ends every command alike: findings on standard error, exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from compiler.findings.diagnostics import CompileFailed, is_about_what_it_does
from tools.cards import use_colour


@contextmanager
def show_compile_failure(way_out: str = "") -> Iterator[None]:
    """Show the errors of a `CompileFailed` raised inside and leave with exit code 1.

    `way_out` is the option that runs a card whose only errors are those of lint rules.
    """
    try:
        yield
    except CompileFailed as failure:
        from compiler.findings.render import render

        errors = [d for d in failure.diagnostics if d.is_error]
        click.echo(render("text", [(failure.source, errors)], colour=use_colour()), err=True)
        number = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
        known = way_out and all(is_about_what_it_does(d) for d in errors)
        hint = f" ({way_out} runs it all the same)" if known else ""
        click.echo(f"{failure.source.path}: {number}; nothing was run{hint}", err=True)
        say_notes(failure)
        raise click.exceptions.Exit(1) from None


def say_notes(error: BaseException) -> None:
    """Say what was done because of an error, on standard error below it."""
    for note in getattr(error, "__notes__", ()):
        click.echo(note, err=True)
