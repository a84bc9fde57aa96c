"""Every fix the catalogue promises exists, is as safe as it says, and mends what it is offered for."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from compiler.findings.codes import CODES, FixKind
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.edits import apply_edits
from compiler.findings.source import Source
from compiler.pipeline import check
from tests.properties.test_fix_laws import hold

BROKEN = sorted((Path(__file__).parents[3] / "cards" / "broken").glob("*.yaml"))


def findings(path: Path) -> tuple[Source, tuple[Diagnostic, ...]]:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    return source, check(source).diagnostics


def test_every_code_with_a_fix_has_a_card_that_exercises_it_and_no_other_code_has_one() -> None:
    offered: dict[str, set[bool]] = defaultdict(set)
    for path in BROKEN:
        for finding in findings(path)[1]:
            if finding.fix is not None:
                offered[finding.code].add(finding.fix.safe)
    for entry in CODES:
        found = offered.get(entry.code, set())
        match entry.fix:
            case FixKind.NONE:
                assert not found, entry
            case FixKind.SAFE:
                assert True in found, entry
            case FixKind.UNSAFE:
                assert found == {False}, entry


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_card_keeps_the_laws_of_fixes(path: Path) -> None:
    hold(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_fix_mends_what_it_is_offered_for_and_breaks_nothing(path: Path) -> None:
    source, found = findings(path)
    errors = sum(d.is_error for d in found)
    for finding in found:
        if finding.fix is None:
            continue
        fixed = Source(source.path, apply_edits(source.text, finding.fix.edits))
        after = check(fixed).diagnostics
        assert sum(d.is_error for d in after) <= errors, finding
        same = [d for d in after if (d.code, d.message) == (finding.code, finding.message)]
        before = [d for d in found if (d.code, d.message) == (finding.code, finding.message)]
        assert len(same) < len(before), finding
