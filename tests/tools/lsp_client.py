"""A real editor's side of the language server: a subprocess spoken to over stdio."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.client import BaseLanguageClient

from compiler.findings.diagnostics import Edit
from compiler.findings.edits import apply_edits
from tools.lsp.positions import Positions

ROOT = Path(__file__).resolve().parents[2]
URI = "file:///cards/t.card.yaml"
_PATIENCE = 60.0  # a busy machine is not a broken server


class Editor:
    """One open card and the server that looks at it."""

    def __init__(self, client: BaseLanguageClient) -> None:
        self.client = client
        self.text = ""
        self.version = 0
        self.messages: list[str] = []
        self._published: asyncio.Queue[lsp.PublishDiagnosticsParams] = asyncio.Queue()

        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self._published.put_nowait(params)

        @client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def shown(params: lsp.ShowMessageParams) -> None:
            self.messages.append(params.message)

        self.document = lsp.TextDocumentIdentifier(URI)
        self.capabilities = lsp.ServerCapabilities()

    async def open(self, text: str) -> list[lsp.Diagnostic]:
        """Open the card, or change it to another text; return its findings."""
        if self.version == 0:
            self.text, self.version = text, 1
            item = lsp.TextDocumentItem(URI, "yaml", self.version, text)
            self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        else:
            self._change(text)
        published = await self.published()
        assert published.version == self.version
        return list(published.diagnostics)

    async def type(self, texts: list[str]) -> list[lsp.PublishDiagnosticsParams]:
        """Send one text after the other at once; return all that is published until the last is judged."""
        for text in texts:
            self._change(text)
        found = [await self.published()]
        while found[-1].version != self.version:
            found.append(await self.published())
        return found

    def _change(self, text: str) -> None:
        self.text, self.version = text, self.version + 1
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.version, URI),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def published(self) -> lsp.PublishDiagnosticsParams:
        try:
            return await asyncio.wait_for(self._published.get(), _PATIENCE)
        except TimeoutError:
            raise AssertionError(f"no findings came; the server said {self.messages}") from None

    def at(self, needle: str, shift: int = 0, nth: int = 0) -> lsp.Position:
        """Return the position of a piece of the text (its start plus `shift`)."""
        at = -1
        for _ in range(nth + 1):
            at = self.text.index(needle, at + 1)
        return Positions(self.text).position(at + shift)

    def applied(self, edit: lsp.WorkspaceEdit | None) -> str:
        """Return the text after an edit of this card alone."""
        assert edit is not None
        assert edit.changes is not None
        assert list(edit.changes) == [URI]
        places = Positions(self.text)
        edits = [Edit(places.span(e.range), e.new_text) for e in edit.changes[URI]]
        return apply_edits(self.text, edits)

    # ------------------------------------------------------------ questions

    async def completions(self, text: str) -> dict[str, lsp.CompletionItem]:
        """Type `text`, whose `|` is the cursor; return what is offered by label."""
        at = text.index("|")
        await self.open(text[:at] + text[at + 1 :])
        position = Positions(self.text).position(at)
        answer = await self._ask(
            self.client.text_document_completion_async(
                lsp.CompletionParams(self.document, position)
            )
        )
        items = answer.items if isinstance(answer, lsp.CompletionList) else answer or []
        return {item.label: item for item in items}

    async def hover(self, position: lsp.Position) -> str:
        answer = await self._ask(
            self.client.text_document_hover_async(lsp.HoverParams(self.document, position))
        )
        if answer is None:
            return ""
        assert isinstance(answer.contents, lsp.MarkupContent)
        return answer.contents.value

    async def signature(self, text: str) -> tuple[str, str] | None:
        """Type `text`, whose `|` is the cursor; return the signature shown and its marked argument."""
        at = text.index("|")
        await self.open(text[:at] + text[at + 1 :])
        position = Positions(self.text).position(at)
        answer = await self._ask(
            self.client.text_document_signature_help_async(
                lsp.SignatureHelpParams(self.document, position)
            )
        )
        if answer is None:
            return None
        signature, at = answer.signatures[0], answer.active_parameter
        inside = at < len(signature.parameters)
        return signature.label, signature.parameters[at].label if inside else ""

    async def outline(self) -> list[lsp.DocumentSymbol]:
        answer = await self._ask(
            self.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(self.document))
        )
        return [found for found in answer or [] if isinstance(found, lsp.DocumentSymbol)]

    async def hints(self, range_: lsp.Range | None = None) -> dict[str, str]:
        """Return what is shown between the words of the card, by the word before it."""
        places = Positions(self.text)
        answer = await self._ask(
            self.client.text_document_inlay_hint_async(
                lsp.InlayHintParams(self.document, range_ or places.whole)
            )
        )
        return {
            re.split(r"[^\w]", self.text[: places.offset(hint.position)])[-1]: hint.label
            for hint in answer or []
        }

    async def tokens(self) -> list[tuple[str, str, bool]]:
        """Return what is coloured: word, kind, whether it is declared there."""
        answer = await self._ask(
            self.client.text_document_semantic_tokens_full_async(
                lsp.SemanticTokensParams(self.document)
            )
        )
        options = self.capabilities.semantic_tokens_provider
        assert options is not None
        places, found, line, column = Positions(self.text), [], 0, 0
        for below, right, length, kind, modifiers in zip(*[iter(answer.data)] * 5, strict=True):
            line, column = line + below, right + (0 if below else column)
            start = places.offset(lsp.Position(line, column))
            end = places.offset(lsp.Position(line, column + length))
            name = options.legend.token_types[kind]
            found.append((self.text[start:end], name, bool(modifiers)))
        return found

    async def definition(self, position: lsp.Position) -> str | None:
        """Return the text that `go to definition` goes to, with what stands before it on its line."""
        answer = await self._ask(
            self.client.text_document_definition_async(
                lsp.DefinitionParams(self.document, position)
            )
        )
        if not answer:
            return None
        assert isinstance(answer, lsp.Location)
        assert answer.uri == URI
        span = Positions(self.text).span(answer.range)
        line = self.text.rfind("\n", 0, span.start) + 1
        return f"{self.text[line : span.start].lstrip()}[{self.text[span.start : span.end]}]"

    async def actions(
        self, range_: lsp.Range, only: list[lsp.CodeActionKind | str] | None = None
    ) -> list[lsp.CodeAction]:
        answer = await self._ask(
            self.client.text_document_code_action_async(
                lsp.CodeActionParams(self.document, range_, lsp.CodeActionContext([], only))
            )
        )
        return [a for a in answer or [] if isinstance(a, lsp.CodeAction)]

    async def formatted(self) -> str | None:
        """Return the text after formatting; None where the server does not format it."""
        options = lsp.FormattingOptions(tab_size=2, insert_spaces=True)
        edits = await self._ask(
            self.client.text_document_formatting_async(
                lsp.DocumentFormattingParams(self.document, options)
            )
        )
        if edits is None:
            return None
        places = Positions(self.text)
        return apply_edits(self.text, [Edit(places.span(e.range), e.new_text) for e in edits])

    async def rename(self, position: lsp.Position, name: str) -> str:
        """Return the text after a rename."""
        return self.applied(
            await self._ask(
                self.client.text_document_rename_async(
                    lsp.RenameParams(self.document, position, name)
                )
            )
        )

    async def _ask(self, question):  # type: ignore[no-untyped-def]
        return await asyncio.wait_for(question, _PATIENCE)


@asynccontextmanager
async def editor(
    encodings: list[lsp.PositionEncodingKind | str] | None = None,
) -> AsyncIterator[Editor]:
    """Start a server, shake hands, and end it in the orderly way."""
    client = BaseLanguageClient("test-editor", "1")
    side = Editor(client)
    await client.start_io(sys.executable, "-m", "tools.cli", "lsp", cwd=ROOT)
    try:
        capabilities = lsp.ClientCapabilities(
            general=lsp.GeneralClientCapabilities(position_encodings=encodings)
        )
        answer = await asyncio.wait_for(
            client.initialize_async(lsp.InitializeParams(capabilities, root_uri=None)), _PATIENCE
        )
        side.capabilities = answer.capabilities
        client.initialized(lsp.InitializedParams())
        yield side
        await asyncio.wait_for(client.shutdown_async(None), _PATIENCE)
        client.exit(None)
        server = client._server
        assert server is not None
        assert await asyncio.wait_for(server.wait(), _PATIENCE) == 0
    finally:
        # After a failure the server still runs, and `stop` would wait for it.
        if client._server is not None and client._server.returncode is None:
            client._server.kill()
        await client.stop()
