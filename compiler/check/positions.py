"""Questions about the position in other words: `position == 0`, `position > 0`."""

from __future__ import annotations

from compiler.syntax import tree as s

_NAMES = frozenset({"position", "pos", "position_size", "market_position", "current_position"})
_FLAT, _LONG, _SHORT = "position_side == flat", "position_side == long", "position_side == short"
_MEANT = {
    (s.CompareOp.EQ, 0.0): _FLAT, (s.CompareOp.NE, 0.0): "position_side != flat",
    (s.CompareOp.GT, 0.0): _LONG, (s.CompareOp.LT, 0.0): _SHORT,
    (s.CompareOp.GTE, 1.0): _LONG, (s.CompareOp.EQ, 1.0): _LONG, (s.CompareOp.EQ, -1.0): _SHORT,
    (s.CompareOp.LTE, -1.0): _SHORT,
}  # fmt: skip
_WORDS = {"flat", "long", "short", "none", "null", "open", "closed"}


def position_question(expr: s.Compare) -> str | None:
    """Return the condition that a comparison of `position` with a number or a word means."""
    if not isinstance(expr.left, s.Name) or expr.left.field or expr.left.head.lower() not in _NAMES:
        return None
    right = expr.right
    if isinstance(right, s.Negate) and isinstance(right.operand, s.Number):
        return _MEANT.get((expr.op, -right.operand.value))
    if isinstance(right, s.Number):
        return _MEANT.get((expr.op, right.value))
    if not isinstance(right, s.Name) or right.field or right.head.lower() not in _WORDS:
        return None
    word = right.head.lower()
    is_no = word in ("none", "null", "closed")
    word = "flat" if is_no else word
    if expr.op not in (s.CompareOp.EQ, s.CompareOp.NE):
        return None
    if word == "open":
        return "position_side != flat" if expr.op is s.CompareOp.EQ else _FLAT
    return f"position_side {expr.op.value} {word}"
