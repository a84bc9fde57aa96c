"""Cards and parts of cards as text, parsed."""

from __future__ import annotations

from pathlib import Path

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.parse.card import parse
from compiler.syntax import tree as s
from compiler.text.load import load

OLD_CARDS = Path(__file__).parent / "parse" / "old_cards"
_NEW = "name: t\nsymbol: BTCUSDT\ntf: 15m\n"
_OLD = (
    "id: t\nversion: '3.0.0'\nsymbol_universe: [BTCUSDT]\nexecution_tf: 15m\n"
    "account: {starting_equity_usdt: 100}\n"
)
BLOCKS = "blocks: [{id: b, cases: [{when: true, emit: [no_action]}]}]\n"


def parsed(text: str) -> tuple[s.Card, list[Diagnostic], Source]:
    """Parse a card that loads."""
    source = Source("card.yaml", text)
    node, found = load(source)
    assert node is not None
    assert [d for d in found if d.is_error] == []
    card, more = parse(source, node)
    assert card is not None
    return card, more, source


def card(text: str, *, old: bool = False) -> s.Card:
    """Parse a card given by what comes behind its identity; no findings allowed."""
    read, found, _ = parsed((_OLD if old else _NEW) + text)
    assert found == []
    return read


def findings(text: str, *, old: bool = False) -> list[tuple[str, str, str]]:
    """Return (code, text at the place, message) of what is wrong with a card."""
    _, found, source = parsed((_OLD if old else _NEW) + text)
    return [(d.code, source.slice(d.span), d.message) for d in found]


def condition(text: str, *, old: bool = False, more: str = "") -> s.Expr:
    """Parse one condition of a card, written as a flow or plain value behind `when:`."""
    body = f"{more}blocks: [{{id: b, cases: [{{when: {text}, emit: [no_action]}}]}}]\n"
    return card(body, old=old).blocks[0].cases[0].when


def action(text: str, *, more: str = "") -> s.Action:
    """Parse one action written in flow style."""
    body = f"{more}blocks: [{{id: b, cases: [{{when: true, emit: [{text}]}}]}}]\n"
    return card(body).blocks[0].cases[0].emit[0]


def old_card(name: str) -> tuple[s.Card, list[Diagnostic], Source]:
    return parsed((OLD_CARDS / f"{name}.yaml").read_text(encoding="utf-8"))


def written(source: Source, span: Span) -> str:
    return source.slice(span)
