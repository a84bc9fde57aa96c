"""Cards on hand-made bars: compile a text, live through the bars, read back what happened."""

from __future__ import annotations

from textwrap import dedent, indent

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.account.ledger import Ledger
from runtime.backends.sim.exchange import SimulatedExchange
from runtime.engine import Engine
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.orders.commands import Command, SubmitOrder
from runtime.orders.events import Event
from runtime.orders.order_spec import OrderSpec
from runtime.rules.market_stage import MarketStage

MINUTE = 60_000
SMALL = Instrument(
    symbol="TESTUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=1_000_000, max_market_lots=500_000,
    min_notional_usdt=5.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(1e12, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip
Row = tuple[float, float, float, float]
_FREE = "{ taker_bps: 0, maker_bps: 0 }"


def flat(price: float, bars: int) -> list[Row]:
    """Return bars that do not move."""
    return [(price, price, price, price)] * bars


def frame(rows: list[Row], volume: float = 1e6) -> Frame:
    """Return one-minute bars from (open, high, low, close)."""
    made = Frame("TESTUSDT", "1m", MINUTE)
    for index, (open_, high, low, close) in enumerate(rows):
        made.append(index * MINUTE, open_, high, low, close, volume)
    return made


def card_text(blocks: str, *, account: str = "", more: str = "", execution: str = "") -> str:
    """Return a card without fees and slippage that fills whatever is touched.

    `account` and `execution` are flow entries (`max_leverage: 2`), `more` whole sections.
    """
    money = ", ".join(filter(None, [f"fee_model: {_FREE}, slippage_bps: 0", account]))
    how = ", ".join(filter(None, ["fill_model: touch", execution]))
    return (
        f"name: test\nsymbol: TESTUSDT\ntf: 1m\naccount: {{ {money} }}\n"
        f"execution: {{ {how} }}\n{dedent(more)}\nblocks:\n{indent(dedent(blocks), '  ')}\n"
    )


def at_bar(bar: int, *actions: str, block: str = "b", last: int | None = None) -> str:
    """Return a block that emits flow-style actions at the close of one bar, or of each up to the last."""
    listed = "".join(f"\n        - {action}" for action in actions)
    when = f"bar_index == {bar}" if last is None else f"bar_index >= {bar} and bar_index <= {last}"
    return f"- id: {block}{bar}\n  cases:\n    - when: {when}\n      emit:{listed}\n"


def emit(action: str, **metadata: object) -> str:
    """Return one action in flow style; text values are quoted."""
    pairs = ", ".join(f"{key}: {_flow(value)}" for key, value in metadata.items())
    return f"{{ action: {action}, metadata: {{ {pairs} }} }}" if pairs else action


def _flow(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and not value.startswith(("[", "{")):
        return f'"{value}"'
    return str(value)


class Run:
    """A card on bars, lived through bar by bar."""

    def __init__(self, text: str, rows: list[Row], instrument: Instrument = SMALL) -> None:
        self.source = Source("test.yaml", text)
        self.program: Program = compile_card(self.source)
        self.data = MarketData(exec=frame(rows))
        settings = self.program.graph.settings
        self.ledger = Ledger(instrument, settings)
        market = MarketStage(self.program, self.data)
        market.advance(len(rows))
        self.engine = Engine(self.program, self.ledger, market, instrument)
        self.events: list[Event] = []
        self.engine.listeners.append(self.events.append)
        self.exchange = SimulatedExchange(
            self.ledger, self.data, instrument, settings, self.engine.apply
        )
        self.commands: list[list[Command]] = []

    def live(self, bars: int | None = None) -> Run:
        """Live through some (or all) of the bars that are left."""
        stop = len(self.data.exec) if bars is None else len(self.commands) + bars
        for bar in range(len(self.commands), stop):
            self.exchange.step(bar)
            commands = self.engine.close_bar(bar)
            self.exchange.submit(commands)
            self.commands.append(commands)
        return self

    @property
    def refused(self) -> list[str]:
        return [refusal.code for refusal in self.engine.refusals]

    @property
    def specs(self) -> list[OrderSpec]:
        """Return the orders the card asked for."""
        return [c.spec for bar in self.commands for c in bar if isinstance(c, SubmitOrder)]


def live(blocks: str, rows: list[Row], **settings: str) -> Run:
    """Compile blocks, live through all bars."""
    return Run(card_text(blocks, **settings), rows).live()
