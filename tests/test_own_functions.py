"""What a result is made of is computed by correctly rounded operations and our own exp, log and pow."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.graph.rule_graph import Op
from compiler.optimize.arithmetic import evaluate as constant_value
from runtime.features import elementary
from runtime.rules import semantics
from tools.goldens import ROOT

# Of `math`, what IEEE 754 or plain logic defines to the last bit; the rest is the machine's library.
EXACT = frozenset(
    {"ceil", "copysign", "fabs", "floor", "fsum", "gcd", "inf", "isclose", "isfinite", "isinf"}
    | {"isnan", "isqrt", "nan", "nextafter", "pi", "sqrt", "trunc", "ulp"}
)
# A made-up market is drawn with Python's `random`, which asks the library too: its bars are an input, named by
# their hash in every result.
INPUTS = ("runtime/market/synthetic.py",)
REFUSES_THEM = ("runtime/native/source.py",)  # it names them to say which of ours to use


def strangers(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and name of what asks the machine's library for a number."""
    own = {  # a kernel may define or import one of the name
        name
        for node in ast.walk(tree)
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef)
            else [one.name for one in node.names]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="math"), attr=name) if name not in EXACT:
                yield node.lineno, f"math.{name}"
            case ast.ImportFrom(module="math", names=names):
                yield from ((node.lineno, one.name) for one in names if one.name not in EXACT)
            case ast.BinOp(op=ast.Pow(), left=left) if not isinstance(left, ast.Constant):
                yield node.lineno, "**"
            case ast.Call(func=ast.Name(id="pow")) if "pow" not in own:
                yield node.lineno, "pow"


def makers() -> list[str]:
    """Return the files that a result comes from: the runtime, and what folds and evaluates constants."""
    paths = [*(ROOT / "runtime").rglob("*.py"), *(ROOT / "compiler/optimize").rglob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths)


@pytest.mark.parametrize("name", [name for name in makers() if name not in INPUTS + REFUSES_THEM])
def test_nothing_a_result_is_made_of_asks_the_library_of_the_machine(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    assert list(strangers(tree)) == []


def test_a_call_of_the_library_would_be_found() -> None:
    text = (
        "import math\nfrom math import log\nfrom math import sqrt\n"
        "a = math.exp(b)\nc = a**0.5\nd = pow(a, c)\ne = 2.0**54\n"
    )
    assert list(strangers(ast.parse(text))) != []
    assert {name for _, name in strangers(ast.parse(text))} == {"log", "math.exp", "**", "pow"}
    assert (
        list(strangers(ast.parse("from runtime.features.elementary import pow\npow(1, 2)"))) == []
    )


@given(st.floats(min_value=0.0, exclude_min=True, allow_infinity=False))
def test_a_card_s_logarithm_is_our_own(value: float) -> None:
    assert semantics.evaluate("log", [value]) == elementary.log(value)


@given(st.floats(min_value=-700.0, max_value=700.0))
def test_a_card_s_exponential_is_our_own(value: float) -> None:
    assert semantics.evaluate("exp", [value]) == elementary.exp(value)


def test_a_logarithm_is_computed_by_the_run_and_never_by_the_compiler() -> None:
    """Else a card would mean one digit on the machine that compiled it and another where it runs."""
    assert constant_value(Op.LOG, (2.0,)) is None
    assert constant_value(Op.EXP, (2.0,)) is None
    assert constant_value(Op.SQRT, (2.0,)) == math.sqrt(2.0)
