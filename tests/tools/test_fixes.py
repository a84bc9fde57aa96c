"""A fix that does not mend what it is for is not kept."""

from __future__ import annotations

from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Severity
from compiler.findings.source import Source, Span
from tools.fixes import fix_until_stable


def quoted_again(source: Source) -> list[Diagnostic]:
    """Return an error about the first `x`, whose fix puts quotes around it and mends nothing."""
    at = source.text.index("x")
    fix = Fix("quote", (Edit(Span(at, at + 1), "'x'"),), safe=False)
    return [Diagnostic("IC104", Severity.ERROR, "cut", Span(at, at + 1), fix=fix)]


def moves_on(source: Source) -> list[Diagnostic]:
    """Return an error about the first `y`, whose fix takes it away; then there is the next."""
    at = source.text.find("y")
    if at < 0:
        return []
    fix = Fix("drop", (Edit(Span(at, at + 1), ""),), safe=False)
    return [Diagnostic("IC104", Severity.ERROR, "cut", Span(at, at + 1), fix=fix)]


def test_an_error_that_is_still_there_after_its_fix_leaves_the_text_as_it_was() -> None:
    source = Source("card.yaml", "a: x\n")
    fixed, left, count = fix_until_stable(source, quoted_again(source), quoted_again, unsafe=True)
    assert (fixed.text, len(left), count) == (source.text, 1, 0)


def test_one_place_after_the_other_is_mended() -> None:
    source = Source("card.yaml", "a: yzyzy\n")
    fixed, left, count = fix_until_stable(source, moves_on(source), moves_on, unsafe=True)
    assert (fixed.text, list(left), count) == ("a: zz\n", [], 3)
