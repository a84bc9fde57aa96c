"""`ideacard diff`: what two cards do differently, whatever their spelling."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from tools.cards import json_option, read_source
from tools.failures import show_compile_failure


@click.command(
    epilog="\b\nExamples:\n  ideacard diff old.card.yaml new.card.yaml\n"
    "\nExit codes: 0 the cards mean the same, 1 they differ (or one does not compile), 2 usage."
)
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("two", type=click.Path(path_type=Path))
@json_option
def command(one: Path, two: Path, as_json: bool) -> None:
    """Show the difference in meaning between the cards ONE and TWO."""
    from compiler.graph.difference import difference
    from compiler.pipeline import compile_card

    with show_compile_failure():
        graphs = [compile_card(read_source(path)).graph for path in (one, two)]
    changes = difference(*graphs)
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], indent=2))
    else:
        for change in changes:
            click.echo(str(change))
        if not changes:
            click.echo("the cards mean the same")
    raise click.exceptions.Exit(int(bool(changes)))
