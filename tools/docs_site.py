"""The source of the site: the pages of `docs/` and those that the product's own tables say.

    python -m tools.docs_site FOLDER     write FOLDER/pages and FOLDER/mkdocs.yml; `make docs` builds the site of them

The law: nothing that a table knows is written by hand; a new word, rule, indicator, metric or gallery card is on the
site without anybody thinking of it.
"""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from runtime.market.whole_files import write_whole

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs"


# The contents: a title, then a page or a list of the same kind. Pages of words go under "Language".
CONTENTS: list[dict[str, Any]] = [
    {"Start": "index.md"},
    {"First steps": "first-steps.md"},
    {"Language": ["language.md", "indicators.md"]},
    {"Rules": "rules.md"},
    {"Cards": ["gallery.md", "cookbook.md"]},
    {"Results": ["report-page.md", "trust.md", "robust.md", "sweep.md", "metrics.md"]},
    {"Live": "live.md"},
    {"Around it": ["editors-and-ci.md", "dependencies.md"]},
]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Write the source of the site into FOLDER; its `pages` are emptied first."""
    made = write_source(folder)
    click.echo(f"{made} pages in {folder / 'pages'}")


def write_source(folder: Path) -> int:
    """Write pages and settings of the site into a folder; return how many pages they are."""
    pages = all_pages()
    shutil.rmtree(folder / "pages", ignore_errors=True)
    for name, text in pages.items():
        target = folder / "pages" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
    settings = {"INHERIT": str((PAGES / "mkdocs.yml").resolve()), "nav": _contents(pages)}
    # JSON is YAML
    text = json.dumps(settings, indent=2, ensure_ascii=False)
    write_whole(folder / "mkdocs.yml", text + "\n")
    return len(pages)


def all_pages() -> dict[str, str]:
    """Return the Markdown of every page by its path inside the site."""
    by_hand = {path.name: path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md"))}
    del by_hand["reference.md"]  # the same words, in one page a chapter
    return by_hand | dict(made_pages())


def _contents(pages: Iterable[str]) -> list[dict[str, Any]]:
    words: list[Any] = [{"All words": "reference/index.md"}]
    words += [page for page in pages if page.startswith("reference/") and "index" not in page]
    return [
        {"Language": [*entry["Language"], {"Reference": words}]} if "Language" in entry else entry
        for entry in CONTENTS
    ]


def made_pages() -> Iterator[tuple[str, str]]:
    """Yield (path inside the site, Markdown) of every page that comes from a table."""
    yield "language.md", (resources.files("tools") / "language_guide.md").read_text("utf-8")
    yield from _reference()
    yield "indicators.md", _indicators()
    yield "rules.md", _rules()
    yield "gallery.md", _gallery()
    yield "cookbook.md", _cookbook()
    yield "metrics.md", _metrics()


def _reference() -> Iterator[tuple[str, str]]:
    from tools.language_words import words
    from tools.reference_text import markdown_word

    index = [
        "# Every word of the language",
        "",
        "In the terminal: `ideacard reference WORD`. Indicators and structures with their outputs and formulas: "
        "[Indicators](../indicators.md).",
    ]
    for chapter, group in groupby(words(), key=lambda word: word.chapter):
        title, page = str(chapter).capitalize(), f"{str(chapter).replace(' ', '-')}.md"
        listed = list(group)
        index += ["", f"## [{title}]({page})", "", ", ".join(f"`{w.name}`" for w in listed)]
        body = "\n".join(line for word in listed for line in markdown_word(word, level=2))
        yield f"reference/{page}", f"# {title}\n{body}\n"
    yield "reference/index.md", "\n".join(index) + "\n"


def _indicators() -> str:
    from compiler.catalog.reference import markdown

    return markdown()


def _rules() -> str:
    from compiler.findings.codes import CODES, FixKind
    from compiler.findings.rule_pages import page

    fixes = {
        FixKind.NONE: "–",
        FixKind.SAFE: "`--fix`",
        FixKind.UNSAFE: "`--unsafe-fixes`",
    }
    lines = [
        "# Rules",
        "",
        "What `ideacard lint` finds. In the terminal: `ideacard rule CODE`. A warning is silenced at one place with "
        "`# ic: ignore[name] reason`.",
        "",
        "| rule | name | severity | fix | finds |",
        "|---|---|---|---|---|",
    ]
    for entry in CODES:
        link = f"[{entry.code}](#{entry.code.lower()}-{entry.name})"
        found = _cell(entry.summary)
        lines.append(
            f"| {link} | `{entry.name}` | {entry.severity} | {fixes[entry.fix]} | {found} |"
        )
    for entry in CODES:
        told = page(entry)
        lines += [
            *("", f"## {entry.code} {entry.name}", "", told.why, ""),
            *("Wrong:", "", "```yaml", told.wrong.rstrip(), "```", ""),
            *("Right:", "", "```yaml", told.right.rstrip(), "```", "", f"Fix: {told.fix}"),
        ]
    return "\n".join(lines) + "\n"


def _gallery() -> str:
    lines = [
        "# Cards worth reading",
        "",
        "Each as it is written, and as `ideacard explain` reads it back.",
    ]
    for path in sorted((ROOT / "cards" / "gallery").glob("*.yaml")):
        lines += _shown(path, path.stem)
    return "\n".join(lines) + "\n"


def _cookbook() -> str:
    from tools.cookbook import recipes, table

    lines = [re.sub(r"\(\d+_(\w+)\.card\.yaml\)", r"(#\1)", table()).rstrip()]
    for one in recipes():
        lines += _shown(one.path, one.name.partition("_")[2])
    return "\n".join(lines) + "\n"


def _shown(path: Path, title: str) -> list[str]:
    """Return a card as it is written and as it is read back, under its title."""
    from compiler.graph.read_back import read_back
    from compiler.pipeline import check
    from tools.cards import read_source

    source = read_source(path)
    graph = check(source, lints=False).graph
    assert graph is not None, path
    return [
        *("", f"## {title}", "", "```yaml", source.text.rstrip(), "```", ""),
        *("Read back:", "", "```text", read_back(graph).rstrip(), "```"),
    ]


def _metrics() -> str:
    from runtime.reports.limit_metrics import LIMIT_METRICS
    from runtime.reports.metrics import THEMES

    lines = [
        "# Figures",
        "",
        "Every run reports each of them. One that cannot be told is left empty (null), never 0.",
    ]
    for theme, rows in (*THEMES, ("Orders and fills", LIMIT_METRICS)):
        lines += ["", f"## {theme}", "", "| figure | unit | what it is | formula | empty when |"]
        lines.append("|---|---|---|---|---|")
        for one in rows:
            cells = (f"**{one.title}** `{one.name}`", one.unit, one.definition, f"`{one.formula}`")
            row = " | ".join(_cell(cell) for cell in (*cells, one.undefined.capitalize()))
            lines.append(f"| {row} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return text for a cell of a table: a stroke would end the cell, in code even an escaped one shows."""

    def code(found: re.Match[str]) -> str:
        return f"<code>{html.escape(found[1]).replace('|', '&#124;')}</code>"

    return re.sub(r"`([^`]*\|[^`]*)`", code, text).replace("|", "&#124;")


if __name__ == "__main__":
    main()
