"""`ideacard live`: a card on a venue, and everything to say to it while it runs.

    ideacard live CARD --venue local        runs a card
    ideacard live status                    asks the running session

The law: a first word that is no command is a card.
"""

from __future__ import annotations

import importlib

import click

# word -> (module under tools.commands, name in it, one line for the list)
WORDS: dict[str, tuple[str, str, str]] = {
    "run": ("live_run", "run", "Run a card on a venue (`run` may be left out)."),
    "demo": ("live_run", "demo", "A day of a gallery card on a made-up market."),
    "status": ("live_words", "status", "Show everything about a session."),
    "explain": ("live_words", "explain", "What the card saw and did at the last close."),
    "why-not": ("live_words", "why_not", "What kept a block silent so far."),
    "pause": ("live_words", "pause", "No entries; exits, stops and cancels go on."),
    "resume": ("live_words", "resume", "End a pause or a halt."),
    "halt": ("live_words", "halt", "Cancel entries, open nothing until `resume`."),
    "reduce": ("live_words", "reduce", "Close a share of the position."),
    "flatten": ("live_words", "flatten", "Cancel entries, close the position, pause."),
    "cancel": ("live_words", "cancel", "Cancel an order, or all entries."),
    "limits": ("live_words", "limits", "Show the limits, or tighten one."),
    "stop": ("live_words", "stop", "End a session; stops stay at the venue."),
    "replay": ("live_after", "replay", "Live through a journal again: the same, or where not."),
    "compare": ("live_after", "compare", "Hold a session against a back-test over its bars."),
    "bundle": ("live_after", "bundle", "Write the post-mortem bundle of a session."),
    "archive": ("live_after", "archive", "Put a session that is over away; its folder is free."),
    "notify": ("live_after", "notify", "Tell people elsewhere: a command, a webhook, Telegram."),
    "panic": ("panic", "command", "Close and cancel everything of a symbol, whatever hangs."),
    "watchdog": ("watchdog", "command", "Miss a session's heartbeat from another process."),
}


class LiveGroup(click.Group):
    """A group whose first word may be a card; a word's module is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in WORDS:
            return None
        module, name, _text = WORDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(f"tools.commands.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in WORDS:
            args = ["run", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # An option before the card (`ideacard live --venue local CARD`) belongs to `run`.
        if args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Words"):
            formatter.write_dl([(word, text) for word, (_m, _n, text) in WORDS.items()])


@click.group(
    cls=LiveGroup,
    no_args_is_help=True,
    epilog="\b\nExamples:\n  ideacard live demo\n  ideacard live my.card.yaml --venue local --synthetic\n"
    "  ideacard live my.card.yaml --venue local --data data/ --from 2026-03-02 --bars 96 --speed 900\n"
    "\nExit codes: 0 done, 1 not done and why, 2 usage, 130 interrupted.",
)
def command() -> None:
    """Run CARD on a venue, or speak to a session that runs: ideacard live CARD --venue …"""
