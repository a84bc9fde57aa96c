"""The table of what the venue answers: path, parameters, handler, and where it is missing.

Law: a path that is not in this table is answered 404.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.fakebybit import market_api, orders_api, placing, positions_api, queries_api
from tools.fakebybit.parameters import Parameters, Spec
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

Handler = Callable[[State, Parameters], Row]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path. `on_demo`: whether the demo environment has it."""

    method: str
    path: str
    spec: Spec
    handler: Handler
    is_private: bool = True
    on_demo: bool = True


def _get(path: str, allowed: Spec, handler: Handler, *, on_demo: bool = True) -> Endpoint:
    return Endpoint("GET", path, allowed, handler, True, on_demo)


def _post(path: str, allowed: Spec, handler: Handler, *, on_demo: bool = True) -> Endpoint:
    return Endpoint("POST", path, allowed, handler, True, on_demo)


def _open(path: str, allowed: Spec, handler: Handler) -> Endpoint:
    return Endpoint("GET", path, allowed, handler, False)


ENDPOINTS = (
    _open("market/time", queries_api.NOTHING, market_api.time),
    _open("market/instruments-info", market_api.INSTRUMENTS, market_api.instruments),
    _open("market/risk-limit", market_api.RISK, market_api.risk_limit),
    _open("market/kline", market_api.KLINE, market_api.kline),
    _open("market/mark-price-kline", market_api.KLINE, market_api.mark_kline),
    _open("market/tickers", market_api.SYMBOL, market_api.tickers),
    _open("market/funding/history", market_api.FUNDING, market_api.funding_history),
    _open("market/price-limit", market_api.SYMBOL, market_api.price_limit),
    _open("system/status", market_api.STATUS, market_api.system_status),
    _post("order/create", placing.CREATE, placing.create),
    _post("order/amend", orders_api.AMEND, orders_api.amend),
    _post("order/cancel", orders_api.CANCEL, orders_api.cancel),
    _post("order/cancel-all", orders_api.CANCEL_ALL, orders_api.cancel_all),
    _post("order/disconnected-cancel-all", orders_api.DCP, orders_api.set_dcp, on_demo=False),
    _get("order/realtime", queries_api.REALTIME, queries_api.realtime),
    _get("order/history", queries_api.HISTORY, queries_api.history),
    _get("execution/list", queries_api.EXECUTIONS, queries_api.executions),
    _get("position/list", queries_api.POSITIONS, queries_api.positions),
    _get("position/symbol-info", queries_api.SYMBOL_INFO, queries_api.symbol_info, on_demo=False),
    _post("position/trading-stop", positions_api.TRADING_STOP, positions_api.trading_stop),
    _post("position/set-leverage", positions_api.SET_LEVERAGE, positions_api.set_leverage),
    _post("position/switch-mode", positions_api.SWITCH_MODE, positions_api.switch_mode),
    _post("position/confirm-pending-mmr", positions_api.CONFIRM_MMR, positions_api.confirm_mmr),
    _get("account/info", queries_api.NOTHING, queries_api.info),
    _get("account/wallet-balance", queries_api.WALLET, queries_api.wallet),
    _get("account/fee-rate", queries_api.FEE_RATE, queries_api.fee_rate, on_demo=False),
    _get("account/transaction-log", queries_api.LOG, queries_api.transaction_log),
    _get("account/query-dcp-info", queries_api.NOTHING, queries_api.dcp_info, on_demo=False),
    _post("account/set-margin-mode", positions_api.SET_MARGIN_MODE, positions_api.set_margin_mode),
    _post(
        "account/set-limit-px-action",
        positions_api.PRICE_ACTION,
        positions_api.set_price_action,
        on_demo=False,
    ),
    _get("user/query-api", queries_api.NOTHING, queries_api.query_api, on_demo=False),
)
BY_PATH = {(endpoint.method, endpoint.path): endpoint for endpoint in ENDPOINTS}
