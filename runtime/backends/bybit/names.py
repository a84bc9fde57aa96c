"""Our ids on the venue: run, card and order, in the alphabet and the length it takes.

The law: an id is used once per account. The run number counts up for ever, so no two sessions share one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# VENUE: docs/v5/order/create-order: up to 36 characters of letters, digits, dash, underscore.
LONGEST = 36
_ALLOWED = re.compile(r"[A-Za-z0-9_-]+")
_OURS = re.compile(r"ic(\d+)-[0-9a-f]{6}-.+")


_PANIC = "panic-"


class BadLink(ValueError):
    """An id the venue would not take."""


@dataclass(frozen=True, slots=True)
class LinkNames:
    """Order ids of the ledger <-> link ids of the venue, for one run of one card."""

    prefix: str = ""

    def link(self, order_id: str) -> str:
        """Return the link id of an order; BadLink where it is too long or of other letters."""
        link = self.prefix + order_id
        if len(link) > LONGEST or not _ALLOWED.fullmatch(link):
            raise BadLink(f"`{link}` is no order id: 1 to {LONGEST} of A-Z a-z 0-9 _ -")
        return link

    def order_id(self, link: str) -> str | None:
        """Return the order id of a link id, None for one that this run did not give."""
        if not link or not link.startswith(self.prefix):
            return None
        return link[len(self.prefix) :]

    def is_foreign_run(self, link: str) -> bool:
        """Return whether another run of this program gave the id."""
        return bool(_OURS.fullmatch(link)) and self.order_id(link) is None


def panic_link(now: int, number: int) -> str:
    """Return the link id of a panic's close: `now` in ms UTC and its number tell it from all others."""
    return f"{_PANIC}{now}-{number}"


def is_of_panic(link: str) -> bool:
    """Return whether a panic gave the id, whoever called it and wherever it ran."""
    return link.startswith(_PANIC)


def names_of(run: int, card_hash: str) -> LinkNames:
    """Return the names of a run: its durable number and six digits of the card's hash (hex)."""
    names = LinkNames(f"ic{run}-{card_hash[:6]}-")
    if not _OURS.fullmatch(names.prefix + "o1"):
        raise BadLink(f"a card hash is hexadecimal, found `{card_hash}`")
    names.link("o999999999")
    return names
