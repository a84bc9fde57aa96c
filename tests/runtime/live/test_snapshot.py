"""Snapshots: a restored desk is the one that lived through everything, and a start is short."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from runtime.live import snapshot
from runtime.live.journal import Journal
from runtime.live.replay import replay
from runtime.live.resume import take_up
from runtime.live.snapshot import BadSnapshot, opened, picture, restore
from tests.runtime.live.bench import Live, rows_of
from tests.runtime.live.scenarios import play
from tests.runtime.live.test_placing import MARKET, started
from tests.strategies.runs import at_bar, emit

STATEFUL = (
    at_bar(8, emit("entry_long", size="0.1 base", stop_loss=49000.0, order_ref="m"))
    + """- id: after_a_while
  cases:
    - when: >-
        (close > 49990 and position_qty > 0) for 5 bars and bars_since(position_side == flat) >= 5 and
        count_since(position_side == flat, close > 49990) >= 5 and
        bars_since(close > 49000) < 1000
      emit:
        - { action: exit_long }
"""
)


def test_every_attribute_of_a_desk_is_kept_or_made_anew(tmp_path: Path) -> None:
    """An attribute nobody has thought of would be lost in a restart."""
    desk = started(tmp_path, STATEFUL).desk
    machine = desk.engine.machine
    assert machine._memos, "the card has nothing that remembers"
    for kind, owner in (
        ("desk", desk), ("engine", desk.engine), ("machine", machine),
        *((snapshot._kind_of(memory), memory) for memory in machine._memos),
    ):  # fmt: skip
        known = snapshot.KEPT[kind] + snapshot.FRESH[kind]
        assert sorted(known) == sorted(vars(owner)), kind
    assert set(snapshot.FRESH["ledger"]) <= set(vars(desk.ledger))


@pytest.mark.parametrize("seed", [3, 7, 11, 38])
def test_from_every_cut_a_restored_desk_does_what_the_whole_did(tmp_path: Path, seed: int) -> None:
    live = play(seed, tmp_path)  # it has ended: its journal is read anew
    journal = Journal(tmp_path / "session.journal")
    records = list(journal.records())
    journal.close()
    items = [at for at, record in enumerate(records) if record.kind == "item"]
    for cut in items[5 :: max(1, len(items) // 12)]:
        whole = live._desk()
        replay(records[:cut], whole)
        body = picture(whole, ["x"])
        restored = live._desk()
        restored.take_bars(rows_of(whole.bars), whole.first)
        assert restore(restored, opened(body)) == ("x",)
        assert restored.state_hash() == whole.state_hash()
        replay(records[cut:], restored)
        assert restored.state_hash() == live.desk.state_hash()


def test_conditions_that_remember_go_on_over_a_restart(tmp_path: Path) -> None:
    held: dict[bool, list[int]] = {False: [], True: []}
    for restarts, seen in held.items():
        folder = tmp_path / str(restarts)
        folder.mkdir()
        live = Live(folder, STATEFUL)
        for bar in range(18):
            live.bar()
            if restarts and bar == 11:
                live.restart()
                assert live.lived < 60, "the bars before are in the snapshot alone"
            seen.append(live.held)
    assert held[True] == held[False]
    assert held[True].count(100) == 5
    assert held[True][-1] == 0


def test_a_start_lives_through_what_came_after_the_newest_snapshot_alone(tmp_path: Path) -> None:
    live = started(tmp_path, MARKET)
    live.run(600_000, 1_000)
    items = sum(record.kind == "item" for record in live.journal.records())
    live.restart()
    assert items > 600
    assert live.lived <= live.snapshot_every + 5
    live.laws()
    live.replayed()


def test_a_snapshot_of_other_code_or_broken_bytes_is_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = started(tmp_path, MARKET)
    live.run(120_000, 1_000)
    state = live.desk.state_hash()
    live.kill()
    journal = Journal(tmp_path / "session.journal")
    kept = list(journal.snapshots())
    assert len(kept) == 2, "the one before the newest is kept, too"
    assert take_up(journal, live._desk).lived < 60
    journal._db.execute("update snapshots set body = x'00ff' where seq = ?", (kept[0].seq,))
    older = take_up(journal, live._desk)
    assert 40 <= older.lived < 120
    assert older.desk.state_hash() == state
    monkeypatch.setattr("runtime.live.resume.code_digest", lambda: "other")
    whole = take_up(journal, live._desk)
    assert whole.lived > 150
    assert whole.desk.state_hash() == state


class _Evil:
    def __reduce__(self):  # type: ignore[no-untyped-def]
        return os.system, ("touch /tmp/never",)


@pytest.mark.parametrize("what", [_Evil(), os.getcwd, Journal])
def test_a_snapshot_runs_no_code_and_makes_no_other_object(tmp_path: Path, what: object) -> None:
    live = started(tmp_path, MARKET)
    with pytest.raises(BadSnapshot, match="is no state"):
        restore(live._desk(), opened(pickle.dumps({"desk": what})))


def test_executions_without_an_order_are_booked_once_over_a_restart(tmp_path: Path) -> None:
    """Those of the last seconds before it are told once more: a replica that lags may have lacked them."""
    live = started(tmp_path, MARKET)
    live.run(100_000, 1_000)
    live.act("funding")
    paid = live.ledger.account.funding
    assert paid
    live.session.keep()
    live.restart()
    assert live.lived < 5, "the funding is in the snapshot, not in what came after"
    live.run(60_000, 1_000)
    assert live.ledger.account.funding == paid
    live.laws()
