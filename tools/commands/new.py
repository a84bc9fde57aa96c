"""`ideacard new`: a starter card that runs and says what each part is."""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path
from textwrap import wrap

import click


def _list(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from tools.shipped_cards import shipped_cards

    cards = shipped_cards()
    width = max(len(one.name) for one in cards) + 2
    for one in cards:
        lines = wrap(one.idea, max(20, shutil.get_terminal_size().columns - width)) or [""]
        click.echo(f"{one.name:{width}}{lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(" " * width + line)
    context.exit()


@click.command(
    epilog="Examples:\n\n\b\n"
    "  ideacard new my_strategy --symbol ETHUSDT --tf 1h\n"
    "  ideacard new --list                       what may be begun with\n"
    "  ideacard new my_rsi --like 03_rsi2"
)
@click.argument("name")
@click.option("--symbol", show_default="BTCUSDT")
@click.option("--tf", show_default="15m")
@click.option(
    "--like", "model", metavar="CARD", help="Begin with a card of the gallery or the cookbook."
)
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="Say which cards --like knows, and leave.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="File; default NAME.card.yaml."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(
    name: str, symbol: str | None, tf: str | None, model: str | None, output: Path | None, force: bool
) -> None:  # fmt: skip
    """Write a commented starter card called NAME."""
    from runtime.market.whole_files import write_whole

    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,63}", name):
        raise click.BadParameter(
            f"`{name}`: use letters, digits and _, starting with a letter", param_hint="NAME"
        )
    if model is None:
        text = _starter(name, symbol or "BTCUSDT", tf or "15m")
    elif symbol or tf:
        raise click.UsageError("--like brings its own symbol and tf: change them in the card")
    else:
        text = _alike(name, model)
    target = output or Path(f"{name}.card.yaml")
    if target.exists() and not force:
        raise click.ClickException(f"{target}: exists already; --force replaces it")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text)
    click.echo(f"{target} written. Next: ideacard lint {target}")


def _starter(name: str, symbol: str, tf: str) -> str:
    from runtime.market.timeframe import TIMEFRAMES, normalise

    if not re.fullmatch(r"[A-Z0-9]{3,20}", symbol):
        raise click.BadParameter(f"`{symbol}`: a symbol looks like BTCUSDT", param_hint="--symbol")
    timeframe = normalise(tf)
    if timeframe is None:
        raise click.BadParameter(f"`{tf}`; known: {' '.join(TIMEFRAMES)}", param_hint="--tf")
    template = (files("tools") / "starter.card.yaml").read_text(encoding="utf-8")
    return template.replace("{name}", name).replace("{symbol}", symbol).replace("{tf}", timeframe)


def _alike(name: str, model: str) -> str:
    """Return a card that came with the program, under another name."""
    from tools.shipped_cards import shipped_card

    try:
        text = shipped_card(model).text
    except KeyError as error:
        raise click.BadParameter(str(error.args[0]), param_hint="--like") from None
    return re.sub(r"(?m)^name: .*$", lambda _: f"name: {name}", text, count=1)
