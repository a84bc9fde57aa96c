"""What may be typed at the cursor: keys, types, actions, words, and names in expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsprotocol import types as lsp
from lsprotocol.types import CompletionItemKind as ItemKind

from compiler.catalog.actions import ABOUT_ORDERS, ACTIONS
from compiler.catalog.lookup import CATALOGUE, entry
from compiler.catalog.reference import entry_text
from compiler.catalog.session import SESSION
from compiler.catalog.session_anchors import anchor_names
from compiler.catalog.types import Entry, ParamKind
from compiler.findings.source import Span
from compiler.parse.card import parse
from compiler.resolve.card import resolve
from compiler.resolve.scope import Resolved
from compiler.text.nodes import Mapping
from tools.lsp import expression_words as words
from tools.lsp import schema_words as schema
from tools.lsp.cursor import MARK, Cursor, find
from tools.lsp.document import Document
from tools.lsp.expression_words import Word
from tools.lsp.hover import about_action, about_parameter

TRIGGERS = (".", "=", "@", "(", " ", "[", "{")
_TYPE_KEYS = {"type": None, "indicator_type": "indicator", "structure_type": "structure"}

_KINDS = {"features": "indicator", "structures": "structure"}


def completion(document: Document, offset: int, known: Resolved | None) -> list[lsp.CompletionItem]:
    """Return what may stand at a place; `known` are the names of the card when it last was whole."""
    cursor = find(document.path, document.text, offset)
    if cursor is None:
        return []
    names = (_names(cursor) or known) if cursor.whole else (known or _names(cursor))
    offered = [word for word in _words(cursor, names) if MARK not in word.label]
    unique = {word.label: word for word in reversed(offered)}  # the first of each counts
    return [_item(document, offset, cursor, word) for word in reversed(unique.values())]


def _names(cursor: Cursor) -> Resolved | None:
    card, _ = parse(cursor.source, cursor.root)
    return None if card is None else resolve(card)[0]


def _item(document: Document, offset: int, cursor: Cursor, word: Word) -> lsp.CompletionItem:
    start = offset - len(cursor.typed) - word.back
    return lsp.CompletionItem(
        label=word.label,
        kind=word.kind,
        detail=word.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, word.doc) if word.doc else None,
        sort_text=f"{word.rank}{word.label}",
        filter_text=word.label,
        text_edit=lsp.TextEdit(
            document.positions.range(Span(start, offset)), word.insert or word.label
        ),
    )


def _words(cursor: Cursor, names: Resolved | None) -> Iterator[Word]:
    if cursor.is_key:
        yield from _keys(cursor, names)
        return
    yield from _values(cursor, names)
    allowed = schema.schemas_at(cursor.root, cursor.path)
    if cursor.alone and cursor.fresh and schema.takes_mapping(allowed):
        # `metadata:` and a fresh line: what is typed may be the first key of a mapping.
        yield from _keys(cursor, names)


# ---------------------------------------------------------------- keys


def _keys(cursor: Cursor, names: Resolved | None) -> Iterator[Word]:
    node = cursor.node(cursor.path)
    present = node.names() if isinstance(node, Mapping) else ()
    if cursor.path[-1:] == ("params",) and len(cursor.path) > 1:
        yield from _argument_keys(_owner(cursor, cursor.path), present)
    elif cursor.path[-1:] == ("depends_on",):
        owner = _owner(cursor, cursor.path)
        for need in owner.depends if owner is not None else ():
            if need.role not in present:
                usual = (
                    "a column, a feature or an expression" if need.is_source else "any structure"
                )
                yield _key(need.role, "role: " + (" | ".join(need.types) or usual), 1)
    else:
        allowed = schema.schemas_at(cursor.root, cursor.path)
        for key, (part, required) in schema.keys(allowed, present).items():
            detail = str(part.get("x-what", "")) + (" (required)" if required else "")
            yield _key(key, detail.strip(), 0 if required else 3)


def _argument_keys(owner: Entry | None, present: Iterable[str]) -> Iterator[Word]:
    for spec in owner.params if owner is not None else ():
        if spec.name not in present:
            rank = 0 if spec.default is None else 3
            yield _key(spec.name, f"parameter: {spec.kind.value}", rank, about_parameter(spec))


def _key(name: str, detail: str, rank: int, doc: str = "") -> Word:
    return Word(name, ItemKind.Property, detail, doc, insert=f"{name}: ", rank=rank)


def _owner(cursor: Cursor, path: tuple[str | int, ...]) -> Entry | None:
    """Return the catalogue entry of the feature that a path inside it belongs to."""
    for key in _TYPE_KEYS:
        written = cursor.text(*path[:-1], key)
        found = None if written is None else entry(written)
        if found is not None:
            return found
    return None


# ---------------------------------------------------------------- values


def _values(cursor: Cursor, names: Resolved | None) -> Iterator[Word]:
    key = cursor.path[-1] if cursor.path else ""
    own = list(_by_key(cursor, str(key), names))
    yield from own
    allowed = schema.schemas_at(cursor.root, cursor.path)
    if cursor.alone:
        for word in schema.words(allowed):
            is_action = word in ACTIONS
            doc = (about_action(word) or "") if is_action else ""
            kind = ItemKind.Function if is_action else ItemKind.EnumMember
            yield Word(word, kind, "action" if is_action else "", doc)
    if names is None or own:
        return
    if schema.takes_expression(allowed):
        yield from words.expression_words(cursor.before, names)
    elif schema.takes_tunable(allowed) or cursor.path[-2:-1] == ("params",):
        if cursor.before.strip() == "=":
            yield from words.tunables(names)
        elif cursor.alone:
            for found in words.tunables(names):
                yield Word(f'"={found.label}"', found.kind, found.detail, found.doc)


def _by_key(cursor: Cursor, key: str, names: Resolved | None) -> Iterator[Word]:
    """Values that the catalogue or the card's own names decide."""
    if not cursor.alone:
        return
    path = cursor.path
    if key in _TYPE_KEYS and path[0] in _KINDS:
        if key == "type" and cursor.node(("execution_tf",)) is not None:
            return  # version 3.0.0, where `type` is the kind of a feature
        yield from _types(_TYPE_KEYS[key] or _KINDS[str(path[0])])
    elif path[-2:-1] == ("params",) and len(path) > 2:
        owner = _owner(cursor, path[:-1])
        yield from _argument_values(owner, key)
        if names is not None and owner is not None and key in anchor_names(owner):
            yield from _of_types((SESSION.type,), names)
    elif names is None:
        return
    elif path[-2:-1] == ("depends_on",):
        yield from _structures(_owner(cursor, path[:-1]), key, names)
    elif key in ("feature_id", "atr_feature_id"):
        yield from words.features(names)
    elif key == "field":
        head = cursor.text(*path[:-1], "feature_id") or ""
        yield from words.expression_words(f"{head}.", names) if head else ()
    elif key == "builtin":
        yield from words.builtins(names)
    elif key == "var":
        yield from words.variables(names)
    elif key == "param":
        yield from words.tunables(names)
    elif key == "ref" or (key == "order_ref" and _is_about_orders(cursor)):
        yield from words.order_refs(names)
    elif key in ("rhs", "lhs"):
        yield from _other_side(cursor, "lhs" if key == "rhs" else "rhs", names)


def _types(kind: str) -> Iterator[Word]:
    for found in CATALOGUE.values():
        if found.kind.value != kind:
            continue
        doc = f"```text\n{entry_text(found).rstrip()}\n```"
        yield Word(found.type, ItemKind.Class, found.title, doc, rank=1)


def _argument_values(owner: Entry | None, name: str) -> Iterator[Word]:
    for spec in owner.params if owner is not None else ():
        if name == spec.name or name in spec.aliases:
            choices = ("true", "false") if spec.kind is ParamKind.BOOL else spec.choices
            for choice in choices:
                yield Word(choice, ItemKind.EnumMember, f"value of {spec.name}", rank=0)


def _of_types(types: tuple[str, ...], names: Resolved) -> Iterator[Word]:
    for instance in names.instances:
        if instance.entry.type in types and not instance.implicit:
            yield Word(instance.id, ItemKind.Class, instance.entry.title, rank=0)


def _structures(owner: Entry | None, role: str, names: Resolved) -> Iterator[Word]:
    needs = [need for need in (owner.depends if owner else ()) if need.role == role]
    types = needs[0].types if needs else ()
    structures = [i.entry.type for i in names.instances if i.entry.kind.value == "structure"]
    sessions = [SESSION.type] if any("version" in need.columns for need in needs) else []
    yield from _of_types(types or (*structures, *sessions), names)


def _is_about_orders(cursor: Cursor) -> bool:
    return cursor.text(*cursor.path[:-2], "action") in ABOUT_ORDERS


def _other_side(cursor: Cursor, side: str, names: Resolved) -> Iterator[Word]:
    """The words that the other side of a comparison can be."""
    other = (*cursor.path[:-1], side)
    written = cursor.text(*other)
    head = written or cursor.text(*other, "feature_id") or cursor.text(*other, "builtin")
    if head is None or MARK in head:
        return
    head, _, field = head.partition(".")
    named = field or cursor.text(*other, "field") or None
    yield from words.enum_tokens(head.partition("@")[0], named, names)
