"""`ideacard new`: a starter card that runs and says what each part is."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import click


@click.command(epilog="Example:\n\n  ideacard new my_strategy --symbol ETHUSDT --tf 1h")
@click.argument("name")
@click.option("--symbol", default="BTCUSDT", show_default=True)
@click.option("--tf", default="15m", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File; default NAME.card.yaml."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(name: str, symbol: str, tf: str, output: Path | None, force: bool) -> None:
    """Write a commented starter card called NAME."""
    from runtime.market.timeframe import TIMEFRAMES, normalise
    from runtime.market.whole_files import write_whole

    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
        raise click.BadParameter(
            f"`{name}`: use letters, digits and _, starting with a letter", param_hint="NAME"
        )
    if not re.fullmatch(r"[A-Z0-9]{3,20}", symbol):
        raise click.BadParameter(f"`{symbol}`: a symbol looks like BTCUSDT", param_hint="--symbol")
    timeframe = normalise(tf)
    if timeframe is None:
        raise click.BadParameter(f"`{tf}`; known: {' '.join(TIMEFRAMES)}", param_hint="--tf")
    target = output or Path(f"{name}.card.yaml")
    if target.exists() and not force:
        raise click.ClickException(f"{target}: exists already; --force replaces it")
    template = (files("tools") / "starter.card.yaml").read_text(encoding="utf-8")
    text = template.replace("{name}", name).replace("{symbol}", symbol).replace("{tf}", timeframe)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text)
    click.echo(f"{target} written. Next: ideacard lint {target}")
