"""What all parts of the card parser share: reading values, and saying what cannot be read.

INVARIANT: total. Whatever stands there gives a value or a finding; a broken expression leaves a
stand-in at the place of its error, so that nothing else is said about it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from compiler.expressions.errors import ExpressionError
from compiler.expressions.read import parse_expression
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Edit, Fix
from compiler.findings.source import Source, Span
from compiler.syntax import expr as e
from compiler.syntax.tree import ParamDecl
from compiler.text.nodes import KeyValue, Mapping, Node, Scalar, Sequence
from compiler.text.places import Style

_TUNABLE = re.compile(r"\s*=\s*([A-Za-z_][A-Za-z0-9_]*)\s*\Z")
_QUOTES = {Style.DOUBLE: '"', Style.SINGLE: "'"}


@dataclass(frozen=True)
class Reader:
    """One card being read. `is_old` is version 3.0.0."""

    source: Source
    is_old: bool = False
    params: dict[str, ParamDecl] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    # ------------------------------------------------------------ shapes

    def wrong(self, node: Node, wanted: str, help: str | None = None) -> None:
        """Report a value of the wrong kind."""
        found = f"`{node.text}`" if isinstance(node, Scalar) and node.text else f"a {node.kind}"
        if isinstance(node, Scalar) and not node.text:
            found = "nothing"
        self.findings.add("IC110", f"expected {wanted}, found {found}", node.span, help=help)

    def missing(self, node: Mapping, key: str) -> None:
        self.findings.add("IC109", f"`{key}` is missing", node.head)

    def mapping(self, node: Node | None, wanted: str) -> Mapping | None:
        """Return a mapping; None if the node is absent, empty or (reported) something else."""
        if isinstance(node, Mapping):
            return node
        if node is not None and not is_nothing(node):
            self.wrong(node, wanted)
        return None

    def items(self, node: Node | None, wanted: str) -> tuple[Node, ...]:
        """Return the items of a list; none if the node is absent or (reported) something else."""
        if isinstance(node, Sequence):
            return node.items
        if node is not None and not is_nothing(node):
            self.wrong(node, wanted)
        return ()

    def text(self, node: Node | None, wanted: str) -> str | None:
        """Return the text of a scalar as written, None if absent or (reported) something else."""
        if isinstance(node, Scalar) and node.value is not None:
            return node.text
        if node is not None:
            self.wrong(node, wanted)
        return None

    def required_text(self, node: Mapping, key: str) -> tuple[str, Span]:
        """Return the text under a key and its place; reported and empty if it is not there."""
        value = node.get(key)
        if value is None:
            self.missing(node, key)
            return "", node.head
        return self.text(value, "a text") or "", value.span

    # ------------------------------------------------------------ expressions

    def expression(self, scalar: Scalar) -> e.Expr:
        """Parse the text of a scalar; after an error that leaves no tree, a stand-in."""
        parsed = parse_expression(scalar.text, scalar.place)
        for error in parsed.errors:
            self.misread(scalar, error)
        if parsed.expr is not None:
            return parsed.expr
        return e.Name(scalar.text, span=_visible(scalar, parsed.errors[-1]))

    def misread(self, scalar: Scalar, error: ExpressionError) -> None:
        """Report a mistake inside the text of a scalar, at its place in the file."""
        self.findings.add(
            "IC111",
            error.message,
            _visible(scalar, error),
            help=error.help,
            fix=self._fix(scalar, error),
        )

    def _fix(self, scalar: Scalar, error: ExpressionError) -> Fix | None:
        if error.fix_text is None or scalar.style is Style.GIVEN:
            return None
        span = scalar.place(error.start, error.end)
        quote = _QUOTES.get(scalar.style)
        if quote is not None and quote in error.fix_text:
            return None
        if self.source.slice(span) != scalar.text[error.start : error.end]:
            return None  # escaped or folded: what stands there is spelt in another way
        text = error.fix_text
        guess = "" if error.sure else " (a guess)"
        return Fix(f"write `{text.strip()}`{guess}", (Edit(span, text),), error.sure)

    def number(self, node: Node, wanted: str = "a number") -> e.Expr | None:
        """Read a number: a literal, a tunable or an expression; None if it is nothing of that."""
        if isinstance(node, Mapping) and node.names() == ("param",):
            return self.param(node)
        if isinstance(node, Scalar):
            if isinstance(node.value, int | float) and not isinstance(node.value, bool):
                return literal(node)
            if isinstance(node.value, str):
                return self.expression(node)
        self.wrong(node, wanted)
        return None

    def param(self, node: Mapping) -> e.ParamRef | None:
        name = self.text(node.get("param"), "the name of a tunable")
        return None if name is None else e.ParamRef(name, span=node.span)


def is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def literal(scalar: Scalar) -> e.Number:
    """Return a scalar that is a number."""
    value = scalar.value
    assert isinstance(value, int | float)
    return e.Number(float(value), isinstance(value, int), span=scalar.span)


def tunable(text: str) -> str | None:
    """Return the name in `=name`, None for any other text."""
    found = _TUNABLE.match(text)
    return None if found is None else found[1]


def is_param_mapping(node: Node) -> bool:
    return isinstance(node, Mapping) and node.names() == ("param",)


def entries_of(node: Mapping | None) -> tuple[KeyValue, ...]:
    return () if node is None else node.entries


def _visible(scalar: Scalar, error: ExpressionError) -> Span:
    """Where to point: at least one character, the one in front if nothing stands there."""
    if error.start == error.end and scalar.text:
        start = max(0, error.start - 1)
        return scalar.place(start, start + 1)
    return scalar.place(error.start, error.end)
