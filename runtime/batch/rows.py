"""The rows of a run as the objects that a record is made of.

The law: every number is worked out as the recorder does it, from the same whole numbers and floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from compiler.graph.program import Program
from runtime.batch import layout as at
from runtime.batch.account_run import (
    FILL_TABLE,
    LAYER_TABLE,
    ORDER_TABLE,
    TRADE_TABLE,
    AccountRun,
)
from runtime.batch.tables import LoweredAction
from runtime.batch.words import FORCES
from runtime.formulas.pnl import excursion_pct
from runtime.market.instrument_facts import Instrument
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order_spec import Effect, OrderType, Role
from runtime.records.rows import FillRow, LayerRow, OrderRow, TradeRow

ROLES = (
    Role.ENTRY, Role.EXIT, Role.STOP_LOSS, Role.TAKE_PROFIT, Role.LIQUIDATION, Role.CLOSE_AT_END,
)  # fmt: skip
KINDS = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_MARKET, OrderType.STOP_LIMIT)
STATUS = (
    OrderStatus.PENDING, OrderStatus.PARTIAL, OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.CANCELLED,
    OrderStatus.REJECTED,
)  # fmt: skip
SIDES = {1: "buy", -1: "sell"}
HELD = {1: "long", -1: "short"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Makes rows of one run. `line_of` gives the card line of a character offset."""

    run: AccountRun
    program: Program
    instrument: Instrument
    line_of: Callable[[int], int]

    # ------------------------------------------------------------ names

    def order_id(self, number: int) -> str:
        """Return the id of an order by its place among all orders."""
        first, _, _ = self.run.table(ORDER_TABLE)
        row = first + (number - 1) * at.ORDER_INTS
        ints = self.run.rows_z
        return f"v{ints[row + at.MADE]}" if ints[row + at.MADE] else f"o{ints[row + at.OWN_ID]}"

    def asked_for(self) -> set[int]:
        """Return the numbers of the orders that left: not of those whose place another of their close has taken."""
        first, _, count = self.run.table(ORDER_TABLE)
        ints = self.run.rows_z
        return {ints[first + n * at.ORDER_INTS + at.OWN_ID] for n in range(count)}

    def layer_id(self, order: int, part: int) -> str:
        """Return the id of the layer that an order began as its first, second, … one."""
        return self.order_id(order) if part == 1 else f"{self.order_id(order)}.{part}"

    def action(self, number: int) -> LoweredAction | None:
        return None if number < 0 else self.run.lowered.actions[number]

    def action_of(self, order: int) -> LoweredAction | None:
        """Return the action that asked for an order, None where no card did."""
        first, _, _ = self.run.table(ORDER_TABLE)
        return self.action(self.run.rows_z[first + (order - 1) * at.ORDER_INTS + at.ACTION])

    def line(self, action: LoweredAction | None) -> int:
        if action is None or action.origin.offset < 0:
            return 0
        return self.line_of(action.origin.offset)

    # ------------------------------------------------------------ rows

    def order(self, index: int) -> OrderRow:
        first, first_f, _ = self.run.table(ORDER_TABLE)
        z = self.run.rows_z[first + index * at.ORDER_INTS : first + (index + 1) * at.ORDER_INTS]
        where = first_f + index * at.ORDER_FLOATS
        limit, trigger, value, decision = self.run.rows_f[where : where + at.ORDER_FLOATS]
        action, base = self.action(z[at.ACTION]), self.instrument.base
        filled = z[at.FILLED]
        return OrderRow(
            order_id=self.order_id(index + 1),
            order_ref=None if action is None else action.order_ref,
            order_group=None if action is None else action.order_group,
            role=ROLES[z[at.ROLE]].value,
            side=SIDES[z[at.WAY]],
            effect=(Effect.OPEN if z[at.ROLE] == at.ENTRY else Effect.REDUCE).value,
            order_type=KINDS[z[at.KIND]].value,
            status=STATUS[z[at.STATUS]].value,
            reason=self.run.lowered.reasons[z[at.REASON_OF]],
            quantity=base(z[at.LOTS]),
            filled=base(filled),
            limit_price=_known(limit),
            trigger_price=_known(trigger),
            avg_fill_price=value / filled if filled else None,
            decision_price=_known(decision),
            time_in_force=FORCES[z[at.FORCE]].value,
            ttl_bars=_place(z[at.TTL]),
            created_bar=z[at.BORN],
            created_ts=z[at.BORN_AT],
            first_fill_bar=_place(z[at.FIRST]),
            last_fill_bar=_place(z[at.LAST]),
            end_bar=_place(z[at.END_BAR]),
            end_ts=z[at.END_TS],
            parent_id=self.order_id(z[at.PARENT]) if z[at.PARENT] else None,
            block="" if action is None else action.origin.block,
            case=-1 if action is None else action.origin.case,
            line=self.line(action),
        )

    def fill(self, index: int) -> FillRow:
        first, first_f, _ = self.run.table(FILL_TABLE)
        row = first + index * at.FILL_INTS
        number, why, bar, ts, lots, maker, closed, after, role = self.run.rows_z[
            row : row + at.FILL_INTS
        ]
        where = first_f + index * at.FILL_FLOATS
        path, price, fee, slippage, realized = self.run.rows_f[where : where + at.FILL_FLOATS]
        orders, _, _ = self.run.table(ORDER_TABLE)
        action, base = self.action_of(number), self.instrument.base
        way = self.run.rows_z[orders + (number - 1) * at.ORDER_INTS + at.WAY]
        quantity = base(lots)
        return FillRow(
            execution_id=f"x{index + 1}",
            order_id=self.order_id(number),
            order_ref=None if action is None else action.order_ref,
            role=ROLES[role].value,
            side=SIDES[way],
            bar=bar,
            ts=ts,
            path=path,
            quantity=quantity,
            price=price,
            notional=quantity * price,
            fee=fee,
            is_maker=bool(maker),
            slippage=slippage,
            reason=self.run.lowered.reasons[why],
            closed_lots=closed,
            realized=realized,
            position_after=0.0 if not after else (1 if after > 0 else -1) * base(abs(after)),
        )

    def layer(self, index: int) -> LayerRow:
        first, first_f, _ = self.run.table(LAYER_TABLE)
        z = self.run.rows_z[first + index * at.LAYER_INTS : first + (index + 1) * at.LAYER_INTS]
        where = first_f + index * at.LAYER_FLOATS
        entered, left, pnl, pnl_account = self.run.rows_f[where : where + at.LAYER_FLOATS]
        action, exited = self.action_of(z[at.L_ORDER]), z[at.L_EXITED]
        has_left = z[at.L_EXIT_BAR] >= 0
        return LayerRow(
            layer_id=self.layer_id(z[at.L_ORDER], z[at.L_PART]),
            trade_id=z[at.L_TRIP],
            order_id=self.order_id(z[at.L_ORDER]),
            order_ref=None if action is None else action.order_ref,
            side=HELD[z[at.L_SIDE]],
            quantity=self.instrument.base(z[at.L_ENTERED]),
            entry_price=entered / z[at.L_ENTERED],
            entry_bar=z[at.L_BAR],
            entry_ts=z[at.L_TS],
            exit_bar=z[at.L_EXIT_BAR] if has_left else None,
            exit_ts=z[at.L_EXIT_TS] if has_left else None,
            exit_price=left / exited if exited else None,
            pnl_layer=pnl,
            pnl_account=pnl_account,
        )

    def trade(self, index: int) -> TradeRow:
        first, first_f, _ = self.run.table(TRADE_TABLE)
        row = first + index * at.TRADE_INTS
        (
            sign, entry_bar, entry_ts, end, end_ts, lots, out, most, layers, exits, role, why,
        ) = self.run.rows_z[row : row + at.TRADE_INTS]  # fmt: skip
        where = first_f + index * at.TRADE_FLOATS
        (
            in_value, out_value, realized, fees, funding, low, high, risk, unrealized, worst, best, average,
        ) = self.run.rows_f[where : where + at.TRADE_FLOATS]  # fmt: skip
        is_open = end < 0
        base, entry = self.instrument.base, in_value / lots
        quantity = base(lots)
        gross = realized + unrealized if is_open else realized
        net = gross - fees - funding
        # Of one average: from the entry that the row shows.
        held = entry if math.isnan(average) else average
        moves = [excursion_pct(sign, held, price) for price in (low, high)]
        last = self.run.z[at.BAR]
        reason = ""
        if not is_open:
            reason = "flip" if role == at.ENTRY else self.run.lowered.reasons[why]
        return TradeRow(
            trade_id=index + 1,
            side=HELD[sign],
            entry_bar=entry_bar,
            entry_ts=entry_ts,
            exit_bar=None if is_open else end,
            exit_ts=None if is_open else end_ts,
            entry_price=entry,
            exit_price=None if is_open else out_value / out,
            quantity=quantity,
            max_quantity=base(most),
            layers=layers,
            partial_exits=exits if is_open else exits - 1,
            gross_pnl=gross,
            fees=fees,
            funding=funding,
            net_pnl=net,
            return_pct=net / (quantity * entry) * 100,
            mae_pct=min(worst, *moves),
            mfe_pct=max(best, *moves),
            bars_held=(last if is_open else end) - entry_bar,
            exit_reason=reason,
            is_open=is_open,
            at_end=not is_open and role == at.CLOSE_AT_END,
            initial_risk_usdt=_known(risk),
        )


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _place(number: int) -> int | None:
    return None if number < 0 else number
