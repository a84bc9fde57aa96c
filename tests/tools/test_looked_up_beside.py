"""What is looked up beside the words of the language: chapters, what lint finds, and the words of a result."""

from __future__ import annotations

import json
import math
import re
from calendar import monthrange
from datetime import date, timedelta

import pytest

from compiler.findings.codes import CODES
from compiler.findings.recipes import recipe
from compiler.findings.words import _KNOWN
from runtime.records.remarks import Remark
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.metrics import METRICS
from tests.tools.cli import run
from tools.language_words import Chapter, words
from tools.looked_up import looked_up
from tools.reference_text import find, instead

EVERY = words()


@pytest.mark.parametrize("chapter", [one for one in Chapter if any(w.chapter is one for w in EVERY)])  # fmt: skip
def test_the_head_of_a_chapter_shows_its_words(
    chapter: Chapter, capsys: pytest.CaptureFixture[str]
) -> None:
    shown, found = looked_up(str(chapter), EVERY)
    assert found == [word for word in EVERY if word.chapter is chapter]
    assert all(word.name in shown for word in found)
    told = run(capsys, ["reference", str(chapter)])
    assert told.code == 0


@pytest.mark.parametrize("head", ["settings", "promises", "promise", "refusals", "prices of actions", "prices", "builtins"])  # fmt: skip
def test_a_head_may_be_asked_for_by_its_first_word(
    head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, ["reference", *head.split()])
    assert told.code == 0
    assert "One of them: ideacard reference WORD" in told.out
    listed = json.loads(run(capsys, ["reference", *head.split(), "--json"]).out)
    assert len(listed) > 3


def test_every_code_and_name_of_a_finding_leads_to_its_page(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for code in CODES:
        for asked in (code.code, code.code.lower(), code.name):
            _, (one,) = looked_up(asked, EVERY)
            assert (one.name, one.text) == (code.code, code.summary)
    told = run(capsys, ["reference", "IC308"])
    assert (told.code, "ideacard rule IC308" in told.out) == (0, True)


def test_every_figure_and_remark_of_a_result_is_told() -> None:
    for name in (*(m.name for m in (*METRICS, *LIMIT_METRICS)), *(str(r.value) for r in Remark)):
        _, (one,) = looked_up(name, EVERY)
        assert (one.chapter, one.name) == (Chapter.RESULT, name)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("mae_pct", "in trades.parquet"),
        ("mfe_pct", "in trades.parquet"),
        ("ambiguous bars", "taken the other way"),
        ("ambiguous", "taken the other way"),
        ("netted", "met a position of the other side"),
        ("adverse", "stood against it"),
        ("adverse after 5 bars", "stood against it"),
        ("maker share", "filled as maker"),
        ("took at once", "filled as taker"),
        ("cooldown_after_loss", "last_trade_pnl >= 0"),
        ("realised volatility", "stdev(log(close / close[1]), 20)"),
        ("safety", "`ladder`"),
        ("safety order", "`ladder`"),
        ("last size", "win_streak"),
        ("prev_low_level", "swing.low_level, 1)"),
        *((asked, "trades at the next bar's open") for asked in ("moc", "moo", "market on close", "market on open", "next open", "buy at open")),
        *((asked, "finer `tf`, with `close@1d`") for asked in ("process_orders_on_close", "trade_on_close", "at the close", "daily_close")),
        *((asked, "`days_left_in_month == 3` is the fourth from the end") for asked in ("trading days", "business_days", "last trading day", "turn of the month")),
        ("half out", "50% of position"),
        ("leg", "begins at `swing.low_level`"),
        ("swing_start", "value_when(broke, swing.low_level)"),
        ("gap_fade", "session_open(D) >= close@1d + 1%"),
        ("stretch", "min(open - low, high - open)"),
        ("crabel", "min(open - low, high - open)"),
        ("flat_at", "ny.over and position_side != flat"),
        ("weekdays", "it is `days` of `sessions`"),
        ("days", "`days` is a word of `sessions`"),
        ("length", "is a word of `features`. parameters stand under `params`"),
    ],
)  # fmt: skip
def test_a_word_that_a_run_or_another_tool_shows_is_answered(
    asked: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, ["reference", *asked.split()])
    assert told.code == 0
    assert said in " ".join(told.out.split())


def test_what_another_word_is_here_is_answered_too() -> None:
    """`weekdays` is `days`, and `days` is shown: no look-up sends to one that sends nowhere."""
    for theirs in _KNOWN.values():
        for name, ours in theirs.items():
            for asked in filter(None, (name, ours.word)):
                answer = None if find(asked, EVERY) else instead(asked, EVERY)
                assert find(asked, EVERY) or (
                    answer is not None and (answer.words or not ours.word)
                ), asked


def test_what_is_left_of_a_month_without_its_weekends_is_counted() -> None:
    """Every day of eight years: the row for trading days says how many from Monday to Friday come after it."""
    way = recipe("last trading day")
    assert way is not None
    formula = re.search("left: '([^']+)'", way.example)
    assert formula is not None
    day = date(2020, 1, 1)
    while day.year < 2028:
        rest = [
            day + timedelta(n) for n in range(1, monthrange(day.year, day.month)[1] - day.day + 1)
        ]
        if day.weekday() < 5:
            names = {
                "days_left_in_month": len(rest),
                "weekday_utc": day.weekday(),
                "floor": math.floor,
            }
            assert eval(formula[1], {}, names) == sum(d.weekday() < 5 for d in rest), day
        day += timedelta(1)


def test_what_nobody_says_is_still_unknown() -> None:
    assert looked_up("qwertzu", EVERY) == ("", [])
    assert looked_up("", EVERY) == ("", [])
    assert looked_up("trades", EVERY) == ("", [])  # words of the language speak of it
    assert looked_up("pct", EVERY) == ("", [])  # of too many to tell which
