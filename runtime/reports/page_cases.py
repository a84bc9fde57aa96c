"""The card's cases on the page: how often each condition was true, each case fired, and what came of it.

INVARIANT: needs no script; every text that is not ours passes `html.escape`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from runtime.records.rows import CaseRow, RunRecord
from runtime.reports.conditions import Counted
from runtime.reports.page_words import DASH, number, percent

_HEADS = ("Condition", "True at", "False at", "Unknown at")


def never_fired(record: RunRecord) -> str:
    """Return the line of the trust panel about cases that never fired; empty where all did."""
    silent = [row for row in record.cases if not row.fired]
    if not silent:
        return ""
    names = ", ".join(_name(row) for row in silent)
    all_ = "No case of the card ever fired" if len(silent) == len(record.cases) else "Never fired"
    return (
        '<li class="caution"><span class="mark" aria-hidden="true">!</span><span class="unseen">caution: </span>'
        f'<div><b>{all_}</b><span>{escape(names)}: at no close of the run; which condition was in the way '
        'stands under <a class="line" href="#cases">Cases</a></span></div></li>'
    )  # fmt: skip


def cases(record: RunRecord, conditions: Sequence[Counted]) -> str:
    """Return a table per case; empty where nothing was counted."""
    closes = len(record.equity.ts)
    return "".join(_case(row, record, conditions, closes) for row in record.cases)


def _name(row: CaseRow) -> str:
    where = f" (line {row.line})" if row.line else ""
    return f"{row.block}, case {row.case + 1}{where}"


def _case(row: CaseRow, record: RunRecord, conditions: Sequence[Counted], closes: int) -> str:
    mine = [c for c in conditions if (c.block, c.case) == (row.block, row.case)]
    head = "".join(
        f'<th scope="col"{"" if at == 0 else " class=num"}>{text}</th>'
        for at, text in enumerate(_HEADS)
    )
    body = "".join(
        f'<tr><th scope="row"><code>{escape(c.text)}</code></th>{_cells(c, closes)}</tr>'
        for c in mine
    )
    share = percent(100 * row.fired / closes, 2) if closes else DASH
    return (
        f"<h3>{escape(_name(row))}</h3>"
        f'<p class="hint">Fired at {number(row.fired, 0)} of {number(closes, 0)} closes ({share}): the first of its '
        f"block that was true. {_came_of(row, record)}</p>"
        f'<div class="scroll"><table class="conditions"><caption class="unseen">Conditions of {escape(_name(row))}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(counted: Counted, closes: int) -> str:
    if counted.true is None:
        return '<td class="num" colspan="3">reads the account: not counted</td>'
    parts = (counted.true, counted.false, counted.unknown)
    return "".join(
        f'<td class="num">{number(part, 0)} <small>{percent(100 * part / closes, 1) if closes else DASH}</small></td>'
        for part in parts
        if part is not None
    )


def _came_of(row: CaseRow, record: RunRecord) -> str:
    """Return what the orders and refusals of a case were, in words."""
    key = (row.block, row.case)
    status = Counter(order.status for order in record.orders if (order.block, order.case) == key)
    refused = sum(1 for r in record.refusals if (r.block, r.case) == key)
    placed = status.total()
    if not placed and not refused:
        return "No order of it was placed, and none refused."
    ended = ", ".join(f"{n:,} {name}" for name, n in status.most_common())
    return f"Orders: {placed:,}{f' ({ended})' if ended else ''}; refused intents: {refused:,}."
