"""What a start is given holds from then on, whatever its journal began with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runtime.live.guard import SessionLimits
from runtime.live.replay import replay
from tests.tools.live.over_sockets import door, plan, served
from tools.live.facts import fresh_desk
from tools.live.plan import Place
from tools.live.start import wire_ready
from tools.live.wire import WireRun


def test_a_restart_holds_to_the_limits_it_is_given_and_keeps_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    first = SessionLimits(max_notional_usdt=50_000, max_daily_loss_usdt=500, max_drawdown_pct=20)
    with served(speed=1) as one:
        where = door(one, Place.TESTNET)
        wire_ready(plan(tmp_path, Place.TESTNET, prepares=True, limits=first), where).make().close()
        given = SessionLimits(max_notional_usdt=1_000, max_daily_loss_usdt=900)
        run = wire_ready(plan(tmp_path, Place.TESTNET, limits=given), where).make()
        held = run.session.desk.guard.limits
        run.close()
        again = wire_ready(plan(tmp_path, Place.TESTNET), where).make()
        assert again.session.desk.guard.limits == held
        again.close()
    assert held == SessionLimits(
        max_notional_usdt=1_000, max_daily_loss_usdt=900, max_drawdown_pct=20
    )


def test_the_same_command_again_leaves_a_limit_that_a_person_has_tightened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service starts the command again whenever the process dies: nobody meant a looser limit."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    given = SessionLimits(max_notional_usdt=50_000, max_daily_loss_usdt=50)
    with served(speed=1) as one:
        where = door(one, Place.TESTNET)

        def started(limits: SessionLimits, *, prepares: bool = False) -> WireRun:
            asked = plan(tmp_path, Place.TESTNET, limits=limits, prepares=prepares)
            return wire_ready(asked, where).make()

        def said(run: WireRun) -> list[str]:
            return [one.text for one in run.session.notices if one.kind == "limit_kept"]

        def daily(run: WireRun) -> float | None:
            return run.session.desk.guard.limits.max_daily_loss_usdt

        run = started(given, prepares=True)
        run.session.said("limit", "ann", "max_daily_loss_usdt", 30.0)
        run.close()
        for _ in range(2):
            run = started(given)
            assert daily(run) == 30
            (text,) = said(run)
            assert text.startswith("max_daily_loss_usdt stays 30")
            run.close()
        run = started(replace(given, max_daily_loss_usdt=30))
        assert (daily(run), said(run)) == (30, [])
        run.session.said("limit", "ann", "max_daily_loss_usdt", 20.0)
        run.close()
        run = started(replace(given, max_daily_loss_usdt=30))
        assert daily(run) == 20
        run.close()
        run = started(replace(given, max_daily_loss_usdt=60))
        assert (daily(run), said(run)) == (60, [])
        run.session.flush()
        fresh = fresh_desk(run.facts)
        replay(run.journal.records(), fresh)
        assert fresh.state_hash() == run.session.desk.state_hash()
        run.close()
