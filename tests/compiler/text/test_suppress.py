"""Ignore comments: what they silence, what they cannot, and what is said about stale ones."""

from __future__ import annotations

import pytest

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.text.suppressions import apply_suppressions

TEXT = """\
name: t
blocks:
  - id: first
    cases:
      - when: one
        emit: [a]
  - id: second
    cases:
      - when: two
        emit: [b]
"""


def at(text: str, word: str, code: str = "IC503") -> Diagnostic:
    start = text.index(word)
    return finding(code, f"about {word}", Span(start, start + len(word)))


def left(text: str, *words: str, code: str = "IC503", ran: set[str] | None = None) -> list[str]:
    found = apply_suppressions(Source("c.yaml", text), [at(text, w, code) for w in words], ran)
    return [d.message if d.code == code else f"{d.code} {d.message}" for d in found]


def above(line: str, comment: str) -> str:
    """Put a comment on a line of its own above `line`."""
    indent = line[: len(line) - len(line.lstrip())]
    return TEXT.replace(line, f"{indent}{comment}\n{line}")


def test_without_comments_nothing_changes() -> None:
    assert left(TEXT, "one", "two") == ["about one", "about two"]


@pytest.mark.parametrize("name", ["ttl-missing", "limit-without-ttl", "IC503", "ic503"])
def test_a_rule_is_named_by_name_alias_or_code(name: str) -> None:
    assert left(TEXT.replace("one", f"one  # ic: ignore[{name}] why"), "one", "two") == [
        "about two"
    ]


def test_a_comment_at_a_key_covers_that_key_alone() -> None:
    text = TEXT.replace("emit: [a]", "emit: [a] # ic: ignore[ttl-missing]")
    assert left(text, "one", "[a]", "two") == ["about one", "about two"]


def test_a_comment_above_a_block_covers_the_block() -> None:
    text = above("  - id: first", "# ic: ignore[ttl-missing] on purpose")
    assert left(text, "first", "one", "[a]", "two") == ["about two"]


def test_a_comment_behind_a_block_id_covers_the_block() -> None:
    text = TEXT.replace("- id: first", "- id: first  # ic: ignore[ttl-missing]")
    assert left(text, "first", "one", "[a]", "two") == ["about two"]


def test_a_comment_above_the_first_key_covers_the_card() -> None:
    assert left(f"# the card\n# ic: ignore[ttl-missing]\n{TEXT}", "first", "one", "two") == []


def test_a_comment_at_a_key_covers_a_list_that_is_not_indented() -> None:
    text = "name: t\nblocks:  # ic: ignore[ttl-missing]\n- id: first\n- id: second\nend: 1\n"
    assert left(text, "first", "second", "end") == ["about end"]


def test_several_rules_may_stand_in_one_comment() -> None:
    text = TEXT.replace("one", "one  # ic: ignore[never-true, ttl-missing]")
    assert left(text, "one", ran={"IC503"}) == []


def test_a_marker_inside_a_text_is_text() -> None:
    for quoted in ("'one # ic: ignore[ttl-missing]'", "one#ic: ignore[ttl-missing]"):
        assert left(TEXT.replace("one", quoted), "one") == ["about one"]
    folded = TEXT.replace("when: one", "when: >\n          one # ic: ignore[ttl-missing]")
    assert left(folded, "one") == ["about one"]


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# ic: ignore[ttl-mising]", "no rule is called `ttl-mising`, did you mean `ttl-missing`?"),
        ("# ic: ignore[ttl-missing]", "`ttl-missing` finds nothing here"),
        ("# ic: ignore", "this comment names no rule"),
        ("# ic: ignore[]", "this comment names no rule"),
    ],
)
def test_a_comment_that_silences_nothing_is_reported(comment: str, message: str) -> None:
    (found,) = left(TEXT.replace("when: one", f"when: one  {comment}"))
    assert found.startswith(f"IC108 {message}")


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (TEXT.replace("one", "one  # ic: ignore[never-true] why"), TEXT),
        (above("  - id: first", "# ic: ignore[never-true]"), TEXT),
        (
            TEXT.replace("one", "one  # ic: ignore[never-true, ttl-missing]"),
            TEXT.replace("one", "one  # ic: ignore[ttl-missing]"),
        ),
        (
            TEXT.replace("one", "one  # ic: ignore[ttl-missing, never-true]"),
            TEXT.replace("one", "one  # ic: ignore[ttl-missing]"),
        ),
        (
            TEXT.replace("one", "one  # ic: ignore[ttl-mising]"),
            TEXT.replace("one", "one  # ic: ignore[ttl-missing]"),
        ),
    ],
)
def test_the_fix_of_a_stale_comment_leaves_the_rest_alone(text: str, repaired: str) -> None:
    has_finding = "ttl-missing" in text
    given = [at(text, "one")] if has_finding else []
    (stale,) = apply_suppressions(Source("c.yaml", text), given)
    assert stale.fix is not None
    assert stale.fix.safe
    (edit,) = stale.fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == repaired


def test_an_error_that_stops_the_card_is_never_silenced() -> None:
    text = TEXT.replace("one", "one  # ic: ignore[undefined-name]")
    assert left(text, "one", code="IC201") == [
        "about one",
        "IC108 `undefined-name` is an error here and cannot be ignored",
    ]
    assert left(TEXT.replace("one", "one  # ic: ignore[never-true]"), "one", code="IC401") == []


def test_nothing_is_called_stale_that_was_not_looked_for() -> None:
    text = TEXT.replace("one", "one  # ic: ignore[never-true]")
    assert left(text, "two", ran={"IC503"}) == ["about two"]
    assert left(text, "two", code="IC201") == ["about two"], "rules behind an error did not run"
    data = TEXT.replace("one", "one  # ic: ignore[warmup-exceeds-data]")
    assert left(data) == [], "data rules run elsewhere"


def test_comments_beyond_the_limit_are_refused_aloud() -> None:
    text = TEXT + "".join(f"k{i}: 1  # ic: ignore[never-true]\n" for i in range(302))
    found = apply_suppressions(Source("c.yaml", text), [])
    assert [d.code for d in found].count("IC112") == 1


@pytest.mark.parametrize("end", ["", "\n", "\n\n# more", "\r"])
def test_a_comment_with_nothing_behind_it_covers_nothing(end: str) -> None:
    text = f"name: t\n# ic: ignore[ttl-missing]{end}"
    source = Source("card.yaml", text)
    assert [d.code for d in apply_suppressions(source, [])] == ["IC108"]
    found = finding("IC503", "about t", Span(6, 7))
    assert found in apply_suppressions(source, [found])


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("order-ref-resue", True),
        ("ttl-missed", False),
        ("size-sum-limit", False),
        ("quite-unknown-word", False),
    ],
)
def test_a_comment_for_no_rule_is_safely_another_only_where_a_slip_lies_between(
    name: str, safe: bool
) -> None:
    text = f"name: x\na: 1 # ic: ignore[{name}] for a reason\n"
    (found,) = apply_suppressions(Source("c.yaml", text), [])
    assert found.fix is not None
    assert found.fix.safe is safe
