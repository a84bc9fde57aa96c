"""`ideacard machine`: the life-cycle table of orders, checked, drawn and explored."""

from __future__ import annotations

import json

import click

from tools.cards import json_option
from tools.progress import progress_bar


@click.group(
    epilog="\b\nExamples:\n  ideacard machine check\n  ideacard machine graph\n"
    "  ideacard machine explore\n  ideacard machine paths\n"
)
def command() -> None:
    """The life of an order: its table checked, drawn and explored exhaustively."""


@command.command("check", epilog="Example:\n\n  ideacard machine check")
@json_option
def check(as_json: bool) -> None:
    """Check the table, explore every life, and count which wrong tables would be noticed."""
    from runtime.orders import exploration as x

    found = x.faults()
    explored = x.explore()
    mutants = list(x.mutants())
    survivors = []
    with progress_bar("wrong tables") as tick:
        for done, mutant in enumerate(mutants):
            if not x.is_noticed(mutant.table):
                survivors.append(mutant.name)
            tick(done + 1, len(mutants))
    surprising = [name for name in survivors if name not in x.ACCEPTED_SURVIVORS]
    fine = not found and explored.violation is None and not surprising
    if as_json:
        click.echo(
            json.dumps(
                {
                    "faults": found,
                    "states": explored.states,
                    "steps": explored.steps,
                    "violation": explored.violation and list(explored.violation.path),
                    "mutants": len(mutants),
                    "survivors": survivors,
                    "fine": fine,
                },
                indent=2,
            )
        )
    else:
        click.echo(
            "deterministic, every status reachable, ends are never left"
            if not found
            else "\n".join(found)
        )
        _tell(explored)
        noticed = len(mutants) - len(survivors)
        click.echo(f"{noticed} of {len(mutants)} wrong tables are noticed; accepted survivors:")
        for name in survivors:
            click.echo(f"  {name}" + ("  <- not accepted" if name in surprising else ""))
    raise click.exceptions.Exit(int(not fine))


def _tell(explored: object) -> None:
    from runtime.orders.exploration import Exploration

    assert isinstance(explored, Exploration)
    click.echo(f"{explored.states:,} worlds, {explored.steps:,} steps: ", nl=False)
    if explored.violation is None:
        click.echo("no law broken")
        return
    click.echo(f"broken: {explored.violation.law}")
    for number, step in enumerate(explored.violation.path, 1):
        click.echo(f"  {number}. {step}")


@command.command("explore", epilog="Example:\n\n  ideacard machine explore")
def explore() -> None:
    """Explore order x venue x messages in flight: reordered, duplicated, racing, restarted."""
    from runtime.orders.exploration import explore as run

    explored = run()
    _tell(explored)
    click.echo("ends reached: " + ", ".join(sorted(explored.ends)))
    raise click.exceptions.Exit(int(explored.violation is not None))


@command.command("graph", epilog="Example:\n\n  ideacard machine graph > life.mmd")
def graph() -> None:
    """Draw the table as a Mermaid state diagram."""
    from runtime.orders.exploration import mermaid

    click.echo(mermaid(), nl=False)


@command.command("paths", epilog="Example:\n\n  ideacard machine paths --longest 3")
@click.option("--longest", default=4, show_default=True, type=click.IntRange(1, 8))
def paths(longest: int) -> None:
    """List the ways from pending to an end, each trigger used once."""
    from runtime.orders.exploration import paths as ways

    for way in ways(longest=longest):
        click.echo(" -> ".join(way))
