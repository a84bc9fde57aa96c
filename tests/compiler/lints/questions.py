"""Random conditions over few values, each with its three-valued meaning, and their compiled form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.lints.reasoning.logic import Reasoner, Solver
from compiler.pipeline import check

Values = Mapping[str, float | None]
Meaning = Callable[[Values], bool | None]
NUMBERS = ("one", "two")  # both are RSIs: 0 to 100, unknown during warm-up
LITERALS = (0, 30, 60, 100)
GRID = (None, 0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0)
SIDES = (0.0, 1.0, 2.0)
_CARD = """\
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: rsi, id: one, params: {length: 14}}
  - {type: rsi, id: two, params: {length: 21}}
blocks:
  - id: ask
    cases:
      - when: %s
        emit: [no_action]
"""


@dataclass(frozen=True)
class Condition:
    """A condition as written and as meant."""

    text: str
    meaning: Meaning


_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
_MEASURED = ("<", "<=", ">", ">=")
COUNTS = ("position_layers", "entries_since_flat", "pending_order_count", "pending_limit_buy_count")
_PERHAPS = ("position_unrealized_pct", "oldest_pending_age_bars")


def _comparison(left: str, op: str, right: str | int) -> Condition:
    def meaning(values: Values) -> bool | None:
        a = values[left]
        b = values[right] if isinstance(right, str) else float(right)
        return None if a is None or b is None else _OPERATORS[op](a, b)

    return Condition(f"{left} {op} {right}", meaning)


def _side(op: str, side: int) -> Condition:
    name = ("flat", "long", "short")[side]
    return Condition(
        f"position_side {op} {name}", lambda v: (v["side"] == float(side)) == (op == "==")
    )


def _missing(name: str) -> Condition:
    return Condition(f"{name} is missing", lambda v: v[name] is None)


def _not(inner: Condition) -> Condition:
    def meaning(values: Values) -> bool | None:
        found = inner.meaning(values)
        return None if found is None else not found

    return Condition(f"not ({inner.text})", meaning)


def _join(word: str, parts: list[Condition]) -> Condition:
    decides = word == "or"

    def meaning(values: Values) -> bool | None:
        found = [part.meaning(values) for part in parts]
        if decides in found:
            return decides
        return None if None in found else not decides

    return Condition(f" {word} ".join(f"({part.text})" for part in parts), meaning)


_ATOMS = st.one_of(
    st.builds(
        _comparison,
        st.sampled_from(NUMBERS), st.sampled_from(_MEASURED), st.sampled_from(LITERALS),
    ),
    st.builds(_comparison, st.just("one"), st.sampled_from(_MEASURED), st.just("two")),
    st.builds(_side, st.sampled_from(("==", "!=")), st.integers(0, 2)),
    st.builds(_missing, st.sampled_from(NUMBERS)),
)  # fmt: skip
_ACCOUNT_ATOMS = st.one_of(
    st.builds(
        _comparison,
        st.sampled_from(COUNTS), st.sampled_from(tuple(_OPERATORS)), st.integers(0, 2),
    ),
    st.builds(_comparison, st.sampled_from(_PERHAPS), st.sampled_from(_MEASURED), st.integers(0, 2)),
    st.builds(_side, st.sampled_from(("==", "!=")), st.integers(0, 2)),
    st.builds(_missing, st.sampled_from(_PERHAPS)),
)  # fmt: skip


def conjunctions() -> st.SearchStrategy[Condition]:
    return st.lists(_ATOMS, min_size=2, max_size=6).map(lambda parts: _join("and", parts))


def conditions() -> st.SearchStrategy[Condition]:
    """Comparisons joined by `and`, `or` and `not`."""
    return _joined(_ATOMS)


def account_conditions() -> st.SearchStrategy[Condition]:
    """The same about position and working orders: whole numbers, and values unknown without one."""
    return _joined(_ACCOUNT_ATOMS)


def _joined(atoms: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map(_not),
            st.builds(
                _join, st.sampled_from(("and", "or")), st.lists(inner, min_size=2, max_size=3)
            ),
        ),
        max_leaves=7,
    )


def outcomes(condition: Condition, among: Iterable[Values] | None = None) -> set[bool | None]:
    """Return every truth value the condition takes over the grid, or among other values."""
    return {condition.meaning(values) for values in (worlds() if among is None else among)}


def worlds() -> Iterator[Values]:
    for one, two, side in product(GRID, GRID, SIDES):
        yield {"one": one, "two": two, "side": side}


def account_worlds() -> Iterator[Values]:
    """Yield every state of an account, with few layers and orders."""
    for position, orders in product(_positions(), _orders()):
        yield {**position, **orders}


def _positions() -> Iterator[Values]:
    yield {
        "side": 0.0, "position_layers": 0.0, "entries_since_flat": 0.0,
        "position_unrealized_pct": None,
    }  # fmt: skip
    for side, entries, pct in product(
        (1.0, 2.0), (1, 2, 3, 4), (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
    ):
        for layers in range(1, entries + 1):
            yield {
                "side": side, "position_layers": float(layers),
                "entries_since_flat": float(entries), "position_unrealized_pct": pct,
            }  # fmt: skip


def _orders() -> Iterator[Values]:
    yield {
        "pending_order_count": 0.0,
        "pending_limit_buy_count": 0.0,
        "oldest_pending_age_bars": None,
    }
    for count, age in product((1, 2, 3), (0.0, 1.0, 2.0, 3.0)):
        for buys in range(count + 1):
            yield {
                "pending_order_count": float(count), "pending_limit_buy_count": float(buys),
                "oldest_pending_age_bars": age,
            }  # fmt: skip


def asked(condition: Condition) -> tuple[Reasoner, int]:
    """Return a reasoner over the compiled condition, and its node."""
    checked = check(Source("card.yaml", _CARD % f'"{condition.text}"'), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return Reasoner(checked.graph), checked.graph.blocks[0].cases[0].when


def solver_of(reasoner: Reasoner) -> Solver:
    from compiler.lints.reasoning.solver import Z3

    return Z3(reasoner.graph)
