"""Our ids on the venue: run, card and order, in the alphabet and the length it takes.

The law: an id is used once per account, whatever machine a session runs on and whatever became of its files:
a run is named by chance, and its name is in its journal.
"""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass

from runtime.orders.naming import MARK

# VENUE: docs/v5/order/create-order: up to 36 characters of letters, digits, dash, underscore.
LONGEST = 36
_ALLOWED = re.compile(r"[A-Za-z0-9_-]+")
_OURS = re.compile(r"ic([0-9a-z]+)-[0-9a-f]{6}-.+")
_LETTERS = string.digits + string.ascii_lowercase
_RUN = 8  # letters: 2.8e12 runs of a card, and 1.7e6 processes of each
_LONGEST_ID = f"o999999-{'z' * MARK}s9p9r9"  # a repetition of a part of a millionth order's surplus


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
        return run_of(link) is not None and self.order_id(link) is None


def panic_link(now: int, number: int) -> str:
    """Return the link id of a panic's close: `now` in ms UTC and its number tell it from all others."""
    return f"{_PANIC}{now}-{number}"


def is_of_panic(link: str) -> bool:
    """Return whether a panic gave the id, whoever called it and wherever it ran."""
    return link.startswith(_PANIC)


def run_of(link: str) -> str | None:
    """Return the run of this program that gave an id, None for any other id."""
    found = _OURS.fullmatch(link)
    return None if found is None else found[1]


def fresh_run() -> str:
    """Return the name of a new run, which no other of any account has."""
    return _by_chance(_RUN)


def fresh_mark() -> str:
    """Return the mark of a new process of a run (`Naming`)."""
    return _by_chance(MARK)


def _by_chance(letters: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(letters))


def names_of(run: str, card_hash: str) -> LinkNames:
    """Return the names of a run: its name and six digits of the card's hash (hex); BadLink for one of other letters."""
    names = LinkNames(f"ic{run}-{card_hash[:6]}-")
    if run_of(names.prefix + "o1") != run:
        raise BadLink(
            f"a run is named in {_LETTERS} and a card hash is hexadecimal, found `{run}`, `{card_hash}`"
        )
    names.link(_LONGEST_ID)
    return names
