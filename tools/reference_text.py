"""The words of the language as text, Markdown and one file for a writer who has nothing else."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from itertools import groupby

from compiler.catalog.builtins import BUILTINS
from compiler.findings.recipe import plain
from compiler.findings.recipes import recipe
from compiler.findings.words import Place, meanings, places_of
from tools.language_words import Chapter, Word, formulas, words

_WIDTH = 80
_MOST_NEAR, _MOST_SHOWN = 7, 9
_PARTS = re.compile(r"[a-z0-9]{2,}")
_EVERYWHERE = frozenset(
    {"a", "an", "and", "at", "by", "for", "in", "is", "it", "no", "of", "on", "or", "the", "to"}
)
# The word under which the keys of a place are told that are no words by themselves.
_TOLD_UNDER = {
    Place.TIMEFRAME: "tf", Place.FEATURE: "features", Place.PARAMS: "features", Place.BLOCK: "blocks",
    Place.CASE: "blocks.cases", Place.ACTION: "blocks.cases", Place.ACCOUNT: "account", Place.FEES: "account",
    Place.RISK: "risk_model", Place.SIZING: "risk_model", Place.TUNABLE: "params", Place.LADDER: "ladder",
    Place.TRAIL: "trail", Place.LIMITS: "limits", Place.SESSION: "sessions", Place.MODE: "position_policy.mode",
}  # fmt: skip


def find(name: str, among: Sequence[Word]) -> list[Word]:
    """Return the words called so: the whole name, else the last part of a dotted one, else joined otherwise."""
    asked = name.strip().lower()
    exact = [word for word in among if word.name.lower() == asked]
    last = exact or [word for word in among if word.name.lower().rpartition(".")[2] == asked]
    # `ta.sma()`, `stop loss`; a sign like `>` is nothing without what stands around letters.
    return last or [word for word in among if plain(asked) and plain(word.name) == plain(asked)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a word that is none of ours: sentences, then the words they lead to."""

    sentences: tuple[str, ...]
    words: tuple[Word, ...]


def instead(name: str, among: Sequence[Word]) -> Answer | None:
    """Return what people mean by a word that is none of the language, None where nobody says it."""
    way = recipe(name)
    leads = {way.name: next(word for word in formulas() if word.name == way.name)} if way else {}
    sentences = []
    for place, theirs in meanings(name):
        found = find(theirs.word, among)[:1] if theirs.word else []
        if theirs.word and way is None:
            owner = [] if found else _owner(place, theirs.word, among)
            called = "is" if theirs.is_alias else "comes nearest to"
            where = "".join(f" of `{one.name}`" for one in owner)
            note = f": {theirs.note}" if theirs.note else ""
            sentences.append(f"`{name}` is no word here; it {called} `{theirs.word}`{where}{note}.")
            found = found or owner
        elif theirs.note and way is None:
            lead = "" if places_of(name) else f"`{name}` is no word here: "
            sentences.append(f"{lead}{theirs.note}.")
        leads |= {f"{one.chapter} {one.name}": one for one in found}
    if not leads:  # at most how it is written elsewhere
        leads = {one.name: one for place in places_of(name) for one in _owner(place, name, among)}
        sentences = [*(f"`{name}` is a word of `{owner}`." for owner in leads), *sentences]
    if leads or sentences:
        return Answer(tuple(dict.fromkeys(sentences)), tuple(leads.values()))
    of_something, _, field = name.strip().rpartition(".")
    return instead(field, among) if of_something else None


def _owner(place: Place, word: str, among: Sequence[Word]) -> list[Word]:
    """Return the word under which a key, or a value that is compared with, is told; none where there is none."""
    asked = word.strip().lower()
    owner = _TOLD_UNDER.get(place)
    if place is Place.VALUE:
        owner = next((b.name for b in BUILTINS.values() if asked in b.value.enum), None)
    return find(owner, among)[:1] if owner else []


def near(name: str, among: Sequence[Word]) -> list[str]:
    """Return names that speak of what is asked: in the name, in the sentence, then those spelt alike."""
    import difflib

    asked = stems(name) - _EVERYWHERE

    def speaking(text: str) -> int:
        return len(asked & stems(text))

    short = [word for word in among if word.name.count(".") < 2]
    called = [word for word in short if speaking(word.name)]
    called.sort(key=lambda word: (-speaking(word.name), len(word.name)))
    spoken = [word for word in short if speaking(word.text)]
    spoken.sort(key=lambda word: -speaking(f"{word.name} {word.text}"))
    alike = difflib.get_close_matches(name.lower(), [word.name for word in among], 3, 0.7)
    speak = [word.name for word in (*called[:_MOST_NEAR], *spoken)]
    return list(dict.fromkeys([*speak, *alike]))[:_MOST_SHOWN]


def stems(text: str) -> set[str]:
    """Return the words of a text without their plurals."""
    return {_stem(part) for part in _PARTS.findall(text.lower())}


def _stem(word: str) -> str:
    """Return a word without its plural: `losses` and `loss`, `trades` and `trade` are one."""
    for ending, kept in (("sses", "ss"), ("ies", "y"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + kept
    return word


def entry(word: Word) -> str:
    """Return one word for the terminal."""
    lines = [f"{word.name}  ({word.chapter})", ""]
    lines += textwrap.wrap(word.text, _WIDTH)
    for fact in word.facts:
        lines += textwrap.wrap(fact, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    if word.example:
        lines += ["", *(f"    {line}" for line in word.example.splitlines())]
    return "\n".join(lines) + "\n"


def sentence(text: str) -> str:
    """Return a sentence above entries for the terminal."""
    return "\n".join(textwrap.wrap(text, _WIDTH)) + "\n\n"


def listing(among: Iterable[Word]) -> str:
    """Return all words by chapter, names alone."""
    lines: list[str] = []
    for chapter, group in groupby(among, key=lambda word: word.chapter):
        names = "  ".join(word.name for word in group)
        lines += [
            f"{chapter}",
            *textwrap.wrap(names, _WIDTH, initial_indent="  ", subsequent_indent="  "),
        ]
    return "\n".join([*lines, "", "One of them: ideacard reference WORD"]) + "\n"


def markdown() -> str:
    """Return the whole reference as Markdown."""
    return "\n".join(_markdown()) + "\n"


def _markdown() -> Iterator[str]:
    yield "# Reference"
    yield "\nWritten by `make goldens` from the tables that the compiler reads. In the terminal: `ideacard reference WORD`."
    yield "\nWhat `lint` finds is told by `ideacard rule CODE`, and silenced by a comment above its line: `# ic: ignore[name] reason`."
    for chapter, group in groupby(words(), key=lambda word: word.chapter):
        yield f"\n## {str(chapter).capitalize()}"
        for word in group:
            yield from markdown_word(word, level=3)
    yield f"\n## {Chapter.FORMULA.capitalize()}\n"
    for word in formulas():
        yield _line(word, "".join(f" ({fact})" for fact in word.facts))


def markdown_word(word: Word, level: int) -> Iterator[str]:
    """Yield the lines of one word in Markdown, under a heading of this level."""
    yield f"\n{'#' * level} `{word.name}`\n"
    yield f"{word.text[0].upper()}{word.text[1:]}." if not word.text.endswith(".") else word.text
    yield from (f"\n* {fact}" if i == 0 else f"* {fact}" for i, fact in enumerate(word.facts))
    if word.example:
        yield f"\n```yaml\n{word.example.rstrip()}\n```"


def whole_language() -> str:
    """Return guide and words in one text, for a writer (a person or a program) with this text alone."""
    guide = (resources.files("tools") / "language_guide.md").read_text(encoding="utf-8")
    return guide + "\n" + "\n".join(_compact()) + "\n"


def _compact() -> Iterator[str]:
    for chapter, group in groupby(words(), key=lambda word: word.chapter):
        yield f"\n## {str(chapter).capitalize()}\n"
        for word in group:
            facts = "".join(
                f"; {fact}" for fact in word.facts if not fact.startswith(("of: ", "`"))
            )
            text = word.text
            if word.chapter in (Chapter.INDICATOR, Chapter.STRUCTURE):
                text = text.split(". ")[0]
            yield _line(replace(word, text=text), facts)


def _line(word: Word, facts: str) -> str:
    example = f" — `{' '.join(word.example.split())}`" if word.example else ""
    return f"* **{word.name}**: {word.text}{facts}{example}"
