"""The one command that makes a run of a search again, alone and with its report.

The law: what is printed can be pasted into a shell and gives the figures of the search.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from tools.cards import Overrides
from tools.feeds import STORE, Feeds
from tools.search.space import ParamSet


@dataclass(frozen=True, slots=True)
class Repeat:
    """How the search was told of its card and data. `is_loose`: despite what lint calls errors."""

    card: str
    feeds: Feeds
    overrides: Overrides = ()
    is_loose: bool = False

    def command(
        self,
        params: ParamSet,
        start: int | None = None,
        end: int | None = None,
        *,
        loose: bool = False,
    ) -> str:
        """Return the command of a set; `start` and `end` (ms UTC) in place of those of the search."""
        words = ["ideacard", "backtest", self.card, *_feed_words(self.feeds, start, end)]
        for path, text in (*self.overrides, *params):
            words += ["--set", f"{path}={text}"]
        if loose or self.is_loose:
            words.append("--despite-lint")
        return shlex.join(words)


def _feed_words(feeds: Feeds, start: int | None, end: int | None) -> list[str]:
    start = feeds.start if start is None else start
    end = feeds.end if end is None else end
    said: list[tuple[str, object]] = [
        ("--data", None if feeds.data == STORE else feeds.data), ("--symbol", feeds.symbol),
        ("--venue", feeds.venue), ("--market", feeds.market), ("--mark", feeds.mark),
        ("--funding", feeds.funding), ("--fine", feeds.fine),
        ("--from", None if start is None else time_word(start)),
        ("--to", None if end is None else time_word(end)),
        ("--instrument", feeds.instrument_file),
    ]  # fmt: skip
    if feeds.grid is not None:
        said += [("--tick", repr(feeds.grid[0])), ("--lot", repr(feeds.grid[1]))]
    words = [word for name, value in said if value is not None for word in (name, str(value))]
    return [*words, "--cold"] if feeds.cold else words


def time_word(ts: int) -> str:
    """Return ms UTC as `--from` reads it, to the minute where that is exact."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ts / 1000, UTC).replace(tzinfo=None).isoformat()
