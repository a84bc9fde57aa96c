"""Where keys come from: the environment, else the keyring of the desktop, never a file of ours.

The law: they are held by `Keys`, which shows neither; what is said about them names the variable only.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping

from runtime.backends.bybit.pybit_http import Hidden, Keys
from runtime.errors import BackendError

_PLAIN = "BYBIT"
_SERVICE = "ideacard"


def read_keys(venue: str, get: Callable[[str], str | None] = os.getenv) -> Keys:
    """Return the keys for a venue (testnet, demo, mainnet); BackendError with what to do without any."""
    found = found_keys(venue, get)
    if found is None:
        raise BackendError(f"no keys for {venue}: {where_keys_go(venue)}")
    return found


def where_keys_go(venue: str) -> str:
    """Return what to do where a venue has no keys: the venue's own variables come before the plain ones."""
    own = f"{_PLAIN}_{venue.upper()}"
    return (
        f"set {own}_API_KEY and {own}_API_SECRET, or put `{venue}-key` and `{venue}-secret` into "
        f"the keyring under `{_SERVICE}`"
    )


def without_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the keys of any venue, for programs that have no business with them."""
    ends = ("_API_KEY", "_API_SECRET")
    return {n: v for n, v in environment.items() if not (n.startswith(_PLAIN) and n.endswith(ends))}


def found_keys(venue: str, get: Callable[[str], str | None] = os.getenv) -> Keys | None:
    """Return the keys for a venue, None where there are none.

    BYBIT_TESTNET_API_KEY and BYBIT_TESTNET_API_SECRET come before BYBIT_API_KEY and BYBIT_API_SECRET.
    `get` reads a variable: the environment itself, as a local variable, would be shown whole.
    """
    for prefix in (f"{_PLAIN}_{venue.upper()}", _PLAIN):
        key = Hidden((get(f"{prefix}_API_KEY") or "").strip())
        secret = Hidden((get(f"{prefix}_API_SECRET") or "").strip())
        if key and secret:
            return Keys(key, secret)
    return _from_keyring(venue)


def _from_keyring(venue: str) -> Keys | None:
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:  # it is optional: the environment does without
        return None
    key = Hidden(keyring.get_password(_SERVICE, f"{venue}-key") or "")
    secret = Hidden(keyring.get_password(_SERVICE, f"{venue}-secret") or "")
    return Keys(key, secret) if key and secret else None
