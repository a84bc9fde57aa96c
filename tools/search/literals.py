"""Every number that a card's rules hold, with its place, and the same card with one of them changed.

The law: a change is a text that the compiler reads again, so what cannot be said cannot be tried. What belongs to
the account or to the execution model, and what is only promised, is no part of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.findings.errors import IdeaCardError
from compiler.findings.source import NOWHERE, Source, Span
from compiler.graph.program import Program
from compiler.pipeline import Overrides, check, compile_card
from compiler.syntax import tree as s
from compiler.syntax.walker import action_expressions, actions, subexpressions

STEPS = (-0.20, -0.10, -0.05, 0.05, 0.10, 0.20)
NEAR = 0.10
_WHOLE_STEPS = (-2, -1, 1, 2)
_OUTSIDE = ("account.", "execution.")


@dataclass(frozen=True, slots=True)
class Literal:
    """A number other than 0 in the rules. `span` is that of its digits; of a tunable it is its declaration's."""

    line: int
    value: float
    span: Span
    param: str | None = None
    is_whole: bool = False  # only whole numbers make sense in its place


def literals(source: Source, overrides: Overrides = ()) -> list[Literal]:
    """Return the numbers of a card in the order in which they are written; tunables by their declaration."""
    card = check(source, overrides, lints=False).written
    if card is None:
        return []
    spans = dict[Span, None].fromkeys(span for span in _spans(card) if span != NOWHERE)
    found = [one for span in spans if (one := _literal(source, span)) is not None]
    given = {
        path.removeprefix("params."): text for path, text in overrides if path.startswith("params.")
    }
    for param in card.params:
        value = float(given.get(param.name, param.default))
        if value:
            line = source.location(param.span.start).line
            found.append(Literal(line, value, param.span, param.name))
    found.sort(key=lambda one: one.span)
    return [_as_read(source, overrides, one) for one in found]


def changed(
    source: Source, overrides: Overrides, values: Mapping[Literal, float]
) -> Program | None:
    """Return the card with other values in the places of some literals; None where that is no card."""
    text, pairs = source.text, list(overrides)
    for literal in sorted(values, key=lambda one: one.span, reverse=True):
        said = _said(values[literal])
        if literal.param is None:
            text = text[: literal.span.start] + said + text[literal.span.end :]
        else:
            pairs.append((f"params.{literal.param}", said))
    try:
        return compile_card(Source(source.path, text), pairs)
    except IdeaCardError:
        return None


def nudges(literal: Literal) -> list[float]:
    """Return the values that are tried in the place of a literal, in order."""
    value = literal.value
    if not literal.is_whole:
        return [value * (1.0 + step) for step in STEPS]
    near = {value + step for step in _WHOLE_STEPS} if abs(value) < 40 else set[float]()
    far = {float(round(value * (1.0 + step))) for step in STEPS}
    return sorted(one for one in near | far if one != value and one * value > 0)


def _as_read(source: Source, overrides: Overrides, literal: Literal) -> Literal:
    """Say of a number that is written whole whether a broken one could stand in its place."""
    if not literal.value.is_integer():
        return literal
    is_whole = changed(source, overrides, {literal: literal.value * 1.1 + 0.01}) is None
    return Literal(literal.line, literal.value, literal.span, literal.param, is_whole)


def _literal(source: Source, span: Span) -> Literal | None:
    written = source.slice(span)
    digits = written.rstrip("% ")
    try:
        value = float(digits)
    except ValueError:
        return None
    if not value:
        return None
    at = Span(span.start, span.start + len(digits))
    return Literal(source.location(span.start).line, value, at)


def _said(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.10g}"


def _spans(card: s.Card) -> Iterator[Span]:
    for expr in _expressions(card):
        for node in subexpressions(expr):
            match node:
                case s.Number() | s.Percent():
                    yield node.span
                case s.Window():
                    yield from (
                        x.span for x in (node.length.bars, node.min_true) if isinstance(x, s.Number)
                    )
                case s.Sequence() if isinstance(node.length.bars, s.Number):
                    yield node.length.bars.span
                case _:
                    pass


def _expressions(card: s.Card) -> Iterator[s.Expr]:
    for feature in card.features:
        for argument in feature.params:
            yield from _parts(argument.value)
    for variable in card.variables:
        yield variable.value
    for block in card.blocks:
        yield from (case.when for case in block.cases)
    for action in actions(card):
        yield from action_expressions(action)
    for setting in card.settings:
        if not setting.path.startswith(_OUTSIDE):
            yield from _parts(setting.value)


def _parts(value: str | bool | s.Expr | Sequence[s.Expr]) -> Iterator[s.Expr]:
    if isinstance(value, tuple):
        yield from value
    elif not isinstance(value, str | bool | Sequence):
        yield value
