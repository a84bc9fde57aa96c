"""What the intents of one close are decided with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from compiler.graph.rule_graph import Settings
from runtime.decide.capacity import Capacity
from runtime.decide.promises import Promises
from runtime.decide.refusals import RefusalCode, Refused
from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Rearm


@dataclass(frozen=True, slots=True)
class Cut:
    """A size that was made smaller: lots asked for, lots given, and what did not allow more.

    `asked`: the base units of a size that nothing but its lots made smaller.
    """

    code: RefusalCode | None
    wanted: int
    given: int
    text: str
    asked: float | None = None

    @property
    def is_rounding(self) -> bool:
        """Return whether nothing but whole lots made the size smaller."""
        return self.asked is not None

    def said(self, instrument: Instrument) -> str:
        """Return what was asked for, what was given, and why."""
        base = instrument.base(self.wanted) if self.asked is None else self.asked
        return f"{base:g} to {instrument.base(self.given):g}: {self.text}"

    def lost_pct(self, instrument: Instrument) -> float:
        """Return the share of what was asked for that was left out, %."""
        base = instrument.base(self.wanted) if self.asked is None else self.asked
        return 100.0 * (1.0 - instrument.base(self.given) / base)


def lot_cut(asked: float, given: int, instrument: Instrument) -> Cut:
    """Return the cut of a size of which whole lots left out much."""
    return Cut(None, given, given, f"one lot is {instrument.lot:g}", asked)


@dataclass(slots=True)
class Context:
    """The card's settings, the instrument, and what there is room for. Only the lists and `capacity` change.

    `value` gives the value of a graph node at this close, `value_with` the same where an order's notional
    per unit lost at its stop is known, `next_id` names a new order. `cuts` are those
    of the intent at hand; `coming` how entries come again that do at this close, or whose exits are placed at it,
    until a cancel names them. `held`: why an entry that the intent asks for would not leave, None where it may.
    """

    settings: Settings
    instrument: Instrument
    promises: Promises
    value: Callable[[int], float]
    value_with: Callable[[int, float], float]
    next_id: Callable[[], str]
    capacity: Capacity
    cuts: list[Cut] = field(default_factory=list)
    coming: list[Rearm] = field(default_factory=list)
    held: Refused | None = None

    def least_notional(self) -> float:
        """Return the least notional of an entry (quote): the instrument's, or the card's if stricter."""
        account = self.settings.account
        return max(self.instrument.min_notional_usdt, account.min_trade_notional_usdt)
