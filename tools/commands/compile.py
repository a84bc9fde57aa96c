"""`ideacard compile`: the rule graph of a card, in several shapes."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tools.cards import parse_overrides, read_source, set_option
from tools.failures import show_compile_failure

SHAPES = ("graph", "json", "mermaid", "dot", "program")


@click.command(
    name="compile",
    epilog="\b\nExamples:\n  ideacard compile strategy.card.yaml\n"
    "  ideacard compile strategy.card.yaml --emit dot | dot -Tsvg > graph.svg",
)
@click.argument("card", type=click.Path(path_type=Path))
@click.option("--emit", type=click.Choice(SHAPES), default="graph", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write here.")
@set_option
def command(card: Path, emit: str, output: Path | None, overrides: tuple[str, ...]) -> None:
    """Show what CARD compiles to: graph text, JSON, a drawing, or the flat program."""
    from compiler.graph import draw, serde
    from compiler.pipeline import compile_card

    with show_compile_failure():
        program = compile_card(read_source(card), parse_overrides(overrides))
    graph = program.graph
    if emit == "graph":
        text = serde.dump_text(graph)
    elif emit == "json":
        text = json.dumps(serde.graph_to_json(graph), indent=2)
    elif emit == "program":
        text = serde.dump_program(program)
    else:
        text = draw.mermaid(graph) if emit == "mermaid" else draw.dot(graph)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        from runtime.market.whole_files import write_whole

        write_whole(output, text if text.endswith("\n") else text + "\n")
