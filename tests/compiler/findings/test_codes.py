"""The table of codes, and the words it suggests."""

from __future__ import annotations

import re

import pytest

from compiler.findings.codes import CODES, FixKind, code, finding
from compiler.findings.diagnostics import Severity
from compiler.findings.rule_pages import explain
from compiler.findings.source import Span
from compiler.findings.suggest import closest, did_you_mean, distance


def test_codes_and_names_are_unique_and_well_formed() -> None:
    names = [name for entry in CODES for name in (entry.name, *entry.aliases)]
    codes = [entry.code for entry in CODES]
    assert len(names) == len(set(names))
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names)
    assert all(re.fullmatch(r"IC[1-8]\d\d", c) for c in codes)


def test_a_summary_is_one_sentence_without_a_full_stop() -> None:
    for entry in CODES:
        assert entry.summary
        assert not entry.summary.endswith(".")


def test_a_rule_is_found_by_code_name_and_alias() -> None:
    entry = code("IC503")
    assert entry is not None
    assert code("ic503") is code("ttl-missing") is code("limit-without-ttl") is entry
    assert code("no-such-rule") is None


def test_a_finding_takes_its_severity_from_the_table() -> None:
    for entry in CODES:
        assert finding(entry.code, "x", Span(0, 0)).severity is entry.severity
    assert finding("IC602", "x", Span(0, 0), severity=Severity.WARNING).severity == "warning"


def test_a_page_says_whether_the_fix_is_automatic_and_how_to_silence() -> None:
    assert "no automatic fix" in explain("IC101")
    assert "fixed by --fix" in explain("unknown-key")
    assert "cannot be ignored" in explain("unknown-key")
    assert "# ic: ignore[ttl-missing] reason" in explain("IC503")
    assert {entry.fix for entry in CODES} == set(FixKind)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("size_pc", "size_pct"),
        ("entri_long", "entry_long"),
        ("ENTRY-LONG", "entry_long"),
        ("sise_ptc", "size_pct"),
        ("starting_equity", "starting_equity_usdt"),
        ("7h", None),
        ("zebra", None),
        ("", None),
        ("x" * 1000, None),
        ("size_pct", None),
    ],
)
def test_the_nearest_known_word_is_suggested_or_none(word: str, meant: str | None) -> None:
    known = ("size_pct", "entry_long", "starting_equity_usdt", "1h", "2h")
    assert closest(word, known) == meant
    assert (meant or "") in did_you_mean(word, known)


def test_of_two_equally_near_words_the_one_of_the_same_length_is_meant() -> None:
    assert closest("16m", ("1m", "15m")) == "15m"
    assert closest("gtt", ("gte", "gt")) == "gt"


def test_distance_counts_edits_and_neighbours_swapped_as_one() -> None:
    assert distance("abc", "abc", 3) == 0
    assert distance("abc", "acb", 3) == 1
    assert distance("abc", "abcd", 3) == 1
    assert distance("abcdef", "zzzzzz", 2) == 3
