"""A start that pre-flight refuses, or cannot look at, while an entry has filled that nobody was there to hear of."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from compiler.findings.diagnostics import CompileFailed
from compiler.findings.source import Source
from runtime.errors import DataError
from tests.strategies.runs import at_bar, card_text, emit
from tests.tools.live.over_sockets import D, door, served
from tools.cards import Overrides
from tools.fakebybit.server import Served
from tools.live import start
from tools.live.checks import Grade
from tools.live.plan import Place, Plan
from tools.live.start import wire_ready

pytestmark = pytest.mark.usefixtures("own_state")
RESTS = emit("place_limit_long", size="0.01 base", price="close - 200", stop_loss="close - 900")


def plan(
    out: Path, *, prepares: bool = False, edit: tuple[str, str] = ("", ""), sets: Overrides = ()
) -> Plan:
    rules = "".join(at_bar(bar, RESTS) for bar in range(310))
    text = card_text(rules, account="starting_equity_usdt: 10000").replace("TESTUSDT", "BTCUSDT")
    source = Source("live.card.yaml", text.replace(*edit) if edit[0] else text)
    return Plan(source=source, venue=Place.TESTNET, out=out, prepares=prepares, overrides=sets)


def stops(one: Served) -> list[float]:
    rows = one.do(lambda v: list(v.state.open_orders("BTCUSDT")))
    return [float(row.trigger) for row in rows if row.trigger]


def _resting(one: Served) -> list[Decimal]:
    rows = one.do(lambda v: list(v.state.open_orders("BTCUSDT")))
    return [row.price for row in rows if not row.reduce_only]


def rests_alone(one: Served, out: Path) -> None:
    """Have an entry rest and the process end as by a kill."""
    run = wire_ready(plan(out, prepares=True), door(one, Place.TESTNET), starts=True).make()
    end = time.monotonic() + 30

    def look(_now: bool) -> None:
        if _resting(one) or time.monotonic() > end:
            run.loop.stop()  # nobody has said `stop`

    run.run(lambda: False, look)
    run.close()


def fills_alone(one: Served, out: Path) -> None:
    """Have an entry rest, the process end as by a kill, and the entry fill afterwards."""
    rests_alone(one, out)
    below = max(_resting(one)) - D(1)
    one.do(lambda v: v.trade(below))
    end = time.monotonic() + 10
    while not one.do(lambda v: v.state.positions["BTCUSDT"].size) and time.monotonic() < end:
        time.sleep(0.05)
    assert one.do(lambda v: v.state.positions["BTCUSDT"].size)
    assert not stops(one)


def test_a_start_that_is_refused_protects_what_is_held_first_and_says_what_stands(
    tmp_path: Path,
) -> None:
    with served(speed=30) as one:
        fills_alone(one, tmp_path)
        one.do(lambda v: setattr(v.state.positions["BTCUSDT"], "leverage", D(2)))
        ready = wire_ready(plan(tmp_path), door(one, Place.TESTNET), starts=True)
        assert not ready.report.may_start
        told = ready.stand_down()
        assert one.do(lambda v: v.state.positions["BTCUSDT"].size)
        rows = one.do(lambda v: [row.reduce_only for row in v.state.open_orders("BTCUSDT")])
        assert len(stops(one)) == 1
        assert all(rows)  # no entry is left to fill where nobody is
        assert (told.checks[-1].grade, told.may_start) == (Grade.PASS, False)
        assert "are held, with the stops" in told.checks[-1].found


def test_a_fill_that_nobody_heard_of_has_its_stop_before_pre_flight_looks(tmp_path: Path) -> None:
    look, seen = start._look, list[list[float]]()

    def looks(*given: Any) -> Any:
        end = time.monotonic() + 5
        while not stops(one) and time.monotonic() < end:
            time.sleep(0.05)
        seen.append(stops(one))
        return look(*given)

    with served(speed=30) as one:
        fills_alone(one, tmp_path)
        with patch.object(start, "_look", looks):
            ready = wire_ready(plan(tmp_path), door(one, Place.TESTNET), starts=True)
        assert len(seen[0]) == 1
        ready.make().close()


OTHER: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"edit": ("close - 900", "close - 800")}, DataError),
    ({"edit": ("place_limit_long", "place_limt_long")}, CompileFailed),
    ({"sets": (("account.max_leverage", "3"),)}, DataError),
]


@pytest.mark.parametrize(("other", "refusal"), OTHER, ids=["edited", "mistyped", "set"])
def test_a_start_with_another_card_protects_what_is_held_by_its_own_card_and_says_what_stands(
    other: dict[str, Any], refusal: type[Exception], tmp_path: Path
) -> None:
    with served(speed=30) as one:
        fills_alone(one, tmp_path)
        with pytest.raises(refusal) as refused:
            wire_ready(plan(tmp_path, **other), door(one, Place.TESTNET), starts=True)
        assert len(stops(one)) == 1
        assert not _resting(one)
        assert "are held, with the stops" in refused.value.__notes__[0]
        again = wire_ready(plan(tmp_path), door(one, Place.TESTNET), starts=True)
        again.make().close()  # its own card goes on


def test_a_journal_of_another_venue_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with served(speed=30) as one:
        begun = replace(plan(tmp_path, prepares=True), name="mine")
        wire_ready(begun, door(one, Place.TESTNET)).make().close()
        other = replace(begun, venue=Place.DEMO)
        with pytest.raises(DataError, match="another venue"):
            wire_ready(other, door(one, Place.TESTNET), starts=True)


def test_a_start_that_cannot_look_leaves_no_entry_to_fill_where_nobody_is(tmp_path: Path) -> None:
    with served(speed=30) as one:
        rests_alone(one, tmp_path)
        with (
            patch.object(start, "merged", side_effect=DataError("no facts")),
            pytest.raises(DataError),
        ):
            wire_ready(plan(tmp_path), door(one, Place.TESTNET), starts=True)
        assert not _resting(one)
        assert len(stops(one)) == bool(one.do(lambda v: v.state.positions["BTCUSDT"].size))
