"""IC708 exit-on-last-bar: an exit that waits for the one bar that ends a session, which may be missing."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import EXITS
from compiler.catalog.session import SESSION
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Source, Span
from compiler.graph.rule_graph import Op
from compiler.lints.context import CaseView, LintContext, at_most, conjuncts
from compiler.lints.reasoning.branches import Assumption, OneOf
from compiler.lints.reasoning.facts import key_of

_LAST, _OVER = "last_bar", "over"
# Who reads one of these where it leaves says what happens behind the last bar.
_KNOWS = frozenset({"active", _OVER})
# What these are on a bar that is not of the session; of them, and of `bars`, an entry may ask.
_OUTSIDE = {"active": 0.0, "first_bar": 0.0, _LAST: 0.0, _OVER: 1.0}
_BARS = "bars"
_SILENCE = "Where the position may stay: `# ic: ignore[exit-on-last-bar] why`, above the line"


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
            opens = any(action.may_open for action in view.actions)
            stays = not opens and _may_open_outside(context, name)
            yield finding(
                "IC708",
                f"`{name}.{_LAST}` is true on one bar: where it is missing, the position is held until the next session ends",
                span,
                help=_help(name, opens=opens, stays=stays),
                fix=None if opens or stays else _fix(context.source, span),
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


def _may_open_outside(context: LintContext, name: str) -> bool:
    """Return whether an entry of the card may be asked for while a session is not running."""
    outside: list[Assumption] = []
    for index in range(len(context.graph.nodes)):
        read = _of_session(context, index)
        if read is None or read[0] != name:
            continue
        key = key_of(context.graph.nodes, index)
        if read[1] in _OUTSIDE:
            outside.append(OneOf(key, frozenset({_OUTSIDE[read[1]]}), index))
        elif read[1] == _BARS:
            outside.append(at_most(key, 0))
    return any(
        action not in view.actions or context.possible(view, *outside)
        for view, action in context.opening()
    )


def _help(name: str, *, opens: bool, stays: bool) -> str:
    if stays:
        return (
            f"`{name}.{_LAST} or ({name}.{_OVER} and not {name}.{_OVER}[1])` is true on it, or on the first bar behind it; "
            f"`{name}.{_OVER}` alone would close at the next close what is opened outside of `{name}`. {_SILENCE}"
        )
    said = f"`{name}.{_OVER}` is true on it and until the next session begins"
    if opens:
        return f"{said}: leave by it in a case of its own, an entry would repeat"
    return f"{said}. {_SILENCE}"


def _fix(source: Source, span: Span) -> Fix | None:
    """Return the other word in its place."""
    written = source.slice(span)
    if not written.endswith(f".{_LAST}"):
        return None
    instead = f"{written.removesuffix(_LAST)}{_OVER}"
    return Fix(f"write `{instead}`", (Edit(span, instead),), safe=False)
