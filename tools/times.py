"""Times as people write them on a command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click


def parse_time(text: str | None) -> int | None:
    """Return ms UTC of a date or time (`2025-01-31`, `2025-01-31T12:00`); BadParameter otherwise."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"`{text}` is not a time; write 2025-01-31 or 2025-01-31T12:00 (UTC)"
        ) from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)
