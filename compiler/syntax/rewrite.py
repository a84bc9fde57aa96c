"""Expressions with some of their parts replaced, spans kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from compiler.syntax import tree as s
from compiler.syntax.walker import children

Change = Callable[[s.Expr], s.Expr | None]


def rewritten(expr: s.Expr, change: Change) -> s.Expr:
    """Return an expression in which each part of which `change` says something is that instead.

    Outer parts are asked first; what `change` returns is not looked into. A part in which nothing changes
    stays the object it was.
    """
    new = change(expr)
    if new is not None:
        return new
    changed = {id(part): rewritten(part, change) for part in children(expr)}
    if all(changed[id(part)] is part for part in children(expr)):
        return expr
    values: dict[str, Any] = {}
    for entry in fields(expr):
        value = getattr(expr, entry.name)
        if isinstance(value, tuple):
            values[entry.name] = tuple(changed.get(id(item), item) for item in value)
        elif id(value) in changed:
            values[entry.name] = changed[id(value)]
    return replace(expr, **values)
