"""Colours by meaning: what a word of a card names, where a YAML highlighter sees text alone.

The law: tokens come from the list of mentions, so a colour and a hover never disagree.
"""

from __future__ import annotations

from lsprotocol import types as lsp

from tools.lsp.document import Document
from tools.lsp.mentions import MentionKind, mentions

_TYPES = lsp.SemanticTokenTypes
_COLOURS = {
    MentionKind.FEATURE: _TYPES.Class,
    MentionKind.FIELD: _TYPES.Property,
    MentionKind.VARIABLE: _TYPES.Variable,
    MentionKind.PARAM: _TYPES.Parameter,
    MentionKind.BUILTIN: _TYPES.Macro,
    MentionKind.ORDER_REF: _TYPES.EnumMember,
    MentionKind.TYPE: _TYPES.Type,
    MentionKind.ARGUMENT: _TYPES.Property,
    MentionKind.ACTION: _TYPES.Function,
    MentionKind.METADATA: _TYPES.Property,
}
_NUMBERS = {name: number for number, name in enumerate(dict.fromkeys(_COLOURS.values()))}
LEGEND = lsp.SemanticTokensLegend(
    token_types=[name.value for name in _NUMBERS],
    token_modifiers=[lsp.SemanticTokenModifiers.Declaration.value],
)


def semantic_tokens(document: Document) -> lsp.SemanticTokens:
    """Return the tokens as the protocol packs them: five numbers each, places from the one before."""
    data: list[int] = []
    line = column = end = 0
    for mention in mentions(document):
        if mention.span.start < end:
            continue  # inside one that is told already: a token never lies in another
        place = document.positions.range(mention.span)
        if place.start.line != place.end.line:
            continue
        end = mention.span.end
        below = place.start.line - line
        data += [
            below,
            place.start.character - (0 if below else column),
            place.end.character - place.start.character,
            _NUMBERS[_COLOURS[mention.kind]],
            int(mention.declares),
        ]
        line, column = place.start.line, place.start.character
    return lsp.SemanticTokens(data)
