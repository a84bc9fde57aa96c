"""Faults of data, orders and venues: everything that is not a mistake in a card or in our code."""

from __future__ import annotations

from compiler.findings.errors import IdeaCardError


class DataError(IdeaCardError):
    """Market data is missing, broken or does not fit the card."""


class IllegalTransition(IdeaCardError):
    """An order event that the life cycle does not allow."""


class BackendError(IdeaCardError):
    """A venue or the simulator could not do what was asked."""


class NotSent(BackendError):
    """The request did not reach the venue or was not carried out: it may be sent again."""


class OutcomeUnknown(BackendError):
    """A request left and no whole answer came: it may have happened, so it is not sent again unasked."""


__all__ = [
    "BackendError",
    "DataError",
    "IdeaCardError",
    "IllegalTransition",
    "NotSent",
    "OutcomeUnknown",
]
