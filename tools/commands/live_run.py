"""`ideacard live CARD --venue …`: run a card, and tell what it came to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runtime.backends.bybit.reconcile import OnMismatch
from tools.cards import gallery_card, json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, local_feed_options
from tools.live.plan import (
    Place,
    Plan,
    Shown,
    is_watched,
    parse_faults,
    parse_limits,
    parse_speed,
    shown_options,
)
from tools.progress import ENDS, interruptible, progress_bar

if TYPE_CHECKING:  # COST: a session's modules take a second; `--help` needs none of them
    from tools.live.checks import Report
    from tools.live.view import View
    from tools.live.wire import WireRun

_path = click.Path(path_type=Path)
_MOST_ON_WIRE = 60
DEMO = "pullback_ladder.yaml"
_EXAMPLES = """\b
Examples:
  ideacard live my.card.yaml --venue local --synthetic
  ideacard live my.card.yaml --venue local --data data/ --from 2026-03-02 --bars 96
  ideacard live my.card.yaml --venue local --synthetic --speed 900
  ideacard live my.card.yaml --venue paper
  ideacard live my.card.yaml --venue testnet --dry
  ideacard live my.card.yaml --venue demo --prepare --limit max_daily_loss_usdt=50

Exit codes: 0 the session ended as it was told to, 1 it could not start, 2 usage.
"""


@click.command(epilog=_EXAMPLES)
@click.argument("card", type=_path)
@click.option(
    "--venue",
    "place",
    type=click.Choice([p.value for p in Place]),
    required=True,
    help="Where to trade. local: a stand-in on this machine, no key, no money.",
)
@local_feed_options
@click.option("--synthetic", is_flag=True, help="local: live through a made-up market.")
@click.option("--seed", default=7, show_default=True, help="local: seed of market and chance.")
@click.option("--bars", type=click.IntRange(min=1), help="local: how many bars to live through.")
@click.option("--speed", default="max", show_default=True, help="local: times real time, or max.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE", help="A limit; repeatable.")
@click.option("--out", type=_path, default=Path("runs/live"), show_default=True, help="Folder.")
@click.option("--name", default="", help="Name of the session's folder in it.")
@click.option("--dry", is_flag=True, help="Print the pre-flight report and stop.")
@click.option(
    "--prepare", is_flag=True, help="Set one-way mode, isolated margin and leverage first."
)
@click.option(
    "--on-mismatch",
    type=click.Choice([word.value for word in OnMismatch]),
    default=OnMismatch.HALT.value,
    show_default=True,
    help="What becomes of a position at the venue that nothing explains.",
)
@click.option("--i-understand-real-money", "is_meant", is_flag=True, help="mainnet: you mean it.")
@click.option("--checked", is_flag=True, help="mainnet: `ideacard check` has held the promises.")
@click.option("--url", default="", help="A stand-in venue on this machine, http://127.0.0.1:PORT.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="kind=…",
    help="local: the venue misbehaves, e.g. kind=drop_answer,on=order/create,p=0.1; repeatable.",
)
@click.option("--wire", is_flag=True, help="local: over sockets, with the unmodified pybit.")
@click.option("--stay", is_flag=True, help="local: keep page and socket after the last bar.")
@shown_options
@set_option
@json_option
def run(
    card: Path,
    place: str,
    feeds: Feeds,
    synthetic: bool,
    seed: int,
    bars: int | None,
    speed: str,
    limits: tuple[str, ...],
    out: Path,
    name: str,
    dry: bool,
    prepare: bool,
    on_mismatch: str,
    is_meant: bool,
    checked: bool,
    url: str,
    faults: tuple[str, ...],
    wire: bool,
    stay: bool,
    shown: Shown,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run CARD on a venue until it is told to stop."""
    plan = Plan(
        source=read_source(card),
        venue=Place(place),
        overrides=parse_overrides(overrides),
        limits=parse_limits(limits),
        out=out,
        name=name,
        feeds=feeds,
        is_made_up=synthetic,
        seed=seed,
        bars=bars,
        speed=parse_speed(speed),
        url=url,
        prepares=prepare,
        on_mismatch=OnMismatch(on_mismatch),
        has_checked=checked,
        faults=parse_faults(faults),
    )
    if plan.venue is not Place.LOCAL:
        _mean_it(plan, is_meant)
        on_venue(plan, shown, dry=dry, as_json=as_json)
        return
    if dry:
        from tools.live.start import local_report

        with show_compile_failure():
            _tell(local_report(plan), as_json=as_json)
        return
    if wire:
        over_sockets(plan, shown, as_json=as_json)
        return
    live_through(
        plan, replace(shown, draws=shown.draws and not as_json), stay=stay, as_json=as_json
    )


@click.command(epilog="Example:\n\n  ideacard live demo --seed 11")
@click.option("--card", type=_path, help="Another card than the gallery's.")
@click.option("--seed", default=7, show_default=True, help="Seed of the made-up market.")
@click.option("--bars", type=click.IntRange(min=1), default=96, show_default=True)
@click.option("--speed", help="Times real time, or max. On a terminal 900: a bar of 15m a second.")
@click.option("--out", type=_path, default=Path("runs/live"), show_default=True)
@shown_options
def demo(
    card: Path | None, seed: int, bars: int, speed: str | None, out: Path, shown: Shown
) -> None:
    """A day of a gallery card on a made-up market, against a venue on this machine.

    On a terminal it goes at a speed one can follow, with a screen and a page in the browser.
    """
    speed = speed or ("900" if is_watched() else "max")
    plan = Plan(
        source=read_source(card or gallery_card(DEMO)),
        venue=Place.LOCAL,
        out=out,
        is_made_up=True,
        feeds=Feeds(data=None),
        seed=seed,
        bars=bars,
        speed=parse_speed(speed),
    )
    live_through(plan, shown, stay=is_watched(), as_json=False)
    click.echo("The market was made up: this shows the session, not an edge.")


def _mean_it(plan: Plan, is_meant: bool) -> None:
    """Ask for the word that real money needs, and for the symbol where a person sits there."""
    if plan.venue is not Place.MAINNET:
        return
    if not is_meant:
        raise click.UsageError("--venue mainnet trades real money: say --i-understand-real-money")
    if sys.stdin.isatty():
        said = click.prompt("This trades real money. Type MAINNET to go on", default="")
        if said.strip() != "MAINNET":
            raise click.ClickException("not started")


def on_venue(plan: Plan, shown: Shown, *, dry: bool, as_json: bool) -> None:
    """Look at everything, then trade until told to stop."""
    from tools.live.door import door_to_look
    from tools.live.screen_text import summary_text
    from tools.live.start import wire_ready

    with show_compile_failure():
        ready = wire_ready(plan, door_to_look(plan.venue, plan.url), starts=not dry)
    report = ready.report if ready.report.may_start else ready.stand_down()
    if not as_json or dry or not report.may_start:
        _tell(report, as_json=as_json)
    if dry:
        return
    view = _trade(ready.make(), ready.folder, shown, as_json=as_json)
    click.echo(json.dumps(asdict(view), indent=2) if as_json else summary_text(view))
    click.echo(f"folder:  {ready.folder}   (start again there: the session goes on)", err=True)


def _tell(report: Report, *, as_json: bool) -> None:
    """Show a pre-flight report; exit code 1 where it refuses the start."""
    from tools.live.checks import report_text

    if as_json:
        click.echo(json.dumps({"may_start": report.may_start, **asdict(report)}, indent=2))
    else:
        click.echo(report_text(report).rstrip())
    if not report.may_start:
        raise click.exceptions.Exit(1)


def over_sockets(plan: Plan, shown: Shown, *, as_json: bool) -> None:
    """Live through bars against the stand-in venue on loopback, with the unmodified pybit."""
    from tools.live.screen_text import summary_text
    from tools.live.start import on_loopback

    if plan.speed is None or plan.speed > _MOST_ON_WIRE:
        raise click.UsageError(
            f"--wire needs a --speed of at most {_MOST_ON_WIRE}: a request takes real milliseconds, "
            "and faster they would be many seconds of the venue's time"
        )
    with show_compile_failure(), on_loopback(plan) as (run, folder, is_over):
        view = _trade(run, folder, shown, as_json=as_json, is_over=is_over)
    click.echo(json.dumps(asdict(view), indent=2) if as_json else summary_text(view))
    click.echo(f"folder:  {folder}", err=True)


def _trade(
    run: WireRun,
    folder: Path,
    shown: Shown,
    *,
    as_json: bool,
    is_over: Callable[[], bool] = lambda: False,
) -> View:
    """Run a session until it is told to stop, or is over; return its last picture."""
    from tools.live.show import at_hand

    try:
        with (
            interruptible(*ENDS) as stops,
            at_hand(run.cockpit, folder, replace(shown, draws=not as_json)) as draw,
        ):
            run.run(lambda: stops() or is_over(), draw)
        _warn_of(run.cockpit.left_behind)
        return run.cockpit.picture()
    finally:
        run.close()


def _warn_of(left_behind: str) -> None:
    if left_behind:
        click.echo(f"LEFT AT THE VENUE: {left_behind}. Look at the venue now.", err=True)


def live_through(plan: Plan, shown: Shown, *, stay: bool, as_json: bool) -> None:
    """Run a session and tell what it came to."""
    from tools.live.screen_text import summary_text
    from tools.live.show import at_hand
    from tools.live.start import local_run, run_until

    with show_compile_failure():
        run, folder = local_run(plan)
    draws = shown.draws and plan.speed is not None
    with (
        interruptible(*ENDS) as stops,
        progress_bar(plan.source.path) if not draws else nullcontext(_silent) as tell,
        at_hand(run.cockpit, folder, replace(shown, draws=draws)) as draw,
    ):

        def told(done: int, total: int) -> None:
            tell(done, total)
            draw(False)

        run_until(run, stops, told)
        draw(True)
        if stay and not stops():
            run.hold(lambda: (draw(False), stops())[1])
    view = run.cockpit.picture()
    run.close()
    if as_json:
        click.echo(json.dumps(asdict(view), indent=2))
        return
    click.echo(summary_text(view))
    click.echo(f"folder:  {folder}")


def _silent(_done: int, _total: int) -> None:
    """Show no progress: something better does."""
