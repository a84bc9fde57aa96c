"""`ideacard reference`: every word of the language, from the tables the compiler reads."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from tools.cards import json_option


@click.command(
    epilog="\b\nExamples:\n  ideacard reference\n  ideacard reference ttl_bars\n"
    "  ideacard reference fill_model\n  ideacard reference --for-agents > language.md\n"
)
@click.argument("words", metavar="[WORD]", nargs=-1)
@click.option("--markdown", "as_markdown", is_flag=True, help="The whole reference as Markdown.")
@click.option(
    "--for-agents",
    "whole",
    is_flag=True,
    help="The whole language with examples in one file, for a writer who has nothing else.",
)
@json_option
def command(words: tuple[str, ...], as_markdown: bool, whole: bool, as_json: bool) -> None:
    """Say what WORD means: a key, action, option, size, builtin, function, setting, indicator, refusal, figure, chapter."""
    from tools import reference_text as text
    from tools.language_words import words as all_words

    if as_markdown or whole:
        click.echo(text.markdown() if as_markdown else text.whole_language(), nl=False)
        return
    every = all_words()
    word = " ".join(words) or None
    found = every if word is None else text.find(word, every)
    answer = None if found else text.instead(str(word), every)
    shown = ""
    if answer is not None:
        found = list(answer.words)
        if not as_json:
            click.echo("".join(text.sentence(one) for one in answer.sentences), nl=False)
    elif not found:
        from tools.looked_up import looked_up  # COST: with it the figures of reports

        shown, found = looked_up(str(word), every)
    if answer is None and not found:
        close = text.near(str(word), every)
        hint = f"; near it: {', '.join(close)}" if close else ""
        raise click.ClickException(
            f"no word `{word}` in the language{hint}. All: ideacard reference"
        )
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    elif word is None or shown:
        click.echo(shown or text.listing(found), nl=False)
    else:
        click.echo("\n".join(text.entry(one) for one in found), nl=False)
