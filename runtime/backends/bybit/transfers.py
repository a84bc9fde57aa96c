"""Money that comes and goes besides trading: told once, as what it is, never as profit or loss.

The law: the wallet and the ledger are two sources. Where they part, the venue's log says why; what it does
not say is an alarm, and nothing is ever closed because of it. What other contracts of the account earn and cost is
none of the session's money: it explains the wallet and is booked nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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
# VENUE: docs/v5/enum, type(uta-translog): what the ledger books by itself, where it is of its contract.
_TRADED = frozenset({"TRADE", "SETTLEMENT", "DELIVERY", "LIQUIDATION", "ADL"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the log that the ledger does not book by itself. `is_elsewhere`: traded in another contract."""

    name: str
    kind: str
    amount: float
    ts: int
    is_elsewhere: bool


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
    _gaps: list[float] = field(default_factory=list)  # beyond that
    _is_out: bool = False
    _from: int = 0  # the first look: what other contracts did before is in the base
    _elsewhere: dict[str, int] = field(default_factory=dict)  # rows of others that count, and when

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
        if self._base is not None and abs(gap - self._base) <= _CENT:
            self._gaps = []
        else:
            self._ask(gap)

    def _ask(self, gap: float) -> None:
        """Ask the log what moved the money; the first gap has all that came before it in it."""
        if self._is_out:
            return
        self._is_out = True
        asked_at, since = self.now(), self.since

        def then(rows: Rows | None) -> None:
            self._is_out = False
            moved = 0.0
            if rows is not None:
                self.since = max(since, asked_at - 60_000)
                lines = list(_lines(rows, self.sync.ledger.instrument.symbol))
                moved = total(event.amount for event in self._told(lines) if event.ts <= asked_at)
                elsewhere = total(self._news_elsewhere(lines, asked_at))
                if self._base is None:
                    self._base, self._from = gap - moved, asked_at
                else:
                    self._base += elsewhere
            if self._base is not None:
                self._judge(gap - moved)

        self.asking.do(lambda: self.rest.transfers(since, asked_at), then)

    def _judge(self, gap: float) -> None:
        """Alarm where three looks in a row miss the same, with all that the log says taken in."""
        assert self._base is not None
        missing = gap - self._base
        if abs(missing) <= _CENT:
            self._gaps = []
            return
        self._gaps = [*self._gaps[1 - _LOOKS :], missing]
        if len(self._gaps) >= _LOOKS and max(self._gaps) - min(self._gaps) <= _CENT:
            text = (
                f"the wallet holds {missing:+.2f} USDT that no execution and no transfer explains"
            )
            notice = Notice(kind="money_differs", loudness=Loudness.ALARM, text=text, ts=self.now())
            self.tell(notice)
            self._base, self._gaps = gap, []

    def _told(self, lines: Sequence[_Line]) -> list[BalanceAdjusted]:
        """Tell what is news, oldest first; return it."""
        bar = self.sync.ledger.bar + 1
        found = [
            BalanceAdjusted(
                amount=line.amount,
                why=line.kind.lower(),
                transfer_id=line.name,
                bar=bar,
                ts=line.ts,
            )
            for line in lines
            if not line.is_elsewhere
        ]
        return [event for event in found if self.sync.moved(event)]

    def _news_elsewhere(self, lines: Sequence[_Line], until: int) -> list[float]:
        """Return what came of other contracts after the first look and up to a time (ms UTC), each row once."""
        known = self._elsewhere
        rows = [line for line in lines if line.is_elsewhere and self._from < line.ts <= until]
        news = {line.name: line for line in rows if line.name not in known}
        known.update((name, line.ts) for name, line in news.items())
        self._elsewhere = {name: ts for name, ts in known.items() if ts >= self.since}
        return [line.amount for line in news.values()]


def _lines(rows: Rows, symbol: str) -> Iterator[_Line]:
    """Yield what the ledger of a contract does not book by itself, oldest first; no row of a shape we know is none."""
    for row in reversed(rows):
        kind, name = row.get("type"), row.get("id")
        if not isinstance(kind, str) or not isinstance(name, str) or not name:
            continue
        is_traded = kind in _TRADED
        if is_traded and not _is_elsewhere(row, symbol):
            continue
        try:
            amount, ts = float(row["change"]), int(row["transactionTime"])
        except (KeyError, TypeError, ValueError):
            continue
        yield _Line(name, kind, amount, ts, is_elsewhere=is_traded)


def _is_elsewhere(row: Mapping[str, Any], symbol: str) -> bool:
    """Return whether a row says that it is of another contract, or of the coin itself."""
    category = row.get("category") or "linear"
    return (row.get("symbol") or symbol) != symbol or category != "linear"
