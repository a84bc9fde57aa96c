"""IC405 redundant-conjunct: a part of an `and` that the other parts already imply."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label
from compiler.findings.source import Span
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, conjuncts
from compiler.lints.reasoning.branches import Claim, Truth
from compiler.lints.this_bar import of_this_bar
from compiler.syntax.tree import All


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield parts, as they are written, of which everything follows from the rest."""
    for view in context.cases:
        if view.when is None or not context.reasoner.can_be_true(view.when):
            continue
        parts = _written_parts(context, view, view.when)
        for span, nodes in parts.items():
            rest = [node for other, more in parts.items() if other != span for node in more]
            if rest and _is_implied(context, nodes, rest):
                yield _report(context, view, span, nodes, rest)
                break  # removing one may make the others needed


def _written_parts(context: LintContext, view: CaseView, when: int) -> dict[Span, list[int]]:
    """Return the operands of an `and` by their place: a `between`, a cross or a variable is several nodes."""
    parts: dict[Span, list[int]] = {}
    for node in conjuncts(context.graph, when):
        place, used = context.standing(view, node)
        parts.setdefault(used or place, []).append(node)
    return parts


def _is_implied(context: LintContext, nodes: list[int], rest: list[int]) -> bool:
    """Return whether the rest says all that a part says, and the part could be false at all."""
    reasoner = context.reasoner
    if any(context.node(n).op in (Op.CONST, Op.KNOWN) for n in nodes):
        return False
    if not any(reasoner.can_be_false(n) for n in nodes):
        return False  # said by always-true-when-known
    claims = [Claim(other, Truth.TRUE) for other in rest]
    # What nothing speaks of elsewhere cannot follow from it. That a position is open follows from a
    # known result, and saying so all the same is good style.
    return all(reasoner.related(n, rest) for n in nodes) and not any(
        reasoner.possible_by_bounds([*claims, Claim(n, Truth.NOT_TRUE)]) for n in nodes
    )


def _report(
    context: LintContext, view: CaseView, span: Span, nodes: list[int], rest: list[int]
) -> Diagnostic:
    because = [p for p in rest if all(_implies(context, p, n) for n in nodes)]
    labels = [Label(context.place(view, because[0]), "this already says so")] if because else []
    return finding(
        "IC405",
        "the rest of this condition already implies this part",
        span,
        labels=labels,
        help=of_this_bar(context, nodes) or "remove it",
        fix=_removal(context, view.case.when if view.case else None, span),
    )


def _implies(context: LintContext, one: int, two: int) -> bool:
    claims = [Claim(one, Truth.TRUE), Claim(two, Truth.NOT_TRUE)]
    return not context.reasoner.possible_by_bounds(claims)


def _removal(context: LintContext, when: object, span: Span) -> Fix | None:
    """Return the fix that cuts one operand of an `and` written in one string."""
    if not isinstance(when, All):
        return None
    spans = [item.span for item in when.items]
    if span not in spans:
        return None
    at = spans.index(span)
    if at:
        cut = Span(spans[at - 1].end, span.end)
    else:
        cut = Span(span.start, spans[1].start)
    between = context.source.slice(cut).replace(context.source.slice(span), "", 1).strip()
    if between.lower() != "and":
        return None  # brackets, lists or comments in between: a person should do it
    # The card does the same without it, but it may be the remains of what was meant: no safe fix.
    return Fix("remove the redundant part", (Edit(cut, ""),), safe=False)
