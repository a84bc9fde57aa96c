"""Exits, and changes of stop, target or trail, that were refused again and again while one position was held.

The law: what leaves a position as the card wants it counts for nothing: an exit of what others take already, one that waits under
its ref, a layer that is gone where the same case names another.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from compiler.catalog.actions import ACTIONS, Verb
from compiler.graph.rule_graph import BlockNode
from runtime.decide.refusals import RefusalCode
from runtime.market.checks import utc
from runtime.records.rows import RefusalRow, RunRecord, TradeRow
from runtime.reports.run_files import Json

_PROTECTS = frozenset({Verb.ADJUST_STOP, Verb.ADJUST_TARGET, Verb.ADJUST_TRAIL})
_NO_HARM = frozenset(
    {
        RefusalCode.NOTHING_TO_REDUCE,
        RefusalCode.NOTHING_TO_PROTECT,
        RefusalCode.FILL_ALREADY_CLOSED,
        RefusalCode.DUPLICATE_REF,
    }
)
_Asked = tuple[str, str, int, int, str]  # code, block, case, line, action


def refused_while_held(record: RunRecord, blocks: tuple[BlockNode, ...]) -> dict[str, Json]:
    """Return by code the action that was refused with it at the most closes of one position."""
    trades = sorted(record.trades, key=lambda row: row.entry_bar)
    starts = [row.entry_bar for row in trades]
    rows: dict[tuple[_Asked, int], RefusalRow] = {}
    closes: Counter[tuple[_Asked, int]] = Counter()
    last: dict[tuple[_Asked, int], int] = {}
    for row in sorted(record.refusals, key=lambda row: row.bar):
        trade = _held(trades, starts, row.bar)
        if trade is None or not _counts(row, blocks):
            continue
        key = (row.code, row.block, row.case, row.line, row.action), trade.trade_id
        rows.setdefault(key, row)
        if last.get(key) != row.bar:  # one close, however often it was asked there
            closes[key] += 1
        last[key] = row.bar
    found: dict[str, Json] = {}
    for key, count in closes.most_common():
        found.setdefault(key[0][0], _told(rows[key], count))
    return found


def _told(first: RefusalRow, closes: int) -> Json:
    return {
        "action": first.action,
        "block": first.block,
        "case": first.case,
        "line": first.line,
        "closes": closes,
        "from": utc(first.ts),
        "text": first.text,
    }


def _held(trades: list[TradeRow], starts: list[int], bar: int) -> TradeRow | None:
    """Return the round trip whose position was open at the close of a bar."""
    index = bisect_right(starts, bar) - 1
    if index < 0:
        return None
    trade = trades[index]
    return trade if trade.exit_bar is None or bar < trade.exit_bar else None


def _counts(row: RefusalRow, blocks: tuple[BlockNode, ...]) -> bool:
    spec = ACTIONS.get(row.action)
    if spec is None or row.code in _NO_HARM:
        return False
    if spec.verb in _PROTECTS:
        return row.code != RefusalCode.UNKNOWN_REF or not _names_others(row, blocks)
    return spec.verb is Verb.EXIT


def _names_others(row: RefusalRow, blocks: tuple[BlockNode, ...]) -> bool:
    """Return whether the case moves the same of several layers: those that are open were moved."""
    for block in blocks:
        if block.id == row.block:
            emit = (
                block.cases[row.case].emit if 0 <= row.case < len(block.cases) else block.otherwise
            )
            return [action.kind for action in emit].count(row.action) > 1
    return False
