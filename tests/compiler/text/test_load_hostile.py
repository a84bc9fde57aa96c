"""Hostile text gives nodes or findings; never an exception, never a hang."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from compiler.findings.render import FORMATS, render
from compiler.findings.source import Source, Span
from compiler.parse.validate import validate
from compiler.text.load import decode, load
from compiler.text.suppressions import apply_suppressions
from tests.compiler.seed_card import seed_source

CARDLIKE = st.text(
    st.sampled_from(list("abc019 \n\t-:{}[],&*!|>'\"%@`#?.()=<~_é\ufeff\u2028\x85\x00"))
)
PIECES = st.lists(
    st.sampled_from(
        ["blocks:\n", "  - id: a\n", "    cases:\n", "name: x\n", "{", "}", "[", "]", "when: ", ">\n",
         "&a ", "*a", "<<: ", "!!str ", "'", '"', "# ic: ignore[never-true]\n", "---\n", "x in [1", ": ",
         "  ", "\n", "action: entry_long\n", "all: ", "lhs: 1\n", "- ", "? ", "min(a, b)", "\\x4"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


def check_text(text: str) -> None:
    source = Source("card.yaml", text)
    node, found = load(source)
    if node is not None:
        found = found + validate(source, node)
    assert node is not None or found, "nothing read and nothing said"
    found = apply_suppressions(source, found)
    for d in found:
        assert Span(0, 0) <= d.span
        assert 0 <= d.span.start <= d.span.end <= len(text)
    for form in FORMATS:
        render(form, [(source, found)])


@given(st.one_of(CARDLIKE, PIECES, st.text()))
@example("a: &a [*a]")
@example("? [a]\n: b")
@example("a: \ud800")
@example("? ")
@example("a: |9\n x")
@example('a: "\\')
@example("!<")
@example("%YAML 9.9\n---\na")
@example("a: {b: [}")
@example("{a: (, b: )}")
@example("=: =")
def test_any_text_is_checked_without_an_exception(text: str) -> None:
    check_text(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    source, found = decode("card.yaml", data)
    assert found or source.text == data.decode("utf-8")
    check_text(source.text)


@given(st.data())
def test_a_broken_copy_of_the_seed_card_is_checked(data: st.DataObject) -> None:
    text = seed_source().text
    at = data.draw(st.integers(0, len(text)))
    upto = data.draw(st.integers(at, min(len(text), at + 30)))
    check_text(text[:at] + data.draw(st.one_of(CARDLIKE, PIECES)) + text[upto:])


def test_hostile_sizes_are_answered() -> None:
    for text in (
        "[" * 90_000,
        "{" * 90_000,
        "- " * 50_000,
        "? " * 40_000,
        "a: " + "'" * 90_000,
        "a: >\n" + "  #\n" * 20_000,
        "&a " * 30_000,
        "a: {" + "b(, " * 2_000 + "}",
        "a: [" + "(, " * 5_000 + "]",
        "\n".join(f"k{i}: 1" for i in range(20_000)),
        "# ic: ignore[never-true]\n" * 30_000,
        "a: 1  # ic: ignore[x]\n" * 1_000,
    ):
        check_text(text)
