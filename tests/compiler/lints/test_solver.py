"""z3 is asked for by name, decides what the bounds leave open, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.lints.reasoning.branches import Claim, Truth
from compiler.lints.reasoning.logic import Reasoner
from compiler.lints.reasoning.solver import VARIABLE, Z3
from compiler.pipeline import check

pytest.importorskip("z3", reason="the solver extra is not installed")

CARDS = Path(__file__).parents[3] / "cards"
PAIRS = " and ".join(f"(close > {n} or volume > {n})" for n in range(100, 110))
HARD = f"""\
name: example
symbol: BTCUSDT
tf: 15m
blocks:
  - id: entry
    cases:
      - when: {PAIRS} and close < 50 and volume < 50 and position_side == flat
        emit: [{{action: entry_long, metadata: {{size: 10% of equity, stop_loss_offset_pct: -2}}}}]
"""


def codes(solver: str | None = None) -> set[str]:
    return {d.code for d in check(Source("card.yaml", HARD), solver=solver).diagnostics}


def test_a_question_of_too_many_branches_is_silent_unless_z3_is_asked_for() -> None:
    assert "IC401" not in codes()
    assert "IC401" in codes("z3")


SPAN = """\
name: example
symbol: BTCUSDT
tf: 15m
sessions: { ny: { tz: America/New_York, hours: 09:30-16:00 } }
blocks:
  - id: entry
    cases:
      - when: %s
        emit: [no_action]
"""


@pytest.mark.parametrize(
    ("when", "can_be"),
    [
        ("ny.active and close > ny.high", False),
        ("ny.bars == 2 and low < ny.low", False),
        ("ny.bars > 1 and ny.first_bar", False),
        ("not ny.active and close > ny.high", True),
        ("ny.over and close > ny.high", True),
        ("not ny.over and close > ny.close", False),
        ("ny.active and high >= ny.high", True),
        ("ny.active and close > ny.high[1]", True),
        ("close > ny.high", True),
    ],
)
def test_what_a_session_tells_of_a_bar_is_the_same_to_z3_and_to_the_branches(
    when: str, can_be: bool
) -> None:
    graph = check(Source("card.yaml", SPAN % when)).graph
    assert graph is not None
    claims = [Claim(graph.blocks[0].cases[0].when, Truth.TRUE)]
    assert Z3(graph).possible(claims, ()) is can_be
    assert Reasoner(graph).possible(claims) is can_be


def test_the_environment_asks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "z3")
    assert "IC401" in codes()


def test_an_unknown_solver_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="`yices`"):
        codes("yices")


@pytest.mark.parametrize("path", sorted((CARDS / "gallery").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_gallery_has_the_same_findings_with_z3(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    assert check(source, solver="z3").diagnostics == check(source).diagnostics
