"""`ideacard live CARD --venue local`: a whole session on a stand-in for the venue."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from runtime.live.journal import RecordKind
from runtime.orders.order_spec import Role
from tests.tools.cli import run as cli
from tests.tools.live.made import GALLERY, LADDER, lived, lived_again, made
from tools.live.folders import JOURNAL


@pytest.mark.parametrize("card", sorted(GALLERY.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_gallery_card_lives_through_a_day_and_its_journal_replays(
    card: Path, tmp_path: Path
) -> None:
    run, folder = lived(card, tmp_path)
    figures = run.watch.figures
    assert figures.bars == figures.decisions == 96
    assert not run.desk.guard.halted
    assert run.desk.coverage.open_lots(run.desk.ledger) == 0
    state = run.desk.state_hash()
    run.close()
    assert lived_again(folder).desk.state_hash() == state


def test_a_local_session_enters_scales_in_and_cancels(tmp_path: Path) -> None:
    run, _folder = lived(LADDER, tmp_path, seed=11)
    figures = run.watch.figures
    assert figures.entries
    assert figures.scale_ins
    assert figures.cancelled
    assert figures.closed
    state = run.venue.state
    booked = run.session.backend.sync.has_booked
    assert all(booked(e.id) for e in state.executions)


def test_the_same_seed_gives_the_same_session(tmp_path: Path) -> None:
    first, _ = lived(LADDER, tmp_path, seed=3)
    second, _ = lived(LADDER, tmp_path, seed=3)
    other, _ = lived(LADDER, tmp_path, seed=4)
    assert first.desk.state_hash() == second.desk.state_hash() != other.desk.state_hash()


def test_a_stop_between_two_bars_leaves_what_protects_at_the_venue(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3)

    def stop(_done: int, _total: int) -> None:
        if run.desk.ledger.position is not None:
            run.cockpit.stop("test", closes=False)

    run.run(stop)
    run.close()
    ledger = run.desk.ledger
    assert ledger.position is not None
    stops = [o for o in run.venue.state.open_orders("BTCUSDT") if o.trigger and o.reduce_only]
    assert sum(1 for order in ledger.book if order.spec.role is Role.STOP_LOSS)
    assert stops
    assert run.watch.figures.bars < 96


def test_stop_and_close_ends_flat(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path, seed=3)

    def stop(_done: int, _total: int) -> None:
        if run.desk.ledger.position is not None and not run.cockpit.wish.stops:
            run.cockpit.stop("test", closes=True)

    run.run(stop)
    assert run.desk.ledger.position is None
    assert run.venue.state.positions["BTCUSDT"].size == 0
    assert run.watch.figures.bars < 96


def test_warm_up_bars_are_in_the_journal_and_decide_nothing(tmp_path: Path) -> None:
    run, _folder = made(LADDER, tmp_path)
    rows = [
        r.body
        for r in run.journal.records()
        if r.kind is RecordKind.ITEM and "BarArrived" in r.body
    ]
    assert len(rows) == run.desk.ledger.bar + 1 >= run.watch.program.warmup_bars
    assert all('"decides":false' in row for row in rows)
    assert run.watch.figures.decisions == 0


def test_the_command_tells_what_the_session_came_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["live", str(LADDER), "--venue", "local", "--synthetic", "--bars", "8"]
    ran = cli(capsys, [*words, "--out", str(tmp_path), "--json"])
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["figures"]["bars"] == 8
    assert told["venue"] == "local"
    assert (tmp_path / "pullback_ladder-local-1" / JOURNAL).exists()


_TIGHT = """
name: tight_stops
symbol: BTCUSDT
tf: 15m
position_policy: { mode: long_short }
blocks:
  - id: enter
    cases:
      - when: close > open and position_side == flat
        emit: [ { action: entry_long, metadata: { size: 1000 usdt, stop_loss: close * 0.9998 } } ]
      - when: close < open and position_side == flat
        emit: [ { action: entry_short, metadata: { size: 1000 usdt, stop_loss: close * 1.0002 } } ]
  - id: trail
    cases:
      - when: position_side == long
        emit: [ { action: adjust_stop, metadata: { price: close * 0.9999, only_tighten: true } } ]
      - when: position_side == short
        emit: [ { action: adjust_stop, metadata: { price: close * 1.0001, only_tighten: true } } ]
"""


def _coarse(file: Path, bars: int) -> None:
    """Write bars whose range, and often whose open, is far beyond the distance of the card's stops."""
    chance, price, rows = Random(5), 60_000.0, ["ts,open,high,low,close,volume"]
    for bar in range(bars):
        price = round(price * (1 + chance.choice((0, 0, chance.gauss(0, 0.01)))), 1)
        close = round(price * (1 + chance.gauss(0, 0.02)), 1)
        high = round(max(price, close) * (1 + abs(chance.gauss(0, 0.02))), 1)
        low = round(min(price, close) * (1 - abs(chance.gauss(0, 0.02))), 1)
        rows.append(f"{1_767_225_600_000 + bar * 900_000},{price},{high},{low},{close},100")
        price = close
    file.write_text("\n".join(rows), encoding="utf-8")


def test_stops_that_coarse_prints_pass_before_they_arrive_close_at_once_and_halt_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, feed = tmp_path / "tight.card.yaml", tmp_path / "coarse.csv"
    card.write_text(_TIGHT, encoding="utf-8")
    _coarse(feed, 150)
    words = ["live", str(card), "--venue", "local", "--data", str(feed), "--symbol", "BTCUSDT"]
    ran = cli(capsys, [*words, "--out", str(tmp_path), "--json"])
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["refused_by_code"]["price_is_beyond"] > 5
    assert (told["state"], told["why"]) == ("running", "")
    (folder,) = tmp_path.glob("*-local-1")
    desk = lived_again(folder).desk
    assert desk.coverage.open_lots(desk.ledger) == 0
    assert max(desk.coverage.took_ms) < 1_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--synthetic", "--speed", "fast"], "a number above 0, or max"),
        (["--synthetic", "--limit", "max_loss=3"], "expected NAME=VALUE with one of"),
        (["--synthetic", "--limit", "max_open_orders=-3"], "must be zero or more"),
        ([], "--data FILE|STORE"),
    ],
)
def test_what_cannot_start_says_what_to_type(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = cli(capsys, ["live", str(LADDER), "--venue", "local", *words, "--out", str(tmp_path)])
    assert ran.code in (1, 2)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_a_venue_that_misbehaves_loses_nothing(tmp_path: Path) -> None:
    from tools.live.plan import parse_faults

    words = ("kind=drop_answer,on=order/create,p=0.3", "kind=duplicate,on=execution,p=0.5")
    run, _folder = lived(LADDER, tmp_path, seed=11, faults=parse_faults(words))
    state = run.venue.state
    assert state.faults.log
    assert all(run.session.backend.sync.has_booked(e.id) for e in state.executions)
    links = [order.link for order in state.orders.values() if order.link]
    assert len(links) == len(set(links))


def test_a_dry_start_reports_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "live",
        str(LADDER),
        "--venue",
        "local",
        "--synthetic",
        "--out",
        str(tmp_path),
        "--dry",
    ]
    ran = cli(capsys, words)
    assert ran.code == 0
    assert "may start" in ran.out
    assert "✓ lint" in ran.out
    assert not list(tmp_path.iterdir())
    assert cli(capsys, [*words, "--fault", "kind=nonsense"]).code == 2
