"""What must hold in every run, checked from the script and the outcome alone.

Law: nothing here looks into the exchange; each claim is worked out again from fills and bars.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from tests.reference.outcome import EndKind, Fill, Moment, Outcome, Role
from tests.reference.script import (
    Amend,
    Bar,
    ExitAll,
    FillModel,
    OrderType,
    Place,
    Script,
    SlippageRounding,
)


def broken(script: Script, outcome: Outcome) -> list[str]:
    """Every law the run breaks, as sentences."""
    return [
        *_money(script, outcome),
        *_quantities(script, outcome),
        *_budget(script, outcome),
        *_prices(script, outcome),
        *_ends(script, outcome),
        *_layers(outcome),
    ]


def _money(script: Script, outcome: Outcome) -> Iterator[str]:
    """Equity = start + cash flows + position at the close; balance = start + realized - costs."""
    unit = script.instrument.tick * script.instrument.lot
    cash = balance = script.settings.start_balance
    held, i = 0, 0
    for close, bar in zip(outcome.closes, script.bars, strict=True):
        while i < len(outcome.fills) and outcome.fills[i].bar == close.bar:
            fill = outcome.fills[i]
            cash -= fill.side.sign * fill.lots * fill.price * unit + fill.fee
            balance += fill.realized - fill.fee
            held += fill.side.sign * fill.lots
            i += 1
        if held != close.position:
            yield f"bar {close.bar}: fills say {held}, position is {close.position}"
        if cash - close.funding + held * bar.close * unit != close.equity:
            yield f"bar {close.bar}: cash flows and equity differ"
        if balance - close.funding != close.balance:
            yield f"bar {close.bar}: realized and balance differ"


def _quantities(script: Script, outcome: Outcome) -> Iterator[str]:
    """No entry opens more than was ordered (amended totals included); exits never flip."""
    ordered: dict[str, int] = defaultdict(int)
    several: set[str] = set()  # refs that may have been placed again
    for commands in script.commands:
        for command in commands:
            if isinstance(command, Place | Amend) and command.lots is not None:
                ordered[command.ref] = max(ordered[command.ref], command.lots)
            if isinstance(command, Place) and command.replace:
                several.add(command.ref)
    opened: dict[str, int] = defaultdict(int)
    held = 0
    for fill in outcome.fills:
        if fill.role is Role.ENTRY:
            opened[fill.ref] += fill.lots - fill.closed
            if opened[fill.ref] > ordered[fill.ref] and fill.ref not in several:
                yield f"{fill.ref} opened more than ordered"
        elif fill.closed != fill.lots or fill.lots > abs(held) or held * fill.side.sign >= 0:
            yield f"bar {fill.bar}: {fill.role} of {fill.lots} against {held}"
        held += fill.side.sign * fill.lots


def _budget(script: Script, outcome: Outcome) -> Iterator[str]:
    """Limit fills of a side never exceed their part of the volume; a bar of none fills nobody."""
    part = script.settings.volume_participation_max
    for bar, close in zip(script.bars, outcome.closes, strict=True):
        drawn = max(close.drawn_buy, close.drawn_sell)
        if script.settings.fill_model is FillModel.VOLUME_WEIGHTED:
            if drawn > part * (bar.volume or 0):
                yield f"bar {close.bar}: {drawn} lots drawn from {bar.volume}"
        if script.settings.fill_model is FillModel.QUEUE and drawn > (bar.volume or 0):
            yield f"bar {close.bar}: more lots drawn than traded"
    for fill in outcome.fills:
        if script.bars[fill.bar].volume == 0 and fill.role is not Role.LIQUIDATION:
            yield f"bar {fill.bar}: a fill where nobody traded"


def _prices(script: Script, outcome: Outcome) -> Iterator[str]:
    exact = script.settings.slippage_rounding is SlippageRounding.EXACT
    for fill in outcome.fills:
        if fill.role is Role.LIQUIDATION or fill.bounded:
            continue
        before, bar = _before(script, fill.bar), script.bars[fill.bar]
        if not _reachable(fill, before, bar):
            yield f"bar {fill.bar}: {fill.ref} at {fill.reference}, out of reach"
        if fill.limit is not None:
            yield from _limits(script, fill, before)
        if not exact and fill.price.denominator != 1:
            yield f"bar {fill.bar}: {fill.price} is not on the grid"
        if not fill.limit and (fill.price - fill.reference) * fill.side.sign < 0:
            yield f"bar {fill.bar}: slippage made {fill.ref} better"


def _before(script: Script, t: int) -> int:
    """close(t-1): of the last bar that traded."""
    traded = [bar.close for bar in script.bars[:t] if bar.volume != 0]
    return traded[-1] if traded else script.bars[max(0, t - 1)].close


def _reachable(fill: Fill, before: int, bar: Bar) -> bool:
    """Inside the bar, at the open, or on the jump (an arrival passed by it is paid its price)."""
    on_jump = min(before, bar.open) <= fill.reference <= max(before, bar.open)
    if fill.moment is Moment.PATH:
        return bar.low <= fill.reference <= bar.high
    return on_jump


def _limits(script: Script, fill: Fill, before: int) -> Iterator[str]:
    """No limit is paid worse than its price, none better unless it met the market as a taker."""
    assert fill.limit is not None
    better = (fill.limit - fill.price) * fill.side.sign
    if better < 0:
        yield f"bar {fill.bar}: {fill.ref} beyond its limit"
    gap = script.settings.resting_gap == "open" and fill.moment is not Moment.PATH
    if better > 0 and not fill.marketable and not gap:
        yield f"bar {fill.bar}: {fill.ref} better than its limit"
    place = placed(script, fill.ref)
    if better > 0 and fill.marketable and place and place.type is OrderType.LIMIT:
        was = (fill.limit - before) * fill.side.sign > 0
        if fill.moment is not Moment.OPEN or not was:
            yield f"bar {fill.bar}: {fill.ref} got a gift"


def placed(script: Script, ref: str) -> Place | None:
    """The placement under a ref; None if the ref was used more than once."""
    found = [
        command
        for commands in script.commands
        for command in commands
        if isinstance(command, Place) and command.ref == ref
    ]
    return found[0] if len(found) == 1 else None


def _ends(script: Script, outcome: Outcome) -> Iterator[str]:
    """Every placement ends once, with what it filled (refs used once only)."""
    refs = [
        command.ref
        for commands in script.commands
        for command in commands
        if isinstance(command, ExitAll | Place)
    ]
    filled: dict[str, int] = defaultdict(int)
    for fill in outcome.fills:
        if fill.role in (Role.ENTRY, Role.EXIT):
            filled[fill.ref] += fill.lots
    amend_codes = ("unknown_ref", "not_amendable")
    for ref in set(refs):
        ends = [e for e in outcome.ends if e.ref == ref]
        real = [e for e in ends if e.kind is not EndKind.REFUSED]
        if refs.count(ref) == 1 and (len(real) > 1 or not ends):
            yield f"{ref} ended {len(real)} times"
        if real and refs.count(ref) == 1 and real[0].filled != filled[ref]:
            yield f"{ref} filled {filled[ref]}, its end says {real[0].filled}"
        if real and all(e.reason in amend_codes for e in ends):
            yield f"{ref} has no end of its own"


def _layers(outcome: Outcome) -> Iterator[str]:
    for close in outcome.closes:
        total = sum(layer.lots for layer in close.layers)
        if total != abs(close.position) or any(layer.lots <= 0 for layer in close.layers):
            yield f"bar {close.bar}: layers {total}, position {close.position}"


def owns_protection(script: Script) -> bool:
    """Whether any layer may own a level: then the method decides which stop stays."""
    return any(
        getattr(command, "protect", "position") == "layer" or getattr(command, "layer", None)
        for commands in script.commands
        for command in commands
    )


def money_by_bar(outcome: Outcome) -> list[tuple[Fraction, int]]:
    """Equity and position at every close."""
    return [(close.equity, close.position) for close in outcome.closes]
