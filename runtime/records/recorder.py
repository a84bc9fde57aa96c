"""What a run leaves behind, written down from its events.

The law: rows come from applied events and closed bars alone, so a replayed journal gives the same
record of bars that were gone through the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runtime.account.booking import Booking
from runtime.account.ledger import Ledger
from runtime.engine import Refusal, SizeCut
from runtime.market.frame import Frame
from runtime.orders.events import (
    BarClosed,
    Event,
    FundingPaid,
    OrderFilled,
    OrderRejected,
    ProtectionChanged,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, Role
from runtime.records.equity_rows import EquityRows
from runtime.records.remarks import Remarks, too_late
from runtime.records.round_trips import PathsOf, RoundTrips
from runtime.records.rows import FillRow, OrderRow, RefusalRow, RunRecord

LineOf = Callable[[int], int]


class Recorder:
    """Listens to the events of one run.

    `paths_of` gives how an exec bar was gone through, `line_of` the card line of a character offset.
    """

    def __init__(
        self, ledger: Ledger, frame: Frame, paths_of: PathsOf, line_of: LineOf = lambda _: 0
    ) -> None:
        self.record = RunRecord()
        self._ledger = ledger
        self._frame = frame
        self._line_of = line_of
        self._trips = RoundTrips(ledger, frame, paths_of)
        self._remarks = Remarks(ledger, line_of)
        self._equity = EquityRows(ledger, frame, self.record.equity)

    def __call__(self, event: Event) -> None:
        """Note one event that the ledger has applied."""
        self._remarks.hear(event)
        match event:
            case BarClosed():
                self._trips.close_bars(event.bar, event.bar + 1)
                self._equity.mark(event.ts)
            case OrderFilled():
                booking = self._ledger.booking
                if booking is not None:  # none: the execution was told again
                    self._fill(booking)
            case ProtectionChanged():
                self._trips.protect(event)
            case FundingPaid():
                self.record.funding_paid += event.amount
                self._trips.fund(event.amount)
            case OrderRejected():
                spec = self._ledger.orders[event.order_id].spec
                self._refuse(event.bar, event.ts, event.code, event.text, spec)
            case RequestRefused():
                order = self._ledger.orders[event.order_id]
                if too_late(event, order) is None:  # else it is remarked
                    text = f"the {event.request} was refused"
                    self._refuse(event.bar, event.ts, event.code, text, order.spec)
            case _:
                pass

    def pass_by(self, start: int, stop: int) -> None:
        """Note the closes of the bars [start, stop), of which no event was told: nothing else happened."""
        self._trips.close_bars(start, stop)
        self._equity.pass_by(start, stop)

    def finish(self, refusals: Sequence[Refusal], cuts: Sequence[SizeCut] = ()) -> RunRecord:
        """Return the record; `refusals` and `cuts` are the engine's."""
        record = self.record
        self._equity.mark_again()
        record.orders = [self._order_row(order) for order in self._ledger.orders.values()]
        record.layers, record.trades = self._trips.rows()
        mine = [self._refusal_row(refusal) for refusal in refusals]
        record.refusals = sorted(mine + record.refusals, key=lambda row: row.ts)
        record.remarks = self._remarks.rows(cuts)
        return record

    # ------------------------------------------------------------ fills and orders

    def _fill(self, booking: Booking) -> None:
        ledger, event = self._ledger, booking.event
        spec = ledger.orders[event.order_id].spec
        instrument, position = ledger.instrument, ledger.position
        held = 0.0
        if position is not None:
            held = position.side.sign * instrument.base(position.quantity)
        record = self.record
        record.fees_paid += event.fee
        record.liquidations += spec.role is Role.LIQUIDATION
        record.fills.append(
            FillRow(
                execution_id=event.execution_id,
                order_id=event.order_id,
                order_ref=spec.order_ref,
                role=spec.role.value,
                side=spec.side.value,
                bar=event.bar,
                ts=event.ts,
                path=event.path,
                quantity=instrument.base(event.quantity),
                price=event.price,
                notional=instrument.notional(event.quantity, event.price),
                fee=event.fee,
                is_maker=event.is_maker,
                slippage=event.slippage,
                reason=event.reason,
                closed_lots=booking.closed_lots,
                realized=booking.realized,
                position_after=held,
            )
        )
        self._trips.fill(booking, spec)

    def _order_row(self, order: Order) -> OrderRow:
        spec, base = order.spec, self._ledger.instrument.base
        return OrderRow(
            order_id=spec.order_id,
            order_ref=spec.order_ref,
            order_group=spec.order_group,
            role=spec.role.value,
            side=spec.side.value,
            effect=spec.effect.value,
            order_type=spec.order_type.value,
            status=order.status.value,
            reason=order.reason,
            quantity=base(order.quantity),
            filled=base(order.filled),
            limit_price=order.limit_price,
            trigger_price=order.trigger_price,
            avg_fill_price=order.avg_fill_price,
            decision_price=spec.decision_price,
            time_in_force=spec.time_in_force.value,
            ttl_bars=spec.ttl_bars,
            created_bar=spec.created_bar,
            created_ts=spec.created_at,
            first_fill_bar=order.first_fill_bar,
            last_fill_bar=order.last_fill_bar,
            end_bar=order.end_bar,
            end_ts=order.end_ts,
            parent_id=spec.parent_id,
            block=spec.origin.block,
            case=spec.origin.case,
            line=self._line(spec.origin.offset),
        )

    # ------------------------------------------------------------ refusals

    def _line(self, offset: int) -> int:
        return self._line_of(offset) if offset >= 0 else 0

    def _refusal_row(self, refusal: Refusal) -> RefusalRow:
        origin = refusal.intent.origin
        return RefusalRow(
            bar=refusal.bar,
            ts=refusal.ts,
            code=refusal.code,
            text=refusal.text,
            action=refusal.intent.kind,
            order_ref=refusal.intent.order_ref,
            block=origin.block,
            case=origin.case,
            line=self._line(origin.offset),
        )

    def _refuse(self, bar: int, ts: int, code: str, text: str, spec: OrderSpec) -> None:
        self.record.refusals.append(
            RefusalRow(
                bar=bar,
                ts=ts,
                code=code,
                text=text,
                action=f"{spec.order_type.value} {spec.side.value}",
                order_ref=spec.order_ref,
                block=spec.origin.block,
                case=spec.origin.case,
                line=self._line(spec.origin.offset),
            )
        )
