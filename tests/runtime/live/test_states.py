"""The states of a session: the table, the drawing, the page for users, and sessions that run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from runtime.backends import base as notices
from runtime.backends.base import Loudness, Notice
from runtime.live.desk import Desk
from runtime.live.guard import SessionLimits
from runtime.live.states import (
    HALTS,
    HOLDS,
    TRANSITIONS,
    SessionState,
    drawing,
    halt_of,
    halts_table,
    holds_table,
    state_of,
)
from tests.runtime.live.bench import Live
from tests.runtime.live.test_placing import MARKET
from tools.fakebybit.faults import Fault, Switch

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "live.md").read_text(encoding="utf-8")


class Seen:
    """The states a session goes through, in order, and the ways between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ways: set[tuple[SessionState, SessionState]] = set()
        self.last: SessionState | None = None
        take = Desk.take

        def watched(desk: Desk, item: object) -> object:
            told = take(desk, item)  # type: ignore[arg-type]
            state = state_of(desk.guard, desk._ts)[0]
            if self.last not in (None, state):
                self.ways.add((self.last, state))  # type: ignore[arg-type]
            self.last = state
            return told

        monkeypatch.setattr(Desk, "take", watched)


def test_sessions_go_the_ways_of_the_table_and_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen(monkeypatch)
    live = Live(tmp_path, MARKET)
    live.run(3_000)
    for word in ("pause", "resume", "halt", "resume", "pause", "halt"):
        live.session.said(word, "ann")
    live.session.said("resume", "ann")
    live.run(1_000)
    live.disconnect()
    live.session.said("halt", "ann")
    live.session.said("resume", "ann")
    live.session.said("pause", "ann")
    live.connect()
    live.run(3_000)
    live.session.link("private", is_up=False, why="test")
    live.session.link("private", is_up=True)
    live.session.said("resume", "ann")
    live.run(3_000)
    live.session.said("halt", "ann")
    live.session.warn(Notice(kind="clock", loudness=Loudness.ENTRIES, text="x", ts=live.venue.now))
    live.session.link("public", is_up=False, why="test")
    live.session.said("resume", "ann")
    table = {(one.source, one.target) for one in TRANSITIONS if SessionState.ENDED not in
             (one.source, one.target)}  # fmt: skip
    assert seen.ways <= table, seen.ways - table
    assert table <= seen.ways, table - seen.ways


@pytest.mark.parametrize("seed", range(4))
def test_disturbed_sessions_leave_no_way_of_the_table(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen(monkeypatch)
    faults = (Switch(kind=Fault.DROP_ANSWER, p=0.2), Switch(kind=Fault.DROP, on="*", p=0.2))
    live = Live(
        tmp_path, MARKET, faults=faults, seed=seed, limits=SessionLimits(max_daily_loss_usdt=5)
    )
    for step in range(4):
        live.bar(str(50_000 - 200 * step))
        live.disconnect()
        live.connect()
    live.act("manual", amount="0.01")
    live.run(20_000)
    table = {(one.source, one.target) for one in TRANSITIONS}
    assert seen.ways
    assert seen.ways <= table, seen.ways - table


def test_the_drawing_is_the_table() -> None:
    readme = (ROOT / "runtime" / "live" / "README.md").read_text(encoding="utf-8")
    drawn = re.search(r"```mermaid\n(.*?)```", readme, re.DOTALL)
    assert drawn is not None
    assert drawn.group(1) == drawing()


def test_every_state_is_reached_and_left() -> None:
    assert {one.target for one in TRANSITIONS} == set(SessionState)
    assert {one.source for one in TRANSITIONS} == set(SessionState)


# ---------------------------------------------------------------- halts and holds


def _calls(name: str) -> list[ast.Call]:
    found = []
    for path in sorted((ROOT / "runtime").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                word = (
                    called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                )
                if word == name:
                    found.append(node)
    return found


def _beginning(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return str(node.values[0].value)
    return ""


def test_every_halt_in_the_code_has_its_entry() -> None:
    told = [_beginning(call.args[0]) for call in _calls("halt") if call.args]
    begun = [text for text in told if text]
    assert len(begun) >= 6
    begins = [halt.begins for halt in HALTS]
    assert len(begins) == len(set(begins)), "of two entries only the first is ever found"
    assert [text for text in begun if halt_of(text) is None] == []
    kinds = set()
    for call in _calls("Notice"):
        words = {word.arg: ast.unparse(word.value) for word in call.keywords}
        may_halt = "HALT" in words["loudness"] or words["loudness"] == "level"
        if may_halt and words["kind"].startswith("'"):
            kinds.add(words["kind"].strip("'"))
    assert {"keys", "hedge_mode", "taken_over", "settled", "journal", "position_differs"} <= kinds
    for kind in (*kinds, "flatten", "foreign_run", "lost_order", "panic"):
        assert halt_of(f"{kind}: text") is not None, kind


def test_every_hold_in_the_code_has_its_entry() -> None:
    names = {hold.name for hold in HOLDS}
    blocks = {_beginning(call.args[0]) for call in _calls("block") if call.args} - {""}
    assert {"start", "paused", "market"} <= blocks <= names
    warned = set()
    for call in _calls("Notice"):
        words = {word.arg: ast.unparse(word.value) for word in call.keywords}
        if "ENTRIES" in words["loudness"]:
            kind = words["kind"]  # written out, or a name that the notices share
            warned.add(kind.strip("'") if "'" in kind else getattr(notices, kind))
    assert len(warned) >= 5
    assert warned <= names, warned - names


def test_the_guide_says_every_halt_and_hold_as_the_code_has_it() -> None:
    for name, table in (("halts", halts_table()), ("holds", holds_table())):
        found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", GUIDE, re.DOTALL)
        assert found is not None
        assert found.group(1) == table


def test_halts_that_happen_are_recognised(tmp_path: Path) -> None:
    live = Live(tmp_path, MARKET, limits=SessionLimits(max_daily_loss_usdt=5))
    live.bar(bars=2)
    live.bar("49800")
    assert live.desk.guard.halted
    found = halt_of(live.desk.guard.halted)
    assert found is not None
    assert found.begins == "max_daily_loss_usdt"
    assert {halt.begins for halt in HALTS if not (halt.means and halt.do)} == set()
