"""What `ideacard check` found, in words and as JSON: the bars, the decisions, the broken promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compiler.findings.source import Source
from compiler.graph.rule_graph import RuleGraph
from compiler.lints.promises import Verdict
from runtime.market.checks import utc
from runtime.testing.laws import BUILT_IN
from tools.cards import Overrides

if TYPE_CHECKING:
    from compiler.graph.program import Program
    from runtime.explain.close import Explanation
    from runtime.market.instrument_facts import Instrument
    from runtime.testing.promises import Broken
    from runtime.testing.reproducer import Reproducer
    from runtime.testing.search import Found, Searched

_HOW = {
    "state": "is false",
    "refused": "had to refuse what the card asked for",
    "error": "the run ended with an error",
}


@dataclass(frozen=True, slots=True)
class Lines:
    """Card lines of promises and intents."""

    source: Source
    promises: tuple[int, ...]
    texts: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @classmethod
    def of(cls, source: Source, overrides: Overrides) -> Lines:
        """Return the places of a card that compiles."""
        from compiler.lints import judge_promises
        from compiler.pipeline import check

        checked = check(source, overrides, lints=False)
        card, graph = checked.card, checked.graph
        if card is None or graph is None:
            return cls(source, (), (), ())
        spans = [promise.span for promise in card.invariants]
        return cls(
            source,
            tuple(source.location(span.start).line for span in spans),
            tuple(" ".join(source.text[span.start : span.end].split()) for span in spans),
            tuple(one.verdict for one in judge_promises(source, card, graph)),
        )

    def promise(self, broken: Broken) -> int:
        """Return the line that makes a promise, 0 for a built-in one."""
        return 0 if broken.number is None else self.promises[broken.number]

    def intent(self, broken: Broken) -> int:
        """Return the line of the refused intent, 0 without one."""
        return 0 if broken.offset < 0 else self.source.location(broken.offset).line

    def text(self, broken: Broken) -> str:
        return broken.promise if broken.number is None else self.texts[broken.number]


def broken_text(broken: Broken, lines: Lines) -> str:
    """Return which promise broke, where and how."""
    line = lines.promise(broken)
    where = f" (line {line})" if line else ""
    known = BUILT_IN.get(broken.promise)
    said = f" [{known}]" if known and not line else ""
    asked = f"; asked for on line {lines.intent(broken)}" if lines.intent(broken) else ""
    return (
        f"broken: `{lines.text(broken)}`{where}{said} {_HOW[broken.how]} at the close of "
        f"{utc(broken.ts)}: {broken.text}{asked}"
    )


def found_text(program: Program, instrument: Instrument, done: Searched, lines: Lines) -> str:
    """Return the broken promise, the path as a table and what the card did on each bar."""
    found = done.found
    assert found is not None
    rows = list(_rows(found))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    table = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    bars = len(found.data.exec) - found.warmup_bars
    warm = f" after {found.warmup_bars} that warm up" if found.warmup_bars else ""
    cut = f" (cut short: {done.stopped}; a shorter path may exist)" if done.stopped else ""
    head = f"path of {bars} bars{warm}, example {done.examples}, seed {done.limits.seed}{cut}:"
    decided = list(_decisions(program, instrument, found, lines))
    return "\n".join([broken_text(found.broken, lines), "", head, *table, "", *decided])


def _rows(found: Found) -> Iterator[list[str]]:
    frame = found.data.exec
    yield ["bar", "time", "open", "high", "low", "close", "volume"]
    for index in range(found.warmup_bars, len(frame)):
        bar = frame.bar(index)
        prices = [f"{p:.10g}" for p in (bar.open, bar.high, bar.low, bar.close, bar.volume)]
        yield [str(index), utc(frame.ts[index]), *prices]


def _decisions(
    program: Program, instrument: Instrument, found: Found, lines: Lines
) -> Iterator[str]:
    """Yield what the account was and what the card asked for at each close up to the broken one."""
    from runtime.explain.close import explain

    if found.broken.how == "error":
        return  # the run cannot be explained past the error
    stop = min(found.broken.bar + 1, len(found.data.exec))
    for bar in range(found.warmup_bars, stop):
        seen = explain(program, found.data, instrument, bar)
        yield f"bar {bar}: {seen.position}, equity {seen.equity:.2f} USDT"
        yield from _intents(seen, lines)


def _intents(seen: Explanation, lines: Lines) -> Iterator[str]:
    for intent in seen.intents:
        line = lines.source.location(intent.offset).line if intent.offset >= 0 else 0
        where = f" (block `{intent.block}`, line {line})" if line else f" (block `{intent.block}`)"
        if intent.refusal is not None:
            became = f"refused, {intent.refusal}: {intent.text}"
        else:
            became = "; ".join(intent.done) or "nothing to do"
        yield f"  {intent.action}{where}: {became}"


def _not_tried(way: str, where: str) -> str:
    return (
        f"no entry was placed {way} {where}: what a promise forbids of a position was never asked for, so "
        "nothing is known of it"
    )


# The word for what is known, and what it rests on.
_JUDGED = {
    Verdict.PROVEN: ("proven", "no rule of the card asks for what it forbids"),
    Verdict.REFUTED: ("refuted", "the rules of the card ask for what it forbids (lint says where)"),
    Verdict.OPEN: (
        "tested",
        "the rules alone do not decide it, so what was run is all that is known",
    ),
}
_UNTRIED = ("not tried", "the rules alone do not decide it, and no entry was placed")


def _judged(lines: Lines, *, is_tried: bool) -> Iterator[tuple[str, int, str, str]]:
    """Yield each promise with its line, the word for what is known of it, and what that rests on."""
    for text, line, verdict in zip(lines.texts, lines.promises, lines.verdicts, strict=True):
        is_open = verdict is Verdict.OPEN and not is_tried
        yield text, line, *(_UNTRIED if is_open else _JUDGED[verdict])


def promises_text(lines: Lines, *, is_tried: bool) -> list[str]:
    """Return what is known of each promise, one line each; `is_tried`: an entry was placed somewhere."""
    return [
        f"promise `{text}` (line {line}) {word}: {why}"
        for text, line, word, why in _judged(lines, is_tried=is_tried)
    ]


def promises_data(lines: Lines, *, is_tried: bool) -> list[dict[str, Any]]:
    """Return the same for programs: `proven`, `refuted`, `tested` or `not tried`."""
    return [
        {"promise": text, "line": line, "judged": word}
        for text, line, word, _ in _judged(lines, is_tried=is_tried)
    ]


def nothing_text(graph: RuleGraph, done: Searched, unreached: list[str]) -> str:
    """Return that no path was found, and how far the search looked; that it was vacuous where it was."""
    promises = len(graph.invariants)
    count = f"{promises} of the card and {len(BUILT_IN)} built in"
    why = {"": "", "time": "the time is up: ", "interrupted": "interrupted: "}[done.stopped]
    warm = f" after {done.warmup_bars} that warm up" if done.warmup_bars else ""
    looked = f"{done.examples} examples of <= {done.limits.bars} bars{warm}"
    if done.entered:
        result = [
            f"{why}no path found in {looked} (this is not a proof)",
            f"entries: placed in {done.entered} of {done.examples} examples",
        ]
    else:
        result = [
            f"{why}{_not_tried('in', looked)}",
            "try longer paths (--bars), more (--examples), or recorded bars: --data FOLDER",
        ]
    said = [
        *result,
        f"promises watched: {count}",
        *unreached,
    ]
    return "\n".join(said)


def kept_text(bars: int, where: str, placed: int) -> str:
    """Return that nothing broke on recorded bars, and how many entries were placed on them."""
    if not placed:
        return _not_tried("on", f"{bars} bars of {where}")
    return f"every promise is kept on {bars} bars of {where}; entries placed: {placed}"


def out_of_reach(graph: RuleGraph, bars: int) -> list[str]:
    """Return which promises paths of this length cannot break."""
    return [
        f"`flat_after_bars: {promise.argument:g}` cannot break within {bars} bars: raise --bars"
        for promise in graph.invariants
        if promise.name == "flat_after_bars" and (promise.argument or 0.0) + 2 > bars
    ]


def broken_data(broken: Broken, lines: Lines) -> dict[str, Any]:
    """Return a finding for programs; lines are null where there is none."""
    return {
        "promise": broken.promise,
        "how": broken.how,
        "text": broken.text,
        "bar": broken.bar,
        "ts": broken.ts,
        "line": lines.promise(broken) or None,
        "intent_line": lines.intent(broken) or None,
    }


def is_tried(done: Searched) -> bool:
    """Return whether a search asked for what promises are about."""
    return done.found is not None or done.entered > 0


def as_data(
    done: Searched, saved: Reproducer | None, lines: Lines, unreached: list[str]
) -> dict[str, Any]:
    """Return a search for programs."""
    told: dict[str, Any] = {
        "examples": done.examples,
        "entered": done.entered,
        "bars": done.limits.bars,
        "warmup_bars": done.warmup_bars,
        "seed": done.limits.seed,
        "stopped": done.stopped or None,
        "out_of_reach": unreached,
        "promises": promises_data(lines, is_tried=is_tried(done)),
        "broken": None,
    }
    if done.found is not None and saved is not None:
        frame = done.found.data.exec
        columns = ("ts", "open", "high", "low", "close", "volume")
        told["broken"] = broken_data(done.found.broken, lines)
        told["reproducer"] = str(saved.bars)
        told["path"] = [
            {name: getattr(frame, name)[row] for name in columns}
            for row in range(done.found.warmup_bars, len(frame))
        ]
    return told
