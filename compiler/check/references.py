"""What a single name is, and what is said of one that names nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from compiler.catalog.builtins import may_be_never
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.orders import SizeKind
from compiler.catalog.types import EntryKind
from compiler.catalog.typing_rules import Inferred, literal
from compiler.check.infers import Infers
from compiler.findings.collected import rename
from compiler.findings.source import Span
from compiler.findings.suggest import closest
from compiler.findings.words import Place, meant
from compiler.resolve.scope import (
    AccountSymbol,
    BarSymbol,
    FeatureSymbol,
    ParamSymbol,
    Reference,
    VariableSymbol,
    Word,
)


def reference(
    expr: Reference, checker: Infers, variables: Mapping[str, Inferred]
) -> Inferred | None:
    """Return what a reference is; `variables` are those that are right in themselves."""
    symbol = checker.resolved.symbol(expr)
    match symbol:
        case None:
            return None
        case FeatureSymbol():
            return Inferred(symbol.value)
        case AccountSymbol():
            return Inferred(symbol.value, never=may_be_never(symbol.name))
        case BarSymbol():
            return Inferred(symbol.builtin.value)
        case VariableSymbol(variable=variable):
            return variables.get(variable.name)
        case ParamSymbol():
            return literal(symbol.declaration.default)
        case Word() if symbol.text.startswith("="):
            _quoted_tunable(checker, symbol.text, expr.span)
            return None
        case Word() if (type_ := _type_meant(symbol.text, checker.resolved.names)) is not None:
            _undeclared(checker, symbol.text, type_, expr.span)
            return None
        case Word() if symbol.text == SizeKind.FILL:
            checker.findings.add(
                "IC201",
                "`fill` is a whole size, and nothing is calculated with it",
                expr.span,
                help="`size: fill` is all that the order has filled; for a part of them write one of the "
                "position, as `33% of position`, and `rest of position` for the last exit",
            )
            return None
        case Word():
            checker.findings.unknown_word(
                "IC201",
                f"nothing is called `{symbol.text}`",
                expr.span,
                symbol.text,
                checker.resolved.names,
                place=Place.NAME,
            )
            return None
        case _:
            assert_never(symbol)


def _quoted_tunable(checker: Infers, text: str, span: Span) -> None:
    """Report `"=k"` inside an expression: only alone in a value does it need the quotes."""
    fix = rename(span, text, safe=False) if text[1:] in checker.resolved.params else None
    checker.findings.add(
        "IC201",
        f"`{text}` in quotes is a word; a tunable stands without them here",
        span,
        help=f"write `{text}`",
        fix=fix,
    )


def _type_meant(text: str, names: Sequence[str]) -> str | None:
    """Return the type of feature that a name is, or is called elsewhere and nothing else is meant by."""
    if text.lower() in CATALOGUE:
        return text.lower()
    theirs = meant(Place.TYPE, text)
    if (
        theirs is None
        or theirs.word not in CATALOGUE
        or meant(Place.NAME, text)
        or closest(text, names)
    ):
        return None
    return theirs.word


def _undeclared(checker: Infers, text: str, type_: str, span: Span) -> None:
    """Report the type of a feature in the place of a feature's id."""
    entry = CATALOGUE[type_]
    other = "" if text.lower() == type_ else f", here called `{type_}`"
    where = "features" if entry.kind is EntryKind.INDICATOR else "structures: exec"
    checker.findings.add(
        "IC201",
        f"nothing is called `{text}`; it is a type of feature{other}",
        span,
        help=(f"write `{type_}(…)`, or d" if entry.kind is EntryKind.INDICATOR else "d")
        + f"eclare one under `{where}`, like `{' '.join(entry.snippet.split())}`, and use "
        "its id",
    )
