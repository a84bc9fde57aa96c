"""The language server: who is asked what. Every answer is worked out in a file of its own.

Cards are small, so editors send the whole text on every change and the card is read again whole.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Protocol

from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from compiler.resolve.scope import Resolved
from tools.lsp import diagnostics, navigation
from tools.lsp.completion import TRIGGERS, completion
from tools.lsp.document import Document
from tools.lsp.formatting import formatting
from tools.lsp.hover import hover


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
    return server


def _register_texts(server: CardServer) -> None:
    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(ls: CardServer, params: lsp.DidOpenTextDocumentParams) -> None:
        _publish(ls, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(ls: CardServer, params: lsp.DidChangeTextDocumentParams) -> None:
        _publish(ls, params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: CardServer, params: lsp.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        ls.forget(uri)
        ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


def _publish(ls: CardServer, uri: str) -> None:
    document = ls.document(uri)
    ls.names(document)
    ls.text_document_publish_diagnostics(
        lsp.PublishDiagnosticsParams(uri, diagnostics.diagnostics(document), document.version)
    )


def _register_completion(server: CardServer) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=list(TRIGGERS))
    )
    def completed(ls: CardServer, params: lsp.CompletionParams) -> lsp.CompletionList:
        document, offset = ls.place(params)
        items = completion(document, offset, ls.names(document))
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


def serve() -> None:
    """Speak over standard input and output until the editor ends it."""
    build().start_io()
