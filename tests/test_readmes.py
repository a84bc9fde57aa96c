"""READMEs are maps: every file or folder one names is there, and those of the packages name every room."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tools.goldens import ROOT

PAGES = sorted(
    path
    for folder in ("", "cards", "compiler", "runtime", "schemas", "tests", "tools")
    for path in ((ROOT / folder).glob("*.md") if not folder else (ROOT / folder).rglob("*.md"))
    if path.name in ("README.md", "CONTRIBUTING.md")
)
_NAMED = re.compile(r"`((?:[\w.*]+/)*[\w*]+(?:\.(?:py|md|json|lark|yaml|js|css|html)|/))`")
_WRITTEN_BY_A_RUN = {"result.json", "report.html"}
_FOLDERS = ("cards", "compiler", "docs", "runtime", "schemas", "tests", "tools")
# Every file and every folder (with a stroke behind it), seen from the root.
PLACES = sorted(
    path.relative_to(ROOT).as_posix() + ("/" if path.is_dir() else "")
    for folder in _FOLDERS
    for path in ((ROOT / folder), *(ROOT / folder).rglob("*"))
    if "__pycache__" not in path.parts
) + [path.name for path in ROOT.glob("*.*")]


def exists(page: Path, name: str) -> bool:
    """Return whether a name means something from the page's folder, from the root, or in a room of its package."""
    here = page.parent.relative_to(ROOT).as_posix()
    package = "*" if page.parent == ROOT else here.split("/")[0] + "/*"
    found = (name, f"{here}/{name}", f"{package}/{name}", f"{package}{name}")
    return any(fnmatchcase(place, pattern) for pattern in found for place in PLACES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_readme_names_is_there(page: Path) -> None:
    names = set(_NAMED.findall(page.read_text(encoding="utf-8"))) - _WRITTEN_BY_A_RUN
    real = {name for name in names if not re.search(r"[A-Z]{4}(?!ME)", name)}  # NAME stands for any
    assert sorted(name for name in real if not exists(page, name)) == []


@pytest.mark.parametrize("package", ["compiler", "runtime"])
def test_the_readme_of_a_package_draws_its_rooms(package: str) -> None:
    text = (ROOT / package / "README.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    assert sorted(room for room in rooms if f"`{room}/`" not in text) == []
