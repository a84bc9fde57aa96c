"""`ideacard lint`: findings of cards, their fixes, and exit codes for scripts."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.findings.source import Source
from tools.cards import Overrides, expand, parse_overrides, read_source, set_option, use_colour
from tools.unreadable import Unreadable

Result = tuple[Source, Sequence[Diagnostic]]
FORMATS = ("text", "concise", "json", "sarif", "github")
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_WATCH_SECONDS = 0.5
# COST: a process takes longer to start than this many cards take to check.
_WORTH_A_PROCESS = 40


@dataclass(frozen=True, slots=True)
class _Filter:
    """Which findings are shown, by code: all, or those wanted, less those unwanted."""

    wanted: frozenset[str]
    unwanted: frozenset[str]

    def __call__(self, d: Diagnostic) -> bool:
        return (not self.wanted or d.code in self.wanted) and d.code not in self.unwanted


@click.command(
    epilog="\b\nExamples:\n  ideacard lint strategy.card.yaml\n  ideacard lint cards/ --fail-level warning\n"
    "  ideacard lint strategy.card.yaml --fix\n  ideacard lint cards/ --format sarif > lint.sarif\n"
    "\nA finding is silenced by a comment above its line, or above the first key for the whole card: # ic: ignore[name] reason\n"
    "\nExit codes: 0 clean, 1 findings at or above --fail-level, 2 usage or internal error."
)
@click.argument("cards", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--fail-level",
    type=click.Choice(["error", "warning", "info"]),
    default="error",
    show_default=True,
    help="Exit 1 on findings of this severity or worse.",
)
@click.option("--select", multiple=True, metavar="CODE", help="Only these rules (code or name).")
@click.option("--ignore", multiple=True, metavar="CODE", help="Not these rules (code or name).")
@click.option("--fix", is_flag=True, help="Write safe fixes into the cards.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: those that may change meaning too."
)
@click.option(
    "--diff", "show_diff", is_flag=True, help="Show what --fix would change; write nothing."
)
@click.option("--statistics", is_flag=True, help="Count findings by rule.")
@click.option("--watch", is_flag=True, help="Check again whenever a card changes.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Processes to check with. [default: one, for many cards one per core]",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Also hold each card against these bars and their instrument (a file or a store).",
)
@click.option(
    "--instrument",
    type=click.Path(path_type=Path),
    help="Also hold each card against the facts of this YAML file.",
)
@set_option
def command(
    cards: tuple[Path, ...],
    form: str,
    as_json: bool,
    fail_level: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    statistics: bool,
    watch: bool,
    jobs: int | None,
    data: Path | None,
    instrument: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Check CARDS (files, folders, or - for standard input) like a compiler."""
    pairs = parse_overrides(overrides)
    chosen = _filter(select, ignore)
    form = "json" if as_json else form
    if unsafe_fixes and not (fix or show_diff):
        raise click.UsageError("--unsafe-fixes goes with --fix or --diff")

    is_alone = data is None and instrument is None

    def again(source: Source) -> Sequence[Diagnostic]:
        result = _check(source, pairs, by_table=is_alone)
        return (result if is_alone else _beside_data(result, pairs, data, instrument))[1]

    def once() -> int:
        from compiler.findings.render import render

        sources, unread = _read_all(expand(cards))
        results = _check_all(sources, pairs, jobs, by_table=is_alone)
        if not is_alone:
            results = [_beside_data(result, pairs, data, instrument) for result in results]
        if fix or show_diff:
            results = _fix(results, again, chosen, unsafe_fixes, write=fix)
            if show_diff:
                if unread:  # standard output is the difference alone
                    click.echo(render("text", unread, colour=use_colour()), err=True)
                return int(bool(unread))
        results = [(source, list(filter(chosen, found))) for source, found in results]
        results = sorted([*results, *unread], key=lambda result: result[0].path)
        _show(results, form, statistics)
        return int(_fails(results, fail_level))

    if watch:
        _watch(cards, once)
    raise click.exceptions.Exit(once())


def _filter(select: tuple[str, ...], ignore: tuple[str, ...]) -> _Filter:
    wanted, unwanted = (
        frozenset(_code(word) for value in values for word in value.split(","))
        for values in (select, ignore)
    )
    return _Filter(wanted, unwanted)


def _code(word: str) -> str:
    """Return the code of a rule given by code or name; BadParameter with a suggestion otherwise."""
    from compiler.findings.codes import CODES, code
    from compiler.findings.suggest import closest

    found = code(word)
    if found is not None:
        return found.code
    near = closest(word.strip(), [name for entry in CODES for name in (entry.code, entry.name)])
    raise click.BadParameter(
        f"no rule `{word.strip()}`" + (f"; did you mean `{near}`?" if near else "")
    )


def _read_all(paths: Sequence[Path]) -> tuple[list[Source], list[Result]]:
    """Return the cards that can be read, and those that cannot, each with its reason."""
    sources: list[Source] = []
    unread: list[Result] = []
    for path in paths:
        try:
            sources.append(read_source(path))
        except Unreadable as failure:
            unread.append(failure.result())
    return sources, unread


def _check_all(
    sources: Sequence[Source], overrides: Overrides, jobs: int | None, *, by_table: bool
) -> list[Result]:
    """Check cards in their order, in several processes where that is faster or asked for."""
    from compiler.pipeline import check  # noqa: F401 - loaded here, every process has it

    if jobs is None:
        jobs = min(os.cpu_count() or 1, 1 + len(sources) // _WORTH_A_PROCESS)
    if jobs == 1 or len(sources) < 2:
        return [_check(source, overrides, by_table=by_table) for source in sources]
    from concurrent.futures import ProcessPoolExecutor

    work = partial(_check, overrides=overrides, by_table=by_table)
    with ProcessPoolExecutor(jobs) as pool:
        # Many parts for every process: one that got the large cards must not be waited for.
        return list(pool.map(work, sources, chunksize=max(1, len(sources) // (jobs * 8))))


def _check(source: Source, overrides: Overrides, *, by_table: bool) -> Result:
    from compiler.pipeline import check
    from tools.symbol_table import findings_by_table

    checked = check(source, overrides)
    return source, findings_by_table(checked) if by_table else checked.diagnostics


def _beside_data(
    result: Result, overrides: Overrides, data: Path | None, instrument: Path | None
) -> Result:
    """Return a card's findings with those that only its bars or its instrument show."""
    from compiler.pipeline import check, compile_graph
    from tools.feeds import Feeds
    from tools.running import data_findings

    source, found = result
    graph = check(source, overrides, lints=False).graph
    if graph is None:
        return result
    feeds, program = Feeds(data=data, instrument_file=instrument), compile_graph(graph)
    if data is None:
        facts = feeds.instrument(graph.symbols[0])
        return source, [*found, *data_findings(source, program, None, facts)]
    bars, facts = feeds.load(graph)
    return source, [*found, *data_findings(source, program, bars, facts)]


def _fails(results: Sequence[Result], level: str) -> bool:
    bar = _RANK[Severity(level)]
    return any(_RANK[d.severity] >= bar for _, found in results for d in found)


def _show(results: Sequence[Result], form: str, statistics: bool) -> None:
    from compiler.findings.render import render

    text = render(form, results, colour=use_colour()) if form == "text" else render(form, results)
    if text:
        click.echo(text, nl=not text.endswith("\n"))
    if form != "text":
        return
    if statistics:
        from compiler.findings.codes import code

        counts = Counter(d.code for _, found in results for d in found)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            entry = code(name)
            click.echo(f"{count:>5}  {name} {entry.name if entry else ''}")
    severities = Counter(d.severity for _, found in results for d in found)
    fixes = sum(1 for _, found in results for d in found if d.fix is not None and d.fix.safe)
    click.echo(_verdict(len(results), severities, fixes))


def _verdict(cards: int, severities: Counter[Severity], fixes: int) -> str:
    def count(number: int, word: str) -> str:
        return f"{number} {word}{'' if number == 1 else 's'}"

    checked = f"{count(cards, 'card')} checked"
    if not severities:
        return f"{checked}: no findings"
    parts = [count(severities[s], str(s)) for s in Severity if severities[s] and s != Severity.INFO]
    if severities[Severity.INFO]:
        parts.append(f"{severities[Severity.INFO]} info")
    hint = f"; {count(fixes, 'finding')} fixable with --fix" if fixes else ""
    return f"{checked}: {', '.join(parts)}{hint}"


def _fix(
    results: Sequence[Result],
    again: Callable[[Source], Sequence[Diagnostic]],
    keep: _Filter,
    unsafe: bool,
    write: bool,
) -> list[Result]:
    """Apply fixes until none is left; write or show them, and return the remaining findings."""
    import difflib

    from runtime.market.whole_files import write_whole
    from tools.fixes import fix_until_stable

    remaining = []
    for source, found in results:
        fixed, left, count = fix_until_stable(source, found, again, unsafe, keep)
        if not write:
            before = source.text.splitlines(keepends=True)
            after = fixed.text.splitlines(keepends=True)
            click.echo(
                "".join(difflib.unified_diff(before, after, source.path, source.path)), nl=False
            )
        elif count and source.path != "<stdin>":
            write_whole(Path(source.path), fixed.text)
            click.echo(f"{source.path}: {count} fixed", err=True)
        elif count:
            click.echo(fixed.text, nl=False)
        remaining.append((fixed, left))
    return remaining


def _watch(cards: Sequence[Path], once: Callable[[], int]) -> None:
    seen: dict[Path, int] = {}
    while True:
        stamps = {p: p.stat().st_mtime_ns for p in expand(cards) if p.exists()}
        if stamps != seen:
            seen = stamps
            click.clear()
            once()
            click.echo("watching; Ctrl-C ends")
        time.sleep(_WATCH_SECONDS)
