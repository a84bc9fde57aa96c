"""Reading card files for the commands: clear faults, overrides, and one way to show findings."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from compiler.findings.source import Source
from tools.unreadable import SUFFIXES, Unreadable, missing

Overrides = tuple[tuple[str, str], ...]


def gallery_card(name: str) -> Path:
    """Return a card of the gallery by its file name: from here, else the one that came with the program."""
    here = Path("cards/gallery") / name
    if here.exists():
        return here
    from importlib import resources  # COST: it loads archives and temporary files

    return Path(str(resources.files("cards") / "gallery" / name))


def read_source(path: Path) -> Source:
    """Return a card's text; `-` reads standard input. Unreadable when it cannot be read."""
    if str(path) == "-":
        return Source("<stdin>", sys.stdin.read())
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise missing(path) from None
    except IsADirectoryError:
        raise Unreadable(path, "a folder, expected a card", "name one of its files") from None
    except OSError as error:
        raise Unreadable(path, f"cannot be read: {error.strerror}", None) from None
    try:
        return Source(str(path), raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8 text"
        raise Unreadable(path, message, "save the card as UTF-8") from None


def expand(paths: Iterable[Path]) -> list[Path]:
    """Return the card files: files as given, folders searched for *.yaml and *.yml, in order."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
            if not inside:
                raise click.ClickException(f"{path}: no cards (*.yaml) in this folder")
            found.extend(inside)
        else:
            found.append(path)
    return found


def parse_overrides(values: Sequence[str]) -> Overrides:
    """Return (path, text) pairs from `--set path=value` options; ClickException on bad form."""
    pairs = []
    for value in values:
        path, separator, text = value.partition("=")
        if not separator or not path.strip():
            raise click.BadParameter(
                f"`{value}`: expected PATH=VALUE, for example account.starting_equity_usdt=500",
                param_hint="--set",
            )
        pairs.append((path.strip(), text.strip()))
    return tuple(pairs)


set_option = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="PATH=VALUE",
    help="Replace a value of the card, e.g. account.starting_equity_usdt=500 or params.fast=8.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def use_colour() -> bool:
    """Return whether text output may be coloured: a terminal, and NO_COLOR not set."""
    import os

    return sys.stdout.isatty() and "NO_COLOR" not in os.environ
