"""What an order asks for when it has filled, where the bars since then come late."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.live.journal import Journal
from runtime.live.replay import replay
from runtime.live.snapshot import opened, picture, restore
from runtime.orders.order_spec import Role
from tests.runtime.live.bench import MINUTE, D, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

OUT = "[{ action: place_limit_exit_long, metadata: { price: 50400, size: fill, order_ref: out } }]"
MARKET = at_bar(
    1, emit("entry_long", size="0.1 base", order_ref="in", stop_loss=45000.0, on_fill=OUT)
)
LIMIT = at_bar(
    1, emit("place_limit_long", size="0.1 base", price=49900.0, order_ref="in", stop_loss=45000.0, on_fill=OUT)
)  # fmt: skip
LADDER = (
    "[{ action: place_limit_long, metadata: { price: 49500, size: 0.02 base, order_ref: safety, on_flat: cancel, "
    "ladder: { orders: 3, step: 100 } } }]"
)
STOP = "[{ action: adjust_stop, metadata: { price: 49800 } }]"


def asked_once(live: Live) -> None:
    live.run(10_000)
    live.bar("50010", 3)
    out = [o for o in live.ledger.orders.values() if o.spec.order_ref == "out"]
    assert [(order.remaining, order.is_accepted) for order in out] == [(100, True)]
    live.laws()
    live.replayed()


@pytest.mark.parametrize("away", [1, 2, 5])
def test_an_on_fill_heard_before_the_process_was_away_is_decided_at_the_newest_close(
    tmp_path: Path, away: int
) -> None:
    live = Live(tmp_path, MARKET)
    live.bar(bars=2)
    live.run(5_000)
    assert live.held == 100
    live.kill()
    live.venue.trade(D("50010"))
    live.venue.advance(live.venue.now + MINUTE * away + 3_000)
    live._boot()
    asked_once(live)


@pytest.mark.parametrize("after", [1, 3])
def test_an_on_fill_heard_while_bars_were_missing_is_decided_at_the_newest_close(
    tmp_path: Path, after: int
) -> None:
    """The private stream tells the fill; bars come minutes later."""
    live = Live(tmp_path, LIMIT)
    live.bar(bars=3)
    live.venue.faults.add(Switch(kind=Fault.DROP, on="kline*"))
    live.venue.faults.add(Switch(kind=Fault.HTTP, on="market/kline", value=502))
    for price in ("49890", *["49950"] * after):
        live.venue.trade(D(price))
        live.run(MINUTE, 1_000)
    assert live.held == 100
    live.venue.faults.clear()
    asked_once(live)


def filled(tmp_path: Path, asked: str) -> Live:
    """A session whose market entry has just filled: the close that it asks at is still to come."""
    entry = emit("entry_long", size="0.1 base", order_ref="in", stop_loss=45_000.0, on_fill=asked)
    live = Live(tmp_path, at_bar(1, entry))
    live.bar(bars=2)
    live.run(3_000)
    assert live.held == 100
    return live


def away_for(live: Live, bars: int) -> None:
    """End the process, and start it when some bars have closed."""
    live.kill()
    live.venue.advance(live.venue.now + MINUTE * bars)
    live._boot()
    live.run(10_000)


def working(live: Live) -> list[tuple[Role, float | None]]:
    """Return role and price of what works, at the venue and here."""
    rows = [
        (o.spec.role, o.limit_price if o.trigger_price is None else o.trigger_price)
        for o in live.ledger.book
    ]
    assert len(rows) == len(live.at_venue())
    return sorted(rows, key=lambda row: row[1])


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (
            LADDER,
            [
                (Role.STOP_LOSS, 45_000.0),
                *((Role.ENTRY, p) for p in (49_300.0, 49_400.0, 49_500.0)),
            ],
        ),
        (STOP, [(Role.STOP_LOSS, 49_800.0)]),
    ],
)
def test_a_ladder_and_a_moved_stop_of_a_fill_are_asked_for_once_after_missed_closes(
    tmp_path: Path, asked: str, wanted: list[tuple[Role, float]]
) -> None:
    live = filled(tmp_path, asked)
    away_for(live, 3)
    assert working(live) == wanted
    live.bar(bars=2)
    assert working(live) == wanted
    assert not live.desk.engine.refusals
    live.laws()
    live.replayed()


def test_what_was_closed_again_before_the_newest_close_is_refused_and_said(tmp_path: Path) -> None:
    live = filled(tmp_path, OUT)
    live.kill()
    live.venue.trade(D("44900"))  # its stop
    live.venue.trade(D("50000"))
    live.venue.advance(live.venue.now + 3 * MINUTE)
    live._boot()
    live.run(10_000)
    assert live.held == 0
    assert [str(r.code) for r in live.desk.engine.refusals] == ["fill_already_closed"]
    live.laws()
    live.replayed()


def test_what_waits_for_a_close_that_decides_is_kept_by_a_snapshot(tmp_path: Path) -> None:
    live = filled(tmp_path, OUT)
    away_for(live, 4)
    live.kill()
    journal = Journal(tmp_path / "session.journal")
    records = list(journal.records())
    journal.close()
    waits = 0
    for cut in [at for at, record in enumerate(records) if record.kind == "item"]:
        whole = live._desk()
        replay(records[:cut], whole)
        if whole.engine._undecided is None:
            continue
        waits += 1
        restored, bars = live._desk(), whole.bars
        for row in range(len(bars)):
            restored.bars.append(
                bars.ts[row], bars.open[row], bars.high[row], bars.low[row], bars.close[row],
                bars.volume[row],
            )  # fmt: skip
        restored.market.advance(len(bars))
        restore(restored, opened(picture(whole)))
        replay(records[cut:], restored)
        assert restored.state_hash() == live.desk.state_hash()
    assert waits >= 3


def test_what_was_due_at_a_close_is_due_once_over_a_restart(tmp_path: Path) -> None:
    """`order_due(out)` is of one close: an entry that hangs on it is placed once."""
    extra = at_bar(1, emit("entry_long", size="0.02 base", stop_loss=45000.0), block="extra")
    card = LIMIT + extra.replace("bar_index == 1", "order_due(out)")
    live = Live(tmp_path, card, snapshot_every=2)
    live.bar(bars=2)
    live.trade("49850", 2_000)
    live.bar("49950")
    assert live.ledger.due == {"out"}
    live.restart()
    live.bar("49950", 4)
    assert not live.ledger.due
    assert live.held == live.venue_held == 120
    live.laws()
    live.replayed()
