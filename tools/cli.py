"""The `ideacard` command: a table of contents. Each command lives in its own file, loaded on use.

COST: nothing but click is imported until a command is chosen, so `ideacard lint` starts fast.
"""

from __future__ import annotations

import errno
import importlib
import io
import sys
from typing import NoReturn

import click

# What other tools call it, where spelling leads elsewhere.
_MEANT = {
    "run": "backtest",
    "test": "backtest",
    "simulate": "backtest",
    "validate": "lint",
    "trade": "live",
}
# command -> (module under tools.commands, one line for the list)
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Lint and back-test a gallery card on a made-up market."),
    "new": ("new", "Write a commented starter card."),
    "lint": ("lint", "Check cards like a compiler."),
    "fmt": ("fmt", "Format cards; rewrite conditions; move 3.0.0 cards to 3.1."),
    "check": ("check", "Search for a market path that breaks a promise of a card."),
    "compile": ("compile", "Show what a card compiles to."),
    "backtest": ("backtest", "Run a card on recorded bars and write a report."),
    "runs": ("runs", "List the runs there are."),
    "compare": ("compare", "Show two or more runs side by side."),
    "envelope": ("envelope", "Run a card under every fill model: how far the answer moves."),
    "sweep": ("sweep", "Run a card with many sets of its parameters."),
    "walk": ("walk", "Choose parameters on some bars, look at them on the next."),
    "robust": ("robust", "How far a result stands out from luck, search and costs."),
    "live": ("live", "Run a card on a venue, and speak to it while it runs."),
    "replay": ("replay", "Live through a session's journal again: the same, or where not."),
    "panic": ("panic", "Close and cancel everything of a symbol, whatever a session does."),
    "watchdog": ("watchdog", "Alarm when a live session goes silent; look at the venue then."),
    "data": ("data", "Import, list, check, make up and download market data."),
    "diff": ("diff", "Show what two cards do differently."),
    "explain": ("explain", "Say why a card did or did not act at a time."),
    "machine": ("machine", "Check, draw and explore the life cycle of orders."),
    "reference": ("reference", "Say what a word of the language means."),
    "catalog": ("catalog", "Describe the indicators and structures."),
    "rule": ("rule", "Explain a lint rule."),
    "lsp": ("lsp", "Serve an editor: findings while typing, completion, hover, renaming."),
    "schema": ("schema", "Print the JSON Schema of cards, for editors."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tools.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            import difflib

            close = (
                [_MEANT[name]] if name in _MEANT else difflib.get_close_matches(name, COMMANDS, 1)
            )
            hint = f" Did you mean `{close[0]}`?" if close else ""
            ctx.fail(f"no command `{name}`.{hint} See: ideacard --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # The table has the help lines, so listing commands imports none of them.
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: ideacard demo",
)
@click.version_option(package_name="ideacard", prog_name="ideacard")
def ideacard() -> None:
    """Trading strategies written as cards: lint, compile, back-test, explain."""


def _any_output() -> None:
    """Let every text be printed: what the terminal's encoding lacks comes out as `?`, no crash."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _sentence(error: OSError) -> str:
    """Return what the operating system refused, where, and what to do."""
    where = f"{error.filename}: " if error.filename is not None else ""
    what = (error.strerror or str(error)).lower()
    advice = {
        errno.EACCES: "choose another folder to write to, or change the permissions",
        errno.EPERM: "choose another folder to write to, or change the permissions",
        errno.EROFS: "choose another folder to write to",
        errno.ENOSPC: "make room on the disk and run the command again",
        errno.EDQUOT: "make room in your quota and run the command again",
    }.get(error.errno or 0)
    return f"{where}{what}" + (f"; {advice}" if advice else "")


def main() -> NoReturn:
    """Run the command line. Exit codes: 0 fine, 1 findings or a failed run, 2 usage, 130 Ctrl-C."""
    from compiler.findings.errors import IdeaCardError
    from tools.lean_arrow import keep_pandas_out

    _any_output()
    keep_pandas_out()
    try:
        code = ideacard.main(prog_name="ideacard", standalone_mode=False)
        if not sys.stdout.closed:  # the language server closes it
            sys.stdout.flush()  # a full disk behind `>` is said here, not by a traceback at exit
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except IdeaCardError as error:
        from tools.failures import say_notes
        from tools.whose_option import whose_options

        click.echo(f"error: {error}", err=True)
        if told := whose_options(str(error), ideacard, sys.argv[1:]):
            click.echo(told, err=True)
        say_notes(error)
        sys.exit(1)
    except BrokenPipeError:
        # The reader of a pipe (`| head`) went away: not an error of ours.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        click.echo(f"error: {_sentence(error)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
