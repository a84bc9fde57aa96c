"""Every place of a card that names something, and what it names.

One list serves hover, go to definition and renaming. A mention's place is the name alone: no quotes,
no `@4h`, no field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from compiler.catalog.actions import ABOUT_ORDERS
from compiler.catalog.calls import ORDER_BUILTINS
from compiler.findings.source import Span
from compiler.resolve.scope import (
    AccountSymbol,
    BarSymbol,
    FeatureSymbol,
    ParamSymbol,
    Reference,
    Resolved,
    VariableSymbol,
)
from compiler.syntax import tree as s
from compiler.syntax.walker import actions, live_expressions, subexpressions
from compiler.text.nodes import Mapping, Node, Scalar, Sequence
from tools.lsp.document import Document

_REFERENCES = (s.Name, s.FeatureRef, s.BuiltinRef, s.VarRef, s.ParamRef)
_LEVEL_SETTINGS = ("feature_id", "atr_feature_id")
# `=fast`, but not the end of `<=`, `>=`, `==` or `!=`.
_TUNABLE = re.compile(r"(?<![<>=!])=\s*([A-Za-z_][A-Za-z0-9_]*)")
_FREE_TEXT = frozenset({"name", "description", "reason", "order_ref", "order_group"})


class MentionKind(StrEnum):
    FEATURE = "feature"
    FIELD = "field"  # of the feature `owner`
    VARIABLE = "variable"
    PARAM = "tunable"
    BUILTIN = "builtin"
    ORDER_REF = "order ref"
    TYPE = "type of a feature"
    ARGUMENT = "parameter"  # of the type `owner`
    ACTION = "action"
    METADATA = "metadata key"  # of the action `owner`


@dataclass(frozen=True, slots=True)
class Mention:
    kind: MentionKind
    name: str
    span: Span
    owner: str = ""
    declares: bool = False


def mention_at(document: Document, offset: int) -> Mention | None:
    """Return what is named at a place: the smallest mention that touches it."""
    touching = [m for m in mentions(document) if m.span.start <= offset <= m.span.end]
    # At the joint of `swing.high_level` the cursor stands before the right one.
    return min(
        touching, key=lambda m: (m.span.end == offset, m.span.end - m.span.start), default=None
    )


def mentions(document: Document) -> list[Mention]:
    """Return every mention of a card that can be read, each place once, in file order."""
    if document.resolved is None or document.node is None:
        return []
    found = _Finder(document, document.resolved, document.node).all()
    return sorted(dict.fromkeys(found), key=lambda m: (m.span.start, m.span.end))


class _Finder:
    """Walks one card."""

    def __init__(self, document: Document, resolved: Resolved, node: Node) -> None:
        self._text = document.text
        self._resolved = resolved
        self._root = node
        self._mappings = {m.span: m for m in _mappings(node)}

    def all(self) -> Iterator[Mention]:
        card = self._resolved.card
        for param in card.params:
            yield Mention(MentionKind.PARAM, param.name, param.name_span, declares=True)
        for variable in card.variables:
            yield from self._word(
                MentionKind.VARIABLE, variable.name, variable.name_span, declares=True
            )
        for feature in card.features:
            yield from self._feature(feature)
        for action in actions(card):
            yield from self._action(action)
        for setting in card.settings:
            if setting.path.rpartition(".")[2] in _LEVEL_SETTINGS and isinstance(
                setting.value, str
            ):
                yield from self._word(MentionKind.FEATURE, setting.value, setting.span)
        for root in (*(v.value for v in card.variables), *live_expressions(card)):
            yield from self._expression(root)
        yield from self._tunables(self._root)

    # ------------------------------------------------------------ declarations

    def _feature(self, feature: s.Feature) -> Iterator[Mention]:
        yield from self._word(MentionKind.FEATURE, feature.id, feature.id_span, declares=True)
        yield from self._word(MentionKind.TYPE, feature.type, feature.type_span)
        for argument in feature.params:
            yield Mention(
                MentionKind.ARGUMENT, argument.name, argument.name_span, owner=feature.type
            )
        for dependency in feature.depends_on:
            yield from self._word(MentionKind.FEATURE, dependency.target, dependency.span)

    def _action(self, action: s.Action) -> Iterator[Mention]:
        yield from self._word(MentionKind.ACTION, action.kind, action.kind_span)
        for price in action.prices:
            yield Mention(MentionKind.METADATA, price.key, price.key_span, owner=action.kind)
        for option in action.options:
            yield Mention(MentionKind.METADATA, option.name, option.name_span, owner=action.kind)
            if option.name == "order_ref" and isinstance(option.value, str):
                gives = action.kind not in ABOUT_ORDERS
                yield from self._word(
                    MentionKind.ORDER_REF, option.value, option.span, declares=gives
                )

    # ------------------------------------------------------------ references

    def _expression(self, root: s.Expr) -> Iterator[Mention]:
        words: set[int] = set()
        for node in subexpressions(root):
            words.update(self._words_of(node))
            if isinstance(node, _REFERENCES) and id(node) not in words:
                yield from self._reference(node)

    def _words_of(self, node: s.Expr) -> Iterator[int]:
        """Names that stand for a value of what is beside them: `swing.last_type == high`."""
        pairs: list[tuple[s.Expr, s.Expr]] = []
        if isinstance(node, s.Compare):
            pairs = [(node.left, node.right), (node.right, node.left)]
        elif isinstance(node, s.In):
            pairs = [(item, node.operand) for item in node.items]
        for expr, beside in pairs:
            if self._resolved.word(expr, beside) is not None:
                yield id(expr)

    def _reference(self, node: Reference) -> Iterator[Mention]:
        symbol = self._resolved.symbol(node)
        match node, symbol:
            case s.ParamRef(), _:
                yield from self._of_mapping(MentionKind.PARAM, node.name, node.span, "param")
            case s.VarRef(), _:
                yield from self._of_mapping(MentionKind.VARIABLE, node.name, node.span, "var")
            case s.BuiltinRef(), _:
                yield from self._of_mapping(MentionKind.BUILTIN, node.name, node.span, "builtin")
                if node.ref is not None:
                    yield from self._of_mapping(MentionKind.ORDER_REF, node.ref, node.span, "ref")
            case s.FeatureRef(), FeatureSymbol():
                yield from self._word(MentionKind.FEATURE, node.feature_id, node.id_span)
                if node.field is not None:
                    owner = node.feature_id.partition("@")[0]
                    yield Mention(MentionKind.FIELD, node.field, node.field_span, owner)
            case s.FeatureRef(), BarSymbol():
                yield from self._word(MentionKind.BUILTIN, node.feature_id, node.id_span)
            case s.Name(), _ if node.head in ORDER_BUILTINS and node.field is not None:
                yield from self._word(MentionKind.BUILTIN, node.head, node.span)
                yield from self._word(MentionKind.ORDER_REF, node.field, self._rest(node))
            case s.Name(), FeatureSymbol():
                yield from self._word(MentionKind.FEATURE, node.head, node.span)
                if node.field is not None:
                    yield from self._field(node, node.field)
            case s.Name(), BarSymbol() | AccountSymbol():
                yield from self._word(MentionKind.BUILTIN, node.head, node.span)
            case s.Name(), VariableSymbol():
                yield from self._word(MentionKind.VARIABLE, node.head, node.span)
            case s.Name(), ParamSymbol():
                yield from self._word(MentionKind.PARAM, node.head, node.span)

    def _rest(self, name: s.Name) -> Span:
        return Span(min(name.span.start + len(name.head), name.span.end), name.span.end)

    def _field(self, name: s.Name, field: str) -> Iterator[Mention]:
        rest = self._rest(name)
        at = self._text.find(field, rest.start, rest.end)
        if at >= 0:
            yield Mention(MentionKind.FIELD, field, Span(at, at + len(field)), name.head)

    def _of_mapping(self, kind: MentionKind, name: str, span: Span, key: str) -> Iterator[Mention]:
        """A reference that may be a mapping (`{var: x}`), whose span is all of it."""
        mapping = self._mappings.get(span)
        value = None if mapping is None else mapping.get(key)
        yield from self._word(kind, name, span if value is None else value.span)

    def _word(
        self, kind: MentionKind, name: str, span: Span, *, declares: bool = False
    ) -> Iterator[Mention]:
        """Find a name inside its place in the file, past quotes and before `@4h`."""
        name = name.partition("@")[0]
        pattern = rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])"
        found = re.search(pattern, self._text[span.start : span.end]) if name else None
        if found is not None:
            place = Span(span.start + found.start(), span.start + found.end())
            yield Mention(kind, name, place, declares=declares)

    def _tunables(self, node: Node, key: str = "") -> Iterator[Mention]:
        """Tunables stand in parameters, look backs and windows too, which the tree computes."""
        match node:
            case Scalar(value=str()) if key not in _FREE_TEXT:
                for found in _TUNABLE.finditer(node.text):
                    place = node.place(*found.span(1))
                    if self._text[place.start : place.end] == found[1]:
                        yield Mention(MentionKind.PARAM, found[1], place)
            case Sequence():
                for item in node:
                    yield from self._tunables(item, key)
            case Mapping():
                value = node.get("param")
                if isinstance(value, Scalar):
                    yield from self._word(MentionKind.PARAM, value.text, value.span)
                for entry in node:
                    yield from self._tunables(entry.value, entry.key.text)


def _mappings(node: Node) -> Iterator[Mapping]:
    match node:
        case Mapping():
            yield node
            for entry in node:
                yield from _mappings(entry.value)
        case Sequence():
            for item in node:
                yield from _mappings(item)
