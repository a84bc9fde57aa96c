"""Every character of a scalar's text knows where it stands in the file."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.text.load import load
from compiler.text.nodes import Mapping, Scalar

WORDS = st.lists(
    st.text("abcxyz<>=+*.[]()%_09é世", min_size=1, max_size=6).filter(
        lambda w: w[0] not in "*%[]>=.(<+" and not w.endswith(":")
    ),
    min_size=1,
    max_size=8,
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", " \n", "\n\n\n", "\n \n"])


def scalar_of(text: str) -> tuple[Source, Scalar]:
    source = Source("card.yaml", text)
    node, found = load(source)
    assert isinstance(node, Mapping), found
    value = node.get("when")
    assert isinstance(value, Scalar)
    return source, value


def assert_every_character_is_found(text: str) -> None:
    source, scalar = scalar_of(text)
    for i, char in enumerate(scalar.text):
        there = source.slice(scalar.place(i, i + 1))
        if not char.isspace():
            assert there in (char, "''" if char == "'" else char) or there.startswith("\\"), (
                char,
                there,
                text,
            )
    places = [scalar.place(i, i + 1) for i in range(len(scalar.text))]
    assert all(a.start <= b.start for a, b in pairwise(places))
    assert all(scalar.span.start <= p.start <= p.end <= scalar.span.end for p in places)


def spread(words: list[str], gaps: list[str], indent: str) -> str:
    """Words with line breaks between them; every new line is indented."""
    text = words[0]
    for word, gap in zip(words[1:], gaps * len(words), strict=False):
        breaks = gap.replace("\n", "\n" + indent) if "\n" in gap else gap
        text += breaks + word
    return text


@given(WORDS, st.lists(GAPS, min_size=1, max_size=4))
def test_plain_text_over_several_lines(words: list[str], gaps: list[str]) -> None:
    assert_every_character_is_found(f"when: {spread(words, gaps, '   ')}\nnext: 1\n")


@given(WORDS, st.lists(GAPS, min_size=1, max_size=4), st.sampled_from(["'", '"']))
def test_quoted_text_over_several_lines(words: list[str], gaps: list[str], quote: str) -> None:
    assert_every_character_is_found(f"when: {quote}{spread(words, gaps, '  ')}{quote}\n")


@given(
    WORDS,
    st.lists(GAPS, min_size=1, max_size=4),
    st.sampled_from([">", "|", ">-", "|+", ">2", "|2-", "> # why"]),
)
@example(["a", "b"], ["\n\n"], "|+")
def test_block_text(words: list[str], gaps: list[str], header: str) -> None:
    body = spread(words, gaps, "  ")
    assert_every_character_is_found(f"when: {header}\n  {body}\nnext: 1\n")


@given(WORDS, st.sampled_from([">", "|"]))
def test_block_text_with_more_indented_lines(words: list[str], header: str) -> None:
    body = "".join(f"{'  ' * (1 + i % 3)}{word}\n" for i, word in enumerate(words))
    assert_every_character_is_found(f"a: 1\nwhen: {header}\n{body}next: 1\n")


ESCAPES = st.lists(
    st.sampled_from(
        ["a", "b c", "\\n", "\\t", "\\x41", "\\u00e9", "\\U0001F600", '\\"', "\\\\", "\\ ", " ",
         "\n  ", "\n\n  ", "\\\n   ", "\\\n\n  ", "\\e", "\\N", "\\L", "é"]
    ),
    max_size=12,
)  # fmt: skip


@given(ESCAPES)
@example(["a", "\n  ", "\\ ", "b"])
@example([" ", "\\n", " ", "a"])
@example(["a", "\\\n\n  ", "b"])
def test_double_quotes_with_escapes(parts: list[str]) -> None:
    source, scalar = scalar_of('when: "' + "".join(parts) + '"\n')
    for i, char in enumerate(scalar.text):
        there = source.slice(scalar.place(i, i + 1))
        if there.startswith("\\x"):
            assert char == "A"
        elif there.startswith("\\u"):
            assert char == "é"
        elif there.startswith("\\U"):
            assert char == "😀"
        elif not char.isspace() and not there.startswith("\\"):
            assert there == char


@pytest.mark.parametrize(
    "text",
    [
        "when: close > open\n",
        "when: 'close > open'\n",
        'when: "close \\x3e open"\n',
        "when: >\n  close\n  > open\n",
        "when: |\n    close >\n    open\n",
        "when: close\n  > open\n",
        "when: &name close > open\n",
        "when: &name\n  # why\n  'close >\n  open'\n",
    ],
)
def test_the_same_word_is_found_in_every_spelling(text: str) -> None:
    source, scalar = scalar_of(text)
    at = scalar.text.index("open")
    span = scalar.place(at, at + 4)
    assert source.slice(span) == "open"
    assert span.start == text.index("open")
    greater = source.slice(scalar.place(scalar.text.index(">"), scalar.text.index(">") + 1))
    assert greater in (">", "\\x3e")


def test_a_doubled_quote_is_one_character() -> None:
    source, scalar = scalar_of("when: 'it''s x'\n")
    assert source.slice(scalar.place(2, 3)) == "''"
    assert source.slice(scalar.place(5, 6)) == "x"


def test_indentation_that_belongs_to_the_text_stands_next_to_its_word() -> None:
    source, scalar = scalar_of("when: |\n  a\n     b\n")
    assert scalar.text == "a\n   b\n"
    b = source.text.index("b")
    assert [scalar.place(i, i + 1).start for i in (2, 3, 4, 5)] == [b - 3, b - 2, b - 1, b]


def test_an_empty_range_stays_empty_and_stands_where_its_character_would() -> None:
    source, scalar = scalar_of("when: 'ab'\n")
    assert scalar.place(1, 1).start == scalar.place(1, 1).end == source.text.index("b")
    assert scalar.place(2, 2).start == source.text.index("b") + 1


def test_a_range_beyond_the_text_is_cut_to_it() -> None:
    source, scalar = scalar_of('when: "a\\n"\n')
    assert source.slice(scalar.place(0, 99)) == "a\\n"
