"""What a run did to the card's wishes without a refusal: sizes cut, stops cancelled for want of margin,
orders that filled before what
was asked of them arrived, entries that netted, levels that moved for some layers only, money beyond what the account has.

The law: from applied events and the engine's own counts alone; every remark names its order where there is
one, so that a reader can look it up in `orders.parquet`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from runtime.account.booking import Booking
from runtime.account.layers import ScaledPosition
from runtime.account.ledger import Ledger
from runtime.account.margin import margin_of
from runtime.decide.context import Cut
from runtime.decide.refusals import RefusalCode
from runtime.engine import SizeCut
from runtime.orders.events import (
    BarClosed,
    Event,
    FundingPaid,
    OrderCancelled,
    OrderFilled,
    ProtectionChanged,
    RequestRefused,
)
from runtime.orders.lifecycle import OrderStatus
from runtime.orders.order import Order
from runtime.orders.order_spec import Level, Role
from runtime.records.rows import RemarkRow

_CENT = 1e-9


class Remark(StrEnum):
    """What is remarked; the value is the word in a result."""

    SIZE_CUT = "size_cut"
    SIZE_ROUNDED = "size_rounded"
    FILLED_BEFORE_CHANGE = "filled_before_change"
    FILLED_BEFORE_CANCEL = "filled_before_cancel"
    STOP_WITHOUT_MARGIN = "stop_without_margin"
    TURN_WITHOUT_MARGIN = "turn_without_margin"
    NETTED = "netted"
    LEVEL_OF_SOME_LAYERS = "level_of_some_layers"
    STOP_CHOSEN_BY_METHOD = "stop_chosen_by_method"
    MARGIN_BEYOND_BALANCE = "margin_beyond_balance"
    BALANCE_BELOW_ZERO = "balance_below_zero"


def meaning(remark: Remark) -> str:
    """Return what a remark says, in a sentence."""
    match remark:
        case Remark.SIZE_CUT:
            return "a size that the card computes did not fit and was made smaller"
        case Remark.SIZE_ROUNDED:
            return "whole lots left out more than 5 % of the size that the card asks for"
        case Remark.FILLED_BEFORE_CHANGE:
            return "an order had filled before its change (`amend_order`, `on_live_ref: replace`) reached it, as over a gap: it is as it was placed"
        case Remark.FILLED_BEFORE_CANCEL:
            return "an order had filled before its cancel reached it, as over a gap"
        case Remark.STOP_WITHOUT_MARGIN:
            return "a stop entry was reached when margin for it was short, and was cancelled"
        case Remark.TURN_WITHOUT_MARGIN:
            return "an entry closed a position, and margin was short for the side it was to open"
        case Remark.NETTED:
            return "an entry met a position of the other side and closed it instead of opening"
        case Remark.LEVEL_OF_SOME_LAYERS:
            return "a stop or target was moved for the layers without one of their own, not for all"
        case Remark.STOP_CHOSEN_BY_METHOD:
            return "an exit took some layers of several: its method chose whose own stop or target stays"
        case Remark.MARGIN_BEYOND_BALANCE:
            return "an entry filled at a worse price than it was sized at: its margin exceeds the balance"
        case Remark.BALANCE_BELOW_ZERO:
            return "the balance is below zero: by a loss larger than all it had, or by funding below an open profit"


def cut_kind(cut: Cut) -> Remark:
    return Remark.SIZE_ROUNDED if cut.is_rounding else Remark.SIZE_CUT


_TOO_LATE = {"amend": Remark.FILLED_BEFORE_CHANGE, "cancel": Remark.FILLED_BEFORE_CANCEL}


def too_late(event: RequestRefused, order: Order) -> Remark | None:
    """Return what is remarked of a request that an order's last fill came before, None for any other refusal.

    The venue says that it knows no such order, and there was one: nothing of the card was wrong.
    """
    has_filled = order.status is OrderStatus.FILLED and order.last_fill_bar == event.bar
    is_unknown = event.code == RefusalCode.UNKNOWN_REF
    return _TOO_LATE.get(event.request) if has_filled and is_unknown else None


def too_late_text(filled: float, price: float, remark: Remark) -> str:
    """Return what had filled, and at what, before which request arrived."""
    what = "cancel" if remark is Remark.FILLED_BEFORE_CANCEL else "change"
    return f"{filled:g} had filled at {price:.10g} before the {what} arrived"


def owed_text(balance: float, *, is_funding: bool) -> str:
    """Say what took the balance below zero: funding does beneath a position that stands well."""
    return f"balance {balance:.2f} after {'funding' if is_funding else 'a fill'}"


class Remarks:
    """Listens to the events of one run, after the ledger has applied them."""

    def __init__(self, ledger: Ledger, line_of: Callable[[int], int]) -> None:
        self._ledger = ledger
        self._line_of = line_of
        self._rows: list[RemarkRow] = []
        self._netted: dict[str, int] = {}
        self._levels: tuple[Level | None, Level | None] = (None, None)
        self._is_below = False
        self._owners: set[str] = set()  # layers that have had protection of their own
        self._chosen: set[str] = set()  # exits that were remarked

    def hear(self, event: Event) -> None:
        """Note what one event has to be remarked for."""
        match event:
            case OrderFilled():
                self._filled(event)
                self._owed(event.bar, event.ts, is_funding=False)
            case FundingPaid():
                self._owed(event.bar, event.ts, is_funding=True)
            case OrderCancelled(reason="no_margin"):
                order = self._ledger.orders[event.order_id]
                is_turn = order.filled > 0
                kind = Remark.TURN_WITHOUT_MARGIN if is_turn else Remark.STOP_WITHOUT_MARGIN
                base = self._ledger.instrument.base(order.remaining)
                self._add(event.bar, event.ts, kind, f"{base:g} were not opened", event.order_id)
            case RequestRefused():
                self._outrun(event)
            case ProtectionChanged():
                self._moved(event)
            case BarClosed():
                pass
            case _:
                pass

    def rows(self, cuts: Sequence[SizeCut]) -> list[RemarkRow]:
        """Return all remarks as they happened; `cuts` are the engine's."""
        return sorted([*self._rows, *(self._cut_row(cut) for cut in cuts)], key=lambda row: row.ts)

    # ------------------------------------------------------------ events

    def _filled(self, event: OrderFilled) -> None:
        ledger, order = self._ledger, self._ledger.orders[event.order_id]
        more = order.netted - self._netted.get(event.order_id, 0)
        if more and order.spec.role is Role.ENTRY:
            self._netted[event.order_id] = order.netted
            text = f"{ledger.instrument.base(more):g} closed what was held"
            self._add(event.bar, event.ts, Remark.NETTED, text, event.order_id)
        booking, position = ledger.booking, ledger.position
        if booking is None or position is None:
            return
        if order.spec.role is Role.EXIT and not booking.has_ended:
            self._left(event, booking, position)
        if not booking.opened_lots:
            return
        margin = margin_of(ledger, position.side, position.total_size_usdt)
        balance = ledger.account.balance
        if margin > balance + _CENT * margin:
            text = f"margin {margin:.2f}, balance {balance:.2f}"
            self._add(event.bar, event.ts, Remark.MARGIN_BEYOND_BALANCE, text, event.order_id)

    def _outrun(self, event: RequestRefused) -> None:
        order = self._ledger.orders[event.order_id]
        kind, price = too_late(event, order), order.avg_fill_price
        if kind is not None and price is not None:
            text = too_late_text(self._ledger.instrument.base(order.filled), price, kind)
            self._add(event.bar, event.ts, kind, text, event.order_id)

    def _left(self, event: OrderFilled, booking: Booking, position: ScaledPosition) -> None:
        """Say which layers an exit took where that decides which protection is left."""
        taken = [part.layer_id for part in booking.closed]
        stay = [layer.layer_id for layer in position.layers]
        both = {*taken, *stay}
        if len(both) < 2 or not both & self._owners or event.order_id in self._chosen:
            return
        self._chosen.add(event.order_id)
        method = self._ledger.orders[event.order_id].spec.method.value
        text = f"{method} took from {self._names(taken)}; {self._names(stay)} stay"
        self._add(event.bar, event.ts, Remark.STOP_CHOSEN_BY_METHOD, text, event.order_id)

    def _names(self, layers: Sequence[str]) -> str:
        orders = [layer.partition(".")[0] for layer in layers]  # a layer is named after its order
        return ", ".join(self._ledger.orders[one].spec.order_ref or one for one in orders)

    def _owed(self, bar: int, ts: int, *, is_funding: bool) -> None:
        balance = self._ledger.account.balance
        if balance < 0.0 and not self._is_below:
            text = owed_text(balance, is_funding=is_funding)
            self._add(bar, ts, Remark.BALANCE_BELOW_ZERO, text, None)
        self._is_below = balance < 0.0

    def _moved(self, event: ProtectionChanged) -> None:
        if event.layer is not None:
            self._owners.add(event.layer)
            return
        before, self._levels = self._levels, (event.stop_loss, event.take_profit)
        position, booking = self._ledger.position, self._ledger.booking
        if position is None or (booking is not None and booking.brought == event):
            return
        for role, old, new in zip(
            (Role.STOP_LOSS, Role.TAKE_PROFIT), before, self._levels, strict=True
        ):
            shared = position.uncovered(role)
            if new is None or new == old or len(shared) in (0, position.layer_count):
                continue  # for all, or for nobody any more: the last one went on the jump
            names = ", ".join(layer.order_ref or layer.layer_id for layer in shared)
            text = f"{role.value} to {new.value:g} for {names}; the others keep their own"
            self._add(event.bar, event.ts, Remark.LEVEL_OF_SOME_LAYERS, text, shared[0].order_id)

    # ------------------------------------------------------------ rows

    def _add(self, bar: int, ts: int, kind: Remark, text: str, order_id: str | None) -> None:
        spec = None if order_id is None else self._ledger.orders[order_id].spec
        self._rows.append(
            RemarkRow(
                bar=bar,
                ts=ts,
                kind=kind.value,
                text=text,
                order_id=order_id,
                order_ref=None if spec is None else spec.order_ref,
                line=0 if spec is None else self._line(spec.origin.offset),
            )
        )

    def _cut_row(self, made: SizeCut) -> RemarkRow:
        instrument, cut, intent = self._ledger.instrument, made.cut, made.intent
        return RemarkRow(
            bar=made.bar,
            ts=made.ts,
            kind=cut_kind(cut).value,
            text=cut.said(instrument),
            order_id=made.order_id,
            order_ref=intent.order_ref,
            line=self._line(intent.origin.offset),
            lost_pct=cut.lost_pct(instrument),
        )

    def _line(self, offset: int) -> int:
        return self._line_of(offset) if offset >= 0 else 0
