"""Money that comes and goes besides trading: told once, as what it is, never as profit or loss.

The law: the wallet and the ledger are two sources. Where they part, the venue's log says why; what it does
not say is an alarm, and nothing is ever closed because of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.backends.base import Loudness, Notice, Tell
from runtime.backends.bybit.messages import PositionUpdate, WalletUpdate
from runtime.backends.bybit.rest import Rest, Rows
from runtime.backends.bybit.synchronizer import OrderStateSynchronizer
from runtime.backends.bybit.worker import Worker
from runtime.formulas.sums import total
from runtime.orders.events import BalanceAdjusted

_CENT = 0.01
_LOOKS = 3  # that agree on a difference before it is one: a fill may come between two answers
# VENUE: docs/v5/enum, type(uta-translog): what the ledger books by itself.
_TRADED = frozenset({"TRADE", "SETTLEMENT", "DELIVERY", "LIQUIDATION", "ADL"})


@dataclass(slots=True)
class Transfers:
    """Compares the wallet's cash with the ledger's. `since`: ms UTC, up to where the log is known."""

    sync: OrderStateSynchronizer
    rest: Rest
    asking: Worker
    tell: Tell
    now: Callable[[], int]
    since: int
    _base: float | None = None  # wallet minus ledger: what the account held besides
    _gaps: list[float] = field(default_factory=list)
    _is_out: bool = False

    def look(self, wallet: WalletUpdate, held: Sequence[PositionUpdate]) -> None:
        """Compare once ledger and venue agree on the position.

        What is held counts at its entry: executions told in another order than they happened part realized
        and open profit in another way, and change nothing of their sum.
        """
        ledger, mine = self.sync.ledger, self.sync.ledger.position
        cost = 0.0 if mine is None else mine.side.sign * mine.total_size_usdt
        base = ledger.instrument.base
        theirs = total(
            (1 if row.quantity > 0 else -1) * base(abs(row.quantity)) * (row.average_price or 0.0)
            for row in held
        )
        gap = (wallet.balance - theirs) - (ledger.account.balance - cost)
        if self._base is None:
            self._ask(gap)  # what came before the first look shows in no difference
        elif abs(gap - self._base) <= _CENT:
            self._gaps = []
        else:
            self._gaps.append(gap)
            self._ask()
            if len(self._gaps) >= _LOOKS and max(self._gaps) - min(self._gaps) <= _CENT:
                self._alarm(gap - self._base)
                self._base, self._gaps = gap, []

    def _alarm(self, amount: float) -> None:
        text = f"the wallet holds {amount:+.2f} USDT that no execution and no transfer explains"
        self.tell(Notice(kind="money_differs", loudness=Loudness.ALARM, text=text, ts=self.now()))

    def _ask(self, gap: float | None = None) -> None:
        """Ask the log what moved the money; `gap`: the first difference, with all of that in it."""
        if self._is_out:
            return
        self._is_out = True
        asked_at, since = self.now(), self.since

        def then(rows: Rows | None) -> None:
            self._is_out = False
            if rows is None:
                return
            self.since = max(since, asked_at - 60_000)
            told = self._told(rows)
            if gap is not None:
                self._base = gap - total(event.amount for event in told if event.ts <= asked_at)

        self.asking.do(lambda: self.rest.transfers(since, asked_at), then)

    def _told(self, rows: Rows) -> list[BalanceAdjusted]:
        """Tell what is news, oldest first; return it."""
        found = [_moved(row, self.sync.ledger.bar + 1) for row in reversed(rows)]
        return [event for event in found if event is not None and self.sync.moved(event)]


def _moved(row: Mapping[str, Any], bar: int) -> BalanceAdjusted | None:
    """Return a row of the log as an event, None for what is traded or no row of a shape we know."""
    kind, name = row.get("type"), row.get("id")
    if not isinstance(kind, str) or kind in _TRADED or not isinstance(name, str) or not name:
        return None
    try:
        amount, ts = float(row["change"]), int(row["transactionTime"])
    except (KeyError, TypeError, ValueError):
        return None
    return BalanceAdjusted(amount=amount, why=kind.lower(), transfer_id=name, bar=bar, ts=ts)
