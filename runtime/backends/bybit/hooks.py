"""Where a backend's word goes, and what it has seen last of the account.

The law: what was not compared for long is told again and again until it is: silence of the venue is no agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from runtime.backends.base import Emit, Loudness, Notice, Tell
from runtime.backends.bybit.messages import KlineUpdate, PositionUpdate, WalletUpdate
from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.vocabulary import ISOLATED
from runtime.market.instrument_facts import Instrument
from runtime.orders.order import Order


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a backend's word goes, in the loop: order events, notices, klines, agreement with the venue."""

    emit: Emit
    tell: Tell
    bar: Callable[[KlineUpdate], None] = lambda _row: None
    agreed: Callable[[int], None] = lambda _asked_at: None
    facts: Callable[[Instrument, str], None] = lambda _told, _closed: None
    mark: Callable[[float], None] = lambda _price: None
    holds: Callable[[], str] = lambda: ""  # why an entry that waits may not leave any more
    kept: Callable[[], Collection[str]] = tuple  # orders that were decided and not given yet
    is_once: Callable[[Order], bool] = lambda _: False  # nothing asks for an order again


@dataclass(slots=True)
class Seen:
    """The newest word about position and wallet, and since when they do not fit; times in ms UTC."""

    position: PositionUpdate | None = None
    wallet: WalletUpdate | None = None
    differs: tuple[int, int] | None = None  # since when, by how many lots
    reconciled_at: int | None = None
    began_at: int | None = None
    told_at: int = 0
    margin_at: int | None = None  # when the account last said its margin mode
    leverage: float | None = None  # the first that was told; pre-flight holds it to the card's

    def lever(self, row: PositionUpdate, now: int) -> Notice | None:
        """Return what is told as long as the leverage is not what it was when the session began."""
        if row.leverage is None:
            return None
        if self.leverage is None:
            self.leverage = row.leverage
        if row.leverage == self.leverage:
            return None
        text = f"the leverage is {row.leverage:g} at the venue, this session began with {self.leverage:g}"
        if row.quantity and row.liquidation_price is not None:
            text += f"; what is held is liquidated at {row.liquidation_price:g}"
        return Notice(kind="leverage", loudness=Loudness.ENTRIES, text=text, ts=now)

    def margin(self, mode: str | None, now: int, pace: Pace) -> Notice | None:
        """Return what is told as long as the account's margin is not isolated, or nobody says what it is."""
        if self.margin_at is None:
            self.margin_at = now  # pre-flight has read it
        if mode is None:
            return self._unread(now, pace)
        self.margin_at = now
        if mode == ISOLATED:
            return None
        text = f"the account's margin mode is {mode}: all that is on the account stands for what is held here"
        return Notice(kind="margin_mode", loudness=Loudness.ENTRIES, text=text, ts=now)

    def _unread(self, now: int, pace: Pace) -> Notice | None:
        assert self.margin_at is not None
        silent = now - self.margin_at
        if silent <= pace.unheard_ms:
            return None
        text = f"the account has not said its margin mode for {silent // 1_000} s"
        return Notice(kind="margin_unread", loudness=Loudness.ENTRIES, text=text, ts=now)

    def overdue(self, now: int, pace: Pace) -> Notice | None:
        """Return what is told where ledger and venue did not agree for as long as is borne, and again."""
        if self.began_at is None:
            self.began_at = now
        since = self.began_at if self.reconciled_at is None else self.reconciled_at
        if now - since <= pace.unheard_ms or now - self.told_at < pace.reconcile_ms:
            return None
        self.told_at = now
        text = f"ledger and venue were not found to agree for {(now - since) // 1_000} s"
        return Notice(kind="not_compared", loudness=Loudness.ENTRIES, text=text, ts=now)
