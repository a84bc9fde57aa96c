"""The root of every exception that a user may see.

A mistake in a card is a finding, collected and never raised; what must stop is one of this tree, and
its text is one sentence that says what to do.
"""

from __future__ import annotations


class IdeaCardError(Exception):
    """Something a user is told in one sentence; a traceback is a fault of ours."""
