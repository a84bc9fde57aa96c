"""Options that the commands of market data share."""

from __future__ import annotations

from pathlib import Path

import click

from runtime.market.timeframe import MONTH, TIMEFRAMES, normalise
from tools.feeds import STORE

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    default=STORE,
    show_default=True,
    help="Folder of the store: <venue>/<symbol>/<timeframe>.parquet.",
)


def parse_tf(text: str) -> str:
    """Return the timeframe a person typed; BadParameter for a word that is none."""
    name = normalise(text)
    if text.strip() == MONTH:
        raise click.BadParameter(f"`{MONTH}` is a month, which is no timeframe; a minute is 1m")
    if name is None:
        raise click.BadParameter(f"`{text}` is no timeframe; known: {' '.join(TIMEFRAMES)}")
    return name
