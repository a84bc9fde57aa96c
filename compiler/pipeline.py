"""The whole road: card text to findings, rule graph and program.

The law: one pass collects every finding of a card; only a card without errors is lowered.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate

from compiler.check.card import check as check_card
from compiler.check.unused import unused
from compiler.findings.collected import GUESS
from compiler.findings.diagnostics import CompileFailed, Diagnostic, Edit
from compiler.findings.edits import apply_edits
from compiler.findings.source import Source, Span
from compiler.graph.program import Program
from compiler.graph.rule_graph import RuleGraph
from compiler.lower.card import lower
from compiler.lower.flatten import flatten
from compiler.optimize import optimize
from compiler.parse.card import parse
from compiler.parse.mended import says_the_same
from compiler.parse.validate import understood
from compiler.resolve.card import resolve
from compiler.resolve.filled import read_elsewhere
from compiler.resolve.ladders import expanded
from compiler.syntax.tree import Card
from compiler.text.load import load
from compiler.text.nodes import Node
from compiler.text.suppressions import apply_suppressions

Overrides = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known about a card text. `graph` is as written (not optimised); None with errors.

    `written` is the card as it stands there, `card` has its ladders written out, as `graph` has.
    """

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    card: Card | None
    graph: RuleGraph | None
    written: Card | None = None

    @property
    def has_errors(self) -> bool:
        return any(d.is_error for d in self.diagnostics)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles away while one card is looked at.

    COST: a card of thousands of blocks is made of millions of small objects that all stay: going through
    them again and again takes a third of the time, and a card leaves next to no cycles.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_collection()
def check(
    source: Source,
    overrides: Overrides = (),
    select: Collection[str] | None = None,
    *,
    symbol: str | None = None,
    lints: bool = True,
    solver: str | None = None,
) -> Checked:
    """Return every finding of a card and, without errors, its graph.

    `select` limits hints and warnings to some codes; mistakes are always reported. `symbol` is the
    traded symbol of a card for several. `solver="z3"` gives the lint rules more reach.
    """
    read = _read(source, overrides)
    written, found = read.card, read.found
    card, graph = _spread(source, read), None
    if card is not None:
        graph = _understand(source, card, symbol, read)
    found = _tried(source, read, overrides, symbol, graph)
    if card is not None and graph is not None and lints:
        places = {d.span for d in found}
        new = [d for d in _lint(source, card, graph, solver) if d.span not in places]
        found += new if card is written else _first_of_each(new)
    if select is not None:
        found = [d for d in found if d.is_error or d.code in select]
    kept = apply_suppressions(source, _ordered(found), select)
    return Checked(source, tuple(_ordered(kept)), card, graph, written)


# COST: every try is one more look at the card: of a long one, or where more are to be tried, there is one.
_MOST_TRIES = 8
_LONG = 1 << 15


def _tried(
    source: Source,
    read: _Read,
    overrides: Overrides,
    symbol: str | None,
    graph: RuleGraph | None,
) -> list[Diagnostic]:
    """Return the findings with those fixes called safe that do what they say when they are tried.

    A card that compiled must mean the same afterwards; one that did not must have one mistake less for
    every fix, and no new one where many are tried together.
    """
    found = [_with_what_stands(source, d) for d in read.found]
    sure = [d for d in found if d.fix is not None and d.fix.safe]
    if not sure:
        return found
    meaning = None if graph is None else compile_graph(graph).graph_hash
    before = Counter((d.code, d.message) for d in found if d.is_error)

    def are_good(tried: Sequence[Diagnostic]) -> bool:
        edits = [edit for d in tried if d.fix is not None for edit in d.fix.edits]
        text = Source(source.path, apply_edits(source.text, edits))
        left, hash = _looked_at(text, overrides, symbol, read, with_meaning=meaning is not None)
        if meaning is not None:
            return hash == meaning
        is_nothing_new = len(tried) == 1 or left <= before
        return left.total() <= before.total() - len(tried) and is_nothing_new

    if len(sure) > _MOST_TRIES or len(source.text) > _LONG:
        # What mends no mistake is no part of mending them.
        tried = [d for d in sure if d.is_error or meaning is not None]
        good = tried if tried and are_good(tried) else []
    else:
        good = [d for d in sure if are_good([d])]
    kept = set(map(id, good))
    return [_as_a_guess(d) if d.fix and d.fix.safe and id(d) not in kept else d for d in found]


def _with_what_stands(source: Source, found: Diagnostic) -> Diagnostic:
    """Return a finding without its fix where the words that would be written over are not there."""
    if found.fix is None or all(_stands_there(source, edit) for edit in found.fix.edits):
        return found
    return replace(found, fix=None)


def _as_a_guess(found: Diagnostic) -> Diagnostic:
    assert found.fix is not None
    fix = replace(found.fix, safe=False, title=found.fix.title + GUESS)
    return replace(found, fix=fix)


def _stands_there(source: Source, edit: Edit) -> bool:
    return edit.word in ("", source.slice(edit.span).strip("\"'"))


def _looked_at(
    source: Source, overrides: Overrides, symbol: str | None, before: _Read, *, with_meaning: bool
) -> tuple[Counter[tuple[str, str]], str | None]:
    """Return the mistakes of a card by code and message, and the hash of what it means.

    COST: a text that says what the look before took the card to mean has no mistakes but those of its
    shape where that look found none: it is not parsed and understood again.
    """
    node, found = load(source, overrides)
    meant = before.meant if before.is_right_behind and not with_meaning else None
    graph = None
    if node is not None and meant is not None and says_the_same(node, meant):
        found += understood(source, node)[0]
    else:
        read = _read_of(source, node, found)
        card, found = _spread(source, read), read.found
        graph = None if card is None else _understand(source, card, symbol, read)
    left = Counter((d.code, d.message) for d in found if d.is_error)
    if not with_meaning or graph is None:
        return left, None
    return left, compile_graph(graph).graph_hash


def compile_card(
    source: Source, overrides: Overrides = (), *, symbol: str | None = None
) -> Program:
    """Return the program of a card; `CompileFailed` with all findings if it has mistakes.

    Lint rules are not asked: what they call errors is about what a card does, not what it says.
    """
    checked = check(source, overrides, symbol=symbol, lints=False)
    if checked.graph is None or checked.has_errors:
        raise CompileFailed(source, checked.diagnostics)
    return compile_graph(checked.graph)


def compile_graph(graph: RuleGraph) -> Program:
    """Return the program of a graph, optimised."""
    return flatten(optimize(graph))


@dataclass(slots=True)
class _Read:
    """A card as far as it was read: what it was taken to mean, and all that was found so far.

    `is_right_behind`: behind the shape of the card nothing was wrong, not even where it was not told.
    """

    meant: Node | None
    card: Card | None
    found: list[Diagnostic]
    is_right_behind: bool = True

    def add(self, source: Source, new: list[Diagnostic]) -> list[Diagnostic]:
        """Note what a stage behind the shape found; return what of it is told."""
        self.is_right_behind &= not any(d.is_error for d in new)
        return _not_shadowed(source, new, self.found)


def _read(source: Source, overrides: Overrides) -> _Read:
    return _read_of(source, *load(source, overrides))


def _read_of(source: Source, node: Node | None, found: list[Diagnostic]) -> _Read:
    if node is None:
        return _Read(None, None, found, is_right_behind=False)
    shape, meant = understood(source, node)
    found += shape
    if meant is None:
        return _Read(None, None, found, is_right_behind=False)
    card, more = parse(source, meant)
    read = _Read(meant, card, found, is_right_behind=card is not None)
    found += read.add(source, more)
    return read


def _spread(source: Source, read: _Read) -> Card | None:
    """Return a card with its ladders written out; new findings are noted."""
    if read.card is None:
        return None
    card, new = expanded(read.card)
    read.found += read.add(source, [*new, *read_elsewhere(read.card)])
    return card


def _understand(source: Source, card: Card, symbol: str | None, read: _Read) -> RuleGraph | None:
    """Resolve, check and lower a card; new findings are noted."""
    found = read.found
    resolved, names = resolve(card)
    broken = _broken_variables(card, found)
    types = check_card(resolved, source, broken)
    new = names + types
    if not any(d.is_error for d in (*found, *new)):
        new += unused(resolved, source)
    read.is_right_behind &= not broken  # what a broken variable is of is not looked at
    found += _not_misspelt(card, read.add(source, new), found)
    if any(d.is_error for d in found):
        return None
    return lower(resolved, symbol)


def _broken_variables(card: Card, found: list[Diagnostic]) -> frozenset[str]:
    """Return the variables in which something was reported before types were looked at."""
    wrong = [d.span for d in found if d.is_error]
    return frozenset(
        variable.name
        for variable in card.variables
        if any(variable.span.start <= at.start < variable.span.end for at in wrong)
    )


def _not_shadowed(
    source: Source, new: list[Diagnostic], before: list[Diagnostic]
) -> list[Diagnostic]:
    """Drop findings inside a place that an earlier stage already called wrong."""
    wrong = (d.span for d in before if d.is_error and d.span.end > d.span.start)
    spans = sorted(_with_quotes(source, span) for span in wrong)
    starts = [span.start for span in spans]
    # How far the places reach that start no later than each one: thousands of both are common
    # in a broken file, so every pair is too many.
    reach = list(accumulate((span.end for span in spans), max))

    def is_shadowed(place: Span) -> bool:
        before = bisect_right(starts, place.start)
        return before > 0 and reach[before - 1] >= place.end

    return [d for d in new if not is_shadowed(d.span)]


def _with_quotes(source: Source, span: Span) -> Span:
    """Return the place of a quoted text for the place of what is inside its quotes."""
    around = source.text[span.start - 1 : span.start], source.text[span.end : span.end + 1]
    is_quoted = around in (("'", "'"), ('"', '"'))
    return Span(span.start - 1, span.end + 1) if is_quoted else span


def _not_misspelt(card: Card, new: list[Diagnostic], before: list[Diagnostic]) -> list[Diagnostic]:
    """Drop what an action lacks where one of its keys was unknown: that key is what it lacks."""
    unknown = sorted(d.span.start for d in before if d.code == "IC107")
    if not unknown:
        return new
    misspelt = {
        action.kind_span
        for block in card.blocks
        for emit in (*(case.emit for case in block.cases), block.otherwise)
        for action in emit
        if bisect_left(unknown, action.span.start) < bisect_left(unknown, action.span.end)
    }
    return [d for d in new if d.code != "IC109" or d.span not in misspelt]


def _lint(source: Source, card: Card, graph: RuleGraph, solver: str | None) -> list[Diagnostic]:
    """Return what the lint rules find in a card without errors."""
    from compiler.lints import lint

    return lint(source, card, graph, solver)


def _first_of_each(found: list[Diagnostic]) -> list[Diagnostic]:
    """Return one finding of a kind for a place: the orders of a ladder all stand where it does."""
    kept: dict[tuple[str, Span], Diagnostic] = {}
    for finding in found:
        kept.setdefault((finding.code, finding.span), finding)
    return list(kept.values())


def _ordered(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return findings in file order, each once."""
    return sorted(dict.fromkeys(found), key=lambda d: (d.span.start, d.code, d.span.end))
