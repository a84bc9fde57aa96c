"""Rate limits per endpoint group, and the limit of the whole connection.

Law: a window is the second that has just passed; what is refused does not count.
"""

from __future__ import annotations

from collections import deque

PER_SECOND = {
    "order/create": 10, "order/amend": 10, "order/cancel": 10, "order/cancel-all": 10,
    "order/realtime": 50, "order/history": 50, "execution/list": 50, "position/list": 50,
    "position/symbol-info": 50, "position/closed-pnl": 50, "position/set-leverage": 10,
    "position/switch-mode": 10, "position/trading-stop": 10, "account/wallet-balance": 50,
    "account/info": 50, "account/fee-rate": 5, "account/set-margin-mode": 5,
    "account/transaction-log": 25, "order/disconnected-cancel-all": 5,
}  # fmt: skip
PER_ADDRESS = 600
ADDRESS_MS = 5_000


class Limits:
    """Counts of the requests of one account and one address."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[int]] = {}
        self._address: deque[int] = deque()

    def take(self, group: str, now: int, limit: int) -> tuple[bool, int, int]:
        """Count a request; return (allowed, left in this second, when the window resets)."""
        seen = self._seen.setdefault(group, deque())
        while seen and seen[0] <= now - 1_000:
            seen.popleft()
        if len(seen) >= limit:
            return False, 0, seen[0] + 1_000
        seen.append(now)
        return True, limit - len(seen), now

    def address_allows(self, now: int) -> bool:
        """Count a request of the address; False beyond 600 in five seconds."""
        while self._address and self._address[0] <= now - ADDRESS_MS:
            self._address.popleft()
        self._address.append(now)
        return len(self._address) <= PER_ADDRESS
