"""`ideacard schema`: the JSON Schema of cards."""

from __future__ import annotations

import json

import click


@click.command(epilog="Example:\n\n  ideacard schema --draft 7 > idea_card.schema.json")
@click.option("--draft", type=click.Choice(["2020-12", "7"]), default="2020-12", show_default=True)
def command(draft: str) -> None:
    """Print the JSON Schema of cards, a sentence at every key; draft 7 is for yaml-language-server."""
    import schemas
    from tools.schema.describe import described

    schema = described(schemas.load("idea_card"))
    if draft == "7":
        schema = schemas.draft7(schema)
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
