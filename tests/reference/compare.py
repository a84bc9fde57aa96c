"""Both engines on the same script: the first difference, its shrinking, its telling.

Law: a difference is told at the earliest bar, and at that bar by what is nearest to its cause:
fills, ends of orders, then the account they lead to.

`python -m tests.reference.hunt` looks through many seeds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import isclose

from tests.reference.card import sayable
from tests.reference.exchange import run
from tests.reference.outcome import Outcome
from tests.reference.product import play
from tests.reference.script import Script
from tests.reference.seen import Ended, Seen, Trade, seen

MONEY = 1e-9  # relative to what was at stake


@dataclass(frozen=True, slots=True)
class Difference:
    """What the reference says and what the product says, at `bar`."""

    bar: int
    what: str
    reference: str
    product: str

    def __str__(self) -> str:
        return (
            f"bar {self.bar}, {self.what}\n  reference {self.reference}\n  product   {self.product}"
        )


def compare(script: Script) -> Difference | None:
    """The first difference between the engines on a script, None where there is none."""
    script = sayable(script)
    outcome = run(script)
    try:
        ours = play(script, held_layers(outcome))
    except (AssertionError, ArithmeticError, LookupError, TypeError) as error:
        return Difference(-1, "crash", "runs", f"{type(error).__name__}: {error}")
    return first_difference(script, seen(script, outcome), ours)


def first_difference(script: Script, reference: Seen, product: Seen) -> Difference | None:
    """What differs first between two records of the same script."""
    for bar in range(len(script.bars)):
        for found in _at(bar, reference, product):
            return found
    return None


def held_layers(outcome: Outcome) -> list[list[str]]:
    """Refs of the layers held at each close: a card names a layer by its place."""
    return [[layer.ref for layer in close.layers] for close in outcome.closes]


def _at(bar: int, reference: Seen, product: Seen) -> Iterator[Difference]:
    yield from _trades(bar, reference, product)
    yield from _ends(bar, reference, product)
    mine, theirs = reference.accounts[bar], product.accounts[bar]
    for name, same in _SAME.items():
        a, b = getattr(mine, name), getattr(theirs, name)
        if not same(a, b):
            yield Difference(bar, name, str(a), str(b))


def _trades(bar: int, reference: Seen, product: Seen) -> Iterator[Difference]:
    a = [x for x in reference.trades if x.bar == bar]
    b = [x for x in product.trades if x.bar == bar]
    if len(a) != len(b) or not all(map(_same_trade, a, b)):
        yield Difference(bar, "fills", _listed(a), _listed(b))


def _same_trade(a: Trade, b: Trade) -> bool:
    plain = (a.who, a.side, a.lots, a.maker) == (b.who, b.side, b.lots, b.maker)
    return plain and isclose(a.price, b.price, rel_tol=MONEY)


def _ends(bar: int, reference: Seen, product: Seen) -> Iterator[Difference]:
    a = Counter(_plain(x) for x in reference.ends if x.bar == bar)
    b = Counter(_plain(x) for x in product.ends if x.bar == bar)
    if a != b:
        told = [[x for x in run.ends if x.bar == bar] for run in (reference, product)]
        yield Difference(bar, "ends", *map(_ended, told))


def _plain(end: Ended) -> tuple[str, str, int]:
    return end.ref, end.kind, end.filled


def _same(a: object, b: object) -> bool:
    return a == b


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return isclose(a, b, rel_tol=MONEY, abs_tol=1e-6)


def _same_layers(a: Sequence[tuple[object, ...]], b: Sequence[tuple[object, ...]]) -> bool:
    if len(a) != len(b):
        return False
    return all(
        x[:2] == y[:2] and all(map(_near, x[2:], y[2:]))  # type: ignore[arg-type]
        for x, y in zip(a, b, strict=True)
    )


_SAME: dict[str, Callable[[object, object], bool]] = {
    "position": _same,
    "average": _near,  # type: ignore[dict-item]
    "stop": _near,  # type: ignore[dict-item]
    "target": _near,  # type: ignore[dict-item]
    "layers": _same_layers,  # type: ignore[dict-item]
    "working": _same,
    "balance": _near,  # type: ignore[dict-item]
    "equity": _near,  # type: ignore[dict-item]
}


def _listed(trades: Sequence[Trade]) -> str:
    told = (
        f"{x.who} {x.side} {x.lots} @ {x.price:.6g}{' maker' if x.maker else ''}" for x in trades
    )
    return ", ".join(told) or "none"


def _ended(ends: Sequence[Ended]) -> str:
    told = sorted(f"{x.ref} {x.kind} ({x.reason}) filled {x.filled}" for x in ends)
    return ", ".join(told) or "none"
