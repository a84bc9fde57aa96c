"""One open card: its text, what the compiler says about it, and what its names mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.parse.card import parse
from compiler.pipeline import Checked, check
from compiler.resolve.card import resolve
from compiler.resolve.scope import Resolved
from compiler.text.load import load
from compiler.text.nodes import Node
from tools.lsp.positions import Positions
from tools.symbol_table import findings_by_table


@dataclass(frozen=True)
class Document:
    """A card text as the editor holds it. Everything is computed on first use and kept."""

    uri: str
    path: str
    text: str
    version: int | None = None
    encoding: str = "utf-16"

    @cached_property
    def source(self) -> Source:
        return Source(self.path, self.text)

    @cached_property
    def positions(self) -> Positions:
        return Positions(self.text, self.encoding)

    @cached_property
    def checked(self) -> Checked:
        return check(self.source)

    @cached_property
    def findings(self) -> tuple[Diagnostic, ...]:
        return findings_by_table(self.checked)

    @cached_property
    def node(self) -> Node | None:
        """The YAML tree; None while the text is not YAML."""
        return load(self.source)[0]

    @cached_property
    def resolved(self) -> Resolved | None:
        """What the names mean, as far as the text can be read; None while it cannot."""
        if self.node is None:
            return None
        card, _ = parse(self.source, self.node)
        return None if card is None else resolve(card)[0]
