"""What is done with a journal after (or beside) its session: `live replay`, `live compare`, `live bundle`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cards import json_option

if TYPE_CHECKING:
    from tools.live.notify import Sink

_path = click.Path(path_type=Path)
_journal = click.argument("journal", type=_path)


@click.command(
    epilog="\b\nExamples:\n  ideacard replay runs/live/pullback_ladder-local-1\n"
    "  ideacard replay session.journal --json\n"
    "\nExit codes: 0 the same again, 1 it differs and where, 2 usage."
)
@_journal
@json_option
def replay(journal: Path, as_json: bool) -> None:
    """Live through JOURNAL (or a session's folder) again: same events, commands and state, or where not.

    It stops at the first difference: what comes after rests on another state.
    """
    from runtime.live.replay import Differs
    from tools.live.reading import ReadJournal, live_again

    read = ReadJournal(journal)
    facts = read.facts()
    try:
        lived = live_again(read)
    except Differs as error:
        if as_json:
            click.echo(json.dumps({"is_same": False, "where": str(error)}, indent=2))
        else:
            click.echo(f"DIFFERS: {error}", err=True)
        raise click.exceptions.Exit(1) from None
    told = {
        "is_same": True,
        "card": Path(facts.path).name,
        "venue": facts.venue,
        "run": facts.run,
        "items": lived.done.items,
        "events": len(lived.done.events),
        "bars": len(lived.bars),
        "orders": len(lived.orders),
        "hashes": lived.done.hashes,
        "state": lived.desk.state_hash(),
    }
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(
        f"the same again: {told['items']:,} items, {told['events']:,} events, {told['bars']:,} bars, "
        f"{told['orders']} orders; {told['hashes']} state hashes on the way agreed\n"
        f"state {told['state']}"
    )


@click.command(
    epilog="\b\nExamples:\n  ideacard live compare runs/live/pullback_ladder-local-1\n"
    "  ideacard live compare session.journal --all --json\n"
    "\nExit codes: 0 shown, 1 the journal cannot be read or compared, 2 usage."
)
@_journal
@click.option("--all", "every", is_flag=True, help="Every order, not only those that differ.")
@json_option
def compare(journal: Path, every: bool, as_json: bool) -> None:
    """Hold a session against a back-test over its own bars: per order the same, or why not."""
    tell_session(journal, every=every, as_json=as_json)


def tell_session(journal: Path, *, every: bool, as_json: bool) -> None:
    """Show a session beside a back-test over its bars."""
    from tools.live.compare import compare as compared
    from tools.live.compare import compare_text
    from tools.live.reading import ReadJournal, live_again

    found = compared(live_again(ReadJournal(journal)))
    if as_json:
        click.echo(json.dumps(asdict(found) | {"same": found.same}, indent=2))
        return
    click.echo(compare_text(found, every=every).rstrip())


@click.command(
    epilog="\b\nExamples:\n  ideacard live bundle runs/live/my_card-demo\n"
    "  ideacard live bundle runs/live/my_card-demo --out halt.zip\n"
    "\nExit codes: 0 written, 1 not (a secret stands in it, or it is no journal), 2 usage."
)
@_journal
@click.option("--out", type=_path, help="The zip; default: post-mortem.zip beside the journal.")
def bundle(journal: Path, out: Path | None) -> None:
    """Write the post-mortem bundle of JOURNAL: journal, card, facts, state, versions; no secrets."""
    from tools.live.bundle import LeftOut, write_bundle

    home = journal if journal.is_dir() else journal.parent
    try:
        made = write_bundle(journal, out or home / "post-mortem.zip")
    except LeftOut as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{made}   (`ideacard live replay` takes the journal in it)")


@click.command(
    epilog="\b\nExample:\n  ideacard live archive runs/live/my_card-demo\n"
    "\nExit codes: 0 put away, 1 not and why, 2 usage."
)
@click.argument("folder", type=_path)
def archive(folder: Path) -> None:
    """Put the session of FOLDER away once it is over: its journal as a bundle in FOLDER/archive, read back first.

    Not while it runs, holds a position or has an order that works. The next start in FOLDER begins another
    session: limits of the day and the peak of the equity are counted anew.
    """
    from tools.live.archive import archive as put_away
    from tools.live.bundle import LeftOut

    try:
        done = put_away(folder)
    except LeftOut as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"{done.path}   ({done.records:,} records replayed the same; "
        f"{done.before / 1e6:.1f} MB are {done.after / 1e6:.1f})"
    )


@click.command(
    epilog="\b\nExamples:\n  ideacard live notify runs/live/my_card-demo --command 'mail -s ideacard me'\n"
    "  IDEACARD_WEBHOOK=https://… ideacard live notify runs/live/my_card-demo --fills\n"
    "  ideacard live notify runs/live/my_card-demo --telegram 123456789   (token: IDEACARD_TELEGRAM_TOKEN)\n"
    "\nExit codes: 0 told to stop, 1 no journal there, 2 usage."
)
@click.argument("folder", type=_path)
@click.option("--command", "words", help="Run this with each notice as JSON on its input.")
@click.option(
    "--webhook", envvar="IDEACARD_WEBHOOK", help="Post to this address; IDEACARD_WEBHOOK holds it."
)
@click.option(
    "--telegram",
    "chat",
    envvar="IDEACARD_TELEGRAM_CHAT",
    help="Write to this chat (its number, or @channel); IDEACARD_TELEGRAM_TOKEN holds the bot's token.",
)
@click.option("--fills", is_flag=True, help="Tell fills, too.")
def notify(
    folder: Path, words: str | None, webhook: str | None, chat: str | None, fills: bool
) -> None:
    """Tell people elsewhere what happens in the session of FOLDER: alarms, halts, links, silence."""
    from tools.live.notify import Tail, by_command, by_webhook, watch
    from tools.progress import interruptible

    sinks: list[Sink] = [by_command(words)] if words else []
    sinks += [by_webhook(webhook)] if webhook else []
    sinks += _telegram(chat)
    tail = Tail(folder, fills=fills)
    with interruptible() as stops:
        watch(tail, sinks, lambda text: click.echo(text), stops)


def _telegram(chat: str | None) -> list[Sink]:
    """Return the sink that writes to a chat, if one is named; the token comes from the environment alone."""
    from tools.live.notify import TELEGRAM, by_telegram, is_token

    token = os.environ.get("IDEACARD_TELEGRAM_TOKEN", "").strip()
    if not chat and not token:
        return []
    if not chat:
        text = (
            "IDEACARD_TELEGRAM_TOKEN is set and no chat is named: say --telegram CHAT, or unset it"
        )
        raise click.UsageError(text)
    if not is_token(token):
        found = "holds no token of a bot" if token else "is not set"
        text = f"IDEACARD_TELEGRAM_TOKEN {found}: expected NUMBER:LETTERS, as @BotFather gives it"
        raise click.UsageError(text)
    return [by_telegram(token, chat, os.environ.get("IDEACARD_TELEGRAM_URL") or TELEGRAM)]
