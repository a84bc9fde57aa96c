"""A card on its market, ready to be searched: compiled once as it is, so that its own mistakes are told first."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.findings.source import Source
from compiler.pipeline import check
from tools.cards import Overrides
from tools.feeds import Feeds
from tools.running import compile_for, refuse_short_data
from tools.search.jobs import Matter
from tools.search.space import Space, space_of


def matter_of(
    source: Source,
    feeds: Feeds,
    overrides: Overrides,
    asked: Sequence[str],
    *,
    despite_lint: bool = False,
) -> tuple[Matter, Space]:
    """Return a card with its data, and the space that `asked` says.

    CompileFailed for a card that may not run as it is, DataError for data that do not fit, BadSpace for axes that
    say nothing.
    """
    program = compile_for(source, overrides, despite_lint=despite_lint)
    card = check(source, overrides, lints=False).written
    assert card is not None
    space = space_of(card, asked)
    symbol = feeds.symbol or program.graph.symbols[0]
    data, instrument = feeds.load(program.graph, symbol)
    matter = Matter(source, overrides, symbol, data, instrument)
    refuse_short_data(source, matter.program(()), data, None if despite_lint else instrument)
    return matter, space
