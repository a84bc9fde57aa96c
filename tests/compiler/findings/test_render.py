"""Findings as text, lines, JSON, SARIF and workflow commands."""

from __future__ import annotations

import json

import jsonschema
import pytest

import schemas
from compiler.findings.codes import CODES, finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from compiler.findings.render import FORMATS, render
from compiler.findings.source import Source, Span

TEXT = "name: demo\nwhen: clsoe > open\n\ttabbed: 世界 here\nlast: é\n"
SOURCE = Source("cards/a card.yaml", TEXT)


def place(word: str) -> Span:
    start = TEXT.index(word)
    return Span(start, start + len(word))


MISSPELT = finding(
    "IC201",
    "nothing is called `clsoe`",
    place("clsoe"),
    labels=[Label(place("demo"), "in this card")],
    help="a builtin is called `close`",
    fix=Fix("write `close`", (Edit(place("clsoe"), "close"),)),
)
WIDE = finding("IC503", "100 % wide, yes:\nno", place("here"))
ALL = [(SOURCE, [MISSPELT, WIDE])]


def test_text_shows_the_line_a_caret_the_labels_the_help_and_the_fix() -> None:
    assert render("text", [(SOURCE, [MISSPELT])]) == (
        "cards/a card.yaml:2:7: error[IC201] undefined-name: nothing is called `clsoe`\n"
        "  |\n"
        "1 | name: demo\n"
        "  |       ---- in this card\n"
        "2 | when: clsoe > open\n"
        "  |       ^^^^^\n"
        "  = help: a builtin is called `close`\n"
        "  = fix: write `close`\n"
    )


def test_the_caret_stands_under_the_word_behind_tabs_and_wide_characters() -> None:
    lines = render("text", [(SOURCE, [WIDE])]).splitlines()
    shown, marked = lines[2], lines[3]
    assert "    tabbed: 世界 here" in shown
    # Two wide characters take two columns each.
    assert marked.index("^") == shown.index("here") + 2
    assert marked.count("^") == 4


def test_a_gap_between_two_places_is_shown() -> None:
    far = finding("IC101", "twice", place("last"), labels=[Label(place("name"), "first")])
    assert "\n…\n" in render("text", [(SOURCE, [far])])


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", Span(0, 0)),
        ("a: 1", Span(4, 4)),
        ("a\nb\n", Span(0, 4)),
        ("x" * 5000, Span(4000, 4001)),
    ],
)
def test_any_place_can_be_shown(text: str, span: Span) -> None:
    found = [finding("IC100", "here", span)]
    for form in FORMATS:
        assert render(form, [(Source("c.yaml", text), found)])
    assert max(map(len, render("text", [(Source("c.yaml", text), found)]).splitlines())) < 200


def test_control_characters_never_reach_the_terminal() -> None:
    source = Source("c.yaml", "a: \x1b[31mred\n")
    shown = render("text", [(source, [finding("IC100", "an \x1b escape", Span(3, 4))])])
    assert "\x1b" not in shown


def test_colours_are_only_added() -> None:
    import re

    coloured = render("text", ALL, colour=True)
    assert coloured != render("text", ALL)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render("text", ALL)


def test_no_findings_are_no_text() -> None:
    assert render("text", [(SOURCE, [])]) == render("concise", []) == render("github", []) == ""


def test_concise_is_one_line_per_finding() -> None:
    first, *_ = render("concise", ALL).splitlines()
    assert first == ("cards/a card.yaml:2:7: error IC201 undefined-name: nothing is called `clsoe`")


def test_json_holds_to_its_schema_and_carries_everything() -> None:
    document = json.loads(render("json", ALL))
    jsonschema.Draft202012Validator(schemas.load("diagnostics")).validate(document)
    (one, two) = document["files"][0]["findings"]
    assert one["span"]["start"] == {"offset": 17, "line": 2, "column": 7}
    assert one["fix"]["edits"][0]["text"] == "close"
    assert one["labels"][0]["message"] == "in this card"
    assert two["fix"] is None


def test_github_escapes_what_a_workflow_command_would_read() -> None:
    _, second = render("github", ALL).splitlines()
    assert second.startswith("::warning file=cards/a card.yaml,line=3,col=13,endLine=3,")
    assert second.endswith("title=IC503 ttl-missing::100 %25 wide, yes:%0Ano")


def sarif(*found: Diagnostic, text: str = TEXT) -> dict[str, object]:
    run: dict[str, object] = json.loads(
        render("sarif", [(Source("cards/a card.yaml", text), found)])
    )["runs"][0]
    return run


def test_sarif_declares_every_rule_and_points_into_the_declaration() -> None:
    document = json.loads(render("sarif", ALL))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [entry.code for entry in CODES]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (where,) = result["locations"]
        assert where["physicalLocation"]["artifactLocation"]["uri"] == "cards/a%20card.yaml"
    first = run["results"][0]
    assert first["level"] == "error"
    change = first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change["insertedContent"] == {"text": "close"}
    assert change["deletedRegion"]["charOffset"] == 17


def fingerprints(*found: Diagnostic, text: str = TEXT) -> list[str]:
    results = sarif(*found, text=text)["results"]
    assert isinstance(results, list)
    return [result["partialFingerprints"]["ideacard/v1"] for result in results]


def test_a_fingerprint_survives_a_new_line_above_and_tells_repeats_apart() -> None:
    moved = Span(MISSPELT.span.start + 10, MISSPELT.span.end + 10)
    text = TEXT.replace("when", "# comment\nwhen")
    again = finding("IC201", MISSPELT.message, moved)
    assert fingerprints(MISSPELT) == fingerprints(again, text=text)
    assert len(set(fingerprints(MISSPELT, MISSPELT, WIDE))) == 3


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown format"):
        render("html", [])


@pytest.mark.parametrize("form", FORMATS)
def test_rendering_is_repeatable(form: str) -> None:
    assert render(form, ALL) == render(form, ALL)


def test_every_severity_has_a_level_everywhere() -> None:
    for severity in Severity:
        one = finding("IC404", "overlap", place("open"), severity=severity)
        assert str(severity) in render("text", [(SOURCE, [one])])
        assert render("github", [(SOURCE, [one])]).startswith("::")
