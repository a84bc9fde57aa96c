"""Go to definition, and renaming everywhere at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from lsprotocol import types as lsp

from compiler.catalog.builtins import BUILTINS, SIDES
from compiler.findings.diagnostics import Edit
from compiler.findings.edits import apply_edits
from compiler.syntax.reserved import RESERVED_WORDS, is_identifier
from tools.lsp.document import Document
from tools.lsp.mentions import Mention, MentionKind, mention_at, mentions

_RENAMED = (MentionKind.FEATURE, MentionKind.VARIABLE, MentionKind.PARAM)

_FIRST_OF_NAMES = "IC200"  # the findings before it are about text that cannot be read


class RenameRefused(Exception):
    """A rename that would break the card or change what it says."""


def definition(document: Document, offset: int) -> lsp.Location | None:
    """Return where the thing named at a place is declared; a field leads to its feature."""
    here = mention_at(document, offset)
    if here is None:
        return None
    if here.kind is MentionKind.FIELD:
        here = replace(here, kind=MentionKind.FEATURE, name=here.owner, owner="")
    for mention in mentions(document):
        if mention.declares and _same(mention, here):
            return lsp.Location(document.uri, document.positions.range(mention.span))
    return None


def references(document: Document, offset: int, with_declaration: bool) -> list[lsp.Location]:
    """Return every place that names what is named at a place."""
    here = mention_at(document, offset)
    if here is None:
        return []
    return [
        lsp.Location(document.uri, document.positions.range(mention.span))
        for mention in mentions(document)
        if _same(mention, here) and (with_declaration or not mention.declares)
    ]


def rename_place(document: Document, offset: int) -> lsp.Range | None:
    """Return the range of the name that a rename at a place would change."""
    here = mention_at(document, offset)
    return (
        None
        if here is None or not _renamable(document, here)
        else document.positions.range(here.span)
    )


def rename(document: Document, offset: int, name: str) -> lsp.WorkspaceEdit:
    """Return the edit that gives a feature, variable or tunable another name everywhere."""
    here = mention_at(document, offset)
    if here is None or not _renamable(document, here):
        raise RenameRefused("there is no feature, variable or tunable of this card here")
    _check_name(document, name)
    places = [m.span for m in mentions(document) if _same(m, here)]
    edits = [Edit(span, name) for span in places]
    _check_meaning(document, edits)
    changes = [lsp.TextEdit(document.positions.range(e.span), e.text) for e in edits]
    return lsp.WorkspaceEdit(changes={document.uri: changes})


def _same(one: Mention, other: Mention) -> bool:
    return (one.kind, one.name, one.owner) == (other.kind, other.name, other.owner)


def _renamable(document: Document, here: Mention) -> bool:
    return here.kind in _RENAMED and any(m.declares and _same(m, here) for m in mentions(document))


def _check_name(document: Document, name: str) -> None:
    if not is_identifier(name):
        raise RenameRefused(f"`{name}` is not a name: letters, digits and `_`, no digit first")
    if name in RESERVED_WORDS or name in BUILTINS or name in SIDES:
        raise RenameRefused(f"`{name}` already means something in every card")
    resolved = document.resolved
    if resolved is not None and name in resolved.names:
        raise RenameRefused(f"`{name}` is already a name in this card")


def _check_meaning(document: Document, edits: list[Edit]) -> None:
    """Refuse where a use may be hidden: in what cannot be read, or where the findings change."""
    after = Document(document.uri, document.path, apply_edits(document.text, edits))
    unread = any(d.is_error and d.code < _FIRST_OF_NAMES for d in document.findings)
    if unread or _codes(after) != _codes(document):
        raise RenameRefused("not every use of the name can be read; mend the card's errors first")


def _codes(document: Document) -> Counter[str]:
    return Counter(finding.code for finding in document.findings)
