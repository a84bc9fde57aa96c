"""The token at which an expression stops to make sense, with all that is known about its place."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.expressions.errors import ExpressionError
from compiler.expressions.grammar import spellings
from compiler.expressions.tokens import Token


@dataclass(frozen=True, slots=True)
class Mending:
    """The error, and the tokens mended; None where nobody can tell what is meant."""

    error: ExpressionError
    tokens: list[Token] | None = None


@dataclass(frozen=True, slots=True)
class Unexpected:
    """The first token that does not fit (None: the text ends too early) and what could stand there."""

    text: str
    tokens: list[Token]
    index: int
    accepted: frozenset[str]

    @property
    def token(self) -> Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    @property
    def before(self) -> Token | None:
        return self.tokens[self.index - 1] if self.index else None

    @property
    def start(self) -> int:
        token = self.token
        return len(self.text.rstrip()) if token is None else token.start

    @property
    def end(self) -> int:
        token = self.token
        return self.start if token is None else token.end

    def replaced(self, first: int, last: int, *types: str) -> list[Token]:
        """Return the tokens with [first, last) replaced; the new ones stand where those stood."""
        start = self.tokens[first].start if first < len(self.tokens) else self.start
        end = self.tokens[last - 1].end if last > first else start
        made = [Token(type, spellings()[type], start, end) for type in types]
        return [*self.tokens[:first], *made, *self.tokens[last:]]

    def error(
        self, message: str, helps: str | None = None, fix_text: str | None = None
    ) -> ExpressionError:
        return ExpressionError(self.start, self.end, message, helps, fix_text)
