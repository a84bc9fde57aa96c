"""What was decided at a close, in words: orders with their prices, changes, cancels."""

from __future__ import annotations

from dataclasses import fields

from runtime.market.instrument_facts import Instrument
from runtime.orders.commands import (
    AmendOrder,
    CancelOrder,
    Decided,
    RenewOrder,
    SetProtection,
    SubmitOrder,
    WithdrawOrder,
)
from runtime.orders.events import OrderRejected, RequestRefused
from runtime.orders.order import Order
from runtime.orders.order_spec import Level, OrderSpec
from runtime.records.remarks import too_late, too_late_text


def command_text(command: Decided, instrument: Instrument) -> str:
    """Return what one thing that was decided asks for."""
    match command:
        case SubmitOrder(spec=spec):
            return _spec_text(spec, instrument)
        case CancelOrder():
            return f"cancel {command.order_id} ({command.reason})"
        case AmendOrder():
            changes = [
                f"{name} {value:.10g}"
                for name, value in (
                    ("limit", command.limit_price),
                    ("trigger", command.trigger_price),
                    ("quantity", command.quantity and instrument.base(command.quantity)),
                )
                if value is not None
            ]
            return " ".join(["amend", command.order_id, *changes, *_levels(command)])
        case SetProtection():
            where = f"layer {command.layer}" if command.layer else "position"
            return " ".join(["protect", where, *_levels(command), *_trail(command)])
        case WithdrawOrder(spec=spec):
            return f"{spec.order_id} of this close does not leave, this takes its place"
        case RenewOrder(ends_rearm=True):
            return f"{command.order_id} leaves an entry that does not come again"
        case RenewOrder(expires_bar=None):
            return f"renew {command.order_id}, without an end"
        case RenewOrder():
            return f"renew {command.order_id}, until bar {command.expires_bar}"


def refused_text(
    event: RequestRefused | OrderRejected, order: Order, instrument: Instrument
) -> str:
    """Return what became of an order, a change or a cancel that the market refused."""
    name = f"{event.order_id} `{order.spec.order_ref}`" if order.spec.order_ref else event.order_id
    if isinstance(event, OrderRejected):
        return f"{name} was refused by the market, {event.code}: {event.text}"
    what = "change" if event.request == "amend" else event.request
    remark, price = too_late(event, order), order.avg_fill_price
    if remark is None or price is None:
        return f"the {what} of {name} was refused by the market, {event.code}"
    said = too_late_text(instrument.base(order.filled), price, remark)
    return f"the {what} of {name} came too late: {said}"


def _spec_text(spec: OrderSpec, instrument: Instrument) -> str:
    words = [spec.side.value, f"{instrument.base(spec.quantity):.10g}", spec.order_type.value]
    if spec.trigger_price is not None:
        words.append(f"trigger {spec.trigger_price:.10g}")
    if spec.limit_price is not None:
        words.append(f"limit {spec.limit_price:.10g}")
    words += [*_levels(spec), *_trail(spec)]
    if spec.reduce_only:
        words.append("reduce-only")
    return " ".join(words)


def _trail(of: OrderSpec | SetProtection) -> list[str]:
    if isinstance(of, SetProtection) and of.removes_trail:
        return ["no trail"]
    if of.trail is None:
        return []
    said = ((f.name, getattr(of.trail, f.name)) for f in fields(of.trail))
    return ["trail", *(f"{name} {value:.10g}" for name, value in said if value is not None)]


def _levels(of: OrderSpec | AmendOrder | SetProtection) -> list[str]:
    found: list[tuple[str, Level | None]] = [("stop", of.stop_loss), ("target", of.take_profit)]
    return [
        f"{name} {level.value:.10g}"
        + ("" if level.kind.value == "level" else f" {level.kind.value}")
        for name, level in found
        if level is not None
    ]
