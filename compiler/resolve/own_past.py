"""What to write in place of a named value that reads itself, or another that leads back: none has a past of its own making.

A value that is kept until the next (`1 if a else (-1 if b else dir[1])`) has one exact rewriting; of everything
else this only says which words have memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.findings.source import NOWHERE
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression
from compiler.syntax.rewrite import rewritten
from compiler.syntax.walker import subexpressions

_LONGEST = 160  # characters of a rewriting that a help shows
_LAW = "a name cannot read itself, not at an earlier bar either"
_ANY_SERIES = "`trailing_bands(x, distance)`"
_LINE = (
    f"a line that only follows any series is {_ANY_SERIES}, one of the price `atr_trailing_stop`, `supertrend` or `chandelier(22).long_stop`, a stop since the entry "
    "`highest_since(position_side != long, close - 2 * atr(14))`"
)
_KEPT = "a value that is kept is `value_when(close > open, low)`"
_TURNED = "which of two was last is `bars_since(a) < bars_since(b)`"


def of_any_series(type_: str) -> str:
    """Return where a line that follows the price alone has one that follows anything, else nothing."""
    of_the_price = ("atr_trailing_stop", "supertrend", "chandelier")
    return f"; what follows any series is {_ANY_SERIES}" if type_ in of_the_price else ""


def instead_of_itself(name: str, value: s.Expr) -> str:
    """Return the help for a named value that reads itself."""
    kept = _kept(name, value)
    if kept is not None:
        return f"{_LAW}; a value that is kept until the next: `{kept}`"
    if isinstance(value, s.All | s.Any | s.Not):
        return f"{_LAW}; {_TURNED}"
    return f"{_LAW}; {_LINE}; {_KEPT}; {_TURNED}"


def instead_of_each_other(cycle: Sequence[s.Variable]) -> str:
    """Return the help for named values that read each other in a circle: one that does not lead back, to be typed."""
    first, last = cycle[0], cycle[-1]
    law = f"a name cannot lead back to itself: in `{last.name}` write what it needs of `{first.name}` in its place"
    names = [variable.name for variable in cycle]
    own = _apart(first.value, names)
    if own is None:
        return law
    value = rewritten(last.value, lambda part: own if _is(first.name, part) else None)
    text = f"{last.name}: {print_expression(value)}"
    leads_back = any(_reads(name, (value,)) for name in names)
    return law if leads_back or len(text) > _LONGEST else f"{law}, as `{text}`"


def _apart(value: s.Expr, names: Sequence[str]) -> s.Expr | None:
    """Return the parts of a condition that read none of some names, None where there are none."""
    if not isinstance(value, s.All | s.Any):
        return None
    kept = tuple(p for p in value.items if not any(_reads(name, (p,)) for name in names))
    return None if not kept else kept[0] if len(kept) == 1 else replace(value, items=kept)


def _kept(name: str, value: s.Expr) -> str | None:
    """Return `value_when(a or b, x if a else y)` for `x if a else (y if b else name[1])`."""
    conditions: list[s.Expr] = []
    values: list[s.Expr] = []
    rest = value
    while isinstance(rest, s.Choice):
        conditions.append(rest.condition)
        values.append(rest.value)
        rest = rest.other
    if not conditions or not _is_last(name, rest) or _reads(name, (*conditions, *values)):
        return None
    span = NOWHERE
    chosen = values[-1]
    for condition, earlier in zip(reversed(conditions[:-1]), reversed(values[:-1]), strict=True):
        chosen = s.Choice(condition, earlier, chosen, span=span)
    when = conditions[0] if len(conditions) == 1 else s.Any(tuple(conditions), span=span)
    text = f"value_when({print_expression(when)}, {print_expression(chosen)})"
    return text if len(text) <= _LONGEST else None


def _is_last(name: str, expr: s.Expr) -> bool:
    """Return whether an operand is the named value one bar back."""
    return isinstance(expr, s.Offset) and expr.bars == 1 and _is(name, expr.operand)


def _reads(name: str, among: tuple[s.Expr, ...]) -> bool:
    return any(_is(name, part) for expr in among for part in subexpressions(expr))


def _is(name: str, expr: s.Expr) -> bool:
    if isinstance(expr, s.VarRef):
        return expr.name == name
    return isinstance(expr, s.Name) and expr.head == name and expr.field is None
