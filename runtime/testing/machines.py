"""A card as a hypothesis state machine: bars come one by one, promises are watched after each.

Subclass it to add your own rules and invariants; `engine`, `ledger` and `exchange` are those of a
back-test. `card_machine` returns a class, its `TestCase` is what pytest collects.
"""

from __future__ import annotations

from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from compiler.graph.program import Program
from runtime.backtest import market_stage, wire
from runtime.market.data import MarketData
from runtime.market.instrument_facts import Instrument
from runtime.testing.markets import moves
from runtime.testing.paths import Move, frame_of, shape_of
from runtime.testing.promises import Broken, Watch


class CardMachine(RuleBasedStateMachine):
    """One card on a market that is made up as it goes. Made by `card_machine`.

    The bars that only warm up what the card reads come first. Each step runs the whole path anew: paths
    are short, and what comes never changes what was.
    """

    program: Program
    instrument: Instrument
    count_refusals: bool = True

    @initialize()
    def begins(self) -> None:
        """Live through the warm-up."""
        self.shape = shape_of(self.program.graph, self.instrument, self.program.warmup_bars)
        self.moves: list[Move] = []
        self._live()

    @rule(move=moves())
    def a_bar(self, move: Move) -> None:
        """Add one bar; AssertionError says which promise broke, and where."""
        self.moves.append(move)
        self._live()

    def _live(self) -> None:
        self.data = MarketData(exec=frame_of(self.moves, self.shape))
        market = market_stage(self.program, self.data)
        self.engine, self.exchange = wire(self.program, self.data, self.instrument, market)
        self.ledger = self.engine.ledger
        watch = Watch(
            self.program, self.engine, count_refusals=self.count_refusals, bars=self.data.exec
        )
        for bar in range(len(self.data.exec)):
            self.exchange.step(bar)
            self.engine.observe(bar)
            _kept(watch.at_close(bar))
            commands = self.engine.close_bar(bar, ticked=True)
            _kept(watch.decided(bar))
            self.exchange.submit(commands)


def _kept(found: Broken | None) -> None:
    if found is not None:
        raise AssertionError(f"{found.promise} at bar {found.bar}: {found.text}")


def card_machine(
    program: Program, instrument: Instrument, *, count_refusals: bool = True
) -> type[CardMachine]:
    """Return a state machine class of one card.

    `count_refusals` False: a promise that only had to refuse an intent is kept.
    """

    class Made(CardMachine):
        pass

    Made.program, Made.instrument = program, instrument
    Made.count_refusals = count_refusals
    Made.__name__ = Made.__qualname__ = f"CardMachine_{program.graph.card}"
    return Made
