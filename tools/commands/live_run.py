"""`ideacard live CARD --venue …`: run a card, and tell what it came to."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

import click

from tools.cards import json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, local_feed_options
from tools.live.plan import Place, Plan, Shown, is_watched, parse_limits, parse_speed, shown_options
from tools.progress import interruptible, progress_bar

_path = click.Path(path_type=Path)
_EXAMPLES = """\b
Examples:
  ideacard live my.card.yaml --venue local --synthetic
  ideacard live my.card.yaml --venue local --data data/ --from 2026-03-02 --bars 96
  ideacard live my.card.yaml --venue local --synthetic --speed 900
  ideacard live my.card.yaml --venue local --synthetic --limit max_daily_loss_usdt=50

Exit codes: 0 the session ended as it was told to, 1 it could not start, 2 usage.
"""


@click.command(epilog=_EXAMPLES)
@click.argument("card", type=_path)
@click.option(
    "--venue", "place", type=click.Choice([p.value for p in Place]), required=True,
    help="Where to trade. local: a stand-in on this machine, no key, no money.",
)  # fmt: skip
@local_feed_options
@click.option("--synthetic", is_flag=True, help="local: live through a made-up market.")
@click.option("--seed", default=7, show_default=True, help="local: seed of market and chance.")
@click.option("--bars", type=click.IntRange(min=1), help="local: how many bars to live through.")
@click.option("--speed", default="max", show_default=True, help="local: times real time, or max.")
@click.option("--limit", "limits", multiple=True, metavar="NAME=VALUE", help="A limit; repeatable.")
@click.option("--out", type=_path, default=Path("runs/live"), show_default=True, help="Folder.")
@click.option("--name", default="", help="Name of the session's folder in it.")
@click.option("--stay", is_flag=True, help="local: keep page and socket after the last bar.")
@shown_options
@set_option
@json_option
def run(
    card: Path, place: str, feeds: Feeds, synthetic: bool, seed: int, bars: int | None, speed: str,
    limits: tuple[str, ...], out: Path, name: str, stay: bool, shown: Shown,
    overrides: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Run CARD on a venue until it is told to stop."""
    plan = Plan(
        source=read_source(card), venue=Place(place), overrides=parse_overrides(overrides),
        limits=parse_limits(limits), out=out, name=name, feeds=feeds, is_made_up=synthetic,
        seed=seed, bars=bars, speed=parse_speed(speed),
    )  # fmt: skip
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
    from tools.live.gallery import demo_card

    speed = speed or ("900" if is_watched() else "max")
    plan = Plan(
        source=read_source(card or demo_card()), venue=Place.LOCAL, out=out, is_made_up=True,
        feeds=Feeds(data=None), seed=seed, bars=bars, speed=parse_speed(speed),
    )  # fmt: skip
    live_through(plan, shown, stay=is_watched(), as_json=False)
    click.echo("The market was made up: this shows the session, not an edge.")


def live_through(plan: Plan, shown: Shown, *, stay: bool, as_json: bool) -> None:
    """Run a session and tell what it came to."""
    from tools.live.screen_text import summary_text
    from tools.live.show import at_hand
    from tools.live.start import local_run, run_until

    if plan.venue is not Place.LOCAL:
        raise click.ClickException(f"--venue {plan.venue.value} is not built in yet")
    with show_compile_failure():
        run, folder = local_run(plan)
    draws = shown.draws and plan.speed is not None
    with (
        interruptible() as stops,
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
