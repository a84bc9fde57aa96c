"""No text that people read calls a set of words by the name it has in the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("compiler", "runtime", "tools")
_QUOTED = re.compile(r"`([A-Za-z_]+)`")
_MEANT = frozenset({"BTCUSDT"})  # the market, though a constant is called so, too


def sources() -> list[tuple[Path, ast.Module]]:
    every = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    files = [
        path for path in every if not path.stem.endswith("_faults")
    ]  # they patch the code itself
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def names_of(tree: ast.Module) -> Iterator[str]:
    """Yield the classes and constants of a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (t.id for t in targets if isinstance(t, ast.Name) and t.id.isupper())


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of a module that are no docstrings."""
    docs = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr):
                docs.add(id(first.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_no_message_and_no_reference_names_what_the_code_calls_its_words() -> None:
    modules = sources()
    names = {name for _, tree in modules for name in names_of(tree)} - _MEANT
    assert {"LadderKey", "TRAIL_KEYS", "OPTION_WORDS"} <= names
    told = [(path, text) for path, tree in modules for text in texts_of(tree)]
    told += [
        (path, path.read_text(encoding="utf-8"))
        for path in (
            ROOT / "docs/reference.md",
            *(ROOT / "compiler/findings/rules_text").glob("*.md"),
        )
    ]
    found = [
        f"{path.relative_to(ROOT)}: `{word}`"
        for path, text in told
        for word in _QUOTED.findall(text)
        if word in names
    ]
    assert found == []
