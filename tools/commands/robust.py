"""`ideacard robust`: how far the result of a card can be told from luck."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cards import json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.progress import interruptible, progress_bar

if TYPE_CHECKING:
    from tools.search.robust import Robust

_path = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  ideacard robust card.yaml\n"
    "  ideacard robust card.yaml --data btc_15m.parquet --mirrors 199\n"
    "  ideacard robust card.yaml --tried 40 --json"
)
@click.argument("card", type=_path)
@feed_options
@click.option(
    "--mirrors", default=999, show_default=True, type=click.IntRange(19, 9_999),
    help="Mirrored markets; drawing stops early once 50 of them do as well.",
)  # fmt: skip
@click.option("--precise", is_flag=True, help="9,999 mirrored markets.")
@click.option(
    "--horizon", is_flag=True,
    help="Also with the coin thrown for 4, 16, 64, 256 bars at once: where the edge lives.",
)  # fmt: skip
@click.option(
    "--tried", default=0, metavar="N", type=click.IntRange(0),
    help="Variants you tried elsewhere: the run folders know only of those run here.",
)  # fmt: skip
@click.option("--seed", default=1, show_default=True)
@set_option
@json_option
def command(
    card: Path,
    feeds: Feeds,
    mirrors: int,
    precise: bool,
    horizon: bool,
    tried: int,
    seed: int,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say how far the result of CARD stands out from luck, from the search for it, from its costs.

    The card is run again on mirrored markets: the same bars at the same hours with the same ranges and volumes, ups
    and downs exchanged by coin. Four sentences and one conclusion come out; never a grade. Ctrl-C tells what there is.
    """
    from tools.running import compile_for, refuse_short_data
    from tools.search.robust import Asked, robust

    source = read_source(card)
    with show_compile_failure():
        program = compile_for(source, parse_overrides(overrides))
        data, instrument = feeds.load(program.graph)
        refuse_short_data(source, program, data, instrument)
    asked = Asked(
        mirrors=9_999 if precise else mirrors, horizon=199 if horizon else 0, seed=seed, tried=tried
    )
    with interruptible() as stops, progress_bar("mirrors") as tick:
        made = robust(
            program, data, instrument, asked, lambda _what, done, all_: tick(done, all_), stops
        )
    click.echo(json.dumps(_plain(made), indent=2) if as_json else _text(program.graph.card, made))


def _plain(made: Robust) -> dict[str, object]:
    from dataclasses import asdict

    luck = made.luck
    return {
        "format": "ideacard.robust",
        "version": 1,
        "conclusion": made.conclusion,
        "is_whole": made.is_whole,
        "run": asdict(made.run) | {"detectable_bp": made.run.detectable_bp()},
        "luck": None if luck is None else {
            "p": luck.p, "uncertainty": luck.uncertainty, "drawn": luck.drawn,
            "as_well": luck.as_well, "stopped_early": luck.stopped, "t": luck.t,
            "mirrored_t": luck.values,
        },
        "search": asdict(made.search),
        "pay": asdict(made.paid) | {
            "break_even_bps": made.break_even, "assumed_bps": made.assumed_bps,
        },
        "horizon": {str(block): one.p for block, one in made.horizon.items()},
        "left_out": made.left_out,
    }  # fmt: skip


def _text(name: str, made: Robust) -> str:
    import textwrap

    from tools.search.words import (
        length_sentence,
        luck_sentence,
        pay_sentence,
        search_sentence,
    )

    sentences = (
        ("Luck.", luck_sentence(made.luck)),
        ("Search.", search_sentence(made.luck, made.search)),
        ("Pay.", pay_sentence(made.paid, made.break_even, made.assumed_bps)),
        ("Length.", length_sentence(made.run)),
    )
    lines = [name, ""]
    for title, sentence in sentences:
        lines += [textwrap.fill(f"{title} {sentence}", 78, subsequent_indent="  "), ""]
    if made.horizon:
        shares = "  ".join(f"{block} bars {one.p:.3f}" for block, one in made.horizon.items())
        lines += [f"p with one coin for so many bars: {shares}", ""]
    for left in made.left_out:
        lines.append(textwrap.fill(f"Left out: {left}.", 78, subsequent_indent="  "))
    lines += [textwrap.fill(f"Conclusion: {made.conclusion}.", 78, subsequent_indent="  ")]
    if not made.is_whole:
        lines.append("Stopped on the way: this is what there was.")
    return "\n".join(lines)
