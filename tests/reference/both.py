"""A script written by hand on both engines.

Law: what is returned is what the two agree on; a test says only whether it is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reference.card import sayable
from tests.reference.compare import compare, held_layers
from tests.reference.exchange import run
from tests.reference.product import play
from tests.reference.script import Command, Funding, Instrument, Script, Settings
from tests.reference.seen import Seen
from tests.reference.words import TICK, bar_of


def agreed(
    lines: Sequence[str],
    commands: Mapping[int, Sequence[Command]],
    funding: Sequence[Funding] = (),
    settings: Settings | None = None,
) -> Seen:
    """The product's record of a script; AssertionError where the reference does not agree."""
    case = Script(
        bars=tuple(bar_of(line, i * 60) for i, line in enumerate(lines)),
        commands=tuple(tuple(commands.get(t, ())) for t in range(len(lines))),
        settings=settings or Settings(),
        instrument=Instrument(tick=TICK),
        funding=tuple(funding),
    )
    assert compare(case) is None
    return play(sayable(case), held_layers(run(case)))


def done(seen: Seen) -> list[tuple[int, str, int, float]]:
    """Fills as bar, who, lots, price in ticks."""
    return [(x.bar, x.who, x.lots, x.price) for x in seen.trades]
