"""Whose option it is that a message names and the command at hand does not have.

The law: reading a file is one thing for all commands, so its messages name the options of `data import`;
whoever has called another command is told where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import click

_FIRST = ("data import", "backtest", "live")  # of several commands with an option, the likeliest
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_WHOLE_COMMAND = re.compile(r"ideacard [^;:`\n]*")


def whose_options(message: str, root: click.Group, args: Sequence[str]) -> str:
    """Return a sentence about the options in a message that the command called does not have; empty if it has all."""
    called, command = _called(root, args)
    known = options_of(command)
    named = dict.fromkeys(OPTION.findall(_WHOLE_COMMAND.sub("", message)))
    owners: dict[str, list[str]] = {}
    for option in (name for name in named if name not in known):
        owner = _owner(root, option)
        if owner is not None:
            owners.setdefault(owner, []).append(option)
    return "\n".join(_sentence(called, owner, names) for owner, names in owners.items())


def _sentence(called: str, owner: str, names: list[str]) -> str:
    what = f"{names[0]} is no option" if len(names) == 1 else f"{', '.join(names)} are no options"
    way = ", which puts the bars into a store to run on" if owner == "data import" else ""
    return f"{what} of `ideacard {called}` but of `ideacard {owner}`{way}"


def _called(root: click.Group, args: Sequence[str]) -> tuple[str, click.Command]:
    """Return the command that arguments begin with, and its name."""
    names: list[str] = []
    command: click.Command = root
    for word in args:
        if not isinstance(command, click.Group):
            break
        found = None if word.startswith("-") else command.get_command(click.Context(command), word)
        if found is not None:
            names.append(word)
            command = found
    return " ".join(names), command


def _owner(root: click.Group, option: str) -> str | None:
    have = [name for name, command in commands(root) if option in options_of(command)]
    return next((name for name in (*_FIRST, *have) if name in have), None)


def commands(root: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name. COST: imports them all; asked where something went wrong."""
    context = click.Context(root)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        yield f"{before}{name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


def options_of(command: click.Command) -> set[str]:
    """Return the options of a command as they are written."""
    return {
        name
        for one in command.params
        if isinstance(one, click.Option)
        for name in (*one.opts, *one.secondary_opts)
    }
