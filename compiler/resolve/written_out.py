"""Variables that an indicator reads: each is read as its text, on the bars of its reader.

The law: `sma(mean, 5)` is `sma(sma(close, 20), 5)` where `mean` says `sma(close, 20)`. A variable has no
instance of its own: it would have to be one on every clock from which it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from compiler.catalog.calls import INDICATORS
from compiler.findings.source import Span
from compiler.resolve.ordering import dependency_order
from compiler.syntax import tree as s
from compiler.syntax.constants import constant
from compiler.syntax.rewrite import rewritten
from compiler.syntax.walker import depth, subexpressions

# A chain of names that each name the one before twice would double with every step.
MOST_PARTS = 200
DEEPEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class _Text:
    """What a variable says without names of variables, how many parts that has, how deep it nests."""

    expr: s.Expr
    parts: int
    depth: int


class WrittenOut:
    """The texts of a card's variables, made when the first of them is asked for."""

    def __init__(
        self,
        variables: Mapping[str, s.Variable],
        params: Mapping[str, s.ParamDecl],
        variable_of: Callable[[s.Expr], s.Variable | None],
    ) -> None:
        self._variables = variables
        self._params = params
        self._variable_of = variable_of
        self._texts: dict[str, _Text] | None = None
        self.circles: frozenset[str] = frozenset()  # reported where they are defined

    def of(self, expr: s.Expr) -> s.Expr:
        """Return an expression with the text of each variable for its name.

        The name stays of one that reads itself or is too long, and where all of it comes to a number:
        nothing is to be read there. The arguments of an indicator are looked at each on its own.
        """
        if not any(self._variable_of(part) is not None for part in subexpressions(expr)):
            return expr
        text = rewritten(expr, self._instead)
        return expr if constant(text, self._params) is not None else text

    def reader_of(self, place: Span, expr: s.Expr) -> tuple[s.Variable, Span] | None:
        """Return the variable in whose text a place lies, of those that an expression names, and where it does."""
        for part in subexpressions(expr):
            variable = self._variable_of(part)
            if variable is not None and self._holds(variable, place):
                return variable, part.span
        return None

    def _instead(self, part: s.Expr) -> s.Expr | None:
        if isinstance(part, s.Call) and part.function in INDICATORS:
            return replace(part, args=tuple(self.of(arg) for arg in part.args))
        variable = self._variable_of(part)
        if variable is None:
            return None
        text = self._all().get(variable.name)
        return part if text is None else text.expr

    def _all(self) -> Mapping[str, _Text]:
        if self._texts is None:
            self._texts = {}
            needs = {name: self.names(v.value) for name, v in self._variables.items()}
            order, cycles = dependency_order(needs)
            self.circles = frozenset(needs) - frozenset(order) if cycles else frozenset()
            for name in order:
                text = self._text(self._variables[name].value, needs[name])
                if text is not None:
                    self._texts[name] = text
        return self._texts

    def _text(self, value: s.Expr, names: list[str]) -> _Text | None:
        assert self._texts is not None
        inside = [self._texts.get(name) for name in names]
        known = [text for text in inside if text is not None]
        parts = sum(1 for _ in subexpressions(value)) + sum(text.parts for text in known)
        deep = depth(value) + max((text.depth for text in known), default=0)
        if len(known) < len(inside) or parts > MOST_PARTS or deep > DEEPEST_TEXT:
            return None
        return _Text(rewritten(value, self._instead), parts, deep)

    def names(self, expr: s.Expr) -> list[str]:
        """Return the variables that an expression names, one for each time."""
        found = (self._variable_of(part) for part in subexpressions(expr))
        return [variable.name for variable in found if variable is not None]

    def _holds(self, variable: s.Variable, place: Span) -> bool:
        todo, seen = [variable], {variable.name}
        while todo:
            here = todo.pop()
            if here.span.start <= place.start and place.end <= here.span.end:
                return True
            for name in self.names(here.value):
                if name not in seen:
                    seen.add(name)
                    todo.append(self._variables[name])
        return False
