"""Write the golden files, or with --check say which of them no longer hold.

python -m tools.regenerate            write them; review the difference
python -m tools.regenerate --check    exit 1 if any file differs, is missing or is left over
"""

from __future__ import annotations

import difflib

import click

from runtime.market.whole_files import write_whole
from tools.goldens import GOLDEN, golden_texts

_SHOWN = 40


@click.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 on any difference."
)
def main(only_check: bool) -> None:
    """Write or check the golden files under tests/golden."""
    expected = dict(golden_texts())
    stale = [p for p in sorted(GOLDEN.rglob("*.txt")) if p not in expected]
    differing = [
        path
        for path, text in expected.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if only_check:
        for path in differing:
            _show(
                path.name, path.read_text(encoding="utf-8") if path.exists() else "", expected[path]
            )
        for path in stale:
            click.echo(f"{path}: belongs to no card")
        click.echo(f"{len(expected)} goldens, {len(differing)} differ, {len(stale)} left over")
        raise click.exceptions.Exit(int(bool(differing or stale)))
    for path in differing:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, expected[path])
    for path in stale:
        path.unlink()
    click.echo(f"{len(expected)} goldens, {len(differing)} written, {len(stale)} removed")


def _show(name: str, before: str, after: str) -> None:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, "now", lineterm="")
    for line in list(lines)[:_SHOWN]:
        click.echo(line)


if __name__ == "__main__":
    main()
