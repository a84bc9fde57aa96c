"""A value of another shape is told with the text to write, and what it declares is known to the rules all the same."""

from __future__ import annotations

import pytest

from compiler.catalog.zones import zone_called, zone_offsets
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source
from compiler.pipeline import check
from tools.fixes import fix_until_stable

_HEAD = "name: x\nsymbol: BTCUSDT\ntf: 15m\n"
_ENTER = "blocks:\n  - id: a\n    cases:\n      - when: position_side == flat and WHEN\n        emit: [EMIT]\n"
_LONG = "{ action: entry_long, metadata: { size: 5% of equity, stop_loss: close - 2% } }"


def told(section: str, when: str = "close > open", emit: str = _LONG) -> list[Diagnostic]:
    text = f"{_HEAD}{section}\n{_ENTER.replace('WHEN', when).replace('EMIT', emit)}"
    return [one for one in check(Source("card.yaml", text)).diagnostics if one.is_error]


@pytest.mark.parametrize(
    ("section", "help"),
    [
        ("account: { fee_model: 0.1% }", "write `{ taker_bps: 10, maker_bps: 10 }`"),
        ("account: { fee_model: 0.0006 }", "write `{ taker_bps: 6, maker_bps: 6 }`"),
        ("account: { fee_model: 5.5 }", "write `{ taker_bps: 5.5, maker_bps: 5.5 }`"),
        ("execution: { impact: 3 }", "write `{ model: sqrt, coefficient: 3 }`"),
        ("risk_model: { take_profit: 4 }", "write `{ type: percent, value: 4 }`"),
        ("risk_model: { take_profit: 3R, stop_loss: { type: percent, value: 2 } }", "write `{ type: rr_ratio, value: 3 }`"),
        ("risk_model: { stop_loss: 2 }", "write `{ type: percent, value: 2 }`"),
        ("risk_model: { stop_loss: 0.02 }", "write `{ type: percent, value: 2 }`"),
        ("risk_model: { stop_loss: 2.5% }", "write `{ type: percent, value: 2.5 }`"),
        ("limits: { cooldown_after_loss_bars: 10 }", "`last_trade_pnl >= 0 or bars_since_exit > 10`"),
    ],
)  # fmt: skip
def test_a_lone_value_is_told_with_the_keys_it_means(section: str, help: str) -> None:
    (one,) = told(section)
    assert help in (one.help or "")
    assert one.fix is not None
    assert not one.fix.safe
    text = f"{_HEAD}{section}\n{_ENTER.replace('WHEN', 'close > open').replace('EMIT', _LONG)}"
    source = Source("card.yaml", text)
    fixed, left, _ = fix_until_stable(
        source, check(source).diagnostics, lambda s: check(s).diagnostics, unsafe=True
    )
    assert [d for d in left if d.is_error] == [], fixed.text


@pytest.mark.parametrize(
    "section",
    [
        "account: { fee_model: cheap }",
        "risk_model: { stop_loss: wide }",
        "risk_model: { stop_loss: 3R }",
    ],
)
def test_a_value_of_which_nobody_can_tell_is_given_no_text(section: str) -> None:
    (one,) = told(section)
    assert (one.code, one.fix) == ("IC110", None)


def test_structures_in_a_list_are_those_of_the_cards_own_bars() -> None:
    item = "{ type: swing, key: sw, params: { left: 5, right: 5 } }"
    (one,) = told(f"structures: [{item}]", "close > sw.high_level")
    assert one.help == (
        "write `structures: {exec: [{type: swing, key: sw, params: {left: 5, right: 5}}]}`"
    )
    unknown = told(f"structures: [{item}]", "close > sw.peak")
    assert [d.code for d in unknown] == ["IC110", "IC201"]


@pytest.mark.parametrize(
    ("session", "help"),
    [
        ("{ tz: London, hours: 07:00-16:00 }", "did you mean `Europe/London`?"),
        ("{ tz: new york, hours: 07:00-16:00 }", "did you mean `America/New_York`?"),
        ("{ tz: ET, hours: 07:00-16:00 }", "did you mean `America/New_York`?"),
        ("{ tz: Europe/Londn, hours: 07:00-16:00 }", "did you mean `Europe/London`?"),
        ("{ hours: 0-7 }", "write `00:00-07:00`"),
        ("{ hours: 9:30 to 16 }", "write `09:30-16:00`"),
        ("{ hours: 7-7 }", "write `09:30-16:00`"),
        ("{ hours: 07:00-16:00, days: workdays }", "write `mon-fri`"),
    ],
)
def test_a_session_with_a_fault_is_told_once_and_known_to_the_rules(
    session: str, help: str
) -> None:
    (one,) = told(f"sessions: {{ asia: {session} }}", "asia.active and close > asia.high")
    assert help in (one.help or "")
    unknown = told(f"sessions: {{ asia: {session} }}", "asia.peak")
    assert [d.code for d in unknown] == [one.code, "IC201"]


def test_a_session_without_hours_or_keys_is_known_to_the_rules_too() -> None:
    assert [d.code for d in told("sessions: { ny: { days: mon-fri } }", "ny.active")] == ["IC109"]
    assert [d.code for d in told("sessions: { ny: 09:30-16:00 }", "ny.active")] == ["IC110"]
    assert [d.code for d in told("sessions: { ny: }", "ny.active")] == ["IC110"]


def test_every_zone_people_mean_is_one() -> None:
    for word in ("london", "Tokyo", "new york", "NYSE", "PT", "bst", "Frankfurt", "hkt", "Sydney"):
        zone = zone_called(word)
        assert zone is not None, word
        assert zone_offsets(zone) is not None
    assert zone_called("nowhere") is None


@pytest.mark.parametrize(
    ("size", "help"),
    [
        ("1/3 of position", "33.3333%"),
        ("0.5 of position", "50%"),
        ("1/2 of position", "50%"),
        ("25 of position", "25%"),
    ],
)
def test_a_part_that_is_no_percentage_is_told_as_one(size: str, help: str) -> None:
    emit = f"{{ action: exit_long, metadata: {{ size: {size} }} }}"
    (one,) = told("", "close > open", emit)
    assert (one.code, one.help) == ("IC111", f"write `{help} of`")
    assert one.fix is not None
    assert one.fix.edits[0].text == help


def test_a_part_of_another_value_is_told_so_too() -> None:
    (one,) = told("variables: { third: close - 1/3 of (high - low) }", "close > third")
    assert one.help == "write `33.3333% of`"
    assert told("variables: { third: close - 33% of (high - low) }", "close > third") == []


def test_a_field_of_a_variable_that_calls_an_indicator_is_told_with_the_call() -> None:
    (one,) = told("variables: { dc: 'donchian(20)' }", "close > dc.lower")
    assert "write `donchian(20).lower` where it is read" in (one.help or "")
    (one,) = told("variables: { dc: close - open }", "close > dc.lower")
    assert one.help is None


@pytest.mark.parametrize(
    ("key", "help"),
    [
        ("grid: { orders: 5, step: 1% }", "`ladder: { orders: 5, step: 1% }`"),
        ("time_stop: 40", "`when: bars_since_entry >= 40`"),
    ],
)
def test_a_key_of_other_tools_leads_to_ours(key: str, help: str) -> None:
    price = "price: close - 1%, order_ref: a, ttl_bars: 5, stop_loss: close * 0.5"
    emit = f"{{ action: place_limit_long, metadata: {{ size: 5% of equity, {price}, {key} }} }}"
    (one,) = told("", "close > open", emit)
    assert (one.code, help in (one.help or "")) == ("IC107", True)


@pytest.mark.parametrize(
    ("day", "ours"), [("monday", "mon"), ("Thursday", "thu"), ("friday", "fri")]
)
def test_a_weekday_by_its_whole_name_is_told_as_ours(day: str, ours: str) -> None:
    (one,) = told("", f"weekday_utc == {day}")
    assert one.help == f"did you mean `{ours}`?"
    assert one.fix is not None
    assert one.fix.safe
    assert told("", f"weekday_utc == {ours}") == []


def test_a_target_size_of_nothing_leads_to_the_exit() -> None:
    emit = "{ action: adjust_size, metadata: { size: 0 usdt } }"
    (one,) = told("", "close > open", emit)
    assert one.help == "a position is left by an exit: emit `exit_all`"
