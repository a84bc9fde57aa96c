"""The `size:` form: `10% of equity`, `25% of max`, `50% of position`, `1000 usdt`, `risk 1%`, or an expression.

A number may be a tunable: `=pct% of equity`. Percentages of something become fractions. What is none of
these forms alone is an expression of them and of any numbers: `min(risk 1%, 50% of equity)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isfinite

from compiler.expressions.errors import ExpressionError
from compiler.expressions.read import Place, parse_expression
from compiler.expressions.tree_builder import number_of
from compiler.findings.source import Span
from compiler.findings.suggest import closest, misspelt
from compiler.syntax import expr as e
from compiler.syntax.tree import Size, SizeKind

FORMS = (
    "`10% of equity`, `25% of max`, `50% of free`, `50% of position`, `1000 usdt`, `0.01 base`, `risk 1%`, "
    "or an expression of them"
)
_OF = {
    "equity": SizeKind.EQUITY_FRACTION,
    "max": SizeKind.MAX_FRACTION,
    "position": SizeKind.POSITION_FRACTION,
}
FILL = "fill"  # what the order has filled, in its `on_fill`
_UNITS = {"usdt": SizeKind.USDT, "base": SizeKind.BASE}
_AMOUNT = (
    r"(?P<amount>=[A-Za-z_][A-Za-z0-9_]*"
    r"|(?:(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
)
_PART = re.compile(rf"\s*{_AMOUNT}\s*%\s*of\s+(?P<word>[A-Za-z_]+)\s*\Z")
_QUANTITY = re.compile(rf"\s*{_AMOUNT}\s*(?P<word>[A-Za-z_]+)\s*\Z")
_RISK = re.compile(rf"\s*risk\s+{_AMOUNT}\s*%(?:\s*of\s+equity)?\s*\Z")
_SHARE = re.compile(rf"\s*{_AMOUNT}\s*%\s*\Z")
_RISK_LAST = re.compile(rf"\s*{_AMOUNT}\s*%\s*risk\s*\Z")
_LONGEST = 200
_CALCULATES = re.compile(r"[()*/]|\s[-+]\s|\bif\b|\brest\b|\d\s+of\b")
# Other words for what a share is of, and for the unit of an amount.
_MEANT = {
    "capital": "equity", "balance": "equity", "account": "equity", "portfolio": "equity",
    "maximum": "max", "pos": "position", "usd": "usdt", "dollars": "usdt", "usdc": "usdt",
    "btc": "base", "coins": "base", "contracts": "base", "units": "base",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedSize:
    size: Size | None
    errors: tuple[ExpressionError, ...] = ()


def parse_size(text: str, place: Place = Span, of: str = "equity") -> ParsedSize:
    """Parse the size of an order; `place` maps characters of the text to places in the file.

    `of` is what a bare percentage most probably is of.
    """
    whole = _trimmed(text)
    if text.strip() == FILL:
        span = place(*whole)
        return ParsedSize(Size(SizeKind.FILL, e.Number(1.0, True, span=span), span=span))
    found = _RISK.match(text) or _PART.match(text) or _QUANTITY.match(text)
    if found is not None and not _is_finite(found["amount"]):
        message = "a number too large to compute with"
        return _refused(ExpressionError(*found.span("amount"), message))
    if found := _RISK.match(text):
        value = _amount(found, place)
        return ParsedSize(Size(SizeKind.RISK_PCT, value, span=place(*whole)))
    if (found := _PART.match(text)) and _is_of_account(found["word"]):
        return _sized(text, found, _OF, place)
    if found := _QUANTITY.match(text):
        return _sized(text, found, _UNITS, place)
    if _SHARE.match(text):
        written = f"{text.strip()} of {of}"
        size = parse_size(written).size
        message = f"`{text.strip()}` of what?"
        error = ExpressionError(*whole, message, f"write `{written}`", written)
        return ParsedSize(size and replace(size, span=place(*whole)), (error,))
    return _calculated(text, place, whole)


def _is_of_account(word: str) -> bool:
    """Return whether a part is meant of what the account has, however it is spelt."""
    return word in _OF or word.lower() in _MEANT or misspelt(word, _OF) is not None


def _calculated(text: str, place: Place, whole: tuple[int, int]) -> ParsedSize:
    parsed = parse_expression(text, place)
    expr = parsed.expr
    if isinstance(expr, e.Rest) and not parsed.errors:
        return ParsedSize(Size(SizeKind.REST, e.Number(1.0, True, span=expr.span), span=expr.span))
    if parsed.errors and _CALCULATES.search(text):
        return ParsedSize(None, parsed.errors)
    if not parsed.errors and expr is not None and not isinstance(expr, e.Number | e.Bool):
        return ParsedSize(Size(None, expr, span=place(*whole)))
    message = f"`{text.strip()}` is not a size"
    if found := _RISK_LAST.match(text):
        meant = f"risk {found['amount']}%"
        return _refused(ExpressionError(*whole, message, f"did you mean `{meant}`?", meant))
    return _refused(ExpressionError(*whole, message, f"write {FORMS}"))


def _trimmed(text: str) -> tuple[int, int]:
    inner = text.strip()
    start = text.find(inner)
    return start, start + len(inner)


def _refused(error: ExpressionError) -> ParsedSize:
    return ParsedSize(None, (error,))


def _sized(text: str, found: re.Match[str], kinds: dict[str, SizeKind], place: Place) -> ParsedSize:
    word = found["word"]
    errors: tuple[ExpressionError, ...] = ()
    meant = word
    if word not in kinds:
        known = _MEANT.get(word.lower())
        near = known if known in kinds else closest(word, kinds)
        message = f"a size has no unit `{word}`" if kinds is _UNITS else f"no size is of `{word}`"
        helps = f"did you mean `{near}`?" if near else f"write {FORMS}"
        sure = near is not None and misspelt(word, kinds) == near
        errors = (ExpressionError(*found.span("word"), message, helps, near, sure),)
        if near is None:
            return ParsedSize(None, errors)
        meant = near
    value: e.Expr = _amount(found, place)
    if kinds is _OF:
        value = _as_fraction(value)
    return ParsedSize(Size(kinds[meant], value, span=place(*_trimmed(text))), errors)


def _is_finite(amount: str) -> bool:
    return amount.startswith("=") or isfinite(float(amount))


def _amount(found: re.Match[str], place: Place) -> e.Number | e.ParamRef:
    text, span = found["amount"], place(*found.span("amount"))
    if text.startswith("="):
        return e.ParamRef(text[1:], span=span)
    return number_of(text, span)


def _as_fraction(value: e.Expr) -> e.Expr:
    if isinstance(value, e.Number):
        return e.Number(hundredth(value.value), span=value.span)
    hundred = e.Number(100.0, True, span=value.span)
    return e.Arith(e.ArithOp.DIV, value, hundred, span=value.span)


def hundredth(value: float) -> float:
    """Return value / 100 as a person computes it, in decimals (0.7 gives 0.007)."""
    return float(f"{value!r}".partition("e")[0] + f"e{_exponent(value) - 2}")


def hundredfold(value: float) -> float:
    """Return value · 100 as a person computes it, in decimals (0.007 gives 0.7)."""
    return float(f"{value!r}".partition("e")[0] + f"e{_exponent(value) + 2}")


def _exponent(value: float) -> int:
    return int(f"{value!r}".partition("e")[2] or 0)
