"""The words of the first design, each found at its home when it is first asked for.

The law: a word here is the thing the engine works with, never a copy beside it, and importing `runtime`
loads nothing. `README.md` has the table with what differs from the first sketch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the types of what `__getattr__` finds
    from compiler.catalog.actions import VALID_ACTIONS
    from compiler.catalog.builtins import SCALING_BUILTINS
    from compiler.catalog.orders import OrderType
    from compiler.catalog.settings import FillModel
    from runtime.account.layers import PositionLayer, ScaledPosition
    from runtime.backends.bybit.router import LiveOrderRouter
    from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
    from runtime.backends.sim.exchange import SimulatedExchange
    from runtime.backends.sim.fill_models import FillModelConfig, FillResult, LimitFillSimulator
    from runtime.decide.blocks import BlocksExecutor
    from runtime.decide.intent import Intent
    from runtime.decide.intent_processor import IntentProcessor
    from runtime.orders.book import PendingOrderBook
    from runtime.orders.lifecycle import OrderStatus
    from runtime.orders.order import Order

_HOMES = {
    "BlocksExecutor": "runtime.decide.blocks",
    "FillModel": "compiler.catalog.settings",
    "FillModelConfig": "runtime.backends.sim.fill_models",
    "FillResult": "runtime.backends.sim.fill_models",
    "Intent": "runtime.decide.intent",
    "IntentProcessor": "runtime.decide.intent_processor",
    "LimitFillSimulator": "runtime.backends.sim.fill_models",
    "LiveOrderRouter": "runtime.backends.bybit.router",
    "Order": "runtime.orders.order",
    "OrderStateSynchronizer": "runtime.backends.bybit.synchronizer",
    "OrderStatus": "runtime.orders.lifecycle",
    "OrderType": "compiler.catalog.orders",
    "PendingOrderBook": "runtime.orders.book",
    "PositionLayer": "runtime.account.layers",
    "SCALING_BUILTINS": "compiler.catalog.builtins",
    "ScaledPosition": "runtime.account.layers",
    "SimulatedExchange": "runtime.backends.sim.exchange",
    "VALID_ACTIONS": "compiler.catalog.actions",
}

__all__ = [
    "SCALING_BUILTINS",
    "VALID_ACTIONS",
    "BlocksExecutor",
    "FillModel",
    "FillModelConfig",
    "FillResult",
    "Intent",
    "IntentProcessor",
    "LimitFillSimulator",
    "LiveOrderRouter",
    "Order",
    "OrderStateSynchronizer",
    "OrderStatus",
    "OrderType",
    "PendingOrderBook",
    "PositionLayer",
    "ScaledPosition",
    "SimulatedExchange",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module `runtime` has no `{name}`")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
