"""A specialised kernel gives the outputs that are read, bit for bit; what is left out is gone."""

from __future__ import annotations

import ast
import random
from array import array
from dataclasses import replace

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import ParamKind, ParamValue
from runtime.features.adx import adx
from runtime.features.atr import atr
from runtime.features.macd import macd
from runtime.features.stdev import stdev
from runtime.kernel import Kernel
from runtime.native import BadArguments, Function, compile_kernels, read, specialise
from runtime.native.source import Constant, closure, define, interpreted
from runtime.native.types import check
from runtime.structures.market_structure import market_structure
from runtime.structures.order_block import order_block
from tests.runtime.kernels.bench import KERNELS, Columns, argument, dependencies, run, same
from tests.runtime.kernels.hostile import hostile
from tests.runtime.native.machine_code import TYPES, plain
from tests.runtime.native.test_parity import params_of

ROWS = 120


def of(run_: object) -> Function:
    (function,) = read(run_)  # type: ignore[arg-type]
    return function


def made_for(type_: str, params: dict[str, ParamValue], unread: set[str], share: float) -> Function:
    """Return a kernel for these parameters (a part of them, at random) and without some outputs."""
    entry, function = CATALOGUE[type_], of(KERNELS[type_].run)
    rng = random.Random(f"{type_} {share}")
    skipped = len(entry.inputs) + sum(len(d.columns) for d in entry.depends)
    names = [name for name, _ in function.params[skipped:]]
    fixed: dict[str, Constant] = {
        name: argument(spec, params[spec.name])  # type: ignore[misc]
        for name, spec in zip(names, entry.params, strict=False)
        if spec.kind is not ParamKind.FLOAT_LIST and rng.random() < share
    }
    outputs = dict(zip([o.name for o in entry.outputs], names[len(entry.params) :], strict=False))
    return specialise(function, fixed, {outputs[name] for name in unread})


def outputs_of(type_: str, kernel: Kernel, params: dict[str, ParamValue], seed: int) -> Columns:
    frame = hostile("dull", ROWS, seed)
    return run(type_, frame, params, dependencies(type_, frame), [7, 50], kernel=kernel)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("type_", TYPES)
def test_what_is_read_is_the_same_whatever_is_left_out(type_: str, share: float) -> None:
    kernel, entry = KERNELS[type_], CATALOGUE[type_]
    for seed in range(2):
        rng = random.Random(f"{type_} {share} {seed}")
        params = params_of(type_, rng)
        names = [o.name for o in entry.outputs]
        unread = set(rng.sample(names, rng.randrange(len(names)))) if share else set()
        special = made_for(type_, params, unread, share)
        wanted = outputs_of(type_, kernel, params, seed)
        found = outputs_of(type_, replace(kernel, run=interpreted(special)), params, seed)
        code = compile_kernels([special], has_bounds=True)
        machine = replace(kernel, run=lambda *given, code=code: code.call(0, *given))
        native = outputs_of(type_, machine, params, seed)
        for name in [n for n in wanted if n not in unread]:
            assert same(plain(wanted[name]), plain(found[name])), (name, params, unread)
            assert same(plain(wanted[name]), plain(native[name])), (name, params, unread)


def text_of(function: Function) -> str:
    return "\n".join(ast.unparse(f.node) for f in closure(function))


def test_a_branch_that_a_parameter_decides_is_gone_in_callees_too() -> None:
    whole = text_of(of(KERNELS["derived_zone"].run))
    part = text_of(specialise(of(KERNELS["derived_zone"].run), {"mode": 0, "kind": 0, "source": 0}))
    assert "low - reach" in whole
    assert "low - reach" not in part
    assert "mode ==" not in part
    bodies = text_of(specialise(of(order_block), {"use_body": False}))
    assert "opening[j] if side" not in bodies


def test_an_unread_output_leaves_with_what_only_it_needed() -> None:
    special = specialise(of(KERNELS["bbands"].run), {}, {"bandwidth", "percent_b", "lower"})
    body = text_of(special)
    assert "100.0" not in body
    assert special.untouched == {"bandwidth", "percent_b", "lower"}


def test_an_output_the_kernel_reads_itself_stays() -> None:
    special = specialise(of(adx), {}, {"value"})
    assert special.untouched == frozenset()
    both = specialise(of(adx), {}, {"value", "adxr"})
    assert both.untouched == {"value", "adxr"}
    # What it leaves in `state` may be read by the next call.
    assert "state, 9" in text_of(both)


def test_outputs_that_a_callee_writes_leave_too() -> None:
    special = specialise(of(order_block), {}, {"bull_upper", "bull_lower", "bull_count"})
    assert special.untouched == {"bull_upper", "bull_lower", "bull_count"}
    assert text_of(special).count("write_nearest(") < text_of(of(order_block)).count(
        "write_nearest("
    )


def test_an_untouched_array_may_be_none_and_no_other() -> None:
    special = specialise(of(macd), {}, {"histogram", "signal_line"})
    code = compile_kernels([special], has_bounds=False)
    source, out, state = (array("d", [1.0] * n) for n in (50, 50, 9))
    code.bind(0, [source, 3, 5, 2, out, None, None, state], {"state": 9})(0, 50)
    with pytest.raises(BadArguments, match="`line` is None"):
        code.bind(0, [source, 3, 5, 2, None, None, None, state], {"state": 9})


def test_a_kernel_made_for_one_value_refuses_another() -> None:
    code = compile_kernels([specialise(of(atr), {"length": 5})], has_bounds=False)
    columns = [array("d", [1.0] * 20) for _ in range(4)]
    code.bind(0, [*columns[:3], 5, columns[3], array("d", [0.0] * 3)], {"state": 3})(0, 20)
    with pytest.raises(BadArguments, match="the kernel is made for 5"):
        code.bind(0, [*columns[:3], 6, columns[3], array("d", [0.0] * 3)], {"state": 3})


@pytest.mark.parametrize(("fixed", "unread", "why"), [
    ({"width": 3}, set(), "no parameter `width`"), ({"length": 3.0}, set(), "may be 3.0"),
    ({"state": 3}, set(), "no parameter `state`"), ({}, {"length"}, "no array `length`"),
])  # fmt: skip
def test_what_a_kernel_does_not_have_is_refused(
    fixed: dict[str, Constant], unread: set[str], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        specialise(of(stdev), fixed, unread)


def test_specialised_kernels_and_plain_ones_live_in_one_module() -> None:
    entries = [of(atr), specialise(of(atr), {"length": 3}), specialise(of(atr), {"length": 4})]
    code = compile_kernels(entries, has_bounds=True)
    assert len(code.signatures) == 3


EFFECTS = """\
def bump(state: State) -> float:
    state[0] += 1.0
    return state[0]

def made(a: Column, out: Column, other: Column, state: State, n: int, start: int, stop: int) -> None:
    last = 7
    for last in range(n):
        pass
    for i in range(start, stop):
        out[i] = bump(state) if a[i] > 0.0 and bump(state) > 0.0 else -bump(state)
        out[last] = bump(state)
        unused = bump(state)
        unused += bump(state)
        idle = a[i] * 2.0
        idle += 1.0
        other[i] = state[0] + last
"""


def test_what_a_value_does_on_the_way_stays_when_the_value_goes() -> None:
    run_ = define(EFFECTS, "made", {})
    special = specialise(of(run_), {"n": 3}, {"out"})
    check(closure(special))
    results = []
    for one in (run_, interpreted(special)):
        arrays = [array("d", [1.0, -1.0, 0.0, 2.0]), array("d", [0.0] * 4), array("d", [0.0] * 4)]
        state = array("d", [0.0])
        one(*arrays, state, 3, 0, 4)
        results.append((arrays[2].tolist(), state[0]))
    assert results[0] == results[1]
    assert special.untouched == {"out"}
    assert "idle" not in text_of(special)


def test_market_structure_by_closes_has_no_question_left() -> None:
    assert "confirmation_close else" not in text_of(
        specialise(of(market_structure), {"confirmation_close": True})
    )


def test_a_parameter_that_the_kernel_assigns_is_not_put_in() -> None:
    text = "def made(n: int) -> int:\n    n += 1\n    return n\n"
    special = specialise(of(define(text, "made", {})), {"n": 3})
    assert interpreted(special)(3) == compile_kernels([special]).call(0, 3) == 4
