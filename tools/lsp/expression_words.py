"""What may be typed inside an expression: names, fields, tokens, words of the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol.types import CompletionItemKind as ItemKind

from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES
from compiler.catalog.calls import INDICATORS, MEMORY_FUNCTIONS, ORDER_BUILTINS
from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.operations import FUNCTIONS
from compiler.catalog.timeframes import TIMEFRAMES
from compiler.resolve.names import builtin
from compiler.resolve.scope import Resolved
from compiler.syntax.reserved import RESERVED_WORDS
from tools.lsp.hover import about_builtin, about_instance, about_param, find_output, type_text


@dataclass(frozen=True, slots=True)
class Word:
    """Something to offer. `back` is how many characters before the typed word it replaces."""

    label: str
    kind: ItemKind
    detail: str = ""
    doc: str = ""
    insert: str = ""
    back: int = 0
    rank: int = 5


_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_FIELD = re.compile(rf"(?<![A-Za-z0-9_.])({_NAME})(?:@[A-Za-z0-9]+)?\.([A-Za-z0-9_.]*)\Z")
_CLOCK = re.compile(rf"(?<![A-Za-z0-9_])({_NAME}(?:\.[A-Za-z0-9_.]+)?)@\Z")
_TUNABLE = re.compile(r"(?<![<>=!])=\s*\Z")
_ORDER = re.compile(rf"({'|'.join(ORDER_BUILTINS)})\(\s*\Z")
_TOKEN = re.compile(
    rf"({_NAME})(?:@[A-Za-z0-9]+)?(?:\.([A-Za-z0-9_.]+))?\s*(?:==|!=|in\s*\[[^\]]*)\s*['\"]?\Z"
)
_LAYER_NAME = re.compile(r"position_layer_[1-9]")


def expression_words(before: str, names: Resolved) -> list[Word]:
    """Return what may follow a piece of expression."""
    if found := _FIELD.search(before):
        return list(_fields(found[1], len(found[2]), names))
    if found := _CLOCK.search(before):
        return [Word(word, ItemKind.Unit, "timeframe") for word in TIMEFRAMES]
    if _TUNABLE.search(before):
        return list(tunables(names))
    if _ORDER.search(before):
        return list(order_refs(names))
    if found := _TOKEN.search(before):
        tokens = list(enum_tokens(found[1], found[2], names))
        if tokens:
            return tokens
    return [*all_names(names), *_language()]


def enum_tokens(head: str, field: str | None, names: Resolved) -> Iterator[Word]:
    """The values of a feature's output or a builtin that is one of some words."""
    instance = names.by_id.get(head)
    value = None
    if instance is not None:
        output = next((o for o in instance.outputs if o.primary), instance.outputs[0])
        named = output if field is None else find_output(instance, field)
        value = None if named is None else named.value
    elif (found := builtin(head, names.order_refs)) is not None:
        value = found.value
    if value is not None:
        what = f"value of {head}" + (f".{field}" if field else "")
        for token in value.enum or (("true", "false") if value.type == "bool" else ()):
            yield Word(token, ItemKind.EnumMember, what, rank=0)


def _fields(head: str, back: int, names: Resolved) -> Iterator[Word]:
    if head in ORDER_BUILTINS:
        yield from order_refs(names)
    instance = names.by_id.get(head)
    for output in instance.outputs if instance is not None else ():
        yield Word(
            output.name,
            ItemKind.Field,
            type_text(output.value),
            output.doc,
            back=back,
            rank=0 if output.primary else 5,
        )


def all_names(names: Resolved) -> Iterator[Word]:
    """Everything that a bare name may mean; the card's own names first."""
    yield from features(names)
    yield from variables(names)
    for declaration in names.params.values():
        yield Word(declaration.name, ItemKind.Constant, "tunable", about_param(declaration), rank=2)
    yield from builtins(names)


def features(names: Resolved) -> Iterator[Word]:
    for instance in names.instances:
        if not instance.implicit:
            doc = about_instance(instance)
            yield Word(instance.id, ItemKind.Class, instance.entry.title, doc, rank=1)


def variables(names: Resolved) -> Iterator[Word]:
    for name in names.variables:
        yield Word(name, ItemKind.Variable, "variable", rank=1)


def tunables(names: Resolved) -> Iterator[Word]:
    for declaration in names.params.values():
        yield Word(declaration.name, ItemKind.Constant, "tunable", about_param(declaration))


def builtins(names: Resolved) -> Iterator[Word]:
    for found in BUILTINS.values():
        # Twenty layers are sixty names: the first of each speaks for the others.
        rank = 8 if _LAYER_NAME.match(found.name) else 4
        doc = about_builtin(found)
        insert = f"{found.name}(" if found.name in OF_LAST_TRADES else ""
        yield Word(
            found.name, ItemKind.Property, type_text(found.value), doc, insert=insert, rank=rank
        )


def order_refs(names: Resolved) -> Iterator[Word]:
    for ref in names.order_refs:
        yield Word(ref, ItemKind.Reference, "order ref", rank=0)


def _language() -> Iterator[Word]:
    for function in (*FUNCTIONS, *MEMORY_FUNCTIONS):
        yield Word(function, ItemKind.Function, "function", insert=f"{function}(", rank=6)
    for type_ in INDICATORS:
        yield Word(type_, ItemKind.Class, CATALOGUE[type_].title, insert=f"{type_}(", rank=9)
    for word in sorted(RESERVED_WORDS.difference(FUNCTIONS)):
        yield Word(word, ItemKind.Keyword, rank=7)
