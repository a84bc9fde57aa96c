"""How far exp, log and pow are from the truth, in units in the last place.

    python -m tools.elementary_accuracy [VALUES]

Prints, for each function and range, the largest error over random arguments against 60 digits, and
beside it that of this machine's own library.
"""

from __future__ import annotations

import math
import random
import struct
import sys
from collections.abc import Callable, Iterator
from decimal import Context, Decimal

from runtime.features import elementary

_EXACT = Context(prec=60, Emin=-99999, Emax=99999)
_Arguments = tuple[float, ...]


def error_in_ulp(value: float, truth: Decimal) -> float:
    """Return how far a finite value is from the truth, in units of its own last place."""
    unit = Decimal(math.ulp(value))
    return float(abs(_EXACT.subtract(Decimal(value), truth)) / unit)


def true_exp(x: float) -> Decimal:
    return _EXACT.exp(Decimal(x))


def true_log(x: float) -> Decimal:
    return _EXACT.ln(Decimal(x))


def true_pow(x: float, y: float) -> Decimal:
    return _EXACT.power(Decimal(x), Decimal(y))


def any_positive(rng: random.Random) -> float:
    """Return a positive float of any size, denormals among them."""
    return float(struct.unpack("<d", (rng.randrange(1, 0x7FF << 52)).to_bytes(8, "little"))[0])


Case = tuple[
    str,
    Callable[..., float],
    Callable[..., float],
    Callable[..., Decimal],
    Callable[[random.Random], _Arguments],
]
CASES: tuple[Case, ...] = (
    ("exp, |x| < 1", elementary.exp, math.exp, true_exp, lambda r: (r.uniform(-1, 1),)),
    ("exp, all finite results", elementary.exp, math.exp, true_exp,
     lambda r: (r.uniform(-745, 709),)),
    ("log, 0.5 … 2", elementary.log, math.log, true_log, lambda r: (r.uniform(0.5, 2),)),
    ("log, any positive x", elementary.log, math.log, true_log, lambda r: (any_positive(r),)),
    ("pow, 0.01 … 100 to -5 … 5", elementary.pow, math.pow, true_pow,
     lambda r: (math.exp(r.uniform(-4.6, 4.6)), r.uniform(-5, 5))),
    ("pow, near 1 to a large y", elementary.pow, math.pow, true_pow,
     lambda r: (1 + r.uniform(-1e-3, 1e-3), r.uniform(-6e5, 6e5))),
    ("pow, any positive x", elementary.pow, math.pow, true_pow, lambda r: any_power(r)),
)  # fmt: skip


def any_power(rng: random.Random) -> _Arguments:
    """Return an x of any size and a y that keeps the result a normal float or a denormal."""
    x = any_positive(rng)
    return x, rng.uniform(-700, 700) / (abs(math.log(x)) + 1e-9)


def errors(case: Case, values: int) -> Iterator[tuple[float, float]]:
    """Yield the error of ours and of the machine's library."""
    _, ours, library, truth, draw = case
    rng = random.Random(7)
    for _ in range(values):
        arguments = draw(rng)
        exact = truth(*arguments)
        yield (error_in_ulp(ours(*arguments), exact), error_in_ulp(library(*arguments), exact))


def main() -> None:
    values = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"{'largest error in ulp':34}{'ours':>8}{'library':>9}")
    for case in CASES:
        found = list(errors(case, values))
        print(f"{case[0]:34}{max(o for o, _ in found):8.3f}{max(m for _, m in found):9.3f}")


if __name__ == "__main__":
    main()
