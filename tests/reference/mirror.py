"""A script seen in a mirror: prices turned around a middle, buys and sells exchanged.

Law: for scripts without percentages, leverage and ties of the path, the mirrored run is the run
mirrored. A rule written for buys and forgotten for sells shows here.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from tests.reference.knobs import Knobs
from tests.reference.script import (
    AdjustStop,
    AdjustTarget,
    AdjustTrail,
    Amend,
    Bar,
    Cancel,
    CancelAll,
    Command,
    ExitAll,
    Intrabar,
    Ohlc,
    Percent,
    Place,
    Script,
    Trail,
)

TURN = 2000  # price p becomes TURN - p

SYMMETRIC = Knobs(
    intrabar=(Intrabar.DIRECTION,),
    both_paths=False,
    dojis=False,
    leverage=False,
    costs=False,
    funding=False,
)


def symmetric(script: Script) -> Script:
    """The script without what knows up from down: percentages of a price."""
    s = script.settings
    settings = replace(
        s,
        through_threshold_pct=Fraction(0),
        price_band_pct=Fraction(10_000),
        risk_stop=None if isinstance(s.risk_stop, Percent) else s.risk_stop,
        risk_target=None if isinstance(s.risk_target, Percent) else s.risk_target,
    )
    commands = tuple(tuple(_in_ticks(c) for c in close) for close in script.commands)
    return replace(script, settings=settings, commands=commands)


def _in_ticks(command: Command) -> Command:
    if isinstance(command, Place | AdjustTrail) and command.trail:
        return replace(command, trail=replace(command.trail, distance=5, distance_pct=None))
    return command


def mirrored(script: Script) -> Script:
    """The script in the mirror."""
    return replace(
        script,
        bars=tuple(_bar(bar) for bar in script.bars),
        hole_marks=tuple(_bar(bar) for bar in script.hole_marks),
        commands=tuple(tuple(_command(c) for c in close) for close in script.commands),
    )


def _turn(price: int | None) -> int | None:
    return None if price is None else TURN - price


def _bar(bar: Bar) -> Bar:
    mark = bar.mark and Ohlc(
        TURN - bar.mark.open, TURN - bar.mark.low, TURN - bar.mark.high, TURN - bar.mark.close
    )
    return Bar(
        bar.ts, TURN - bar.open, TURN - bar.low, TURN - bar.high, TURN - bar.close, bar.volume, mark
    )


def _trail(trail: Trail | None) -> Trail | None:
    return trail and replace(trail, activate=_turn(trail.activate))


def _command(command: Command) -> Command:
    match command:
        case Place():
            return replace(
                command,
                side=command.side.opposite,
                limit=_turn(command.limit),
                trigger=_turn(command.trigger),
                stop_loss=_turn(command.stop_loss),
                take_profit=_turn(command.take_profit),
                trail=_trail(command.trail),
            )
        case Amend():
            return replace(
                command,
                limit=_turn(command.limit),
                trigger=_turn(command.trigger),
                stop_loss=_turn(command.stop_loss),
                take_profit=_turn(command.take_profit),
            )
        case AdjustStop() | AdjustTarget():
            return replace(command, level=TURN - command.level)
        case AdjustTrail():
            return replace(command, trail=_trail(command.trail))
        case CancelAll():
            return replace(command, side=command.side and command.side.opposite)
        case Cancel() | ExitAll():
            return command
