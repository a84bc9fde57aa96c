"""Funding at the close at which a position leaves, told when another trade is open or none is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.runtime.live.bench import MINUTE, Live
from tests.strategies.runs import at_bar, emit
from tools.fakebybit.faults import Fault, Switch

CARD = (
    at_bar(1, emit("entry_long", size="0.1 base", stop_loss=49000.0))
    + at_bar(3, emit("exit_long"))
    + at_bar(5, emit("entry_long", size="0.02 base", stop_loss=49000.0))
)
LATE = {
    "in time": None,
    "its frame is lost": Switch(kind=Fault.DROP, on="execution", times=1),
    "its frame is late": Switch(kind=Fault.LATE, on="execution", times=1, value=5_000),
}


def lived(folder: Path, how: str) -> list[float]:
    """Return what the card reads of its first trade, a bar after it, and of its second one."""
    live = Live(folder, CARD, funding_rate=Decimal("0.0005"))
    live.bar(bars=2)
    live.bar("50070")
    live.trade("50075")
    live.wait(MINUTE - live.venue.now % MINUTE - 200)
    switch = LATE[how]
    if switch is not None:
        live.venue.faults.add(switch)
    live.act_on_venue("funding")
    live.run(4_200)
    assert live.held == live.venue_held == 0
    live.wait(40_000)
    first = live.ledger.results
    live.bar(bars=2)
    assert live.held == 20
    second = live.ledger.results
    assert live.ledger.account.funding == pytest.approx(2.50375)
    live.laws()
    live.replayed()
    return [first.last_pnl, first.wins, first.losses, first.lost, first.net, second.net]


@pytest.mark.parametrize("how", [how for how in LATE if LATE[how]])
def test_funding_is_charged_to_the_trade_that_was_open_at_its_time(
    tmp_path: Path, how: str
) -> None:
    """The trade was won by 1.98 before the 2.50 of funding came: it is lost, whenever that is told."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    right = lived(tmp_path / "a", "in time")
    assert right[1:4] == [0, 1, 1]
    assert lived(tmp_path / "b", how) == pytest.approx(right)
