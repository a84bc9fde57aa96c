"""The site of the documentation: every card on it compiles, every command exists, no link is broken."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.findings.codes import CODES
from compiler.findings.source import Source
from compiler.pipeline import check
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.metrics import METRICS
from tools.cli import ideacard
from tools.docs_site import all_pages, write_source
from tools.language_words import words

PAGES = all_pages()
BY_HAND = {
    name: PAGES[name]
    for name in (
        "index.md",
        "first-steps.md",
        "report-page.md",
        "trust.md",
        "robust.md",
        "sweep.md",
        "live.md",
    )
} | {
    "language.md": PAGES["language.md"],
    "editors-and-ci.md": PAGES["editors-and-ci.md"],
}
_CARD = re.compile(r"^```yaml\n(name: .*?)^```", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^```(?:sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)


# Rules and single words are pieces of cards: tests/compiler/lints and tests/tools/test_reference hold those.
WITH_CARDS = [
    name
    for name, text in PAGES.items()
    if _CARD.search(text) and name != "rules.md" and not name.startswith("reference/")
]


@pytest.mark.parametrize("name", WITH_CARDS)
def test_every_whole_card_on_a_page_compiles(name: str) -> None:
    for text in _CARD.findall(PAGES[name]):
        errors = [d for d in check(Source(name, text)).diagnostics if d.is_error]
        assert errors == [], text


def commands(text: str) -> list[list[str]]:
    """Return the words of every `ideacard` line in the shell blocks of a page."""
    lines = [line for block in _SHELL.findall(text) for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("ideacard ")]


@pytest.mark.parametrize("name", BY_HAND)
def test_every_command_on_a_page_exists_with_its_options(name: str) -> None:
    for given in commands(BY_HAND[name]):
        command: click.Command = ideacard
        context = click.Context(ideacard)
        rest = given
        while isinstance(command, click.Group) and rest:
            found = command.get_command(context, rest[0])
            if found is None:  # a group that takes a card first, as `live CARD` does
                break
            command, rest = found, rest[1:]
        options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts}
        asked = {word.split("=")[0] for word in rest if word.startswith("--")}
        assert isinstance(command, click.Group) or asked <= options, " ".join(given)


def test_pages_by_hand_show_commands_at_all() -> None:
    assert len(commands(BY_HAND["first-steps.md"])) >= 10
    assert {"index.md", "language.md"} <= set(WITH_CARDS)


def test_the_tables_are_on_the_site_whole() -> None:
    reference = "\n".join(text for name, text in PAGES.items() if name.startswith("reference/"))
    assert [w.name for w in words() if f"\n## `{w.name}`\n" not in reference] == []
    assert [t for t in CATALOGUE if f"\n### {t}\n" not in PAGES["indicators.md"]] == []
    assert [c.code for c in CODES if f"\n## {c.code} {c.name}\n" not in PAGES["rules.md"]] == []
    both = (*METRICS, *LIMIT_METRICS)
    assert [m.name for m in both if f"`{m.name}`" not in PAGES["metrics.md"]] == []


def test_the_site_builds_and_no_link_is_broken(tmp_path: Path) -> None:
    write_source(tmp_path)
    build = [sys.executable, "-m", "mkdocs", "build", "--config-file"]
    settings = tmp_path / "mkdocs.yml"
    done = subprocess.run([*build, str(settings)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "site" / "reference" / "actions.html").exists()
    (tmp_path / "pages" / "trust.md").write_text("[nowhere](nowhere.md)\n", encoding="utf-8")
    broken = subprocess.run([*build, str(settings)], capture_output=True, text=True, check=False)
    assert broken.returncode != 0
    assert "nowhere.md" in broken.stdout + broken.stderr


def test_the_site_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    write_source(tmp_path)
    build = [sys.executable, "-m", "mkdocs", "build", "--config-file"]
    subprocess.run([*build, str(tmp_path / "mkdocs.yml")], check=True, capture_output=True)
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    fetched = re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"?(https?:[^\" >]+)", page)
    assert fetched == []
