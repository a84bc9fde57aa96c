"""Runs made without the engine: a random walk traded by limit entries with stops and targets.

Small, but honest: every fill pays its fee, equity is marked at every close, and the sum of the
trades' net results is the change of equity.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from compiler.graph.program import Program
from compiler.graph.rule_graph import AccountSettings, ExecutionSettings, RuleGraph, Settings
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument, RiskTier
from runtime.records.rows import FillRow, LayerRow, OrderRow, RefusalRow, RunRecord, TradeRow
from runtime.reports.run_files import Extra

START = 10_000.0
INTERVAL = 900_000
FIRST_TS = 1_704_067_200_000  # 2024-01-01 00:00 UTC
MAKER, TAKER = 0.0002, 0.00055
INSTRUMENT = Instrument(
    symbol="BTCUSDT", tick=0.1, lot=0.001, min_lots=1, max_lots=100_000, max_market_lots=50_000,
    min_notional_usdt=5.0, max_leverage=100.0, funding_interval_minutes=480,
    tiers=(RiskTier(2_000_000.0, 0.005, 100.0),), as_of="2026-11-23",
)  # fmt: skip


@dataclass
class MadeUpRun:
    """The arguments of `write_run`."""

    program: Program
    data: MarketData
    record: RunRecord
    instrument: Instrument = INSTRUMENT
    extra: Extra = field(default_factory=lambda: Extra())


def program(card: str = "made_up", *, fill_model: str = "volume_weighted") -> Program:
    settings = Settings(
        account=AccountSettings(starting_equity_usdt=START, max_leverage=3.0),
        execution=ExecutionSettings(fill_model=fill_model),
    )
    graph = RuleGraph(
        card=card, card_version="3.1", symbols=("BTCUSDT",), timeframe="15m",
        higher_timeframes=(), params=(), features=(), nodes=(), blocks=(), invariants=(),
        settings=settings,
    )  # fmt: skip
    return Program(
        graph=graph, graph_hash="ab" * 32, columns=(), accounts=(), memos=(), code={}, warmup_bars=1
    )


def random_walk(bars: int, seed: int = 1) -> Frame:
    dice = random.Random(seed)
    frame = Frame("BTCUSDT", "15m", INTERVAL)
    price = 60_000.0
    for index in range(bars):
        steps = [price]
        for _ in range(4):
            steps.append(round(steps[-1] * (1.0 + dice.gauss(0.0, 0.0012)), 1))
        price = steps[-1]
        frame.append(
            FIRST_TS + index * INTERVAL, steps[0], max(steps), min(steps), price,
            round(dice.uniform(5.0, 60.0), 3),
        )  # fmt: skip
    return frame


def market(frame: Frame) -> MarketData:
    return MarketData(exec=frame, source="made up", synthetic=True, notes=("made for a test",))


def made_up_run(
    bars: int = 600, trades: int = 30, seed: int = 1, card: str = "made_up"
) -> MadeUpRun:
    """Return a run of about `trades` trades; none of them if there is no room."""
    frame = random_walk(bars, seed)
    return MadeUpRun(program(card), market(frame), _Trader(frame, trades, seed).record)


class _Trader:
    def __init__(self, frame: Frame, trades: int, seed: int) -> None:
        self.frame, self.dice, self.record = frame, random.Random(seed), RunRecord()
        # (bar, cash change, position change, reference price of the change)
        self.moves: dict[int, list[tuple[float, float]]] = {}
        room = max(2, (len(frame) - 3) // max(1, trades))
        for number in range(trades):
            if (number + 1) * room < len(frame) - 2 and room >= 2:
                self.trade(number, number * room, room)
        self.mark()

    def order(self, **given: object) -> OrderRow:
        row = OrderRow(
            order_id=f"o{len(self.record.orders)}", order_ref=None, order_group=None, role="entry",
            side="buy", effect="open", order_type="limit", status="filled", reason="",
            quantity=0.0, filled=0.0, limit_price=None, trigger_price=None, avg_fill_price=None,
            decision_price=None, time_in_force="gtc", ttl_bars=None, created_bar=0, created_ts=0,
            first_fill_bar=None, last_fill_bar=None, end_bar=None, end_ts=None, parent_id=None,
            block="ladder", case=0, line=12,
        )  # fmt: skip
        row = replace(row, **given)  # type: ignore[arg-type]
        row.created_ts = self.frame.close_time(row.created_bar)
        row.end_ts = None if row.end_bar is None else self.frame.close_time(row.end_bar)
        self.record.orders.append(row)
        return row

    def fill(self, order: OrderRow, bar: int, price: float, quantity: float, after: float) -> float:
        is_maker = order.order_type == "limit"
        fee = quantity * price * (MAKER if is_maker else TAKER)
        self.record.fills.append(
            FillRow(
                execution_id=f"x{len(self.record.fills)}", order_id=order.order_id,
                order_ref=order.order_ref, role=order.role, side=order.side, bar=bar,
                ts=self.frame.ts[bar], path=0.5, quantity=quantity, price=price,
                notional=quantity * price, fee=fee, is_maker=is_maker,
                slippage=0.0 if is_maker else 0.1, reason=order.role, closed_lots=0, realized=0.0, position_after=after,
            )
        )  # fmt: skip
        signed = quantity if order.side == "buy" else -quantity
        self.moves.setdefault(bar, []).append((-signed * price - fee, signed))
        self.record.fees_paid += fee
        return fee

    def trade(self, number: int, bar: int, room: int) -> None:
        """Place a limit; it expires, or fills in two parts and leaves by target or stop."""
        sign = 1 if self.dice.random() < 0.6 else -1
        side, other = ("buy", "sell") if sign > 0 else ("sell", "buy")
        close = self.frame.close[bar]
        ref = f"rung_{number % 3}"
        if number % 5 == 4:
            reached = slice(bar + 1, bar + room)
            low, high = min(self.frame.low[reached]), max(self.frame.high[reached])
            self.order(
                side=side, order_ref=ref, status="expired", reason="ttl", quantity=0.01,
                limit_price=round(low - 5.0 if sign > 0 else high + 5.0, 1), decision_price=close,
                created_bar=bar, ttl_bars=room - 1, end_bar=bar + room - 1,
            )  # fmt: skip
            self.refuse(bar, number)
            return
        price = self.frame.close[bar + 1]
        quantity = 0.02
        entry = self.order(
            side=side, order_ref=ref, quantity=quantity, filled=quantity, limit_price=price,
            avg_fill_price=price, decision_price=close, created_bar=bar, first_fill_bar=bar + 1,
            last_fill_bar=bar + 1, end_bar=bar + 1,
        )  # fmt: skip
        fees = self.fill(entry, bar + 1, price, 0.012, sign * 0.012)
        fees += self.fill(entry, bar + 1, price, 0.008, sign * quantity)
        last = bar + max(1, self.dice.randrange(1, room))
        out = self.frame.close[last]
        gain = sign * (out - price) * quantity
        exit_ = self.order(
            side=other, effect="reduce", role="take_profit" if gain > 0 else "stop_loss",
            order_type="limit" if gain > 0 else "stop_market", quantity=quantity, filled=quantity,
            limit_price=out if gain > 0 else None, trigger_price=out if gain <= 0 else None,
            avg_fill_price=out, created_bar=bar + 1, first_fill_bar=last, last_fill_bar=last,
            end_bar=last, parent_id=entry.order_id,
        )  # fmt: skip
        fees += self.fill(exit_, last, out, quantity, 0.0)
        self.rows(number, sign, (bar + 1, last), (price, out), (quantity, fees, gain))

    def refuse(self, bar: int, number: int) -> None:
        self.record.refusals.append(
            RefusalRow(
                bar=bar, ts=self.frame.close_time(bar), code="below_min_qty", text="0.0004 < 0.001",
                action="place_limit_long", order_ref=f"rung_{number % 3}", block="ladder", case=0,
                line=14,
            )
        )  # fmt: skip

    def rows(
        self, number: int, sign: int, bars: tuple[int, int], prices: tuple[float, float],
        figures: tuple[float, float, float],
    ) -> None:  # fmt: skip
        (first, last), (price, out), (quantity, fees, gain) = bars, prices, figures
        times = self.frame.ts[first], self.frame.ts[last]
        self.record.layers.append(
            LayerRow(
                layer_id=f"l{number}", trade_id=number + 1, order_id=f"o{number}", order_ref="rung",
                side="long" if sign > 0 else "short", quantity=quantity, entry_price=price,
                entry_bar=first, entry_ts=times[0], exit_bar=last, exit_ts=times[1],
                exit_price=out, pnl_layer=gain, pnl_account=gain,
            )
        )  # fmt: skip
        moves = [sign * (c / price - 1) * 100 for c in self.frame.close[first : last + 1]]
        self.record.trades.append(
            TradeRow(
                trade_id=number + 1, side="long" if sign > 0 else "short", entry_bar=first,
                entry_ts=times[0], exit_bar=last, exit_ts=times[1], entry_price=price,
                exit_price=out, quantity=quantity, max_quantity=quantity, layers=1,
                partial_exits=0, gross_pnl=gain, fees=fees, funding=0.0, net_pnl=gain - fees,
                return_pct=(gain - fees) / (quantity * price) * 100, mae_pct=min(0.0, *moves, 0.0),
                mfe_pct=max(0.0, *moves, 0.0), bars_held=last - first,
                exit_reason="take_profit" if gain > 0 else "stop_loss", is_open=False,
                at_end=False, initial_risk_usdt=quantity * price * 0.01,
            )
        )  # fmt: skip

    def mark(self) -> None:
        cash, position, columns = START, 0.0, self.record.equity
        for bar in range(len(self.frame)):
            for money, size in self.moves.get(bar, []):
                cash, position = cash + money, position + size
            position = round(position, 9)
            value = position * self.frame.close[bar]
            columns.ts.append(self.frame.close_time(bar))
            columns.equity.append(cash + value)
            columns.balance.append(cash + value)
            columns.unrealized.append(0.0)
            columns.position.append(position)
            columns.used_margin.append(abs(value) / 3.0)
            columns.working_orders.append(0)
