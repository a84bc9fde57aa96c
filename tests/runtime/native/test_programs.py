"""Random programs do in machine code what they do in CPython, to the last bit and the same line."""

from __future__ import annotations

import math
from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.native import compile_kernels, read
from runtime.native.source import define
from tests.runtime.native.outcomes import agree, compiled, interpreted
from tests.runtime.native.programs import programs

KNOWN = {name: getattr(math, name) for name in ("sqrt", "floor", "fabs", "isnan", "nan", "inf")}
FLOATS = (0.0, -0.0, 1.0, -1.5, 3.0, 1e308, -5e-324, math.nan, math.inf, 2.0**53)
INTS = (0, 1, -1, 2, 5, -7, 2**53 + 1, 2**62, -(2**63))
Given = tuple[int, int, float, float, bool]
GIVEN = st.tuples(
    st.sampled_from(INTS), st.sampled_from(INTS), st.sampled_from(FLOATS), st.sampled_from(FLOATS),
    st.booleans(),
)  # fmt: skip


@settings(max_examples=120)
@given(text=programs(), calls=st.lists(GIVEN, min_size=6, max_size=12))
def test_a_random_program_means_the_same_in_both_tiers(text: str, calls: list[Given]) -> None:
    run = define(text, "made", KNOWN)
    code = compile_kernels(read(run), has_bounds=True)
    for one_call in calls:
        arguments = [
            array("d", [1.0, -2.0, 0.5, 3.0, 0.0]), array("q", [1, -2, 3, 40]),
            array("b", [1, -1, 127]), *one_call,
        ]  # fmt: skip
        one, two = interpreted(run, arguments), compiled(code, 0, arguments)
        assert agree(one, two), (text, one_call, one, two)
