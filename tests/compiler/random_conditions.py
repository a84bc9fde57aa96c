"""Random conditions that a card may contain: every construct, always well typed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from compiler.syntax import tree as s
from compiler.syntax.walker import children
from tests.compiler.cards import num

PRICES = (
    s.Name("close"),
    s.Name("low"),
    s.Name("fast"),
    s.Name("slow"),
    s.Name("trend"),
    s.Name("swing", "low_level"),
    s.Name("fib", "level_0.618"),
    s.Name("slow", timeframe="4h"),
    s.Name("position_avg_entry"),
)
TRUTHS = (s.Name("st", "up"), s.VarRef("green"))
COUNTS = (s.Name("st", "direction"), s.Name("position_layers"), s.Name("pending_order_count"))
VARIABLES = (s.Variable("green", s.Compare(s.CompareOp.GT, s.Name("close"), s.Name("open"))),)
_ORDER = st.sampled_from((s.CompareOp.GT, s.CompareOp.GTE, s.CompareOp.LT, s.CompareOp.LTE))
_LITERALS = st.sampled_from((0.5, 1.0, 2.0, 30.0, 100.25)).map(num)
_LENGTHS = st.integers(1, 40).map(lambda n: s.Length(s.Number(float(n), is_int=True)))
_SIDES = st.sampled_from((s.Name("flat"), s.Name("long"), s.Name("short")))
_POSITION = s.Name("position_side")


def prices() -> st.SearchStrategy[s.Expr]:
    """Numbers in the unit of a price."""
    leaves: st.SearchStrategy[s.Expr] = st.sampled_from(PRICES)
    return st.recursive(leaves, _more_prices, max_leaves=4)


def _more_prices(inner: st.SearchStrategy[s.Expr]) -> st.SearchStrategy[s.Expr]:
    plus = st.sampled_from((s.ArithOp.ADD, s.ArithOp.SUB))
    scale = st.sampled_from((s.ArithOp.MUL, s.ArithOp.DIV))
    percent = st.sampled_from((0.5, 2.0)).map(s.Percent)
    return st.one_of(
        st.builds(s.Arith, plus, inner, inner),
        st.builds(s.Arith, plus, inner, percent),
        st.builds(s.Arith, scale, inner, _LITERALS),
        st.builds(s.Offset, st.sampled_from(PRICES), st.integers(1, 9)),
        st.builds(s.Default, inner, inner),
        st.tuples(st.sampled_from(("min", "max")), inner, inner).map(
            lambda t: s.Call(t[0], (t[1], t[2]))
        ),
        inner.map(lambda e: s.Call("abs", (e,))),
    )


def _simple() -> st.SearchStrategy[s.Expr]:
    price = prices()
    return st.one_of(
        st.sampled_from(TRUTHS),
        st.builds(s.Compare, _ORDER, price, price),
        st.builds(s.Compare, _ORDER, price, _LITERALS),
        st.builds(s.Compare, st.just(s.CompareOp.EQ), st.just(_POSITION), _SIDES),
        st.builds(s.Compare, st.just(s.CompareOp.NE), st.sampled_from(COUNTS), st.just(num(1))),
        st.builds(s.In, st.just(_POSITION), st.lists(_SIDES, min_size=1, max_size=2).map(tuple)),
        st.builds(s.Between, price, price, price),
        st.builds(s.Near, price, price, st.just(num(0.5)), st.sampled_from(s.ToleranceKind)),
        st.builds(s.Cross, st.sampled_from(s.Direction), price, price),
        st.builds(s.IsMissing, price, st.booleans()),
    )


def _more_truths(inner: st.SearchStrategy[s.Expr]) -> st.SearchStrategy[s.Expr]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    plain = st.sampled_from((s.WindowKind.HOLDS, s.WindowKind.OCCURRED))
    return st.one_of(
        several.map(s.All),
        several.map(s.Any),
        inner.map(s.Not),
        st.builds(s.Window, plain, _LENGTHS, inner),
        st.builds(
            s.Window,
            st.just(s.WindowKind.COUNT),
            st.just(s.Length(s.Number(9.0, is_int=True))),
            inner,
            st.integers(1, 9).map(lambda n: s.Number(float(n), is_int=True)),
        ),
    )


def conditions() -> st.SearchStrategy[s.Expr]:
    """Conditions over the features of `tests/compiler/cards.py` and the variable `green`."""
    return st.recursive(_simple(), _more_truths, max_leaves=5)


def as_structured(expr: s.Expr) -> s.Expr:
    """Rewrite the names of the string form as the references of the structured form."""
    match expr:
        case s.Name(head="green"):
            return s.VarRef("green")
        case s.Name(head="flat" | "long" | "short"):
            return expr
        case s.Name(timeframe=str() as timeframe):
            return s.FeatureRef(f"{expr.head}@{timeframe}", expr.field)
        case s.Name(
            head="position_side" | "position_layers" | "pending_order_count" | "position_avg_entry"
        ):
            return s.BuiltinRef(expr.head)
        case s.Name():
            return s.FeatureRef(expr.head, expr.field)
        case _ if not children(expr):
            return expr
    changes: dict[str, object] = {}
    for name in ("operand", "left", "right", "value", "fallback", "low", "high", "tolerance"):
        part = getattr(expr, name, None)
        if part is not None and not isinstance(part, float):
            changes[name] = as_structured(part)
    for name in ("items", "args"):
        if hasattr(expr, name):
            changes[name] = tuple(as_structured(item) for item in getattr(expr, name))
    return replace(expr, **changes)  # type: ignore[arg-type]
