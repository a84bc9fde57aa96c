"""What both engines are compared by: fills, ends of orders, the account at every close.

Law: nothing here decides what is right; it only brings two records into the same words. Prices in
ticks, quantities in lots, money in the quote currency, all as floats where they may be fractions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.reference.outcome import End, Fill, Outcome, Role
from tests.reference.script import ExitAll, Place, Script


@dataclass(frozen=True, slots=True)
class Trade:
    """Executions of one order at one price in one bar, added up while nothing else comes between."""

    bar: int
    who: str
    side: str
    lots: int
    price: float
    maker: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How an order of the script ended, or why a command was refused."""

    bar: int
    ref: str
    kind: str
    reason: str
    filled: int


@dataclass(frozen=True, slots=True)
class Account:
    """At a close, before its commands. `layers` are (ref, lots, entry, stop, target)."""

    bar: int
    position: int
    balance: float
    equity: float
    average: float | None
    stop: float | None
    target: float | None
    trail: float | None
    layers: tuple[tuple[str, int, float, float | None, float | None], ...]
    working: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One run."""

    trades: tuple[Trade, ...]
    ends: tuple[Ended, ...]
    accounts: tuple[Account, ...]


def joined(trades: Iterable[Trade]) -> tuple[Trade, ...]:
    """Neighbouring executions of one order at one price as one."""
    out: list[Trade] = []
    for trade in trades:
        if out and replace(out[-1], lots=trade.lots) == trade:
            out[-1] = replace(trade, lots=trade.lots + out[-1].lots)
        else:
            out.append(trade)
    return tuple(out)


def seen(script: Script, outcome: Outcome) -> Seen:
    """The reference's run in these words."""
    last = len(script.bars) - 1
    return Seen(
        trades=joined(_trade(fill) for fill in outcome.fills),
        ends=tuple(
            Ended(e.bar, e.ref, str(e.kind), e.reason, e.filled)
            for e in outcome.ends
            if not (e.bar == last and e.reason == "end_of_data") and _is_named(script, e)
        ),
        accounts=tuple(
            Account(
                c.bar, c.position, float(c.balance), float(c.equity),
                None if c.average is None else float(c.average), c.stop, c.target, c.trail,
                tuple((x.ref, x.lots, float(x.entry), x.stop, x.target) for x in c.layers),
                tuple(sorted((o.ref, o.lots) for o in c.working)),
            )
            for c in outcome.closes
        ),
    )  # fmt: skip


def _trade(fill: Fill) -> Trade:
    who = fill.ref if fill.role in (Role.ENTRY, Role.EXIT) else f"{fill.role} of {fill.ref}"
    return Trade(fill.bar, who, str(fill.side), fill.lots, float(fill.price), fill.maker)


def _is_named(script: Script, end: End) -> bool:
    return end.ref == "position" or any(
        command.ref == end.ref
        for close in script.commands
        for command in close
        if isinstance(command, Place | ExitAll) or hasattr(command, "ref")
    )
