"""IC405 redundant-conjunct: a part of an `and` that the other parts already imply."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label
from compiler.findings.source import Span
from compiler.graph.rule_graph import Op
from compiler.lints.context import LintContext, conjuncts
from compiler.lints.reasoning.branches import Claim, Truth
from compiler.syntax.tree import All


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield comparisons that follow from the rest of their condition."""
    for view in context.cases:
        if view.when is None or not context.reasoner.can_be_true(view.when):
            continue
        parts = list(conjuncts(context.graph, view.when))
        for part in parts:
            if context.node(part).op in (Op.CONST, Op.KNOWN) or len(parts) < 2:
                continue
            if not context.reasoner.can_be_false(part):
                continue  # said by always-true-when-known
            rest = [p for p in parts if p != part]
            if not context.reasoner.related(part, rest):
                continue  # nothing it reads is spoken of elsewhere
            others = [Claim(p, Truth.TRUE) for p in rest]
            if context.reasoner.possible([*others, Claim(part, Truth.NOT_TRUE)]):
                continue
            yield _report(context, view.case.when if view.case else None, part, parts)
            break  # removing one may make the others needed


def _report(context: LintContext, when: object, part: int, parts: list[int]) -> Diagnostic:
    because = [p for p in parts if p != part and context.reasoner.implies(p, part)]
    labels = [Label(context.origin(because[0]), "this already says so")] if because else []
    span = context.origin(part)
    return finding(
        "IC405", "the rest of this condition already implies this part", span,
        labels=labels, help="remove it", fix=_removal(context, when, span),
    )  # fmt: skip


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
    return Fix("remove the redundant part", (Edit(cut, ""),))
