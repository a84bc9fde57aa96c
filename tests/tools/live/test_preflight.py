"""Pre-flight over sockets: what refuses a start, with what to do about it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from tests.tools.cli import run as cli
from tests.tools.live.over_sockets import CARD, door, plan, served, source
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.settings import Environment
from tools.live.checks import Grade, Report, report_text
from tools.live.folders import JOURNAL
from tools.live.plan import Place, Plan
from tools.live.preflight import card_checks
from tools.live.start import wire_ready

pytestmark = pytest.mark.usefixtures("own_state")


SMALL = source(range(2))


def small_plan(tmp_path: Path) -> Plan:
    """A card that is compiled in a moment."""
    return replace(plan(tmp_path, Place.TESTNET, prepares=True), source=SMALL)


def grade(report: Report, name: str) -> Grade:
    return next(check.grade for check in report.checks if check.name == name)


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (("manual", {"amount": "0.01"}), "position"),
        (("key_expired", {}), "account"),
        (("maintenance", {}), "venue"),
        (
            ("foreign_order", {"amount": "0.02", "price": "48000", "link": "ic7-abcdef-o1"}),
            "sessions",
        ),
    ],
)
def test_preflight_refuses(act: tuple[str, dict[str, str]], name: str, tmp_path: Path) -> None:
    from tools.fakebybit.control import perform

    with served(speed=1) as one:
        one.do(lambda v: (perform(v, act[0], act[1]), v.advance(v.now + 100)))
        ready = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), door(one, Place.TESTNET))
    assert grade(ready.report, name) is Grade.FAIL
    assert not ready.report.may_start


def test_preflight_refuses_what_is_not_prepared_and_says_what_to_do(tmp_path: Path) -> None:
    with served(speed=1) as one:
        where = door(one, Place.TESTNET)
        one.do(lambda v: setattr(v.state.flags, "margin_mode", "REGULAR_MARGIN"))
        report = wire_ready(plan(tmp_path, Place.TESTNET), where).report
        assert not report.may_start
        assert grade(report, "margin") is Grade.FAIL
        assert grade(report, "leverage") is Grade.FAIL
        fixes = [check.fix for check in report.checks if check.grade is Grade.FAIL]
        assert all(fixes)
        report = wire_ready(plan(tmp_path, Place.TESTNET, prepares=True), where).report
        assert report.may_start
    assert not (tmp_path / "live-testnet").exists()


@pytest.mark.parametrize(
    "read", ["funding_rate", "sma(funding_rate, 3)", "sma(100 * mark_price, 3)"]
)
def test_preflight_refuses_a_card_that_reads_what_a_session_does_not_know(
    read: str, tmp_path: Path
) -> None:
    text = f"name: x\nsymbol: BTCUSDT\ntf: 1h\nblocks: [{{id: a, cases: [{{when: '{read} > 1', emit: [exit_all]}}]}}]\n"
    asked = replace(small_plan(tmp_path), source=Source("x", text))
    found = {check.name: check for check in card_checks(asked, compile_card(asked.source))}
    assert found["what it reads"].grade is Grade.FAIL
    assert found["what it reads"].found in ("funding_rate", "mark_price")


UNANSWERED = {
    "position/list": {"mode", "leverage", "position"},
    "market/instruments-info": {"instrument"},
    "order/realtime": {"orders"},
    "account/info": {"account"},
}


def test_a_line_that_nobody_answered_is_no_pass(tmp_path: Path) -> None:
    asked, found = small_plan(tmp_path), {}
    with served(speed=1) as one:
        for path in UNANSWERED:
            switch = Switch(kind=Fault.CODE, on=path, value=10016)
            one.do(lambda v, switch=switch: (v.faults.clear(), v.faults.add(switch)))
            report = wire_ready(asked, door(one, Place.TESTNET)).report
            failed = [check for check in report.checks if check.grade is Grade.FAIL]
            assert all((check.found, bool(check.fix)) == ("no answer", True) for check in failed)
            found[path] = {check.name for check in failed}
    assert found == UNANSWERED


def test_what_the_venue_refused_to_prepare_is_said_at_its_line(tmp_path: Path) -> None:
    with served(speed=1) as one:
        refuses = Switch(
            kind=Fault.CODE, on="position/set-leverage", value=110013, text="gt maxLeverage"
        )
        one.do(lambda v: v.faults.add(refuses))
        report = wire_ready(small_plan(tmp_path), door(one, Place.TESTNET)).report
    (line,) = [check for check in report.checks if check.grade is Grade.FAIL]
    assert line.name == "leverage"
    assert "--prepare asked for it" in line.fix
    assert "gt maxLeverage" in line.fix


def test_a_contract_that_opens_nothing_is_none_to_begin_with(tmp_path: Path) -> None:
    from tools.fakebybit.control import perform

    asked = small_plan(tmp_path)
    with served(speed=1) as one:
        one.do(lambda v: perform(v, "delist", {"value": "1700000100000"}))
        report = wire_ready(asked, door(one, Place.TESTNET)).report
        assert grade(report, "contract") is Grade.FAIL
        (tmp_path / "live-testnet").mkdir()
        (
            tmp_path / "live-testnet" / JOURNAL
        ).touch()  # a session that goes on looks after what it holds
        assert wire_ready(asked, door(one, Place.TESTNET)).report.may_start


def test_preflight_says_what_demo_lacks(tmp_path: Path) -> None:
    with served(speed=1, environment=Environment.DEMO) as one:
        ready = wire_ready(plan(tmp_path, Place.DEMO, prepares=True), door(one, Place.DEMO))
    assert ready.report.may_start, report_text(ready.report)
    assert grade(ready.report, "key") is Grade.NOT_HERE
    assert grade(ready.report, "fees") is Grade.NOT_HERE


def test_real_money_refuses_on_a_warning_and_without_limits(tmp_path: Path) -> None:
    with served(speed=1) as one:
        asked = plan(tmp_path, Place.MAINNET, prepares=True, has_checked=True)
        report = wire_ready(asked, door(one, Place.MAINNET)).report
        assert not report.may_start
        assert grade(report, "limits") is Grade.FAIL


def test_a_wrong_clock_and_a_silent_venue_fail(tmp_path: Path) -> None:
    with served(speed=1) as one:
        where = door(one, Place.PAPER)
        one.do(lambda v: setattr(v.state.flags, "skew_ms", 5_000))
        assert grade(wire_ready(plan(tmp_path, Place.PAPER), where).report, "clock") is Grade.FAIL
        nobody = replace(where, http="http://127.0.0.1:9")
    report = wire_ready(plan(tmp_path, Place.PAPER), nobody).report
    assert grade(report, "venue") is Grade.FAIL
    assert not report.may_start


def test_the_command_prints_the_report_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "live.card.yaml"
    card.write_text(CARD.text)
    monkeypatch.setenv("BYBIT_API_KEY", "key")
    monkeypatch.setenv("BYBIT_API_SECRET", "secret")
    with served(speed=1) as one:
        words = ["live", str(card), "--venue", "testnet", "--url", one.http, "--out", str(tmp_path)]
        ran = cli(capsys, [*words, "--dry"])
        assert ran.code == 1
        assert "✗ leverage" in ran.out
        assert "--prepare" in ran.out
        ran = cli(capsys, [*words, "--dry", "--json"])
        rows = json.loads(ran.out)
        assert not rows["may_start"]
        assert {"name", "grade", "found", "fix"} == set(rows["checks"][0])


def test_without_keys_the_command_says_where_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "live.card.yaml"
    card.write_text(SMALL.text)
    words = ["live", str(card), "--venue", "demo", "--out", str(tmp_path / "x")]
    ran = cli(capsys, [*words, "--url", "http://127.0.0.1:9"])
    assert ran.code == 1
    assert "✗ keys" in ran.out
    assert "BYBIT_DEMO_API_KEY" in ran.out
    assert "✓ disk" in ran.out  # what needs no keys was looked at all the same
    assert not (tmp_path / "x").exists()
    ran = cli(capsys, ["live", str(card), "--venue", "mainnet", "--out", str(tmp_path / "x")])
    assert ran.code == 2
    assert "--i-understand-real-money" in ran.err
    ran = cli(capsys, [*words, "--url", "https://api.example.com"])
    assert ran.code == 2
    assert "127.0.0.1" in ran.err
