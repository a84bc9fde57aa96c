"""Keys of the sections that came last, as other tools call them: each is told by ours."""

from __future__ import annotations

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check
from tools.fixes import fix_until_stable

CARD = """\
name: x
symbol: BTCUSDT
tf: 1h
limits: { max_drawdown_pct: 20 }
sessions: { ny: { tz: America/New_York, hours: 09:30-16:00 } }
blocks:
  - id: a
    cases:
      - when: ny.active
        emit:
          - action: place_limit_long
            metadata:
              price: low
              order_ref: b
              size: 100 usdt
              stop_loss_offset_pct: -3
              trail: { distance_pct: 2 }
              ladder: { orders: 5, step: 1%, size_scale: 2 }
"""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("orders: 5", "count: 5"), ("size_scale: 2", "size_mult: 2"), ("tz: America", "timezone: America"),
    ],
)  # fmt: skip
def test_another_name_for_the_same_key_is_mended_by_a_safe_fix(ours: str, theirs: str) -> None:
    def look(source: Source) -> list[Diagnostic]:
        return [d for d in check(source, lints=False).diagnostics if d.code == "IC107"]

    wrong = Source("x", CARD.replace(ours, theirs))
    mended, left, count = fix_until_stable(wrong, look(wrong), look, unsafe=False)
    assert (mended.text, list(left), count) == (CARD, [], 1)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        ("step: 1%", "step_pct: 1", "did you mean `step`?"),
        ("distance_pct: 2", "pct: 2", "did you mean `distance_pct`?"),
        ("distance_pct: 2", "price: low", "`adjust_stop` with `price` and `only_tighten: true`"),
        ("max_drawdown_pct", "max_dd", "did you mean `max_drawdown_pct`?"),
        ("hours: 09:30-16:00", 'start: "09:30"', "`hours: 09:30-16:00`"),
    ],
)
def test_a_key_of_another_tool_is_told_by_ours(ours: str, theirs: str, said: str) -> None:
    found = check(Source("x", CARD.replace(ours, theirs)), lints=False).diagnostics
    (unknown,) = [d for d in found if d.code == "IC107"]
    assert said in f"{unknown.message} {unknown.help}"
