"""Sessions of a card: what each key may be, and what they become."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.read_back import read_back
from compiler.pipeline import check

CARD = """\
name: x
version: "3.2"
symbol: BTCUSDT
tf: {tf}
sessions:
  ny: {session}
blocks:
  - id: a
    cases:
      - when: ny.active and ny.bars > 2
        emit: [no_action]
"""


def card(session: str, tf: str = "30m") -> Source:
    return Source("x", CARD.format(session=session, tf=tf))


def session_of(session: str) -> dict[str, object]:
    graph = check(card(session), lints=False).graph
    assert graph is not None
    return dict(graph.features[0].params)


def test_a_session_is_numbers_in_the_graph() -> None:
    made = session_of(
        "{ tz: America/New_York, hours: 9:30-16:00, days: fri-mon, except: [2025-12-25] }"
    )
    assert (made["begin"], made["end"], made["minutes"]) == (570, 960, 30)
    assert made["days"] == (0.0, 4.0, 5.0, 6.0)
    assert made["closed"] == (20447.0,)
    plain = session_of("{ hours: 22:00-02:00 }")
    assert plain["zone"] == (0.0, 0.0)
    assert plain["days"] == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)


@pytest.mark.parametrize(
    ("session", "code"),
    [
        ("{ tz: America/New_Yrok, hours: 09:30-16:00 }", "IC304"),
        ("{ tz: '+09:00', hours: 09:30-16:00 }", "IC304"),
        ("{ hours: 09:30 }", "IC110"),
        ("{ hours: 09:30-25:00 }", "IC110"),
        ("{ hours: 09:30-09:30 }", "IC110"),
        ("{ tz: UTC }", "IC109"),
        ("{ hours: 09:30-16:00, days: workdays }", "IC110"),
        ("{ hours: 09:30-16:00, except: [2025-02-30] }", "IC110"),
        ("{ hours: 09:30-16:00, day: mon }", "IC107"),
    ],
)
def test_what_is_wrong_with_a_session_is_said_once(session: str, code: str) -> None:
    errors = [d.code for d in check(card(session), lints=False).diagnostics if d.is_error]
    assert code in errors


def test_a_session_in_which_no_bar_opens_is_a_finding() -> None:
    late = card("{ tz: America/New_York, hours: 09:30-12:00 }", "4h")
    assert [
        d.code for d in check(late, lints=False).diagnostics
    ] == []  # 16:00 UTC in winter: 11:00
    never = card("{ hours: 09:30-12:00 }", "4h")
    assert [d.code for d in check(never, lints=False).diagnostics] == ["IC401"]


def test_a_day_needs_no_quotes_and_a_session_is_read_back() -> None:
    source = card("{ tz: Asia/Tokyo, hours: 22:00-02:00, days: [mon], except: [2025-12-25] }")
    checked = check(source)
    assert "IC102" not in {d.code for d in checked.diagnostics}
    assert checked.graph is not None
    said = " ".join(read_back(checked.graph).split())
    assert (
        "bars that open from 22:00 to 02:00, the end left out, by the clock of Asia/Tokyo (UTC+09:00)"
        in said
    )
    assert "begins on mon, but not on 2025-12-25" in said


def test_a_session_of_the_features_is_refused() -> None:
    text = card("{ hours: 09:30-12:00 }").text.replace(
        "blocks:", "features: [{ type: session, id: own }]\nblocks:"
    )
    assert "IC110" in {d.code for d in check(Source("x", text), lints=False).diagnostics}
