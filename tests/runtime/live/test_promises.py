"""A promise of the card that is broken in a session is counted, said and halts entries; nothing is closed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backends.base import Notice
from runtime.live import snapshot
from runtime.live.codec import decode
from runtime.live.journal import RecordKind
from runtime.live.paper import PaperDesk
from runtime.live.replay import replay
from runtime.live.snapshot import opened, picture, restore
from runtime.live.states import halt_of
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.orders.events import OrderRejected
from tests.runtime.live import test_paper
from tests.runtime.live.bench import MINUTE, SYMBOL, Live, rows_of
from tests.runtime.live.test_paper import Paper
from tests.strategies.runs import at_bar, card_text, emit
from tests.tools.live.made import LADDER, lived, lived_again
from tools.live.screen_text import status_text
from tools.live.words import Asked, answer

BUY = emit("entry_long", size="0.1 base", stop_loss=48_000.0)
MORE = emit("entry_long", size="0.05 base", stop_loss=48_000.0, order_ref="more")
HELD = at_bar(2, BUY) + at_bar(6, MORE) + at_bar(20, "exit_long")
PROMISE = "{ flat_after_bars: 1 }"


def promised(blocks: str, promises: str) -> str:
    return card_text(blocks, more=f"invariants: [{promises}]").replace("TESTUSDT", SYMBOL)


def session(folder: Path, blocks: str = HELD, promises: str = PROMISE) -> Live:
    """Return a running session of a card with promises."""
    live = Live(folder, blocks, more={"more": f"invariants: [{promises}]"})
    live.run(3_000)
    return live


def told(live: Live | Paper) -> list[str]:
    """Return what the journal says of promises, oldest first."""
    items = (decode(row.body) for row in live.journal.records() if row.kind is RecordKind.ITEM)
    return [item.text for item in items if isinstance(item, Notice) and item.kind == "promise"]


def counts(live: Live | Paper) -> list[tuple[int, int]]:
    return [(row.times, row.closes) for row in live.desk.promised.rows]


def test_a_position_held_longer_than_promised_halts_entries_and_is_not_closed(
    tmp_path: Path,
) -> None:
    live = session(tmp_path, at_bar(2, BUY) + at_bar(8, "exit_long") + at_bar(11, MORE))
    live.bar(bars=5)
    assert live.desk.guard.halted == ""
    live.bar(bars=3)
    halted = live.desk.guard.halted
    assert halted == "promise: flat_after_bars: 1 is broken: held for 2 bars of 1"
    found = halt_of(halted)
    assert found is not None
    assert found.begins == "promise"
    assert live.held == live.venue_held == 100
    live.bar(bars=6)
    assert live.held == 0, "its own exit goes on; the entry after it does not leave"
    assert live.desk.guard.halted == halted
    (refused,) = [
        decode(row.body)
        for row in live.journal.records()
        if row.kind is RecordKind.EVENT and isinstance(decode(row.body), OrderRejected)
    ]
    assert isinstance(refused, OrderRejected)
    assert (refused.code, refused.text) == ("held_back", f"halted: {halted}")
    assert len(told(live)) == 1, "it is told where it begins"
    ((times, closes),) = counts(live)
    assert times == 1
    assert closes >= 3
    live.replayed()


def test_a_promise_that_is_kept_halts_nothing(tmp_path: Path) -> None:
    live = session(tmp_path, promises="{ flat_after_bars: 50 }, always_protected, max_layers: 2")
    live.bar(bars=9)
    assert live.held == 150, "the second entry leaves where nothing halts"
    live.bar(bars=15)
    assert live.desk.guard.halted == ""
    assert told(live) == []
    assert counts(live) == [(0, 0)] * 3
    live.replayed()


def test_a_promise_that_the_market_breaks_twice_is_told_twice(tmp_path: Path) -> None:
    live = session(tmp_path, promises="position_unrealized_pct > -1 or position_side == flat")
    live.bar(bars=5)
    for price, is_broken in (("49000", True), ("50000", False), ("49000", True)):
        live.bar(price, bars=2)
        assert bool(live.desk.guard.halted) == is_broken, price
        live.session.said("resume", "ann")
    assert [text.endswith("is broken: the condition is false") for text in told(live)] == [True] * 2
    assert counts(live) == [(2, 4)]
    assert live.held >= 100
    live.replayed()


def test_who_resumes_is_halted_again_as_long_as_the_promise_is_broken(tmp_path: Path) -> None:
    live = session(tmp_path)
    live.bar(bars=8)
    assert live.desk.guard.halted
    live.session.said("resume", "ann")
    assert live.desk.guard.halted == ""
    live.bar()
    assert live.desk.guard.halted.startswith("promise: flat_after_bars: 1 is broken")
    live.session.said("flatten", "ann")
    live.bar()
    live.session.said("resume", "ann")
    live.bar(bars=2)
    assert live.held == 0
    assert live.desk.guard.halted == ""
    assert len(told(live)) == 1
    live.replayed()


@pytest.mark.parametrize("snapshot_every", [5, 1_000_000])
def test_a_restart_forgets_neither_the_halt_nor_what_was_broken(
    tmp_path: Path, snapshot_every: int
) -> None:
    live = session(tmp_path)
    live.snapshot_every = snapshot_every
    live.restart()
    live.bar(bars=8)
    before = live.desk.guard.halted, counts(live), told(live)
    assert before[0]
    live.restart()
    assert (live.lived < 60) == (snapshot_every == 5)
    assert (live.desk.guard.halted, counts(live), told(live)) == before
    live.bar(bars=2)
    assert told(live) == before[2], "the breach is the one of before"
    assert counts(live)[0][1] == before[1][0][1] + 2
    live.replayed()


def test_what_watches_promises_is_kept_whole_in_a_snapshot(tmp_path: Path) -> None:
    kept = session(tmp_path).desk.promised.kept
    assert kept is not None
    for kind, owner in (("promises", kept), ("promise_watch", kept._watch)):
        assert sorted(snapshot.KEPT[kind] + snapshot.FRESH[kind]) == sorted(vars(owner)), kind


def test_a_paper_session_halts_at_the_close_at_which_a_back_test_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = compile_card(Source("paper.card.yaml", promised(HELD, PROMISE)))
    monkeypatch.setattr(test_paper, "program", lambda _blocks: made)
    paper = Paper(tmp_path)
    paper.run(10 * MINUTE)
    assert paper.desk.guard.halted == "promise: flat_after_bars: 1 is broken: held for 2 bars of 1"
    assert [row.first[0].bar for row in paper.desk.promised.rows] == [5]  # bought in bar 3
    assert len(told(paper)) == 1
    fresh = paper.fresh()
    replay(paper.journal.records(), fresh)
    assert fresh.state_hash() == paper.desk.state_hash()
    again = PaperDesk(made, MarketData(exec=Frame(SYMBOL, "1m", MINUTE)), test_paper.CONTRACT)
    again.take_bars(rows_of(paper.desk.bars), paper.desk.first)
    restore(again, opened(picture(paper.desk)))
    assert again.promised.rows == paper.desk.promised.rows
    assert again.promised.rows[0].closes > 1


def test_a_local_session_says_the_promise_and_its_line_of_the_card(tmp_path: Path) -> None:
    card = tmp_path / "broken.card.yaml"
    text = LADDER.read_text(encoding="utf-8")
    line = next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith("invariants"))
    old = text.splitlines()[line - 1]
    card.write_text(text.replace(old, "invariants: [{ flat_after_bars: 1 }]"), encoding="utf-8")
    run, folder = lived(card, tmp_path / "out", seed=11)
    assert run.desk.guard.halted.startswith("promise: flat_after_bars: 1 is broken")
    reply = answer(Asked("status", "ann"), run.cockpit, run.watch)  # type: ignore[arg-type]
    said = status_text(run.cockpit.picture())
    assert f"promise    flat_after_bars: 1 (card line {line}): broken 1 times" in said
    assert f"promise: flat_after_bars: 1 (card line {line}) is broken: held for 2 bars" in said
    assert "nothing is closed for it" in said
    assert reply.is_done
    state = run.desk.state_hash()
    run.close()
    assert lived_again(folder).desk.state_hash() == state
