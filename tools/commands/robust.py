"""`ideacard robust`: how far the result of a card can be told from luck."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.findings.source import Source
from tools.cards import Overrides, json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.progress import interruptible, progress_bar
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from compiler.graph.program import Program
    from runtime.market.data import MarketData
    from runtime.market.instrument_facts import Instrument
    from tools.search.robust import Robust
    from tools.search.seal import Seal

_path = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class _Bars:
    """The bars that are looked at, and what is sealed beyond or behind them."""

    data: MarketData
    seal: Seal | None
    is_opened: bool


@click.command(
    epilog="\b\nExamples:\n  ideacard robust card.yaml\n"
    "  ideacard robust card.yaml --data btc_15m.parquet --mirrors 199\n"
    "  ideacard robust card.yaml --tried 40 --json\n"
    "  ideacard robust card.yaml --seal 20%     the last fifth is kept for the end\n"
    "  ideacard robust card.yaml --open         the end, for a card that is finished\n"
    "  ideacard robust card.yaml --html robust.html"
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
    help="Further variants you tried elsewhere: the run folders know only of those run here.",
)  # fmt: skip
@click.option(
    "--runs", type=_path, default=RUNS, show_default=True,
    help="Folder of runs: what was tried on these bars; this card is added to it.",
)  # fmt: skip
@click.option("--no-moves", is_flag=True, help="Leave the numbers of the card where they are.")
@click.option(
    "--seal", "sealed", metavar="PERCENT", type=str,
    help="Keep the last so many percent of the bars for --open; once sealed they stay so.",
)  # fmt: skip
@click.option("--open", "opened", is_flag=True, help="Look at the sealed bars alone; counted.")
@click.option("--html", type=_path, help="Write it as a page, with what it was counted from drawn.")
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
    runs: Path,
    no_moves: bool,
    sealed: str | None,
    opened: bool,
    html: Path | None,
    seed: int,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say how far the result of CARD stands out from luck, from the search for it, from its costs.

    The card is run again on mirrored markets: the same bars at the same hours with the same ranges and volumes, ups
    and downs exchanged by coin. Everything that the run folders know to have been tried on these bars is run again
    with it. Four sentences and one conclusion come out; never a grade. Ctrl-C tells what there is.
    """
    from tools.running import refuse_short_data
    from tools.search.fragility import Card
    from tools.search.ledger import ledger
    from tools.search.robust import Asked, robust

    source, pairs = read_source(card), parse_overrides(overrides)
    with show_compile_failure():
        program, whole, instrument = _load(source, pairs, feeds)
        bars = _bars(whole, runs, _share(sealed), opened, program.graph_hash)
        refuse_short_data(source, program, bars.data, instrument)
    found = ledger(runs, bars.data, program.graph_hash)
    # Every card that was shown the sealed bars is a try on them, whether its run is kept or not.
    cards = len(bars.seal.opened) - 1 if bars.seal is not None and opened else 0
    seen = max(cards - len(found.others) - found.lost, 0)
    asked = Asked(
        mirrors=9_999 if precise else mirrors, horizon=199 if horizon else 0, seed=seed,
        tried=tried + seen, ledger=found,
        card=None if no_moves else Card(source, pairs),
    )  # fmt: skip
    with interruptible() as stops, progress_bar("mirrors") as tick:
        made = robust(
            program, bars.data, instrument, asked, lambda _what, done, all_: tick(done, all_), stops
        )
    if found.seen_until is None:
        _keep(source, program, bars.data, runs, pairs, instrument)
    if html is not None:
        _write_page(html, program.graph.card, made, bars)
    plain = _plain(made) | {"sealed": None if bars.seal is None else _sealed(bars)}
    text = json.dumps(plain, indent=2) if as_json else _text(program.graph.card, made, bars)
    click.echo(text)


def _load(
    source: Source, overrides: Overrides, feeds: Feeds
) -> tuple[Program, MarketData, Instrument]:
    from tools.running import compile_on

    program = compile_on(source, overrides, feeds)
    data, instrument = feeds.load(program.graph)
    return program, data, instrument


def _share(sealed: str | None) -> float | None:
    if sealed is None:
        return None
    try:
        percent = float(sealed.removesuffix("%"))
    except ValueError:
        percent = 0.0
    if not 1.0 <= percent <= 90.0:
        raise click.BadParameter(f"`{sealed}`: expected 1% to 90%", param_hint="--seal")
    return percent / 100.0


def _bars(data: MarketData, runs: Path, share: float | None, opened: bool, card: str) -> _Bars:
    from compiler.findings.errors import IdeaCardError
    from tools.search.seal import after, before, open_seal, put_seal, seal_of

    if opened:
        seal = open_seal(runs, data, card)
        behind = after(data, seal.start)
        if behind is None:
            raise IdeaCardError("none of these bars is sealed: they end before the seal")
        return _Bars(behind, seal, True)
    found = put_seal(runs, data, share) if share is not None else seal_of(runs, data)
    return _Bars(data, None, False) if found is None else _Bars(before(data, found), found, False)


def _keep(
    source: Source,
    program: Program,
    data: MarketData,
    runs: Path,
    overrides: Overrides,
    instrument: Instrument,
) -> None:
    """Leave the run in the folder of runs: whoever looks at a result has tried it."""
    from tools.running import run_program

    run_program(
        source, program, data, runs, overrides=overrides, report=False, flip=False, instrument=instrument
    )  # fmt: skip


def _sealed(bars: _Bars) -> dict[str, object]:
    from runtime.market.checks import utc

    assert bars.seal is not None
    return {
        "from": utc(bars.seal.start),
        "opened_by": len(bars.seal.opened),
        "is_opened": bars.is_opened,
    }


def _plain(made: Robust) -> dict[str, object]:
    from dataclasses import asdict

    luck, moved, fresh = made.luck, made.fragility, made.fresh
    return {
        "format": "ideacard.robust",
        "version": 1,
        "conclusion": made.conclusion,
        "promises_broken": made.broken,
        "is_whole": made.is_whole,
        "run": asdict(made.run) | {"detectable_bp": made.run.detectable_bp()},
        "luck": None if luck is None else {
            "p": luck.p, "uncertainty": luck.uncertainty, "drawn": luck.drawn,
            "as_well": luck.as_well, "stopped_early": luck.stopped, "t": luck.t,
            "mirrored_t": luck.values,
        },
        "search": asdict(made.search) | {"unread": made.unread},
        "pay": asdict(made.paid) | {
            "break_even_bps": made.break_even, "assumed_bps": made.assumed_bps,
        },
        "horizon": {str(block): one.p for block, one in made.horizon.items()},
        "moves": None if moved is None else asdict(moved) | {"percentile": moved.percentile},
        "pieces": None if made.pieces is None else asdict(made.pieces),
        "fresh": None if fresh is None else {
            "since": fresh.since, "bars": fresh.bars, "run": asdict(fresh.run), "seen_by": fresh.seen_by,
            "p": None if fresh.luck is None else fresh.luck.p,
        },
        "left_out": made.left_out,
    }  # fmt: skip


def _write_page(path: Path, name: str, made: Robust, bars: _Bars) -> None:
    from runtime.market.whole_files import write_whole
    from tools.robust_page import page

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, page(name, made, _sentences(made), _notes(made, bars)))


def _notes(made: Robust, bars: _Bars) -> list[str]:
    """Return what a reader must know beside the sentences."""
    notes = [f"Left out: {left}." for left in made.left_out]
    notes += [f"Not counted: {what}." for what in made.unread]
    if bars.seal is not None:
        notes.append(_seal_sentence(bars))
    return notes


def _text(name: str, made: Robust, bars: _Bars) -> str:
    import textwrap

    from tools.search.words import conclusion_sentence

    def filled(text: str) -> str:
        return textwrap.fill(text, 78, subsequent_indent="  ")

    lines = [name, ""]
    for title, sentence in _sentences(made):
        lines += [filled(f"{title} {sentence}"), ""]
    if made.fragility is not None and made.fragility.swings:
        lines += _swings(made, filled)
    lines += map(filled, _notes(made, bars))
    lines += [filled(conclusion_sentence(made.conclusion, made.broken))]
    if not made.is_whole:
        lines.append("Stopped on the way: this is what there was.")
    return "\n".join(lines)


def _sentences(made: Robust) -> list[tuple[str, str]]:
    from tools.search import further, words

    said = [
        ("Luck.", words.luck_sentence(made.luck)),
        ("Search.", words.search_sentence(made.luck, made.search)),
        ("Pay.", words.pay_sentence(made.paid, made.break_even, made.assumed_bps)),
        ("Length.", words.length_sentence(made.run)),
    ]
    if made.horizon:
        shares = "  ".join(f"{block} bars {one.p:.3f}" for block, one in made.horizon.items())
        said.append(("Horizon:", f"p with one coin for so many bars: {shares}"))
    if made.pieces is not None:
        said.append(("Trades.", further.pieces_sentence(made.pieces)))
        said.append(("Years:", further.years_sentence(made.pieces)))
    if made.fresh is not None:
        said.append(("Fresh.", further.fresh_sentence(made.fresh)))
    if made.fragility is not None:
        said.append(("Numbers.", further.fragility_sentence(made.fragility)))
    return said


def _swings(made: Robust, filled: Callable[[str], str]) -> list[str]:
    from tools.search.further import MOST_SWINGS, swing_line

    assert made.fragility is not None
    swings = made.fragility.swings
    lines = ["Net growth with one number of the card elsewhere, what moves it most first:"]
    lines += [filled(f"  {swing_line(one, made.run.net)}") for one in swings[:MOST_SWINGS]]
    if len(swings) > MOST_SWINGS:
        lines.append(f"  … and {len(swings) - MOST_SWINGS} numbers that move it less (--json)")
    return [*lines, ""]


def _seal_sentence(bars: _Bars) -> str:
    from runtime.market.checks import utc

    assert bars.seal is not None
    since, cards = utc(bars.seal.start), len(bars.seal.opened)
    seen = f"{cards} card{'' if cards == 1 else 's'} {'has' if cards == 1 else 'have'} seen them"
    if bars.is_opened:
        return f"These are the bars that were sealed, from {since} on; {seen}."
    return f"Sealed: the bars from {since} on are not looked at; {seen}."
