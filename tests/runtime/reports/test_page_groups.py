"""Closed trades by what they share: each trade once in every table, the sums those of the metrics."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from runtime.records.rows import RunRecord
from runtime.reports.page_groups import closed_trades, excursions, groups
from tests.runtime.reports.made_up_run import made_up_run

_ROW = re.compile(
    r'<tr><th scope="row">([^<]*)</th><td class="num">([^<]*)</td><td class="num">([^<]*)</td>'
    r'<td class="num[^"]*">([^<]*)</td>'
)


def tables(record: RunRecord) -> dict[str, list[tuple[str, int, float]]]:
    """Return (name, trades, net) of each row by the caption of its table."""
    found = {}
    for part in groups(record).split("<table><caption>")[1:]:
        rows = [
            (name, int(count), float(net.replace(",", "").replace("\u2212", "-")))
            for name, count, _, net in _ROW.findall(part)
        ]
        found[part.partition("<")[0]] = rows
    return found


def test_every_table_holds_every_closed_trade_once() -> None:
    record = made_up_run().record
    closed = closed_trades(record)
    found = tables(record)
    assert len(found) == 4
    for title, rows in found.items():
        assert sum(count for _, count, _ in rows) == len(closed), title
        net = math.fsum(net for _, _, net in rows)
        assert abs(net - math.fsum(t.net_pnl for t in closed)) < 0.01 * len(rows), title


def test_a_trade_that_is_open_or_closed_by_the_end_is_in_no_group() -> None:
    record = made_up_run().record
    before = len(closed_trades(record))
    record.trades[0] = replace(record.trades[0], at_end=True)
    record.trades[1] = replace(record.trades[1], is_open=True)
    assert len(closed_trades(record)) == before - 2
    assert sum(count for _, count, _ in tables(record)["Exit reason"]) == before - 2


def test_hours_and_weekdays_stand_in_their_order_and_are_those_of_the_entry() -> None:
    """2024-01-07 is a Sunday, 2024-01-08 a Monday; both entries are at 23:15."""
    record = made_up_run().record
    sunday = 1_704_669_300_000
    record.trades = [
        replace(record.trades[0], is_open=False, at_end=False, entry_ts=sunday + days * 86_400_000)
        for days in (0, 1)
    ]
    found = tables(record)
    assert [name for name, _, _ in found["Weekday of the entry (UTC)"]] == ["Monday", "Sunday"]
    assert [row[:2] for row in found["Hour of the entry (UTC)"]] == [("23:00", 2)]


def test_texts_of_a_card_stay_texts() -> None:
    record = made_up_run().record
    record.trades = [replace(record.trades[0], exit_reason="<img src=x>", is_open=False)]
    assert "<img" not in groups(record)
    assert "&lt;img src=x&gt;" in groups(record)


def test_each_closed_trade_is_a_dot_where_its_excursions_are() -> None:
    record = made_up_run().record
    record.trades = [
        replace(record.trades[0], is_open=False, at_end=False, mae_pct=mae, mfe_pct=mfe)
        for mae, mfe in ((0.0, 4.0), (-2.0, 0.0))
    ]
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', excursions(record))
    assert dots == [("16.0", "30.0"), ("404.0", "314.0")]


def test_without_closed_trades_nothing_is_drawn() -> None:
    record = made_up_run().record
    record.trades = []
    assert "No closed trades" in groups(record)
    assert excursions(record) == ""
