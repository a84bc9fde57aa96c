"""Loading: what a card's text means, and what is said where it does not mean what it looks like."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Severity
from compiler.findings.source import Source
from compiler.text.load import MAX_DEPTH, decode, load, plain_data
from compiler.text.nodes import Mapping, Scalar
from tests.compiler.seed_card import seed_source


def codes_of(text: str) -> list[str]:
    return [d.code for d in load(Source("card.yaml", text))[1]]


def data_of(text: str) -> object:
    node, _ = load(Source("card.yaml", text))
    assert node is not None
    return plain_data(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("on", "on"),
        ("no", "no"),
        ("12", 12),
        ("-12", -12),
        ("+12", 12),
        ("1_000", 1000),
        ("1_000.5", 1000.5),
        ("1e5", 1e5),
        ("1E-3", 1e-3),
        (".5", 0.5),
        ("5.", 5.0),
        ("0", 0),
        ("0.10", 0.1),
        ("12:30", "12:30"),
        ("2024-01-05", "2024-01-05"),
        ("0x1F", "0x1F"),
        ("1__0", "1__0"),
        ("15m", "15m"),
        ("3.0.0", "3.0.0"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("~", None),
        ("null", None),
        ("", None),
        ("-", None),
    ],
)
def test_a_scalar_means_what_a_person_reads(text: str, value: object) -> None:
    if text == "-":
        assert data_of("a:\n  -\n") == {"a": [None]}
        return
    found = data_of(f"a: {text}\n")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


@pytest.mark.parametrize("text", ["on", "Off", "YES", "no", "True", "1:30", "2024-01-05", "0x1F"])
def test_text_that_other_tools_read_differently_is_a_warning_with_a_safe_fix(text: str) -> None:
    source = Source("card.yaml", f"a: {text}\n")
    _, (warning,) = load(source)
    assert (warning.code, warning.severity) == ("IC102", Severity.WARNING)
    assert warning.fix is not None
    assert warning.fix.safe
    (edit,) = warning.fix.edits
    assert source.slice(edit.span) == text
    assert codes_of(f"a: {edit.text}\n") == []


@pytest.mark.parametrize(
    ("text", "repaired"), [("010", "10"), ("-007", "-7"), ("00.5", "0.5"), ("0_1", "1")]
)
def test_a_leading_zero_is_an_error_with_an_unsafe_fix(text: str, repaired: str) -> None:
    _, (error,) = load(Source("card.yaml", f"a: {text}\n"))
    assert error.code == "IC103"
    assert error.fix is not None
    assert not error.fix.safe
    assert error.fix.edits[0].text == repaired


@pytest.mark.parametrize("text", [".nan", ".inf", "-.INF", "1e999", "9" * 5000])
def test_a_number_nobody_can_compute_with_is_an_error(text: str) -> None:
    assert codes_of(f"a: {text}\n") == ["IC113"]


def test_a_duplicate_key_shows_both_places_and_keeps_the_first() -> None:
    source = Source("card.yaml", "a: 1\nb: 2\na: 3\n")
    node, (error,) = load(source)
    assert error.code == "IC101"
    assert source.location(error.span.start).line == 3
    assert source.location(error.labels[0].span.start).line == 1
    assert node is not None
    assert plain_data(node) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("a: {b: min(x, y) > 1, c: 2}\n", "min(x, y) > 1"),
        ("a: {b: max(x, min(y, z)), c: 2}\n", "max(x, min(y, z))"),
        ("a: [min(x, y) > 1, c]\n", "min(x, y) > 1"),
        ("a: {b: x in [1, 2] and y, c: 2}\n", "x in [1, 2] and y"),
        ("a: {b: ema[1] > 2}\n", "ema[1] > 2"),
        ("a: [ema[1] > 2, c]\n", "ema[1] > 2"),
        ("a: {b: max(x, y[1]) - min(z, y[1]), c: 2}\n", "max(x, y[1]) - min(z, y[1])"),
        ("a: {b: max(x - u, y[1]), c: {d: 2}}\n", "max(x - u, y[1])"),
        (
            "a: {b: max(x, y[1]) > min(z[1], z[2]) and u, c: [d]}\ne: 1\n",
            "max(x, y[1]) > min(z[1], z[2]) and u",
        ),
        ("a: [v, max(x, min(u, y[1])), c]\n", "max(x, min(u, y[1]))"),
        ("a: {b: max(x,\n  y[1]) > 2, c: 2}\n", "max(x,\n  y[1]) > 2"),
    ],
)
def test_an_expression_cut_inside_a_flow_is_found_whole_and_its_fix_repairs_it(
    text: str, whole: str
) -> None:
    source = Source("card.yaml", text)
    _, (error,) = load(source)
    assert error.code == "IC104"
    assert source.slice(error.span) == whole
    assert error.fix is not None
    (edit,) = error.fix.edits
    repaired = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert codes_of(repaired) == []
    assert " ".join(whole.split()) in str(data_of(repaired))


@pytest.mark.parametrize("text", ["a: {b: max(x, y[1], c: 2}\n", "a: {b: x), y[1], c: 2}\nd: 1\n"])
def test_a_cut_expression_that_is_not_whole_is_not_quoted(text: str) -> None:
    """Quoting a part of it would swallow what stands behind."""
    source = Source("card.yaml", text)
    _, found = load(source)
    (error,) = [d for d in found if d.code == "IC104"]
    assert error.fix is None or "\n" not in source.slice(error.span)
    for edit in error.fix.edits if error.fix is not None else ():
        assert len(edit.text) == edit.span.end - edit.span.start + 2


def test_a_cut_expression_is_joined_so_that_the_rest_is_checked() -> None:
    assert data_of("a: {b: min(x, y) > 1, c: 2}\n") == {"a": {"b": "min(x, y) > 1", "c": 2}}


def test_a_comment_in_a_folded_expression_is_an_error_whose_fix_deletes_it() -> None:
    text = "when: >\n  close > open  # green\n  and x # too\ndescription: >\n  item # 1\n"
    source = Source("card.yaml", text)
    node, (error,) = load(source)
    assert error.code == "IC105"
    assert source.slice(error.span) == "# green"
    assert error.fix is not None
    for edit in reversed(error.fix.edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert codes_of(text) == []
    assert data_of(text) == {"when": "close > open and x\n", "description": "item # 1\n"}
    assert isinstance(node, Mapping)
    when = node.get("when")
    assert isinstance(when, Scalar)
    assert when.text.split() == ["close", ">", "open", "and", "x"]


def test_anchors_warn_and_tags_and_merge_keys_are_errors() -> None:
    _, found = load(Source("card.yaml", "a: &x [1]\nb: *x\nc: !!str 5\nd: {<<: *x, e: 1}\n"))
    assert [(d.code, d.severity.value) for d in found] == [
        ("IC106", "warning"),
        ("IC106", "error"),
        ("IC106", "error"),
    ]
    assert data_of("a: &x [1]\nb: *x\n") == {"a": [1], "b": [1]}


def test_a_second_document_is_refused_and_the_first_is_read() -> None:
    assert codes_of("a: 1\n---\nb: 2\n") == ["IC114"]
    assert codes_of("--- \na: 1\n") == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 'x\nb: 1\n", 1, "never closed"),
        ("a: [1, 2\nb: 3\n", 1, "not closed"),
        ("a: b: c\n", 1, "`: ` cannot stand"),
        ("a:\n\tb: 1\n", 2, "tab"),
        ("a: @x\n", 1, "cannot start with `@`"),
        ("a: *x\n", 1, "no anchor"),
        ("a: 'x' == y\n", 1, "behind the closing quote"),
        ("a: 1\n  # why\n  and b\n", 3, "does not fit"),
        ('a: "\\q"\n', 1, "means nothing"),
        ("a: x\x07y\n", 1, "U+0007"),
        ("[1]: 2\n", 1, "a key must be a word"),
    ],
)
def test_a_syntax_error_names_the_line_and_says_it_in_words(
    text: str, line: int, words: str
) -> None:
    source = Source("card.yaml", text)
    _, found = load(source)
    (error,) = [d for d in found if d.code == "IC100"]
    assert words in error.message
    assert source.location(error.span.start).line == line


@pytest.mark.parametrize("text", ["", "# only words\n", "---\n"])
def test_an_empty_card_is_a_finding(text: str) -> None:
    node, found = load(Source("card.yaml", text))
    assert node is None or plain_data(node) is None
    assert node is not None or [d.code for d in found] == ["IC110"]


def test_depth_up_to_the_cap_is_read_and_beyond_it_refused() -> None:
    fits = "[" * (MAX_DEPTH - 1) + "1" + "]" * (MAX_DEPTH - 1)
    assert codes_of(fits) == []
    assert codes_of("[" + fits + "]") == ["IC112"]


@pytest.mark.parametrize("count", [61, 999, 1_000, 9_990, 200_000, 1_000_000])
def test_deep_nesting_is_refused_without_crashing(count: int) -> None:
    assert codes_of("[" * count) == ["IC112"]
    assert codes_of("a:\n  " + "[" * count) == ["IC112"]
    assert codes_of("{a: " * max(61, count // 4)) == ["IC112"]


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "IC112" in codes_of("\n".join(lines))


def test_aliases_cannot_nest_deeper_than_the_cap() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 80)]
    assert "IC112" in codes_of("\n".join(lines))


def test_a_file_over_one_mebibyte_is_refused_in_characters_and_in_bytes() -> None:
    assert codes_of("a: " + "x" * (1 << 20)) == ["IC112"]
    assert codes_of("a: " + "é" * (1 << 19)) == ["IC112"]
    assert [d.code for d in decode("card.yaml", b"a" * ((1 << 20) + 1))[1]] == ["IC112"]


def test_bytes_that_are_not_utf_8_are_reported_at_their_character() -> None:
    source, (error,) = decode("card.yaml", "é: ".encode() + b"\xff\n")
    assert error.code == "IC100"
    assert source.slice(error.span) == "\ufffd"
    assert decode("card.yaml", b"a: 1\n")[1] == []


def test_a_byte_order_mark_moves_no_place() -> None:
    source = Source("card.yaml", "\ufeffabc: on\n")
    _, (warning,) = load(source)
    assert source.slice(warning.span) == "on"


def test_both_yaml_parsers_give_the_same_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    text = seed_source().text + "extra: >\n  a # b\n  c\nx: &y {z: 'it''s', w: [1, \"\\x41\"]}\n"
    fast = load(Source("card.yaml", text))
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    slow = load(Source("card.yaml", text))
    assert fast == slow
    assert repr(fast) == repr(slow)


def test_the_seed_card_loads_without_findings() -> None:
    node, found = load(seed_source())
    assert found == []
    assert isinstance(node, Mapping)
    assert node.names()[:4] == ("name", "symbol", "tf", "htf")


# ---------------------------------------------------------------- overrides


def set_in(text: str, *overrides: tuple[str, str]) -> object:
    node, found = load(Source("card.yaml", text), overrides)
    assert found == []
    assert node is not None
    return plain_data(node)


def test_an_override_replaces_a_value_or_makes_the_way_to_it() -> None:
    assert set_in("a: {b: 1}\n", ("a.b", "2")) == {"a": {"b": 2}}
    assert set_in("a: 1\n", ("b.c.d", "on")) == {"a": 1, "b": {"c": {"d": "on"}}}
    assert set_in("a:\n", ("a.b", "1e5")) == {"a": {"b": 1e5}}
    assert set_in("a: 1\n", ("a", "'2'")) == {"a": "2"}


def test_a_card_that_is_read_once_takes_one_set_after_another() -> None:
    text, bare = "a: 1\nb: 2\nb: 3\n", "a: 1\nb: 2\n"
    assert set_in(bare, ("a", "5")) == {"a": 5, "b": 2}
    assert set_in(bare, ("b", "6")) == {"a": 1, "b": 6}
    for _ in range(2):
        node, found = load(Source("card.yaml", text), [("a", "7"), ("a..b", "1")])
        assert node is not None
        assert [d.code for d in found] == ["IC110", "IC101"]
    assert [d.code for d in load(Source("card.yaml", text), [("a", "7")])[1]] == ["IC101"]


def test_an_override_finds_list_items_by_id_key_or_number() -> None:
    text = "f: [{id: x, n: 1}, {key: y, n: 2}]\n"
    assert set_in(text, ("f.x.n", "5"), ("f.y.n", "6")) == {
        "f": [{"id": "x", "n": 5}, {"key": "y", "n": 6}]
    }
    assert set_in(text, ("f.1.n", "7")) == {"f": [{"id": "x", "n": 1}, {"key": "y", "n": 7}]}


def test_an_override_of_a_tunable_keeps_its_bounds() -> None:
    assert set_in("params: {fast: {default: 9, low: 5}}\n", ("params.fast", "12")) == {
        "params": {"fast": {"default": 12, "low": 5}}
    }


@pytest.mark.parametrize(
    "override", [("a.b", "1"), ("f.zz.n", "1"), ("", "1"), ("a..b", "1"), ("a", ".nan")]
)
def test_an_override_without_a_place_is_a_finding(override: tuple[str, str]) -> None:
    node, found = load(Source("card.yaml", "a: 1\nf: [{id: x}]\n"), [override])
    assert node is not None
    assert [d.code for d in found] == ["IC110"]
    assert override[0] in found[0].message
