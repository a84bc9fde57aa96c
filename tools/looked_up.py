"""What is looked up beside the words of the language: its chapters, what lint finds, and the words of a result.

The law: each answer comes from the table that holds it; only what no table names stands here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from compiler.findings.codes import CODES
from compiler.findings.recipe import plain, said
from runtime.records.remarks import Remark, meaning
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.metrics import METRICS
from tools.language_words import Chapter, Word
from tools.reference_text import stems

_WIDTH = 80
_MOST = 4
_COLUMNS = (
    said("mae_pct | worst_excursion", "of a trade: the worst price it stood at against its average entry as it was then, in percent (zero or below)", "trades.parquet"),
    said("mfe_pct | best_excursion", "of a trade: the best price it stood at against its average entry as it was then, in percent", "trades.parquet"),
    said("ambiguous bars | ambiguous | ambiguity | ambiguous_bars | flipped | flip | hung_on_the_path",
         "bars on which it hung on the path of price inside the bar what filled or was settled, and when: the report says the net profit with all of "
         "them taken the other way; `execution.intrabar: magnify` looks at finer bars", "result.json"),
    said("adverse after 5 bars | adverse | adverse_selection | adverse_fill",
         "how far the close five bars after a maker fill stood against it, in hundredths of a percent (`adverse_selection_5_bps`): above zero the "
         "market went on through the order", "result.json"),
    said("round_trip | trade_id | roundtrip", "a trade is a round trip: from flat to flat, with all its entries and partial exits", "trades.parquet"),
    said("sizes_rounded_down | rounded_down", "whole lots left out much of a size (`size_rounded`)", "remarks.parquet"),
)  # fmt: skip


def looked_up(name: str, among: Sequence[Word]) -> tuple[str, list[Word]]:
    """Return what is shown of a chapter, a rule or a word of a result, and the words behind it; none where it is none."""
    for chapter in Chapter:
        if stems(name) in (stems(chapter), stems(chapter.split()[0])) and stems(name):
            words = [word for word in among if word.chapter is chapter]
            if words:
                return _chapter(chapter, words), words
    found = list(_rules(name)) or _of_a_result(name)
    return "", found


def _chapter(chapter: Chapter, words: Sequence[Word]) -> str:
    lines = [str(chapter)]
    for word in words:
        short = word.text.split("; ")[0].split(". ")[0]
        lines += textwrap.wrap(
            f"{word.name}: {short}", _WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    return "\n".join([*lines, "", "One of them: ideacard reference WORD"]) + "\n"


def _rules(name: str) -> Iterator[Word]:
    for code in CODES:
        if plain(name) in (plain(code.code), plain(code.name)):
            facts = (f"{code.severity}, called {code.name}", f"its page, with a wrong and a right card: ideacard rule {code.code}")  # fmt: skip
            yield Word(Chapter.RULE, code.code, code.summary, facts)


def _of_a_result(name: str) -> list[Word]:
    """Return the figures, columns and remarks called so, else those whose name or title holds all that is asked.

    Of one everyday word (`trades`, `margin`) those of the language speak.
    """
    rows = list(_rows())
    exact = [word for names, _, word in rows if plain(name) in map(plain, names)]
    asked = stems(name)
    if exact or len(asked) < 2:
        return exact
    holding = [
        word for names, title, word in rows if any(asked <= stems(n) for n in (*names, title))
    ]
    return holding if len(holding) <= _MOST else []


def _rows() -> Iterator[tuple[tuple[str, ...], str, Word]]:
    """Yield what each word of a result is called, its title in the report, and what is said of it."""
    for row in _COLUMNS:
        yield row.names, "", Word(Chapter.RESULT, row.name, row.text, (f"in {row.example}",))
    for metric in (*METRICS, *LIMIT_METRICS):
        facts = (f"in the report: {metric.title}", f"formula: {metric.formula}")
        word = Word(Chapter.RESULT, metric.name, metric.definition, facts)
        yield (metric.name,), metric.title, word
    for remark in Remark:
        word = Word(Chapter.RESULT, str(remark.value), meaning(remark), ("in remarks.parquet",))
        yield (word.name,), "", word
