"""The parser of expressions, built once per process and kept on disk between processes.

COST: importing lark takes about 35 ms and building the tables 50 ms; the file in the user's cache
folder saves the second. Cards without string expressions never come here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compiler.expressions.tokens import Token
from compiler.expressions.tree_builder import TreeBuilder
from compiler.findings.source import Span

if TYPE_CHECKING:
    from lark import Lark

END = "$END"
_FILE = Path(__file__).with_name("grammar.lark")


class _Unfiltered:
    """Keeps the terminals no rule takes: they are read whole so that errors can show them."""

    always_accept = ("GLUED", "ALIAS", "UNKNOWN", "ALL", "ANY")

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        return stream


@lru_cache(maxsize=1)
def grammar() -> Lark:
    """Return the parser; its values are nodes of the syntax tree."""
    from lark import Lark

    options: dict[str, Any] = {
        "parser": "lalr",
        "lexer": "basic",
        "postlex": _Unfiltered(),
        "transformer": TreeBuilder(),
        "maybe_placeholders": False,
    }
    cache = _cache_file()
    if cache is not None:
        options["cache"] = str(cache)
    return Lark(_FILE.read_text(encoding="utf-8"), **options)


def _cache_file() -> Path | None:
    """Where the tables are kept; None where there is no such place. Lark checks their freshness."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "ideacard"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder / "grammar.cache" if os.access(folder, os.W_OK) else None


@lru_cache(maxsize=1)
def spellings() -> dict[str, str]:
    """Return what is written for each terminal with one spelling: `AND` → `and`, `LPAR` → `(`."""
    return {t.name: t.pattern.value for t in grammar().terminals if t.pattern.type == "str"}


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of any text; the grammar has a terminal for every character.

    COST: `Lark.lex` builds a new scanner on every call; the parser's own is built once.
    """
    parser: Any = grammar().parse_interactive(text)
    lexed: Iterator[Any] = parser.lexer_thread.lex(None)
    return [Token(t.type, t.value, t.start_pos, t.end_pos) for t in lexed]


def feed(tokens: list[Token], place: Callable[[int, int], Span] = Span) -> tuple[Any, int | None]:
    """Parse tokens; return the tree and None, or None and the index of the first token that does not fit.

    The end of the text counts as the token behind the last one. `place` maps places of tokens to
    those that nodes get.
    """
    from lark import UnexpectedToken

    parser: Any = grammar().parse_interactive()
    done = 0
    try:
        for token in tokens:
            span = place(token.start, token.end)
            parser.feed_token(Token(token.type, token.value, span.start, span.end))
            done += 1
        return parser.feed_token(Token(END, "", 0, 0)), None
    except UnexpectedToken:
        return None, done


def accepted_after(tokens: list[Token]) -> frozenset[str]:
    """Return the terminals that may stand behind tokens that fit so far."""
    parser: Any = grammar().parse_interactive()
    for token in tokens:
        parser.feed_token(token)
    return frozenset(parser.accepts())
