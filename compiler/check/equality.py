"""`==`, `!=` and `in`: truth values, whole numbers and words, never measured numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from compiler.catalog.types import OutputFacts, Type
from compiler.catalog.typing_rules import Inferred, token_index
from compiler.catalog.units import Mismatch, same
from compiler.check.words import Typed, report_mismatch
from compiler.findings.collected import Findings, advice
from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import Source
from compiler.findings.suggest import closest, misspelt
from compiler.findings.words import Place
from compiler.resolve.scope import (
    BarSymbol,
    FeatureSymbol,
    Instance,
    Named,
    Resolved,
    VariableSymbol,
)
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression


def check_equal(
    left: Typed, right: Typed, whole: s.Expr, findings: Findings, resolved: Resolved
) -> None:
    """Report two values of which one can never be the other."""
    known, other = left[1], right[1]
    if known.is_numeric and other.is_numeric:
        _numbers(left, right, whole, findings, resolved)
    elif _is_truth_pair(known, other) or _is_truth_pair(other, known):
        return
    elif known.value.enum != other.value.enum or known.type is not other.type:
        report_mismatch("cannot be equal", left, right, whole, findings)


def _numbers(
    left: Typed, right: Typed, whole: s.Expr, findings: Findings, resolved: Resolved
) -> None:
    try:
        same(left[1].unit, right[1].unit)
    except Mismatch:
        report_mismatch("cannot be compared", left, right, whole, findings)
        return
    one, other = _itself(left[0], resolved), _itself(right[0], resolved)
    if _is_one_of(one, other, resolved) or _is_one_of(other, one, resolved):
        return  # the extreme of a window is one of the values themselves
    if Type.NUMBER in (left[1].type, right[1].type):
        findings.add(
            "IC305",
            "two measured numbers are almost never exactly equal",
            whole.span,
            help="use `near`, `between` or an inequality",
        )


def _itself(expr: s.Expr, resolved: Resolved) -> s.Expr:
    """Return what an expression is on some bar: without `[n]`, and for a variable what it says."""
    while True:
        if isinstance(expr, s.Offset):
            expr = expr.operand
            continue
        symbol = resolved.symbol(expr) if isinstance(expr, s.Name | s.VarRef) else None
        if not isinstance(symbol, VariableSymbol):
            return expr
        expr = symbol.variable.value


def _is_one_of(one: s.Expr, other: s.Expr, resolved: Resolved) -> bool:
    """Return whether one side is by its making, on some bar, the very number that the other is."""
    if _is_extreme_of(one, other):
        return True
    mine = resolved.symbol(one) if isinstance(one, Named) else None
    theirs = resolved.symbol(other) if isinstance(other, Named) else None
    if not isinstance(mine, FeatureSymbol):
        return False
    instance = resolved.by_id[mine.instance]
    facts = _facts(instance, mine.output)
    reached = facts.reaches[1] if facts.reaches else None
    match theirs:
        case FeatureSymbol(instance=mine.instance, output=output):
            if output == mine.output:
                return bool(reached or facts.one_of)  # what was an extreme before may still be it
            is_bound = output in facts.below or mine.output in _facts(instance, output).below
            return output in facts.one_of or (reached is not None and is_bound)
        case BarSymbol():
            return theirs.builtin.name == (instance.source if reached == "source" else reached)
        case _:
            return False


def _facts(instance: Instance, output: str) -> OutputFacts:
    return instance.entry.output(output, dict(instance.params)).facts


def _is_extreme_of(one: s.Expr, other: s.Expr) -> bool:
    """Return whether one side is `highest(x, n)` or `lowest(x, n)` of the other, as both are written."""
    if not (isinstance(one, s.Call) and one.function in ("highest", "lowest") and one.args):
        return False
    return print_expression(one.args[0]) == print_expression(other)


def is_token(
    word: str, expr: s.Expr, known: Inferred, names: Iterable[str], findings: Findings
) -> bool:
    """Return whether a bare word is a token of the other side; if not, report it."""
    names = tuple(names)
    if not known.value.enum:
        findings.unknown_word(
            "IC201", f"nothing is called `{word}`", expr.span, word, names, place=Place.NAME
        )
        return False
    if token_index(word, known.value) is not None:
        return True
    # What it can take comes first; one reading among all words is a misspelling all the same.
    words = (*known.value.enum, *(n for n in names if n not in known.value.enum))
    near = closest(word, known.value.enum) or misspelt(word, words)
    help, fix = advice(word, words if near else known.value.enum, expr.span, Place.VALUE)
    findings.add(
        "IC304",
        f"`{word}` is neither a name of the card nor a value this can take",
        expr.span,
        help=help,
        fix=fix,
    )
    return False


_WINDOW = re.compile(r"\s*(for|within|at)\b")


def note_bool_compare(expr: s.Compare, source: Source | None, findings: Findings) -> None:
    """Note `x == true` of the string form, where the shorter form reads better."""
    if source is None or not isinstance(expr.right, s.Bool):
        return
    between = source.text[expr.left.span.end : expr.right.span.start].strip()
    if between != expr.op.value:
        return
    text = source.slice(expr.left.span)
    same_truth = expr.right.value is (expr.op is s.CompareOp.EQ)
    shorter = text if same_truth else f"not {text}"
    if not same_truth and _WINDOW.match(source.text, expr.span.end):
        shorter = f"({shorter})"  # `not x for 3 bars` is `not (x for 3 bars)`
    findings.add(
        "IC303",
        f"`{text}` is a truth value already",
        expr.span,
        fix=Fix(f"write `{shorter}`", (Edit(expr.span, shorter),)),
    )


def _is_truth_pair(known: Inferred, other: Inferred) -> bool:
    if known.type is not Type.BOOL:
        return False
    return other.type is Type.BOOL or other.constant in (0, 1)
