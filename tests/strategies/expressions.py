"""Random expressions: trees that both spellings can write, and text that nobody would."""

from __future__ import annotations

from hypothesis import strategies as st

from compiler.catalog.operations import FUNCTIONS
from compiler.syntax import expr as e
from compiler.syntax.amounts import TIMES, AmountUnit
from compiler.syntax.reserved import RESERVED_WORDS

_WORDS = (
    "close",
    "ema_fast",
    "sqz",
    "demand",
    "position_side",
    "flat",
    "x1",
    "_y",
    "order_pending",
)
_FIELDS = ("fired", "upper", "zone1_upper", "level_0.618", "level_1", "level[0.786]", "bb.mid")

heads = st.sampled_from(_WORDS)
fields = st.none() | st.sampled_from(_FIELDS)
timeframes = st.none() | st.sampled_from(("4h", "1d", "15m"))
words = st.sampled_from(sorted(RESERVED_WORDS)) | st.sampled_from(("two words", "scale-2", "1st"))


def _finite(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _number(value: float) -> e.Number:
    return e.Number(value)


integers = st.integers(-(10**12), 10**12).map(lambda n: e.Number(float(n), True))
numbers = integers | _finite(-1e308, 1e308).map(_number)
percents = _finite(0, 1e6).map(e.Percent)
params = st.sampled_from(("fast", "slow")).map(e.ParamRef)
names = st.builds(e.Name, heads, fields, timeframes) | words.map(e.Name)
references = st.one_of(
    st.builds(e.FeatureRef, heads, fields),
    st.sampled_from(("close", "equity", "position_layers")).map(e.BuiltinRef),
    st.builds(
        e.BuiltinRef, st.just("order_pending"), st.sampled_from(("scale_2", "scale-2", "a b"))
    ),
    heads.map(e.VarRef),
)
shares = percents | params.map(e.PercentParam)
_natural = st.integers(0, 10**6).map(lambda n: e.Number(float(n), True))
more_atoms = st.one_of(
    params.map(e.PercentParam),
    st.builds(e.Amount, _natural | params, st.sampled_from((AmountUnit.USDT, AmountUnit.BASE))),
    st.builds(e.Amount, _natural, st.just(AmountUnit.BARS)),
    st.builds(
        e.Amount,
        st.integers(1, 10**6).map(lambda n: e.Number(float(n), True)),
        st.sampled_from(sorted(TIMES)),
    ),
    st.builds(e.Amount, _natural | params, st.just(AmountUnit.TICKS)),
    st.builds(e.Part, shares, st.sampled_from(("max", "equity", "x1")).map(e.Name)),
    shares.map(e.Risk),
    st.just(e.Rest()),
    st.integers(0, 1440).map(e.Clock),
    st.integers(0, 80_000).map(e.Day),
)
atoms = st.one_of(more_atoms, numbers, st.booleans().map(e.Bool), names, references, params)
counts = st.integers(1, 500).map(lambda n: e.Number(float(n), True)) | params
lengths = counts.map(e.Length) | st.sampled_from(("2h", "30m", "1d")).map(
    lambda text: e.Length(None, text)
)


def _arith(inner: st.SearchStrategy[e.Expr]) -> st.SearchStrategy[e.Expr]:
    signs = st.sampled_from((e.ArithOp.ADD, e.ArithOp.SUB))
    return st.builds(e.Arith, st.sampled_from(e.ArithOp), inner, inner) | st.builds(
        e.Arith, signs, inner, percents
    )


def _near(inner: st.SearchStrategy[e.Expr]) -> st.SearchStrategy[e.Expr]:
    percent, absolute = e.ToleranceKind.PERCENT, e.ToleranceKind.ABSOLUTE
    return st.builds(e.Near, inner, inner, percents | params, st.just(percent)) | st.builds(
        e.Near, inner, inner, inner, st.just(absolute)
    )


def _window(inner: st.SearchStrategy[e.Expr]) -> st.SearchStrategy[e.Expr]:
    plain = st.sampled_from((e.WindowKind.HOLDS, e.WindowKind.OCCURRED))
    count = st.just(e.WindowKind.COUNT)
    return st.builds(e.Window, plain, lengths, inner) | st.builds(
        e.Window, count, lengths, inner, counts
    )


def _extend(inner: st.SearchStrategy[e.Expr]) -> st.SearchStrategy[e.Expr]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(e.All),
        several.map(e.Any),
        inner.map(e.Not),
        inner.map(e.Negate),
        _arith(inner),
        _near(inner),
        _window(inner),
        st.builds(e.Offset, inner, st.integers(0, 500)),
        st.builds(e.Default, inner, inner),
        st.builds(e.IsMissing, inner, st.booleans()),
        st.builds(e.Compare, st.sampled_from(e.CompareOp), inner, inner),
        st.builds(e.Between, inner, inner, inner),
        st.builds(e.In, inner, some),
        st.builds(e.Cross, st.sampled_from(e.Direction), inner, inner),
        st.builds(e.Call, st.sampled_from(FUNCTIONS), some),
        st.builds(
            e.Call,
            st.sampled_from(("sma", "bbands", "value_when")),
            some,
            st.sampled_from((None, "upper")),
            timeframes,
        ),
        st.builds(e.Choice, inner, inner, inner),
        st.builds(e.Sequence, inner, inner, lengths),
        st.builds(e.IsState, inner, st.sampled_from(e.State), st.booleans()),
        st.builds(e.InClock, inner, st.integers(0, 700), st.integers(701, 1440)),
        st.builds(e.Part, shares, inner),
    )


expressions: st.SearchStrategy[e.Expr] = st.recursive(atoms, _extend, max_leaves=12)

_PIECES = (
    *sorted(RESERVED_WORDS),
    *_WORDS,
    *("(", ")", "[", "]", ",", "+", "-", "*", "/", "??", "<", "<=", ">", ">=", "==", "!=", "="),
    *("0.5%", "2h", "3", "1e5", ".5", "5.", "30x", "010", "@4h", "=fast", '"a"', "'", "#", "{"),
    *("&&", "||", "!", "<>", "≥", "\n", "\t", "é", "AND", "corsses"),
)
# Text that is nearly an expression, and text that is nothing like one.
texts = st.lists(st.sampled_from(_PIECES), max_size=14).flatmap(
    lambda pieces: st.sampled_from((" ", "")).map(lambda glue: glue.join(pieces))
) | st.text(max_size=40)
