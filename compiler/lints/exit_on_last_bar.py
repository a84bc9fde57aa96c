"""IC708 exit-on-last-bar: an exit that waits for the one bar that ends a session, which may be missing."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import EXITS
from compiler.catalog.session import SESSION
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Source, Span
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, conjuncts

_LAST, _OVER = "last_bar", "over"
# Who reads one of these where it leaves says what happens behind the last bar.
_KNOWS = frozenset({"active", _OVER})


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cases that close a position on a session's last bar alone, where nothing closes it behind that bar."""
    leaving = [view for view in context.cases if any(a.kind in EXITS for a in view.actions)]
    known = {name for view in leaving for name, output in _read(context, view) if output in _KNOWS}
    for view in leaving:
        if view.when is None:
            continue
        for index in conjuncts(context.graph, view.when):
            read = _of_session(context, index)
            if read is None or read[1] != _LAST or read[0] in known:
                continue
            name, span = read[0], context.place(view, index)
            yield finding(
                "IC708",
                f"`{name}.{_LAST}` is true on one bar: where it is missing, the position is held until the next session ends",
                span,
                help=_help(name, view),
                fix=_fix(context.source, span, view),
            )


def _read(context: LintContext, view: CaseView) -> Iterator[tuple[str, str]]:
    for index in context.leaves(view.when) if view.when is not None else ():
        read = _of_session(context, index)
        if read is not None:
            yield read


def _of_session(context: LintContext, index: int) -> tuple[str, str] | None:
    """Return the session and the output that a node reads; None of any other node."""
    node = context.node(index)
    if node.op is not Op.FEATURE:
        return None
    feature = context.feature(node)
    return (feature.id, str(node.attr[1])) if feature.type == SESSION.type else None


def _help(name: str, view: CaseView) -> str:
    said = f"`{name}.{_OVER}` is true on it and until the next session begins"
    if any(action.may_open for action in view.actions):
        return f"{said}: leave by it in a case of its own, an entry would repeat"
    return f"{said}; silence it where the position may stay"


def _fix(source: Source, span: Span, view: CaseView) -> Fix | None:
    """Return the other word in its place; none where the case opens something, which would repeat."""
    written = source.slice(span)
    if not written.endswith(f".{_LAST}") or any(action.may_open for action in view.actions):
        return None
    instead = f"{written.removesuffix(_LAST)}{_OVER}"
    return Fix(f"write `{instead}`", (Edit(span, instead),), safe=False)
