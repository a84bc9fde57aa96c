"""Make a script that shows something as small as it can be while it still shows it.

Law: every step only leaves something out or sets it back to its default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace

from tests.reference.script import Command, Place, Script, Settings

Predicate = Callable[[Script], bool]


def shrink(script: Script, shows: Predicate) -> Script:
    """The smallest script reached by greedy steps for which `shows` still holds."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(script):
            if shows(candidate):
                script, smaller = candidate, True
                break
    return script


def _smaller(script: Script) -> Iterator[Script]:
    yield from _fewer_bars(script)
    yield from _fewer_commands(script)
    if script.funding:
        yield replace(script, funding=())
        for i in range(len(script.funding)):
            yield replace(script, funding=script.funding[:i] + script.funding[i + 1 :])
    for name, value in _defaults(script.settings, Settings()):
        settings = replace(script.settings, **{name: value})  # type: ignore[arg-type]
        yield replace(script, settings=settings)
    if any(bar.mark for bar in script.bars):
        yield replace(script, bars=tuple(replace(bar, mark=None) for bar in script.bars))
    for i in range(len(script.hole_marks)):
        yield replace(script, hole_marks=script.hole_marks[:i] + script.hole_marks[i + 1 :])
    yield from _plainer_commands(script)


def _fewer_bars(script: Script) -> Iterator[Script]:
    """Cut the tail, then single bars together with what was commanded at their close."""
    n = len(script.bars)
    for keep in (n // 2, n - 1):
        if 0 < keep < n:
            yield replace(script, bars=script.bars[:keep], commands=script.commands[:keep])
    for i in range(n):
        if n > 1:
            yield replace(
                script,
                bars=script.bars[:i] + script.bars[i + 1 :],
                commands=script.commands[:i] + script.commands[i + 1 :],
            )


def _fewer_commands(script: Script) -> Iterator[Script]:
    for t, commands in enumerate(script.commands):
        for i in range(len(commands)):
            yield _with(script, t, commands[:i] + commands[i + 1 :])


def _plainer_commands(script: Script) -> Iterator[Script]:
    for t, commands in enumerate(script.commands):
        for i, command in enumerate(commands):
            if not isinstance(command, Place):
                continue
            plain = Place(ref=command.ref, side=command.side)
            for name, value in _defaults(command, plain):
                if name in ("type", "effect", "lots", "limit", "trigger", "side"):
                    continue  # these belong together
                plainer = replace(command, **{name: value})  # type: ignore[arg-type]
                yield _with(script, t, (*commands[:i], plainer, *commands[i + 1 :]))


def _with(script: Script, t: int, commands: tuple[Command, ...]) -> Script:
    return replace(script, commands=(*script.commands[:t], commands, *script.commands[t + 1 :]))


def _defaults(value: Settings | Place, default: Settings | Place) -> Iterator[tuple[str, object]]:
    """Fields that are not at their default, with the default."""
    for field in fields(value):
        standard = getattr(default, field.name)
        if getattr(value, field.name) != standard:
            yield field.name, standard
