"""The language server: who is asked what. Every answer is worked out in a file of its own.

Cards are small, so editors send the whole text on every change and the card is read again whole.

The law: a key never waits for findings. They are worked out beside the questions once the keys have
rested, and those of a text that is no longer there are never shown.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Protocol

from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from compiler.resolve.scope import Resolved
from tools.lsp import completion, diagnostics, navigation, semantic, signatures
from tools.lsp.document import Document
from tools.lsp.formatting import formatting
from tools.lsp.hover import hover
from tools.lsp.inlay import inlay_hints
from tools.lsp.outline import outline

# Seconds without a key before a changed card is looked at: less than a person waits for, more than a key takes.
_REST = 0.1


class _Place(Protocol):
    """What every question about a place carries."""

    text_document: lsp.TextDocumentIdentifier
    position: lsp.Position


class CardServer(LanguageServer):
    """Holds the open cards, as they are now."""

    def __init__(self) -> None:
        super().__init__(
            "ideacard",
            version("ideacard"),
            text_document_sync_kind=lsp.TextDocumentSyncKind.Full,
        )
        self._documents: dict[str, Document] = {}
        self._names: dict[str, Resolved] = {}

    def document(self, uri: str) -> Document:
        """Return a card as the editor last sent it."""
        text = self.workspace.get_text_document(uri)
        known = self._documents.get(uri)
        if known is not None and known.text == text.source and known.version == text.version:
            return known
        document = Document(
            uri,
            uris.to_fs_path(uri) or uri,
            text.source,
            text.version,
            str(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16.value),
        )
        self._documents[uri] = document
        return document

    def names(self, document: Document) -> Resolved | None:
        """Return what the names of a card meant when it last could be read."""
        if document.resolved is not None:
            self._names[document.uri] = document.resolved
        return self._names.get(document.uri)

    def is_newest(self, uri: str, version: int | None) -> bool:
        """Return whether a text is the one the editor holds now; a closed card has none."""
        known = self.workspace.text_documents.get(uri)
        return known is not None and known.version == version

    def place(self, params: _Place) -> tuple[Document, int]:
        """Return the card and the character that a question is about."""
        document = self.document(params.text_document.uri)
        return document, document.positions.offset(params.position)

    def forget(self, uri: str) -> None:
        self._documents.pop(uri, None)
        self._names.pop(uri, None)


def build() -> CardServer:
    """Return a server with everything it can do."""
    server = CardServer()
    _register_texts(server)
    _register_completion(server)
    _register_names(server)
    _register_rename(server)
    _register_actions(server)
    _register_looks(server)
    return server


def _register_texts(server: CardServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: CardServer, params: lsp.DidOpenTextDocumentParams) -> None:
        await _publish(ls, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: CardServer, params: lsp.DidChangeTextDocumentParams) -> None:
        await asyncio.sleep(_REST)
        if ls.is_newest(params.text_document.uri, params.text_document.version):
            await _publish(ls, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: CardServer, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.forget(uri)
        ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


async def _publish(ls: CardServer, uri: str) -> None:
    document = ls.document(uri)
    found = await asyncio.get_running_loop().run_in_executor(
        None, diagnostics.diagnostics, document
    )
    if ls.is_newest(uri, document.version):
        ls.names(document)
        ls.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri, found, document.version)
        )


def _register_completion(server: CardServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=list(completion.TRIGGERS)),
    )
    def completed(ls: CardServer, params: lsp.CompletionParams) -> lsp.CompletionList:
        document, offset = ls.place(params)
        items = completion.completion(document, offset, ls.names(document))
        return lsp.CompletionList(is_incomplete=False, items=items)


def _register_names(server: CardServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hovered(ls: CardServer, params: lsp.HoverParams) -> lsp.Hover | None:
        return hover(*ls.place(params))

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def defined(ls: CardServer, params: lsp.DefinitionParams) -> lsp.Location | None:
        return navigation.definition(*ls.place(params))

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def referred(ls: CardServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
        return navigation.references(*ls.place(params), params.context.include_declaration)


def _register_rename(server: CardServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(ls: CardServer, params: lsp.PrepareRenameParams) -> lsp.Range | None:
        return navigation.rename_place(*ls.place(params))

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def renamed(ls: CardServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        try:
            return navigation.rename(*ls.place(params), params.new_name)
        except navigation.RenameRefused as refused:
            raise JsonRpcInvalidParams(str(refused)) from refused


def _register_actions(server: CardServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=list(diagnostics.KINDS)),
    )
    def actions(ls: CardServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = ls.document(params.text_document.uri)
        return diagnostics.code_actions(document, params.range, params.context.only)

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def whole(ls: CardServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit] | None:
        return formatting(ls.document(params.text_document.uri))


def _register_looks(server: CardServer) -> None:
    """What an editor shows unasked: outline, hints between the words, signatures, colours."""

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(ls: CardServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        return outline(ls.document(params.text_document.uri))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def hinted(ls: CardServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = ls.document(params.text_document.uri)
        return inlay_hints(document, document.positions.span(params.range))

    @server.feature(
        lsp.TEXT_DOCUMENT_SIGNATURE_HELP,
        lsp.SignatureHelpOptions(trigger_characters=list(signatures.TRIGGERS)),
    )
    def signed(ls: CardServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
        return signatures.signature_help(*ls.place(params))

    @server.feature(lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic.LEGEND)
    def coloured(ls: CardServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        return semantic.semantic_tokens(ls.document(params.text_document.uri))


def serve() -> None:
    """Speak over standard input and output until the editor ends it."""
    build().start_io()
