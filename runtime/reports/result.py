"""`result.json`: what a run was, what came of it, and how far it can be trusted.

Canonical JSON (`schemas/result.schema.json`): byte-identical for identical inputs on any machine.
No clock, no path, no number that depends on the processor.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from compiler.catalog.actions import ENTRIES
from compiler.graph.program import Program
from runtime.decide.refusals import RefusalCode, meaning, promise_of, setting_of
from runtime.market.bar_files import content_hash
from runtime.market.checks import utc
from runtime.market.data import FundingSeries, MarketData, SideSeries
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.records.remarks import Remark
from runtime.records.remarks import meaning as remark_meaning
from runtime.records.rows import RefusalRow, RemarkRow, RunRecord
from runtime.reports.conditions import Counted
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.measures import run_view
from runtime.reports.metrics import METRICS, measure
from runtime.reports.refused_while_held import refused_while_held
from runtime.reports.run_files import Extra, Json

FORMAT = "ideacard.result"
VERSION = 1
ENGINE_VERSION = "0.1.0"  # that of pyproject.toml; a test holds them equal
_EXAMPLES = 3
_FIRST_BARS = 20
_FIRST_ORDERS = 50
_NOT_KNOWN_YET = frozenset({RefusalCode.UNKNOWN_PRICE, RefusalCode.UNKNOWN_VALUE})


def digest(value: object) -> str:
    """Return a hash of a plain value through its canonical JSON."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def result_text(made: Json) -> str:
    """Return the file's text: sorted keys, one value a line, a line end at the end."""
    return json.dumps(made, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def result(
    program: Program, data: MarketData, instrument: Instrument, record: RunRecord, extra: Extra
) -> Json:
    """Return the result as plain data, in the shape of `schemas/result.schema.json`."""
    settings = asdict(program.graph.settings)
    start = program.graph.settings.account.starting_equity_usdt
    view = run_view(record, data.exec, start)
    cold = data.cold(program.warmup_bars)
    made = {
        "format": FORMAT,
        "version": VERSION,
        "card": _card(program, extra),
        "data": data_row(program, data),
        "engine": {
            "name": extra.get("engine", "ideacard"),
            "version": _version(),
            "tier": extra.get("tier", "reference"),
            "tier_reason": extra.get("tier_reason"),
        },
        "settings": settings,
        "instrument": asdict(instrument),
        "hashes": {
            "settings": digest(settings),
            "model": digest([settings["execution"], settings["account"]]),
            "instrument": digest(asdict(instrument)),
        },
        "metrics": measure(view, METRICS),
        "limit_metrics": measure(view, LIMIT_METRICS),
        "counts": _counts(record, cold),
        "refusals": _refusals(
            record.refusals, cold, refused_while_held(record, program.graph.blocks)
        ),
        "remarks": _remarks(record.remarks),
        "promises": _promises(record),
        "cases": _cases(record, extra.get("conditions", ())),
        "ambiguity": _ambiguity(record, data),
        "matching": asdict(record.matching),
        "warnings": list(dict.fromkeys((*data.notes, *record.warnings))),
    }
    plain = _plain(made)
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    """Return a value that JSON can hold: unknown and infinite numbers become null."""
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _version() -> str:
    """Return the version of this code, installed or not: the same bytes either way."""
    return ENGINE_VERSION


def _card(program: Program, extra: Extra) -> Json:
    graph = program.graph
    return {
        "name": graph.card,
        "version": graph.card_version,
        "text_hash": extra.get("card_hash"),
        "graph_hash": program.graph_hash,
        "params": dict(graph.params),
        "warmup_bars": program.warmup_bars,
    }


def data_row(program: Program, data: MarketData) -> Json:
    """Return what a result says of its data: which bars they are, and the hashes of all feeds."""
    frame, identity = data.exec, data.identity
    bars = len(frame)
    return {
        "source": data.source,
        "venue": None if identity is None else identity.venue,
        "market": None if identity is None else identity.market.value,
        "origin": None if identity is None else identity.origin.value,
        "stated_by": None if identity is None else identity.stated.value,
        "sides": {what: _side(side) for what, side in data.sides.items()},
        "symbol": frame.symbol,
        "timeframe": frame.timeframe,
        "interval_ms": frame.interval_ms,
        "higher_timeframes": list(program.graph.higher_timeframes),
        "bars": bars,
        "from": utc(frame.ts[0]) if bars else None,
        "to": utc(frame.close_time(bars - 1)) if bars else None,
        "synthetic": data.synthetic,
        "hash": data.content_hash or content_hash(frame),
        "mark_hash": _frame_hash(data.mark),
        "fine_hash": _frame_hash(data.fine),
        "funding_hash": _funding_hash(data.funding),
        "other_hashes": {
            f"{symbol} {timeframe}": content_hash(other)
            for (symbol, timeframe), other in sorted(data.frames.items())
        },
    }


def _side(side: SideSeries) -> Json:
    identity = side.identity
    return {
        "file": side.file,
        "venue": identity.venue,
        "market": identity.market.value,
        "symbol": identity.symbol,
        "origin": identity.origin.value,
        "stated_by": identity.stated.value,
    }


def _frame_hash(frame: Frame | None) -> str | None:
    return None if frame is None else content_hash(frame)


def _funding_hash(series: FundingSeries | None) -> str | None:
    if series is None:
        return None
    return hashlib.sha256(series.ts.tobytes() + series.rate.tobytes()).hexdigest()


def _counts(record: RunRecord, cold: int) -> Json:
    return {
        "orders": len(record.orders),
        "entries_placed": sum(
            1 for o in record.orders if o.role == "entry" and o.status != "rejected"
        ),
        "entries_refused": sum(
            1 for o in record.orders if o.role == "entry" and o.status == "rejected"
        )
        + sum(1 for r in record.refusals if r.action in ENTRIES),
        "entries_refused_warming_up": sum(
            1 for r in record.refusals if r.action in ENTRIES and _is_warming_up(r, cold)
        ),
        "fills": len(record.fills),
        "layers": len(record.layers),
        "trades": len(record.trades),
        "refusals": len(record.refusals),
        "liquidations": record.liquidations,
        "closed_at_end": sum(1 for t in record.trades if t.at_end),
        "magnify_fallback_bars": record.magnify_fallback_bars,
    }


def _is_warming_up(row: RefusalRow, cold: int) -> bool:
    """Return whether something asked for what was not known yet, on one of the first `cold` bars."""
    return row.bar < cold and row.code in _NOT_KNOWN_YET


def _refusals(refusals: list[RefusalRow], cold: int, held: dict[str, Json]) -> list[Json]:
    """Return refusals by code, most frequent first: how many, and the first as they happened; `held` by code."""
    counts = Counter(r.code for r in refusals)
    warming = Counter(r.code for r in refusals if _is_warming_up(r, cold))
    entries = Counter(
        r.code for r in refusals if r.action in ENTRIES and not _is_warming_up(r, cold)
    )
    return [
        {
            "code": code,
            "meaning": _meaning(code),
            "setting": setting_of(code, next(r.text for r in refusals if r.code == code)),
            "count": counts[code],
            "entries": entries[code],
            "warming_up": warming[code],
            "while_held": held.get(code),
            "first": [
                {
                    "time": utc(r.ts),
                    "bar": r.bar,
                    "block": r.block,
                    "case": r.case,
                    "action": r.action,
                    "order_ref": r.order_ref,
                    "line": r.line,
                    "text": r.text,
                }
                for r in refusals
                if r.code == code
            ][:_EXAMPLES],
        }
        for code in sorted(counts, key=lambda c: (-counts[c], c))
    ]


def _remarks(rows: list[RemarkRow]) -> list[Json]:
    """Return remarks by kind, in the order of `Remark`: how many, their orders, and the first of them."""
    return [
        {
            "kind": kind.value,
            "meaning": remark_meaning(kind),
            "count": len(found),
            "orders": list(dict.fromkeys(r.order_id for r in found if r.order_id))[:_FIRST_ORDERS],
            "largest_lost_pct": max(
                (r.lost_pct for r in found if r.lost_pct is not None), default=None
            ),
            "first": [
                {
                    "time": utc(r.ts),
                    "bar": r.bar,
                    "order_id": r.order_id,
                    "order_ref": r.order_ref,
                    "line": r.line,
                    "text": r.text,
                }
                for r in found[:_EXAMPLES]
            ],
        }
        for kind in Remark
        if (found := [row for row in rows if row.kind == kind.value])
    ]


def _promises(record: RunRecord) -> list[Json]:
    """Return every promise of the card, in its order: how often it was broken, and how it began."""
    refused = Counter(promise_of(row.code) for row in record.refusals)
    return [
        {
            "promise": row.name,
            "text": row.text,
            "line": row.line,
            "times": row.times,
            "closes": row.closes,
            "unknown_closes": row.unknown,
            "entries_refused": refused[row.name],
            "first": [{"time": utc(b.ts), "bar": b.bar, "text": b.text} for b in row.first],
        }
        for row in record.promises
    ]


def _cases(record: RunRecord, conditions: Sequence[Counted]) -> list[Json]:
    """Return every case of the card, in its order: what was true at how many closes, and what came of it."""
    orders = Counter((order.block, order.case) for order in record.orders)
    refused = Counter((row.block, row.case) for row in record.refusals)
    return [
        {
            "block": row.block,
            "case": row.case,
            "line": row.line,
            "closes": len(record.equity.ts),
            "fired": row.fired,
            "orders": orders[row.block, row.case],
            "intents_refused": refused[row.block, row.case],
            "conditions": [
                {"text": c.text, "true": c.true, "false": c.false, "unknown": c.unknown}
                for c in conditions
                if (c.block, c.case) == (row.block, row.case)
            ],
        }
        for row in record.cases
    ]


def _meaning(code: str) -> str:
    known = meaning(code)
    return "" if known is None else known.text


def _ambiguity(record: RunRecord, data: MarketData) -> Json:
    ambiguity, frame = record.ambiguity, data.exec
    bars = sorted(set(ambiguity.bars))
    return {
        "decisions": ambiguity.count,
        "bars": len(bars),
        "funding_only": len(_funding_alone(bars, record, data)),
        "limits_jumped": _limits_jumped(record, frame),
        "first_times": [utc(frame.ts[bar]) for bar in bars[:_FIRST_BARS] if bar < len(frame)],
        "net_profit_if_flipped_usdt": ambiguity.pnl_if_flipped,
    }


def _funding_alone(bars: Sequence[int], record: RunRecord, data: MarketData) -> list[int]:
    """Return the bars in which funding was due and nothing filled: the path only told what it was paid on."""
    if data.funding is None:
        return []
    filled, times = {fill.bar for fill in record.fills}, data.funding.ts

    def is_due(bar: int) -> bool:
        start = data.exec.ts[bar]
        return bisect_right(times, start) < bisect_left(times, start + data.exec.interval_ms)

    return [bar for bar in bars if bar < len(data.exec) and bar not in filled and is_due(bar)]


def _limits_jumped(record: RunRecord, frame: Frame) -> int:
    """Return the fills of limits that the open of a bar had jumped over: `resting_gap` says at which price."""
    orders = {order.order_id: order for order in record.orders}
    count = 0
    for fill in record.fills:
        order = orders.get(fill.order_id)
        if order is None or order.limit_price is None or fill.path != 0.0:
            continue
        if 0 < fill.bar < len(frame):
            sign = 1 if fill.side == "buy" else -1
            gap = (order.limit_price - frame.open[fill.bar]) * sign
            # One that the close before had reached already takes what there is at the open.
            before = (frame.close[fill.bar - 1] - order.limit_price) * sign
            count += gap > 0 and before >= 0
    return count
