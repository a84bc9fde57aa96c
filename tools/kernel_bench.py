"""What machine code costs and gives, per kernel: compile time, cache, rows a second, beside CPython.

    python -m tools.kernel_bench [ROWS] [TYPE …]

With numba installed it is measured on the same sources. Not part of any test: times are this
machine's, so compare what one run prints.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import ParamKind, ParamValue
from runtime.features import FEATURES
from runtime.kernel import Kernel, make_block
from runtime.market.frame import Frame
from runtime.native import Function, compile_kernels, read, specialise
from runtime.structures import STRUCTURES

KERNELS = {kernel.type: kernel for kernel in (*FEATURES, *STRUCTURES)}
CARD = ("swing", "derived_zone", "atr", "ema", "rsi")
SLOW = {"volume_profile": 40, "percentile": 4}  # rows are divided by it


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Return the median of the processor time of some calls."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def bars(rows: int) -> Frame:
    """Return bars that trend, turn and repeat, from a linear congruence."""
    frame, seed, close = Frame("X", "15m", 900_000), 1, 50_000.0
    for index in range(rows):
        seed = (seed * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        opening, close = close, max(1.0, close + (seed >> 33) % 401 - 200)
        wick = (seed >> 20) % 101
        frame.append(
            index * 900_000,
            opening,
            max(opening, close) + wick,
            min(opening, close) - wick / 2,
            close,
            float((seed >> 11) % 1_000),
        )
    return frame


def columns(type_: str, frame: Frame) -> tuple[list[object], dict[str, array[float]]]:
    """Return the arguments of a kernel but `start` and `stop`, and its outputs by name."""
    entry, kernel, rows = CATALOGUE[type_], KERNELS[type_], len(frame)
    params = defaults(entry)
    unknown = array("d", [math.nan])
    given: list[object] = []
    for name in entry.inputs:
        source = entry.default_source if name == "source" else name
        given.append(
            frame.ts
            if source == "ts"
            else unknown * rows
            if source == "mark"
            else frame.column(source)
        )
    for spec in entry.depends:
        usual = "hl2" if spec.is_source else "swing"
        _, outputs = computed((spec.types or (usual,))[0], frame)
        given += [outputs[name] for name in spec.columns]
    given += [argument(spec.kind, spec.choices, params[spec.name]) for spec in entry.params]
    named = {o.name: unknown * rows for o in entry.outputs}
    given += named.values()
    if kernel.columns is not None:
        places = len(entry.outputs_for(params)) - kernel.columns
        given.append(make_block(rows, places)[1])
    return [*given, array("d", bytes(8 * kernel.state_size(params)))], named


def argument(kind: ParamKind, choices: Sequence[str], value: ParamValue) -> object:
    match kind:
        case ParamKind.ENUM:
            return choices.index(str(value))
        case ParamKind.FLOAT_LIST:
            assert isinstance(value, tuple)
            return array("d", value)
        case ParamKind.FLOAT:
            return float(value)  # type: ignore[arg-type]
        case _:
            return value


def computed(type_: str, frame: Frame) -> tuple[list[object], dict[str, array[float]]]:
    given, outputs = columns(type_, frame)
    compile_kernels(read(KERNELS[type_].run), has_bounds=True).call(0, *given, 0, len(frame))
    return given, outputs


def fresh(given: Sequence[object]) -> list[object]:
    """Return arguments with a state of zeros."""
    state = given[-1]
    assert isinstance(state, array)
    return [*given[:-1], array("d", bytes(state.itemsize * len(state)))]


def speed(kernel: Kernel, given: Sequence[object], rows: int, *, has_bounds: bool) -> float:
    """Return a million rows a second of machine code."""
    entries = read(kernel.run)
    lengths = {name: 0 for name, _ in entries[0].params}
    lengths |= {
        name: value.shape[1]
        for (name, _), value in zip(entries[0].params, given, strict=False)
        if isinstance(value, memoryview) and value.shape
    }
    code = compile_kernels(entries, has_bounds=has_bounds)
    calls = [code.bind(0, fresh(given), lengths) for _ in range(3)]
    return rows / seconds(lambda: calls.pop()(0, rows)) / 1e6


def numba_speed(kernel: Kernel, given: Sequence[object], rows: int) -> tuple[float, float] | None:
    """Return numba's million rows a second and its seconds of compiling; None where it has no answer."""
    try:
        import numba
    except ImportError:
        return None
    done: dict[FunctionType, object] = {}

    def jit(run: FunctionType) -> object:
        if run not in done:
            names = dict(run.__globals__)
            for name in run.__code__.co_names:
                if isinstance(names.get(name), FunctionType):
                    names[name] = jit(names[name])
            done[run] = numba.njit(FunctionType(run.__code__, names, run.__name__))
        return done[run]

    assert isinstance(kernel.run, FunctionType)
    run = jit(kernel.run)
    assert callable(run)
    try:
        compiling = seconds(lambda: run(*fresh(given), 0, 1), 1)
        calls = [fresh(given) for _ in range(3)]
        return rows / seconds(lambda: run(*calls.pop(), 0, rows)) / 1e6, compiling
    except numba.core.errors.NumbaError:
        return None


def compile_times() -> None:
    start = time.process_time()
    from runtime.native import machine  # noqa: F401

    print(f"import of llvmlite: {(time.process_time() - start) * 1e3:.0f} ms")
    for has_bounds in (False, True):
        each = [cost(read(kernel.run), has_bounds=has_bounds) for kernel in KERNELS.values()]
        print(
            f"bounds {'on ' if has_bounds else 'off'}: a kernel {statistics.median(each) * 1e3:.0f} ms "
            f"(median), {max(each) * 1e3:.0f} ms (most), {len(each)} one by one {sum(each):.2f} s"
        )
    with tempfile.TemporaryDirectory() as folder:
        for name, types in (
            (", ".join(CARD), CARD),
            (f"all {len(KERNELS)} in one", tuple(KERNELS)),
        ):
            runs = [KERNELS[t].run for t in types]

            def compiled(runs: Sequence[Callable[..., None]] = runs) -> object:
                return compile_kernels(read(*runs), has_bounds=False, where=Path(folder))

            first, again = seconds(compiled, 1), seconds(compiled, 5)
            print(f"{name}: first {first * 1e3:.0f} ms, from the cache {again * 1e3:.1f} ms")
    for name, functions in (
        ("as they are", [read(k.run)[0] for k in KERNELS.values()]),
        ("defaults fixed, first output alone read", [lean(t) for t in KERNELS]),
    ):
        print(f"all one by one, {name}: {sum(cost([f]) for f in functions):.2f} s")


def cost(entries: Sequence[Function], *, has_bounds: bool = False) -> float:
    """Return the seconds of compiling, front and LLVM."""
    return seconds(lambda: compile_kernels(entries, has_bounds=has_bounds), 1)


def lean(type_: str) -> Function:
    """Return a kernel for its default parameters whose first output alone is read."""
    entry, (function,) = CATALOGUE[type_], read(KERNELS[type_].run)
    skipped = len(entry.inputs) + sum(len(spec.columns) for spec in entry.depends)
    params = defaults(entry)
    names = [name for name, _ in function.params[skipped:]]
    fixed = {
        name: argument(spec.kind, spec.choices, params[spec.name])
        for name, spec in zip(names, entry.params, strict=False)
        if spec.kind is not ParamKind.FLOAT_LIST
    }
    unread = names[len(entry.params) + 1 : len(entry.params) + len(entry.outputs)]
    return specialise(function, fixed, unread)  # type: ignore[arg-type]


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    compile_times()
    print(
        f"{'million rows/s':18}{'native':>8}{'bounds':>8}{'CPython':>9}{'factor':>8}{'numba':>8}{'compile s':>11}"
    )
    for type_ in sys.argv[2:] or sorted(KERNELS):
        count = rows // SLOW.get(type_, 1)
        given, _ = columns(type_, bars(count))
        kernel, few = KERNELS[type_], min(count, 2_000)
        plain = few / seconds(lambda k=kernel, g=given, n=few: k.run(*fresh(g), 0, n)) / 1e6  # type: ignore[misc]
        fast = speed(kernel, given, count, has_bounds=False)
        checked = speed(kernel, given, count, has_bounds=True)
        other = numba_speed(kernel, given, count)
        shown = f"{other[0]:8.1f}{other[1]:11.2f}" if other else f"{'–':>8}{'–':>11}"
        print(
            f"{type_:18}{fast:8.1f}{checked:8.1f}{plain:9.3f}{fast / plain:8.0f}{shown}", flush=True
        )


if __name__ == "__main__":
    main()
