"""What refused turns were to close is owed each under its own name, and each lot once."""

from __future__ import annotations

from pathlib import Path

from runtime.backends.bybit.pace import Pace
from tests.runtime.live.bench import D, Live, ended
from tests.runtime.live.test_turns_in_doubt import FLIPS, HELD, TURNS
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

FOLLOW = "[{ action: adjust_size, metadata: { size: 0.05 base, side: short, stop_loss: 55000 } }]"
EXIT = at_bar(4, emit("exit_long", size="0.07 base"))
SECOND = emit("entry_short", size="0.02 base", stop_loss=55000.0, order_ref="second")
LOST = Switch(on="order/create", link="*-o3*", kind=Fault.DROP_REQUEST)


def before(tmp_path: Path, card: str, follow: str | None) -> Live:
    """A session of 100 lots whose exit of 70 is lost; what a resting entry of 20 brings is to follow its fill."""
    more = {} if follow is None else {"on_fill": follow}
    rests = at_bar(2, emit("place_limit_long", size="0.02 base", price=49_900.0, **more))
    live = Live(tmp_path, HELD + rests + card, pace=Pace(), more=FLIPS)
    live.bar(bars=4)
    live.run(50_000)
    live.venue.faults.add(LOST)
    live.run(100_000)  # the close of the exit, that of the turn, and 30 s
    assert live.held == live.venue_held == 100
    live.venue.trade(D("49890"))
    live.run(1_000)
    assert live.held == live.venue_held == 120
    return live


def test_turns_handed_over_between_two_closes_have_names_of_their_own(tmp_path: Path) -> None:
    """A rule does not ask again, and what follows a fill waits in vain: 30 and 20 lots beside an exit of 70."""
    live = before(tmp_path, EXIT + at_bar(5, TURNS["entry"]), FOLLOW)
    live.run(50_000)
    names = [x for x in live.ledger.orders if x.startswith("t")]
    assert len(names) == len(set(names)) == 2
    assert [live.ledger.orders[x].filled for x in names] == [30, 20]
    assert live.held == live.venue_held == 70
    live.venue.faults.clear()
    live.wait(120_000)
    assert live.held == live.venue_held == 0
    ended(live)


def test_turns_of_one_close_were_to_close_the_same_lots(tmp_path: Path) -> None:
    """What was bought since is of neither: of 120 lots an exit closes 70, and the two turns 30."""
    live = before(tmp_path, EXIT + at_bar(5, TURNS["entry"], SECOND), None)
    live.run(50_000)
    assert live.held == live.venue_held == 90
    live.venue.faults.clear()
    live.wait(120_000)
    assert live.held == live.venue_held == 20
    ended(live)
