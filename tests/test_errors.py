"""One tree of exceptions: what a user may see has one root, the rest is caught inside."""

from __future__ import annotations

import ast
from pathlib import Path

from compiler.findings.diagnostics import CompileFailed
from compiler.findings.errors import IdeaCardError
from runtime import errors

ROOT = Path(__file__).resolve().parents[1]
# Exceptions that never leave their room: they carry an answer past several callers.
_CAUGHT_INSIDE = {
    "Banned", "KernelRefused", "Mismatch", "NeverLeft", "NoAnswer", "Refused", "TooMany",
}  # fmt: skip


def _direct_children() -> set[str]:
    """Return the public classes of compiler and runtime that have `Exception` itself as base."""
    return {
        node.name
        for package in ("compiler", "runtime")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Exception" for base in node.bases)
        and not node.name.startswith("_")
    }


def test_the_tree_of_errors_has_one_root() -> None:
    assert _direct_children() - _CAUGHT_INSIDE == {"IdeaCardError"}


def test_every_fault_a_user_sees_is_one_of_the_tree() -> None:
    for kind in (CompileFailed, errors.DataError, errors.IllegalTransition, errors.BackendError):
        assert kind.__mro__[1] is IdeaCardError
    for kind in (errors.NotSent, errors.OutcomeUnknown):
        assert kind.__mro__[1] is errors.BackendError
