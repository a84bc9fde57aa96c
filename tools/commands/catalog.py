"""`ideacard catalog`: indicators and structures, as the compiler knows them."""

from __future__ import annotations

import click


@click.command(
    epilog="\b\nExamples:\n  ideacard catalog\n  ideacard catalog supertrend\n  ideacard catalog --markdown > catalog.md"
)
@click.argument("name", required=False)
@click.option("--markdown", "as_markdown", is_flag=True, help="The whole reference as Markdown.")
def command(name: str | None, as_markdown: bool) -> None:
    """Describe the indicator or structure NAME, or list them all."""
    from compiler.catalog.lookup import CATALOGUE, entry, suggest
    from compiler.catalog.reference import entry_text, markdown

    if as_markdown:
        click.echo(markdown(), nl=False)
        return
    if name is None:
        for kind in ("indicator", "structure"):
            click.echo(f"{kind}s:")
            for item in sorted(CATALOGUE.values(), key=lambda e: e.type):
                if item.kind == kind:
                    click.echo(f"  {item.type:<18} {item.title}")
        return
    found = entry(name)
    if found is None:
        close = suggest(name)
        hint = f"; did you mean `{close}`?" if close else ""
        raise click.ClickException(f"no indicator or structure `{name}`{hint}")
    click.echo(entry_text(found), nl=False)
