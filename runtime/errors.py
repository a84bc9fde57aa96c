"""Faults of data, orders and venues: everything that is not a mistake in a card or in our code."""

from __future__ import annotations


class RuntimeFault(Exception):
    """Base of every fault the runtime reports to its user."""


class DataError(RuntimeFault):
    """Market data is missing, broken or does not fit the card."""


class IllegalTransition(RuntimeFault):
    """An order event that the life cycle does not allow."""


class BackendError(RuntimeFault):
    """A venue or the simulator could not do what was asked."""


class Rejected(BackendError):
    """A definite refusal; `code` is the venue's or our own."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Retryable(BackendError):
    """Nothing happened; the same request may be sent again."""


class OutOfSync(BackendError):
    """Our state and the venue's disagree."""
