"""What can be said to a running session: `ideacard live status`, `pause`, `flatten`, …

The law: a word is done when the session says so; nobody listening is an error, never silence.
"""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import click

from tools.cards import json_option
from tools.live.control import Address, NoSession, address_of, sessions, speak
from tools.live.words import Asked

_OUT = Path("runs/live")
_CODES = "\nExit codes: 0 done, 1 not done (or nobody answers), 2 usage."
_session = click.option(
    "--session", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder of the session; left out: the one that runs under runs/live.",
)  # fmt: skip
_out = click.option("--out", type=click.Path(path_type=Path), default=_OUT, hidden=True)


def found(folder: Path | None, out: Path) -> Address:
    """Return where the meant session listens; ClickException where that is not clear."""
    if folder is not None:
        try:
            return address_of(folder)
        except NoSession as error:
            raise click.ClickException(str(error)) from None
    running = sessions(out)
    if not running:
        raise click.ClickException(f"no session runs under {out}; say which: --session FOLDER")
    if len(running) > 1:
        listed = "".join(f"\n  --session {path}" for path in running)
        raise click.ClickException(f"{len(running)} sessions run; say which:{listed}")
    return address_of(running[0])


def said(address: Address, asked: Asked, *, as_json: bool) -> None:
    """Say a word and show the reply; exit code 1 where it was not done."""
    try:
        reply = speak(address, asked)
    except NoSession as error:
        raise click.ClickException(
            f"{error}. What stands at the venue stays; `ideacard live panic` closes everything"
        ) from None
    if as_json:
        click.echo(json.dumps(reply.data, indent=2))
    else:
        click.echo(reply.text.rstrip(), err=not reply.is_done)
    if not reply.is_done:
        raise click.exceptions.Exit(1)


def _word(word: str, text: str, example: str) -> click.Command:
    """Return the command of a word that takes nothing."""

    @click.command(name=word, help=text, epilog=_epilog(example))
    @_session
    @_out
    @json_option
    def command(folder: Path | None, out: Path, as_json: bool) -> None:
        said(found(folder, out), Asked(word, _who()), as_json=as_json)

    return command


def _epilog(*examples: str) -> str:
    lines = "".join(f"  ideacard live {one}\n" for one in examples)
    return f"\b\nExamples:\n{lines}{_CODES}"


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


status = _word("status", "Show everything about a session.", "status --json")
explain = _word("explain", "Say what the card saw and did at the last close.", "explain")
pause = _word("pause", "Let no entries leave; exits, stops and cancels go on.", "pause")
resume = _word("resume", "End a pause or a halt: you have looked at why.", "resume")
halt = _word("halt", "Cancel entries and let nothing open until `resume`.", "halt")
flatten = _word(
    "flatten", "Cancel entries and close the position at market, then pause.", "flatten"
)


@click.command(epilog=_epilog("why-not", "why-not entries"))
@click.argument("block", default="")
@_session
@_out
@json_option
def why_not(block: str, folder: Path | None, out: Path, as_json: bool) -> None:
    """Say what kept BLOCK (or each block) silent since the session began."""
    said(found(folder, out), Asked("why-not", _who(), block), as_json=as_json)


@click.command(epilog=_epilog("reduce 50", "reduce 100 --session runs/live/ema-demo"))
@click.argument("percent", type=click.FloatRange(0, 100, min_open=True))
@_session
@_out
@json_option
def reduce(percent: float, folder: Path | None, out: Path, as_json: bool) -> None:
    """Close PERCENT of the position at market."""
    said(found(folder, out), Asked("reduce", _who(), "", percent), as_json=as_json)


@click.command(epilog=_epilog("cancel rung_2", "cancel all"))
@click.argument("ref")
@_session
@_out
@json_option
def cancel(ref: str, folder: Path | None, out: Path, as_json: bool) -> None:
    """Cancel the working order REF (its order_ref or id), or `all` entries."""
    said(found(folder, out), Asked("cancel", _who(), ref), as_json=as_json)


@click.command(epilog=_epilog("limits", "limits max_daily_loss_usdt=50"))
@click.argument("limit", default="", metavar="[NAME=VALUE]")
@_session
@_out
@json_option
def limits(limit: str, folder: Path | None, out: Path, as_json: bool) -> None:
    """Show the limits, or tighten one; a looser one needs a restart."""
    name, sign, text = limit.partition("=")
    try:
        value = float(text) if sign else 0.0
    except ValueError:
        raise click.BadParameter(f"`{text}` is not a number", param_hint="NAME=VALUE") from None
    if limit and not sign:
        raise click.BadParameter(f"`{limit}`: expected NAME=VALUE", param_hint="NAME=VALUE")
    said(found(folder, out), Asked("limits", _who(), name, value), as_json=as_json)


@click.command(epilog=_epilog("stop", "stop --close"))
@click.option("--close", is_flag=True, help="Close the position first; wait until it is flat.")
@_session
@_out
@json_option
def stop(close: bool, folder: Path | None, out: Path, as_json: bool) -> None:
    """End a session; its stops and targets stay at the venue."""
    said(found(folder, out), Asked("stop", _who(), "close" if close else ""), as_json=as_json)
