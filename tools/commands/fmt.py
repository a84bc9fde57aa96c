"""`ideacard fmt`: one layout of conditions, their two forms, and the way from 3.0.0 to 3.1."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cards import expand, json_option, read_source, use_colour

if TYPE_CHECKING:
    from compiler.findings.source import Source
    from compiler.formatting import Form, Formatted


@click.command(
    epilog="\b\nExamples:\n  ideacard fmt strategy.card.yaml\n  ideacard fmt cards/ --check\n"
    "  ideacard fmt strategy.card.yaml --to expr --diff\n  ideacard fmt old.yaml --upgrade\n"
    "  ideacard fmt - < strategy.card.yaml\n"
    "\nThe text is spliced: comments and layout stay. A card is never changed in what it means; one with "
    "mistakes is left alone."
    "\n\nExit codes: 0 done, 1 --check found work to do or a card has mistakes, 2 usage."
)
@click.argument("cards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--check", "only_check", is_flag=True, help="Name cards that would change; write nothing."
)
@click.option("--diff", "show_diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--to", type=click.Choice(["expr", "tree"]), help="Write conditions in this form.")
@click.option("--upgrade", "upgraded", is_flag=True, help="Move older cards to version 3.2.")
@json_option
def command(
    cards: tuple[Path, ...],
    only_check: bool,
    show_diff: bool,
    to: Form | None,
    upgraded: bool,
    as_json: bool,
) -> None:
    """Format CARDS (files, folders, or - for standard input to standard output)."""
    from compiler.findings.diagnostics import CompileFailed
    from compiler.formatting import format_card

    seen: list[dict[str, object]] = []
    failed = False
    paths = expand(cards)
    for path in paths:
        try:
            source = read_source(path)
        except click.ClickException as unreadable:
            if len(paths) == 1:
                raise
            failed = True
            seen.append({"card": str(path), "changed": False, "errors": 1})
            click.echo(f"{unreadable.message}; left alone", err=True)
            continue
        try:
            made = format_card(source, to=to, upgraded=upgraded)
        except CompileFailed as failure:
            failed = True
            seen.append({"card": str(path), "changed": False, "errors": _count(failure)})
            if not as_json:
                _show_mistakes(failure)
            if str(path) == "-":  # a filter must not lose what it was given
                click.echo(source.text, nl=False)
            continue
        changed = made.text != source.text
        failed = failed or (changed and only_check)
        seen.append({"card": str(path), "changed": changed, "notes": list(made.notes)})
        _one(path, source, made, is_dry=only_check or show_diff, diff=show_diff, quiet=as_json)
    if as_json:
        click.echo(json.dumps(seen, indent=2))
    elif cards != (Path("-"),):
        _sum_up(seen, is_dry=only_check or show_diff)
    raise click.exceptions.Exit(int(failed))


def _one(
    path: Path, source: Source, made: Formatted, *, is_dry: bool, diff: bool, quiet: bool
) -> None:
    """Write one card, or show what would change."""
    from runtime.market.whole_files import write_whole

    for note in () if quiet else made.notes:
        click.echo(f"{source.path}: {note}", err=True)
    if str(path) == "-" and not is_dry and not quiet:
        click.echo(made.text, nl=False)
    elif made.text == source.text:
        return
    elif diff and not quiet:
        lines = difflib.unified_diff(
            source.text.splitlines(keepends=True),
            made.text.splitlines(keepends=True),
            source.path,
            source.path,
        )
        click.echo("".join(lines), nl=False)
    elif is_dry:
        if not quiet:
            click.echo(f"would change {source.path}")
    elif str(path) != "-":
        write_whole(path, made.text)
        if not quiet:
            click.echo(f"changed {source.path}")


def _show_mistakes(failure: object) -> None:
    from compiler.findings.diagnostics import CompileFailed
    from compiler.findings.render import render

    assert isinstance(failure, CompileFailed)
    errors = [d for d in failure.diagnostics if d.is_error]
    click.echo(render("text", [(failure.source, errors)], colour=use_colour()), err=True)
    click.echo(f"{failure.source.path}: left alone, it has mistakes", err=True)


def _count(failure: object) -> int:
    return sum(d.is_error for d in getattr(failure, "diagnostics", ()))


def _sum_up(seen: list[dict[str, object]], *, is_dry: bool) -> None:
    changed = sum(bool(one["changed"]) for one in seen)
    broken = sum("errors" in one for one in seen)
    word = "would change" if is_dry else "changed"
    text = f"{len(seen)} card{'' if len(seen) == 1 else 's'}: {changed} {word}"
    click.echo(text + (f", {broken} left alone" if broken else ""), err=True)
