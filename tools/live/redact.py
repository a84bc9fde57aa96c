"""Secrets taken out of text by their own letters, before it leaves this machine's account.

The law: whatever a variable or the keyring holds as key, secret or token does not stand in what is written
or sent for others to read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

_WORDS = ("KEY", "SECRET", "TOKEN", "PASSWORD", "WEBHOOK")
_SHORTEST = 6  # shorter ones would take words out of every text


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of variables that are named like secrets, longest first."""
    found = {
        value.strip()
        for name, value in environment.items()
        if any(word in name.upper() for word in _WORDS)
    }
    return tuple(sorted((v for v in found if len(v) >= _SHORTEST), key=len, reverse=True))


def redacted(text: str, secrets: Iterable[str] | None = None) -> str:
    """Return a text without secrets."""
    for secret in secrets_of(os.environ) if secrets is None else secrets:
        text = text.replace(secret, "[hidden]")
    return text


def holds_secret(data: bytes, secrets: Iterable[str] | None = None) -> bool:
    """Return whether one of the secrets stands in some bytes."""
    known = secrets_of(os.environ) if secrets is None else secrets
    return any(secret.encode() in data for secret in known)
