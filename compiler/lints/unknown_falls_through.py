"""IC406 unknown-falls-through: a case that fires only because earlier ones were unknown, or a guard that lets unknown by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.catalog.operations import BINARY_NUMBERS, COMPARISONS, JUNCTIONS, UNARY_NUMBERS
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext
from compiler.lints.missing_never_handled import is_often_unknown, name_of
from compiler.lints.reasoning.branches import Claim, Known, Truth
from compiler.lints.reasoning.facts import key_of

# Longer chains have more branches than a lint should look at.
_MOST_CASES = 8


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases that are never true where all earlier ones of their block are known."""
    ask = context.reasoner.possible
    earlier: list[CaseView] = []
    for view in context.cases:
        if view.index == 0:
            earlier = []
        if view.when is None:  # the `else`: unknown gets there, too
            yield from _let_by(context, view, earlier[:_MOST_CASES])
            continue
        asks = _asks_for_missing(context, view.when)
        if 0 < len(earlier) <= _MOST_CASES and not asks and context.reasoner.can_be_true(view.when):
            here = Claim(view.when, Truth.TRUE)
            passed = [Claim(v.when, Truth.NOT_TRUE) for v in earlier if v.when is not None]
            decided = [Claim(v.when, Truth.FALSE) for v in earlier if v.when is not None]
            if not ask([here, *decided]) and ask([here, *passed]):
                yield _report(view, earlier)
            else:
                yield from _let_by(context, view, earlier)
        earlier.append(view)


def _asks_for_missing(context: LintContext, node: int) -> bool:
    """Return whether a condition says itself that it is about missing values."""
    current = context.node(node)
    return current.op is Op.KNOWN or any(_asks_for_missing(context, a) for a in current.args)


def _report(view: CaseView, earlier: list[CaseView]) -> Diagnostic:
    return finding(
        "IC406",
        "this case fires only on bars where the cases before it cannot be decided",
        view.span,
        labels=[Label(v.span, "unknown there, for example during warm-up") for v in earlier[-1:]],
        help="say so with `is missing`, or require the value with `is not missing`",
    )


def _let_by(
    context: LintContext, view: CaseView, earlier: Sequence[CaseView]
) -> Iterator[Diagnostic]:
    """Yield the guard in front of an entry, a negation, that does not stop it where what it negates is unknown.

    Of values alone that are missing again and again: what warms up passes.
    """
    ask = context.reasoner.possible
    opens = any(action.may_open for action in view.actions)
    here = [] if view.when is None else [Claim(view.when, Truth.TRUE)]
    passed = [Claim(v.when, Truth.NOT_TRUE) for v in earlier if v.when is not None]
    for guard in earlier:
        if not opens or guard.when is None or any(a.may_open for a in guard.actions):
            continue
        for negation, suffices in _negations(context, guard.when):
            if not suffices and ask(
                [*here, Claim(negation, Truth.TRUE), Claim(guard.when, Truth.NOT_TRUE)]
            ):
                continue  # it does not stand in front of this case
            for leaf in _features(context, negation):
                if not is_often_unknown(context, context.node(leaf)):
                    continue
                missing = Known(key_of(context.graph.nodes, leaf), False, -1)
                if ask([*here, Claim(negation, Truth.UNKNOWN), *passed], (missing,)):
                    yield _lets_by(view, guard, name_of(context, context.node(leaf)))
                    return


def _negations(context: LintContext, node: int) -> Iterator[tuple[int, bool]]:
    """Yield the negations that a condition is, or is joined of, and whether one being true makes it true."""
    current = context.node(node)
    if current.op is Op.NOT:
        yield node, True
    elif current.op in (Op.AND, Op.OR):
        for argument in current.args:
            for negation, suffices in _negations(context, argument):
                yield negation, suffices and current.op is Op.OR


def _features(context: LintContext, node: int) -> Iterator[int]:
    """Yield the features without which a condition is unknown: not those that another value stands in for."""
    current = context.node(node)
    if current.op is Op.FEATURE:
        yield node
    elif current.op in JUNCTIONS | COMPARISONS | UNARY_NUMBERS | BINARY_NUMBERS:
        for argument in current.args:
            yield from _features(context, argument)


def _lets_by(view: CaseView, guard: CaseView, name: str) -> Diagnostic:
    return finding(
        "IC406",
        f"while `{name}` is missing this guard does not hold, and the entry behind it is placed",
        guard.span,
        labels=[Label(view.span, "reached then")],
        help=f"`not` of what is unknown is unknown: write `{name} is missing or not …`, "
        "or ask for the condition in the case of the entry",
    )
