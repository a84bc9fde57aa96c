"""A card file that cannot be read, as a finding: what was looked for, what stands there instead, what to do.

The law: it is told like any other finding of a card, in every form and with the same exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from compiler.findings.diagnostics import Diagnostic
    from compiler.findings.source import Source

SUFFIXES = (".yaml", ".yml")
_SHOWN = 3


class Unreadable(click.ClickException):
    """The finding of a card file that cannot be read; shown alone it is the text that `lint` writes."""

    def __init__(self, path: Path, message: str, help: str | None) -> None:
        super().__init__(f"{path}: {message}" + (f"; {help}" if help else ""))
        self._path, self._message, self._help = path, message, help

    def result(self) -> tuple[Source, Sequence[Diagnostic]]:
        """Return what `lint` has of a card: its text, of which there is none, and what is wrong."""
        from compiler.findings.codes import finding
        from compiler.findings.source import NOWHERE, Source

        found = finding("IC100", self._message, NOWHERE, help=self._help)
        return Source(str(self._path), ""), [found]

    def show(self, file: IO[Any] | None = None) -> None:
        from compiler.findings.render import render

        click.echo(render("text", [self.result()]), file=file, err=file is None)


def missing(path: Path) -> Unreadable:
    """Return what is said of a file that is not there: the nearest of those that are."""
    folder = path.parent
    if not folder.is_dir():
        return Unreadable(path, f"no such file: there is no folder `{folder}`", _folder_help(path))
    return Unreadable(path, "no such file, expected a card", _help(path, folder))


def _help(path: Path, folder: Path) -> str:
    names = _cards_of(folder)
    near = _nearest(path, names)
    if near is not None:
        return f"did you mean `{folder / near}`?"
    if not names:
        return f"no card stands in `{folder}`; `ideacard new {_stem(path.name)}` writes one"
    from compiler.findings.suggest import related

    shown = ", ".join(f"`{name}`" for name in related(path.name, names)[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"`{folder}` has {shown}{more}"


def _nearest(path: Path, names: Sequence[str]) -> str | None:
    """Return the file that a name means: the same without its endings, else the one that is near."""
    from compiler.findings.suggest import closest

    by_stem = {_stem(name): name for name in reversed(names)}
    same = by_stem.get(_stem(path.name))
    near = closest(_stem(path.name), list(by_stem))
    return same or (by_stem[near] if near else None)


def _folder_help(path: Path) -> str | None:
    """Return the folder that is meant, where one beside the last that exists is near."""
    from compiler.findings.suggest import closest

    wrong = path.parent
    while not wrong.parent.is_dir():
        wrong = wrong.parent
    near = closest(wrong.name, [p.name for p in sorted(wrong.parent.iterdir()) if p.is_dir()])
    if near is None:
        return f"the last folder of it that exists is `{wrong.parent}`"
    return f"did you mean `{wrong.parent / near / path.relative_to(wrong)}`?"


def _cards_of(folder: Path) -> list[str]:
    try:
        return sorted(p.name for p in folder.iterdir() if _is_card(p))
    except OSError:  # a folder that may be entered and not listed
        return []


def _is_card(path: Path) -> bool:
    return path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _stem(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name.removesuffix(".card")
