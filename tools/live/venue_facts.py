"""What a venue says about itself before a session starts: clock, instrument, account, position.

The law: an answer that did not come is None and never a default; nothing is changed here but what
`prepare` is told to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.graph.rule_graph import Settings
from runtime.backends.bybit.intake import closed_market
from runtime.backends.bybit.outcomes import Outcome, Request, Verdict
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.vocabulary import ISOLATED
from runtime.errors import DataError
from runtime.market.download import instrument_of
from runtime.market.instrument_facts import Instrument

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What the venue says of the account; None where it did not answer."""

    margin_mode: str | None = None
    equity_usdt: float | None = None
    position: Row | None = None
    open_orders: tuple[Row, ...] | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A symbol at the venue. `closed`: why nothing may be opened in it, "" where it may."""

    instrument: Instrument
    closed: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What `prepare` asked for. `check`: the line of the report that shows whether it is so."""

    check: str
    what: str
    verdict: Verdict

    @property
    def refusal(self) -> str:
        """Return the venue's words, "" where it was taken."""
        is_taken = self.verdict.outcome is Outcome.RECEIVED
        return "" if is_taken else self.verdict.text or self.verdict.code or "no answer"


def read_contract(rest: Rest, symbol: str, today: str) -> Contract | None:
    """Return the facts of a symbol, None without an answer; DataError for a symbol it has not."""
    fields = {"category": "linear", "symbol": symbol}
    found = rest.ask("market/instruments-info", fields)
    tiers = rest.ask("market/risk-limit", fields)
    if found is None or tiers is None:
        return None
    rows = found.get("list") or []
    if len(rows) != 1:
        raise DataError(f"the venue has no linear instrument `{symbol}`")
    facts = instrument_of(rows[0], tiers.get("list") or [], today)
    return Contract(facts, closed_market(rows[0]))


def read_account(rest: Rest, symbol: str) -> Account:
    """Ask for margin mode, equity, position and working orders."""
    info = rest.ask("account/info", {})
    wallets = rest.wallet()
    positions = rest.position(symbol)
    orders = rest.open_orders(symbol)
    held = wallets[0].get("totalEquity") if wallets else None
    return Account(
        margin_mode=None if info is None else str(info.get("marginMode")),
        equity_usdt=None if held in (None, "") else float(str(held)),
        position=positions[0] if positions else None,
        open_orders=None if orders is None else tuple(orders),
    )


def prepare(rest: Rest, symbol: str, settings: Settings, now: int) -> list[Setting]:
    """Set one-way mode, isolated margin and the card's leverage; return what came of each.

    What is so already counts as done.
    """
    lever = f"{settings.account.max_leverage:g}"
    asked: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
        ("mode", "one-way mode", "position/switch-mode", _linear(symbol) | {"mode": 0}),
        ("margin", "isolated margin", "account/set-margin-mode", {"setMarginMode": ISOLATED}),
        (
            "leverage",
            f"leverage {lever}",
            "position/set-leverage",
            _linear(symbol) | {"buyLeverage": lever, "sellLeverage": lever},
        ),
    )
    return [
        Setting(check, what, rest.post(Request.CHANGE, path, body, now).verdict)
        for check, what, path, body in asked
    ]


def refused(done: list[Setting]) -> list[str]:
    """Return what could not be set, in words."""
    return [f"{one.what}: {one.refusal}" for one in done if one.refusal]


def _linear(symbol: str) -> dict[str, Any]:
    return {"category": "linear", "symbol": symbol}
