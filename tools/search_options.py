"""The options of commands that search among the parameters of a card, and what they mean."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compiler.findings.errors import IdeaCardError
from tools.cards import json_option, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.run_folders import RUNS

if TYPE_CHECKING:
    from tools.search.jobs import Matter
    from tools.search.plans import Plan
    from tools.search.repeat import Repeat
    from tools.search.space import Space

METHODS = ("grid", "random", "tpe")
_OPTIONS = (
    click.option(
        "--param", "params", multiple=True, metavar="NAME=LOW:HIGH:STEP",
        help="What changes: NAME=LOW:HIGH:STEP, NAME=A,B,C, or a param with the bounds of the card; NAME may be any "
        "path of --set. Default: all params of the card.",
    ),
    click.option("--method", type=click.Choice(METHODS), default="grid", show_default=True,
                 help="All sets, some at random, or those that Optuna's TPE proposes."),
    click.option("--count", type=click.IntRange(1), default=100, show_default=True,
                 help="Sets that random and tpe ask for."),
    click.option("--seed", default=1, show_default=True, help="Of random and tpe."),
    click.option(
        "--objective", "objectives", multiple=True, metavar="NAME",
        help="What ranks; more of them: what else matters. timing (default) net_profit_usdt net_return_pct "
        "max_drawdown_pct recovery_factor profit_factor win_rate_pct expectancy_usdt total_trades.",
    ),
    click.option("--dask", metavar="local:N|tcp://…", help="Run on N processes here, or on a Dask cluster."),
    click.option("--out", type=click.Path(path_type=Path), default=RUNS / "searches", show_default=True,
                 help="Where what was tried is kept."),
    click.option("--despite-lint", is_flag=True, help="Search a card that compiles although lint finds errors in it."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWords:
    """What a person said about a search."""

    card: Path
    feeds: Feeds
    params: tuple[str, ...]
    method: str
    count: int
    seed: int
    objectives: tuple[str, ...]
    dask: str | None
    out: Path
    despite_lint: bool
    overrides: tuple[str, ...]

    def matter(self) -> tuple[Matter, Space]:
        """Return the card on its market, and what of it may change; errors of the card end the command."""
        from tools.search.matter import matter_of

        with show_compile_failure("--despite-lint"):
            return matter_of(
                read_source(self.card), self.feeds, parse_overrides(self.overrides), self.params,
                despite_lint=self.despite_lint,
            )  # fmt: skip

    def plan(self, *, prunes: bool = False) -> Plan:
        """Return how the space is searched; UsageError where the words do not fit together."""
        from tools.search.plans import plan_of

        try:
            return plan_of(
                self.method, self.objectives, count=self.count, seed=self.seed, prunes=prunes
            )
        except IdeaCardError as error:
            raise click.UsageError(str(error)) from None

    def repeat(self) -> Repeat:
        """Return what the command of one set begins with."""
        from tools.search.repeat import Repeat

        said = parse_overrides(self.overrides)
        return Repeat(str(self.card), self.feeds, said, self.despite_lint)


Command = Callable[..., Any]


def search_options(command: Command) -> Command:
    """Give a command the options above; it receives them as one argument, `words`."""

    @functools.wraps(command)
    def wrapped(feeds: Feeds, **words: Any) -> Any:
        said = {name: words.pop(name) for name in SearchWords.__slots__ if name in words}
        return command(words=SearchWords(feeds=feeds, **said), **words)

    made: Command = wrapped
    for option in reversed((*_OPTIONS, set_option, json_option)):
        made = option(made)
    return feed_options(click.argument("card", type=click.Path(path_type=Path))(made))
