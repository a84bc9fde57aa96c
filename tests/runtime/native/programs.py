"""Random programs in the language of kernels, typed and mostly alive: they raise now and then."""

from __future__ import annotations

from hypothesis import strategies as st

FLOATS = ("x", "y", "u", "v")
INTS = ("n", "m", "i", "j")
HEAD = "a: State, q: IntState, w: ByteColumn, n: int, m: int, x: float, y: float, b: bool"
LITERALS = ("0.0", "1.0", "-1.0", "0.5", "2.0", "1e300", "nan", "inf")
WHOLES = ("0", "1", "2", "3", "-1", "7", "1000003")


# F, I and B stand for a float, an int and a bool one level simpler.
FLOAT_FORMS = (
    "(F + F)", "(F - F)", "(F * F)", "(F / F)", "(F // F)", "(F % F)", "-F", "min(F, F)",
    "max(F, F, 1.0)", "fabs(F)", "sqrt(fabs(F))", "sqrt(F)", "float(I)", "(I * F)", "(F - I)",
    "(I / I)", "(F if B else F)", "a[I % 5]", "a[0 + I]", "half(F, I)",
)  # fmt: skip
INT_FORMS = (
    "(I + I)", "(I - I)", "(I * I)", "(I // I)", "(I % I)", "-I", "min(I, I)", "max(I, I)",
    "q[I % 4]", "w[I % 3]", "len(a)", "(I if B else I)", "floor(F)", "int(F)", "bump(q, I % 4)",
)  # fmt: skip
BOOL_FORMS = (
    "(B and B)", "(B or B)", "(not B)", "(B == B)", "(B != B)", "(F < F)", "(F >= F)", "(F == F)",
    "(F != F)", "(I < I)", "(I == I)", "(I <= F)", "(F != I)",
)  # fmt: skip
FORMS = {
    "F": (FLOAT_FORMS, (*FLOATS, *LITERALS)),
    "I": (INT_FORMS, (*INTS, *WHOLES)),
    "B": (BOOL_FORMS, ("b", "c", "True", "(x < y)", "(n == m)", "isnan(x)")),
}


@st.composite
def filled(draw: st.DrawFn, form: str, depth: int) -> str:
    """Return a form with an expression at most `depth` deep for each of its letters."""
    parts = []
    for letter in form:
        if letter not in FORMS:
            parts.append(letter)
            continue
        forms, leaves = FORMS[letter]
        inner = draw(st.sampled_from(leaves if depth <= 0 else (*forms, *leaves)))
        parts.append(inner if inner in leaves else draw(filled(inner, depth - 1)))
    return "".join(parts)


@st.composite
def lines(draw: st.DrawFn, depth: int, *, in_loop: bool = False) -> list[str]:
    found: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        found += draw(one_statement(depth, in_loop=in_loop))
    return found


def indented(body: list[str]) -> list[str]:
    return ["    " + line for line in body]


SIMPLE = (
    "u = F", "v = F", "x = F", "i = I", "j = I", "m = I", "c = B", "a[I % 5] = F", "a[I % 5] = I",
    "a[I % 5] += F", "a[I % 5] //= F", "a[I % 5] *= I", "u -= F", "u /= F", "v %= F", "i += I",
    "q[I % 4] = I", "q[I % 4] += I", "q[I % 4] //= I", "w[I % 3] = I % 400 - 150", "bump(q, I % 4)",
)  # fmt: skip


@st.composite
def one_statement(draw: st.DrawFn, depth: int, *, in_loop: bool) -> list[str]:
    forms = list(SIMPLE)
    forms += ["if", "for", "while"] if depth > 0 else []
    forms += ["if B:\n    break", "if B:\n    continue"] if in_loop else []
    form = draw(st.sampled_from(forms))
    match form:
        case "if":
            other = draw(lines(depth - 1, in_loop=in_loop))
            test = draw(filled("if B:", 2))
            return [test, *indented(draw(lines(depth - 1, in_loop=in_loop))), "else:",
                    *indented(other)]  # fmt: skip
        case "for":
            step = draw(st.sampled_from(("1", "2", "-1", "-3")))
            head = draw(filled(f"for k in range(I % 9, I % 9, {step}):", 1))
            return [head, *indented(draw(lines(depth - 1, in_loop=True)))]
        case "while":
            body = draw(lines(depth - 1, in_loop=False))
            # A counter of its own: an inner loop must not turn the outer one back.
            t = f"t{depth}"
            test = draw(filled(f"while {t} < 3 and B:", 2))
            return [f"{t} = 0", test, f"    {t} += 1", *indented(body)]
        case _:
            return draw(filled(form, 3)).splitlines()


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Return the text of `made`, with two kernels that it may call."""
    body = draw(lines(2))
    start = ["u = 0.25", "v = -x", "i = 1", "j = -m % 5", "c = not b"]
    end = [draw(filled("return F", 3))]
    return (
        "def half(x: float, n: int) -> float:\n    if n > 3:\n        return x / 2\n"
        "    return x / n\n"
        "def bump(q: IntState, at: int) -> int:\n    q[at] += 1\n    return q[at] // 3\n"
        f"def made({HEAD}) -> float:\n" + "\n".join(indented([*start, *body, *end])) + "\n"
    )
