"""An indicator that is to begin anew with a session of the card: what says it instead."""

from __future__ import annotations

import re

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check

CARD = (
    "name: x\nsymbol: BTCUSDT\ntf: 15m\n"
    "sessions: { ny: { tz: America/New_York, hours: 09:30-16:00 } }\n"
    "blocks: [{ id: a, cases: [{ when: 'CONDITION', emit: [exit_all] }] }]\n"
)


def told(condition: str) -> tuple[Diagnostic, ...]:
    return tuple(check(Source("x", CARD.replace("CONDITION", condition)), lints=False).diagnostics)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("session_open(ny) > 0", ["ny.open"]),
        ("pivots(ny).r1 > 0", ["ny.high", "ny.low", "ny.close"]),
        ("vwap(ny) > 0", ["vwma(hlc3, N)"]),
        ("vwap_bands(ny, 2).upper > 0", ["vwma(hlc3, N)", "stdev(hlc3, N)"]),
    ],
)
def test_what_is_said_instead_of_a_session_as_an_anchor_compiles(
    written: str, instead: list[str]
) -> None:
    (found,) = told(written)
    assert found.code == "IC110"
    named = re.findall(r"`([^`]+)`", found.help or "")
    assert [word for word in named if word != "N"] == instead
    for text in instead:  # within the session, so that it is read
        assert not told(f"ny.active and close > {text.replace('N)', '26)')}")


def test_a_word_that_is_no_session_is_told_what_the_anchor_is() -> None:
    (found,) = told("vwap(london) > 0")
    assert found.help is not None
    assert "UTC day" in found.help
