"""`ideacard explain`: a card in plain English, what every rule saw at a time, why a block stayed quiet."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tools.cards import Overrides, parse_overrides, read_source, set_option
from tools.failures import show_compile_failure
from tools.feeds import Feeds, feed_options
from tools.times import parse_time

if TYPE_CHECKING:
    from compiler.findings.source import Source
    from compiler.lints.places import WrittenConditions
    from runtime.explain.close import Condition

_path = click.Path(path_type=Path)


@click.command(
    epilog="\b\nExamples:\n  ideacard explain card.yaml            (the card in plain English)\n  ideacard explain card.yaml --data btc.parquet --at 2026-01-05T12:15\n"
    "  ideacard explain card.yaml --data data/ --why-not scale_in --from 2026-01-01 --to 2026-02-01\n"
)
@click.argument("card", type=_path)
@feed_options
@click.option("--at", help="A time, UTC: the last bar that had closed by then is explained.")
@click.option("--why-not", "block", metavar="BLOCK", help="Say what kept this block quiet.")
@set_option
def command(
    card: Path,
    feeds: Feeds,
    at: str | None,
    block: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Read CARD back in plain English; with --at, show every condition, value, intent and refusal of a close."""
    from runtime.errors import DataError
    from runtime.market.checks import utc
    from tools.running import compile_on, refuse_short_data

    if at is not None and block is not None:
        raise click.UsageError("give either --at TIME or --why-not BLOCK")
    source = read_source(card)
    if at is None and block is None:
        from compiler.graph.read_back import read_back

        with show_compile_failure():
            graph = compile_on(source, parse_overrides(overrides), feeds, despite_lint=True).graph
        click.echo(read_back(graph), nl=False)
        return
    with show_compile_failure():
        program = compile_on(source, parse_overrides(overrides), feeds)
        data, instrument = feeds.load(program.graph)
        refuse_short_data(source, program, data, instrument)
    frame = data.exec

    def line_of(offset: int) -> int:
        return source.location(offset).line if offset >= 0 else 0

    conditions = _written(source, parse_overrides(overrides))

    def written(block: str, case: int, at: Condition) -> tuple[str, int] | None:
        return conditions.leaf(program.graph, block, case, at.node, at.text)

    if at is not None:
        from runtime.explain.close import explain
        from runtime.explain.text import explanation_text

        when = parse_time(at)
        assert when is not None
        bar = bisect_right(frame.ts, when - frame.interval_ms) - 1
        if (
            not data.first <= bar < len(frame)
            or when > frame.close_time(len(frame) - 1) + frame.interval_ms
        ):
            raise DataError(
                f"no bar had closed at {utc(when)}; the data holds closes from "
                f"{utc(frame.close_time(data.first))} to {utc(frame.close_time(len(frame) - 1))}"
            )
        seen = explain(program, data, instrument, bar)
        click.echo(explanation_text(seen, line_of, written).rstrip())
        return
    from runtime.explain.text import why_not_text
    from runtime.explain.why_not import why_not

    assert block is not None
    found = why_not(program, data, instrument, block, data.first, len(frame))
    click.echo(why_not_text(found, line_of, written).rstrip())


def _written(source: Source, overrides: Overrides) -> WrittenConditions:
    from compiler.lints.places import WrittenConditions
    from compiler.pipeline import check

    checked = check(source, overrides, lints=False)
    assert checked.card is not None
    assert checked.graph is not None
    return WrittenConditions(source, checked.card, checked.graph)
