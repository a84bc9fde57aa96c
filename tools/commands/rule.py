"""`ideacard rule`: what a lint rule means, with a wrong and a right card."""

from __future__ import annotations

import click


@click.command(
    epilog="\b\nExamples:\n  ideacard rule IC301\n  ideacard rule ttl-missing\n  ideacard rule"
)
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the rule CODE (or its name); without one, list all rules."""
    from compiler.findings.codes import CODES
    from compiler.findings.rule_pages import explain
    from tools.commands.lint import _code

    if code is None:
        for item in CODES:
            click.echo(f"{item.code} {item.name:<38} {item.severity:<8} {item.summary}")
        return
    click.echo(explain(_code(code)), nl=False)
