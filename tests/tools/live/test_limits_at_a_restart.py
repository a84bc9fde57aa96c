"""What a start is given holds from then on, whatever its journal began with."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.live.guard import SessionLimits
from tests.tools.live.over_sockets import door, plan, served
from tools.live.plan import Place
from tools.live.start import wire_ready


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
